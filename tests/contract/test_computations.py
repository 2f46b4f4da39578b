"""The records of computations: what is kept, who holds them, and how they end."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest

from dataminer.domain.computations import Computation, Ending, Status, ended
from dataminer.domain.errors import Conflict, UnknownComputation
from dataminer.domain.methods import Target
from dataminer.domain.recipes import Sameness, Verdict
from dataminer.domain.tables import Dialect
from dataminer.domain.values import Binding, BoundingBox, Literal, Payload
from dataminer.ports import Computations
from tests.builders import NOW, PLACE, USAGE, a_computation

RAN_OUT = -1.0  #: seconds of a lease that is over at once
A_WHILE = 60.0


def a_payload(digest: str = "d" * 64, name: str = "a.csv") -> Payload:
    return Payload(digest=digest, size_bytes=3, media_type="text/csv", name=name)


def a_full_computation() -> Computation:
    """With every field filled in."""
    table = replace(
        a_payload(),
        encoding="base64",
        schema="s",
        source="http://host/a.csv",
        dialect=Dialect(delimiter=";", decimal=",", columns=("a", "b")),
        deleted_at=NOW,
    )
    return a_computation(
        inputs=(
            Binding(identifier="x", value=Literal(text="2", unit="m")),
            Binding(identifier="x", value=Literal(text="10")),
            Binding(identifier="box", value=BoundingBox(lower=(1.0, 2.5), upper=(3, 4), crs="c")),
            Binding(identifier="table", value=table),
        ),
        outputs=(Binding(identifier="y", value=a_payload("e" * 64)),),
        status=Status.SUCCEEDED,
        target=Target.CLOUD,
        percent=100,
        message="done",
        started_at=NOW + timedelta(microseconds=1),
        ended_at=NOW + timedelta(seconds=1),
        attempt=2,
        lease_until=NOW,
        place=replace(PLACE, environment="e" * 64),
        log=a_payload("f" * 64, "log.txt"),
        exit_code=0,
        usage=USAGE,
        repeats="SHOUT_ID_1",
        verdict=Verdict(sameness=Sameness.DIFFERS, outputs=("y",), reasons=("so",)),
        dismissal_asked_by="bob",
        response="{}",
        removed_at=NOW,
    )


def an_ending(status: Status = Status.SUCCEEDED) -> Ending:
    return Ending(
        status=status,
        message="as it is",
        outputs=(
            Binding(identifier="y", value=a_payload("e" * 64)),
            Binding(identifier="n", value=Literal(text="3")),
        ),
        log=a_payload("f" * 64, "log.txt"),
        exit_code=3,
        place=PLACE,
        usage=USAGE,
        verdict=Verdict(sameness=Sameness.IDENTICAL),
    )


def added(computations: Computations, **changes: object) -> Computation:
    computation = a_computation(**changes)
    computations.add(computation)
    return computation


def test_a_record_keeps_every_field(computations: Computations) -> None:
    computation = a_full_computation()
    plain = a_computation()
    left_out = {f.name for f in fields(Computation)
                if getattr(computation, f.name) == getattr(plain, f.name)}  # fmt: skip

    computations.add(computation)

    assert computations.get(computation.id) == computation
    assert left_out == {"method", "version", "package", "user", "tenant", "accepted_at"}


def test_an_unknown_computation_is_unknown(computations: Computations) -> None:
    with pytest.raises(UnknownComputation):
        computations.get("SHOUT_ID_0")
    with pytest.raises(UnknownComputation):
        computations.by_address("0")
    with pytest.raises(UnknownComputation):
        computations.ask_dismissal("SHOUT_ID_0", "ada")
    with pytest.raises(UnknownComputation):
        computations.remove("SHOUT_ID_0", NOW)
    with pytest.raises(UnknownComputation):
        computations.mark_deleted("d" * 64, "SHOUT_ID_0", NOW)
    assert computations.claim("SHOUT_ID_0", A_WHILE) is None
    assert computations.finish("SHOUT_ID_0", 0, an_ending()) is None


def test_an_id_and_an_address_are_given_once(computations: Computations) -> None:
    computation = added(computations)

    with pytest.raises(Conflict):
        computations.add(replace(computation, address_key="other"))
    with pytest.raises(Conflict):
        computations.add(replace(computation, id="other"))
    assert computations.by_address(computation.address_key) == computation


# --- who holds it -----------------------------------------------------------------------------


def test_who_claims_runs_it_and_nobody_else(computations: Computations) -> None:
    computation = added(computations, accepted_at=datetime.now(UTC))

    claimed = computations.claim(computation.id, A_WHILE)
    second = computations.claim(computation.id, A_WHILE)

    assert claimed is not None
    assert second is None
    assert (claimed.status, claimed.attempt) == (Status.RUNNING, 1)
    assert claimed.started_at is not None
    assert claimed.started_at >= computation.accepted_at
    assert claimed.lease_until is not None
    assert claimed.lease_until > claimed.started_at
    assert computations.get(computation.id) == claimed


def test_a_lease_that_ran_out_is_taken_over(computations: Computations) -> None:
    computation = added(computations)
    computations.claim(computation.id, RAN_OUT)
    computations.report(computation.id, 1, 40, "half way")

    taken_over = computations.claim(computation.id, A_WHILE)

    assert taken_over is not None
    assert (taken_over.attempt, taken_over.percent, taken_over.message) == (2, 0, "")
    assert computations.renew(computation.id, 2, A_WHILE)


def test_who_was_taken_over_changes_nothing_any_more(computations: Computations) -> None:
    computation = added(computations)
    computations.claim(computation.id, RAN_OUT)
    taken_over = computations.claim(computation.id, A_WHILE)

    renewed = computations.renew(computation.id, 1, A_WHILE)
    computations.report(computation.id, 1, 99, "late")
    finished = computations.finish(computation.id, 1, an_ending())

    assert not renewed
    assert finished is None
    assert computations.get(computation.id) == taken_over


def test_a_lease_is_renewed_by_who_holds_it(computations: Computations) -> None:
    computation = added(computations)
    computations.claim(computation.id, RAN_OUT)

    assert computations.renew(computation.id, 1, A_WHILE)
    assert computations.claim(computation.id, A_WHILE) is None


def test_progress_is_recorded_while_it_runs(computations: Computations) -> None:
    computation = added(computations)
    computations.claim(computation.id, A_WHILE)

    computations.report(computation.id, 1, 40, "clustering")

    running = computations.get(computation.id)
    assert (running.percent, running.message) == (40, "clustering")


@pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.FAILED, Status.DISMISSED])
def test_the_end_is_written_whole(computations: Computations, status: Status) -> None:
    computation = added(computations)
    computations.claim(computation.id, A_WHILE)
    computations.report(computation.id, 1, 40, "clustering")
    running = computations.get(computation.id)

    finished = computations.finish(computation.id, 1, an_ending(status))

    assert finished is not None
    assert finished.ended_at is not None
    assert finished.ended_at >= computation.accepted_at
    assert finished == ended(running, an_ending(status), finished.ended_at)
    assert computations.get(computation.id) == finished


def test_what_has_ended_stays_as_it_ended(computations: Computations) -> None:
    computation = added(computations)
    computations.claim(computation.id, RAN_OUT)
    finished = computations.finish(computation.id, 1, an_ending())

    assert computations.claim(computation.id, A_WHILE) is None
    assert not computations.renew(computation.id, 1, A_WHILE)
    assert computations.finish(computation.id, 1, an_ending(Status.FAILED)) is None
    assert computations.ask_dismissal(computation.id, "ada") == finished
    assert computations.get(computation.id) == finished


def test_what_waits_is_ended_by_attempt_0_and_what_runs_is_not(computations: Computations) -> None:
    waiting, running = added(computations), added(computations)
    computations.claim(running.id, A_WHILE)
    ending = Ending(status=Status.DISMISSED, message="not wanted")

    dismissed = computations.finish(waiting.id, 0, ending)

    assert dismissed is not None
    assert (dismissed.status, dismissed.message) == (Status.DISMISSED, "not wanted")
    assert dismissed.started_at is None
    assert computations.finish(running.id, 0, ending) is None
    assert computations.claim(waiting.id, A_WHILE) is None


def test_the_first_who_asks_for_dismissal_is_noted(computations: Computations) -> None:
    computation = added(computations)
    computations.claim(computation.id, A_WHILE)

    first = computations.ask_dismissal(computation.id, "ada")
    second = computations.ask_dismissal(computation.id, "bob")

    assert (first.status, first.dismissal_asked_by) == (Status.RUNNING, "ada")
    assert second == first


# --- which is next ----------------------------------------------------------------------------


def test_what_waits_is_listed_oldest_first_by_target(computations: Computations) -> None:
    new = added(computations, accepted_at=NOW + timedelta(seconds=1))
    old = added(computations)
    added(computations, target=Target.CLOUD)
    running, ran_out, over = (added(computations, accepted_at=NOW - timedelta(seconds=age))
                              for age in (1, 2, 3))  # fmt: skip
    computations.claim(running.id, A_WHILE)
    computations.claim(ran_out.id, RAN_OUT)
    computations.finish(over.id, 0, an_ending(Status.DISMISSED))

    assert list(computations.waiting(Target.LOCAL)) == [ran_out.id, old.id, new.id]


def test_nothing_waits_at_first(computations: Computations) -> None:
    assert list(computations.waiting(Target.LOCAL)) == []
    assert computations.next_waiting(Target.LOCAL) is None


def test_the_oldest_is_next(computations: Computations) -> None:
    added(computations, accepted_at=NOW + timedelta(seconds=1))
    old = added(computations)
    added(computations, target=Target.CLOUD, accepted_at=NOW - timedelta(seconds=1))

    assert computations.next_waiting(Target.LOCAL) == old.id


def test_who_has_less_running_comes_first(computations: Computations) -> None:
    for age in range(3):
        added(computations, accepted_at=NOW - timedelta(seconds=age), user="ada")
    late = added(computations, accepted_at=NOW + timedelta(days=1), user="bob")
    for _ in range(2):
        first = computations.next_waiting(Target.LOCAL)
        assert first is not None
        computations.claim(first, A_WHILE)

    running = [c for c in computations.waiting(Target.LOCAL) if c != late.id]

    assert len(running) == 2
    assert computations.get(late.id).status is Status.RUNNING


def test_a_name_in_another_tenant_is_another_user(computations: Computations) -> None:
    running, waiting = (added(computations, tenant="bio") for _ in range(2))
    other = added(computations, tenant="geo", accepted_at=NOW + timedelta(days=1))
    computations.claim(running.id, A_WHILE)

    assert computations.next_waiting(Target.LOCAL) == other.id
    computations.claim(other.id, A_WHILE)
    assert computations.next_waiting(Target.LOCAL) == waiting.id


def test_those_that_run_are_counted(computations: Computations) -> None:
    for tenant, lease in (("bio", A_WHILE), ("bio", RAN_OUT), ("geo", A_WHILE)):
        computations.claim(added(computations, tenant=tenant).id, lease)
    added(computations)
    over = added(computations)
    computations.claim(over.id, A_WHILE)
    computations.finish(over.id, 1, an_ending())

    assert computations.count_running() == 2
    assert computations.count_running("bio") == 1
    assert computations.count_running("sea") == 0


# --- what they used ---------------------------------------------------------------------------


def succeeded(computations: Computations, seconds: float, **changes: object) -> Computation:
    """One that has used so much time, accepted that long after the first."""
    computation = added(computations, accepted_at=NOW + timedelta(seconds=seconds), **changes)
    computations.claim(computation.id, A_WHILE)
    ending = replace(an_ending(), usage=replace(USAGE, wall_seconds=seconds))
    assert computations.finish(computation.id, 1, ending) is not None
    return computation


def test_usages_are_those_of_the_newest_that_succeeded(computations: Computations) -> None:
    for seconds in (2, 1, 3):
        succeeded(computations, seconds, package=f"version {seconds}", user=f"user {seconds}")
    succeeded(computations, 4, tenant="geo")
    succeeded(computations, 5, method="WHISPER")
    removed = succeeded(computations, 6)
    computations.remove(removed.id, NOW)
    failed, unmeasured = (added(computations) for _ in range(2))
    for computation, ending in (
        (failed, an_ending(Status.FAILED)),
        (unmeasured, replace(an_ending(), usage=None)),
    ):
        computations.claim(computation.id, A_WHILE)
        computations.finish(computation.id, 1, ending)

    found = computations.usages("bio", "SHOUT")

    assert [(u.package, u.usage.wall_seconds) for u in found] == [
        ("version 3", 3), ("version 2", 2), ("version 1", 1),
    ]  # fmt: skip
    assert found[0].usage == replace(USAGE, wall_seconds=3)
    assert list(computations.usages("bio", "SHOUT", most=2)) == list(found[:2])
    assert list(computations.usages("sea", "SHOUT")) == []


# --- what it shows ----------------------------------------------------------------------------


def test_a_removed_computation_leaves_the_doors_and_stays_on_record(
    computations: Computations,
) -> None:
    computation = added(computations)
    computations.claim(computation.id, A_WHILE)
    computations.finish(computation.id, 1, an_ending())

    computations.remove(computation.id, NOW)
    computations.remove(computation.id, NOW + timedelta(days=1))

    with pytest.raises(UnknownComputation):
        computations.by_address(computation.address_key)
    assert computations.get(computation.id).removed_at == NOW


def test_what_has_not_ended_is_not_removed(computations: Computations) -> None:
    computation = added(computations)

    computations.remove(computation.id, NOW)

    assert computations.by_address(computation.address_key) == computation


def test_a_payload_is_held_until_it_is_marked_as_deleted_everywhere(
    computations: Computations,
) -> None:
    digests = ("d" * 64, "e" * 64, "f" * 64)
    given = Binding(identifier="table", value=a_payload(digests[0]))
    one, other = (added(computations, inputs=(given, given)) for _ in range(2))
    for computation in (one, other):
        computations.claim(computation.id, A_WHILE)
        computations.finish(computation.id, 1, an_ending())

    for digest in digests:
        computations.mark_deleted(digest, one.id, NOW)
        computations.mark_deleted(digest, one.id, NOW + timedelta(days=1))

    record = computations.get(one.id)
    values = [*record.inputs, *record.outputs]
    marks = [b.value.deleted_at for b in values if isinstance(b.value, Payload)]
    assert marks == [NOW, NOW, NOW]
    assert record.log is not None
    assert record.log.deleted_at == NOW
    assert all(computations.holds_payload(digest) for digest in digests)
    for digest in digests:
        computations.mark_deleted(digest, other.id, NOW)
    assert not any(computations.holds_payload(digest) for digest in digests)
