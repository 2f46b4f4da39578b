"""What the use cases ask of the world.

Each port has an adapter in memory and at least one real one; one contract suite tests them all.
Every method of a store is one transaction. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Generic, Protocol, TypeVar

from dataminer.domain.addresses import Addresses
from dataminer.domain.computations import Computation, Ending, Place, Status, Usage
from dataminer.domain.errors import DataMinerError
from dataminer.domain.events import Event
from dataminer.domain.methods import Manifest, Method, Package, Runtime, Target
from dataminer.domain.orders import OfferedReference
from dataminer.domain.recipes import Recipe
from dataminer.domain.tenants import Tenant, Token, User
from dataminer.domain.values import Binding, Payload
from dataminer.domain.workspaces import Item

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Row]):
    """A part of a list."""

    rows: tuple[Row, ...]
    next_key: str | None = None  #: give it back to get the rows that follow; None: no more


# --- stores ---------------------------------------------------------------------------------


class Accounts(Protocol):
    """Tenants, users and their tokens."""

    def add_tenant(self, tenant: Tenant) -> None:
        """Raises: Conflict: the name is taken."""

    def tenants(self) -> Sequence[Tenant]:
        """All of them, by name."""

    def add_user(self, user: User) -> None:
        """Raises: UnknownCaller: no such tenant. Conflict: the name is taken there."""

    def users(self, tenant: str) -> Sequence[User]:
        """The tenant's users, by name."""

    def user(self, tenant: str, name: str) -> User:
        """Raises: UnknownCaller."""

    def add_token(self, token: Token) -> None:
        """Raises: UnknownCaller: no such user."""

    def tokens(self, tenant: str, user: str) -> Sequence[Token]:
        """The user's tokens, oldest first."""

    def remove_token(self, tenant: str, user: str, token_id: str) -> None:
        """Raises: UnknownCaller: no such token."""

    def owner_of(self, token_digest: str) -> User | None:
        """Whose token has this SHA-256, or None."""


class Catalogue(Protocol):
    """Published methods, every version."""

    def publish(self, method: Method) -> Method:
        """The method as recorded; the same package again, by the same tenant, changes nothing.

        Raises: Conflict: the identifier belongs to another tenant or to everybody.
        """

    def newest(self, tenant: str) -> Sequence[Method]:
        """The newest version, not withdrawn, of each method that the tenant may use, by name."""

    def versions(self, tenant: str, identifier: str) -> Sequence[Method]:
        """All versions, withdrawn ones too, newest first; empty: unknown to the tenant."""

    def by_digest(self, tenant: str, digest: str) -> Method:
        """A version by its package, withdrawn or not. Raises: UnknownMethod."""

    def withdraw(self, tenant: str | None, identifier: str, digest: str, at: datetime) -> None:
        """Hide a version. Raises: UnknownMethod."""

    def holds_payload(self, digest: str) -> bool:
        """Whether a package has this content as a file or as its lock."""

    def generation(self) -> int:
        """A number that grows with each change, from any process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputationQuery:
    """Which computations to list, newest first; removed ones are left out."""

    tenant: str
    user: str | None = None  #: None: of everybody in the tenant
    status: Status | None = None
    method: str | None = None
    page_size: int = 50  #: 1 to 1,000
    after: str | None = None  #: the next_key of the page before


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageUsage:
    """What one computation has used, and which version it was of."""

    package: str  #: digest
    usage: Usage


class Computations(Protocol):
    """The records of computations. The store's own clock counts for leases."""

    def add(self, computation: Computation) -> None:
        """Record a new computation; durable when this returns."""

    def get(self, computation_id: str) -> Computation:
        """Raises: UnknownComputation."""

    def by_address(self, address_key: str) -> Computation:
        """Raises: UnknownComputation: also when it was removed."""

    def page(self, query: ComputationQuery) -> Page[Computation]:
        """The matching computations, newest first."""

    def waiting(self, target: Target) -> Sequence[str]:
        """Ids of all that are accepted for this target or whose lease ran out, oldest first."""

    def next_waiting(self, target: Target) -> str | None:
        """The id to run next: the oldest of the user with the fewest running, then the oldest."""

    def claim(self, computation_id: str, lease_seconds: float) -> Computation | None:
        """Running, with attempt + 1 and a fresh lease; None: somebody else has it, or it ended.

        Claimable: accepted, or running with a lease that ran out.
        """

    def renew(self, computation_id: str, attempt: int, lease_seconds: float) -> bool:
        """Whether this attempt still holds the computation; if so its lease is fresh again."""

    def report(self, computation_id: str, attempt: int, percent: int, message: str) -> None:
        """Record progress of this attempt; without effect when it no longer holds it."""

    def finish(self, computation_id: str, attempt: int, ending: Ending) -> Computation | None:
        """The ended record; None: this attempt no longer holds it, and nothing changed.

        Attempt 0 ends a computation that nobody has claimed.
        """

    def ask_dismissal(self, computation_id: str, user: str) -> Computation:
        """Note on a running computation that it shall stop. Raises: UnknownComputation."""

    def remove(self, computation_id: str, at: datetime) -> None:
        """Take an ended computation out of the doors; the record stays."""

    def mark_deleted(self, digest: str, computation_id: str, at: datetime) -> None:
        """Note on the values with this content that their bytes were deleted."""

    def count_running(self, tenant: str | None = None) -> int:
        """How many run now."""

    def usages(self, tenant: str, method: str, most: int = 200) -> Sequence[PackageUsage]:
        """What the newest measured successes of all users have used, newest first; none removed."""

    def holds_payload(self, digest: str) -> bool:
        """Whether a computation still shows this content (input, output or log, not deleted)."""


