"""The supervisor with real processes: whatever dies, in whatever way, nothing is left running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dataminer.adapters.broker import EmbeddedBroker, broker_address, redis_client
from tests.brokers import PATIENCE_SECONDS, wait_until
from tests.processes import command_line, mentioning

ROOT = Path(__file__).parents[2]
#: The order in which the parts of a server end, the last number first to read.
SERVER = ("broker", "scheduler:2:plain", "pool:1:plain", "worker:1:plain", "web:0:plain")

Process = subprocess.Popen[bytes]
Start = Callable[..., Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a supervisor; what it says goes to a file."""
    started: list[Process] = []

    def start(*parts: str) -> Process:
        command = [sys.executable, "-m", "tests.integration.supervisor_process", tmp_path, *parts]
        with (tmp_path / "said").open("ab") as said:
            process = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
    for pid in mentioning(str(tmp_path)):
        os.kill(pid, signal.SIGKILL)


def said(tmp_path: Path) -> str:
    return (tmp_path / "said").read_text()


def diary(tmp_path: Path) -> list[str]:
    return (tmp_path / "diary").read_text().splitlines()


def up(tmp_path: Path) -> None:
    wait_until(lambda: "all parts run" in said(tmp_path))


def processes_of(tmp_path: Path, name: str) -> list[int]:
    wanted = f"supervised_part {name} " if name != "broker" else "valkey-server"
    return [pid for pid in mentioning(str(tmp_path)) if wanted in command_line(pid)]


def nothing_runs(tmp_path: Path) -> None:
    wait_until(lambda: mentioning(str(tmp_path)) == [])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_asked_to_end_it_ends_all_parts_in_their_order(
    start: Start, tmp_path: Path, number: signal.Signals
) -> None:
    supervisor = start(*SERVER)
    up(tmp_path)

    supervisor.send_signal(number)

    assert supervisor.wait(PATIENCE_SECONDS) == 0
    nothing_runs(tmp_path)
    ends = [line for line in diary(tmp_path) if not line.startswith("started")]
    assert ends[:2] == ["asked web", "ended web"]
    assert set(ends[2:4]) == {"asked pool", "asked worker"}
    assert set(ends[4:6]) == {"ended pool", "ended worker"}
    assert ends[6:] == ["asked scheduler", "ended scheduler"]


def test_each_part_starts_when_those_before_it_are_ready(start: Start, tmp_path: Path) -> None:
    start(*SERVER)
    up(tmp_path)

    names = ("scheduler", "pool", "worker", "web")
    assert diary(tmp_path) == [f"started {name}" for name in names]


def test_killed_it_leaves_nothing_running(start: Start, tmp_path: Path) -> None:
    supervisor = start(*SERVER)
    up(tmp_path)

    supervisor.kill()
    supervisor.wait()

    nothing_runs(tmp_path)
    assert "ended web" in diary(tmp_path), "it was asked before it was forced"


def test_killed_it_leaves_no_part_that_does_not_listen(start: Start, tmp_path: Path) -> None:
    supervisor = start("web:0:stubborn")
    up(tmp_path)

    supervisor.kill()
    supervisor.wait()

    nothing_runs(tmp_path)


def test_a_part_that_does_not_end_when_asked_is_killed(start: Start, tmp_path: Path) -> None:
    supervisor = start("web:0:stubborn", "pool:1:plain")
    up(tmp_path)

    supervisor.terminate()

    assert supervisor.wait(PATIENCE_SECONDS) == 0
    nothing_runs(tmp_path)
    assert diary(tmp_path)[2:] == ["asked web", "asked pool", "ended pool"]


def test_asked_twice_it_waits_for_nobody(start: Start, tmp_path: Path) -> None:
    supervisor = start("web:0:endless")
    up(tmp_path)

    supervisor.terminate()
    wait_until(lambda: "asked web" in diary(tmp_path))
    supervisor.terminate()

    assert supervisor.wait(PATIENCE_SECONDS) == 0
    nothing_runs(tmp_path)


def test_asked_while_parts_still_start_it_ends_too(start: Start, tmp_path: Path) -> None:
    supervisor = start("web:0:slow")
    wait_until(lambda: len(processes_of(tmp_path, "web")) == 1)

    supervisor.terminate()

    assert supervisor.wait(PATIENCE_SECONDS) == 0
    nothing_runs(tmp_path)


