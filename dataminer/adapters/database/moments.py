"""Time in the database: whole microseconds since 1970, so that any database compares it right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000  #: in the unit of the columns


def to_number(moment: datetime) -> int:
    """Microseconds since 1970 of an aware time."""
    return (moment - _EPOCH) // _MICROSECOND


def to_moment(number: int) -> datetime:
    """The aware UTC time of a number of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=number)


class Moment(TypeDecorator[datetime]):
    """A column of aware UTC times."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """What the database keeps."""
        del dialect
        return None if value is None else to_number(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """What the domain knows."""
        del dialect
        return None if value is None else to_moment(value)


class now(FunctionElement[int]):  # noqa: N801 - reads as the SQL function that it is
    """The database's own clock, in the unit of the columns."""

    type = BigInteger()
    inherit_cache = True
    name = "now"


# Any: the compiler's arguments have no public types.
@compiles(now, "sqlite")
def _in_sqlite(_element: now, _compiler: Any, **_options: Any) -> str:
    """To the millisecond: SQLite's clock knows no more."""
    return "(CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000)"


@compiles(now, "postgresql")
def _in_postgresql(_element: now, _compiler: Any, **_options: Any) -> str:
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"