class Workspace(Protocol):
    """The tree of items; a tenant's users each have their own root."""

    def put(self, item: Item) -> None:
        """Add or replace the item at its path."""

    def get(self, tenant: str, owner: str, path: str) -> Item:
        """Raises: UnknownItem."""

    def list(self, tenant: str, owner: str, folder: str, page_size: int, after: str | None
             ) -> Page[Item]:  # fmt: skip
        """Items at any depth below the folder, by path."""

    def remove(self, tenant: str, owner: str, path: str) -> Item:
        """The removed item. Raises: UnknownItem."""

    def holds_payload(self, digest: str) -> bool:
        """Whether any item has this content."""


class Blobs(Protocol):
    """Payloads by SHA-256."""

    def put(self, stream: BinaryIO, limit_bytes: int | None = None) -> tuple[str, int]:
        """Digest and size of what was stored, durable when this returns; memory stays flat.

        Raises: OverflowError: more than limit_bytes; nothing is left behind.
        """

    def open(self, digest: str) -> BinaryIO:
        """Raises: UnknownItem."""

    def exists(self, digest: str) -> bool:
        """Whether the bytes are here."""

    def copy_to(self, digest: str, path: Path) -> None:
        """Write the bytes to a new file that shares nothing with the store.

        Raises: UnknownItem.
        """

    def delete(self, digest: str) -> None:
        """Remove the bytes; without effect when they are not here."""


# --- running --------------------------------------------------------------------------------


class Dispatcher(Protocol):
    """Tells whoever can run a computation that it waits. A hint: the record is the truth."""

    def dispatch(self, computation_id: str) -> None:
        """Returns at once; a hint that cannot be sent is sent again by the reconciler."""

    def epoch(self) -> str:
        """Changes when what was dispatched before may have been lost."""


