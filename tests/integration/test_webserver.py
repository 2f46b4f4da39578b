"""The web server's processes under the supervisor."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.brokers import PATIENCE_SECONDS, wait_until
from tests.processes import is_alive, mentioning

ROOT = Path(__file__).parents[2]


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def supervisor(tmp_path: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    module = "tests.integration.supervisor_process"
    command = [sys.executable, "-m", module, tmp_path, f"gunicorn:{port}"]
    with (tmp_path / "said").open("ab") as said:
        process = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said)
    wait_until(lambda: "all parts run" in (tmp_path / "said").read_text())
    yield process
    process.terminate()
    process.wait(PATIENCE_SECONDS)


def answer(port: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as response:
        return int(response.read())


def servers(port: int) -> list[int]:
    return [pid for pid in mentioning(f"--bind=127.0.0.1:{port}") if is_alive(pid)]


def test_asked_to_end_no_process_is_left(supervisor: subprocess.Popen[bytes], port: int) -> None:
    assert answer(port) in servers(port)

    supervisor.terminate()

    assert supervisor.wait(PATIENCE_SECONDS) == 0
    assert servers(port) == []


def test_when_the_supervisor_is_killed_no_process_is_left(
    supervisor: subprocess.Popen[bytes], port: int
) -> None:
    wait_until(lambda: len(servers(port)) == 3)

    supervisor.kill()

    wait_until(lambda: servers(port) == [])


@pytest.mark.usefixtures("supervisor")
def test_when_the_master_is_killed_its_workers_go_and_another_serves(port: int) -> None:
    wait_until(lambda: len(servers(port)) == 3)
    before = servers(port)

    os.kill(min(before), signal.SIGKILL)

    wait_until(lambda: not any(is_alive(pid) for pid in before))
    wait_until(lambda: len(servers(port)) == 3)
    assert answer(port) not in before


@pytest.mark.usefixtures("supervisor")
def test_a_worker_that_is_killed_is_replaced(port: int) -> None:
    victim = answer(port)

    os.kill(victim, signal.SIGKILL)

    wait_until(lambda: len(servers(port)) == 3 and victim not in servers(port))
    assert answer(port) != victim


def test_it_opens_no_socket_that_servers_share(
    supervisor: subprocess.Popen[bytes], port: int
) -> None:
    assert supervisor.poll() is None
    links = [p for pid in servers(port) for p in Path(f"/proc/{pid}/fd").iterdir()]
    open_ones = {str(link.readlink()) for link in links if link.is_symlink()}

    table = [row.split() for row in Path("/proc/net/unix").read_text().splitlines()[1:]]
    paths = [row[7] for row in table if f"socket:[{row[6]}]" in open_ones and len(row) > 7]

    assert paths == []
