"""Hints within one process: who may run something, what happened, which nodes live."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock

from dataminer.domain.methods import Runtime, Target

#: Of how many computations hints and log lines are kept.
REMEMBERED = 10_000


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

    lines: list[str] = field(default_factory=list)
    ended: bool = False
    waiters: set[Event] = field(default_factory=set)


class MemoryEvents:
    """The port Events within one process; `progress` holds the last progress of each."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._stories: OrderedDict[str, _Story] = OrderedDict()
        self.progress: dict[str, tuple[int, str]] = {}

    def progressed(self, computation_id: str, percent: int, message: str) -> None:
        """Keep it where watchers in this process can read it."""
        with self._lock:
            self._story(computation_id)
            self.progress[computation_id] = (percent, message)

    def logged(self, computation_id: str, line: str) -> None:
        """Keep the line."""
        with self._lock:
            self._story(computation_id).lines.append(line)

    def ended(self, computation_id: str) -> None:
        """Wake who waits, and whoever waits later."""
        with self._lock:
            story = self._story(computation_id)
            story.ended = True
            for waiter in story.waiters:
                waiter.set()

    def wait_for_end(self, computation_id: str, seconds: float) -> bool:
        """Whether a hint of the end came within this time, or before."""
        with self._waiter(computation_id) as waiter:
            return waiter.wait(seconds)

    def log(self, computation_id: str, after: int = 0) -> Sequence[str]:
        """Lines logged so far from this number on."""
        with self._lock:
            story = self._stories.get(computation_id)
            return story.lines[after:] if story else []

    @contextmanager
    def _waiter(self, computation_id: str) -> Iterator[Event]:
        waiter = Event()
        with self._lock:
            story = self._story(computation_id)
            story.waiters.add(waiter)
            if story.ended:
                waiter.set()
        try:
            yield waiter
        finally:
            with self._lock:
                story.waiters.discard(waiter)

    def _story(self, computation_id: str) -> _Story:
        story = self._stories.get(computation_id)
        if story is None:
            story = self._stories[computation_id] = _Story()
            if len(self._stories) > REMEMBERED:
                forgotten, _ = self._stories.popitem(last=False)
                self.progress.pop(forgotten, None)
        return story


class MemoryNodes:
    """The port Nodes: what it was told."""

    def __init__(self, offered: Iterable[tuple[Target, Runtime]] = ()) -> None:
        self._offered = frozenset(offered)

    def offered(self) -> frozenset[tuple[Target, Runtime]]:
        """Every target and runtime that it was given."""
        return self._offered
