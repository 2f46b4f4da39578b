"""Starts scripts in a sandbox as a keeper does, beside victims that must not notice anything."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from workers import sandbox
from workers.sandbox import Level

NOBODY = 65534
SLOT = 70_001  #: the user id that a script becomes in strict

_KEEPER = """
import importlib.util, json, os, signal, sys
found = importlib.util.spec_from_file_location("sandbox", sys.argv[1])
sandbox = importlib.util.module_from_spec(found)
found.loader.exec_module(sandbox)
job = json.loads(sys.argv[2])
sandbox._landlock_version = lambda real=sandbox._landlock_version: min(real(), job["landlock"])
sandbox.isolate(job["spec"])
script = os.fork()
if not script:
    try:
        os.setsid()
        os.chdir(job["folder"])
        sandbox.apply(job["spec"])
        os.execve(job["command"][0], job["command"], job["environment"])
    except OSError as fault:
        print("cannot start:", fault, flush=True)
    os._exit(127)
status = os.waitpid(script, 0)[1]
me = os.getpid()
for child in open(f"/proc/{me}/task/{me}/children").read().split():
    os.kill(int(child), signal.SIGKILL)
    os.waitpid(int(child), 0)
sys.exit(os.waitstatus_to_exitcode(status) & 255)
"""


@dataclass(frozen=True, slots=True)
class Host:
    """Who runs the keeper, and how strictly."""

    user: str  #: root, ordinary, container
    level: Level

    def __str__(self) -> str:
        return f"{self.level}-{self.user}"

    @property
    def command(self) -> list[str]:
        """What goes before the keeper."""
        words = {
            "root": [],
            "ordinary": ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"],
            "container": ["setpriv", "--bounding-set=-all", "--inh-caps=-all"],
            "me": [],
        }
        return words[self.user]

    @property
    def owner(self) -> int:
        """Whom the folders of its scripts belong to."""
        if self.user == "ordinary":
            return NOBODY
        return SLOT if self.slot else os.geteuid()

    @property
    def slot(self) -> int | None:
        return SLOT if self.user == "root" and self.level is Level.STRICT else None

    def why_not(self) -> str:
        return _why_not(self)


#: All that can be played here: root plays the others too.
USERS = ("root", "ordinary", "container") if os.geteuid() == 0 else ("me",)
HOSTS = [
    Host(user, level)
    for user in USERS
    for level in (Level.STANDARD, Level.STRICT)
    if (user, level) != ("container", Level.STRICT)  # which no container without rights gives
]


@functools.cache
def _why_not(host: Host) -> str:
    if host.command and not shutil.which("setpriv"):
        return "setpriv is not installed"
    with _folder() as folder:
        tried = subprocess.run(
            [*host.command, interpreter(host), "-I", "-S", _copy(folder), host.level],
            capture_output=True, text=True, check=False, cwd="/",
        )  # fmt: skip
    return (tried.stdout + tried.stderr).strip() if tried.returncode else ""


def interpreter(host: Host) -> str:
    """A Python that the host's user can start: the engine's own may lie in root's home."""
    return _interpreter(host.user, tuple(host.command))


@functools.cache
def _interpreter(user: str, before: tuple[str, ...]) -> str:
    """One whose own files it can open too: setpriv starts more than the user could."""
    own = os.path.realpath(sys.executable)
    for candidate in (own, "/usr/bin/python3"):
        with contextlib.suppress(OSError):
            command = [*before, candidate, "-I", "-c", f"open({candidate!r}, 'rb')"]
            if subprocess.run(command, check=False, capture_output=True).returncode == 0:
                return candidate
    raise AssertionError(f"no Python for {user}")


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """A folder that every user can reach, unlike pytest's."""
    folder = Path(tempfile.mkdtemp(dir="/var/tmp"))  # /tmp may be granted some day
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy(folder: Path) -> str:
    path = folder / "sandbox.py"
    path.write_bytes(Path(sandbox.__file__).read_bytes())
    path.chmod(0o644)
    return str(path)


@dataclass(slots=True, kw_only=True)
class Ended:
    """What became of a script."""

    code: int
    said: str