class Events(Protocol):
    """What happens to computations, on its way to watchers. Hints: the record is the truth."""

    def progressed(self, computation_id: str, percent: int, message: str) -> None:
        """Tell watchers."""

    def logged(self, computation_id: str, line: str) -> None:
        """Tell watchers about a line of the log."""

    def ended(self, computation_id: str) -> None:
        """Tell watchers; they read the record."""

    def wait_for_end(self, computation_id: str, seconds: float) -> bool:
        """Whether a hint of the end came within this time, or lately before."""

    def log(self, computation_id: str, after: int = 0) -> Sequence[str]:
        """Lines logged so far from this number on; kept at least while it runs."""

    def follow(self, computation_id: str, after: str = "") -> Iterator[Event | None]:
        """What happened after the event of this key, then what happens, without end.

        Lines come in their order and before the end; an unknown key stands for the beginning.
        None comes whenever all was given, and at least every second while nothing happens.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of running a script."""

    outputs: tuple[Binding, ...]
    log: Payload
    place: Place
    exit_code: int | None  #: None: it never started, or was ended by a signal
    failure: DataMinerError | None = None  #: None: it succeeded
    usage: Usage | None = None  #: None: no script was begun, or it was not measured


class Watcher(Protocol):
    """Whom the runner tells what happens, and whom it asks whether to go on."""

    def progressed(self, percent: int, message: str) -> None:
        """The script said how far it is."""

    def logged(self, line: str) -> None:
        """The script printed a line."""

    def must_stop(self) -> bool:
        """Asked several times a second: whether the script must be ended now."""


class Runner(Protocol):
    """Stages, launches, watches and collects: the only way a script is run."""

    def run(self, computation: Computation, package: Package, watcher: Watcher) -> Outcome:
        """Blocks until the script has ended and its outputs are in the blob store.

        Never raises for what the script did: that is the outcome's failure. When told to stop
        the failure is ComputationFailed. Nothing of the script is left running.
        """


class Nodes(Protocol):
    """Which nodes live and what they can run."""

    def offered(self) -> frozenset[tuple[Target, Runtime]]:
        """Every target and runtime for which a node has lately said that it lives."""


# --- reading and writing ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What lies at an address."""

    digest: str
    size_bytes: int
    media_type: str  #: as the answer says, without parameters; may be empty
    name: str  #: last part of the path; may be empty


class Fetcher(Protocol):
    """Gets the content of references, with every guard."""

    def fetch(self, identifier: str, reference: OfferedReference, limit_bytes: int) -> Fetched:
        """Raises: ReferenceFailed, InputTooLarge: about the input of this identifier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What was understood of a script: a package that could be published."""

    manifest: Manifest
    files: tuple[tuple[str, Path], ...]  #: path in the package, where it lies now
    lock: Path | None = None  #: a lock that came with it; None: to be made
    notes: tuple[str, ...] = field(default=())  #: guesses, for the author to check


class ScriptReader(Protocol):
    """Understands scripts without executing them."""

    def read(self, path: Path) -> Draft:
        """Raises: ScriptRejected: with everything that is missing or contradictory."""


class Locker(Protocol):
    """Pins a method's dependencies."""

    def lock(self, manifest: Manifest) -> bytes:
        """The lock's text. Raises: ScriptRejected: they cannot be resolved."""


class ProvenanceWriter(Protocol):
    """Turns records into PROV documents."""

    def write(self, computation: Computation, method: Method, media_type: str) -> bytes:
        """One document. Raises: NotFound: no such format."""


class RecipeReader(Protocol):
    """Turns PROV documents back into recipes."""

    def read(self, document: bytes) -> Recipe:
        """Raises: InvalidDocument."""


class Clock(Protocol):
    """What time it is."""

    def __call__(self) -> datetime:
        """Aware UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What every process of the engine has."""

    accounts: Accounts
    catalogue: Catalogue
    computations: Computations
    workspace: Workspace
    blobs: Blobs
    events: Events
    dispatchers: Mapping[Target, Dispatcher]
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorPorts(Ports):
    """What the processes that talk to callers have besides."""

    nodes: Nodes
    fetcher: Fetcher
    scripts: ScriptReader
    locker: Locker
    provenance: ProvenanceWriter
    recipes: RecipeReader
    addresses: Addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePorts(Ports):
    """What the processes that run scripts have besides."""

    runner: Runner
    node: str  #: this node's name
