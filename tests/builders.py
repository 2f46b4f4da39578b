"""Builders that hide what does not matter in a test."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from dataminer.adapters.memory import (
    MemoryAccounts,
    MemoryBlobs,
    MemoryCatalogue,
    MemoryComputations,
    MemoryDispatcher,
    MemoryEvents,
    MemoryFetcher,
    MemoryNodes,
    MemoryWorkspace,
)
from dataminer.domain.addresses import Addresses
from dataminer.domain.computations import Computation, Place, new_address_key, new_computation_id
from dataminer.domain.methods import (
    DataType,
    Format,
    Input,
    Manifest,
    Method,
    Output,
    Package,
    Passing,
    Runtime,
    Target,
)
from dataminer.domain.tenants import Caller, Role, Tenant, User
from dataminer.domain.values import Binding, Literal, Payload
from dataminer.engine import Engine, EngineLimits, NodeEngine
from dataminer.ports import DoorPorts, NodePorts, Outcome
from importer.locks import UvLocker
from importer.reader import Reader
from provenance.reader import ProvReader
from provenance.writer import ProvWriter

BASE_URL = "http://dataminer.example"
NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
PLACE = Place(node="here", engine="0.1.0", platform="Linux-x86_64", interpreter="Python 3.11.7")
EVERYWHERE = frozenset((target, runtime) for target in Target for runtime in Runtime)


def a_caller(user: str = "ada", tenant: str = "bio", role: Role = Role.AUTHOR) -> Caller:
    return Caller(user=user, tenant=tenant, role=role)


def a_manifest(**changes: Any) -> Manifest:
    manifest = Manifest(
        identifier="SHOUT",
        title="Shout",
        runtime=Runtime.PYTHON,
        entry="shout.py:main",
        passing=Passing.FUNCTION,
        inputs=(
            Input(identifier="text", type=DataType.FILE, formats=(Format(media_type="text/plain"),)),
            Input(identifier="times", type=DataType.INTEGER, default="1", min_occurs=0,
                  minimum=1, maximum=9),
        ),
        outputs=(Output(identifier="loud", type=DataType.FILE,
                        formats=(Format(media_type="text/plain"),)),),
    )  # fmt: skip
    return replace(manifest, **changes)


def a_method(tenant: str | None = None, **changes: Any) -> Method:
    package = Package(manifest=a_manifest(**changes), files=())
    return Method(
        package=package,
        digest=package.digest,
        tenant=tenant,
        published_by="ada",
        published_at=NOW,
    )


def a_computation(**changes: Any) -> Computation:
    computation = Computation(
        id=new_computation_id("SHOUT"),
        method="SHOUT",
        version="1",
        package=a_method().digest,
        target=Target.LOCAL,
        user="ada",
        tenant="bio",
        inputs=(Binding(identifier="times", value=Literal(text="1")),),
        accepted_at=NOW,
        address_key=new_address_key(),
    )
    return replace(computation, **changes)


@dataclass(kw_only=True)
class ShoutingRunner:
    """A runner that computes `loud` from `text` in this process."""

    blobs: MemoryBlobs
    change: Callable[[bytes], bytes] = bytes.upper
    before: Callable[[Computation, Any], None] = field(default=lambda _computation, _watcher: None)
    failure: Exception | None = None

    def run(self, computation: Computation, package: Package, watcher: Any) -> Outcome:
        assert package.digest == computation.package
        self.before(computation, watcher)
        watcher.logged("shouting")
        text = next(b.value for b in computation.inputs if b.identifier == "text")
        with self.blobs.open(text.digest) as stream:
            loud = self._payload(self.change(stream.read()), "loud.txt")
        return Outcome(
            outputs=(Binding(identifier="loud", value=loud),),
            log=self._payload(b"shouting\n", "log.txt"),
            place=PLACE,
            exit_code=0,
            failure=self.failure,
        )

    def _payload(self, content: bytes, name: str) -> Payload:
        digest, size_bytes = self.blobs.put(io.BytesIO(content))
        return Payload(digest=digest, size_bytes=size_bytes, media_type="text/plain", name=name)


@dataclass(kw_only=True)
class Laboratory:
    """An engine in memory; what it dispatches is run when `run_all` is called."""

    engine: Engine
    node: NodeEngine
    ports: DoorPorts
    runner: ShoutingRunner
    addresses: dict[str, bytes]  #: what lies where, for references

    def run_all(self) -> None:
        for target in Target:
            while computation_id := self.node.next_waiting(target):
                self.node.run(computation_id)


def a_laboratory(*methods: Method, at_once: bool = False, sync_seconds: float = 5) -> Laboratory:
    """With tenants `bio` and `geo`; `at_once`: what is dispatched is run before that returns."""
    blobs = MemoryBlobs()
    runner = ShoutingRunner(blobs=blobs)
    contents: dict[str, bytes] = {}
    fetcher = MemoryFetcher(contents, blobs)
    nodes: list[NodeEngine] = []
    listener = (lambda computation_id: nodes[0].run(computation_id)) if at_once else None
    common: dict[str, Any] = {
        "accounts": MemoryAccounts(),
        "catalogue": MemoryCatalogue(),
        "computations": MemoryComputations(),
        "workspace": MemoryWorkspace(),
        "blobs": blobs,
        "events": MemoryEvents(),
        "dispatchers": {target: MemoryDispatcher(listener) for target in Target},
        "clock": lambda: datetime.now(UTC),
    }
    ports = DoorPorts(
        **common,
        nodes=MemoryNodes(EVERYWHERE),
        fetcher=fetcher,
        scripts=Reader(),
        locker=UvLocker(),
        provenance=ProvWriter(BASE_URL),
        recipes=ProvReader(),
        addresses=Addresses(base_url=BASE_URL),
    )
    for name in ("bio", "geo"):
        ports.accounts.add_tenant(Tenant(name=name))
        for user in ("ada", "bob"):
            ports.accounts.add_user(User(name=user, tenant=name, role=Role.AUTHOR))
    for method in methods or (a_method(),):
        ports.catalogue.publish(method)
    node = NodeEngine(NodePorts(**common, runner=runner, node="here"))
    nodes.append(node)
    return Laboratory(
        engine=Engine(ports, EngineLimits(sync_seconds=sync_seconds, sync_places=2)),
        node=node,
        ports=ports,
        runner=runner,
        addresses=contents,
    )
