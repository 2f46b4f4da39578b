"""Computations and their values, as rows and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import RowMapping

from dataminer.adapters.database.codec import (
    decode,
    decode_optional,
    encode,
    encode_optional,
)
from dataminer.domain.computations import Computation, Ending, Place, Status, Usage
from dataminer.domain.methods import Target
from dataminer.domain.recipes import Verdict
from dataminer.domain.tables import Dialect
from dataminer.domain.values import Binding, BoundingBox, Literal, Payload, Value

INPUT, OUTPUT, LOG = "input", "output", "log"
_LITERAL, _BOX, _PAYLOAD = "literal", "box", "payload"
_PAYLOAD_COLUMNS = (
    "digest", "size_bytes", "media_type", "name", "encoding", "schema", "source", "deleted_at",
)  # fmt: skip
_VALUE_COLUMNS = ("text", "unit", "dialect", *_PAYLOAD_COLUMNS)


def computation_row(computation: Computation) -> dict[str, object]:
    """All columns of a computation."""
    return {
        "id": computation.id,
        "method": computation.method,
        "version": computation.version,
        "package": computation.package,
        "target": computation.target.value,
        "user_name": computation.user,
        "tenant": computation.tenant,
        "accepted_at": computation.accepted_at,
        "address_key": computation.address_key,
        "status": computation.status.value,
        "percent": computation.percent,
        "message": computation.message,
        "started_at": computation.started_at,
        "ended_at": computation.ended_at,
        "attempt": computation.attempt,
        "lease_until": computation.lease_until,
        "place": encode_optional(computation.place),
        "exit_code": computation.exit_code,
        "usage": encode_optional(computation.usage),
        "repeats": computation.repeats,
        "verdict": encode_optional(computation.verdict),
        "dismissal_asked_by": computation.dismissal_asked_by,
        "response": computation.response,
        "removed_at": computation.removed_at,
    }


def binding_rows(of: Computation) -> list[dict[str, object]]:
    """All values of a computation."""
    return [*_rows(of.id, INPUT, of.inputs), *ending_rows(of.id, of.outputs, of.log)]


def ending_rows(
    computation_id: str, outputs: Sequence[Binding], log: Payload | None
) -> list[dict[str, object]]:
    """The values that a computation has once it has ended."""
    logs = (Binding(identifier=LOG, value=log),) if log else ()
    return [*_rows(computation_id, OUTPUT, outputs), *_rows(computation_id, LOG, logs)]


def _rows(
    computation_id: str, direction: str, bindings: Sequence[Binding]
) -> Iterator[dict[str, object]]:
    for position, binding in enumerate(bindings):
        yield {
            **dict.fromkeys(_VALUE_COLUMNS),
            "computation": computation_id,
            "direction": direction,
            "position": position,
            "identifier": binding.identifier,
            **_value_columns(binding.value),
        }


def _value_columns(value: Value) -> dict[str, object]:
    if isinstance(value, Literal):
        return {"kind": _LITERAL, "text": value.text, "unit": value.unit}
    if isinstance(value, BoundingBox):
        return {"kind": _BOX, "text": encode(value)}
    columns = {name: getattr(value, name) for name in _PAYLOAD_COLUMNS}
    return {"kind": _PAYLOAD, "dialect": encode_optional(value.dialect), **columns}


def computations_from(
    rows: Sequence[RowMapping], bindings: Iterable[RowMapping]
) -> tuple[Computation, ...]:
    """The computations of these rows, with their values from rows ordered by position."""
    values: defaultdict[tuple[str, str], list[Binding]] = defaultdict(list)
    for row in bindings:
        binding = Binding(identifier=row["identifier"], value=_value(row))
        values[row["computation"], row["direction"]].append(binding)
    return tuple(_computation(row, values) for row in rows)


def _computation(
    row: RowMapping, values: defaultdict[tuple[str, str], list[Binding]]
) -> Computation:
    columns = dict(row)
    logs = values[row["id"], LOG]
    columns |= {
        "user": columns.pop("user_name"),
        "target": Target(row["target"]),
        "status": Status(row["status"]),
        "place": decode_optional(Place, row["place"]),
        "usage": decode_optional(Usage, row["usage"]),
        "verdict": decode_optional(Verdict, row["verdict"]),
        "inputs": tuple(values[row["id"], INPUT]),
        "outputs": tuple(values[row["id"], OUTPUT]),
        "log": logs[0].value if logs else None,
    }
    return Computation(**columns)


def _value(row: RowMapping) -> Value:
    if row["kind"] == _LITERAL:
        return Literal(text=row["text"], unit=row["unit"])
    if row["kind"] == _BOX:
        return decode(BoundingBox, row["text"])
    columns = {name: row[name] for name in _PAYLOAD_COLUMNS}
    return Payload(dialect=decode_optional(Dialect, row["dialect"]), **columns)


def ending_columns(ending: Ending) -> dict[str, object]:
    """What an ending says about the computation itself."""
    return {
        "new_status": ending.status.value,
        "new_message": ending.message,
        "new_exit_code": ending.exit_code,
        "new_place": encode_optional(ending.place),
        "new_usage": encode_optional(ending.usage),
        "new_verdict": encode_optional(ending.verdict),
        "succeeded": ending.status is Status.SUCCEEDED,
    }
