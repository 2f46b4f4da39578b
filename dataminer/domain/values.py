"""What goes into a computation and comes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dataminer.domain.tables import Dialect


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A short text, in the canonical form of its type."""

    text: str
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundingBox:
    """A box; coordinates are in the axis order that its CRS defines."""

    lower: tuple[float, ...]
    upper: tuple[float, ...]
    crs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """A file by its content; the bytes lie in the blob store."""

    digest: str  #: SHA-256, 64 hexadecimal digits
    size_bytes: int
    media_type: str
    name: str  #: a file name without folders
    encoding: str = ""  #: how a client asked to see it, e.g. base64; the bytes are never encoded
    schema: str = ""
    source: str = ""  #: the address it was fetched from, without credentials; empty: embedded
    dialect: Dialect | None = None  #: tables only: how it was found to be written
    deleted_at: datetime | None = None  #: when its owner deleted the bytes


Value = Literal | BoundingBox | Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A value given to an input or by an output; several of one identifier are occurrences."""

    identifier: str
    value: Value
