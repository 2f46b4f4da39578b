"""Interpreters with libraries imported, kept warm within a budget of memory."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from workers.launching import LaunchingProcess, Request, Running, Warm

_PATIENCE_SECONDS = 60  #: for the imports of a zygote
_KIB = 1024

#: An interpreter, with what changes when its environment does, and a set of libraries.
_Key = tuple[str, tuple[int, ...], frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """What the zygotes have done so far, and what they hold now."""

    hits: int  #: runs by a zygote that was ready
    starts: int  #: zygotes that were started
    cold: int  #: runs that could have been warm but were not
    zygotes: int  #: alive now
    memory_bytes: int  #: of all zygotes now


@dataclass(eq=False, slots=True)
class _Zygote:
    lock: threading.Lock = field(default_factory=threading.Lock)  #: held while it starts
    process: LaunchingProcess | None = None  #: None: not started yet, or unfit
    is_unfit: bool = False  #: its libraries do not allow it: its scripts are started cold
    running: int = 0
    used_at: float = 0.0


class Zygotes:
    """Starts a zygote when it is first needed. Safe to use from several threads."""

    def __init__(
        self,
        launch: Callable[[Warm], LaunchingProcess],
        memory_budget_bytes: int,
        idle_seconds: float,
    ) -> None:
        self._launch = launch
        self._budget_bytes = memory_budget_bytes  #: 0: none are kept
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._zygotes: dict[_Key, _Zygote] = {}
        self._hits = self._starts = self._cold = 0

    def start(self, request: Request, warm: Warm) -> Running | None:
        """Start a script in a fork of its zygote; None: it has to be started cold.

        The first such script waits until the zygote has imported its libraries.
        """
        if self._budget_bytes <= 0:
            return None
        self.end_idle()
        key = _key(warm)
        for _ in range(2):  # the second try is with a fresh process
            zygote = self._taken(key)
            process = self._ready(zygote, warm)
            if process is None:
                self._give_back(zygote)
                break
            try:
                return process.start(request, on_exit=partial(self._give_back, zygote))
            except (BrokenPipeError, ConnectionResetError):
                self._give_back(zygote)
                self._drop(key, zygote)
        with self._lock:
            self._cold += 1
        return None

    def end_idle(self) -> None:
        """End those that were not used for long."""
        oldest = time.monotonic() - self._idle_seconds
        with self._lock:
            idle = [key for key, z in self._zygotes.items() if not z.running and z.used_at < oldest]
            ended = [self._zygotes.pop(key) for key in idle]
        for zygote in ended:
            _stop(zygote)

    def statistics(self) -> Statistics:
        """What they have done so far, and what they hold now."""
        self.end_idle()
        with self._lock:
            processes = [z.process for z in self._zygotes.values() if z.process is not None]
            counts = {"hits": self._hits, "starts": self._starts, "cold": self._cold}
        sizes = [_memory_bytes(process.pid) for process in processes if process.lives]
        return Statistics(**counts, zygotes=len(sizes), memory_bytes=sum(sizes))

    def close(self) -> None:
        """End all, and all that runs under them."""
        with self._lock:
            zygotes, self._zygotes = list(self._zygotes.values()), {}
        for zygote in zygotes:
            _stop(zygote)

    def _taken(self, key: _Key) -> _Zygote:
        """The zygote of this key, which is not ended before it is given back."""
        with self._lock:
            zygote = self._zygotes.setdefault(key, _Zygote())
            zygote.running += 1
            zygote.used_at = time.monotonic()
            return zygote

    def _give_back(self, zygote: _Zygote) -> None:
        with self._lock:
            zygote.running -= 1
            zygote.used_at = time.monotonic()

    def _drop(self, key: _Key, zygote: _Zygote) -> None:
        """Forget one that is dead."""
        with self._lock:
            if self._zygotes.get(key) is zygote:
                del self._zygotes[key]
        _stop(zygote)

    def _ready(self, zygote: _Zygote, warm: Warm) -> LaunchingProcess | None:
        """Its process, started where it is not yet; None: it is unfit."""
        with zygote.lock:
            is_new = zygote.process is None and not zygote.is_unfit
            if is_new:
                self._begin(zygote, warm)
        if is_new:
            self._shrink(zygote)
        elif zygote.process is not None:
            with self._lock:
                self._hits += 1
        return zygote.process

    def _begin(self, zygote: _Zygote, warm: Warm) -> None:
        with self._lock:
            self._starts += 1
        process = self._launch(warm)
        if process.wait_until_ready(_PATIENCE_SECONDS):
            zygote.process = process
        else:
            zygote.is_unfit = True
            process.stop()

    def _shrink(self, newest: _Zygote) -> None:
        """End what was not used for longest, until the rest is within the budget."""
        with self._lock:
            in_use = sorted(self._zygotes.items(), key=lambda item: -item[1].used_at)
        kept_bytes = 0
        for key, zygote in in_use:
            size = _memory_bytes(zygote.process.pid) if zygote.process else 0
            kept_bytes += size
            if kept_bytes > self._budget_bytes and zygote is not newest and self._forget(key):
                kept_bytes -= size
                _stop(zygote)

    def _forget(self, key: _Key) -> bool:
        """Whether it was idle, and now nobody can take it."""
        with self._lock:
            zygote = self._zygotes.get(key)
            if zygote is None or zygote.running:
                return False
            del self._zygotes[key]
            return True


def _stop(zygote: _Zygote) -> None:
    with zygote.lock:
        if zygote.process is not None:
            zygote.process.stop()


def _key(warm: Warm) -> _Key:
    """Differs when the environment was built again, or its interpreter was replaced."""
    stamps: list[int] = []
    with contextlib.suppress(OSError):  # it is gone: starting it will fail and tell
        for found in (os.lstat(warm.interpreter), os.stat(warm.interpreter)):  # noqa: PTH116
            stamps += [found.st_ino, found.st_mtime_ns]
    return warm.interpreter, tuple(stamps), frozenset(warm.libraries)


def _memory_bytes(pid: int) -> int:
    """What a process holds; pages that it shares with others in parts; 0: it is gone."""
    process = Path("/proc") / str(pid)
    try:
        for line in (process / "smaps_rollup").read_text("ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * _KIB
    except OSError:  # not every kernel has it
        with contextlib.suppress(OSError):
            pages = int((process / "statm").read_text("ascii").split()[1])
            return pages * os.sysconf("SC_PAGESIZE")
    return 0
