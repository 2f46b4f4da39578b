"""A real cloud worker on a real broker, and what becomes of both when they are killed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dataminer.adapters.broker import redis_client
from dataminer.adapters.celery_dispatcher import QUEUE, CeleryDispatcher
from dataminer.adapters.presence import RedisNodes
from dataminer.domain.methods import Runtime, Target
from tests.brokers import PATIENCE_SECONDS, RunningBroker, a_broker, wait_until
from tests.integration import worker_process

Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[RunningBroker]:
    with a_broker(tmp_path) as broker:
        yield broker


@pytest.fixture
def start(broker: RunningBroker, tmp_path: Path) -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        process = worker_process.start(tmp_path)
        started.append(process)
        wait_until(lambda: is_offered(broker))
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def is_offered(broker: RunningBroker) -> bool:
    return (Target.CLOUD, Runtime.PYTHON) in RedisNodes(broker.address).offered()


def diary(tmp_path: Path) -> list[str]:
    path = tmp_path / "diary"
    return path.read_text().splitlines() if path.exists() else []


def queued(broker: RunningBroker) -> int:
    with redis_client(broker.address) as client:
        return int(client.llen(QUEUE))


def unacknowledged(broker: RunningBroker) -> int:
    with redis_client(broker.address) as client:
        return int(client.hlen("unacked"))


def test_it_runs_what_is_dispatched(broker: RunningBroker, start: Start, tmp_path: Path) -> None:
    dispatcher = CeleryDispatcher(broker.address)
    start()

    for number in range(10):
        dispatcher.dispatch(f"SHORT_{number}")

    wait_until(lambda: len(diary(tmp_path)) == 20)
    assert {f"end SHORT_{number}" for number in range(10)} < set(diary(tmp_path))
    wait_until(lambda: unacknowledged(broker) == 0)


def test_no_more_run_at_once_than_it_has_slots_and_none_are_hoarded(
    broker: RunningBroker, start: Start, tmp_path: Path
) -> None:
    dispatcher = CeleryDispatcher(broker.address)
    for number in range(5):
        dispatcher.dispatch(f"LONG_{number}")

    start()

    wait_until(lambda: len(diary(tmp_path)) == 2)
    assert queued(broker) == 3


def test_a_computation_that_breaks_the_engine_stops_nothing_and_is_noted_as_lost(
    broker: RunningBroker, start: Start, tmp_path: Path
) -> None:
    dispatcher = CeleryDispatcher(broker.address)
    start()
    epoch = dispatcher.epoch()

    for name in ("BREAKS_1", "BREAKS_2", "SHORT"):
        dispatcher.dispatch(name)

    wait_until(lambda: "end SHORT" in diary(tmp_path))
    wait_until(lambda: dispatcher.epoch() != epoch)
    wait_until(lambda: unacknowledged(broker) == 0)


def test_asked_to_end_it_gives_back_what_runs_and_its_messages(
    broker: RunningBroker, start: Start, tmp_path: Path
) -> None:
    for number in range(3):
        CeleryDispatcher(broker.address).dispatch(f"LONG_{number}")
    worker = start()
    wait_until(lambda: len(diary(tmp_path)) == 2)

    worker.terminate()

    assert worker.wait(PATIENCE_SECONDS) == 0
    assert diary(tmp_path)[2] == "give back"
    assert queued(broker) == 3
    assert unacknowledged(broker) == 0
    assert not is_offered(broker)


def test_killed_its_message_is_not_needed_for_another_try(
    broker: RunningBroker, start: Start, tmp_path: Path
) -> None:
    dispatcher = CeleryDispatcher(broker.address)
    dispatcher.dispatch("LONG_1")
    worker = start()
    wait_until(lambda: diary(tmp_path) == ["start LONG_1"])
    epoch = dispatcher.epoch()

    worker.kill()
    worker.wait()
    start()

    wait_until(lambda: dispatcher.epoch() != epoch)
    dispatcher.dispatch("LONG_1")
    wait_until(lambda: diary(tmp_path) == ["start LONG_1", "start LONG_1"])


def test_it_finds_a_broker_that_was_killed_and_restarted(
    broker: RunningBroker, start: Start, tmp_path: Path
) -> None:
    dispatcher = CeleryDispatcher(broker.address)
    worker = start()
    dispatcher.dispatch("SHORT_1")
    wait_until(lambda: "end SHORT_1" in diary(tmp_path))

    broker.kill()
    broker.start()
    if worker.poll() is not None:  # after a broker's crash some end, and are started again
        start()
    dispatcher.dispatch("SHORT_2")

    wait_until(lambda: "end SHORT_2" in diary(tmp_path))


def test_what_runs_goes_on_while_the_broker_is_away(
    broker: RunningBroker, start: Start, tmp_path: Path
) -> None:
    CeleryDispatcher(broker.address).dispatch("LONG_1")
    worker = start()
    wait_until(lambda: diary(tmp_path) == ["start LONG_1"])

    broker.kill()
    broker.start()
    wait_until(lambda: is_offered(broker))

    assert worker.poll() is None
    assert diary(tmp_path) == ["start LONG_1"]
    worker.terminate()
    assert worker.wait(PATIENCE_SECONDS) == 0
    assert diary(tmp_path)[:3] == ["start LONG_1", "give back", "end LONG_1"]


def test_the_password_is_in_no_line_that_it_logs(
    broker: RunningBroker, start: Start, tmp_path: Path
) -> None:
    CeleryDispatcher(broker.address).dispatch("BREAKS_1")
    worker = start()
    wait_until(lambda: "start BREAKS_1" in diary(tmp_path))
    worker.terminate()
    worker.wait(PATIENCE_SECONDS)

    log = (tmp_path / "worker.log").read_text()

    assert "planted" in log
    assert broker.address.removeprefix("unix://:").split("@")[0] not in log
