"""Literal values: one canonical text for each value of each type.

Source: the lexical and canonical forms of XML Schema Part 2.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time

from dataminer.domain.methods import DataType, Input

_INTEGER = re.compile(r"[+-]?[0-9]{1,1000}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_TRUE = frozenset(("true", "1", "yes", "on"))
_FALSE = frozenset(("false", "0", "no", "off"))
_SPECIAL_FLOATS = {"inf": "INF", "+inf": "INF", "-inf": "-INF", "nan": "NaN"}


def canonical(data_type: DataType, text: str) -> str:
    """The one text that this value is kept as, so that equal values have equal records.

    Raises:
        ValueError: it is not a value of this type; the message says what is expected.
    """
    if data_type is DataType.STRING:
        return text
    return _CANONICAL[data_type](text.strip())


def check(declared: Input, text: str) -> str:
    """The canonical text of a value that the input allows.

    Raises:
        ValueError: wrong type, not one of the choices, or outside the range.
    """
    value = canonical(declared.type, text)
    if declared.choices and value not in allowed(declared):
        raise ValueError(f"'{text}' is not one of: {', '.join(declared.choices)}")
    if declared.type in (DataType.INTEGER, DataType.FLOAT):
        _check_range(declared, value)
    return value


def allowed(declared: Input) -> frozenset[str]:
    """The choices in canonical form."""
    return frozenset(canonical(declared.type, choice) for choice in declared.choices)


def to_python(data_type: DataType, text: str) -> str | int | float | bool:
    """The value of a canonical text as JSON knows it; dates and times stay text."""
    if data_type is DataType.INTEGER:
        return int(text)
    if data_type is DataType.FLOAT:
        return float(text)
    if data_type is DataType.BOOLEAN:
        return text == "true"
    return text


def _check_range(declared: Input, value: str) -> None:
    number = float(value)
    if declared.minimum is not None and not number >= declared.minimum:
        raise ValueError(f"{value} is below the minimum of {declared.minimum:.15g}")
    if declared.maximum is not None and not number <= declared.maximum:
        raise ValueError(f"{value} is above the maximum of {declared.maximum:.15g}")


def _integer(text: str) -> str:
    if not _INTEGER.fullmatch(text):
        raise ValueError(f"'{text}' is not a whole number, such as 42")
    return str(int(text))


def _float(text: str) -> str:
    if special := _SPECIAL_FLOATS.get(text.lower()):
        return special
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"'{text}' is not a number, such as 0.5 or 1e-3")
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"'{text}' is too large for a number of 64 bits")
    return repr(number)


def _boolean(text: str) -> str:
    if text.lower() in _TRUE:
        return "true"
    if text.lower() in _FALSE:
        return "false"
    raise ValueError(f"'{text}' is neither true nor false")


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"'{text}' is not a date, such as 2026-03-31") from None


def _time(text: str) -> str:
    try:
        return time.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"'{text}' is not a time of day, such as 13:45:00") from None


def _datetime(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f"'{text}' is not a date and time, such as 2026-03-31T13:45:00Z"
        raise ValueError(message) from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.isoformat().replace("+00:00", "Z")


_CANONICAL: dict[DataType, Callable[[str], str]] = {
    DataType.INTEGER: _integer,
    DataType.FLOAT: _float,
    DataType.BOOLEAN: _boolean,
    DataType.DATE: _date,
    DataType.TIME: _time,
    DataType.DATETIME: _datetime,
}
