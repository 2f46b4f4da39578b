"""Payloads as text in XML: what came with a request decoded, what goes into an answer encoded."""

from __future__ import annotations

import base64
import binascii
import codecs
import io
import re
import tempfile
from collections.abc import Callable, Iterator
from enum import Enum
from typing import BinaryIO
from xml.parsers import expat

from markupsafe import Markup

from dataminer.domain.errors import InvalidValue, UnsupportedFormat
from dataminer.domain.values import Payload
from dataminer.wps.lexical import character_data, is_legal

CHUNK = 48 * 1024  #: bytes or characters; a multiple of 12, so that base64 can be cut there
_IN_MEMORY = 1 << 20  #: bytes of a decoded input that are not written to a temporary file

_SPACE = re.compile(r"\s+")
_DECLARATION = re.compile(r"\A\s*<\?xml\s[^>]*\?>")
_XML_TYPE = re.compile(r"(?:application|text)/xml|[^;]+\+xml")
_UTF8 = frozenset(("", "utf-8", "utf8"))


class Embedding(Enum):
    """How a payload stands in an XML document."""

    NODES = "nodes"  #: an XML document's root, as it is
    TEXT = "text"  #: characters
    BASE64 = "base64"


# --- what came --------------------------------------------------------------------------------


def is_base64(encoding: str) -> bool:
    """Whether an encoding's name means base64."""
    return encoding.strip().lower() == "base64"


def is_plain(encoding: str) -> bool:
    """Whether an encoding's name is one that any payload can be had in."""
    return is_base64(encoding) or encoding.strip().lower() in _UTF8


def content_of(identifier: str, text: str, encoding: str) -> BinaryIO:
    """The bytes that a text in a request stands for.

    Raises:
        InvalidInput: about the input of this identifier: it is not base64, or another encoding.
    """
    if is_base64(encoding):
        chunks = _decoded(identifier, text)
    elif encoding.strip().lower() in _UTF8:
        chunks = (text[i : i + CHUNK].encode() for i in range(0, len(text), CHUNK))
    else:
        raise UnsupportedFormat(identifier, f"can be encoded in base64, not in {encoding}.")
    if len(text) <= _IN_MEMORY:
        return io.BytesIO(b"".join(chunks))
    stream = tempfile.TemporaryFile()  # noqa: SIM115 - whoever reads it closes it
    try:
        stream.writelines(chunks)
    except InvalidValue:
        stream.close()
        raise
    stream.seek(0)
    return stream


def _decoded(identifier: str, text: str) -> Iterator[bytes]:
    rest = ""
    try:
        for start in range(0, len(text), CHUNK):
            rest += _SPACE.sub("", text[start : start + CHUNK])
            whole = len(rest) // 4 * 4
            yield base64.b64decode(rest[:whole], validate=True)
            rest = rest[whole:]
        yield base64.b64decode(rest, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidValue(identifier, "is not valid base64.") from error


# --- what goes --------------------------------------------------------------------------------


def embedding_of(payload: Payload, open_: Callable[[], BinaryIO], wanted: str) -> Embedding:
    """How a payload can stand in a document; `wanted` is the encoding that the client names.

    A document of an XML media type is embedded as nodes if it is well-formed, in UTF-8 and has
    no DOCTYPE; other text in UTF-8 as text, all else in base64. The bytes are read for this.
    """
    if is_base64(wanted):
        return Embedding.BASE64
    with open_() as stream:
        if not _is_text(stream):
            return Embedding.BASE64
    if not _XML_TYPE.fullmatch(payload.media_type.partition(";")[0].strip().lower()):
        return Embedding.TEXT
    with open_() as stream:
        return Embedding.NODES if _is_plain_xml(stream) else Embedding.TEXT


def embedded(open_: Callable[[], BinaryIO], embedding: Embedding) -> Iterator[Markup]:
    """The payload's bytes as pieces of an XML document."""
    with open_() as stream:
        if embedding is Embedding.BASE64:
            for block in _blocks(stream):
                yield Markup(base64.b64encode(block).decode())  # noqa: S704 - of its alphabet
        elif embedding is Embedding.TEXT:
            for text in _decoded_text(stream):
                yield character_data(text)
        else:
            pieces = _decoded_text(stream)
            yield Markup(_DECLARATION.sub("", next(pieces).lstrip("\ufeff")))  # noqa: S704 - checked to be XML
            yield from map(Markup, pieces)


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Blocks of one size, the last one shorter."""
    block = b""
    while piece := stream.read(CHUNK - len(block)):
        block += piece
        if len(block) == CHUNK:
            yield block
            block = b""
    if block:
        yield block


def _decoded_text(stream: BinaryIO) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    for block in _blocks(stream):
        yield decoder.decode(block)
    yield decoder.decode(b"", final=True)


def _is_text(stream: BinaryIO) -> bool:
    try:
        return all(map(is_legal, _decoded_text(stream)))
    except UnicodeDecodeError:
        return False


def _is_plain_xml(stream: BinaryIO) -> bool:
    """Whether it is a well-formed document in UTF-8 without DOCTYPE."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    parser.XmlDeclHandler = _check_declaration
    try:
        for block in _blocks(stream):
            parser.Parse(block, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError):
        return False
    return True


def _refuse(*_: object) -> None:
    raise ValueError("has a DOCTYPE")


def _check_declaration(_version: str, encoding: str | None, _standalone: int) -> None:
    if (encoding or "utf-8").lower() not in _UTF8:
        raise ValueError("is not in UTF-8")
