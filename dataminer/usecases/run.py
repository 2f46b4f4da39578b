"""Run a computation that was accepted: claim it, keep its lease, write its end."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from threading import Event, Thread

from dataminer.domain.computations import Computation, Ending, Status
from dataminer.domain.errors import DataMinerError, NodeDied
from dataminer.domain.recipes import Sameness, Verdict, compare
from dataminer.ports import NodePorts, Outcome
from dataminer.usecases.abandon import last_word

LEASE_SECONDS = 30.0
HEARTBEAT_SECONDS = 10.0
_GLANCE_SECONDS = 0.5  #: how often the record is read for a wish to dismiss it

_log = logging.getLogger(__name__)


def run(ports: NodePorts, computation_id: str, stopping: Event) -> None:
    """Run the computation to its end, unless somebody else has it.

    Once `stopping` is set nothing is begun, and what runs is stopped and given back.
    """
    if stopping.is_set():
        return
    computation = ports.computations.claim(computation_id, LEASE_SECONDS)
    if computation is None:
        return
    facts = {"computation": computation.id, "method": computation.method,
             "tenant": computation.tenant}  # fmt: skip
    _log.info("computation started", extra=facts)
    died = last_word(ports, computation, died=computation.attempt - 1)
    ending = died or _ending(ports, computation, stopping)
    if ending is None:
        ports.computations.renew(computation.id, computation.attempt, 0)
        _log.info("computation was given back", extra=facts)
        return
    if ports.computations.finish(computation.id, computation.attempt, ending) is None:
        _log.warning("computation was taken over while it ran", extra=facts)
        return
    ports.events.ended(computation.id)
    _log.info("computation ended", extra={**facts, "status": ending.status})


def _ending(ports: NodePorts, computation: Computation, stopping: Event) -> Ending | None:
    """How it ended; None: through no fault of its own, and it may be run again."""
    lease = _Lease(ports=ports, computation=computation, stopping=stopping)
    try:
        package = ports.catalogue.by_digest(computation.tenant, computation.package).package
        lease.start()
        outcome = ports.runner.run(computation, package, lease)
        given_back = isinstance(outcome.failure, NodeDied) or (
            outcome.failure and stopping.is_set()
        )
        if given_back and lease.dismissed_by is None:
            return None
        return _judged(ports, computation, outcome, dismissed_by=lease.dismissed_by)
    except DataMinerError as error:
        return Ending(status=Status.FAILED, message=str(error))
    except Exception:  # whatever breaks here, the computation must end
        _log.exception("the runner broke", extra={"computation": computation.id})
        message = "The engine failed while it ran this; the operator finds the cause in the log."
        return Ending(status=Status.FAILED, message=message)
    finally:
        lease.stop()


def _judged(
    ports: NodePorts, computation: Computation, outcome: Outcome, *, dismissed_by: str | None
) -> Ending:
    status, message = Status.SUCCEEDED, ""
    if dismissed_by is not None:
        status, message = Status.DISMISSED, f"Dismissed by {dismissed_by}."
    elif outcome.failure is not None:
        status, message = Status.FAILED, str(outcome.failure)
    return Ending(
        status=status,
        message=message,
        outputs=outcome.outputs if status is Status.SUCCEEDED else (),
        log=outcome.log,
        exit_code=outcome.exit_code,
        place=outcome.place,
        usage=outcome.usage,
        verdict=_verdict(ports, computation, outcome, status),
    )


def _verdict(
    ports: NodePorts, computation: Computation, outcome: Outcome, status: Status
) -> Verdict | None:
    if computation.repeats is None:
        return None
    if status is not Status.SUCCEEDED:
        reason = f"the repetition {status}: {outcome.failure or 'it was dismissed'}"
        return Verdict(sameness=Sameness.CANNOT_REPEAT, reasons=(reason,))
    original = ports.computations.get(computation.repeats)
    return compare(original.outputs, outcome.outputs)


@dataclass(slots=True, kw_only=True)
class _Lease:
    """Keeps a computation's lease alive beside its script, and is the runner's Watcher."""

    ports: NodePorts
    computation: Computation
    stopping: Event
    dismissed_by: str | None = None
    _lost: Event = field(default_factory=Event)
    _done: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def start(self) -> None:
        self._thread = Thread(target=self._keep, name="lease", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        if self._thread:
            self._thread.join()

    def progressed(self, percent: int, message: str) -> None:
        computation = self.computation
        self.ports.computations.report(computation.id, computation.attempt, percent, message)
        self.ports.events.progressed(computation.id, percent, message)

    def logged(self, line: str) -> None:
        self.ports.events.logged(self.computation.id, line)

    def must_stop(self) -> bool:
        return self.dismissed_by is not None or self._lost.is_set() or self.stopping.is_set()

    def _keep(self) -> None:
        """Renew the lease in time; between, look whether somebody wants the computation gone."""
        renew_at = time.monotonic() + HEARTBEAT_SECONDS
        while not self._done.wait(_GLANCE_SECONDS) and not self.must_stop():
            try:
                self.dismissed_by = self._record().dismissal_asked_by
                if time.monotonic() >= renew_at:
                    self._renew()
                    renew_at = time.monotonic() + HEARTBEAT_SECONDS
            except Exception:  # a store that does not answer now may answer at the next glance
                _log.exception("the lease could not be kept", extra=self._facts())

    def _renew(self) -> None:
        computation = self.computation
        if not self.ports.computations.renew(computation.id, computation.attempt, LEASE_SECONDS):
            self._lost.set()

    def _record(self) -> Computation:
        return self.ports.computations.get(self.computation.id)

    def _facts(self) -> dict[str, str]:
        return {"computation": self.computation.id}
