"""A declared input or output from its sketch; what is contradictory in it is a fault."""

from __future__ import annotations

import re
from dataclasses import replace

from dataminer.domain.literals import canonical, check
from dataminer.domain.methods import DataType, Format, Input, Output
from importer.files import is_inside
from importer.findings import Findings
from importer.sketches import InputSketch, OutputSketch
from importer.type_words import FILE_FORMAT, TABLE_FORMAT

IDENTIFIER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
IDENTIFIER_RULE = "letters, digits, '_', '.' and '-', at most 100, beginning with no '.' or '-'"

_NUMBERS = (DataType.INTEGER, DataType.FLOAT)
_CRS = ("EPSG:4326",)


def declared_input(sketch: InputSketch, findings: Findings) -> Input | None:
    """The input; None: its type is not known."""
    if not _is_sound("input", sketch, findings) or sketch.type is None:
        return None
    declared = Input(
        identifier=sketch.identifier,
        type=sketch.type,
        title=" ".join((sketch.title or "").split()),
        abstract=sketch.abstract or "",
        min_occurs=1 if sketch.min_occurs is None else sketch.min_occurs,
        max_occurs=1 if sketch.max_occurs is None else sketch.max_occurs,
        default=sketch.default,
        choices=_choices(sketch, findings),
        minimum=sketch.minimum,
        maximum=sketch.maximum,
        unit=sketch.unit or "",
        formats=_formats(sketch),
        crs=_crs(sketch),
    )
    if sketch.type is DataType.FILE and sketch.formats is None:
        message = f"'{sketch.identifier}' takes any file; a media type would say which"
        findings.note(message, sketch.origin.at("formats"))
    _check_range(declared, sketch, findings)
    declared = _with_default(declared, sketch, findings)
    _check_occurrences(declared, sketch, findings)
    return declared


def declared_output(sketch: OutputSketch, findings: Findings) -> Output | None:
    """The output; None: its type is not known."""
    if not _is_sound("output", sketch, findings) or sketch.type is None:
        return None
    if sketch.file is not None and not is_inside(sketch.file):
        message = f"'{sketch.file}' must be a path inside the folder that the script runs in"
        findings.fault(message, sketch.origin.at("file"))
    return Output(
        identifier=sketch.identifier,
        type=sketch.type,
        title=" ".join((sketch.title or "").split()),
        abstract=sketch.abstract or "",
        unit=sketch.unit or "",
        formats=_formats(sketch),
        crs=_crs(sketch),
        file=sketch.file or "",
        optional=bool(sketch.optional),
    )


def _is_sound(kind: str, sketch: InputSketch | OutputSketch, findings: Findings) -> bool:
    """Whether name and type can be used; fields that its type cannot have are faults too."""
    if not IDENTIFIER.fullmatch(sketch.identifier):
        message = f"the {kind} '{sketch.identifier}' needs another name: {IDENTIFIER_RULE}"
        findings.fault(message, sketch.origin.at("identifier"))
    if sketch.type is None:
        problem = "it has no type" if sketch.type_problem is None else sketch.type_problem
        if problem:
            message = f"{kind} '{sketch.identifier}': {problem}"
            findings.fault(message, sketch.origin.at("type"))
        return False
    for name, types in _ONLY_FOR.items():
        if getattr(sketch, name, None) is not None and sketch.type not in types:
            message = f"'{sketch.identifier}' is {sketch.type} and can have no {name}"
            findings.fault(message, sketch.origin.at(name))
    return True


_LITERALS = tuple(t for t in DataType if t.is_literal)
_COMPLEX = tuple(t for t in DataType if t.is_complex)
_ONLY_FOR = {
    "default": _LITERALS,
    "choices": _LITERALS,
    "minimum": _NUMBERS,
    "maximum": _NUMBERS,
    "unit": _NUMBERS,
    "formats": _COMPLEX,
    "crs": (DataType.BBOX,),
}


def _formats(sketch: InputSketch | OutputSketch) -> tuple[Format, ...]:
    if sketch.formats or sketch.type is None or not sketch.type.is_complex:
        return sketch.formats or ()
    return (TABLE_FORMAT if sketch.type is DataType.TABLE else FILE_FORMAT,)


def _crs(sketch: InputSketch | OutputSketch) -> tuple[str, ...]:
    return sketch.crs or (_CRS if sketch.type is DataType.BBOX else ())


def _choices(sketch: InputSketch, findings: Findings) -> tuple[str, ...]:
    """The choices in canonical form."""
    if sketch.choices is None or sketch.type is None or not sketch.type.is_literal:
        return ()
    choices = [_choice(sketch, choice, findings) for choice in sketch.choices]
    if not choices or "" in choices:
        message = f"'{sketch.identifier}' has an empty choice or none to choose from"
        findings.fault(message, sketch.origin.at("choices"))
    if len(set(choices)) < len(choices):
        message = f"'{sketch.identifier}' has a choice twice"
        findings.fault(message, sketch.origin.at("choices"))
    return tuple(choices)


def _choice(sketch: InputSketch, choice: str, findings: Findings) -> str:
    """In canonical form; as it is when it is not of the type, which is a fault."""
    try:
        return canonical(sketch.type or DataType.STRING, choice)
    except ValueError as error:
        message = f"'{sketch.identifier}', choices: {error}"
        findings.fault(message, sketch.origin.at("choices"))
        return choice


def _check_range(declared: Input, sketch: InputSketch, findings: Findings) -> None:
    low, high = declared.minimum, declared.maximum
    if low is not None and high is not None and low > high:
        message = f"'{declared.identifier}' has a minimum above its maximum"
        findings.fault(message, sketch.origin.at("minimum"))


def _with_default(declared: Input, sketch: InputSketch, findings: Findings) -> Input:
    """With the default in canonical form, which makes it optional."""
    if sketch.default is None or not declared.type.is_literal:
        return declared
    try:
        default = check(declared, sketch.default)
    except ValueError as error:
        message = f"the default of '{declared.identifier}': {error}"
        findings.fault(message, sketch.origin.at("default"))
        return declared
    if sketch.min_occurs:
        message = f"'{declared.identifier}' has a default and is therefore optional"
        findings.note(message, sketch.origin.at("min_occurs"))
    return replace(declared, default=default, min_occurs=0)


def _check_occurrences(declared: Input, sketch: InputSketch, findings: Findings) -> None:
    if declared.min_occurs < 0:
        message = f"'{declared.identifier}' cannot occur fewer times than 0"
        findings.fault(message, sketch.origin.at("min_occurs"))
    if declared.max_occurs < max(1, declared.min_occurs):
        message = (
            f"'{declared.identifier}' may occur at most {declared.max_occurs} times, which is "
            f"fewer than {max(1, declared.min_occurs)}"
        )
        findings.fault(message, sketch.origin.at("max_occurs"))
