"""Accept an order: check it, record it, tell whoever can run it."""

from __future__ import annotations

from dataminer.domain.computations import Computation, new_address_key, new_computation_id
from dataminer.domain.errors import RuntimeUnavailable, UnknownOutput
from dataminer.domain.methods import Method
from dataminer.domain.orders import Order
from dataminer.domain.tenants import Caller
from dataminer.ports import DoorPorts
from dataminer.usecases.accept import accept_inputs
from dataminer.usecases.inspect import find_method, is_offered


def execute(ports: DoorPorts, caller: Caller, order: Order, limit_bytes: int) -> Computation:
    """The accepted computation, durably recorded; it will come to an end whatever dies.

    Raises:
        UnknownMethod, UnknownOutput, RuntimeUnavailable, InvalidInput: nothing was recorded.
    """
    method = find_method(ports, caller, order.method)
    return execute_method(ports, caller, method, order, limit_bytes)


def execute_method(
    ports: DoorPorts, caller: Caller, method: Method, order: Order, limit_bytes: int
) -> Computation:
    """Like `execute`, of a version that was already found; it may have been withdrawn."""
    manifest = method.manifest
    for identifier in order.outputs:
        if manifest.output(identifier) is None:
            known = ", ".join(output.identifier for output in manifest.outputs)
            raise UnknownOutput(identifier, f"is not an output of this method; it has: {known}.")
    if not is_offered(ports, method):
        raise RuntimeUnavailable(
            f"No {manifest.target} node of this server can run {manifest.runtime} now, "
            f"which {manifest.identifier} needs; ask the operator."
        )
    computation = Computation(
        id=new_computation_id(manifest.identifier),
        method=manifest.identifier,
        version=manifest.version,
        package=method.digest,
        target=manifest.target,
        user=caller.user,
        tenant=caller.tenant,
        inputs=accept_inputs(ports, caller, manifest, order.inputs, limit_bytes),
        accepted_at=ports.clock(),
        address_key=new_address_key(),
        repeats=order.repeats,
        response=order.response,
    )
    ports.computations.add(computation)
    ports.dispatchers[manifest.target].dispatch(computation.id)
    return computation
