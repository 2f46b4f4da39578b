"""How a part of the server ends when its supervisor was killed. Standard library only.

The supervisor holds one end of a pipe and gives the other to every part. When the supervisor
is gone, however that came, the pipe ends.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import select
import signal
import sys
import threading
import time
from pathlib import Path
from typing import NoReturn

#: Names the descriptor of the pipe's end; not a setting: only the supervisor sets it.
VARIABLE = "DATAMINER_LIFELINE"

_PR_SET_PDEATHSIG = 1  # prctl(2)
_LOCK_SECONDS = 10.0  # a broker that is being killed needs no longer to be gone


def watch_lifeline(grace_seconds: float = 5.0) -> None:
    """From now on end this process when its supervisor is gone: asked first, then by force.

    Without a supervisor, without effect. Call it after the last fork.
    """
    descriptor = _descriptor()
    if descriptor is not None:
        del os.environ[VARIABLE]  # noqa: TID251  means nothing to the programs that we start
        arguments = (descriptor, grace_seconds)
        threading.Thread(target=_watch, args=arguments, name="lifeline", daemon=True).start()


def die_with_parent(number: signal.Signals) -> None:
    """Have the kernel send this signal when the parent is gone (Linux; elsewhere no effect).

    The parent means its thread that started this process. It also holds after exec.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    descriptor = _descriptor()
    if descriptor is not None and _has_ended(descriptor):  # it went before we asked
        signal.raise_signal(number)


def main(arguments: list[str]) -> NoReturn:
    """Become another program in a folder: alone there, and dead as soon as our parent is.

    The arguments are the folder, a file in it for standard input, the program and its own.
    """
    folder, given, *argv = arguments
    die_with_parent(signal.SIGKILL)
    os.chdir(folder)
    _lock_for_good("lock")
    os.dup2(os.open(given, os.O_RDONLY), 0)
    os.execv(argv[0], argv)  # noqa: S606  the supervisor names the program


def _descriptor() -> int | None:
    text = os.environ.get(VARIABLE)  # noqa: TID251  not a setting
    return int(text) if text else None


def _watch(descriptor: int, grace_seconds: float) -> None:
    while os.read(descriptor, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(grace_seconds)
    os.kill(os.getpid(), signal.SIGKILL)


def _has_ended(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


def _lock_for_good(path: str) -> None:
    """Take the lock with a descriptor that exec passes on."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    os.set_inheritable(descriptor, True)
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                sys.exit(f"{Path.cwd() / path}: another process still holds it")
            time.sleep(0.05)
        else:
            return


if __name__ == "__main__":
    main(sys.argv[1:])
