"""What becomes of a computation whose node died."""

from __future__ import annotations

from dataminer.domain.computations import Computation, Ending, Status
from dataminer.domain.errors import UnknownMethod
from dataminer.ports import Ports

MOST_ATTEMPTS = 3  #: a computation whose node died so often is given up


def last_word(ports: Ports, computation: Computation, died: int) -> Ending | None:
    """How a computation ends after so many nodes died with it; None: it may be run again."""
    if died == 0:
        return None
    if user := computation.dismissal_asked_by:
        return Ending(status=Status.DISMISSED, message=f"Dismissed by {user}.")
    if died >= MOST_ATTEMPTS or not _is_repeatable(ports, computation):
        message = f"The node that ran it died (attempt {died})."
        return Ending(status=Status.FAILED, message=message)
    return None


def _is_repeatable(ports: Ports, computation: Computation) -> bool:
    try:
        method = ports.catalogue.by_digest(computation.tenant, computation.package)
    except UnknownMethod:
        return False
    return method.manifest.repeatable
