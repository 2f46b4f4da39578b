"""Watching a computation through the engine."""

from __future__ import annotations

import io
from itertools import takewhile
from typing import Any

import pytest

from dataminer.domain.computations import Computation, Ending, Status
from dataminer.domain.errors import ServerBusy, UnknownComputation
from dataminer.domain.events import Event, Logged, Progressed, Sight
from dataminer.domain.orders import OfferedContent, Order
from dataminer.domain.tenants import Role
from tests.builders import a_caller
from tests.laboratory import Laboratory, a_laboratory

ADA = a_caller()


def execute(lab: Laboratory) -> Computation:
    offered = OfferedContent(stream=io.BytesIO(b"hello"))
    return lab.engine.execute(ADA, Order(method="SHOUT", inputs=(("text", offered),)))


def status(sight: Sight) -> Status | None:
    return sight.status if isinstance(sight, Computation) else None


def test_a_watcher_sees_the_record_then_what_happens_then_the_ended_record() -> None:
    lab = a_laboratory()
    lab.runner.before = lambda _, watcher: watcher.progressed(40, "inhaling")
    computation = execute(lab)
    sights = lab.engine.watch(ADA, computation.id)

    first = next(sights)
    assert next(sights) is None
    lab.run_all()
    rest = [sight for sight in sights if sight is not None]

    assert status(first) is Status.ACCEPTED
    assert [sight.what for sight in rest if isinstance(sight, Event)] == [
        Progressed(percent=40, message="inhaling"),
        Logged(line="shouting"),
    ]
    assert status(rest[-1]) is Status.SUCCEEDED


def test_who_comes_back_gets_what_was_missed_also_after_the_end() -> None:
    lab = a_laboratory(at_once=True)
    lab.runner.before = lambda _, watcher: watcher.progressed(40, "")
    computation = execute(lab)
    told = [s for s in lab.engine.watch(ADA, computation.id) if isinstance(s, Event)]

    again = list(lab.engine.watch(ADA, computation.id, told[0].key))

    assert again[1:-1] == told[1:]
    assert status(again[0]) is status(again[-1]) is Status.SUCCEEDED


def test_an_end_without_a_hint_is_seen_in_the_record() -> None:
    lab = a_laboratory()
    computation = execute(lab)
    sights = lab.engine.watch(ADA, computation.id)
    list(takewhile(lambda sight: sight is not None, sights))

    lab.ports.computations.finish(computation.id, 0, Ending(status=Status.DISMISSED))

    assert status([sight for sight in sights if sight is not None][-1]) is Status.DISMISSED


def test_a_start_is_seen_though_nothing_is_printed() -> None:
    lab = a_laboratory()
    computation = execute(lab)
    sights = lab.engine.watch(ADA, computation.id)
    next(sights)

    lab.ports.computations.claim(computation.id, 30)

    assert status(next(sight for sight in sights if sight is not None)) is Status.RUNNING


def test_only_its_owner_and_an_operator_may_watch() -> None:
    lab = a_laboratory()
    computation = execute(lab)

    for stranger in (a_caller("bob"), a_caller("ada", tenant="geo"),
                     a_caller("eve", tenant="geo", role=Role.OPERATOR)):  # fmt: skip
        with pytest.raises(UnknownComputation):
            lab.engine.watch(stranger, computation.id)
    operator = a_caller("eve", role=Role.OPERATOR)
    assert status(next(lab.engine.watch(operator, computation.id))) is Status.ACCEPTED


def test_places_to_watch_from_are_few_and_given_back() -> None:
    lab = a_laboratory()

    for _ in range(2):
        with (
            lab.engine.watch_place(),
            lab.engine.watch_place(),
            lab.engine.watch_place(),
            lab.engine.watch_place(),
            pytest.raises(ServerBusy),
            lab.engine.watch_place(),
        ):
            pass


def test_progress_is_in_the_record_as_soon_as_it_is_told() -> None:
    """From where every door reads the percent of its status answers."""
    lab = a_laboratory()
    seen: list[tuple[int, str]] = []

    def tell(computation: Computation, watcher: Any) -> None:
        for percent in range(0, 100, 10):
            watcher.progressed(percent, f"step {percent}")
            record = lab.engine.computation(ADA, computation.id)
            seen.append((record.percent, record.message))

    lab.runner.before = tell
    execute(lab)

    lab.run_all()

    assert seen == [(percent, f"step {percent}") for percent in range(0, 100, 10)]
