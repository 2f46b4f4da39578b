"""How a table is written down: found out from its bytes, recorded, and made uniform for scripts.

Scripts always read UTF-8, comma, decimal point. What the client sent is kept as it was.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, TextIO

SAMPLE_BYTES = 65_536  #: how much of a table is looked at

_DELIMITERS = (",", ";", "\t", "|")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"),
         (codecs.BOM_UTF16_BE, "utf-16-be"))  # fmt: skip
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?")
_DECIMAL_POINT = re.compile(r"[+-]?\d+\.\d+(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How the cells and numbers of a table are written."""

    delimiter: str = ","
    decimal: str = "."
    encoding: str = "utf-8"
    byte_order_mark: bool = False
    columns: tuple[str, ...] = ()  #: names in the header row

    @property
    def is_uniform(self) -> bool:
        """Whether scripts can read it as it is."""
        return (self.delimiter, self.decimal, self.encoding, self.byte_order_mark) == (
            ",", ".", "utf-8", False)  # fmt: skip


def detect(sample: bytes) -> Dialect:
    """The dialect of a table that begins with these bytes.

    The delimiter is the candidate that cuts the most lines into the same number of cells; a
    decimal comma is recognised where the delimiter is another and cells like 1,5 outnumber 1.5.

    Raises:
        ValueError: there is no header row, or it is binary data.
    """
    encoding, mark = _encoding(sample)
    text = codecs.decode(sample[len(mark) :], encoding, "ignore")
    if "\x00" in text:
        raise ValueError("it holds zero bytes and is not a text table")
    lines = _whole_lines(text, truncated=len(sample) >= SAMPLE_BYTES)
    if not lines:
        raise ValueError("it has no header row")
    delimiter = max(_DELIMITERS, key=lambda candidate: _regularity(lines, candidate))
    rows = list(csv.reader(lines, delimiter=delimiter))
    return Dialect(
        delimiter=delimiter,
        decimal=_decimal(rows[1:], delimiter),
        encoding=encoding,
        byte_order_mark=bool(mark),
        columns=tuple(name.strip() for name in rows[0]),
    )


def make_uniform(source: BinaryIO, target: TextIO, dialect: Dialect) -> None:
    """Copy a table row by row as UTF-8, comma and decimal point; memory stays flat."""
    source.read(len(_mark(dialect)))
    lines = codecs.getreader(dialect.encoding)(source)
    writer = csv.writer(target, lineterminator="\n")
    for row in csv.reader(_unended(lines), delimiter=dialect.delimiter):
        writer.writerow([_with_point(cell) for cell in row] if dialect.decimal == "," else row)


def _unended(lines: Iterable[str]) -> Iterator[str]:
    """Lines with their ends made uniform."""
    for line in lines:
        yield line.rstrip("\r\n") + "\n"


def _mark(dialect: Dialect) -> bytes:
    return next(m for m, e in _BOMS if e == dialect.encoding) if dialect.byte_order_mark else b""


def _encoding(sample: bytes) -> tuple[str, bytes]:
    for mark, encoding in _BOMS:
        if sample.startswith(mark):
            return encoding, mark
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=len(sample) < SAMPLE_BYTES)
    except UnicodeDecodeError:
        return "cp1252" if _decodes(sample, "cp1252") else "latin-1", b""
    return "utf-8", b""


def _decodes(sample: bytes, encoding: str) -> bool:
    try:
        sample.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _whole_lines(text: str, *, truncated: bool) -> list[str]:
    lines = text.splitlines()
    if truncated and len(lines) > 1:
        lines = lines[:-1]
    return [line for line in lines if line.strip()]


def _regularity(lines: list[str], delimiter: str) -> tuple[float, int]:
    """Share of lines with as many cells as the header, then that number; one cell counts little."""
    widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
    if not widths or widths[0] == 1:
        return (0.0, 0)
    return (widths.count(widths[0]) / len(widths), widths[0])


def _decimal(rows: list[list[str]], delimiter: str) -> str:
    if delimiter == ",":
        return "."
    cells = [cell.strip() for row in rows for cell in row]
    commas = sum(1 for cell in cells if _DECIMAL_COMMA.fullmatch(cell))
    points = sum(1 for cell in cells if _DECIMAL_POINT.fullmatch(cell))
    return "," if commas > points else "."


def _with_point(cell: str) -> str:
    return cell.replace(",", ".") if _DECIMAL_COMMA.fullmatch(cell.strip()) else cell
