"""The engine's records as the JSON of this API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dataminer.domain.computations import Computation, Usage
from dataminer.domain.methods import Input, Method, Output
from dataminer.domain.recipes import Verdict
from dataminer.domain.values import Binding, BoundingBox, Literal, Payload
from dataminer.domain.workspaces import Item
from dataminer.usecases.estimate import Estimate, Spread

Json = dict[str, Any]  # JSON is what it is


def computation_json(computation: Computation) -> Json:
    """A whole record; the unguessable address is not part of it."""
    place = computation.place
    return {
        **computation_row(computation),
        "package": computation.package,
        "user": computation.user,
        "tenant": computation.tenant,
        "inputs": [binding_json(b) for b in computation.inputs],
        "outputs": [binding_json(b) for b in computation.outputs],
        "exit_code": computation.exit_code,
        "attempt": computation.attempt,
        "usage": computation.usage and usage_json(computation.usage),
        "place": place and {
            "node": place.node,
            "engine": place.engine,
            "platform": place.platform,
            "interpreter": place.interpreter,
            "environment": place.environment,
        },
    }  # fmt: skip


def computation_row(computation: Computation) -> Json:
    """A line of a list."""
    return {
        "id": computation.id,
        "method": computation.method,
        "version": computation.version,
        "target": computation.target,
        "node": computation.place and computation.place.node,
        "status": computation.status,
        "percent": computation.percent,
        "message": computation.message,
        "accepted_at": _time(computation.accepted_at),
        "started_at": _time(computation.started_at),
        "ended_at": _time(computation.ended_at),
        "repeats": computation.repeats,
        "verdict": computation.verdict and verdict_json(computation.verdict),
    }


def usage_json(usage: Usage) -> Json:
    """What the script used."""
    return {
        "wall_seconds": usage.wall_seconds,
        "cpu_seconds": usage.cpu_seconds,
        "peak_memory_bytes": usage.peak_memory_bytes,
        "read_bytes": usage.read_bytes,
        "written_bytes": usage.written_bytes,
    }


def estimate_json(estimate: Estimate) -> Json:
    """What a computation is likely to use; null where nothing is known."""
    return {
        "runs": estimate.runs,
        "same_version": estimate.same_version,
        "wall_seconds": estimate.wall_seconds and _spread(estimate.wall_seconds),
        "peak_memory_bytes": estimate.peak_memory_bytes and _spread(estimate.peak_memory_bytes),
    }


def verdict_json(verdict: Verdict) -> Json:
    """Whether a repetition gave the same."""
    return {
        "sameness": verdict.sameness,
        "outputs": list(verdict.outputs),
        "reasons": list(verdict.reasons),
    }


def binding_json(binding: Binding) -> Json:
    """A value with the input or output that it belongs to."""
    value = binding.value
    head: Json = {"identifier": binding.identifier}
    if isinstance(value, Literal):
        return {**head, "value": value.text, "unit": value.unit or None}
    if isinstance(value, BoundingBox):
        box = {"lower": list(value.lower), "upper": list(value.upper), "crs": value.crs}
        return {**head, "bbox": box}
    return {**head, "file": _payload(value)}


def method_json(method: Method) -> Json:
    """What a client needs to know to call a method."""
    manifest = method.manifest
    return {
        "identifier": manifest.identifier,
        "title": manifest.title,
        "abstract": manifest.abstract,
        "version": manifest.version,
        "digest": method.digest,
        "category": manifest.category,
        "keywords": list(manifest.keywords),
        "target": manifest.target,
        "runtime": manifest.runtime,
        "deterministic": manifest.deterministic,
        "inputs": [_declared(i) for i in manifest.inputs],
        "outputs": [_declared(o) for o in manifest.outputs],
    }


def item_json(item: Item, href: str) -> Json:
    """A line of a folder's list."""
    return {
        "path": item.path,
        "size_bytes": item.size_bytes,
        "media_type": item.media_type,
        "sha256": item.digest,
        "created_at": _time(item.created_at),
        "href": href,
    }


def _payload(payload: Payload) -> Json:
    dialect = payload.dialect
    return {
        "name": payload.name,
        "size_bytes": payload.size_bytes,
        "media_type": payload.media_type,
        "sha256": payload.digest,
        "source": payload.source or None,
        "deleted_at": _time(payload.deleted_at),
        "table": dialect and {
            "delimiter": dialect.delimiter,
            "decimal": dialect.decimal,
            "encoding": dialect.encoding,
            "byte_order_mark": dialect.byte_order_mark,
            "columns": list(dialect.columns),
        },
    }  # fmt: skip


def _spread(spread: Spread) -> Json:
    return {"median": spread.median, "percentile_90": spread.percentile_90}


def _declared(declared: Input | Output) -> Json:
    facts: Json = {
        "identifier": declared.identifier,
        "type": declared.type,
        "title": declared.title,
        "abstract": declared.abstract,
        "unit": declared.unit or None,
        "formats": [f.media_type for f in declared.formats],
    }
    if isinstance(declared, Input):
        facts |= {
            "min_occurs": declared.min_occurs,
            "max_occurs": declared.max_occurs,
            "default": declared.default,
            "choices": list(declared.choices),
            "minimum": declared.minimum,
            "maximum": declared.maximum,
        }
    return facts


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
