"""What a document says of one thing, asked for by our words, and the values that this makes."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from prov.constants import PROV_TYPE, PROV_VALUE
from prov.identifier import QualifiedName
from prov.model import AttributeValue

from dataminer.domain.errors import InvalidDocument
from dataminer.domain.tables import Dialect
from dataminer.domain.values import BoundingBox, Literal, Payload, Value
from provenance import vocabulary as words
from provenance.texts import moment_of, text_of

_NUMBER = re.compile(r"[0-9]{1,18}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_FOLDERS = re.compile(r".*[/\\\0].*|\.{1,2}", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """An entity, activity or relation of a document."""

    name: str  #: for messages: what it is to the computation
    attributes: Sequence[tuple[QualifiedName, AttributeValue]]

    def find(self, word: QualifiedName) -> AttributeValue | None:
        """The attribute's first value, or None."""
        return next((value for name, value in self.attributes if name == word), None)

    def text(self, word: QualifiedName) -> str:
        """The attribute's text, or an empty one."""
        value = self.find(word)
        return "" if value is None else text_of(value)

    def need(self, word: QualifiedName) -> str:
        """The attribute's text. Raises: InvalidDocument: it is missing or empty."""
        text = self.text(word)
        if not text:
            raise InvalidDocument(f"The document's {self.name} lacks {word}.")
        return text

    def number(self, word: QualifiedName) -> int:
        """The attribute's number, not negative. Raises: InvalidDocument: it is none."""
        text = self.need(word)
        if not _NUMBER.fullmatch(text):
            raise self.wrong(word, text)
        return int(text)

    def has_type(self, kind: QualifiedName) -> bool:
        """Whether the document says that it is of this kind."""
        return (PROV_TYPE, kind) in self.attributes

    def wrong(self, word: QualifiedName, text: str) -> InvalidDocument:
        """The error that says that this text cannot be the attribute's."""
        return InvalidDocument(f"The document's {self.name} has a wrong {word}: '{text[:100]}'.")


def value_of(thing: Thing) -> Value | None:
    """The literal, box or file that the thing is; None: it is something else.

    Raises:
        InvalidDocument: something is missing or wrong in it.
    """
    if thing.has_type(words.FILE_TYPE):
        return _payload(thing)
    if thing.has_type(words.BOX_TYPE):
        return BoundingBox(
            lower=_corner(thing, words.LOWER),
            upper=_corner(thing, words.UPPER),
            crs=thing.text(words.CRS),
        )
    if thing.has_type(words.LITERAL_TYPE):
        if thing.find(PROV_VALUE) is None:
            raise InvalidDocument(f"The document's {thing.name} lacks {PROV_VALUE}.")
        return Literal(text=thing.text(PROV_VALUE), unit=thing.text(words.UNIT))
    return None


def _payload(thing: Thing) -> Payload:
    deleted_at = thing.find(words.DELETED_AT)
    return Payload(
        digest=_digest(thing),
        size_bytes=thing.number(words.SIZE_BYTES),
        media_type=thing.text(words.MEDIA_TYPE),
        name=_file_name(thing),
        encoding=thing.text(words.ENCODING),
        schema=thing.text(words.SCHEMA),
        source=thing.text(words.SOURCE),
        dialect=_dialect(thing),
        deleted_at=None if deleted_at is None else moment_of(deleted_at),
    )


def _digest(thing: Thing) -> str:
    digest = thing.need(words.SHA256)
    if not _DIGEST.fullmatch(digest):
        raise thing.wrong(words.SHA256, digest)
    return digest


def _file_name(thing: Thing) -> str:
    """A name that leads into no other folder: it may come from a stranger."""
    name = thing.need(words.NAME)
    if _FOLDERS.fullmatch(name):
        raise thing.wrong(words.NAME, name)
    return name


def _corner(thing: Thing, word: QualifiedName) -> tuple[float, ...]:
    text = thing.need(word)
    try:
        return tuple(float(number) for number in text.split())
    except ValueError as error:
        raise thing.wrong(word, text) from error


def _dialect(thing: Thing) -> Dialect | None:
    if thing.find(words.DELIMITER) is None:
        return None
    return Dialect(
        delimiter=thing.text(words.DELIMITER),
        decimal=thing.need(words.DECIMAL),
        encoding=thing.need(words.CHARSET),
        byte_order_mark=thing.need(words.BYTE_ORDER_MARK) == "true",
        columns=_names(thing, words.COLUMNS),
    )


def _names(thing: Thing, word: QualifiedName) -> tuple[str, ...]:
    text = thing.need(word)
    try:
        names = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise thing.wrong(word, text) from error
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise thing.wrong(word, text)
    return tuple(names)
