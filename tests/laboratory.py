"""An engine in memory, for tests of use cases and doors."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
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
from dataminer.domain.computations import Computation, Usage
from dataminer.domain.methods import Method, Package, Runtime, Target
from dataminer.domain.tenants import Role, Tenant, User
from dataminer.domain.values import Binding, Payload
from dataminer.engine import Engine, EngineLimits, NodeEngine
from dataminer.ports import DoorPorts, NodePorts, Outcome
from importer.locks import UvLocker
from importer.reader import Reader
from provenance.reader import ProvReader
from provenance.writer import ProvWriter
from tests.builders import PLACE, USAGE, a_method

BASE_URL = "http://dataminer.example"
EVERYWHERE = frozenset((target, runtime) for target in Target for runtime in Runtime)


@dataclass(kw_only=True)
class ShoutingRunner:
    """A runner that computes `loud` from `text` in this process."""

    blobs: MemoryBlobs
    change: Callable[[bytes], bytes] = bytes.upper
    before: Callable[[Computation, Any], None] = field(default=lambda _computation, _watcher: None)
    failure: Exception | None = None
    usage: Usage | None = USAGE

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
            usage=self.usage,
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
    nodes: list[NodeEngine] = []  # the dispatcher is made before the node that it wakes

    def run_at_once(computation_id: str) -> None:
        nodes[0].run(computation_id)

    listener = run_at_once if at_once else None
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
        locker=UvLocker(Path("uv"), Path("python3"), {}),
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
