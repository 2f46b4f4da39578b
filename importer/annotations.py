"""The grammar of annotations: comments as `# wps.in: id, type, title = A title;`.

The first parts may be given by position, the others by name. A text with a comma or semicolon
stands in double quotes, a double quote inside is doubled. An annotation ends with a semicolon and
may run over several comment lines; one that fills a single line may do without. A doubled comment
sign comments an annotation out.

Source: 52North, WPS4R documentation, "Syntax and semantics".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from importer.findings import Findings, Place

MAX_ANNOTATION = 20_000  #: characters; what follows is not looked at

#: For each annotation: what may be given by position, in this order; then, by name only.
POSITIONAL = {
    "des": ("id", "title", "version", "abstract", "author"),
    "in": ("id", "type", "title", "abstract", "value", "minoccurs", "maxoccurs"),
    "out": ("id", "type", "title", "abstract"),
}
NAMED = {
    "des": ("category", "keywords", "licence", "target", "deterministic", "repeatable", "passing",
            "wallseconds", "cores", "memorymb", "processes", "cpuseconds", "foldermb"),
    "in": ("choices", "minimum", "maximum", "unit", "mimetype", "encoding", "schema", "crs"),
    "out": ("unit", "mimetype", "encoding", "schema", "crs", "file", "optional"),
}  # fmt: skip
LISTS = ("res", "resource", "dep")  #: annotations that are a list and have no names
NOT_KEPT = ("metadata",)  #: annotations of WPS4R that have no meaning here
SYNONYMS = {"identifier": "id", "default": "value", "license": "licence", "format": "mimetype"}
FREE_TEXTS = ("title", "abstract")  #: may hold commas even without quotes, when given by name
KINDS = (*POSITIONAL, *LISTS)

_NAMES = sorted({n for table in (POSITIONAL, NAMED) for names in table.values() for n in names})
_NAME = re.compile(r"\s*(?:([A-Za-z][A-Za-z_]*)\s*=(?!=))?\s*")
_QUOTED = re.compile(r'"((?:[^"]|"")*)"\s*(?=[,;]|\Z)')
_WITH_LINES = ("min_occurs", "max_occurs", "wall_seconds", "memory_mb", "cpu_seconds", "folder_mb")
_LINE_NAME = "|".join((*_NAMES, *SYNONYMS, *_WITH_LINES))
_END = re.compile(rf"[,;]|\n[ \t]*(?=(?:{_LINE_NAME})\s*=)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece between commas."""

    name: str  #: as written; empty: given by position
    text: str
    line: int
    quoted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """An annotation cut into its parts."""

    kind: str  #: 'in' of 'wps.in'
    line: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """The comment lines from an annotation's beginning on."""

    kind: str
    line: int
    text: str


def scan(text: str, signs: str, file: str, findings: Findings) -> list[Annotation]:
    """All annotations of a script, in order; `signs` are what comments may begin with."""
    lines = text.split("\n")
    _check_switches(lines, signs, file, findings)
    annotations = []
    for block in _blocks(lines, signs):
        place = Place(file=file, line=block.line)
        if block.kind in NOT_KEPT:
            findings.note(f"'wps.{block.kind}' is left out of the description", place)
        elif block.kind == "import":
            message = "'wps.import' is not known: name the file in 'wps.res' and source() it"
            findings.fault(message, place)
        elif block.kind not in KINDS:
            known = ", ".join(f"wps.{kind}" for kind in KINDS if kind != "resource")
            findings.fault(f"there is no annotation 'wps.{block.kind}'; there are: {known}", place)
        else:
            annotations.append(_cut(block, file, findings))
    return annotations


def _blocks(lines: Sequence[str], signs: str) -> Iterator[_Block]:
    comment = re.compile(rf"\s*(?P<sign>[{signs}])(?![{signs}])(?P<text>.*)")
    start = re.compile(r"\s*wps\.(\w+)\s*:(.*)")
    any_start = re.compile(r"\s*wps\.\w+\s*[:;]")
    texts = [m["text"] if (m := comment.match(line)) else None for line in lines]
    for number, text in enumerate(texts):
        if text is None or not (begun := start.match(text)):
            continue
        body = [begun[2]]
        for following in texts[number + 1 :]:
            if following is None or any_start.match(following):
                break
            body.append(following)
        yield _Block(kind=begun[1], line=number + 1, text="\n".join(body)[:MAX_ANNOTATION])


def _cut(block: _Block, file: str, findings: Findings) -> Annotation:
    parts: list[Part] = []
    at, ended = 0, False
    while not ended and at < len(block.text):
        part, at, end = _part(block, at, file, findings)
        parts.append(part)
        ended = end == ";"
    if not ended and ("\n" in block.text or len(block.text) == MAX_ANNOTATION):
        message = f"'wps.{block.kind}' is not ended by ';' before its comment ends"
        findings.fault(message, Place(file=file, line=block.line))
    while parts and not parts[-1].text and not parts[-1].quoted and not parts[-1].name:
        parts.pop()
    return Annotation(kind=block.kind, line=block.line, parts=tuple(parts))


def _part(block: _Block, at: int, file: str, findings: Findings) -> tuple[Part, int, str]:
    """The part that begins here, where the next one begins, and what stands between."""
    named = _NAME.match(block.text, at)
    name, at = (named[1] or "", named.end()) if named else ("", at)
    line = block.line + block.text.count("\n", 0, at)
    if quoted := _QUOTED.match(block.text, at):
        text, stop = _one_line(quoted[1].replace('""', '"')), quoted.end()
        end = block.text[stop : stop + 1]
        return Part(name=name, text=text, line=line, quoted=True), stop + 1, end
    found = _END.search(block.text, at)
    stop, after, end = (
        (found.start(), found.end(), found[0]) if found else (len(block.text), len(block.text), "")
    )
    text = _one_line(block.text[at:stop])
    if text.startswith('"'):
        message = 'a quoted text must end before the next comma; write "" for a quote in it'
        findings.fault(message, Place(file=file, line=line))
    if end.startswith("\n"):
        place = Place(file=file, line=block.line + block.text.count("\n", 0, stop))
        findings.note("a comma is missing at the end of this line", place)
    return Part(name=name, text=text, line=line), after, end


def _one_line(text: str) -> str:
    """Lines joined by single spaces."""
    return " ".join(filter(None, (line.strip() for line in text.split("\n"))))


def _check_switches(lines: Sequence[str], signs: str, file: str, findings: Findings) -> None:
    """`wps.off` and `wps.on` enclose lines that are left out when the method runs."""
    switch = re.compile(rf"\s*[{signs}](?![{signs}])\s*wps\.(off|on)\b")
    off: int | None = None
    for number, line in enumerate(lines, start=1):
        if not (found := switch.match(line)):
            continue
        if (found[1] == "off") is (off is not None):
            before = "'wps.off'" if found[1] == "off" else "no 'wps.off'"
            findings.fault(f"'wps.{found[1]}' comes after {before}", Place(file=file, line=number))
        off = number if found[1] == "off" else None
    if off is not None:
        findings.fault("'wps.off' has no 'wps.on' after it", Place(file=file, line=off))
