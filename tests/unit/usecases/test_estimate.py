"""Estimates from past computations."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dataminer.domain.computations import Ending, Status
from dataminer.domain.errors import UnknownMethod
from dataminer.usecases.estimate import Estimate, Spread
from tests.builders import USAGE, a_caller, a_computation, a_method
from tests.laboratory import Laboratory, a_laboratory

ADA = a_caller()


def past(lab: Laboratory, seconds: float, **changes: object) -> None:
    """A computation that succeeded and used so many seconds and so many MB."""
    computation = a_computation(**changes)
    lab.ports.computations.add(computation)
    lab.ports.computations.claim(computation.id, 60)
    usage = replace(USAGE, wall_seconds=seconds, peak_memory_bytes=int(seconds * 1_000_000))
    ending = Ending(status=Status.SUCCEEDED, usage=usage)
    lab.ports.computations.finish(computation.id, 1, ending)


def test_of_a_method_that_never_ran_nothing_is_known() -> None:
    lab = a_laboratory()
    past(lab, 1, tenant="geo")
    past(lab, 1, method="WHISPER")

    assert lab.engine.estimate(ADA, "SHOUT") == Estimate(runs=0, same_version=False)


def test_half_and_nine_of_ten_stay_within_the_estimate() -> None:
    lab = a_laboratory()
    for seconds in (7, 3, 1, 10, 5, 2, 9, 4, 8, 6):
        past(lab, seconds, user=f"user {seconds}")

    found = lab.engine.estimate(ADA, "SHOUT")

    assert (found.runs, found.same_version) == (10, True)
    assert found.wall_seconds == Spread(median=5, percentile_90=9)
    assert found.peak_memory_bytes == Spread(median=5_000_000, percentile_90=9_000_000)


def test_one_computation_is_all_that_is_known() -> None:
    lab = a_laboratory()
    past(lab, 3)

    found = lab.engine.estimate(ADA, "SHOUT")

    assert found.runs == 1
    assert found.wall_seconds == Spread(median=3, percentile_90=3)


@pytest.mark.parametrize(("same", "runs", "same_version"), [(4, 7, False), (5, 5, True)])
def test_other_versions_count_until_there_are_enough_of_this_one(
    same: int, runs: int, same_version: bool
) -> None:
    lab = a_laboratory()
    for _ in range(3):
        past(lab, 100, package="older")
    for _ in range(same):
        past(lab, 1)

    found = lab.engine.estimate(ADA, "SHOUT")

    assert (found.runs, found.same_version) == (runs, same_version)
    assert found.wall_seconds is not None
    assert found.wall_seconds.percentile_90 == (1 if same_version else 100)


def test_a_method_that_the_caller_may_not_use_has_no_estimate() -> None:
    lab = a_laboratory(a_method(tenant="geo"))

    with pytest.raises(UnknownMethod):
        lab.engine.estimate(ADA, "SHOUT")
