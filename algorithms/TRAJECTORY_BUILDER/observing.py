"""Reading observations from a table."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

SHOWN = 5  # how many bad rows a message names


class Fix(NamedTuple):
    """Where somebody was at a time (seconds since 1970, UTC)."""

    time: float
    longitude: float
    latitude: float


def read(table: Path, columns: tuple[str, ...], skip_bad_rows: bool) -> dict[str, list[Fix]]:
    """Each user's fixes in order of time; of those at the same time only the first row's.

    The columns are those of user, time, longitude and latitude.
    """
    by_user: defaultdict[str, list[Fix]] = defaultdict(list)
    bad: list[str] = []
    with table.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.DictReader(stream, restval="", skipinitialspace=True)
        known = rows.fieldnames or ()
        if missing := [name for name in columns if name not in known]:
            raise ValueError(f"no column {', '.join(missing)}; the table has {', '.join(known)}")
        for row in rows:
            try:
                user, fix = _observation(*(row[name].strip() for name in columns))
            except ValueError as error:
                bad.append(f"line {rows.line_num}: {error}")
            else:
                by_user[user].append(fix)
    _report(bad, skip_bad_rows)
    return {user: _in_order(fixes) for user, fixes in by_user.items()}


def _observation(user: str, time: str, longitude: str, latitude: str) -> tuple[str, Fix]:
    if not user:
        raise ValueError("the user is missing")
    place = _degrees("longitude", longitude, 180), _degrees("latitude", latitude, 90)
    return user, Fix(_seconds(time), *place)


def _degrees(name: str, text: str, limit: float) -> float:
    """An angle from -limit to limit."""
    try:
        angle = float(text)
    except ValueError:
        raise ValueError(f"{name} '{text}' is not a number") from None
    if not -limit <= angle <= limit:
        raise ValueError(f"{name} {text} is not within ±{limit}")
    return angle


def _seconds(text: str) -> float:
    """A number of seconds since 1970, or a time in ISO 8601, in UTC unless it says otherwise."""
    for parse in (_moment, datetime.fromisoformat):
        try:
            moment = parse(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError, OSError):
            continue
    raise ValueError(f"time '{text}' is neither ISO 8601 nor in seconds since 1970")


def _moment(seconds: str) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)


def _report(bad: list[str], skip: bool) -> None:
    """Say which rows are bad, and end here unless they are to be skipped."""
    if bad:
        more = f"; and {len(bad) - SHOWN} more" if len(bad) > SHOWN else ""
        message = f"bad rows: {'; '.join(bad[:SHOWN])}{more}"
        if not skip:
            raise ValueError(message)
        print(f"skipped {message}")


def _in_order(fixes: Iterable[Fix]) -> list[Fix]:
    """The fixes by time, one at each time."""
    first: dict[float, Fix] = {}
    for fix in fixes:
        first.setdefault(fix.time, fix)
    return [first[time] for time in sorted(first)]
