"""The use cases with their ports filled in. Every door talks to this and to nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from threading import BoundedSemaphore, Event
from typing import BinaryIO

from dataminer.domain.computations import Computation
from dataminer.domain.events import Sight
from dataminer.domain.methods import Method, Package, Runtime, Target
from dataminer.domain.orders import Order
from dataminer.domain.tenants import Caller, Tenant, Token, User
from dataminer.domain.values import Payload
from dataminer.domain.workspaces import Item
from dataminer.ports import (
    ComputationQuery,
    DoorPorts,
    Draft,
    NodePorts,
    Outcome,
    Page,
    Runner,
    Watcher,
)
from dataminer.usecases import admit, inspect, publish, share, wait
from dataminer.usecases.dismiss import dismiss
from dataminer.usecases.estimate import Estimate, estimate
from dataminer.usecases.execute import execute
from dataminer.usecases.recover import Reconciler, is_over
from dataminer.usecases.resubmit import resubmit, resubmit_document
from dataminer.usecases.run import run
from dataminer.usecases.trial import try_example
from dataminer.usecases.watch import watch


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineLimits:
    """What one caller may ask of the engine."""

    input_bytes: int = 2_000_000_000  #: of a single input or item
    sync_seconds: float = 300  #: longest wait of a synchronous request
    sync_places: int = 8  #: synchronous requests that may wait at a time in this process
    watch_places: int = 4  #: watchers that may hold a thread of this process


@dataclass(frozen=True, slots=True)
class Engine:
    """What doors can ask. All errors are DataMinerErrors; the use cases say which."""

    ports: DoorPorts
    limits: EngineLimits = field(default_factory=EngineLimits)
    _places: BoundedSemaphore = field(init=False, repr=False)
    _watch_places: BoundedSemaphore = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_places", BoundedSemaphore(self.limits.sync_places))
        object.__setattr__(self, "_watch_places", BoundedSemaphore(self.limits.watch_places))

    # --- callers ---

    def authenticate(self, token: str) -> Caller:
        """The caller whose token this is. Raises: NotAuthenticated."""
        return admit.authenticate(self.ports, token)

    def caller(self, tenant: str, user: str) -> Caller:
        """The caller that a known user is. Raises: UnknownCaller."""
        return admit.caller_of(self.ports.accounts.user(tenant, user))

    def add_tenant(self, tenant: Tenant) -> None:
        """Record a tenant. Raises: Conflict."""
        admit.add_tenant(self.ports, tenant)

    def tenants(self) -> Sequence[Tenant]:
        """All tenants, by name."""
        return self.ports.accounts.tenants()

    def add_user(self, user: User) -> None:
        """Record a user. Raises: UnknownCaller, Conflict."""
        admit.add_user(self.ports, user)

    def users(self, tenant: str) -> Sequence[User]:
        """The tenant's users, by name."""
        return self.ports.accounts.users(tenant)

    def make_token(self, tenant: str, user: str, label: str = "") -> str:
        """A new personal token; it cannot be shown again. Raises: UnknownCaller."""
        return admit.make_token(self.ports, tenant, user, label)

    def tokens(self, tenant: str, user: str) -> Sequence[Token]:
        """The user's tokens, without the secrets."""
        return self.ports.accounts.tokens(tenant, user)

    def revoke_token(self, tenant: str, user: str, token_id: str) -> None:
        """Make a token worthless. Raises: UnknownCaller."""
        self.ports.accounts.remove_token(tenant, user, token_id)

    # --- methods ---

    def methods(self, caller: Caller) -> Sequence[Method]:
        """The newest version of each method that the caller may use, by identifier."""
        return self.ports.catalogue.newest(caller.tenant)

    def method(self, caller: Caller, reference: str) -> Method:
        """By `identifier`, `identifier@label` or `identifier@digest`. Raises: UnknownMethod."""
        return inspect.find_method(self.ports, caller, reference)

    def estimate(self, caller: Caller, reference: str) -> Estimate:
        """Time and memory that a computation is likely to use. Raises: UnknownMethod."""
        return estimate(self.ports, caller, self.method(caller, reference))

    def versions(self, caller: Caller, identifier: str) -> Sequence[Method]:
        """Every version, withdrawn ones too, newest first."""
        return self.ports.catalogue.versions(caller.tenant, identifier)

    def generation(self) -> int:
        """A number that grows with each change of the catalogue."""
        return self.ports.catalogue.generation()

    def offered(self) -> frozenset[tuple[Target, Runtime]]:
        """What the nodes that live can run."""
        return self.ports.nodes.offered()

    def is_offered(self, method: Method) -> bool:
        """Whether a node that lives can run the method."""
        return inspect.is_offered(self.ports, method)

    def read_script(self, path: Path) -> Draft:
        """What is understood of a script, without running it. Raises: ScriptRejected."""
        return self.ports.scripts.read(path)

    def pack(self, draft: Draft) -> Package:
        """The draft's immutable package. Raises: ScriptRejected."""
        return publish.pack(self.ports, draft)

    def try_example(
        self, caller: Caller, draft: Draft, package: Package, runner: Runner, watcher: Watcher
    ) -> Outcome | None:
        """What came of the package's example; None: it has none. Raises: ScriptRejected."""
        limit, files = self.limits.input_bytes, dict(draft.files)
        return try_example(self.ports, runner, caller, package, files, limit, watcher)

    def publish(self, caller: Caller, package: Package, *, for_everybody: bool = False) -> Method:
        """The published method. Raises: AccessDenied, Conflict."""
        return publish.publish(self.ports, caller, package, for_everybody=for_everybody)

    def withdraw(self, caller: Caller, reference: str) -> Method:
        """The version, hidden from now on. Raises: UnknownMethod, AccessDenied."""
        return publish.withdraw(self.ports, caller, reference)

    # --- computations ---

    def execute(self, caller: Caller, order: Order) -> Computation:
        """The accepted computation. Raises: UnknownMethod, InvalidInput, RuntimeUnavailable."""
        return execute(self.ports, caller, order, self.limits.input_bytes)

    def execute_and_wait(
        self, caller: Caller, order: Order, hung_up: Callable[[], bool] | None = None
    ) -> Computation:
        """The ended computation. Raises: as `execute`; ServerBusy: and nothing was recorded."""
        with self.place():
            return self.wait(caller, self.execute(caller, order), hung_up)

    def place(self) -> AbstractContextManager[None]:
        """A place to wait in; take it before what is waited for. Raises: ServerBusy."""
        return wait.place(self._places)

    def wait(
        self, caller: Caller, computation: Computation, hung_up: Callable[[], bool] | None = None
    ) -> Computation:
        """The ended computation. Raises: WaitExceeded: it was dismissed."""
        seconds = self.limits.sync_seconds
        return wait.wait_for_end(self.ports, caller, computation, seconds, hung_up)

    def resubmit(self, caller: Caller, computation_id: str, response: str = "") -> Computation:
        """A repetition, accepted. Raises: UnknownComputation, CannotRepeat."""
        limit = self.limits.input_bytes
        return resubmit(self.ports, caller, computation_id, limit, response)

    def resubmit_document(self, caller: Caller, document: bytes, response: str = "") -> Computation:
        """A repetition of what a PROV document tells of. Raises: InvalidDocument, CannotRepeat."""
        limit = self.limits.input_bytes
        return resubmit_document(self.ports, caller, document, limit, response)

    def dismiss(self, caller: Caller, computation_id: str) -> Computation:
        """The record after the wish was noted. Raises: UnknownComputation."""
        return dismiss(self.ports, caller, computation_id)

    def computation(self, caller: Caller, computation_id: str) -> Computation:
        """Raises: UnknownComputation: also when it is somebody else's."""
        return inspect.find_computation(self.ports, caller, computation_id)

    def computation_at(self, address_key: str) -> Computation:
        """By its unguessable address; no caller is needed. Raises: UnknownComputation."""
        return self.ports.computations.by_address(address_key)

    def computations(self, caller: Caller, query: ComputationQuery) -> Page[Computation]:
        """The caller's own, newest first; operators may ask for everybody's."""
        return inspect.list_computations(self.ports, caller, query)

    def log(self, caller: Caller, computation_id: str, after: int = 0) -> Sequence[str]:
        """Log lines from this number on. Raises: UnknownComputation."""
        return inspect.read_log(self.ports, self.computation(caller, computation_id), after)

    def watch(self, caller: Caller, computation_id: str, after: str = "") -> Iterator[Sight]:
        """The record, what happens, and at last the ended record. Raises: UnknownComputation."""
        return watch(self.ports, self.computation(caller, computation_id), after)

    def watch_place(self) -> AbstractContextManager[None]:
        """A place to watch from for as long as one likes. Raises: ServerBusy."""
        return wait.place(self._watch_places)

    def provenance(self, caller: Caller, computation_id: str, media_type: str) -> bytes:
        """A PROV document. Raises: UnknownComputation, NotFound: no such format."""
        computation = self.computation(caller, computation_id)
        return inspect.write_provenance(self.ports, computation, media_type)

    # --- workspace ---

    def open_payload(self, payload: Payload | Item) -> BinaryIO:
        """The bytes; the caller of this has checked the rights. Raises: UnknownItem."""
        return self.ports.blobs.open(payload.digest)

    def put_item(self, caller: Caller, path: str, stream: BinaryIO, media_type: str = "") -> Item:
        """The stored item. Raises: Conflict."""
        limit = self.limits.input_bytes
        return share.put_item(self.ports, caller, path, stream, media_type, limit)

    def item(self, caller: Caller, path: str) -> Item:
        """Raises: UnknownItem."""
        return share.get_item(self.ports, caller, path)

    def items(
        self, caller: Caller, folder: str = "", page_size: int = 100, after: str | None = None
    ) -> Page[Item]:
        """Items at any depth below a folder, by path."""
        return share.list_items(self.ports, caller, folder, page_size, after)

    def remove_item(self, caller: Caller, path: str) -> Item:
        """The removed item. Raises: UnknownItem."""
        return share.remove_item(self.ports, caller, path)


@dataclass(frozen=True, slots=True)
class NodeEngine:
    """What pools and workers can ask."""

    ports: NodePorts
    _stopping: Event = field(default_factory=Event, repr=False)

    def next_waiting(self, target: Target) -> str | None:
        """Id of the computation to run next, fair between users; None: nothing waits."""
        return self.ports.computations.next_waiting(target)

    def run(self, computation_id: str) -> None:
        """Run a computation to its end, unless somebody else has it."""
        run(self.ports, computation_id, self._stopping)

    def give_back(self) -> None:
        """Stop all that runs here and let other nodes have it; nothing is begun any more."""
        self._stopping.set()

    def is_over(self, computation_id: str, attempt: int) -> bool:
        """Whether nothing of this attempt may run any more."""
        return is_over(self.ports, computation_id, attempt)

    def reconciler(self) -> Reconciler:
        """What looks for computations that nobody works on."""
        return Reconciler(self.ports)
