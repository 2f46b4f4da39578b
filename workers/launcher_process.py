"""The launcher's process: starts scripts, each under a keeper that ends all of its processes.

Started as `python -I -S launcher_process.py DESCRIPTOR`. Standard library only, imports nothing
of ours, single-threaded, holds no secrets: it may fork at any time.

Each message on the control socket brings a job: its socket and the writing end of its log. On the
job's socket the runner sends the request (one line of JSON) and the keeper answers the script's
exit code (a number, negative for a signal) when nothing of it is left. That socket is the lease:
when the runner closes its side, or dies, all of the job's processes are killed. So they are when
this process dies, which closes the pipe `life`.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Collection

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_CANNOT_START = 127  #: exit code, as shells have it
_PAUSE_SECONDS = 0.001

_prctl = ctypes.CDLL(None).prctl


def serve(control: socket.socket) -> None:
    """Start a keeper for each job, until the runner closes its side."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    wake = _wake_on_child()
    life, held = os.pipe()
    poller = _poller(control.fileno(), wake)
    keepers: set[int] = set()
    while True:
        ready = {descriptor for descriptor, _ in poller.poll()}
        if wake in ready:
            os.read(wake, 4096)
            _bury(keepers)
        if control.fileno() in ready:
            message, descriptors, _, _ = socket.recv_fds(control, 1, 2)
            if not message:
                return
            with contextlib.suppress(OSError):  # no process left for it: its lease just ends
                keepers.add(_start_keeper(control, descriptors, life, held))


def _start_keeper(control: socket.socket, job_and_log: list[int], life: int, held: int) -> int:
    def become_keeper() -> None:
        control.close()
        os.close(held)
        job, log = job_and_log
        keep(socket.socket(fileno=job), log, life)

    try:
        return _fork(become_keeper)
    finally:
        for descriptor in job_and_log:
            os.close(descriptor)


def _bury(keepers: set[int]) -> None:
    """Reap keepers; what one that was killed has left behind was inherited and ends here."""
    ended = reap()
    keepers.difference_update(ended)
    if any(ended.values()):
        keepers.difference_update(end_children(spared=keepers))


def keep(job: socket.socket, log: int, life: int) -> None:
    """Run one script to its end and see to it that nothing of it is left."""
    os.setsid()
    _prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    wake = _wake_on_child()
    request = job.makefile("rb").readline()
    if not request.endswith(b"\n"):
        return
    script = _fork(lambda: become(**json.loads(request), log=log))
    os.close(log)
    ended: dict[int, int] = {}
    poller = _poller(job.fileno(), life, wake)
    gone: set[int] = set()  #: runner or launcher
    while script not in ended and not gone:
        gone = {descriptor for descriptor, _ in poller.poll()} - {wake}
        if not gone:
            os.read(wake, 4096)
            ended |= reap()
    ended |= end_children()
    if life not in gone:
        with contextlib.suppress(OSError):
            job.sendall(b"%d\n" % os.waitstatus_to_exitcode(ended[script]))


def become(
    *, command: list[str], folder: str, environment: dict[str, str], stdout: str, log: int
) -> None:
    """Turn this process into the script; returns never."""
    os.setsid()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    os.umask(0o077)
    os.dup2(log, 2)
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(os.open(stdout, os.O_WRONLY | os.O_CREAT, 0o600) if stdout else log, 1)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        for ignored in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGHUP):
            signal.signal(ignored, signal.SIG_DFL)
        os.chdir(folder)
        os.execve(command[0], command, environment)  # noqa: S606 # no shell wanted
    except (OSError, ValueError) as fault:
        os.write(2, f"cannot start {command[0]}: {fault}\n".encode())
        os._exit(_CANNOT_START)


def end_children(spared: Collection[int] = ()) -> dict[int, int]:
    """Kill all children, and theirs as they are inherited; their wait status by process id.

    Only unreaped children of our own are signalled, so no id can belong to a stranger.
    """
    ended: dict[int, int] = {}
    while _has_children() and (victims := children() - set(spared)):
        for victim in victims:
            _kill(victim)
        ended |= reap()
        time.sleep(_PAUSE_SECONDS)
    return ended


def _kill(child: int) -> None:
    """End a child and its group at once: that is faster than they can fork.

    The group lies in the session that the script began, unless the child has not yet begun it.
    """
    with contextlib.suppress(PermissionError):  # it became another user: it must end by itself
        os.kill(child, signal.SIGKILL)
        group = os.getpgid(child)
        if group != os.getpgrp():
            os.killpg(group, signal.SIGKILL)


def children() -> set[int]:
    """Process ids of all children, ended ones too."""
    me = os.getpid()
    entries = os.listdir("/proc")  # noqa: PTH208 # pathlib would double this process's start
    return {pid for pid in map(int, filter(str.isdigit, entries)) if _parent(pid) == me}


def _parent(pid: int) -> int:
    try:
        stat = os.open(f"/proc/{pid}/stat", os.O_RDONLY)
    except OSError:
        return 0
    try:
        return int(os.read(stat, 4096).rpartition(b")")[2].split()[1])
    except (OSError, IndexError):  # it ended meanwhile
        return 0
    finally:
        os.close(stat)


def reap() -> dict[int, int]:
    """Wait status by process id of all children that have ended."""
    ended: dict[int, int] = {}
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            ended[found[0]] = found[1]
    return ended


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _fork(in_child: Callable[[], None]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        in_child()
        os._exit(0)
    except BaseException:  # noqa: BLE001 # nothing may return into the parent's code
        traceback.print_exc()
        os._exit(1)


def _wake_on_child() -> int:
    """A descriptor that becomes readable when a child has ended."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return reading


def _poller(*descriptors: int) -> select.poll:
    poller = select.poll()
    for descriptor in descriptors:
        poller.register(descriptor, select.POLLIN)
    return poller


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
