"""A whole server for the tests of this folder, started as an operator starts it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from owslib.wps import WebProcessingService

START_SECONDS = 60


@dataclass(kw_only=True)
class Server:
    """A running server and its data folder."""

    url: str
    home: Path
    process: subprocess.Popen[str]
    environment: dict[str, str]

    @property
    def wps(self) -> WebProcessingService:
        """OWSLib's client, as a user makes it."""
        return WebProcessingService(f"{self.url}/wps")

    def dataminer(self, *arguments: str | Path, check: bool = True) -> str:
        """What the command line prints, working on this server's data folder."""
        done = subprocess.run(
            [sys.executable, "-m", "dataminer.cli", *map(str, arguments)],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def wait_for(self, computation_id: str, *statuses: str, seconds: float = 90) -> str:
        """The first of these statuses that the computation has."""
        deadline = time.monotonic() + seconds
        address = f"{self.url}/api/computations/{computation_id}"
        while time.monotonic() < deadline:
            with suppress(requests.ConnectionError):  # the server may be about to start again
                status = requests.get(address, timeout=10).json()["status"]
                if status in statuses:
                    return str(status)
            time.sleep(0.1)
        raise AssertionError(self.dataminer("show", computation_id))

    def pid_of(self, part: str) -> int:
        """The process of a part of the server."""
        return int(_pids(self.process.pid, part)[0])

    def end(self) -> None:
        """As Ctrl-C does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)


def start(home: Path, environments: Path | None = None, **settings: str) -> Server:
    """A server that answers; `environments` are built once for all servers that share them."""
    if environments is not None:
        home.mkdir(parents=True, exist_ok=True)
        if not (home / "environments").exists():
            environments.mkdir(exist_ok=True)
            (home / "environments").symlink_to(environments)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {k: v for k, v in os.environ.items() if not k.startswith("DATAMINER_")}
    environment = {
        **kept,
        "DATAMINER_HOME": str(home),
        "DATAMINER_ANONYMOUS": "1",
        "DATAMINER_FETCH_ALLOW": "127.0.0.1",
        **settings,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "dataminer.cli", "serve", "--port", str(port)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    url = f"http://127.0.0.1:{port}"
    server = Server(url=url, home=home, process=process, environment=environment)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=2):
                return server
        except OSError:
            time.sleep(0.1)
    server.end()
    raise AssertionError(process.stdout and process.stdout.read())


def _pids(supervisor: int, part: str) -> list[str]:
    children = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(supervisor)],
        capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    return [line.split()[0] for line in children if part in line]


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all servers of this run share, whichever process tests them."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "environments"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, environments: Path) -> Iterator[Server]:
    """One server for all tests that do not harm it."""
    running = start(tmp_path_factory.mktemp("server"), environments)
    yield running
    running.end()
    assert running.process.stdout
    running.process.stdout.close()


@pytest.fixture
def fragile(tmp_path: Path, environments: Path) -> Iterator[Server]:
    """A server of the test's own, to do harm to."""
    running = start(tmp_path / "home", environments)
    yield running
    running.end()
    assert running.process.stdout
    running.process.stdout.close()
    shutil.rmtree(running.home, ignore_errors=True)
