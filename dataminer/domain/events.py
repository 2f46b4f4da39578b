"""What happens to a computation between its acceptance and its end."""

from __future__ import annotations

from dataclasses import dataclass

from dataminer.domain.computations import Computation


@dataclass(frozen=True, slots=True, kw_only=True)
class Progressed:
    """The script said how far it is."""

    percent: int  #: 0 to 100
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """The script printed a line."""

    line: str


@dataclass(frozen=True, slots=True)
class Ended:
    """Nothing more happens; the record says how it ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, and its place among what happened to the same computation."""

    key: str  #: opaque; what followed can be asked for with it
    what: Progressed | Logged | Ended


#: What a watcher sees: the record, an event other than the end; None: nothing new for a moment.
Sight = Computation | Event | None
