"""What one way of declaring says of a method: each field known, or None where it is silent."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TypeVar

from dataminer.domain.methods import DataType, Format, Passing, Runtime, Target
from importer.findings import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSketch:
    """What is known of an input."""

    identifier: str
    origin: Origin = field(default_factory=Origin)
    type: DataType | None = None
    type_problem: str | None = None  #: why the type is not known; empty: reported already
    title: str | None = None
    abstract: str | None = None
    min_occurs: int | None = None
    max_occurs: int | None = None
    default: str | None = None
    choices: tuple[str, ...] | None = None
    minimum: float | None = None
    maximum: float | None = None
    unit: str | None = None
    formats: tuple[Format, ...] | None = None
    crs: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputSketch:
    """What is known of an output."""

    identifier: str  #: empty: the returned value at this position, which has no name
    origin: Origin = field(default_factory=Origin)
    type: DataType | None = None
    type_problem: str | None = None  #: why the type is not known; empty: reported already
    title: str | None = None
    abstract: str | None = None
    unit: str | None = None
    formats: tuple[Format, ...] | None = None
    crs: tuple[str, ...] | None = None
    file: str | None = None
    optional: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleSketch:
    """An example run."""

    inputs: tuple[tuple[str, str], ...] = ()
    outputs: tuple[tuple[str, str], ...] = ()
    input_origin: Origin = field(default_factory=Origin)
    output_origin: Origin = field(default_factory=Origin)


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodSketch:
    """What is known of a method."""

    origin: Origin = field(default_factory=Origin)
    identifier: str | None = None
    title: str | None = None
    abstract: str | None = None
    version: str | None = None
    category: str | None = None
    keywords: tuple[str, ...] | None = None
    author: str | None = None
    licence: str | None = None
    runtime: Runtime | None = None
    entry: str | None = None
    passing: Passing | None = None
    target: Target | None = None
    wall_seconds: int | None = None
    cores: int | None = None
    memory_mb: int | None = None
    processes: int | None = None
    cpu_seconds: int | None = None
    folder_mb: int | None = None
    deterministic: bool | None = None
    repeatable: bool | None = None
    dependencies: tuple[str, ...] | None = None
    example: ExampleSketch | None = None
    inputs: tuple[InputSketch, ...] = ()
    outputs: tuple[OutputSketch, ...] | None = None  #: None: cannot be told
    resources: tuple[tuple[str, Origin], ...] = ()  #: files that the script needs beside it


Sketch = TypeVar("Sketch", InputSketch, OutputSketch, MethodSketch)


def overlay(over: Sketch, under: Sketch) -> Sketch:
    """`over`, and what `under` says where `over` is silent."""
    silent = [f.name for f in fields(over) if getattr(over, f.name) is None]
    added = {n: getattr(under, n) for n in silent if getattr(under, n) is not None}
    places = {**over.origin.elsewhere, **{name: under.origin.at(name) for name in added}}
    line = over.origin.line
    if line is None and over.origin.file == under.origin.file:
        line = under.origin.line
    return replace(over, origin=replace(over.origin, line=line, elsewhere=places), **added)
