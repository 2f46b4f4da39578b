"""This host's slots: take local computations in their fair order and run them.

The pool lives in whatever process owns an engine: a part of the server, `dataminer run`, a
notebook, a test. There is one for each data folder.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Condition, Event, Thread
from time import monotonic
from typing import Protocol

from dataminer.adapters.local_dispatcher import listening, pool_socket
from dataminer.adapters.locks import held
from dataminer.adapters.sockets import reachable
from dataminer.domain.methods import Target
from dataminer.lifeline import watch_lifeline
from dataminer.stop_signals import StopSignals

GLANCE_SECONDS = 1.0  #: how often an idle slot reads the records, should a hint be lost

_log = logging.getLogger(__name__)


class Node(Protocol):
    """What the pool asks of the engine."""

    def next_waiting(self, target: Target) -> str | None:
        """Id of the computation to run next; None: nothing waits."""

    def run(self, computation_id: str) -> None:
        """Run it to its end, unless somebody else has it."""

    def give_back(self) -> None:
        """Stop all that runs here and let others have it, at once; `run` returns soon after."""


class Pool:
    """Threads that each run one computation at a time."""

    def __init__(self, node: Node, slots: int, run_folder: Path) -> None:
        self._node = node
        self._run_folder = run_folder
        self._hints = _Hints()
        self._stopping = Event()
        self._threads = [
            Thread(target=self._serve, name=f"slot-{number}", daemon=True)
            for number in range(1, slots + 1)
        ]
        self._held = ExitStack()

    def start(self) -> None:
        """Serve the data folder from now on.

        Raises:
            Conflict: another pool does.
        """
        with ExitStack() as stack:
            message = f"A pool already serves {self._run_folder.parent} (process {{pid}})."
            stack.enter_context(held(self._run_folder / "pool.lock", message))
            bell = stack.enter_context(_bell(pool_socket(self._run_folder)))
            self._held = stack.pop_all()
        listener = Thread(target=self._listen, args=(bell,), name="pool-bell", daemon=True)
        self._threads.append(listener)
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Have an idle slot look at once for what waits."""
        self._hints.give()

    def stop(self, grace_seconds: float) -> bool:
        """Whether all that ran here was given back, or ended, within this time."""
        self._stopping.set()
        self._hints.give_all()
        listening(self._run_folder)  # wakes the thread that listens
        self._node.give_back()
        deadline = monotonic() + grace_seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - monotonic()))
        self._held.close()
        return not any(thread.is_alive() for thread in self._threads)

    def _listen(self, bell: socket.socket) -> None:
        while not self._stopping.is_set():
            try:
                bell.recv(512)
            except TimeoutError:
                continue
            self.wake()

    def _serve(self) -> None:
        previous: str | None = None
        while not self._stopping.is_set():
            current = self._work(previous)
            if current is None or current == previous:
                self._hints.take(GLANCE_SECONDS)
            previous = current

    def _work(self, previous: str | None) -> str | None:
        """The id of what was run, or None; whatever breaks, the slot goes on."""
        try:
            computation_id = self._node.next_waiting(Target.LOCAL)
            if computation_id is None:
                return None
            if computation_id != previous:
                self.wake()  # more may wait for the next slot
            self._node.run(computation_id)
        except Exception:  # noqa: BLE001  whatever breaks, the slot must go on
            _log.exception("a slot of the pool broke and goes on")
            return None
        return computation_id


def serve(pool: Pool, grace_seconds: float) -> None:
    """Serve until this process is asked to end; call it in the main thread.

    Raises:
        Conflict: another pool serves the data folder.
    """
    stop = StopSignals()
    watch_lifeline()
    pool.start()
    stop.wait()
    if not pool.stop(grace_seconds):
        _log.warning("what still runs here is taken over when its lease has run out")


class _Hints:
    """Counts hints that no slot has taken yet, up to one."""

    def __init__(self) -> None:
        self._condition = Condition()
        self._given = False
        self._closed = False

    def give(self) -> None:
        with self._condition:
            self._given = True
            self._condition.notify()

    def give_all(self) -> None:
        """Let nobody wait any more."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()

    def take(self, seconds: float) -> None:
        """Wait for a hint, at most this long."""
        with self._condition:
            self._condition.wait_for(lambda: self._given or self._closed, seconds)
            self._given = False


@contextmanager
def _bell(path: Path) -> Iterator[socket.socket]:
    """The socket on which other processes say that something waits; the lock is held."""
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
        bell.bind(reachable(path))
        path.chmod(0o600)
        bell.settimeout(GLANCE_SECONDS)
        try:
            yield bell
        finally:
            path.unlink(missing_ok=True)
