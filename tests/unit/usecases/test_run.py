"""Running, dismissing, waiting and recovering."""

from __future__ import annotations

import io
import time
from datetime import timedelta
from typing import Any

import pytest

from dataminer.domain.computations import Computation, Ending, Status
from dataminer.domain.errors import (
    ComputationFailed,
    NodeDied,
    ScriptFailed,
    ServerBusy,
    UnknownComputation,
    WaitExceeded,
)
from dataminer.domain.orders import OfferedContent, Order
from dataminer.domain.tenants import Role
from dataminer.engine import NodeEngine
from tests.builders import USAGE, a_caller, a_method
from tests.laboratory import Laboratory, a_laboratory

ADA = a_caller()


def execute(lab: Laboratory) -> Computation:
    offered = OfferedContent(stream=io.BytesIO(b"hello"))
    return lab.engine.execute(ADA, Order(method="SHOUT", inputs=(("text", offered),)))


def now(lab: Laboratory, computation: Computation) -> Computation:
    return lab.ports.computations.get(computation.id)


def test_a_computation_runs_to_its_outputs() -> None:
    lab = a_laboratory()
    computation = execute(lab)

    lab.run_all()

    ended = now(lab, computation)
    assert ended.status is Status.SUCCEEDED
    assert ended.percent == 100
    assert ended.attempt == 1
    assert ended.started_at <= ended.ended_at
    assert ended.usage == USAGE
    with lab.engine.open_payload(ended.output("loud")) as stream:
        assert stream.read() == b"HELLO"
    assert lab.engine.log(ADA, computation.id) == ["shouting"]


def test_it_runs_once_however_often_it_is_sent() -> None:
    lab = a_laboratory()
    computation = execute(lab)

    for _ in range(3):
        lab.node.run(computation.id)

    assert now(lab, computation).attempt == 1


def test_a_failed_script_leaves_its_message_and_log_but_no_outputs() -> None:
    lab = a_laboratory()
    lab.runner.failure = ScriptFailed("exit code 3")
    computation = execute(lab)

    lab.run_all()

    ended = now(lab, computation)
    assert (ended.status, ended.message, ended.outputs) == (Status.FAILED, "exit code 3", ())
    assert ended.log is not None


def test_what_a_failed_script_used_is_recorded_too() -> None:
    lab = a_laboratory()
    lab.runner.failure = ScriptFailed("exit code 3")
    computation = execute(lab)

    lab.run_all()

    assert now(lab, computation).usage == USAGE


def test_a_broken_runner_ends_the_computation_too() -> None:
    lab = a_laboratory()

    def breaks(*_: Any) -> None:
        raise OSError("disk full at a secret place")

    lab.runner.before = breaks
    computation = execute(lab)

    lab.run_all()

    ended = now(lab, computation)
    assert ended.status is Status.FAILED
    assert "secret" not in ended.message


def test_dismissing_what_waits_ends_it_at_once() -> None:
    lab = a_laboratory()
    computation = execute(lab)

    dismissed = lab.engine.dismiss(ADA, computation.id)

    assert dismissed.status is Status.DISMISSED
    assert lab.node.next_waiting(computation.target) is None


def test_dismissing_what_runs_stops_it() -> None:
    lab = a_laboratory()

    def is_dismissed_meanwhile(computation: Computation, watcher: Any) -> None:
        lab.engine.dismiss(ADA, computation.id)
        while not watcher.must_stop():
            time.sleep(0.01)
        lab.runner.failure = ComputationFailed("was told to stop")

    lab.runner.before = is_dismissed_meanwhile
    computation = execute(lab)

    lab.run_all()

    ended = now(lab, computation)
    assert (ended.status, ended.message) == (Status.DISMISSED, "Dismissed by ada.")
    assert ended.outputs == ()


def test_dismissing_what_ended_takes_it_out_of_the_doors_and_keeps_the_record() -> None:
    lab = a_laboratory(at_once=True)
    computation = execute(lab)

    lab.engine.dismiss(ADA, computation.id)

    with pytest.raises(UnknownComputation):
        lab.engine.computation(ADA, computation.id)
    with pytest.raises(UnknownComputation):
        lab.engine.computation_at(computation.address_key)
    assert now(lab, computation).status is Status.SUCCEEDED


def test_only_its_owner_and_an_operator_may_see_and_dismiss_it() -> None:
    lab = a_laboratory()
    computation = execute(lab)

    for stranger in (a_caller("bob"), a_caller("ada", tenant="geo"),
                     a_caller("eve", tenant="geo", role=Role.OPERATOR)):  # fmt: skip
        with pytest.raises(UnknownComputation):
            lab.engine.dismiss(stranger, computation.id)
    operator = a_caller("eve", role=Role.OPERATOR)
    assert lab.engine.dismiss(operator, computation.id).status is Status.DISMISSED


def test_a_synchronous_request_gets_the_ended_record() -> None:
    lab = a_laboratory(at_once=True)
    offered = OfferedContent(stream=io.BytesIO(b"hello"))

    ended = lab.engine.execute_and_wait(ADA, Order(method="SHOUT", inputs=(("text", offered),)))

    assert ended.status is Status.SUCCEEDED


