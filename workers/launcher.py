"""The one door through which scripts are started: in a fork of a warm interpreter, or cold."""

from __future__ import annotations

import sys
import threading
from types import TracebackType
from typing import Self

from dataminer.domain.errors import NodeDied
from workers.launching import Ended, Exceeded, LaunchingProcess, Request, Running, Warm
from workers.zygotes import Statistics, Zygotes

__all__ = ["Ended", "Exceeded", "Launcher", "Request", "Running", "Statistics", "Warm"]

WARM_MEMORY_BYTES = 1 << 30
WARM_IDLE_SECONDS = 900


class Launcher:
    """The runner's side: owns the launching processes, which are made when first needed.

    Safe to use from several threads. Make it after a fork, never before: a copy of its sockets in
    another process keeps the scripts alive when this one dies.
    """

    def __init__(
        self,
        *,
        warm_memory_bytes: int = WARM_MEMORY_BYTES,
        warm_idle_seconds: float = WARM_IDLE_SECONDS,
    ) -> None:
        """With no memory for warm interpreters every script is started cold."""
        self._lock = threading.Lock()
        self._process: LaunchingProcess | None = None
        self._zygotes = Zygotes(_zygote, warm_memory_bytes, warm_idle_seconds)

    def start(self, request: Request) -> Running:
        """Start a script. Raises: NodeDied: the launching process cannot be started."""
        if request.warm is not None:
            running = self._zygotes.start(request, request.warm)
            if running is not None:
                return running
        for _ in range(2):  # the second try is with a fresh process
            process = self._cold_process()
            try:
                return process.start(request)
            except (BrokenPipeError, ConnectionResetError):
                self._drop(process)
        raise NodeDied("The process that launches scripts does not start on this node.")

    def statistics(self) -> Statistics:
        """Of the warm interpreters."""
        return self._zygotes.statistics()

    def close(self) -> None:
        """End the launching processes and all that runs under them."""
        self._zygotes.close()
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _cold_process(self) -> LaunchingProcess:
        with self._lock:
            if self._process is None:
                self._process = LaunchingProcess([sys.executable, "-I", "-S"])
            return self._process

    def _drop(self, dead: LaunchingProcess) -> None:
        with self._lock:
            if self._process is dead:
                self._process = None
        dead.stop()


def _zygote(warm: Warm) -> LaunchingProcess:
    """By the same options as a cold start."""
    command = [warm.interpreter, "-I", "-B", "-u"]
    return LaunchingProcess(command, str(warm.driver), *warm.libraries)
