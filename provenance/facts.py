"""What a document says of each thing, as attributes: what is unknown is left out."""

from __future__ import annotations

import json
from collections.abc import Mapping

from prov.constants import PROV_VALUE
from prov.identifier import Identifier, QualifiedName
from prov.model import AttributeValue

from dataminer.domain.computations import Computation, Place, Usage
from dataminer.domain.methods import DataType, Method
from dataminer.domain.recipes import Verdict
from dataminer.domain.tables import Dialect
from dataminer.domain.values import BoundingBox, Literal, Payload, Value
from provenance import vocabulary as words
from provenance.texts import exact, readable, typed

Facts = dict[str | Identifier, AttributeValue]  #: by word, in the form that prov takes


def present(facts: Mapping[QualifiedName, AttributeValue]) -> Facts:
    """Those of the facts that are known."""
    return {word: fact for word, fact in facts.items() if fact is not None and fact != ""}


def facts_of_computation(record: Computation) -> Facts:
    """How far it came, where, what it used, and whether it gave the same as the one it repeats."""
    state = present(
        {
            words.COMPUTATION: exact(record.id),
            words.STATUS: record.status.value,
            words.MESSAGE: readable(record.message),
            words.PERCENT: record.percent,
            words.EXIT_CODE: record.exit_code,
            words.TARGET: record.target.value,
            words.ATTEMPT: record.attempt,
            words.ACCEPTED_AT: record.accepted_at,
            words.DISMISSED_BY: readable(record.dismissal_asked_by or ""),
            words.REPEATS: exact(record.repeats or ""),
        }
    )
    place = _facts_of_place(record.place) if record.place else {}
    verdict = _facts_of_verdict(record.verdict) if record.verdict else {}
    usage = _facts_of_usage(record.usage) if record.usage else {}
    return {**state, **place, **usage, **verdict}


def facts_of_method(record: Computation, method: Method) -> Facts:
    """Which version of which method, by digest, and what its author says of it."""
    manifest = method.manifest
    return present(
        {
            words.METHOD: exact(record.method),
            words.VERSION: readable(record.version),
            words.PACKAGE: exact(record.package),
            words.LOCK: exact(method.package.lock),
            words.TITLE: readable(manifest.title),
            words.AUTHOR: readable(manifest.author),
            words.LICENCE: readable(manifest.licence),
            words.RUNTIME: manifest.runtime.value,
            words.DETERMINISTIC: manifest.deterministic,
        }
    )


def facts_of_value(value: Value, data_type: DataType) -> tuple[QualifiedName, Facts]:
    """Of which kind the value is, and all that is known of it."""
    if isinstance(value, Literal):
        unit = present({words.UNIT: exact(value.unit)})
        return words.LITERAL_TYPE, {PROV_VALUE: typed(value.text, data_type), **unit}
    if isinstance(value, BoundingBox):
        return words.BOX_TYPE, _facts_of_box(value)
    return words.FILE_TYPE, facts_of_payload(value)


def facts_of_payload(payload: Payload) -> Facts:
    """A file's content by digest, and how it came and looks."""
    facts = present(
        {
            words.SHA256: payload.digest,
            words.SIZE_BYTES: payload.size_bytes,
            words.MEDIA_TYPE: exact(payload.media_type),
            words.NAME: exact(payload.name),
            words.ENCODING: exact(payload.encoding),
            words.SCHEMA: exact(payload.schema),
            words.SOURCE: exact(payload.source),
            words.DELETED_AT: payload.deleted_at,
        }
    )
    return {**facts, **(_facts_of_dialect(payload.dialect) if payload.dialect else {})}


def _facts_of_place(place: Place) -> Facts:
    return present(
        {
            words.NODE: readable(place.node),
            words.ENGINE: readable(place.engine),
            words.PLATFORM: readable(place.platform),
            words.INTERPRETER: readable(place.interpreter),
        }
    )


def _facts_of_usage(usage: Usage) -> Facts:
    return {
        words.WALL_SECONDS: float(usage.wall_seconds),
        words.CPU_SECONDS: float(usage.cpu_seconds),
        words.PEAK_MEMORY_BYTES: usage.peak_memory_bytes,
        words.READ_BYTES: usage.read_bytes,
        words.WRITTEN_BYTES: usage.written_bytes,
    }


def _facts_of_verdict(verdict: Verdict) -> Facts:
    return present(
        {
            words.VERDICT: verdict.sameness.value,
            words.DIFFERING: json.dumps(verdict.outputs) if verdict.outputs else None,
            words.REASONS: json.dumps(verdict.reasons) if verdict.reasons else None,
        }
    )


def _facts_of_box(box: BoundingBox) -> Facts:
    corners = {
        words.LOWER: " ".join(repr(number) for number in box.lower),
        words.UPPER: " ".join(repr(number) for number in box.upper),
    }
    written = [*(repr(number) for number in (*box.lower, *box.upper)), *filter(None, [box.crs])]
    return {
        PROV_VALUE: exact(",".join(written)),
        **present({**corners, words.CRS: exact(box.crs)}),
    }


def _facts_of_dialect(dialect: Dialect) -> Facts:
    return {
        words.DELIMITER: exact(dialect.delimiter),
        words.DECIMAL: exact(dialect.decimal),
        words.CHARSET: exact(dialect.encoding),
        words.BYTE_ORDER_MARK: dialect.byte_order_mark,
        words.COLUMNS: json.dumps(dialect.columns),
    }
