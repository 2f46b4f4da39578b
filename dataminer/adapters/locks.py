"""Lock files: one process of a kind for each data folder, and a message that names it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dataminer.domain.errors import Conflict


@contextmanager
def held(path: Path, message: str) -> Iterator[None]:
    """The lock, held while the context lasts; it goes with its process, however that ends.

    The message may say `{pid}`: who has it.

    Raises:
        Conflict: another has it.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _lock(descriptor, message)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, message: str) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = os.pread(descriptor, 20, 0).decode() or "unknown"
        raise Conflict(message.replace("{pid}", pid)) from None
