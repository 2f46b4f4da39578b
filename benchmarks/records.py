"""What lists and status answers cost among few and among many records.

`python -m benchmarks.records` makes 1,000 and 1,000,000 computations in SQLite (about two minutes).
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table
from sqlalchemy import insert

from dataminer.adapters.database.computations import SqlComputations
from dataminer.adapters.database.engine import Database
from dataminer.adapters.database.migrations import upgrade
from dataminer.adapters.database.rows import binding_rows, computation_row
from dataminer.adapters.database.tables import bindings, computations
from dataminer.domain.computations import Computation, Status, new_address_key
from dataminer.domain.methods import Target
from dataminer.domain.values import Binding, Literal
from dataminer.ports import ComputationQuery

SIZES = (1_000, 1_000_000)
USERS = 100
CALLS = 200
_BATCH = 10_000
_START = datetime(2026, 1, 1, tzinfo=UTC)
_PATTERN = Computation(
    id="",
    method="echo",
    version="1",
    package="0" * 64,
    target=Target.LOCAL,
    user="",
    tenant="demo",
    inputs=(Binding(identifier="literalInput", value=Literal(text="x")),),
    outputs=(Binding(identifier="literalOutput", value=Literal(text="x")),),
    accepted_at=_START,
    started_at=_START,
    ended_at=_START,
    address_key="",
    status=Status.SUCCEEDED,
    attempt=1,
)


def fill(folder: Path, size: int) -> tuple[SqlComputations, list[Computation]]:
    """A store with so many ended computations, and some of them."""
    database = Database(f"sqlite:///{folder / f'{size}.sqlite'}")
    upgrade(database)
    some: list[Computation] = []
    numbers_left = iter(range(size))
    while numbers := list(islice(numbers_left, _BATCH)):
        records = [_record(number) for number in numbers]
        some += records[:: max(1, _BATCH // 10)]
        with database.writing() as connection:
            connection.execute(insert(computations), [computation_row(r) for r in records])
            rows = [row for record in records for row in binding_rows(record)]
            connection.execute(insert(bindings), rows)
    return SqlComputations(database), some


def _record(number: int) -> Computation:
    return replace(
        _PATTERN,
        id=f"echo_ID_{number:08}",
        user=f"user{number % USERS}",
        accepted_at=_START + timedelta(seconds=number),
        address_key=new_address_key(),
    )


def cost_ms(ask: Callable[[Computation], object], some: list[Computation]) -> float:
    """Median of single calls."""
    costs = []
    for number in range(CALLS):
        record = some[number * 7919 % len(some)]
        started = time.perf_counter()
        ask(record)
        costs.append(time.perf_counter() - started)
    return median(costs) * 1000


def measure(store: SqlComputations, some: list[Computation]) -> dict[str, float]:
    """Milliseconds of each question."""
    middle = store.page(ComputationQuery(tenant="demo", page_size=50)).next_key
    return {
        "status by address": cost_ms(lambda c: store.by_address(c.address_key), some),
        "first page of 50": cost_ms(
            lambda _: store.page(ComputationQuery(tenant="demo", page_size=50)), some
        ),
        "first page of 50 of a user": cost_ms(
            lambda c: store.page(ComputationQuery(tenant="demo", user=c.user, page_size=50)), some
        ),
        "a later page of 50": cost_ms(
            lambda _: store.page(ComputationQuery(tenant="demo", page_size=50, after=middle)), some
        ),
        "what waits": cost_ms(lambda _: store.next_waiting(Target.LOCAL), some),
    }


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        columns = {size: measure(*fill(Path(folder), size)) for size in SIZES}
    table = Table("ms, median", *(f"{size:,} records" for size in SIZES), "difference")
    for name in columns[SIZES[0]]:
        few, many = (columns[size][name] for size in SIZES)
        table.add_row(name, f"{few:.2f}", f"{many:.2f}", f"{many - few:+.2f}")
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
