"""What every adapter of the port Dispatcher does."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dataminer.adapters.broker import broker_address, redis_client
from dataminer.adapters.celery_dispatcher import QUEUE, CeleryDispatcher, note_loss
from dataminer.adapters.local_dispatcher import LocalDispatcher, listening, pool_socket
from dataminer.adapters.memory import MemoryDispatcher
from dataminer.adapters.sockets import reachable
from dataminer.ports import Dispatcher
from tests.brokers import RunningBroker, a_broker


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBroker]:
    with a_broker(tmp_path_factory.mktemp("dispatchers")) as broker:
        yield broker


@pytest.fixture
def deep_folder(tmp_path: Path) -> Path:
    """Deeper than the path of a Unix socket may be long."""
    folder = tmp_path.joinpath(*["a folder of a user who likes order"] * 5)
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def bell(tmp_path: Path) -> Iterator[socket.socket]:
    with a_bell(tmp_path) as bell:
        yield bell


def a_bell(run_folder: Path) -> socket.socket:
    bell = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    bell.bind(reachable(pool_socket(run_folder)))
    bell.settimeout(10)
    return bell


@pytest.fixture(params=["memory", "local", "celery", "local, nobody there", "celery, no broker"])
def dispatcher(request: pytest.FixtureRequest, tmp_path: Path) -> Dispatcher:
    makers: dict[str, Callable[[], Dispatcher]] = {
        "memory": MemoryDispatcher,
        "local": lambda: LocalDispatcher(request.getfixturevalue("bell") and tmp_path),
        "local, nobody there": lambda: LocalDispatcher(tmp_path),
        "celery": lambda: CeleryDispatcher(request.getfixturevalue("broker").address),
        "celery, no broker": lambda: CeleryDispatcher(broker_address("", tmp_path)),
    }
    return makers[request.param]()


def test_dispatching_returns_and_raises_nothing(dispatcher: Dispatcher) -> None:
    for number in range(3):
        dispatcher.dispatch(f"COMPUTATION_ID_{number}")


@pytest.mark.parametrize("dispatcher", ["memory", "local", "celery"], indirect=True)
def test_the_epoch_stays_while_nothing_is_lost(dispatcher: Dispatcher) -> None:
    before = dispatcher.epoch()

    dispatcher.dispatch("COMPUTATION_ID_1")

    assert dispatcher.epoch() == before


def test_the_pool_hears_which_computation_waits(tmp_path: Path, bell: socket.socket) -> None:
    LocalDispatcher(tmp_path).dispatch("COMPUTATION_ID_1")

    assert bell.recv(100) == b"COMPUTATION_ID_1"


def test_the_pool_is_reached_however_deep_its_folder_lies(deep_folder: Path) -> None:
    assert len(os.fsencode(pool_socket(deep_folder))) > 107
    with a_bell(deep_folder) as bell:
        LocalDispatcher(deep_folder).dispatch("COMPUTATION_ID_1")

        assert bell.recv(100) == b"COMPUTATION_ID_1"


def test_a_pool_that_cannot_keep_up_blocks_nobody(tmp_path: Path, bell: socket.socket) -> None:
    dispatcher = LocalDispatcher(tmp_path)

    for number in range(5_000):
        dispatcher.dispatch(f"COMPUTATION_ID_{number}")

    assert bell.recv(100) == b"COMPUTATION_ID_0"


def test_it_is_known_whether_a_pool_listens(tmp_path: Path) -> None:
    assert not listening(tmp_path)
    with a_bell(tmp_path):
        assert listening(tmp_path)
    assert pool_socket(tmp_path).exists()
    assert not listening(tmp_path), "the socket of a pool that died"


def test_the_queue_holds_what_was_dispatched(broker: RunningBroker) -> None:
    with redis_client(broker.address) as client:
        before = client.llen(QUEUE)
        CeleryDispatcher(broker.address).dispatch("COMPUTATION_ID_77")

        assert client.llen(QUEUE) == before + 1


def test_several_threads_may_dispatch(broker: RunningBroker) -> None:
    dispatcher = CeleryDispatcher(broker.address)
    with redis_client(broker.address) as client:
        before = client.llen(QUEUE)
        threads = [
            threading.Thread(target=dispatcher.dispatch, args=(f"COMPUTATION_ID_{number}",))
            for number in range(16)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert client.llen(QUEUE) == before + 16


def test_the_epoch_changes_when_the_broker_starts_and_when_something_may_be_lost(
    tmp_path: Path,
) -> None:
    with a_broker(tmp_path) as broker:
        dispatcher = CeleryDispatcher(broker.address)
        epochs = [dispatcher.epoch()]
        broker.kill()
        broker.start()
        epochs.append(dispatcher.epoch())
        note_loss(broker.address)
        epochs.append(dispatcher.epoch())

    assert len(set(epochs)) == 3


def test_the_epoch_changes_with_everything_that_could_not_be_sent(tmp_path: Path) -> None:
    dispatcher = CeleryDispatcher(broker_address("", tmp_path))
    epochs = [dispatcher.epoch()]

    for number in range(2):
        dispatcher.dispatch(f"COMPUTATION_ID_{number}")
        epochs.append(dispatcher.epoch())

    assert len(set(epochs)) == 3


def test_a_broker_that_was_restarted_is_found_again(tmp_path: Path) -> None:
    with a_broker(tmp_path) as broker:
        dispatcher = CeleryDispatcher(broker.address)
        dispatcher.dispatch("COMPUTATION_ID_1")
        broker.kill()
        broker.start()

        dispatcher.dispatch("COMPUTATION_ID_2")

        with redis_client(broker.address) as client:
            assert client.llen(QUEUE) == 2


def test_the_password_is_in_no_log_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with a_broker(tmp_path) as broker:
        right = broker.address
        wrong = right.replace("unix://:", "unix://:planted-")
        for address in (right, wrong):
            CeleryDispatcher(address).dispatch("COMPUTATION_ID_1")
        broker.kill()
        CeleryDispatcher(right).dispatch("COMPUTATION_ID_1")

    password = right.split(":")[2].split("@")[0]
    assert "does not answer" in caplog.text
    assert password not in caplog.text
    assert "planted" not in caplog.text
