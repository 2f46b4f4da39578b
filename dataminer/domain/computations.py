"""A computation: one execution of a method, and the states it goes through."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from dataminer.domain.methods import Target
from dataminer.domain.recipes import Verdict
from dataminer.domain.tenants import Caller, Role
from dataminer.domain.values import Binding, Payload, Value


class Status(StrEnum):
    """The five states of WPS 2.0. Source: OGC 14-065, table 3."""

    ACCEPTED = "accepted"  #: recorded, waits for a slot
    RUNNING = "running"  #: somebody holds its lease
    SUCCEEDED = "succeeded"  #: all outputs are there
    FAILED = "failed"  #: ended without outputs; the message says why
    DISMISSED = "dismissed"  #: ended because somebody asked for it

    @property
    def has_ended(self) -> bool:
        """Whether the state is final."""
        return self not in (Status.ACCEPTED, Status.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where and by what a computation ran."""

    node: str  #: the worker's name, host included
    engine: str  #: version of the engine
    platform: str  #: operating system and machine
    interpreter: str = ""  #: e.g. 'Python 3.11.7'
    environment: str = ""  #: digest of the environment; empty: none


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a script used, all of its processes together."""

    wall_seconds: float  #: from its start to its end; staging and collecting are not part of it
    cpu_seconds: float  #: processor time, of all cores
    peak_memory_bytes: int  #: the most that was resident at once
    read_bytes: int  #: by system calls, from files, pipes and caches alike; its libraries too
    written_bytes: int  #: by system calls, what it printed too


@dataclass(frozen=True, slots=True, kw_only=True)
class Computation:
    """The record of one execution of a method."""

    id: str  #: `<METHOD>_ID_<uuid>`
    method: str  #: identifier
    version: str  #: the label of the version
    package: str  #: digest of the package
    target: Target
    user: str
    tenant: str
    inputs: tuple[Binding, ...]
    accepted_at: datetime
    address_key: str  #: heads the unguessable addresses of status and outputs
    outputs: tuple[Binding, ...] = ()
    status: Status = Status.ACCEPTED
    percent: int = 0  #: 0 to 100
    message: str = ""  #: the last progress message, or why it failed
    started_at: datetime | None = None
    ended_at: datetime | None = None
    attempt: int = 0  #: how often a node has taken it
    lease_until: datetime | None = None  #: whoever runs it must renew before
    place: Place | None = None
    log: Payload | None = None
    exit_code: int | None = None
    usage: Usage | None = None  #: None: it has not ended, or no script was begun
    repeats: str | None = None  #: id of the computation that this one repeats
    verdict: Verdict | None = None  #: of a repetition that has ended
    dismissal_asked_by: str | None = None  #: user
    response: str = ""  #: what the door needs to answer later; opaque to the engine
    removed_at: datetime | None = None  #: when it was taken out of the doors

    def belongs_to(self, caller: Caller) -> bool:
        """Whether the caller may see and end it."""
        if caller.tenant != self.tenant:
            return False
        return caller.user == self.user or caller.may(Role.OPERATOR)

    def output(self, identifier: str) -> Value | None:
        """The value of an output, or None."""
        return next((b.value for b in self.outputs if b.identifier == identifier), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a computation ended."""

    status: Status
    message: str = ""
    outputs: tuple[Binding, ...] = ()
    log: Payload | None = None
    exit_code: int | None = None
    place: Place | None = None
    usage: Usage | None = None
    verdict: Verdict | None = None


def new_computation_id(method: str) -> str:
    """A fresh id in the form of the original engine."""
    return f"{method}_ID_{uuid.uuid4()}"


def new_address_key() -> str:
    """256 random bits for an address."""
    return secrets.token_urlsafe(32)


def ended(computation: Computation, ending: Ending, at: datetime) -> Computation:
    """The computation in its final state."""
    return replace(
        computation,
        status=ending.status,
        message=ending.message,
        outputs=ending.outputs,
        log=ending.log,
        exit_code=ending.exit_code,
        place=ending.place or computation.place,
        usage=ending.usage,
        verdict=ending.verdict,
        percent=100 if ending.status is Status.SUCCEEDED else computation.percent,
        ended_at=at,
        lease_until=None,
    )
