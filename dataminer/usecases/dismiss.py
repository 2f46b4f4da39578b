"""Stop a computation, or take an ended one out of the doors."""

from __future__ import annotations

from dataminer.domain.computations import Computation, Ending, Status
from dataminer.domain.tenants import Caller
from dataminer.ports import Ports
from dataminer.usecases.inspect import find_computation


def dismiss(ports: Ports, caller: Caller, computation_id: str) -> Computation:
    """The record afterwards.

    What waits is dismissed at once; what runs is told to stop and ends within a second as
    dismissed; what has ended is removed from the doors, its record stays.

    Raises:
        UnknownComputation: also when it is somebody else's.
    """
    computation = find_computation(ports, caller, computation_id)
    if computation.status.has_ended:
        ports.computations.remove(computation.id, ports.clock())
        return computation
    return _dismiss_waiting(ports, caller, computation) or ports.computations.ask_dismissal(
        computation.id, caller.user
    )


def _dismiss_waiting(ports: Ports, caller: Caller, computation: Computation) -> Computation | None:
    ending = Ending(
        status=Status.DISMISSED, message=f"Dismissed by {caller.user} before it started."
    )
    dismissed = ports.computations.finish(computation.id, 0, ending)
    if dismissed:
        ports.events.ended(computation.id)
    return dismissed
