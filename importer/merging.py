"""A manifest beside the script and the script itself, put together; the manifest wins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from dataminer.domain.methods import DataType, Passing
from importer.files import METHOD_FILE
from importer.findings import Findings
from importer.sketches import InputSketch, MethodSketch, OutputSketch, overlay

Item = TypeVar("Item", InputSketch, OutputSketch)

_RETURNED = "output"  #: what a returned value is called that nobody names
_REFINEMENT = {DataType.FILE, DataType.TABLE}


def merge(
    declared: MethodSketch, code: MethodSketch, findings: Findings, *, takes_anything: bool = True
) -> MethodSketch:
    """What the manifest says, completed from the code; contradictions are faults.

    `takes_anything`: the code accepts inputs that it does not name.
    """
    together = overlay(declared, code)
    is_function = together.passing is Passing.FUNCTION
    strict = is_function and not takes_anything
    return replace(
        together,
        inputs=_inputs(declared, code, findings, strict=strict),
        outputs=_outputs(declared, code, findings, strict=is_function),
        resources=code.resources,
    )


def _inputs(
    declared: MethodSketch, code: MethodSketch, findings: Findings, *, strict: bool
) -> tuple[InputSketch, ...]:
    """Those of the manifest in its order, then the others of the code."""
    known = {i.identifier: i for i in code.inputs}
    merged = []
    for sketch in declared.inputs:
        own = known.get(sketch.identifier)
        if own is None:
            if strict:
                message = f"'{code.entry}' takes no input '{sketch.identifier}'"
                findings.fault(message, sketch.origin.at("identifier"))
            merged.append(sketch)
            continue
        _compare_types(sketch, own, findings)
        both = overlay(sketch, own)
        left_out = both.min_occurs == 0 and both.default is None
        if strict and left_out and own.min_occurs is None:
            message = f"'{sketch.identifier}' may be left out, but '{code.entry}' has no default"
            findings.fault(message, sketch.origin.at("min_occurs"))
        merged.append(both)
    return (*merged, *_others(code.inputs, declared.inputs))


def _others(known: Sequence[Item], declared: Sequence[Item]) -> list[Item]:
    names = {item.identifier for item in declared}
    return [item for item in known if item.identifier not in names]


def _compare_types(
    over: InputSketch | OutputSketch, under: InputSketch | OutputSketch, findings: Findings
) -> None:
    types = {over.type, under.type}
    if None not in types and len(types) > 1 and types != _REFINEMENT:
        place = under.origin.at("type")
        message = (
            f"'{over.identifier}' is {over.type} and not {under.type}, which "
            f"{place.file}:{place.line} says"
        )
        findings.note(message, over.origin.at("type"))


def _outputs(
    declared: MethodSketch, code: MethodSketch, findings: Findings, *, strict: bool
) -> tuple[OutputSketch, ...] | None:
    """By name; returned values that have none by position."""
    if code.outputs is None or declared.outputs is None:
        return declared.outputs or code.outputs
    returned = _named(declared.outputs, code.outputs)
    if returned is None:
        message = (
            f"'{code.entry}' returns {len(code.outputs)} values, but {len(declared.outputs)} "
            "outputs are declared"
        )
        findings.fault(message, declared.origin.at("output"))
        return declared.outputs
    known = {o.identifier: o for o in returned}
    merged = []
    for sketch in declared.outputs:
        own = known.get(sketch.identifier)
        if own is not None:
            _compare_types(sketch, own, findings)
        elif strict and sketch.file is None and not sketch.optional:
            message = f"'{code.entry}' returns no output '{sketch.identifier}'"
            findings.fault(message, sketch.origin.at("identifier"))
        merged.append(overlay(sketch, own) if own else sketch)
    return (*merged, *_others(returned, declared.outputs))


def _named(
    declared: Sequence[OutputSketch], returned: Sequence[OutputSketch]
) -> Sequence[OutputSketch] | None:
    """The returned values with the declared names; None: their numbers differ."""
    if all(o.identifier for o in returned):
        return returned
    by_return = (
        [o for o in declared if o.file is None] if len(declared) > len(returned) else declared
    )
    if len(by_return) != len(returned):
        return None
    pairs = zip(by_return, returned, strict=True)
    return [replace(own, identifier=own.identifier or d.identifier) for d, own in pairs]


def name_returned(sketch: MethodSketch, findings: Findings) -> MethodSketch:
    """With a name for a single returned value that has none; several need names of their own."""
    outputs = sketch.outputs or ()
    unnamed = [o for o in outputs if not o.identifier]
    if not unnamed:
        return sketch
    if len(outputs) == 1:
        findings.note(f"the returned value is called '{_RETURNED}'", outputs[0].origin.at())
        return replace(sketch, outputs=(replace(outputs[0], identifier=_RETURNED),))
    message = (
        "the returned values need names: return a NamedTuple, or name them under 'Returns' in the "
        f"docstring, numpy's style, or as [[output]] in {METHOD_FILE}"
    )
    findings.fault(message, unnamed[0].origin.at())
    numbered = (replace(o, identifier=f"{_RETURNED}{n}") for n, o in enumerate(outputs, start=1))
    return replace(sketch, outputs=tuple(numbered))