@dataclass(slots=True, kw_only=True)
class Victims:
    """What belongs to the server and to other tenants, of the same user as the keeper."""

    folder: Path
    process: subprocess.Popen[bytes]
    sockets: list[socket.socket]
    addresses: dict[str, str] = field(default_factory=dict)
    before: str = ""

    def state(self) -> str:
        """All that a script could change."""
        rows = []
        for path in sorted(self.folder.rglob("*")):
            facts = path.lstat()
            rows.append((path.name, facts.st_mode, facts.st_uid, facts.st_mtime_ns, facts.st_size,
                         path.read_bytes() if path.is_file() else b""))  # fmt: skip
        pid = self.process.pid
        rows.append((Path(f"/proc/{pid}/limits").read_text(), os.getpriority(os.PRIO_PROCESS, pid),
                     os.sched_getaffinity(pid)))  # fmt: skip
        return repr(rows)

    def are_untouched(self) -> bool:
        return self.process.poll() is None and self.state() == self.before and not self._called()

    def _called(self) -> bool:
        for listening in self.sockets:
            listening.settimeout(0)
            with contextlib.suppress(BlockingIOError):
                if listening.type == socket.SOCK_STREAM:
                    listening.accept()[0].close()
                else:
                    listening.recv(10)
                return True
        return False


@contextlib.contextmanager
def victims(host: Host) -> Iterator[Victims]:
    owner = NOBODY if host.user == "ordinary" else os.geteuid()
    with _folder() as folder, contextlib.ExitStack() as stack:
        (folder / "secret").write_text("SECRET")
        (folder / "secret").chmod(0o666)
        (folder / "inner").mkdir()
        sockets, addresses = _sockets(folder)
        for one in sockets:
            stack.callback(one.close)
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner, owner)
        process = subprocess.Popen(
            [*host.command, "/bin/sleep", "600"], env={"TOKEN": "SECRET"}, cwd="/"
        )
        stack.callback(process.wait)
        stack.callback(process.kill)
        while b"sleep" not in Path(f"/proc/{process.pid}/cmdline").read_bytes()[:10]:
            pass
        found = Victims(folder=folder, process=process, sockets=sockets, addresses=addresses)
        found.before = found.state()
        yield found


def _sockets(folder: Path) -> tuple[list[socket.socket], dict[str, str]]:
    stream, datagram, abstract, tcp = (
        socket.socket(socket.AF_UNIX),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM),
        socket.socket(socket.AF_UNIX),
        socket.socket(socket.AF_INET),
    )
    stream.bind(str(folder / "stream"))
    datagram.bind(str(folder / "datagram"))
    abstract.bind(f"\0{folder.name}")
    tcp.bind(("127.0.0.1", 0))
    for listening in (stream, abstract, tcp):
        listening.listen()
    for name in ("stream", "datagram"):
        (folder / name).chmod(0o777)
    addresses = {"abstract": folder.name, "port": str(tcp.getsockname()[1])}
    return [stream, datagram, abstract, tcp], addresses


@dataclass(slots=True, kw_only=True)
class Box:
    """A run folder of its own, and the way to run something in it."""

    host: Host
    root: Path
    landlock: int = 99  #: no newer version of it than this

    @property
    def work(self) -> Path:
        return self.root / "work"

    def run(
        self, command: list[str], *, level: Level | None = None, told: dict[str, str] | None = None,
        **limits: int,
    ) -> Ended:  # fmt: skip
        level = level or self.host.level
        spec = sandbox.specification(
            level=level,
            writable=[str(self.work)],
            readable=[str(Path(interpreter(self.host)).parents[1]), str(self.root / "inputs")],
            user=self.host.slot if level is not Level.OFF else None,
            **limits,
        )
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.work), "TMPDIR": str(self.work),
                       "LANG": "C.UTF-8", **(told or {})}  # fmt: skip
        job = {"spec": spec, "command": command, "folder": str(self.work),
               "environment": environment, "landlock": self.landlock}  # fmt: skip
        started = [*self.host.command, interpreter(self.host), "-I", "-S", "-B", "-c", _KEEPER,
                   str(self.root / "sandbox.py"), json.dumps(job)]  # fmt: skip
        done = subprocess.run(
            started, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, cwd="/",
            stdin=subprocess.DEVNULL, timeout=120,
        )  # fmt: skip
        return Ended(code=done.returncode, said=done.stdout.decode(errors="replace"))

    def python(self, source: str, level: Level | None = None, **limits: int) -> Ended:
        command = [interpreter(self.host), "-I", "-B", "-c", source]
        return self.run(command, level=level, **limits)


@contextlib.contextmanager
def box(host: Host) -> Iterator[Box]:
    with _folder() as root:
        _copy(root)
        (root / "inputs").mkdir()
        (root / "inputs" / "given").write_text("42")
        (root / "work").mkdir(mode=0o700)
        for path in (root / "work", root / "inputs", root / "inputs" / "given"):
            os.chown(path, host.owner, host.owner)
        yield Box(host=host, root=root)


def end(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
