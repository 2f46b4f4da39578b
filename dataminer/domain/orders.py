"""An order: what a client asks to be executed, before anything of it was checked or fetched."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO

from dataminer.domain.values import BoundingBox


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedLiteral:
    """A text as the client wrote it."""

    text: str
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedContent:
    """Bytes that came with the request, already decoded."""

    stream: BinaryIO = field(repr=False)  #: read once, from where it stands
    media_type: str = ""  #: empty: the input's default
    encoding: str = ""  #: as the client had encoded them
    schema: str = ""
    name: str = ""  #: a file name; empty: made from the input's identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedReference:
    """An address to fetch the bytes from."""

    href: str
    media_type: str = ""  #: empty: what the answer says, if the input takes it, else its default
    encoding: str = ""
    schema: str = ""
    method: str = "GET"  #: GET or POST
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)  #: may hold credentials
    body: bytes | None = field(default=None, repr=False)
    body_href: str = ""  #: an address whose content is the body


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedItem:
    """Something that the engine already holds: a payload of an earlier computation."""

    digest: str
    size_bytes: int
    media_type: str
    name: str
    source: str = ""  #: the address it was first fetched from
    encoding: str = ""
    schema: str = ""


Offered = OfferedLiteral | OfferedContent | OfferedReference | OfferedItem | BoundingBox


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An Execute in the words of the domain."""

    method: str  #: `identifier` or `identifier@version`
    inputs: tuple[tuple[str, Offered], ...] = ()
    outputs: tuple[str, ...] = ()  #: wanted by the client, checked; empty: all
    repeats: str | None = None  #: id of the computation that this repeats
    response: str = ""  #: what the door needs to answer later; opaque to the engine
