"""Reading a table of a TOML document strictly: nothing left over, nothing of a wrong type."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping
from datetime import date, time
from enum import StrEnum
from typing import TypeVar

from importer.findings import Findings, Origin
from importer.toml_lines import Path

Word = TypeVar("Word", bound=StrEnum)
Value = TypeVar("Value")


class Table:
    """A table whose keys are taken one by one; `close` names those that nobody took.

    What is given but of the wrong type is a fault, and reads as None.
    """

    def __init__(
        self,
        content: Mapping[str, object],
        path: Path,
        lines: Mapping[Path, int],
        file: str,
        findings: Findings,
    ) -> None:
        self._left = dict(content)
        self._taken: list[str] = []
        self._path, self._lines = path, lines
        self._file, self._findings = file, findings

    @property
    def origin(self) -> Origin:
        """Where the table and its keys stand."""
        depth = len(self._path)
        below = ((p, n) for p, n in self._lines.items() if p[:depth] == self._path)
        lines = {str(path[depth]): number for path, number in below if len(path) == depth + 1}
        return Origin(file=self._file, line=self._lines.get(self._path), lines=lines)

    def text(self, key: str) -> str | None:
        """A text."""
        return self._read(key, _text, "a text in quotes")

    def boolean(self, key: str) -> bool | None:
        """True or false."""
        return self._read(key, _boolean, "true or false")

    def integer(self, key: str) -> int | None:
        """A whole number."""
        return self._read(key, _integer, "a whole number")

    def number(self, key: str) -> float | None:
        """A finite number."""
        return self._read(key, _number, "a number")

    def scalar(self, key: str) -> str | None:
        """A text, number, truth value, date or time, as text."""
        return self._read(key, _scalar, "a single value")

    def scalars(self, key: str) -> tuple[str, ...] | None:
        """A list of such values."""
        return self._read(key, lambda v: tuple(map(_scalar, _list(v))), "a list of values")

    def texts(self, key: str) -> tuple[str, ...] | None:
        """A list of texts."""
        return self._read(key, lambda v: tuple(map(_text, _list(v))), "a list of texts in quotes")

    def word(self, key: str, words: type[Word]) -> Word | None:
        """A member of an enumeration."""
        return self._read(key, lambda v: words(_text(v)), f"one of: {', '.join(words)}")

    def table(self, key: str) -> Table | None:
        """A table inside this one."""
        return self._read(key, lambda v: self._inner(v, key), f"a table [{key}]")

    def tables(self, key: str) -> tuple[Table, ...]:
        """The tables [[key]] inside this one."""
        expected = f"written as [[{key}]]"
        return self._read(key, lambda v: self._inners(v, key), expected) or ()

    def mixed(self, key: str) -> tuple[str | Table, ...] | None:
        """A list of texts and tables."""
        return self._read(key, lambda v: self._mixed(v, key), "a list of texts or tables")

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """All keys that are left, each with its value, or each of its values, as text."""
        pairs: list[tuple[str, str]] = []
        for key in list(self._left):
            several = isinstance(self._left[key], list)
            values = self.scalars(key) if several else (self.scalar(key),)
            pairs += [(key, text) for text in values or () if text is not None]
        return tuple(pairs)

    def close(self) -> None:
        """Report every key that nobody asked for."""
        for key in self._left:
            near = difflib.get_close_matches(key, self._taken, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(self._taken)}"
            self.fault(key, f"'{key}' is not known here; {hint}")

    def fault(self, key: str, message: str) -> None:
        """Record a fault at the place of a key."""
        self._findings.fault(message, self.origin.at(key))

    def _read(self, key: str, convert: Callable[[object], Value], expected: str) -> Value | None:
        self._taken.append(key)
        value = self._left.pop(key, None)
        if value is None:
            return None
        try:
            return convert(value)
        except (TypeError, ValueError, OverflowError):
            self.fault(key, f"'{key}' must be {expected}")
            return None

    def _inner(self, value: object, key: str, *number: int) -> Table:
        if not isinstance(value, dict):
            raise TypeError
        path = (*self._path, key, *number)
        return Table(value, path, self._lines, self._file, self._findings)

    def _inners(self, value: object, key: str) -> tuple[Table, ...]:
        return tuple(self._inner(v, key, number) for number, v in enumerate(_list(value)))

    def _mixed(self, value: object, key: str) -> tuple[str | Table, ...]:
        return tuple(
            v if isinstance(v, str) else self._inner(v, key, number)
            for number, v in enumerate(_list(value))
        )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError
    return float(value)


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _scalar(value: object) -> str:
    """The value as the text of a literal."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | time):  # a datetime is a date too
        return value.isoformat()
    if isinstance(value, str | int | float):
        return str(value)
    raise TypeError
