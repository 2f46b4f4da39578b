"""A process that forks scripts, as the runner sees it, and the scripts that it started."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from dataminer.domain.computations import Usage
from dataminer.domain.errors import NodeDied
from workers import launcher_process

_ANSWER_BYTES = 65_536
_PATIENCE_SECONDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Warm:
    """What lets a Python script be run by a fork of an interpreter that has its libraries."""

    interpreter: str  #: an absolute path
    driver: Path
    libraries: tuple[str, ...]  #: of the interpreter's environment, in the script's order
    call: Path  #: what the driver is given


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is started, and all that it gets."""

    command: tuple[str, ...]  #: of a cold start; the first is an absolute path
    folder: Path  #: where it works
    environment: Mapping[str, str]
    stdout: Path | None = None  #: None: into the log, as the standard error
    limits: Mapping[str, float] = field(default_factory=dict)  #: by the names of `metering`
    counted: Path | None = None  #: the folder whose size is limited
    sandbox: Mapping[str, Any] | None = None  #: a specification of `workers.sandbox`: plain JSON
    warm: Warm | None = None  #: None: it can only be started cold


@dataclass(frozen=True, slots=True, kw_only=True)
class Exceeded:
    """The limit that ended a script."""

    name: str
    limit: float
    used: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a script ended, once nothing of it is left."""

    exit_code: int  #: negative: the signal that ended it
    usage: Usage
    exceeded: Exceeded | None = None


class Running:
    """A script that was started. Leaving the context ends all of its processes."""

    def __init__(self, lease: socket.socket, log: int, on_exit: Callable[[], None]) -> None:
        self.log = log  #: a descriptor to read what it prints
        self._lease = lease
        self._on_exit = on_exit
        self._over = False

    def fileno(self) -> int:
        """Becomes readable when it has ended."""
        return self._lease.fileno()

    def wait(self) -> Ended:
        """How it ended, once nothing of it is left.

        Raises: NodeDied: the launcher was killed, and the script with it.
        """
        answer = self._read()
        self._over = True
        if not answer:
            raise NodeDied("The process that launched the script was killed; try again.")
        told = json.loads(answer)
        exceeded = Exceeded(**told["exceeded"]) if told["exceeded"] else None
        usage = Usage(**told["usage"])
        return Ended(exit_code=told["exit_code"], usage=usage, exceeded=exceeded)

    def kill(self) -> None:
        """End all of its processes; `wait` tells when that is done."""
        with contextlib.suppress(OSError):
            self._lease.shutdown(socket.SHUT_WR)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
        if not self._over:
            self._read()
        self._lease.close()
        os.close(self.log)
        self._on_exit()

    def _read(self) -> bytes:
        try:
            return self._lease.recv(_ANSWER_BYTES)
        except ConnectionResetError:
            return b""


class LaunchingProcess:
    """A process that starts scripts until it is stopped. Safe to use from several threads."""

    def __init__(self, command: Sequence[str], *words: str) -> None:
        """Start `launcher_process.py` by an interpreter with its options, and further words."""
        #: For what libraries write while they are imported; a zygote removes it too at its end.
        self._home = tempfile.mkdtemp(prefix="dataminer-zygote-") if words else "/nonexistent"
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [*command, launcher_process.__file__, str(theirs.fileno()), *words],
                pass_fds=[theirs.fileno()],
                env=_environment(self._home),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd="/",
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def lives(self) -> bool:
        """Whether it has not been killed."""
        return self._process.poll() is None

    def wait_until_ready(self, timeout_seconds: float) -> bool:
        """Whether it said so in this time; for those that are given something to prepare."""
        poller = select.poll()
        poller.register(self._control, select.POLLIN)
        try:
            return bool(poller.poll(timeout_seconds * 1000)) and bool(self._control.recv(16))
        except ConnectionResetError:
            return False

    def start(self, request: Request, on_exit: Callable[[], None] = lambda: None) -> Running:
        """Start a script. Raises: BrokenPipeError or ConnectionResetError: this process is dead."""
        lease, keepers_end = socket.socketpair()
        log, scripts_end = os.pipe()
        try:
            socket.send_fds(self._control, [b"\n"], [keepers_end.fileno(), scripts_end])
        except BaseException:
            lease.close()
            os.close(log)
            raise
        finally:
            keepers_end.close()
            os.close(scripts_end)
        with contextlib.suppress(OSError):  # it died: `wait` will tell
            lease.sendall(_encoded(request))
        return Running(lease, log, on_exit)

    def stop(self) -> None:
        """End it and all that runs under it."""
        self._control.close()
        try:
            self._process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:  # a library's import hangs
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._home, ignore_errors=True)


def _environment(home: str) -> dict[str, str]:
    """Nothing of ours; what libraries look at while they are imported."""
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {"LANG": "C.UTF-8", "HOME": home, "TMPDIR": home, "MPLBACKEND": "Agg"} | one


def _encoded(request: Request) -> bytes:
    message = {
        "command": request.command,
        "folder": str(request.folder),
        "environment": dict(request.environment),
        "stdout": str(request.stdout) if request.stdout else "",
        "limits": dict(request.limits),
        "counted": str(request.counted) if request.counted else "",
        "specification": request.sandbox,
        "warm": str(request.warm.call) if request.warm else "",
    }
    return json.dumps(message).encode() + b"\n"
