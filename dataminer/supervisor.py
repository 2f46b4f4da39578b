"""Starts the parts of a server, starts again what dies, and ends them all in their order.

Nothing outlives the supervisor: asked to end, it ends them; killed, they notice (`lifeline`).
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dataminer import lifeline
from dataminer.adapters.locks import held
from dataminer.stop_signals import StopSignals

TICK_SECONDS = 0.1  #: how often the supervisor looks after its children
LONGEST_PAUSE_SECONDS = 30.0  #: between two starts of a child that keeps dying
HEALTHY_SECONDS = 60.0  #: a child that lived so long starts again without a pause

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A part of the server: a process in a session of its own."""

    name: str  #: also of its log file
    argv: tuple[str, ...]
    environment: Mapping[str, str]  #: all of it; the lifeline is added
    prepare: Callable[[], None] | None = None  #: once, when no other server can be running
    is_ready: Callable[[], bool] | None = None  #: what follows starts when it is; None: at once
    ends: int = 0  #: the lowest are ended first, those that share a number together
    grace_seconds: float = 10.0  #: what it may take to end when asked


class Supervisor:
    """Runs the children of one data folder; call it in the main thread."""

    def __init__(self, children: Sequence[Child], home: Path, say: Callable[[str], None]) -> None:
        self._home = home
        self._say = say
        self._logs = home / "logs"
        self._parts = [_Part(child, self._logs / f"{child.name}.log") for child in children]

    def run(self, when_ready: Callable[[], None], ready_seconds: float = 60.0) -> bool:
        """Whether all parts came up; returns when asked to end and nothing is left running.

        Raises:
            Conflict: another supervisor serves the data folder.
        """
        message = (
            f"A server already runs on {self._home} (process {{pid}}). End it first, or give "
            "this one a data folder of its own: DATAMINER_HOME."
        )
        with held(self._home / "run" / "server.lock", message), _stop_signals() as stop:
            self._logs.mkdir(parents=True, exist_ok=True)
            with _lifeline() as descriptor:
                try:
                    if not self._bring_up(stop, descriptor, ready_seconds):
                        return stop.count > 0
                    when_ready()
                    while not stop.wait(TICK_SECONDS):
                        self._look_after(descriptor)
                finally:
                    self._end_all(stop)
        return True

    def _bring_up(self, stop: StopSignals, descriptor: int, ready_seconds: float) -> bool:
        """Whether all were started and are ready; False also when asked to end meanwhile."""
        deadline = time.monotonic() + ready_seconds
        for part in self._parts:
            part.prepare()
            part.start(descriptor)
            while not part.is_ready():
                if stop.wait(TICK_SECONDS):
                    return False
                if part.reap() or time.monotonic() > deadline:
                    self._say(f"{part.child.name} did not start; the end of {part.log}:")
                    self._say(part.last_words())
                    return False
        return True

    def _look_after(self, descriptor: int) -> None:
        for part in self._parts:
            if part.reap():
                pause = part.pause()
                self._say(f"{part.child.name} {part.ending}; it starts again in {pause:g} s")
            elif part.is_due():
                part.start(descriptor)

    def _end_all(self, stop: StopSignals) -> None:
        """End them in their order; whoever asks again while it lasts gets it by force."""
        asked = stop.count
        for rank in sorted({part.child.ends for part in self._parts}):
            parts = [part for part in self._parts if part.child.ends == rank]
            for part in parts:
                part.ask_to_end()
            while any(part.may_still_end() for part in parts) and stop.count <= max(asked, 1):
                time.sleep(TICK_SECONDS / 2)
            for part in parts:
                part.kill()


@dataclass(slots=True)
class _Part:
    """A child and the process that it has now, if it has one."""

    child: Child
    log: Path
    ending: str = ""  #: how its last process ended
    _process: subprocess.Popen[bytes] | None = None
    _started_at: float = 0.0
    _start_at: float = 0.0  #: not before
    _end_by: float = 0.0  #: else it is killed
    _deaths: int = field(default=0)  #: in a row, without a healthy life between

    def start(self, lifeline_descriptor: int) -> None:
        """Give it a process."""
        variable = {lifeline.VARIABLE: str(lifeline_descriptor)}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.child.argv,
                env={**self.child.environment, **variable},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(lifeline_descriptor,),
                start_new_session=True,
            )
        self._started_at = time.monotonic()

    def is_ready(self) -> bool:
        """Whether what follows may be started."""
        return self.child.is_ready is None or self.child.is_ready()

    def is_due(self) -> bool:
        """Whether it has no process and its pause is over."""
        return self._process is None and time.monotonic() >= self._start_at

    def reap(self) -> bool:
        """Whether its process has died just now; what that left behind dies too."""
        if self._process is None or not _is_dead(self._process.pid):
            return False
        self._kill_group()
        code = self._process.wait()
        self.ending = f"ended (exit code {code})" if code >= 0 else f"was ended by signal {-code}"
        self._process = None
        return True

    def pause(self) -> float:
        """How many seconds to wait now before the next start."""
        healthy = time.monotonic() - self._started_at > HEALTHY_SECONDS
        self._deaths = 0 if healthy else self._deaths + 1
        seconds = min(0.25 * 2.0**self._deaths, LONGEST_PAUSE_SECONDS)
        self._start_at = time.monotonic() + seconds
        return seconds

    def ask_to_end(self) -> None:
        """Its grace begins now."""
        self._end_by = time.monotonic() + self.child.grace_seconds
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGTERM)

    def may_still_end(self) -> bool:
        """Whether it was asked to end, has not, and its grace is not over."""
        return not self.reap() and self._process is not None and time.monotonic() < self._end_by

    def kill(self) -> None:
        """End it by force; without effect when it has ended."""
        if self._process is not None:
            _log.warning("%s did not end when asked and is killed", self.child.name)
            self._kill_group()
            self._process.wait()
            self._process = None

    def prepare(self) -> None:
        """Before its first start; keeps one log of before."""
        if self.child.prepare is not None:
            self.child.prepare()
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.1"))

    def last_words(self) -> str:
        """The last lines of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-12:])

    def _kill_group(self) -> None:
        """The process is not yet waited for, so its number still belongs to it."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)


def _is_dead(pid: int) -> bool:
    """Whether the child has ended; it stays to be waited for."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


@contextmanager
def _lifeline() -> Iterator[int]:
    """The end of the pipe that children get; the other end goes with this process."""
    reading, writing = os.pipe()
    try:
        yield reading
    finally:
        os.close(writing)
        os.close(reading)


@contextmanager
def _stop_signals() -> Iterator[StopSignals]:
    stop = StopSignals()
    try:
        yield stop
    finally:
        stop.close()
