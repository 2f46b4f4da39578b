"""A manifest from a sketch: what nobody said gets its default."""

from __future__ import annotations

import re

from dataminer.domain.methods import Example, Limits, Manifest, Passing, Runtime, Target
from importer.declarations import IDENTIFIER, IDENTIFIER_RULE, declared_input, declared_output
from importer.dependencies import check_dependencies
from importer.findings import Findings
from importer.sketches import MethodSketch

_RESERVED = ("resubmit", "dismiss", "all")  #: processes of the engine, and a word of WPS
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,49}")
_DIGEST = re.compile(r"[0-9a-f]{12,}")
#: The least and the most that a method may ask for.
LIMITS = {
    "wall_seconds": (1, 31 * 86_400),
    "cores": (1, 1024),
    "memory_mb": (1, 10_000_000),
    "processes": (1, 100_000),
    "cpu_seconds": (1, 1024 * 31 * 86_400),
    "folder_mb": (1, 100_000_000),
}


def complete(
    sketch: MethodSketch, runtime: Runtime, entry: str, passing: Passing, findings: Findings
) -> Manifest:
    """The manifest; it is only of use when no fault was found."""
    identifier = sketch.identifier or ""
    _check_identifier(sketch, findings)
    _check_version(sketch, findings)
    check_dependencies(sketch.dependencies or (), runtime, sketch.origin, findings)
    return Manifest(
        identifier=identifier,
        title=_title(sketch, findings),
        runtime=runtime,
        entry=entry,
        passing=passing,
        inputs=tuple(i for s in sketch.inputs if (i := declared_input(s, findings))),
        outputs=tuple(o for s in sketch.outputs or () if (o := declared_output(s, findings))),
        abstract=sketch.abstract or "",
        version=sketch.version or "1",
        category=sketch.category or "OTHER",
        keywords=sketch.keywords or (),
        author=sketch.author or "",
        licence=sketch.licence or "",
        target=sketch.target or Target.LOCAL,
        limits=_limits(sketch, findings),
        deterministic=bool(sketch.deterministic),
        repeatable=sketch.repeatable is not False,
        dependencies=tuple(d.strip() for d in sketch.dependencies or ()),
        example=_example(sketch),
    )


def _check_identifier(sketch: MethodSketch, findings: Findings) -> None:
    identifier, place = sketch.identifier or "", sketch.origin.at("identifier")
    if not IDENTIFIER.fullmatch(identifier):
        findings.fault(f"a method cannot be called '{identifier}': {IDENTIFIER_RULE}", place)
    elif identifier.lower() in _RESERVED:
        message = f"'{identifier}' is a word of the engine; give the method another identifier"
        findings.fault(message, place)


def _check_version(sketch: MethodSketch, findings: Findings) -> None:
    version = sketch.version or "1"
    if not _LABEL.fullmatch(version):
        message = f"the version '{version}' must be short and without spaces, as 1.2"
        findings.fault(message, sketch.origin.at("version"))
    elif _DIGEST.fullmatch(version):
        message = f"the version '{version}' looks like a digest; put a point or a dash into it"
        findings.fault(message, sketch.origin.at("version"))


def _title(sketch: MethodSketch, findings: Findings) -> str:
    if sketch.title:
        return " ".join(sketch.title.split())
    findings.note(f"the method has no title; '{sketch.identifier}' is shown instead")
    return sketch.identifier or ""


def _limits(sketch: MethodSketch, findings: Findings) -> Limits:
    given = {name: getattr(sketch, name) for name in LIMITS}
    asked = {name: value for name, value in given.items() if value is not None}
    for name, value in asked.items():
        least, most = LIMITS[name]
        if not least <= value <= most:
            message = f"{name} must be between {least} and {most}, not {value}"
            findings.fault(message, sketch.origin.at(name))
    return Limits(**asked)


def _example(sketch: MethodSketch) -> Example | None:
    if sketch.example is None:
        return None
    return Example(inputs=sketch.example.inputs, outputs=sketch.example.outputs)
