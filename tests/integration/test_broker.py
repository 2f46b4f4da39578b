"""The embedded broker: private, persistent, and gone with whoever started it."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu import Connection
from redis import RedisError

from dataminer.adapters.broker import (
    EmbeddedBroker,
    binary,
    broker_address,
    celery_address,
    redis_client,
)
from tests.brokers import RunningBroker, a_broker, wait_until
from tests.processes import command_line, is_alive


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[RunningBroker]:
    with a_broker(tmp_path) as broker:
        yield broker


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def password_of(broker: RunningBroker) -> str:
    return broker.address.removeprefix("unix://:").split("@")[0]


def test_it_keeps_what_it_was_told_when_it_is_killed(broker: RunningBroker) -> None:
    with redis_client(broker.address) as client:
        client.rpush("cloud", "one", "two")

    broker.kill()
    broker.start()

    with redis_client(broker.address) as client:
        assert client.lrange("cloud", 0, -1) == ["one", "two"]


def test_nobody_gets_in_without_the_password(broker: RunningBroker) -> None:
    without = broker.address.replace(password_of(broker), "guess")

    with redis_client(without) as client, pytest.raises(RedisError):
        client.ping()


def test_nobody_else_can_reach_its_files(broker: RunningBroker) -> None:
    embedded = broker.embedded

    assert mode_of(embedded.data_folder) == 0o700
    assert mode_of(embedded.run_folder) == 0o700
    assert mode_of(embedded.socket) == 0o700
    assert mode_of(embedded.data_folder / "broker.conf") == 0o600
    assert mode_of(embedded.run_folder / "broker.url") == 0o600


def test_the_password_is_not_on_the_command_line(broker: RunningBroker) -> None:
    assert broker.process is not None
    assert password_of(broker) not in command_line(broker.process.pid)
    assert password_of(broker) not in " ".join(broker.embedded.argv)


def test_it_listens_on_no_port(broker: RunningBroker) -> None:
    with redis_client(broker.address) as client:
        assert client.info("server")["tcp_port"] == 0


def test_each_preparation_makes_another_password(tmp_path: Path) -> None:
    embedded = EmbeddedBroker(run_folder=tmp_path / "run", data_folder=tmp_path / "broker")

    addresses = set()
    for _ in range(2):
        embedded.prepare()
        addresses.add(broker_address("", embedded.run_folder))

    assert len(addresses) == 2


@pytest.mark.parametrize(
    "name", ["plain", 'a "quoted" % folder\\of @ somebody: #?*[a]', "größe" * 30]
)
def test_redis_and_celery_reach_it_wherever_its_folder_lies(tmp_path: Path, name: str) -> None:
    with a_broker(tmp_path / name) as broker:
        with redis_client(broker.address) as client:
            client.set("planted", "here")
        with Connection(celery_address(broker.address)) as connection:
            channel = connection.default_channel

            assert channel.client.get("planted") == b"here"


def test_a_named_broker_wins(tmp_path: Path) -> None:
    assert broker_address("redis://queue.example/3", tmp_path) == "redis://queue.example/3"
    assert celery_address("redis://queue.example/3") == "redis://queue.example/3"


def test_without_any_broker_the_address_leads_nowhere(tmp_path: Path) -> None:
    with redis_client(broker_address("", tmp_path)) as client, pytest.raises(RedisError):
        client.ping()


def test_it_dies_with_whoever_started_it(tmp_path: Path) -> None:
    embedded = EmbeddedBroker(run_folder=tmp_path / "run", data_folder=tmp_path / "broker")
    embedded.prepare()
    code = (
        "import subprocess, sys, time\n"
        "print(subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL).pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    command = [sys.executable, "-c", code, *embedded.argv]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        wait_until(embedded.is_ready)

        starter.send_signal(signal.SIGKILL)

    wait_until(lambda: not is_alive(pid))


def test_a_second_one_waits_until_the_first_has_gone(broker: RunningBroker) -> None:
    first = broker.process
    assert first is not None
    with subprocess.Popen(broker.embedded.argv, stdout=subprocess.DEVNULL) as second:
        wait_until(lambda: "dataminer.lifeline" in command_line(second.pid))
        assert "dataminer.lifeline" in command_line(second.pid), "not yet the server"

        first.kill()
        first.wait()
        wait_until(lambda: "valkey-server" in command_line(second.pid).split(" ")[0])
        wait_until(broker.embedded.is_ready)
        second.kill()


def test_the_wheel_has_a_server_for_this_platform() -> None:
    answer = subprocess.run([binary(), "--version"], capture_output=True, text=True, check=True)

    assert "9." in answer.stdout
