"""Execute again what was executed before, from its record or from a provenance document."""

from __future__ import annotations

from dataminer.domain.computations import Computation
from dataminer.domain.errors import CannotRepeat, DataMinerError, UnknownMethod
from dataminer.domain.methods import Method
from dataminer.domain.orders import Offered, OfferedItem, OfferedLiteral, Order
from dataminer.domain.recipes import Recipe, compare
from dataminer.domain.tenants import Caller
from dataminer.domain.values import Literal, Payload, Value
from dataminer.ports import DoorPorts
from dataminer.usecases.execute import execute_method
from dataminer.usecases.inspect import find_computation


def resubmit(
    ports: DoorPorts, caller: Caller, computation_id: str, limit_bytes: int, response: str = ""
) -> Computation:
    """A new computation of the same package from the same inputs; at its end it has a verdict.

    Raises:
        UnknownComputation, CannotRepeat: with every reason.
    """
    original = find_computation(ports, caller, computation_id)
    method = _package_of(ports, original)
    reasons = _missing_inputs(ports, original)
    if method is None or reasons:
        gone = [] if method else [f"the package of {original.method} is not here any more"]
        raise CannotRepeat((*gone, *reasons))
    order = Order(
        method=original.method,
        inputs=tuple((b.identifier, _offer(b.value)) for b in original.inputs),
        repeats=original.id,
        response=response,
    )
    try:
        return execute_method(ports, caller, method, order, limit_bytes)
    except DataMinerError as error:
        raise CannotRepeat((str(error),)) from error


def resubmit_document(
    ports: DoorPorts, caller: Caller, document: bytes, limit_bytes: int, response: str = ""
) -> Computation:
    """Like `resubmit`, of the computation that a provenance document tells of.

    Raises:
        InvalidDocument: it is no provenance of ours.
        CannotRepeat: it does not agree with what is recorded here.
    """
    recipe = ports.recipes.read(document)
    original = find_computation(ports, caller, recipe.computation)
    if reasons := _contradictions(recipe, original):
        raise CannotRepeat(reasons)
    return resubmit(ports, caller, original.id, limit_bytes, response)


def _contradictions(recipe: Recipe, original: Computation) -> tuple[str, ...]:
    reasons = []
    if recipe.package != original.package:
        reasons.append("the document names another package than the record")
    reasons += [
        f"the document names another content of input '{identifier}' than the record"
        for identifier in compare(original.inputs, recipe.inputs).outputs
    ]
    return tuple(reasons)


def _package_of(ports: DoorPorts, original: Computation) -> Method | None:
    try:
        return ports.catalogue.by_digest(original.tenant, original.package)
    except UnknownMethod:
        return None


def _missing_inputs(ports: DoorPorts, original: Computation) -> tuple[str, ...]:
    reasons = []
    for binding in original.inputs:
        value = binding.value
        if not isinstance(value, Payload):
            continue
        if value.deleted_at:
            day = f"{value.deleted_at:%Y-%m-%d}"
            reasons.append(f"input '{binding.identifier}' ({value.name}) was deleted on {day}")
        elif not ports.blobs.exists(value.digest):
            reasons.append(f"the bytes of input '{binding.identifier}' ({value.name}) are gone")
    return tuple(reasons)


def _offer(value: Value) -> Offered:
    """A recorded value as a client would offer it."""
    if isinstance(value, Literal):
        return OfferedLiteral(text=value.text, unit=value.unit)
    if isinstance(value, Payload):
        return OfferedItem(
            digest=value.digest,
            size_bytes=value.size_bytes,
            media_type=value.media_type,
            name=value.name,
            source=value.source,
            encoding=value.encoding,
            schema=value.schema,
        )
    return value
