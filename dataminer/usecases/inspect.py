"""What there is: methods, computations, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dataminer.domain.computations import Computation
from dataminer.domain.errors import UnknownComputation, UnknownMethod
from dataminer.domain.methods import MIN_DIGEST_DIGITS, Method, split_reference
from dataminer.domain.tenants import Caller, Role
from dataminer.ports import ComputationQuery, DoorPorts, Page, Ports


def find_method(ports: Ports, caller: Caller, reference: str) -> Method:
    """The version meant by `identifier`, `identifier@label` or `identifier@digest`.

    Raises:
        UnknownMethod: none, withdrawn, or a label that several versions carry.
    """
    identifier, version = split_reference(reference)
    versions = [
        method
        for method in ports.catalogue.versions(caller.tenant, identifier)
        if method.withdrawn_at is None
    ]
    if not versions:
        raise UnknownMethod(f"There is no method '{identifier}'; ask for the list of methods.")
    return _choose(versions, version) if version else versions[0]


def _choose(versions: Sequence[Method], version: str) -> Method:
    matching = [
        method
        for method in versions
        if method.manifest.version == version
        or (len(version) >= MIN_DIGEST_DIGITS and method.digest.startswith(version))
    ]
    if len(matching) == 1:
        return matching[0]
    known = ", ".join(f"{m.manifest.version} ({m.digest[:MIN_DIGEST_DIGITS]})" for m in versions)
    problem = "names several versions" if matching else "is not a version"
    raise UnknownMethod(f"'{version}' {problem} of {versions[0].identifier}; there are: {known}.")


def is_offered(ports: DoorPorts, method: Method) -> bool:
    """Whether a node that lives can run the method."""
    return (method.manifest.target, method.manifest.runtime) in ports.nodes.offered()


def find_computation(ports: Ports, caller: Caller, computation_id: str) -> Computation:
    """Raises: UnknownComputation: also when it is somebody else's or was removed."""
    computation = ports.computations.get(computation_id)
    if computation.removed_at is not None or not computation.belongs_to(caller):
        raise UnknownComputation(f"There is no computation '{computation_id}' of yours.")
    return computation


def list_computations(ports: Ports, caller: Caller, query: ComputationQuery) -> Page[Computation]:
    """The caller's own; an operator may ask for those of everybody in the tenant."""
    user = query.user if caller.may(Role.OPERATOR) else caller.user
    return ports.computations.page(replace(query, tenant=caller.tenant, user=user))


def read_log(ports: Ports, computation: Computation, after: int) -> Sequence[str]:
    """Lines of the log from this number on: live while it runs, whole once ended."""
    if computation.log is None:
        return ports.events.log(computation.id, after)
    with ports.blobs.open(computation.log.digest) as stream:
        lines = stream.read().decode(errors="replace").splitlines()
    return lines[after:]


def write_provenance(ports: DoorPorts, computation: Computation, media_type: str) -> bytes:
    """The computation's provenance document in this format."""
    method = ports.catalogue.by_digest(computation.tenant, computation.package)
    return ports.provenance.write(computation, method, media_type)