def test_who_waits_too_long_gets_a_fault_and_the_computation_is_dismissed() -> None:
    lab = a_laboratory(sync_seconds=0.05)
    computation = execute(lab)

    with pytest.raises(WaitExceeded, match="ask asynchronously"):
        lab.engine.wait(ADA, computation)

    assert now(lab, computation).status is Status.DISMISSED


def test_a_client_that_hangs_up_dismisses_its_computation() -> None:
    lab = a_laboratory()
    computation = execute(lab)

    with pytest.raises(WaitExceeded):
        lab.engine.wait(ADA, computation, hung_up=lambda: True)

    assert now(lab, computation).status is Status.DISMISSED


def test_a_refusal_for_lack_of_places_comes_before_anything_is_recorded() -> None:
    lab = a_laboratory()

    with (
        lab.engine.place(),
        lab.engine.place(),
        pytest.raises(ServerBusy),
    ):
        lab.engine.execute_and_wait(ADA, Order(method="SHOUT"))

    assert lab.node.next_waiting(a_method().manifest.target) is None


def lapsed(lab: Laboratory, computation: Computation, attempts: int = 1) -> None:
    """As if nodes had taken the computation and died."""
    for _ in range(attempts):
        assert lab.ports.computations.claim(computation.id, lease_seconds=-1) is not None


def test_a_dead_nodes_computation_is_sent_again_and_run_by_another() -> None:
    lab = a_laboratory()
    computation = execute(lab)
    reconciler = lab.node.reconciler()
    reconciler.tick()
    lapsed(lab, computation)
    sent = lab.ports.dispatchers[computation.target].sent
    before = len(sent)

    reconciler.tick()
    reconciler.tick()

    assert sent[before:] == [computation.id]
    lab.run_all()
    ended = now(lab, computation)
    assert (ended.status, ended.attempt) == (Status.SUCCEEDED, 2)


def test_what_may_not_be_repeated_fails_with_that_reason() -> None:
    lab = a_laboratory(a_method(repeatable=False))
    computation = execute(lab)
    lapsed(lab, computation)

    lab.node.reconciler().tick()

    ended = now(lab, computation)
    assert ended.status is Status.FAILED
    assert "node that ran it died" in ended.message


def test_what_may_not_be_repeated_is_not_begun_again_by_another_node() -> None:
    lab = a_laboratory(a_method(repeatable=False))
    computation = execute(lab)
    lapsed(lab, computation)

    lab.node.run(computation.id)

    assert "node that ran it died" in now(lab, computation).message


def test_what_kills_three_nodes_is_given_up() -> None:
    lab = a_laboratory()
    computation = execute(lab)
    lapsed(lab, computation, attempts=3)

    lab.node.reconciler().tick()

    assert now(lab, computation).status is Status.FAILED


def test_a_wish_to_dismiss_outlives_the_node() -> None:
    lab = a_laboratory()
    computation = execute(lab)
    lapsed(lab, computation)
    lab.engine.dismiss(ADA, computation.id)

    lab.node.reconciler().tick()

    assert now(lab, computation).status is Status.DISMISSED


def test_what_a_stopped_node_gives_back_is_run_by_another_at_once() -> None:
    lab = a_laboratory()
    another = NodeEngine(lab.node.ports)

    def is_stopped_meanwhile(_computation: Computation, watcher: Any) -> None:
        lab.node.give_back()
        assert watcher.must_stop()
        lab.runner.failure = ComputationFailed("was told to stop")

    lab.runner.before = is_stopped_meanwhile
    computation = execute(lab)
    lab.node.run(computation.id)
    lab.runner.before, lab.runner.failure = (lambda *_: None), None

    lab.node.run(computation.id)
    assert now(lab, computation).attempt == 1
    another.run(computation.id)

    ended = now(lab, computation)
    assert (ended.status, ended.attempt) == (Status.SUCCEEDED, 2)


def test_a_script_whose_launcher_was_killed_is_run_again() -> None:
    lab = a_laboratory()
    lab.runner.failure = NodeDied()
    computation = execute(lab)
    lab.node.run(computation.id)
    lab.runner.failure = None

    lab.run_all()

    ended = now(lab, computation)
    assert (ended.status, ended.attempt) == (Status.SUCCEEDED, 2)


def test_a_script_that_kills_its_launcher_each_time_is_given_up() -> None:
    lab = a_laboratory()
    lab.runner.failure = NodeDied()
    computation = execute(lab)

    lab.run_all()

    ended = now(lab, computation)
    assert (ended.status, ended.attempt) == (Status.FAILED, 4)


def test_an_attempt_that_was_taken_over_cannot_write_the_end() -> None:
    lab = a_laboratory()
    computation = execute(lab)
    lapsed(lab, computation, attempts=2)

    late = lab.ports.computations.finish(computation.id, 1, Ending(status=Status.SUCCEEDED))

    assert late is None
    assert now(lab, computation).status is Status.RUNNING


def test_accepted_times_are_aware_and_recent() -> None:
    computation = execute(a_laboratory())

    assert computation.accepted_at.utcoffset() == timedelta(0)


def test_an_attempt_is_over_when_it_ended_or_another_began() -> None:
    lab = a_laboratory()
    computation = execute(lab)
    lapsed(lab, computation)

    assert not lab.node.is_over(computation.id, 1)
    lapsed(lab, computation)
    assert lab.node.is_over(computation.id, 1)
    assert not lab.node.is_over(computation.id, 2)
    assert lab.node.is_over("NONE_ID_0", 1)
