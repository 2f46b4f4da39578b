"""Follows a running script to its end, within its limits."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable
from dataclasses import dataclass

from dataminer.domain.computations import Usage
from dataminer.domain.errors import ComputationFailed, DataMinerError, LimitExceeded
from dataminer.domain.methods import Limits
from workers.confinement import too_much
from workers.launcher import Running
from workers.logs import Log

_POLL_SECONDS = 0.2
_CHUNK_BYTES = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a script ended."""

    exit_code: int  #: negative: the signal that ended it
    usage: Usage
    reason: DataMinerError | None = None  #: why it was ended; None: it ended by itself


def watch(running: Running, log: Log, limits: Limits, must_stop: Callable[[], bool]) -> End:
    """Pass on what the script prints until it ends or is ended.

    Raises: NodeDied: the launcher was killed, and the script with it.
    """
    started = time.monotonic()
    reason: DataMinerError | None = None
    ask_at = started
    poller = select.poll()
    poller.register(running.log, select.POLLIN)
    poller.register(running, select.POLLIN)
    while True:
        ready = {descriptor for descriptor, _ in poller.poll(_patience(log) * 1000)}
        if running.log in ready and not _read(running, log):
            poller.unregister(running.log)
        if running.fileno() in ready:
            break
        log.progress.tick()
        if reason is None and time.monotonic() >= ask_at:
            ask_at = time.monotonic() + _POLL_SECONDS
            reason = _reason_to_end(time.monotonic() - started, limits, must_stop)
            if reason is not None:
                running.kill()
    _drain(running, log)
    ended = running.wait()
    if reason is None and ended.exceeded is not None:
        reason = too_much(ended.exceeded, limits)
    return End(exit_code=ended.exit_code, usage=ended.usage, reason=reason)


def _patience(log: Log) -> float:
    return min(_POLL_SECONDS, log.progress.due_seconds())


def _reason_to_end(
    used_seconds: float, limits: Limits, must_stop: Callable[[], bool]
) -> DataMinerError | None:
    if must_stop():
        return ComputationFailed("The script was told to stop.")
    if used_seconds >= limits.wall_seconds:
        return LimitExceeded(
            f"The script ran longer than its limit of wall_seconds = {limits.wall_seconds}:"
            f" it was ended after {used_seconds:.1f} s."
        )
    return None


def _read(running: Running, log: Log) -> bool:
    """Whether there may be more."""
    data = os.read(running.log, _CHUNK_BYTES)
    log.feed(data)
    return bool(data)


def _drain(running: Running, log: Log) -> None:
    """Read what lies in the pipe; all that could write to it have ended."""
    os.set_blocking(running.log, False)
    try:
        while _read(running, log):
            pass
    except BlockingIOError:  # somebody escaped, as when a keeper was killed
        pass
    log.end()
