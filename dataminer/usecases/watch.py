"""Watch a computation: what happened to it, then what happens, until it has ended."""

from __future__ import annotations

import time
from collections.abc import Iterator

from dataminer.domain.computations import Computation
from dataminer.domain.events import Ended, Sight
from dataminer.ports import Ports

_GLANCE_SECONDS = 1.0  #: how often the record is read, should a hint be lost


def watch(ports: Ports, computation: Computation, after: str = "") -> Iterator[Sight]:
    """The record; events after this key, kept ones first; and at last the ended record.

    The record comes also when its status changes. None comes once all that is kept was given,
    and at least every second while nothing happens.
    """
    yield computation
    glance_at = time.monotonic() + _GLANCE_SECONDS
    for event in ports.events.follow(computation.id, after):
        ends = event is not None and isinstance(event.what, Ended)
        if ends or time.monotonic() >= glance_at:
            before, computation = computation, ports.computations.get(computation.id)
            glance_at = time.monotonic() + _GLANCE_SECONDS
            if computation.status is not before.status and not computation.status.has_ended:
                yield computation
        if computation.status.has_ended and (ends or event is None):
            yield computation
            return
        if not ends:
            yield event
