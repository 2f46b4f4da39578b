"""The records of computations in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping
from sqlalchemy.exc import IntegrityError

from dataminer.adapters.database import statements as sql
from dataminer.adapters.database.codec import decode
from dataminer.adapters.database.engine import Database
from dataminer.adapters.database.moments import SECOND, to_number
from dataminer.adapters.database.rows import (
    binding_rows,
    computation_row,
    computations_from,
    ending_columns,
    ending_rows,
)
from dataminer.domain.computations import Computation, Ending, Status, Usage
from dataminer.domain.errors import Conflict, UnknownComputation
from dataminer.domain.methods import Target
from dataminer.ports import ComputationQuery, PackageUsage, Page

_MOST_DIGITS = 18  #: of a moment in a key


class SqlComputations:
    """The port Computations in SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, computation: Computation) -> None:
        """Record a new computation; durable when this returns.

        Raises: Conflict: the id or the address is taken.
        """
        values = binding_rows(computation)
        try:
            with self._database.writing() as connection:
                connection.execute(sql.ADD, computation_row(computation))
                _add_values(connection, values)
        except IntegrityError as error:
            raise Conflict(f"There is already a computation '{computation.id}'.") from error

    def get(self, computation_id: str) -> Computation:
        """Raises: UnknownComputation."""
        with self._database.reading() as connection:
            row = connection.execute(sql.GET, {"of_id": computation_id}).mappings().first()
            return _one(connection, row)

    def by_address(self, address_key: str) -> Computation:
        """Raises: UnknownComputation: also when it was removed."""
        with self._database.reading() as connection:
            row = connection.execute(sql.BY_ADDRESS, {"key": address_key}).mappings().first()
            return _one(connection, row)

    def page(self, query: ComputationQuery) -> Page[Computation]:
        """The matching computations, newest first."""
        with self._database.reading() as connection:
            found = connection.execute(*_page(query)).mappings().all()
            rows = _with_values(connection, found[: query.page_size])
        return Page(rows=rows, next_key=_key(rows[-1]) if len(found) > query.page_size else None)

    def waiting(self, target: Target) -> Sequence[str]:
        """Ids of all that are accepted for this target or whose lease ran out, oldest first."""
        with self._database.reading() as connection:
            return connection.execute(sql.WAITING, {"of_target": target.value}).scalars().all()

    def next_waiting(self, target: Target) -> str | None:
        """The id to run next: the oldest of the user with the fewest running, then the oldest."""
        with self._database.reading() as connection:
            return connection.execute(sql.NEXT_WAITING, {"of_target": target.value}).scalar()

    def claim(self, computation_id: str, lease_seconds: float) -> Computation | None:
        """Running, with attempt + 1 and a fresh lease; None: somebody else has it, or it ended.

        A power failure may undo it, which ends whoever claimed it too.
        """
        key = {"of_id": computation_id, "lease": round(lease_seconds * SECOND)}
        with self._database.writing(durable=False) as connection:
            row = connection.execute(sql.CLAIM, key).mappings().first()
            return None if row is None else _one(connection, row)

    def renew(self, computation_id: str, attempt: int, lease_seconds: float) -> bool:
        """Whether this attempt still holds the computation; if so its lease is fresh again."""
        key = {**_holder(computation_id, attempt), "lease": round(lease_seconds * SECOND)}
        with self._database.writing(durable=False) as connection:
            return connection.execute(sql.RENEW, key).rowcount > 0

    def report(self, computation_id: str, attempt: int, percent: int, message: str) -> None:
        """Record progress of this attempt; without effect when it no longer holds it."""
        news = {"new_percent": percent, "new_message": message}
        with self._database.writing(durable=False) as connection:
            connection.execute(sql.REPORT, _holder(computation_id, attempt) | news)

    def finish(self, computation_id: str, attempt: int, ending: Ending) -> Computation | None:
        """The ended record; None: this attempt no longer holds it, and nothing changed."""
        key = _holder(computation_id, attempt) | ending_columns(ending)
        values = ending_rows(computation_id, ending.outputs, ending.log)
        with self._database.writing() as connection:
            row = connection.execute(sql.FINISH, key).mappings().first()
            if row is None:
                return None
            _add_values(connection, values)
            return _one(connection, row)

    def ask_dismissal(self, computation_id: str, user: str) -> Computation:
        """Note on a computation that has not ended that it shall stop; the first asker counts.

        Raises: UnknownComputation.
        """
        key = {"of_id": computation_id}
        with self._database.writing() as connection:
            connection.execute(sql.ASK_DISMISSAL, {**key, "asked_by": user})
            return _one(connection, connection.execute(sql.GET, key).mappings().first())

    def remove(self, computation_id: str, at: datetime) -> None:
        """Take an ended computation out of the doors; without effect before it has ended.

        Raises: UnknownComputation.
        """
        self._change(sql.REMOVE, {"of_id": computation_id, "at": at})

    def mark_deleted(self, digest: str, computation_id: str, at: datetime) -> None:
        """Note on the values with this content that their bytes were deleted.

        Raises: UnknownComputation.
        """
        self._change(sql.MARK_DELETED, {"of_id": computation_id, "of_digest": digest, "at": at})

    def count_running(self, tenant: str | None = None) -> int:
        """How many run now: those with a lease that has not run out."""
        with self._database.reading() as connection:
            return connection.execute(sql.COUNT_RUNNING, {"of_tenant": tenant}).scalar_one()

    def usages(self, tenant: str, method: str, most: int = 200) -> Sequence[PackageUsage]:
        """What the newest that succeeded and were measured have used, of all users."""
        key = {"of_tenant": tenant, "of_method": method, "most": most}
        with self._database.reading() as connection:
            rows = connection.execute(sql.USAGES, key).all()
        return [PackageUsage(package=row[0], usage=decode(Usage, row[1])) for row in rows]

    def holds_payload(self, digest: str) -> bool:
        """Whether a computation still shows this content (input, output or log, not deleted)."""
        with self._database.reading() as connection:
            return bool(connection.execute(sql.HOLDS, {"of_digest": digest}).scalar())

    # Any: a statement's columns are known to itself alone.
    def _change(self, statement: Any, key: dict[str, object]) -> None:
        with self._database.writing() as connection:
            if connection.execute(sql.GET, {"of_id": key["of_id"]}).first() is None:
                raise UnknownComputation
            connection.execute(statement, key)


