"""Wait for a computation as a synchronous client does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from dataminer.domain.computations import Computation
from dataminer.domain.errors import ServerBusy, WaitExceeded
from dataminer.domain.tenants import Caller
from dataminer.ports import Ports
from dataminer.usecases.dismiss import dismiss

_GLANCE_SECONDS = 1.0  #: how often the record is read, should a hint be lost


@contextmanager
def place(places: BoundedSemaphore) -> Iterator[None]:
    """A place to wait in, held while the context lasts. Raises: ServerBusy: none is free."""
    if not places.acquire(blocking=False):
        raise ServerBusy
    try:
        yield
    finally:
        places.release()


def wait_for_end(
    ports: Ports,
    caller: Caller,
    computation: Computation,
    seconds: float,
    hung_up: Callable[[], bool] | None = None,
) -> Computation:
    """The ended computation; when the time is over or the client hung up it is dismissed.

    Raises:
        WaitExceeded: it took longer.
    """
    deadline = time.monotonic() + seconds
    while not computation.status.has_ended:
        left = deadline - time.monotonic()
        if left <= 0 or (hung_up is not None and hung_up()):
            dismiss(ports, caller, computation.id)
            raise WaitExceeded(
                f"{computation.id} took longer than the {seconds:g} s that a synchronous request "
                "may wait and was dismissed; ask asynchronously."
            )
        ports.events.wait_for_end(computation.id, min(left, _GLANCE_SECONDS))
        computation = ports.computations.get(computation.id)
    return computation
