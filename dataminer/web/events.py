"""`/api/computations/ID/events`: what happens to a computation, as server-sent events.

A watcher holds a thread, so that few may stay. Who finds no place gets all that is known by now
and the wish to come back soon; with the key of the last event nothing is lost or doubled. A
refusal would not do: the EventSource of browsers gives up at any status but 200.

Source: WHATWG HTML, 9.2 Server-sent events.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import asdict
from itertools import islice

from flask import Blueprint, Response, request

from dataminer.connections import hung_up_of
from dataminer.domain.computations import Computation
from dataminer.domain.errors import ServerBusy
from dataminer.domain.events import Event, Logged, Progressed, Sight
from dataminer.web.records import Json, computation_row
from dataminer.web.session import caller, engine

blueprint = Blueprint("events", __name__, url_prefix="/api/computations")

HEARTBEAT_SECONDS = 15.0  #: longest silence
_RETURN_SECONDS = 1  # when a client asks again after its connection broke
_POLL_SECONDS = 2  # when a client asks again that found no place

_MOST_IN_PASSING = 10_000  # who prints without end holds no thread so

_AFTER_THE_END = "end"  # key of the last event: who knows it has seen all
_NAMES = {Logged: "log", Progressed: "progress"}
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@blueprint.get("/<computation_id>/events")
def show_events(computation_id: str) -> Response:
    """Status, progress and log as they come, after the event that `Last-Event-ID` names."""
    after = request.headers.get("Last-Event-ID", "")
    sights = engine().watch(caller(), computation_id, after)
    if after == _AFTER_THE_END:
        return Response(status=204)  # an EventSource then asks no more
    with ExitStack() as places:
        leaves = _at_once
        with suppress(ServerBusy):
            places.enter_context(engine().watch_place())
            leaves = hung_up_of(request.environ) or _never
        texts = _texts(sights, leaves)
        response = Response(texts, mimetype="text/event-stream", headers=_HEADERS)
        response.call_on_close(places.pop_all().close)
    return response


def _at_once() -> bool:
    return True


def _never() -> bool:
    return False


def _texts(sights: Iterator[Sight], leaves: Callable[[], bool]) -> Iterator[str]:
    """Until the end, or until the watcher leaves, which it may when nothing new is to be told."""
    passes_by = leaves is _at_once
    yield f"retry: {_POLL_SECONDS if passes_by else _RETURN_SECONDS}000\n\n"
    spoke_at = time.monotonic()
    for number, sight in enumerate(islice(sights, _MOST_IN_PASSING if passes_by else None)):
        if sight is not None:
            yield _message(sight, first=number == 0)
            spoke_at = time.monotonic()
        elif leaves():
            return
        elif time.monotonic() - spoke_at >= HEARTBEAT_SECONDS:
            yield ": still here\n\n"
            spoke_at = time.monotonic()


def _message(sight: Computation | Event, *, first: bool) -> str:
    if isinstance(sight, Event):
        return _text(_NAMES[type(sight.what)], asdict(sight.what), key=sight.key)
    row = computation_row(sight)
    if sight.status.has_ended and not first:
        return _text("ended", row, key=_AFTER_THE_END)
    return _text("status", row)


def _text(name: str, data: Json, key: str = "") -> str:
    """In one line of JSON, which holds no line end."""
    head = f"id: {key}\n" if key else ""
    return f"{head}event: {name}\ndata: {json.dumps(data)}\n\n"