@pytest.mark.parametrize("name", ["broker", "web"])
def test_a_part_that_dies_is_started_again(start: Start, tmp_path: Path, name: str) -> None:
    start("broker", "web:0:plain")
    up(tmp_path)
    [first] = processes_of(tmp_path, name)

    os.kill(first, signal.SIGKILL)

    wait_until(lambda: f"{name} was ended by signal 9" in said(tmp_path))
    wait_until(lambda: any(pid != first for pid in processes_of(tmp_path, name)))


def test_a_broker_that_is_started_again_has_the_same_password_and_its_data(
    start: Start, tmp_path: Path
) -> None:
    start("broker")
    up(tmp_path)
    broker = EmbeddedBroker(run_folder=tmp_path / "run", data_folder=tmp_path / "broker")
    with redis_client(broker_address("", tmp_path / "run")) as client:
        client.set("planted", "here")

        [process] = processes_of(tmp_path, "broker")
        os.kill(process, signal.SIGKILL)
        wait_until(lambda: "broker was ended" in said(tmp_path))
        wait_until(broker.is_ready)

        assert client.get("planted") == "here"


def test_a_part_that_keeps_dying_is_started_with_growing_pauses(
    start: Start, tmp_path: Path
) -> None:
    start("web:0:fragile")
    wait_until(lambda: "it starts again in 1 s" in said(tmp_path))

    pauses = [line.rpartition(" in ")[2] for line in said(tmp_path).splitlines() if "again" in line]

    assert pauses == ["0.5 s", "1 s"]


def test_what_a_part_leaves_behind_dies_with_it(start: Start, tmp_path: Path) -> None:
    start("web:0:parent")
    up(tmp_path)
    [web] = processes_of(tmp_path, "web")
    wait_until(lambda: len(mentioning(str(tmp_path / "diary"))) >= 2)
    left = [pid for pid in mentioning(str(tmp_path / "diary")) if "sleep" in command_line(pid)]
    assert len(left) == 1

    os.kill(web, signal.SIGKILL)

    wait_until(lambda: left[0] not in mentioning(str(tmp_path / "diary")))


def test_a_second_supervisor_names_the_first(start: Start, tmp_path: Path) -> None:
    first = start("web:0:plain")
    up(tmp_path)

    second = start("web:0:plain")

    assert second.wait(PATIENCE_SECONDS) != 0
    assert f"(process {first.pid})" in said(tmp_path)
    assert first.poll() is None


def test_a_second_supervisor_takes_nothing_from_the_first(start: Start, tmp_path: Path) -> None:
    start("broker")
    up(tmp_path)

    second = start("broker")

    assert second.wait(PATIENCE_SECONDS) != 0
    with redis_client(broker_address("", tmp_path / "run")) as client:
        assert client.ping()


def test_after_one_was_killed_another_can_start(start: Start, tmp_path: Path) -> None:
    first = start(*SERVER)
    up(tmp_path)
    first.kill()
    first.wait()

    start(*SERVER)

    wait_until(lambda: said(tmp_path).count("all parts run") == 2)


def test_a_part_that_cannot_start_is_named_with_the_end_of_its_log(
    start: Start, tmp_path: Path
) -> None:
    (tmp_path / "diary").write_text("")
    supervisor = start("broker", "web:0:broken")

    assert supervisor.wait(PATIENCE_SECONDS) == 1

    assert "web did not start" in said(tmp_path)
    assert "planted" in said(tmp_path)
    nothing_runs(tmp_path)


def test_what_parts_print_is_in_their_logs_and_one_log_of_before_is_kept(
    start: Start, tmp_path: Path
) -> None:
    for _ in range(2):
        supervisor = start("broker")
        up(tmp_path)
        supervisor.terminate()
        supervisor.wait(PATIENCE_SECONDS)
        (tmp_path / "said").unlink()

    assert "Ready to accept connections" in (tmp_path / "logs" / "broker.log").read_text()
    assert "Ready to accept connections" in (tmp_path / "logs" / "broker.log.1").read_text()
