"""Capabilities and descriptions, rendered once for each tenant and state of the catalogue."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Lock

from dataminer.domain.computations import Computation
from dataminer.domain.methods import Method, Runtime, Target
from dataminer.domain.tenants import Caller
from dataminer.engine import Engine
from dataminer.wps import rendering
from dataminer.wps.faults import MISSING, RequestRejected
from dataminer.wps.offerings import Offering, offering_of
from dataminer.wps.own_processes import OWN_PROCESSES
from dataminer.wps.service import Service

_KEPT_BYTES = 64_000_000  #: of rendered documents in this process

_Key = tuple[str, ...]  #: tenant and what was asked for
_State = tuple[int, frozenset[tuple[Target, Runtime]]]  #: of the catalogue and the nodes


@dataclass(slots=True)
class _Documents:
    """Rendered documents, each with the state it tells of; the longest unused go first."""

    _kept: OrderedDict[_Key, tuple[_State, bytes]] = field(default_factory=OrderedDict)
    _size: int = 0
    _lock: Lock = field(default_factory=Lock)

    def get(self, key: _Key, state: _State, render: Callable[[], bytes]) -> bytes:
        """The document of this state, from memory or rendered now."""
        with self._lock:
            known_state, document = self._kept.get(key, (None, b""))
            if known_state == state:
                self._kept.move_to_end(key)
                return document
        document = render()
        self._keep(key, state, document)
        return document

    def _keep(self, key: _Key, state: _State, document: bytes) -> None:
        with self._lock:
            _, replaced = self._kept.pop(key, (None, b""))
            self._kept[key] = (state, document)
            self._size += len(document) - len(replaced)
            while self._size > _KEPT_BYTES and self._kept:
                _, (_, dropped) = self._kept.popitem(last=False)
                self._size -= len(dropped)


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptions:
    """What GetCapabilities and DescribeProcess answer."""

    engine: Engine
    service: Service
    _documents: _Documents = field(default_factory=_Documents)

    def capabilities(self, caller: Caller) -> bytes:
        """The document that lists every process that the caller may use."""
        state = self._state()

        def render() -> bytes:
            return rendering.capabilities(self.service, self._all(caller, state))

        return self._documents.get((caller.tenant,), state, render)

    def describe(self, caller: Caller, identifiers: Sequence[str]) -> bytes:
        """Descriptions in the order asked for; ALL, in any case, means every process.

        Raises:
            RequestRejected, UnknownMethod
        """
        names = tuple(filter(None, (identifier.strip() for identifier in identifiers)))
        if not names:
            raise RequestRejected(
                MISSING, "Name a process, several with commas between, or ALL.",
                locator="Identifier",
            )  # fmt: skip
        state = self._state()

        def render() -> bytes:
            everything = any(name.upper() == "ALL" for name in names)
            wanted = self._all(caller, state) if everything else self._named(caller, names, state)
            return rendering.descriptions(self.service, wanted)

        return self._documents.get((caller.tenant, *names), state, render)

    def offering(self, caller: Caller, reference: str) -> Offering:
        """A process by the name that its callers use. Raises: UnknownMethod."""
        return OWN_PROCESSES.get(reference) or offering_of(self.engine.method(caller, reference))

    def recorded(self, computation: Computation) -> Offering:
        """The process of a record; what is known of it when its version is gone."""
        caller = Caller(user=computation.user, tenant=computation.tenant)
        for method in self.engine.versions(caller, computation.method):
            if method.digest == computation.package:
                return offering_of(method)
        return Offering(
            identifier=computation.method, version=computation.version, title=computation.method
        )

    def _state(self) -> _State:
        return self.engine.generation(), self.engine.offered()

    def _all(self, caller: Caller, state: _State) -> Iterator[Offering]:
        for method in self.engine.methods(caller):
            if method.identifier not in OWN_PROCESSES:
                yield _shown(method, state)
        yield from OWN_PROCESSES.values()

    def _named(self, caller: Caller, names: Sequence[str], state: _State) -> list[Offering]:
        return [
            OWN_PROCESSES.get(name) or _shown(self.engine.method(caller, name), state, name)
            for name in names
        ]


def _shown(method: Method, state: _State, reference: str = "") -> Offering:
    manifest = method.manifest
    is_offered = (manifest.target, manifest.runtime) in state[1]
    return offering_of(method, reference=reference, is_offered=is_offered)
