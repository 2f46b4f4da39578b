"""Lists of computations, page by page."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dataminer.domain.computations import Ending, Status
from dataminer.ports import ComputationQuery, Computations
from tests.builders import NOW, a_computation


def ids(computations: Computations, query: ComputationQuery) -> list[str]:
    return [computation.id for computation in computations.page(query).rows]


def test_the_newest_come_first_with_their_values(computations: Computations) -> None:
    added = [a_computation(accepted_at=NOW + timedelta(seconds=age)) for age in (1, 3, 2)]
    for computation in added:
        computations.add(computation)

    page = computations.page(ComputationQuery(tenant="bio"))

    assert page.rows == (added[1], added[2], added[0])
    assert page.next_key is None


def test_pages_follow_one_another_while_computations_come(computations: Computations) -> None:
    added = [a_computation(accepted_at=NOW + timedelta(seconds=n // 3)) for n in range(10)]
    for computation in added:
        computations.add(computation)
    found: list[str] = []
    query = ComputationQuery(tenant="bio", page_size=3)

    while True:
        page = computations.page(query)
        found += [computation.id for computation in page.rows]
        computations.add(a_computation(accepted_at=NOW + timedelta(days=1)))
        if page.next_key is None:
            break
        query = ComputationQuery(tenant="bio", page_size=3, after=page.next_key)

    in_order = sorted(added, key=lambda c: (c.accepted_at, c.id), reverse=True)
    assert found == [computation.id for computation in in_order]


@pytest.mark.parametrize("key", ["", "nonsense", "-1 x", "99 \x00", "9" * 40, "²  x"])
def test_a_key_that_was_made_up_leads_to_nothing(computations: Computations, key: str) -> None:
    computations.add(a_computation())

    page = computations.page(ComputationQuery(tenant="bio", after=key))

    assert page.rows == ()
    assert page.next_key is None


def test_no_tenant_sees_the_computations_of_another(computations: Computations) -> None:
    ours, theirs = a_computation(tenant="bio"), a_computation(tenant="geo")
    for computation in (ours, theirs):
        computations.add(computation)

    assert ids(computations, ComputationQuery(tenant="bio")) == [ours.id]
    assert ids(computations, ComputationQuery(tenant="sea")) == []


def test_filters_narrow_the_list(computations: Computations) -> None:
    mine = a_computation(user="ada", method="SHOUT")
    hers = a_computation(user="bob", method="SHOUT")
    other = a_computation(user="ada", method="ECHO")
    for computation in (mine, hers, other):
        computations.add(computation)
    computations.claim(other.id, 60)

    def found(**filters: object) -> set[str]:
        query = ComputationQuery(tenant="bio", **filters)  # type: ignore[arg-type]
        return set(ids(computations, query))

    assert found(user="ada") == {mine.id, other.id}
    assert found(method="SHOUT") == {mine.id, hers.id}
    assert found(status=Status.RUNNING) == {other.id}
    assert found(user="ada", method="SHOUT", status=Status.ACCEPTED) == {mine.id}
    assert found(user="eve") == set()


def test_removed_computations_are_left_out(computations: Computations) -> None:
    computation = a_computation()
    computations.add(computation)
    computations.finish(computation.id, 0, Ending(status=Status.DISMISSED))

    computations.remove(computation.id, NOW)

    assert ids(computations, ComputationQuery(tenant="bio")) == []
