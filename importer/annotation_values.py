"""The values of an annotation: its parts by name and type."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from dataminer.domain.literals import canonical
from dataminer.domain.methods import DataType
from importer.annotations import FREE_TEXTS, NAMED, POSITIONAL, SYNONYMS, Annotation, Part
from importer.findings import Findings, Origin, Place

Word = TypeVar("Word", bound=StrEnum)

#: How the domain calls them.
_FIELDS = {"id": "identifier", "value": "default", "mimetype": "formats",
           "minoccurs": "min_occurs", "maxoccurs": "max_occurs",
           "wallseconds": "wall_seconds", "memorymb": "memory_mb",
           "cpuseconds": "cpu_seconds", "foldermb": "folder_mb"}  # fmt: skip
_VERSION = re.compile(r"v?\d[\w.+-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """The values of one annotation by name; what cannot be read is a fault."""

    parts: Mapping[str, Part]
    file: str
    line: int | None  #: None: there is no such annotation
    findings: Findings

    @property
    def origin(self) -> Origin:
        """Where the annotation and each of its values stand."""
        lines = {_FIELDS.get(name, name): part.line for name, part in self.parts.items()}
        return Origin(file=self.file, line=self.line, lines=lines)

    def text(self, name: str) -> str | None:
        """The value as written; None: not given."""
        part = self.parts.get(name)
        return None if part is None or not (part.text or part.quoted) else part.text

    def parsed(self, name: str, data_type: DataType) -> str | None:
        """The value in canonical form; a fault when it is not of the type."""
        text = self.text(name)
        if text is None:
            return None
        try:
            return canonical(data_type, text)
        except ValueError as error:
            self.fault(name, f"'{self.parts[name].name or name}': {error}")
            return None

    def integer(self, name: str) -> int | None:
        """A whole number."""
        text = self.parsed(name, DataType.INTEGER)
        return None if text is None else int(text)

    def number(self, name: str) -> float | None:
        """A finite number."""
        text = self.parsed(name, DataType.FLOAT)
        if text is None or math.isfinite(float(text)):
            return None if text is None else float(text)
        self.fault(name, f"'{name}' must be a finite number")
        return None

    def boolean(self, name: str) -> bool | None:
        """True or false."""
        text = self.parsed(name, DataType.BOOLEAN)
        return None if text is None else text == "true"

    def listed(self, name: str) -> tuple[str, ...] | None:
        """The pieces between bars."""
        text = self.text(name)
        return None if text is None else tuple(piece.strip() for piece in text.split("|"))

    def word(self, name: str, words: type[Word]) -> Word | None:
        """A member of an enumeration."""
        text = self.text(name)
        if text is None:
            return None
        if text.lower() not in set(words):
            self.fault(name, f"'{name}' is one of: {', '.join(words)}; not '{text}'")
            return None
        return words(text.lower())

    def fault(self, name: str, message: str) -> None:
        """Record a fault at the place of a value."""
        self.findings.fault(message, self.origin.at(_FIELDS.get(name, name)))


def values_of(annotation: Annotation, file: str, findings: Findings) -> Values:
    """The parts by name, positions resolved; later ones of a name are faults."""
    sequence = POSITIONAL[annotation.kind]
    values: dict[str, Part] = {}
    last, named = "", False
    for number, part in enumerate(annotation.parts):
        place = Place(file=file, line=part.line)
        named = named or bool(part.name)
        if part.name or (not named and number < len(sequence)):
            last = _name_of(part, number, annotation, findings, place)
            if last in values:
                findings.fault(f"'{part.name}' is given twice in 'wps.{annotation.kind}'", place)
            elif last:
                values[last] = part
        elif last in FREE_TEXTS and last in values and not values[last].quoted:
            values[last] = _joined(values[last], part)
        elif last:
            findings.fault(_misplaced(part, annotation.kind, named=named), place)
    return Values(parts=values, file=file, line=annotation.line, findings=findings)


def _name_of(
    part: Part, number: int, annotation: Annotation, findings: Findings, place: Place
) -> str:
    """The name of a part; empty when it is unknown, which is then a fault."""
    if not part.name:
        return _name_at(number, annotation)
    name = part.name.lower().replace("_", "")
    name = SYNONYMS.get(name, name)
    known = (*POSITIONAL[annotation.kind], *NAMED[annotation.kind])
    if name in known:
        return name
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"it knows: {', '.join(known)}"
    findings.fault(f"'wps.{annotation.kind}' has no '{part.name}'; {hint}", place)
    return ""


def _name_at(number: int, annotation: Annotation) -> str:
    """The name of a position.

    WPS4R's manual and its program differ about the third of `wps.des`: it is the version when it
    looks like one.
    """
    names = POSITIONAL[annotation.kind]
    if annotation.kind == "des" and number >= names.index("version"):
        third = annotation.parts[names.index("version")].text
        if not _VERSION.fullmatch(third):
            names = (*(name for name in names if name != "version"), "version")
    return names[number]


def _joined(before: Part, part: Part) -> Part:
    return Part(name=before.name, text=f"{before.text}, {part.text}", line=before.line)


def _misplaced(part: Part, kind: str, *, named: bool) -> str:
    if named:
        return f"after a part with a name every part needs one; '{part.text}' has none"
    return f"'wps.{kind}' has more parts than it knows; put texts with commas in quotes"
