"""What clients will see of a method, as text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from dataminer.domain.methods import Input, Limits, Manifest, Output

_WIDTH = 88


def describe(manifest: Manifest) -> str:
    """Identifier, texts, inputs, outputs, and where and with what it runs."""
    lines = [
        f"{manifest.identifier} (version {manifest.version}): {manifest.title}",
        *_paragraphs(manifest.abstract, indent=2),
        "",
        "Inputs" if manifest.inputs else "Inputs: none",
        *(line for declared in manifest.inputs for line in _input(declared)),
        "",
        "Outputs",
        *(line for declared in manifest.outputs for line in _output(declared)),
        "",
        *_facts(manifest),
    ]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def occurrences(declared: Input) -> str:
    """How often an input is given, in words."""
    if declared.max_occurs == 1:
        return "required" if declared.min_occurs else "optional"
    if declared.min_occurs == declared.max_occurs:
        return f"{declared.min_occurs} times"
    return f"{declared.min_occurs} to {declared.max_occurs} times"


def _input(declared: Input) -> Iterator[str]:
    facts = [str(declared.type), occurrences(declared)]
    if declared.default is not None:
        facts.append(f"default {declared.default or 'empty text'}")
    if declared.minimum is not None:
        facts.append(f"at least {declared.minimum:.15g}")
    if declared.maximum is not None:
        facts.append(f"at most {declared.maximum:.15g}")
    if declared.choices:
        facts.append(f"one of {' | '.join(declared.choices)}")
    yield from _entry(declared, facts)


def _output(declared: Output) -> Iterator[str]:
    facts = [str(declared.type), *(["may be left out"] if declared.optional else [])]
    if declared.file:
        facts.append(f"read from {declared.file}")
    yield from _entry(declared, facts)


def _entry(declared: Input | Output, facts: list[str]) -> Iterator[str]:
    if declared.unit:
        facts.append(f"in {declared.unit}")
    if declared.formats:
        facts.append(", ".join(f.media_type for f in declared.formats))
    if declared.crs:
        facts.append(", ".join(declared.crs))
    title = f": {declared.title}" if declared.title else ""
    yield from textwrap.wrap(
        f"{declared.identifier}{title}", _WIDTH, initial_indent="  ", subsequent_indent="    "
    )
    yield from textwrap.wrap(
        "; ".join(facts), _WIDTH, initial_indent="      ", subsequent_indent="      "
    )
    yield from _paragraphs(declared.abstract, indent=6)


def _facts(manifest: Manifest) -> Iterator[str]:
    limits = manifest.limits
    cores = f"{limits.cores} core{'s' if limits.cores > 1 else ''}"
    where = f"{manifest.entry} ({manifest.runtime}), target {manifest.target}"
    yield f"Runs: {where}, {cores}, at most {_span(limits.wall_seconds)}"
    if bounds := _bounds(limits):
        yield f"Limits: {', '.join(bounds)}"
    promises = ["deterministic" if manifest.deterministic else "not declared deterministic"]
    promises.append("run again when its node dies" if manifest.repeatable else "run once only")
    yield f"Promises: {', '.join(promises)}"
    yield f"Dependencies: {', '.join(manifest.dependencies) or 'none'}"
    for name in ("category", "author", "licence"):
        if value := getattr(manifest, name):
            yield f"{name.capitalize()}: {value}"
    if manifest.keywords:
        yield f"Keywords: {', '.join(manifest.keywords)}"


def _bounds(limits: Limits) -> list[str]:
    """The limits that the method sets for itself; what it leaves out the server decides."""
    bounds = []
    if limits.memory_mb is not None:
        bounds.append(f"{limits.memory_mb:,} MB of memory")
    if limits.processes is not None:
        bounds.append(f"{limits.processes} process{'es' if limits.processes > 1 else ''}")
    if limits.cpu_seconds is not None:
        bounds.append(f"{_span(limits.cpu_seconds)} of CPU")
    if limits.folder_mb is not None:
        bounds.append(f"a folder of {limits.folder_mb:,} MB")
    return bounds


def _span(seconds: int) -> str:
    """Seconds as a person says them."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _paragraphs(text: str, indent: int) -> Iterator[str]:
    for paragraph in filter(None, text.split("\n\n")):
        margin = " " * indent
        yield from textwrap.wrap(paragraph, _WIDTH, initial_indent=margin, subsequent_indent=margin)
