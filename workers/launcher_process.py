"""The launcher's process: starts scripts, each under a keeper that ends all of its processes.

Started as `python -I -S launcher_process.py DESCRIPTOR`. Standard library only, loads only its
siblings of that kind, single-threaded, holds no secrets: it may fork at any time.

Started as `python -I launcher_process.py DESCRIPTOR DRIVER LIBRARY…` by a method's interpreter it
is a zygote: it imports the libraries first, says so on the control socket, and then a script for
which they were imported is run by a fork of it.

Each message on the control socket brings a job: its socket and the writing end of its log. On the
job's socket the runner sends the request (one line of JSON) and the keeper answers (another) with
the script's exit code, negative for a signal, what it has used, and the limit that it exceeded,
when nothing of it is left. That socket is the lease: when the runner closes its side, or dies, all
of the job's processes are killed. So they are when this process dies, which closes the pipe `life`.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import json
import os
import select
import shutil
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Collection, Mapping
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from resource import struct_rusage

    from workers import metering, sandbox, warming


def _sibling(name: str) -> ModuleType:
    """A module of this folder, by a name that no script's module has."""
    path = f"{os.path.dirname(os.path.abspath(__file__))}/{name}.py"  # noqa: PTH100, PTH120
    spec = importlib.util.spec_from_file_location(f"_dataminer_{name}", path)
    assert spec is not None and spec.loader is not None  # noqa: S101, PT018 # it is a Python file
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if not TYPE_CHECKING:
    metering, sandbox = map(_sibling, ("metering", "sandbox"))

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_CANNOT_START = 127  #: exit code, as shells have it
_PAUSE_SECONDS = 0.001
_MEASURE_AFTER_SECONDS = 0.05  #: what is shorter is measured by its end alone
_MEASURE_EVERY_SECONDS = 0.1

_prctl = ctypes.CDLL(None).prctl

#: In a zygote: the driver, loaded.
_driver: ModuleType | None = None

#: How a child ended: its wait status and what it and those it waited for have used.
_End = tuple[int, "struct_rusage"]


class Job(NamedTuple):
    """A request as it comes from the runner."""

    command: list[str]  #: of a cold start
    folder: str
    environment: dict[str, str]
    stdout: str  #: a path; empty: into the log
    limits: dict[str, float]  #: for the meter
    counted: str  #: a folder, for the meter; empty: none
    specification: dict[str, Any] | None  #: for the sandbox; None: there is none
    warm: str  #: what a zygote gives its driver; empty: a cold start
    log: int  #: where the script writes


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
    if any(status for status, _ in ended.values()):
        keepers.difference_update(end_children(spared=keepers))


def keep(job: socket.socket, log: int, life: int) -> None:
    """Run one script to its end and see to it that nothing of it is left."""
    os.setsid()
    _prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    wake = _wake_on_child()
    line = job.makefile("rb").readline()
    if not line.endswith(b"\n"):
        return
    request = Job(**json.loads(line), log=log)
    poller = _poller(job.fileno(), life, wake)
    meter = metering.Meter(request.counted)
    script, spared = _start_script(request)
    os.close(log)
    measure = partial(_measure, meter, request.limits, spared)
    ended, gone, exceeded = _follow(script, measure, poller, wake)
    ended |= end_children()
    for _, used in ended.values():
        meter.ended(used)
    if life not in gone:
        answer = {
            "exit_code": os.waitstatus_to_exitcode(ended[script][0]),
            "usage": meter.report(),
            "exceeded": exceeded,
        }
        with contextlib.suppress(OSError):
            job.sendall(json.dumps(answer).encode() + b"\n")


def _start_script(job: Job) -> tuple[int, set[int]]:
    """Its process id, and those of children that are not the script's.

    Where it cannot be started its process is one that says why.
    """
    if not job.specification:
        return _fork(lambda: become(job)), set()
    try:
        sandbox.isolate(job.specification)
    except OSError as fault:
        return _fork(partial(_refuse, job, fault, job.log)), set()
    spared = children() if _has_children() else set()
    return _fork(lambda: become(job)), spared


def _measure(
    meter: metering.Meter, limits: Mapping[str, float], spared: set[int]
) -> dict[str, str | float] | None:
    """The limit that the script exceeds now."""
    meter.sample(spared)
    return meter.exceeded(limits)


def _refuse(job: Job, fault: Exception, log: int) -> None:
    os.write(log, f"cannot start {job.command[0]}: {fault}\n".encode())
    os._exit(_CANNOT_START)


def _follow(
    script: int,
    measure: Callable[[], dict[str, str | float] | None],
    poller: select.poll,
    wake: int,
) -> tuple[dict[int, _End], set[int], dict[str, str | float] | None]:
    """Those that have ended, who has gone (runner or launcher), and the limit that was exceeded.

    Returns when the script has ended or has to.
    """
    ended: dict[int, _End] = {}
    gone: set[int] = set()
    exceeded: dict[str, str | float] | None = None
    measure_at = time.monotonic() + _MEASURE_AFTER_SECONDS
    while script not in ended and not gone and not exceeded:
        pause = max(0.0, measure_at - time.monotonic())
        ready = {descriptor for descriptor, _ in poller.poll(pause * 1000)}
        gone = ready - {wake}
        if wake in ready:
            os.read(wake, 4096)
            ended |= reap()
        if time.monotonic() >= measure_at:
            exceeded = measure()
            measure_at = time.monotonic() + _MEASURE_EVERY_SECONDS
    return ended, gone, exceeded


def become(job: Job) -> None:
    """Turn this process into the script; returns never."""
    os.setsid()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    os.dup2(job.log, 2)
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        stdout = os.open(job.stdout, os.O_WRONLY | os.O_CREAT, 0o600) if job.stdout else job.log
        os.dup2(stdout, 1)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        os.chdir(job.folder)
        if job.specification:
            os.umask(0o022)  # another user has to find its way through the tree that is made
            sandbox.apply(job.specification)
        os.umask(0o077)
        if job.warm and _driver:
            warming.run(_driver, job.warm, job.environment)
        for ignored in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGHUP):
            signal.signal(ignored, signal.SIG_DFL)
        os.execve(job.command[0], job.command, job.environment)  # noqa: S606 # no shell wanted
    except (OSError, ValueError) as fault:
        _refuse(job, fault, 2)


def end_children(spared: Collection[int] = ()) -> dict[int, _End]:
    """Kill all children, and theirs as they are inherited; how they ended by process id.

    Only unreaped children of our own are signalled, so no id can belong to a stranger.
    """
    ended: dict[int, _End] = {}
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


def reap() -> dict[int, _End]:
    """All children that have ended, by process id."""
    ended: dict[int, _End] = {}
    with contextlib.suppress(ChildProcessError):
        while (found := os.wait3(os.WNOHANG))[0]:
            ended[found[0]] = found[1:]
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
    connection = socket.socket(fileno=int(sys.argv[1]))
    if sys.argv[2:]:
        warming = _sibling("warming")
        _driver = warming.prepare(sys.argv[2], sys.argv[3:], connection.fileno())
        connection.send(b"ready")
    try:
        serve(connection)
    finally:
        if _driver:
            shutil.rmtree(os.environ["HOME"], ignore_errors=True)  # noqa: TID251 # its own
            os._exit(0)
