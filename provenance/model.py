"""The PROV document of a computation: who did what, by which plan, from what, to what."""

from __future__ import annotations

from urllib.parse import quote

from prov.constants import PROV, PROV_LABEL, PROV_ROLE, PROV_TYPE
from prov.identifier import Namespace, QualifiedName
from prov.model import ProvDocument

from dataminer.domain.addresses import Addresses
from dataminer.domain.computations import Computation, Place
from dataminer.domain.methods import DataType, Method
from dataminer.domain.values import Binding
from provenance import vocabulary as words
from provenance.facts import (
    Facts,
    facts_of_computation,
    facts_of_method,
    facts_of_payload,
    facts_of_value,
    present,
)
from provenance.recipes import clean, clean_payload
from provenance.texts import exact, readable


def document_of(computation: Computation, method: Method, addresses: Addresses) -> ProvDocument:
    """The document of a computation in any state; equal records give equal documents.

    Inputs are used when it starts, outputs and log come into being when it ends, and nothing
    else has a time, so that the order of PROV-CONSTRAINTS, section 6.2, holds.
    """
    scribe = _Scribe(computation, method, addresses)
    scribe.write_activity()
    scribe.write_plan()
    scribe.write_person()
    scribe.write_software()
    scribe.write_inputs()
    scribe.write_environment()
    scribe.write_outputs()
    scribe.write_log()
    scribe.write_original()
    return scribe.document


class _Scribe:
    """Writes one document. A name space is the address of one thing, so names need no escapes."""

    def __init__(self, computation: Computation, method: Method, addresses: Addresses) -> None:
        self.document = ProvDocument()
        self.document.add_namespace(words.DATAMINER)
        self._computation = computation
        self._method = method
        self._addresses = addresses
        self._run = self._namespace("run", addresses.computation(computation.id))
        self._activity = self._run["activity"]
        self._plan = self._namespace("method", _urn("package", computation.package))["version"]
        tenant = f"{addresses.base_url}/api/tenants/{_quoted(computation.tenant)}"
        user = f"{tenant}/users/{_quoted(computation.user)}"
        self._tenant = self._namespace("tenant", tenant)["organisation"]
        self._person = self._namespace("user", user)["person"]

    def write_activity(self) -> None:
        record = self._computation
        about = _about(words.COMPUTATION_TYPE, record.id)
        facts = {**about, **facts_of_computation(record)}
        self.document.activity(self._activity, record.started_at, record.ended_at, facts)

    def write_plan(self) -> None:
        record = self._computation
        facts = facts_of_method(record, self._method)
        self._entity(self._plan, PROV["Plan"], f"{record.method} {record.version}", facts)

    def write_person(self) -> None:
        """A person, acting for the tenant."""
        record = self._computation
        self._agent(self._tenant, "Organization", words.TENANT, record.tenant)
        self._agent(self._person, "Person", words.USER, record.user)
        self._associate("user", self._person, plan=self._plan)
        self._delegate("user", self._person, responsible=self._tenant)

    def write_software(self) -> None:
        """The node, working for the engine, which works for the person; none: it never ran."""
        place = self._computation.place
        if place is None:
            return
        engine, node = self._software(place)
        self._agent(
            engine, "SoftwareAgent", words.ENGINE, place.engine, f"DataMiner {place.engine}"
        )
        self._agent(node, "SoftwareAgent", words.NODE, place.node)
        self._associate("engine", engine, plan=self._plan)
        self._associate("node", node)
        self._delegate("engine", engine, responsible=self._person)
        self._delegate("node", node, responsible=engine)

    def write_inputs(self) -> None:
        for position, binding in enumerate(self._computation.inputs, start=1):
            declared = self._method.manifest.input(binding.identifier)
            data_type = declared.type if declared else DataType.STRING
            entity = self._value(f"input-{position}", binding, data_type)
            self._use(f"used-{position}", entity, binding.identifier, position)

    def write_environment(self) -> None:
        digest = self._computation.place.environment if self._computation.place else ""
        if digest:
            entity = self._namespace("environment", _urn("environment", digest))["installed"]
            facts: Facts = {words.ENVIRONMENT: exact(digest)}
            self._entity(entity, words.ENVIRONMENT_TYPE, "environment", facts)
            self._use("used-environment", entity, "environment")

    def write_outputs(self) -> None:
        for position, binding in enumerate(self._computation.outputs, start=1):
            declared = self._method.manifest.output(binding.identifier)
            data_type = declared.type if declared else DataType.STRING
            entity = self._value(f"output-{position}", binding, data_type)
            self._generate(f"generated-{position}", entity, binding.identifier, position)

    def write_log(self) -> None:
        log = self._computation.log
        if log is not None:
            facts = facts_of_payload(clean_payload(log))
            self._entity(self._run["log"], words.LOG_TYPE, "log", facts)
            self._generate("generated-log", self._run["log"], "log")

    def write_original(self) -> None:
        repeats = self._computation.repeats
        if repeats is not None:
            original = self._namespace("original", self._addresses.computation(repeats))
            self.document.communication(
                self._activity, original["activity"], identifier=self._run["informed"]
            )

    def _namespace(self, prefix: str, address: str) -> Namespace:
        return self.document.add_namespace(Namespace(prefix, f"{address}#"))

    def _software(self, place: Place) -> tuple[QualifiedName, QualifiedName]:
        node = f"{self._addresses.base_url}/api/nodes/{_quoted(place.node)}"
        return (
            self._namespace("engine", _urn("engine", place.engine))["software"],
            self._namespace("node", node)["software"],
        )

    def _entity(self, name: QualifiedName, kind: QualifiedName, label: str, facts: Facts) -> None:
        self.document.entity(name, {**_about(kind, label), **facts})

    def _agent(
        self, agent: QualifiedName, kind: str, word: QualifiedName, name: str, label: str = ""
    ) -> None:
        self.document.agent(agent, {**_about(PROV[kind], label or name), word: exact(name)})

    def _value(self, name: str, binding: Binding, data_type: DataType) -> QualifiedName:
        kind, facts = facts_of_value(clean(binding).value, data_type)
        self._entity(self._run[name], kind, binding.identifier, facts)
        return self._run[name]

    def _use(
        self, name: str, entity: QualifiedName, role: str, position: int | None = None
    ) -> None:
        self.document.usage(
            self._activity,
            entity,
            self._computation.started_at,
            identifier=self._run[name],
            other_attributes=_part(role, position),
        )

    def _generate(
        self, name: str, entity: QualifiedName, role: str, position: int | None = None
    ) -> None:
        self.document.generation(
            entity,
            self._activity,
            self._computation.ended_at,
            identifier=self._run[name],
            other_attributes=_part(role, position),
        )

    def _associate(
        self, role: str, agent: QualifiedName, plan: QualifiedName | None = None
    ) -> None:
        self.document.association(
            self._activity,
            agent,
            plan,
            identifier=self._run[f"association-{role}"],
            other_attributes={PROV_ROLE: role},
        )

    def _delegate(self, role: str, agent: QualifiedName, *, responsible: QualifiedName) -> None:
        name = self._run[f"delegation-{role}"]
        self.document.delegation(agent, responsible, self._activity, identifier=name)


def _about(kind: QualifiedName, label: str) -> Facts:
    return {PROV_TYPE: kind, PROV_LABEL: readable(label)}


def _part(role: str, position: int | None) -> Facts:
    return present({PROV_ROLE: exact(role), words.POSITION: position})


def _urn(kind: str, name: str) -> str:
    return f"{words.DATAMINER.uri}{kind}:{_quoted(name)}"


def _quoted(name: str) -> str:
    return quote(name, safe="")
