"""What is found while a script is read: faults with their places, and guesses to check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dataminer.domain.errors import ScriptFault, ScriptRejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands."""

    file: str = ""  #: relative to the package; empty: the package as a whole
    line: int | None = None  #: from 1; None: no single line


NOWHERE = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a declaration stands, and each of its fields."""

    file: str = ""
    line: int | None = None  #: of the declaration
    lines: Mapping[str, int] = field(default_factory=dict)  #: of fields that have their own
    elsewhere: Mapping[str, Place] = field(default_factory=dict)  #: fields said in another way

    def at(self, name: str = "") -> Place:
        """The place of a field, or of the declaration."""
        here = Place(file=self.file, line=self.lines.get(name, self.line))
        return self.elsewhere.get(name, here)


class Findings:
    """Collects everything, so that it is reported all at once."""

    def __init__(self) -> None:
        self._faults: dict[ScriptFault, None] = {}
        self._notes: dict[str, None] = {}

    def fault(self, message: str, place: Place = NOWHERE) -> None:
        """Record what keeps the script from becoming a method."""
        self._faults[ScriptFault(message=message, file=place.file, line=place.line)] = None

    def note(self, message: str, place: Place = NOWHERE) -> None:
        """Record a guess, for the author to check."""
        self._notes[str(ScriptFault(message=message, file=place.file, line=place.line))] = None

    @property
    def notes(self) -> tuple[str, ...]:
        """The guesses in the order in which they were made, each once."""
        return tuple(self._notes)

    def rejection(self) -> ScriptRejected:
        """All faults as an error, file by file in the order of their lines."""
        ordered = sorted(self._faults, key=lambda fault: (fault.file, fault.line or 0))
        return ScriptRejected(tuple(ordered))

    def raise_faults(self) -> None:
        """Raises: ScriptRejected: there are faults."""
        if self._faults:
            raise self.rejection()
