"""The database beneath the stores: processes at once, its shape, its faults."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError

from dataminer.adapters.database import engine as database_engine
from dataminer.adapters.database import statements, tables
from dataminer.adapters.database.catalogue import SqlCatalogue
from dataminer.adapters.database.computations import SqlComputations
from dataminer.adapters.database.engine import Database
from dataminer.adapters.database.migrations import upgrade
from dataminer.adapters.database.rows import binding_rows, computation_row
from dataminer.domain.computations import Status
from dataminer.domain.errors import DataMinerError, ServerBusy
from dataminer.domain.methods import Target
from tests.builders import NOW, PLACE, a_computation, a_method

PROCESSES = 4
UPDATES = 200  #: of each process


def at_once(work: Callable[..., Any], *arguments: object) -> list[Any]:
    """What each of several processes that start together returns."""
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        calls = [pool.apply_async(work, arguments) for _ in range(PROCESSES)]
        return [call.get() for call in calls]


def claim_many_times(url: str, computation_id: str) -> list[int]:
    computations = SqlComputations(Database(url))
    claims = [computations.claim(computation_id, -1) for _ in range(UPDATES)]
    return [claimed.attempt for claimed in claims if claimed]


def publish_many(url: str) -> int:
    catalogue = SqlCatalogue(Database(url))
    for number in range(UPDATES):
        catalogue.publish(a_method(identifier=f"M{os.getpid()}_{number}"))
    return len(catalogue.newest("bio"))


def claim_all(url: str) -> list[str]:
    computations = SqlComputations(Database(url))
    claimed = []
    while computation_id := computations.next_waiting(Target.LOCAL):
        if computations.claim(computation_id, 60):
            claimed.append(computation_id)
    return claimed


def upgrade_it(url: str) -> None:
    upgrade(Database(url))


def test_800_updates_by_several_processes_all_land(database: Database, database_url: str) -> None:
    computation = a_computation()
    SqlComputations(database).add(computation)

    attempts = at_once(claim_many_times, database_url, computation.id)

    assert sorted(chain.from_iterable(attempts)) == list(range(1, PROCESSES * UPDATES + 1))
    assert SqlComputations(database).get(computation.id).attempt == PROCESSES * UPDATES


def test_a_publication_by_one_process_is_seen_by_another(
    database: Database, database_url: str
) -> None:
    here = SqlCatalogue(database)
    assert list(here.newest("bio")) == []

    at_once(publish_many, database_url)

    assert len(here.newest("bio")) == PROCESSES * UPDATES
    assert here.generation() == PROCESSES * UPDATES


def test_nothing_is_claimed_by_two_processes(database: Database, database_url: str) -> None:
    added = [a_computation(user=f"user {n % 3}") for n in range(100)]
    for computation in added:
        SqlComputations(database).add(computation)

    claimed = chain.from_iterable(at_once(claim_all, database_url))

    assert sorted(claimed) == sorted(computation.id for computation in added)


def test_processes_that_start_at_once_make_one_database(database_url: str) -> None:
    at_once(upgrade_it, database_url)

    with closing(Database(database_url)) as database:
        assert SqlCatalogue(database).generation() == 0


def test_the_migrations_make_the_tables_that_are_used(database: Database) -> None:
    with database.writing() as connection:
        options = {"compare_server_default": True, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)

        assert compare_metadata(context, tables.metadata) == []


def test_a_database_of_the_first_shape_keeps_its_computations(database_url: str) -> None:
    computation = a_computation(status=Status.SUCCEEDED, ended_at=NOW, place=PLACE)
    row = {n: value for n, value in computation_row(computation).items() if n != "usage"}
    with closing(Database(database_url)) as database:
        upgrade(database, "0001")
        with database.writing() as connection:
            connection.execute(tables.computations.insert(), row)
            connection.execute(tables.bindings.insert(), binding_rows(computation))

        upgrade(database)
        upgrade(database)

        assert SqlComputations(database).get(computation.id) == computation


def test_the_database_is_in_the_mode_that_loses_nothing(database: Database) -> None:
    def modes(*, durable: bool) -> list[object]:
        with database.writing(durable=durable) as connection:
            names = ("journal_mode", "synchronous", "foreign_keys")
            return [connection.execute(text(f"PRAGMA {name}")).scalar() for name in names]

    full, normal = 2, 1
    assert modes(durable=True) == ["wal", full, 1]
    assert modes(durable=False) == ["wal", normal, 1]
    assert modes(durable=True) == ["wal", full, 1]


def test_a_transaction_that_fails_changes_nothing(database: Database) -> None:
    row = {"name": "bio", "title": ""}

    with pytest.raises(IntegrityError), database.writing() as connection:
        connection.execute(tables.tenants.insert(), [row, row])

    with database.reading() as connection:
        assert connection.execute(tables.tenants.select()).all() == []


def test_who_reads_sees_one_moment(database: Database) -> None:
    computations = SqlComputations(database)
    computation = a_computation()
    with database.reading() as connection:
        before = connection.execute(tables.computations.select()).all()
        computations.add(computation)
        after = connection.execute(tables.computations.select()).all()

    assert before == after == []
    assert computations.get(computation.id) == computation


def test_a_database_that_stays_locked_is_busy(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(database_engine._SQLITE["connect_args"], "timeout", 0.01)
    database = Database(database_url)
    upgrade(database)
    other = sqlite3.connect(tmp_path / "dataminer.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(ServerBusy):
        SqlComputations(database).add(a_computation())
    other.close()
    SqlComputations(database).add(a_computation())
    database.close()


def test_a_database_that_is_broken_says_so_in_our_words(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'missing' / 'dataminer.sqlite'}")

    with pytest.raises(DataMinerError, match="operator"):
        upgrade(database)


def test_a_database_is_not_taken_over_a_fork(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getpid", lambda: -1)

    with pytest.raises(RuntimeError, match="fork"):
        SqlCatalogue(database).generation()


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (statements.NEXT_WAITING, "ix_computations_open"),
        (statements.WAITING, "ix_computations_open"),
        (statements.COUNT_RUNNING, "ix_computations_open"),
        (statements.HOLDS, "ix_bindings_digest"),
        (statements.USAGES, "ix_computations_measured"),
        (statements.page(frozenset({"before"})), "ix_computations_tenant"),
        (statements.page(frozenset({"before", "user_name"})), "ix_computations_user"),
        (statements.page(frozenset({"before", "method"})), "ix_computations_method"),
        (statements.page(frozenset({"before", "status"})), "ix_computations_status"),
    ],
)
def test_what_is_asked_often_has_an_index(database: Database, statement: Any, index: str) -> None:
    compiled = statement.compile(dialect=sqlite.dialect())
    values = dict.fromkeys(compiled.params, 1) | {"of_tenant": "bio"}

    with database.reading() as connection:
        plan = connection.exec_driver_sql(
            f"EXPLAIN QUERY PLAN {compiled}",
            tuple(compiled.construct_params(values)[name] for name in compiled.positiontup),
        ).all()

    steps = [str(row[-1]) for row in plan]
    assert any(index in step for step in steps), steps
    assert not any(step.startswith("SCAN computations") and "INDEX" not in step for step in steps)
