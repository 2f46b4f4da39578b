"""The pool as a part of the server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from dataminer.adapters.local_dispatcher import LocalDispatcher, listening
from dataminer.lifeline import VARIABLE
from tests.brokers import PATIENCE_SECONDS, wait_until

ROOT = Path(__file__).parents[2]


class RunningPool:
    """A pool's process, and the end of the pipe that its supervisor would hold."""

    def __init__(self, home: Path) -> None:
        self.home = home
        (home / "waiting").mkdir()
        reading, self.lifeline = os.pipe()
        environment = {**os.environ, VARIABLE: str(reading)}
        command = [sys.executable, "-m", "tests.integration.pool_process", home]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, pass_fds=(reading,), start_new_session=True
        )
        os.close(reading)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        with suppress(OSError):
            os.close(self.lifeline)

    def dispatch(self, computation_id: str) -> None:
        (self.home / "waiting" / computation_id).touch()
        LocalDispatcher(self.home / "run").dispatch(computation_id)

    def diary(self) -> list[str]:
        path = self.home / "diary"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[RunningPool]:
    pool = RunningPool(tmp_path)
    wait_until(lambda: listening(tmp_path / "run"))
    yield pool
    pool.end()


def test_it_runs_what_another_process_dispatches(pool: RunningPool) -> None:
    pool.dispatch("SHORT")

    wait_until(lambda: pool.diary() == ["start SHORT", "end SHORT"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_end_it_gives_back_what_runs(pool: RunningPool, number: signal.Signals) -> None:
    pool.dispatch("LONG")
    wait_until(lambda: pool.diary() == ["start LONG"])

    pool.process.send_signal(number)

    assert pool.process.wait(PATIENCE_SECONDS) == 0
    assert pool.diary() == ["start LONG", "give back", "end LONG"]
    assert not listening(pool.home / "run")


def test_when_its_supervisor_is_gone_it_gives_back_what_runs(pool: RunningPool) -> None:
    pool.dispatch("LONG")
    wait_until(lambda: pool.diary() == ["start LONG"])

    os.close(pool.lifeline)
    pool.lifeline = -1

    assert pool.process.wait(PATIENCE_SECONDS) == 0
    assert pool.diary() == ["start LONG", "give back", "end LONG"]


def test_killed_it_can_be_started_again(pool: RunningPool, tmp_path: Path) -> None:
    pool.process.kill()
    pool.process.wait()
    assert not listening(tmp_path / "run")
    (tmp_path / "waiting").rmdir()

    second = RunningPool(tmp_path)
    try:
        wait_until(lambda: listening(tmp_path / "run"))
    finally:
        second.end()
