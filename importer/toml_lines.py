"""In which line of a TOML document a key stands; the standard library's parser does not tell."""

from __future__ import annotations

import re
from collections.abc import Iterator

Path = tuple[str | int, ...]  #: ('input', 1, 'title') is the title of the second [[input]]

_QUIET = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*",
    re.DOTALL,
)
_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.~\- \t]+?)\s*\]\]?\s*$")
_LONGEST = 500  #: characters of a line that are looked at for its name
_KEY = re.compile(r"\s*([\w\-]+(?:\s*\.\s*[\w\-]+)*)\s*=")


def key_lines(text: str) -> dict[Path, int]:
    """The line of each table and of each key with an unquoted name, from 1."""
    lines: dict[Path, int] = {}
    table: Path = ()
    counts: dict[Path, int] = {}
    for number, line in _statements(_masked(text)):
        if header := _HEADER.match(line):
            table = _table(header, counts)
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            names = tuple(name.strip() for name in key[1].split("."))
            for length in range(1, len(names) + 1):
                lines.setdefault(table + names[:length], number)
    return lines


def _masked(text: str) -> str:
    """The text without comments and with the insides of strings made harmless."""
    return _QUIET.sub(lambda quiet: re.sub(r"[^\n]", "~", quiet[0]), text)


def _statements(masked: str) -> Iterator[tuple[int, str]]:
    """Lines that begin a statement: not inside an array or a text of several lines."""
    depth = 0
    for number, line in enumerate(masked.split("\n"), start=1):
        begin = line[:_LONGEST]
        if depth == 0:
            yield number, begin
        if depth or not _HEADER.match(begin):
            depth = max(0, depth + sum(map(line.count, "[{")) - sum(map(line.count, "]}")))


def _table(header: re.Match[str], counts: dict[Path, int]) -> Path:
    """The path of a table; an element of an array of tables is numbered."""
    names = tuple(name.strip() for name in header[2].split("."))
    if header[1] == "[":
        return names
    counts[names] = counts.get(names, -1) + 1
    return (*names, counts[names])
