"""Texts in a form that every PROV format can hold, and back."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from typing import Final

from prov.constants import (
    XSD,
    XSD_BOOLEAN,
    XSD_DATE,
    XSD_DATETIME,
    XSD_DOUBLE,
    XSD_INTEGER,
    XSD_TIME,
)
from prov.model import AttributeValue, Literal

from dataminer.domain.errors import InvalidDocument
from dataminer.domain.literals import canonical
from dataminer.domain.methods import DataType

#: What XML 1.0 cannot hold, escaped or not. Source: XML 1.0, production 2.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BASE64: Final = XSD["base64Binary"]
_DATATYPES = {
    DataType.INTEGER: XSD_INTEGER,
    DataType.FLOAT: XSD_DOUBLE,
    DataType.BOOLEAN: XSD_BOOLEAN,
    DataType.DATE: XSD_DATE,
    DataType.TIME: XSD_TIME,
    DataType.DATETIME: XSD_DATETIME,
}
_ZONED_TIME = re.compile(r".*[+-].*")  # XML Schema allows fewer offsets than we do


def readable(text: str) -> str:
    """The text for people, with a mark in place of each character that XML forbids."""
    return _FORBIDDEN.sub("\ufffd", text)


def exact(text: str) -> str | Literal:
    """The text for `text_of` to give back; base64 when XML forbids one of its characters."""
    if not _FORBIDDEN.search(text):
        return text
    encoded = base64.b64encode(text.encode("utf-8", "surrogatepass"))
    return Literal(encoded.decode("ascii"), _BASE64)


def typed(text: str, data_type: DataType) -> str | Literal:
    """A literal's text with its XML Schema type, if it is the canonical text of a value."""
    datatype = _DATATYPES.get(data_type)
    if datatype is None or not _is_canonical(text, data_type):
        return exact(text)
    return Literal(text, datatype)


def text_of(value: AttributeValue) -> str:
    """The text that an attribute's value stands for.

    Raises:
        InvalidDocument: it says to be base64 and is not.
    """
    if isinstance(value, Literal):
        return _decoded(value.value) if value.datatype == _BASE64 else value.value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return canonical(DataType.FLOAT, str(value))
    if isinstance(value, datetime):
        return canonical(DataType.DATETIME, value.isoformat())
    return str(value)


def moment_of(value: AttributeValue) -> datetime:
    """The time that an attribute's value stands for, in UTC.

    Raises:
        InvalidDocument: it is no time.
    """
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(text_of(value))
    except ValueError as error:
        raise InvalidDocument(f"'{text_of(value)}' is not a date and time.") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _is_canonical(text: str, data_type: DataType) -> bool:
    if data_type is DataType.TIME and _ZONED_TIME.fullmatch(text):
        return False
    try:
        return canonical(data_type, text) == text
    except ValueError:
        return False


def _decoded(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode("utf-8", "surrogatepass")
    except ValueError as error:
        raise InvalidDocument("A value says to be base64 and is not.") from error
