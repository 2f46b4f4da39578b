"""Wakes this host's pool, from whatever process, with a datagram to its socket."""

from __future__ import annotations

import socket
from pathlib import Path

from dataminer.adapters.sockets import reachable


def pool_socket(run_folder: Path) -> Path:
    """Where the pool of this data folder listens; its owner alone can reach it."""
    return run_folder / "pool.sock"


class LocalDispatcher:
    """The port Dispatcher: a datagram which is not waited for.

    A pool that is away, or has more datagrams than it can hold, looks into the records itself.
    """

    def __init__(self, run_folder: Path) -> None:
        self._path = pool_socket(run_folder)

    def dispatch(self, computation_id: str) -> None:
        """Returns at once, also when nobody listens."""
        _ring(self._path, computation_id)

    def epoch(self) -> str:
        """Always the same: the pool reads the records every second."""
        return ""


def listening(run_folder: Path) -> bool:
    """Whether a pool serves this data folder now."""
    return _ring(pool_socket(run_folder), "")


def _ring(path: Path, text: str) -> bool:
    """Whether somebody listens there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as bell:
        try:
            bell.connect(reachable(path))
            bell.send(text.encode())
        except BlockingIOError:
            return True
        except OSError:
            return False
    return True
