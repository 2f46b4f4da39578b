"""What a client offers becomes the values of a record: checked, fetched, stored."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from dataminer.domain.errors import InvalidValue, MissingInput, TooManyOccurrences, UnknownInput
from dataminer.domain.literals import check
from dataminer.domain.methods import DataType, Input, Manifest
from dataminer.domain.orders import Offered, OfferedLiteral
from dataminer.domain.tenants import Caller
from dataminer.domain.values import Binding, BoundingBox, Literal, Value
from dataminer.ports import DoorPorts
from dataminer.usecases.store import store


def accept_inputs(
    ports: DoorPorts,
    caller: Caller,
    manifest: Manifest,
    offered: tuple[tuple[str, Offered], ...],
    limit_bytes: int,
) -> tuple[Binding, ...]:
    """One binding for each value, defaults filled in, in the order of declaration.

    All that needs no bytes is checked before the first byte is fetched.

    Raises:
        InvalidInput: one of its kinds, naming the input.
    """
    _check_occurrences(manifest, offered)
    cheap = {
        index: _accept_small(declared, value)
        for index, (identifier, value) in enumerate(offered)
        if (declared := manifest.input(identifier)) and not declared.type.is_complex
    }
    bindings: list[Binding] = []
    for declared in manifest.inputs:
        given = [(i, v) for i, (identifier, v) in enumerate(offered)
                 if identifier == declared.identifier]  # fmt: skip
        values = [
            cheap[i] if i in cheap else store(ports, caller, declared, v, limit_bytes)
            for i, v in given
        ]
        bindings += [Binding(identifier=declared.identifier, value=v)
                     for v in values or _default(declared)]  # fmt: skip
    return tuple(bindings)


def _check_occurrences(manifest: Manifest, offered: tuple[tuple[str, Offered], ...]) -> None:
    counts = Counter(identifier for identifier, _ in offered)
    for identifier in counts:
        if manifest.input(identifier) is None:
            known = ", ".join(i.identifier for i in manifest.inputs) or "none"
            raise UnknownInput(identifier, f"is not an input of this method; it has: {known}.")
    for declared in manifest.inputs:
        count = counts[declared.identifier]
        if count == 0 and declared.min_occurs > 0 and declared.default is None:
            raise MissingInput(declared.identifier)
        if 0 < count < declared.min_occurs:
            raise MissingInput(
                declared.identifier, f"is required {declared.min_occurs} times, not {count}."
            )
        if count > declared.max_occurs:
            raise TooManyOccurrences(
                declared.identifier, f"may be given {declared.max_occurs} times, not {count}."
            )


def _default(declared: Input) -> list[Value]:
    if declared.default is None:
        return []
    return [Literal(text=check(declared, declared.default), unit=declared.unit)]


def _accept_small(declared: Input, offered: Offered) -> Value:
    """A literal or a bounding box."""
    if isinstance(offered, BoundingBox) and declared.type is DataType.BBOX:
        return _accept_box(declared, offered)
    if not isinstance(offered, OfferedLiteral) or not declared.type.is_literal:
        raise InvalidValue(declared.identifier, f"must be given as a {declared.type}.")
    if offered.unit and declared.unit and offered.unit != declared.unit:
        raise InvalidValue(declared.identifier, f"must be in {declared.unit}, not {offered.unit}.")
    try:
        return Literal(text=check(declared, offered.text), unit=declared.unit)
    except ValueError as error:
        raise InvalidValue(declared.identifier, f"{error}.") from error


def _accept_box(declared: Input, box: BoundingBox) -> BoundingBox:
    if declared.crs and box.crs and box.crs not in declared.crs:
        raise InvalidValue(
            declared.identifier, f"must be in one of {', '.join(declared.crs)}, not {box.crs}."
        )
    if len(box.lower) != len(box.upper) or not box.lower:
        raise InvalidValue(declared.identifier, "must have two corners of the same dimension.")
    if any(low > high for low, high in zip(box.lower, box.upper, strict=True)):
        raise InvalidValue(declared.identifier, "has a lower corner above its upper corner.")
    return replace(box, crs=box.crs or (declared.crs[0] if declared.crs else ""))