def _holder(computation_id: str, attempt: int) -> dict[str, object]:
    """Who holds it: an attempt that runs, or with 0 nobody yet."""
    status = Status.RUNNING if attempt else Status.ACCEPTED
    return {"of_id": computation_id, "of_attempt": attempt, "of_status": status.value}


def _add_values(connection: Connection, values: Sequence[dict[str, object]]) -> None:
    if values:
        connection.execute(sql.ADD_VALUES, values)


def _one(connection: Connection, row: RowMapping | None) -> Computation:
    if row is None:
        raise UnknownComputation
    return _with_values(connection, [row])[0]


def _with_values(connection: Connection, rows: Sequence[RowMapping]) -> tuple[Computation, ...]:
    values = connection.execute(sql.VALUES, {"ids": [row["id"] for row in rows]})
    return computations_from(rows, values.mappings())


def _page(query: ComputationQuery) -> tuple[Any, dict[str, object]]:
    """The statement for a page and what to fill in."""
    filters = {"user_name": query.user, "status": query.status, "method": query.method}
    key: dict[str, object] = {"tenant": query.tenant, "rows": query.page_size + 1}
    key |= {name: str(value) for name, value in filters.items() if value is not None}
    if query.after is not None:
        moment, _, computation_id = query.after.partition(" ")
        number = int(moment) if moment.isdecimal() and len(moment) <= _MOST_DIGITS else 0
        key |= {"before": number, "before_id": computation_id}
    return sql.page(frozenset(key)), key


def _key(computation: Computation) -> str:
    return f"{to_number(computation.accepted_at)} {computation.id}"
