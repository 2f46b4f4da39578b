"""Connections and transactions."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from threading import Lock
from typing import Any

from sqlalchemy import Connection, QueuePool, create_engine, event
from sqlalchemy.exc import OperationalError

from dataminer.domain.errors import DataMinerError, ServerBusy

BUSY_SECONDS = 30  #: how long a transaction waits for another process's
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_SQLITE: dict[str, Any] = {  # Any: as create_engine takes them
    "poolclass": QueuePool,
    "connect_args": {
        "isolation_level": None,  # we say BEGIN ourselves
        "check_same_thread": False,
        "timeout": BUSY_SECONDS,
        "cached_statements": 256,
    },
}


class Database:
    """A database as one process sees it; any number of its threads may use it.

    It must be made after the fork: SQLite's locks do not survive one.
    """

    def __init__(self, url: str) -> None:
        """Opens nothing yet; `url` as SQLAlchemy writes it."""
        is_sqlite = url.startswith("sqlite")
        self._engine = create_engine(
            url,
            max_overflow=-1,  # there are as many connections as threads ask for
            pool_use_lifo=True,
            **(_SQLITE if is_sqlite else {}),
        )
        if is_sqlite:
            event.listen(self._engine, "connect", _set_up)
            event.listen(self._engine, "begin", _begin)
        reading = {} if is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._reader = self._engine.execution_options(**reading)
        self._writer = self._engine.execution_options(writing=True, synchronous="FULL")
        self._hinter = self._engine.execution_options(writing=True, synchronous="NORMAL")
        # In turn: SQLite lets one write at a time, and who is refused sleeps up to 0.1 s.
        self._turn = Lock() if is_sqlite else nullcontext()
        self._process = os.getpid()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one moment and changes nothing."""
        self._check_process()
        with _faults(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[Connection]:
        """A transaction that is committed at the end and undone by an exception.

        What is not durable may be undone by a power failure, though not by the end of a process.
        """
        self._check_process()
        engine = self._writer if durable else self._hinter
        with self._turn, _faults(), engine.begin() as connection:
            yield connection

    def number(self, statement: str) -> int:
        """The one number that a statement reads, as cheaply as the driver can."""
        self._check_process()
        with _faults(), closing(self._engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute(statement)
            (number,) = cursor.fetchall()[0]
            return int(number)

    def close(self) -> None:
        """Close what is open; using it again opens it again."""
        self._engine.dispose()

    def _check_process(self) -> None:
        if os.getpid() != self._process:
            raise RuntimeError("this database was made before a fork; make it in the child")


def _set_up(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys=ON")
    deadline = time.monotonic() + BUSY_SECONDS
    while True:  # changing the mode does not wait for its turn as other statements do
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _begin(connection: Connection) -> None:
    """BEGIN IMMEDIATE for who writes: a lock that is only asked for later may lose an update."""
    options = connection.get_execution_options()
    driver = connection.connection.cursor()
    if options.get("writing"):
        driver.execute(f"PRAGMA synchronous={options['synchronous']}")
        driver.execute("BEGIN IMMEDIATE")
    else:
        driver.execute("BEGIN")


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except (OperationalError, sqlite3.OperationalError) as error:
        cause = error.orig if isinstance(error, OperationalError) else error
        if getattr(cause, "sqlite_errorcode", 0) & 0xFF in _BUSY:
            raise ServerBusy("The database is busy; try again later.") from error
        raise DataMinerError(
            f"The database failed ({cause}); the operator must look at its disk."
        ) from error
