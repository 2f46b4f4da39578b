"""Both servers as operators run them: the same gunicorn and number of workers, on free ports.

The peer has one thread in each worker: its request log, SQLite in memory by default, breaks when
several threads write to it, and computing gains nothing from threads.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import algorithms
from benchmarks import ours
from benchmarks.asking import CAPABILITIES, ask
from dataminer.adapters.broker import EmbeddedBroker
from dataminer.founding import LOCAL, found
from dataminer.settings import Settings, build_environment, child_environment, read_settings
from dataminer.webserver import gunicorn_arguments

HOST = "127.0.0.1"
WORKERS = 2
OUR_THREADS = 8
PEER_THREADS = 1

_ROOT = Path(__file__).parents[1]
_START_SECONDS = 60
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server."""

    port: int
    processes: tuple[subprocess.Popen[bytes], ...]  #: that were started; they have children

    def cpu_seconds(self) -> float:
        """What all its processes, living and dead, have used so far."""
        table = dict(_processes())
        wanted = {process.pid for process in self.processes}
        while found := {pid for pid, (parent, _) in table.items() if parent in wanted} - wanted:
            wanted |= found
        return sum(seconds for pid, (_, seconds) in table.items() if pid in wanted)


@contextmanager
def peer_server(count: int) -> Iterator[Server]:
    """Bare PyWPS with so many processes."""
    with _web_server(f"benchmarks.peer:create_application({count})", PEER_THREADS) as server:
        yield server


@contextmanager
def idle_server() -> Iterator[Server]:
    """A server that does nothing for its answers."""
    with _web_server("benchmarks.nothing:application", OUR_THREADS) as server:
        yield server


@contextmanager
def _web_server(application: str, threads: int) -> Iterator[Server]:
    port = _free_port()
    argv = gunicorn_arguments(HOST, port, workers=WORKERS, threads=threads, application=application)
    with _started(argv, build_environment()) as process:
        yield _ready(Server(port=port, processes=(process,)))


@contextmanager
def our_server(count: int, home: Path) -> Iterator[Server]:
    """The web server, the pool and the broker on a data folder with so many methods."""
    port = _free_port()
    given = {"DATAMINER_ANONYMOUS": "1", "DATAMINER_WEB_WORKERS": str(WORKERS),
             "DATAMINER_WEB_THREADS": str(OUR_THREADS)}  # fmt: skip
    settings = read_settings(given, home=home, port=port)
    _publish(settings, count)
    broker = EmbeddedBroker(run_folder=settings.run_folder, data_folder=home / "broker")
    broker.prepare()
    environment = child_environment(settings)
    web = gunicorn_arguments(HOST, port, workers=WORKERS, threads=OUR_THREADS)
    with ExitStack() as stack:
        started = [stack.enter_context(_started(broker.argv, environment))]
        _wait_for(broker.is_ready)
        pool = (sys.executable, "-m", "dataminer.cli", "pool")
        started += [stack.enter_context(_started(argv, environment)) for argv in (pool, web)]
        yield _ready(Server(port=port, processes=tuple(started)))


def _publish(settings: Settings, count: int) -> None:
    engine = found(settings)
    echo = engine.pack(engine.read_script(Path(algorithms.__path__[0]) / "echo"))
    engine.publish(LOCAL, echo, for_everybody=True)
    for method in ours.methods(count)[1:]:
        engine.ports.catalogue.publish(method)


@contextmanager
def _started(
    argv: tuple[str, ...], environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(argv, env=environment, cwd=_ROOT, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ready(server: Server) -> Server:
    """The server once it answers."""

    def answers() -> bool:
        with suppress(OSError, RuntimeError):
            ask(HOST, server.port, CAPABILITIES)
            return True
        return False

    _wait_for(answers)
    return server


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("a server did not come up")
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _processes() -> Iterator[tuple[int, tuple[int, float]]]:
    """Parent and CPU seconds, those of ended children included, of every process."""
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            with suppress(OSError):
                fields = (path / "stat").read_text().rpartition(")")[2].split()
                ticks = sum(map(int, fields[11:15]))  # utime, stime, cutime, cstime: proc(5)
                yield int(path.name), (int(fields[1]), ticks / _TICKS)
