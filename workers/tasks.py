"""The few short tasks of the cloud's queue. What they do is done by the engine."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Protocol

from celery import Celery
from celery.exceptions import Reject

from dataminer.adapters.celery_dispatcher import RUN


class Node(Protocol):
    """What the worker asks of the engine."""

    def run(self, computation_id: str) -> None:
        """Run it to its end, unless somebody else has it."""

    def give_back(self) -> None:
        """Stop all that runs here and let others have it, at once; `run` returns soon after."""


def add_tasks(app: Celery, node: Node, stopping: Event, lost: Callable[[], None]) -> None:
    """Let the application run computations on this node until it is stopping.

    `lost` is told when a message led to nothing, so that another is sent if it is still needed.
    """

    @app.task(name=RUN)  # type: ignore[untyped-decorator]  # Celery has no types
    def run(computation_id: str) -> None:
        """Return when the computation has ended, or somebody else has it."""
        try:
            if not stopping.is_set():
                node.run(computation_id)
        except Exception:
            lost()
            raise  # Celery logs it
        if stopping.is_set():  # it may have been given back; a message too many does no harm
            raise Reject(f"this worker ends; {computation_id} waits for another", requeue=True)
