"""Readies the source of a script whose inputs are set as variables, line by line."""

from __future__ import annotations

import re
from collections.abc import Mapping

_OFF = re.compile(r"\s*[#%]+\s*wps\.off\b")
_ON = re.compile(r"\s*[#%]+\s*wps\.on\b")


def without_regions(source: str) -> str:
    """The source with empty lines from `# wps.off;` to `# wps.on;`; numbers of lines stay.

    Source: the annotations of WPS4R.
    """
    lines: list[str] = []
    is_off = False
    for line in source.split("\n"):
        is_off = is_off or _OFF.match(line) is not None
        lines.append("" if is_off else line)
        is_off = is_off and _ON.match(line) is None
    return "\n".join(lines)


def with_values(source: str, pattern: str, assignments: Mapping[str, str]) -> str:
    """The source with the first assignment of a constant to each name replaced.

    `pattern` matches such a line, with NAME in the name's place and a first group that stays; each
    assignment is one line. The first only: a later one is the script's own business.
    """
    for name, assignment in assignments.items():
        line = re.search(pattern.replace("NAME", re.escape(name)), source, re.MULTILINE)
        if line:
            source = source[: line.start()] + (line[1] or "") + assignment + source[line.end() :]
    return source
