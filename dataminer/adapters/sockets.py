"""Paths of Unix sockets that the kernel takes, however deep the data folder lies."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

#: What fits into `sun_path`, less the byte that ends it. Source: unix(7).
LONGEST_BYTES = 107


def reachable(socket: Path) -> str:
    """A path by which this process can bind or connect to the socket.

    A long one leads through an open descriptor of the folder, so it means nothing to others.
    """
    if len(os.fsencode(socket)) <= LONGEST_BYTES:
        return str(socket)
    return f"/proc/self/fd/{_descriptor(socket.parent)}/{socket.name}"


@cache
def _descriptor(folder: Path) -> int:
    """Open as long as this process lives; there are few such folders."""
    return os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
