"""What every adapter of the port Nodes does, and what the one over Redis does besides."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dataminer.adapters.broker import redis_client
from dataminer.adapters.memory import MemoryNodes
from dataminer.adapters.presence import Node, RedisNodes
from dataminer.domain.methods import Runtime, Target
from dataminer.ports import Nodes
from tests.brokers import RunningBroker, a_broker, wait_until
from workers.presence import Presence

HERE = Node(name="here/local", target=Target.LOCAL, runtimes=frozenset({Runtime.PYTHON}))
THERE = Node(
    name="there/cloud", target=Target.CLOUD, runtimes=frozenset({Runtime.PYTHON, Runtime.R})
)


@pytest.fixture
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBroker]:
    with a_broker(tmp_path_factory.mktemp("nodes")) as broker:
        yield broker


@pytest.fixture(params=["memory", "redis"])
def nodes(request: pytest.FixtureRequest) -> Nodes:
    if request.param == "memory":
        return MemoryNodes(HERE.offers | THERE.offers)
    nodes = RedisNodes(request.getfixturevalue("broker").address)
    nodes.announce(HERE)
    nodes.announce(THERE)
    return nodes


def test_what_the_nodes_can_run_is_offered(nodes: Nodes) -> None:
    assert nodes.offered() == {
        (Target.LOCAL, Runtime.PYTHON),
        (Target.CLOUD, Runtime.PYTHON),
        (Target.CLOUD, Runtime.R),
    }


def test_nothing_is_offered_when_no_node_lives(broker: RunningBroker) -> None:
    assert RedisNodes(broker.address).offered() == frozenset()


def test_a_node_that_goes_offers_nothing_more(broker: RunningBroker) -> None:
    nodes = RedisNodes(broker.address)
    nodes.announce(HERE)
    nodes.announce(THERE)

    nodes.withdraw(THERE)

    assert RedisNodes(broker.address).living() == (HERE,)


def test_a_node_that_falls_silent_is_gone(broker: RunningBroker) -> None:
    nodes = RedisNodes(broker.address)
    nodes.announce(HERE)
    with redis_client(broker.address) as client:
        assert 0 < client.ttl("dataminer:node:here/local") <= 15
        client.delete("dataminer:node:here/local")

    assert nodes.living() == ()


def test_while_the_broker_is_away_the_last_known_nodes_count(broker: RunningBroker) -> None:
    nodes = RedisNodes(broker.address, own={(Target.LOCAL, Runtime.SHELL)})
    nodes.announce(THERE)
    known = nodes.offered()
    broker.kill()

    nodes.announce(THERE)
    nodes.withdraw(THERE)

    assert nodes.offered() == known == THERE.offers | {(Target.LOCAL, Runtime.SHELL)}


def test_a_process_that_never_reached_the_broker_offers_its_own(broker: RunningBroker) -> None:
    broker.kill()
    nodes = RedisNodes(broker.address, own=HERE.offers)

    assert nodes.offered() == HERE.offers


def test_a_runtime_of_another_version_is_passed_over(broker: RunningBroker) -> None:
    RedisNodes(broker.address).announce(HERE)
    with redis_client(broker.address) as client:
        text = '{"target": "local", "runtimes": ["python", "fortran"], "since": 5}'
        client.set("dataminer:node:here/local", text)

    assert RedisNodes(broker.address).living() == (HERE,)


def test_presence_announces_until_it_stops(broker: RunningBroker) -> None:
    nodes = RedisNodes(broker.address)
    presence = Presence(lambda: nodes.announce(HERE), lambda: nodes.withdraw(HERE))

    presence.start()
    wait_until(lambda: RedisNodes(broker.address).living() == (HERE,))
    presence.stop()

    assert RedisNodes(broker.address).living() == ()


def test_presence_that_never_started_can_stop() -> None:
    withdrawn: list[bool] = []

    Presence(lambda: None, lambda: withdrawn.append(True)).stop()

    assert withdrawn == []
