"""Every port in memory and for real."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dataminer.adapters.blobs import DiskBlobs
from dataminer.adapters.database.accounts import SqlAccounts
from dataminer.adapters.database.catalogue import SqlCatalogue
from dataminer.adapters.database.computations import SqlComputations
from dataminer.adapters.database.engine import Database
from dataminer.adapters.database.migrations import upgrade
from dataminer.adapters.database.workspace import SqlWorkspace
from dataminer.adapters.memory import (
    MemoryAccounts,
    MemoryBlobs,
    MemoryCatalogue,
    MemoryComputations,
    MemoryWorkspace,
)
from dataminer.ports import Accounts, Blobs, Catalogue, Computations, Workspace

KINDS = ("memory", "sql")


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'dataminer.sqlite'}"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    upgrade(database)
    yield database
    database.close()


@pytest.fixture(params=KINDS)
def accounts(request: pytest.FixtureRequest) -> Accounts:
    return _made(request, MemoryAccounts, SqlAccounts)


@pytest.fixture(params=KINDS)
def catalogue(request: pytest.FixtureRequest) -> Catalogue:
    return _made(request, MemoryCatalogue, SqlCatalogue)


@pytest.fixture(params=KINDS)
def computations(request: pytest.FixtureRequest) -> Computations:
    return _made(request, MemoryComputations, SqlComputations)


@pytest.fixture(params=KINDS)
def workspace(request: pytest.FixtureRequest) -> Workspace:
    return _made(request, MemoryWorkspace, SqlWorkspace)


@pytest.fixture(params=["memory", "disk"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return MemoryBlobs() if request.param == "memory" else DiskBlobs(tmp_path / "blobs")


def _made(
    request: pytest.FixtureRequest, in_memory: Callable[[], Any], in_sql: Callable[..., Any]
) -> Any:
    if request.param == "memory":
        return in_memory()
    return in_sql(request.getfixturevalue("database"))
