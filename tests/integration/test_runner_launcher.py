"""Whoever dies, no process of a script lives on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dataminer.domain.errors import NodeDied
from tests.integration.running import processes_with
from workers.launcher import Launcher, Request

REPOSITORY = Path(__file__).parents[2]

#: Leaves a daemon of its own session, with two forks, that ignores signals.
DAEMON = """
trap '' TERM HUP INT
setsid sh -c 'trap "" TERM HUP; (sleep 1000 &) ; echo ready; sleep 1000' &
wait
"""

RUNNER = """
import os, sys
from pathlib import Path
from workers.launcher import Launcher, Request

launcher = Launcher()
request = Request(command=("/bin/sh", "-c", sys.argv[1]), folder=Path("/"),
                  environment={"PATH": "/usr/bin:/bin", "MARK": sys.argv[2]})
running = launcher.start(request)
print(launcher._process.pid, os.read(running.log, 100).decode(), flush=True)
running.wait()
"""


@pytest.fixture
def launcher():
    with Launcher() as launcher:
        yield launcher


def a_request(script: str, mark: Path) -> Request:
    environment = {"PATH": "/usr/bin:/bin", "MARK": str(mark)}
    return Request(command=("/bin/sh", "-c", script), folder=Path("/"), environment=environment)


def wait_until_none(mark: object) -> None:
    """Returns when no process has the mark; the test's own time limit ends it otherwise."""
    while processes_with(str(mark)):
        time.sleep(0.02)


def wait_until_ended(process: int) -> None:
    while (
        Path(f"/proc/{process}/cmdline").exists() and Path(f"/proc/{process}/cmdline").read_bytes()
    ):
        time.sleep(0.02)


@pytest.fixture
def runner(tmp_path):
    """A process that runs the daemon, and the id of its launcher."""
    with subprocess.Popen(
        [sys.executable, "-c", RUNNER, DAEMON, str(tmp_path)],
        cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        launcher, ready = process.stdout.readline().split()
        assert ready == "ready"
        yield process, int(launcher)
        process.kill()


def test_nothing_lives_on_when_the_runner_is_killed(runner, tmp_path):
    process, launcher = runner

    process.kill()
    process.wait()

    wait_until_none(tmp_path)
    wait_until_ended(launcher)


def test_nothing_lives_on_when_the_launcher_is_killed(runner, tmp_path):
    process, launcher = runner

    os.kill(launcher, signal.SIGKILL)
    process.wait()

    wait_until_none(tmp_path)


def test_nothing_lives_on_when_both_are_killed(runner, tmp_path):
    process, launcher = runner

    os.kill(launcher, signal.SIGKILL)
    process.kill()
    process.wait()

    wait_until_none(tmp_path)


def test_nothing_lives_on_when_a_keeper_is_killed(launcher, tmp_path):
    with launcher.start(a_request(DAEMON, tmp_path)) as running:
        os.read(running.log, 100)
        (keeper,) = children_of(launcher._process.pid)

        os.kill(keeper, signal.SIGKILL)

        with pytest.raises(NodeDied):
            running.wait()
        wait_until_none(tmp_path)


def test_leaving_the_context_ends_the_script(launcher, tmp_path):
    with launcher.start(a_request(DAEMON, tmp_path)) as running:
        os.read(running.log, 100)

    assert processes_with(str(tmp_path)) == []


def test_the_end_is_told_when_nothing_is_left(launcher, tmp_path):
    with launcher.start(a_request("setsid sleep 1000 & exit 4", tmp_path)) as running:
        exit_code = running.wait().exit_code

        assert exit_code == 4
        assert processes_with(str(tmp_path)) == []


def test_closing_the_launcher_ends_its_scripts(tmp_path):
    launcher = Launcher()
    with launcher.start(a_request(DAEMON, tmp_path)) as running:
        os.read(running.log, 100)

        launcher.close()

        with pytest.raises(NodeDied):
            running.wait()
        assert processes_with(str(tmp_path)) == []


def test_orphans_of_a_long_script_do_not_pile_up_as_zombies(launcher, tmp_path):
    script = "for i in 1 2 3 4 5 6 7 8; do (true &) ; done; sleep 0.3; ps -o stat= --ppid $PPID"

    with launcher.start(a_request(script, tmp_path)) as running:
        running.wait()
        states = os.read(running.log, 10_000).decode()

    assert "Z" not in states


def test_one_launcher_serves_several_threads(launcher, tmp_path):
    def run(number: int) -> int:
        with launcher.start(a_request(f"exit {number}", tmp_path)) as running:
            return running.wait().exit_code

    with ThreadPoolExecutor(8) as threads:
        codes = list(threads.map(run, range(64)))

    assert codes == list(range(64))


def test_descriptors_do_not_leak(launcher, tmp_path):
    with launcher.start(a_request("true", tmp_path)) as running:
        running.wait()
    before = (open_files(os.getpid()), open_files(launcher._process.pid))

    for _ in range(20):
        with launcher.start(a_request("true", tmp_path)) as running:
            running.wait()

    assert (open_files(os.getpid()), open_files(launcher._process.pid)) == before


def test_a_script_that_never_stops_forking_is_ended(launcher, tmp_path):
    script = "echo ready; while :; do setsid sleep 1000 & (sleep 1000 &) ; done"

    with launcher.start(a_request(script, tmp_path)) as running:
        os.read(running.log, 6)
        running.kill()
        running.wait()

    assert processes_with(str(tmp_path)) == []


def children_of(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            parent = entry.joinpath("stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if parent == str(pid):
            found.append(int(entry.name))
    return found


def open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))
