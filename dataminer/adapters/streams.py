"""What lies in Redis of each computation: its log as one stream, all else as another."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from redis import Redis

from dataminer.domain.events import Ended, Event, Logged, Progressed

LINES_KEPT = 10_000  #: of each computation's log, while it runs
LINE_CHARACTERS = 1_000  #: the rest of a longer line is cut off
GONE = "…"  #: stands for each line that is no longer kept
ENDED = "dataminer:ended"  #: a channel; the message is the computation's id

_RUNNING_SECONDS = 7 * 24 * 3600  # a stream to which nothing was added for so long expires
_ENDED_SECONDS = 600  # after the end the log lies with the outputs
_MOST = 500  # events of each stream that are read at a time

#: Of an event: the places in the log and in the other stream up to which all was given.
_KEY = re.compile(r"(\d{1,19}-\d{1,19})\.(\d{1,19}-\d{1,19})")
_BEGINNING = ("0-0", "0-0")


def add(pipe: Redis, computation_id: str, what: Progressed | Logged | Ended) -> None:
    """Add to the computation's streams; the end also goes to the channel."""
    log, rest = _log_key(computation_id), _rest_key(computation_id)
    match what:
        case Logged(line=line):
            pipe.xadd(log, {"line": line[:LINE_CHARACTERS]}, maxlen=LINES_KEPT)
            pipe.expire(log, _RUNNING_SECONDS)
        case Progressed(percent=percent, message=message):
            told = {"percent": percent, "message": message[:LINE_CHARACTERS]}
            pipe.xadd(rest, told, maxlen=LINES_KEPT)  # type: ignore[arg-type] # dict is invariant
            pipe.expire(rest, _RUNNING_SECONDS)
        case Ended():
            pipe.publish(ENDED, computation_id)
            pipe.xadd(rest, {"ended": ""}, maxlen=LINES_KEPT)
            pipe.expire(log, _ENDED_SECONDS)
            pipe.expire(rest, _ENDED_SECONDS)


def read_log(client: Redis, computation_id: str, after: int) -> Sequence[str]:
    """Lines from this number on. Raises: RedisError: also when nothing was logged."""
    key = _log_key(computation_id)
    about: Any = client.xinfo_stream(key)  # Any: redis-py's types fit all of its settings
    wanted = about["entries-added"] - after
    if wanted <= 0:
        return ()
    entries: Any = client.xrevrange(key, max=about["last-generated-id"], count=wanted)
    lines = [fields["line"] for _, fields in reversed(entries)]
    return [GONE] * (wanted - len(lines)) + lines


def read_events(client: Redis, computation_id: str, after: str, seconds: float) -> Sequence[Event]:
    """Some of what follows the event of this key; waits for it at most this long.

    Lines come before the rest, so that nothing follows the end. Raises: RedisError.
    """
    known = _KEY.fullmatch(after)
    logged, told = known.groups() if known else _BEGINNING
    places: Any = {_log_key(computation_id): logged, _rest_key(computation_id): told}
    block = round(seconds * 1000) or None  # to Redis 0 means for ever
    found: Any = client.xread(places, count=_MOST, block=block)
    lines, rest = (dict(found or ()).get(name, ()) for name in places)
    if len(lines) == _MOST:  # more of them may have been there before the rest
        rest = ()
    events = []
    for logged, fields in lines:
        events.append(Event(key=f"{logged}.{told}", what=Logged(line=fields["line"])))
    for told, fields in rest:
        events.append(Event(key=f"{logged}.{told}", what=_what(fields)))
    return events


def _what(fields: Mapping[str, str]) -> Progressed | Ended:
    if "ended" in fields:
        return Ended()
    return Progressed(percent=int(fields["percent"]), message=fields["message"])


def _log_key(computation_id: str) -> str:
    return f"dataminer:log:{computation_id}"


def _rest_key(computation_id: str) -> str:
    return f"dataminer:progress:{computation_id}"
