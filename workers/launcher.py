"""Starts scripts through a process of its own, which ends all that they leave behind."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from dataminer.domain.errors import NodeDied
from workers import launcher_process


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is started, and all that it gets."""

    command: tuple[str, ...]  #: the first is an absolute path
    folder: Path  #: where it works
    environment: Mapping[str, str]
    stdout: Path | None = None  #: None: into the log, as the standard error


class Running:
    """A script that was started. Leaving the context ends all of its processes."""

    def __init__(self, lease: socket.socket, log: int) -> None:
        self.log = log  #: a descriptor to read what it prints
        self._lease = lease
        self._over = False

    def fileno(self) -> int:
        """Becomes readable when it has ended."""
        return self._lease.fileno()

    def wait(self) -> int:
        """Its exit code, negative for a signal, once nothing of it is left.

        Raises: NodeDied: the launcher was killed, and the script with it.
        """
        answer = self._read()
        self._over = True
        if not answer:
            raise NodeDied("The process that launched the script was killed; try again.")
        return int(answer)

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

    def _read(self) -> bytes:
        try:
            return self._lease.recv(64)
        except ConnectionResetError:
            return b""


class Launcher:
    """The runner's side: owns the launching process, which is made when first needed.

    Safe to use from several threads. Make it after a fork, never before: a copy of its socket in
    another process keeps the scripts alive when this one dies.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def start(self, request: Request) -> Running:
        """Start a script. Raises: NodeDied: the launching process cannot be started."""
        lease, keepers_end = socket.socketpair()
        log, scripts_end = os.pipe()
        try:
            self._hand_over(keepers_end.fileno(), scripts_end)
        except BaseException:
            lease.close()
            os.close(log)
            raise
        finally:
            keepers_end.close()
            os.close(scripts_end)
        with contextlib.suppress(OSError):  # it died: `wait` will tell
            lease.sendall(_encoded(request))
        return Running(lease, log)

    def close(self) -> None:
        """End the launching process and all that runs under it."""
        with self._lock:
            self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _hand_over(self, *descriptors: int) -> None:
        with self._lock:
            for _ in range(2):  # the second try is with a fresh process
                try:
                    socket.send_fds(self._connected(), [b"\n"], descriptors)
                except (BrokenPipeError, ConnectionResetError):
                    self._stop()
                else:
                    return
        raise NodeDied("The process that launches scripts does not start on this node.")

    def _connected(self) -> socket.socket:
        if self._control is None:
            self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-S", launcher_process.__file__, str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    env={"LANG": "C.UTF-8"},
                    stdin=subprocess.DEVNULL,
                    cwd="/",
                    start_new_session=True,
                )
        return self._control

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.wait()
        self._control = self._process = None


def _encoded(request: Request) -> bytes:
    message = {
        "command": request.command,
        "folder": str(request.folder),
        "environment": dict(request.environment),
        "stdout": str(request.stdout) if request.stdout else "",
    }
    return json.dumps(message).encode() + b"\n"
