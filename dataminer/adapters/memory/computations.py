"""The records of computations in memory."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Lock

from dataminer.domain.computations import Computation, Ending, Status, ended
from dataminer.domain.errors import Conflict, UnknownComputation
from dataminer.domain.methods import Target
from dataminer.domain.values import Binding, Payload
from dataminer.ports import ComputationQuery, PackageUsage, Page

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MOST_DIGITS = 18  #: of a moment in a key


def _now() -> datetime:
    return datetime.now(UTC)


class MemoryComputations:
    """The port Computations, kept in dictionaries."""

    def __init__(self, clock: Callable[[], datetime] = _now) -> None:
        self._clock = clock
        self._lock = Lock()
        self._records: dict[str, Computation] = {}
        self._addresses: dict[str, str] = {}
        self._open: dict[str, None] = {}  #: ids of what has not ended; an ordered set

    def add(self, computation: Computation) -> None:
        """Record a new computation. Raises: Conflict: the id or the address is taken."""
        with self._lock:
            if computation.id in self._records or computation.address_key in self._addresses:
                raise Conflict(f"There is already a computation '{computation.id}'.")
            self._addresses[computation.address_key] = computation.id
            self._keep(computation)

    def get(self, computation_id: str) -> Computation:
        """Raises: UnknownComputation."""
        try:
            return self._records[computation_id]
        except KeyError:
            raise UnknownComputation from None

    def by_address(self, address_key: str) -> Computation:
        """Raises: UnknownComputation: also when it was removed."""
        computation = self._records.get(self._addresses.get(address_key, ""))
        if computation is None or computation.removed_at:
            raise UnknownComputation
        return computation

    def page(self, query: ComputationQuery) -> Page[Computation]:
        """The matching computations, newest first."""
        with self._lock:
            matching = [c for c in self._records.values() if _matches(c, query)]
        found = heapq.nlargest(query.page_size + 1, matching, key=_age)
        rows = tuple(found[: query.page_size])
        more = len(found) > query.page_size
        return Page(rows=rows, next_key=_key(rows[-1]) if more else None)

    def waiting(self, target: Target) -> Sequence[str]:
        """Ids of all that are accepted for this target or whose lease ran out, oldest first."""
        with self._lock:
            return [c.id for c in sorted(self._claimable(target), key=_age)]

    def next_waiting(self, target: Target) -> str | None:
        """The id to run next: the oldest of the user with the fewest running, then the oldest."""
        with self._lock:
            running = Counter((c.tenant, c.user) for c in self._running() if c.target is target)
            chosen = min(
                self._claimable(target),
                key=lambda c: (running[c.tenant, c.user], _age(c)),
                default=None,
            )
        return chosen.id if chosen else None

    def claim(self, computation_id: str, lease_seconds: float) -> Computation | None:
        """Running, with attempt + 1 and a fresh lease; None: somebody else has it, or it ended."""
        with self._lock:
            computation = self._records.get(computation_id)
            if computation is None or not self._is_claimable(computation):
                return None
            now = self._clock()
            return self._keep(
                replace(
                    computation,
                    status=Status.RUNNING,
                    attempt=computation.attempt + 1,
                    started_at=now,
                    lease_until=now + timedelta(seconds=lease_seconds),
                    percent=0,
                    message="",
                )
            )

    def renew(self, computation_id: str, attempt: int, lease_seconds: float) -> bool:
        """Whether this attempt still holds the computation; if so its lease is fresh again."""
        with self._lock:
            computation = self._held(computation_id, attempt)
            if computation is None:
                return False
            until = self._clock() + timedelta(seconds=lease_seconds)
            self._keep(replace(computation, lease_until=until))
            return True

    def report(self, computation_id: str, attempt: int, percent: int, message: str) -> None:
        """Record progress of this attempt; without effect when it no longer holds it."""
        with self._lock:
            computation = self._held(computation_id, attempt)
            if computation is not None:
                self._keep(replace(computation, percent=percent, message=message))

    def finish(self, computation_id: str, attempt: int, ending: Ending) -> Computation | None:
        """The ended record; None: this attempt no longer holds it, and nothing changed."""
        with self._lock:
            computation = self._held(computation_id, attempt)
            if computation is None:
                return None
            return self._keep(ended(computation, ending, self._clock()))

    def ask_dismissal(self, computation_id: str, user: str) -> Computation:
        """Note on a computation that has not ended that it shall stop; the first asker counts.

        Raises: UnknownComputation.
        """
        with self._lock:
            computation = self.get(computation_id)
            if computation.status.has_ended or computation.dismissal_asked_by:
                return computation
            return self._keep(replace(computation, dismissal_asked_by=user))

    def remove(self, computation_id: str, at: datetime) -> None:
        """Take an ended computation out of the doors; without effect before it has ended.

        Raises: UnknownComputation.
        """
        with self._lock:
            computation = self.get(computation_id)
            if computation.status.has_ended and computation.removed_at is None:
                self._keep(replace(computation, removed_at=at))

    def mark_deleted(self, digest: str, computation_id: str, at: datetime) -> None:
        """Note on the values with this content that their bytes were deleted.

        Raises: UnknownComputation.
        """
        with self._lock:
            computation = self.get(computation_id)
            self._keep(
                replace(
                    computation,
                    inputs=_without_bytes(computation.inputs, digest, at),
                    outputs=_without_bytes(computation.outputs, digest, at),
                    log=computation.log and _deleted(computation.log, digest, at),
                )
            )

    def count_running(self, tenant: str | None = None) -> int:
        """How many run now: those with a lease that has not run out."""
        with self._lock:
            return sum(1 for c in self._running() if tenant in (None, c.tenant))

    def usages(self, tenant: str, method: str, most: int = 200) -> Sequence[PackageUsage]:
        """What the newest that succeeded and were measured have used, of all users."""
        like = ComputationQuery(tenant=tenant, method=method, status=Status.SUCCEEDED)
        with self._lock:
            matching = [c for c in self._records.values() if c.usage and _matches(c, like)]
        newest = heapq.nlargest(most, matching, key=_age)
        return [PackageUsage(package=c.package, usage=c.usage) for c in newest if c.usage]

    def holds_payload(self, digest: str) -> bool:
        """Whether a computation still shows this content (input, output or log, not deleted)."""
        with self._lock:
            return any(
                payload.digest == digest and payload.deleted_at is None
                for computation in self._records.values()
                for payload in _payloads(computation)
            )

    def _keep(self, computation: Computation) -> Computation:
        self._records[computation.id] = computation
        if computation.status.has_ended:
            self._open.pop(computation.id, None)
        else:
            self._open[computation.id] = None
        return computation

    def _held(self, computation_id: str, attempt: int) -> Computation | None:
        """The computation, if this attempt holds it; attempt 0 holds what nobody has claimed."""
        computation = self._records.get(computation_id)
        status = Status.RUNNING if attempt else Status.ACCEPTED
        if computation and computation.status is status and computation.attempt == attempt:
            return computation
        return None

    def _lease_ran_out(self, computation: Computation) -> bool:
        return computation.lease_until is not None and computation.lease_until < self._clock()

    def _is_claimable(self, computation: Computation) -> bool:
        if computation.status is Status.RUNNING:
            return self._lease_ran_out(computation)
        return computation.status is Status.ACCEPTED

    def _claimable(self, target: Target) -> Iterator[Computation]:
        candidates = (self._records[computation_id] for computation_id in self._open)
        return (c for c in candidates if c.target is target and self._is_claimable(c))

    def _running(self) -> Iterator[Computation]:
        candidates = (self._records[computation_id] for computation_id in self._open)
        return (c for c in candidates if c.status is Status.RUNNING and not self._lease_ran_out(c))


def _age(computation: Computation) -> tuple[int, str]:
    """Sorts by age; ids break ties."""
    return (computation.accepted_at - _EPOCH) // _MICROSECOND, computation.id


def _key(computation: Computation) -> str:
    return "{} {}".format(*_age(computation))


def _is_older(computation: Computation, key: str) -> bool:
    """Whether the computation follows the one with this key; nothing follows one made up."""
    moment, _, computation_id = key.partition(" ")
    number = int(moment) if moment.isdecimal() and len(moment) <= _MOST_DIGITS else 0
    return _age(computation) < (number, computation_id)


def _matches(computation: Computation, query: ComputationQuery) -> bool:
    return (
        computation.tenant == query.tenant
        and computation.removed_at is None
        and query.user in (None, computation.user)
        and query.status in (None, computation.status)
        and query.method in (None, computation.method)
        and (query.after is None or _is_older(computation, query.after))
    )


def _payloads(computation: Computation) -> Iterator[Payload]:
    for binding in computation.inputs + computation.outputs:
        if isinstance(binding.value, Payload):
            yield binding.value
    if computation.log:
        yield computation.log


def _without_bytes(bindings: tuple[Binding, ...], digest: str, at: datetime) -> tuple[Binding, ...]:
    return tuple(
        replace(binding, value=_deleted(binding.value, digest, at))
        if isinstance(binding.value, Payload)
        else binding
        for binding in bindings
    )


def _deleted(payload: Payload, digest: str, at: datetime) -> Payload:
    if payload.digest != digest or payload.deleted_at:
        return payload
    return replace(payload, deleted_at=at)
