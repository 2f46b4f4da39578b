"""Hints within one process: who may run something, what happened, which nodes live."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Condition

from dataminer.domain.events import Ended, Event, Logged, Progressed
from dataminer.domain.methods import Runtime, Target

#: Of how many computations hints and log lines are kept.
REMEMBERED = 10_000

_MOMENT_SECONDS = 0.5
_KEY = re.compile(r"[0-9]{1,18}")


class MemoryDispatcher:
    """The port Dispatcher: remembers what was sent and tells a listener, if there is one."""

    def __init__(self, listener: Callable[[str], None] | None = None) -> None:
        self.sent: list[str] = []  #: ids, oldest first
        self._listener = listener

    def dispatch(self, computation_id: str) -> None:
        """Returns when the listener has."""
        self.sent.append(computation_id)
        if self._listener is not None:
            self._listener(computation_id)

    def epoch(self) -> str:
        """Always the same: nothing is lost here."""
        return ""


@dataclass(slots=True)
class _Story:
    """What is known of one computation."""

    happened: list[Progressed | Logged | Ended] = field(default_factory=list)
    ended: bool = False


class MemoryEvents:
    """The port Events within one process. The key of an event is its number, from 1 on."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._stories: OrderedDict[str, _Story] = OrderedDict()

    def progressed(self, computation_id: str, percent: int, message: str) -> None:
        """Keep it where watchers in this process can read it."""
        self._add(computation_id, Progressed(percent=percent, message=message))

    def logged(self, computation_id: str, line: str) -> None:
        """Keep the line."""
        self._add(computation_id, Logged(line=line))

    def ended(self, computation_id: str) -> None:
        """Wake who waits, and whoever waits later."""
        self._add(computation_id, Ended())

    def wait_for_end(self, computation_id: str, seconds: float) -> bool:
        """Whether a hint of the end came within this time, or before."""
        with self._changed:
            story = self._story(computation_id)
            return self._changed.wait_for(lambda: story.ended, seconds)

    def log(self, computation_id: str, after: int = 0) -> Sequence[str]:
        """Lines logged so far from this number on."""
        with self._changed:
            story = self._stories.get(computation_id, _Story())
            return [one.line for one in story.happened if isinstance(one, Logged)][after:]

    def follow(self, computation_id: str, after: str = "") -> Iterator[Event | None]:
        """What happened after the event of this key, then what happens."""
        given = int(after) if _KEY.fullmatch(after) else 0
        patience = 0.0
        while True:
            news = self._news(computation_id, given, patience)
            for what in news:
                given += 1
                yield Event(key=str(given), what=what)
            if not news:
                yield None
            patience = 0.0 if news else _MOMENT_SECONDS

    def _news(
        self, computation_id: str, given: int, seconds: float
    ) -> Sequence[Progressed | Logged | Ended]:
        with self._changed:
            story = self._story(computation_id)
            self._changed.wait_for(lambda: len(story.happened) > given, seconds)
            return story.happened[given:]

    def _add(self, computation_id: str, what: Progressed | Logged | Ended) -> None:
        with self._changed:
            story = self._story(computation_id)
            story.happened.append(what)
            story.ended = story.ended or isinstance(what, Ended)
            self._changed.notify_all()

    def _story(self, computation_id: str) -> _Story:
        story = self._stories.get(computation_id)
        if story is None:
            story = self._stories[computation_id] = _Story()
            if len(self._stories) > REMEMBERED:
                self._stories.popitem(last=False)
        return story


class MemoryNodes:
    """The port Nodes: what it was told."""

    def __init__(self, offered: Iterable[tuple[Target, Runtime]] = ()) -> None:
        self._offered = frozenset(offered)

    def offered(self) -> frozenset[tuple[Target, Runtime]]:
        """Every target and runtime that it was given."""
        return self._offered
