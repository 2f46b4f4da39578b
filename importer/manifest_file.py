"""What a `method.toml` says of its method."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace

from dataminer.domain.methods import Format, Passing, Runtime, Target
from importer.completion import LIMITS
from importer.findings import Findings, Place
from importer.sketches import ExampleSketch, InputSketch, MethodSketch, OutputSketch
from importer.toml_lines import key_lines
from importer.toml_tables import Table
from importer.type_words import TypeWord, is_media_type, type_word

_LINE = re.compile(r"line (\d+)")


def sketch_manifest(text: str, file: str, findings: Findings) -> MethodSketch | None:
    """What the manifest says, silent where it is faulty; None: it is not TOML at all."""
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        found = _LINE.search(str(error))
        message = re.sub(r"\s*\(at .*\)", "", str(error))
        place = Place(file=file, line=int(found[1]) if found else None)
        findings.fault(f"this is not TOML: {message}", place)
        return None
    return _method(Table(content, (), key_lines(text), file, findings))


def _method(table: Table) -> MethodSketch:
    limits = table.table("limits")
    asked = {name: limits.integer(name) if limits else None for name in LIMITS}
    lines = {**table.origin.lines, **(limits.origin.lines if limits else {})}
    sketch = MethodSketch(
        origin=replace(table.origin, lines=lines),
        identifier=table.text("identifier"),
        title=table.text("title"),
        abstract=table.text("abstract"),
        version=table.scalar("version"),
        category=table.text("category"),
        keywords=table.texts("keywords"),
        author=table.text("author"),
        licence=table.text("licence"),
        runtime=table.word("runtime", Runtime),
        entry=table.text("entry"),
        passing=table.word("passing", Passing),
        target=table.word("target", Target),
        deterministic=table.boolean("deterministic"),
        repeatable=table.boolean("repeatable"),
        dependencies=table.texts("dependencies"),
        wall_seconds=asked["wall_seconds"],
        cores=asked["cores"],
        memory_mb=asked["memory_mb"],
        processes=asked["processes"],
        cpu_seconds=asked["cpu_seconds"],
        folder_mb=asked["folder_mb"],
        inputs=tuple(i for t in table.tables("input") if (i := _input(t))),
        outputs=tuple(o for t in table.tables("output") if (o := _output(t))) or None,
        example=_example(table.table("example")),
    )
    if limits:
        limits.close()
    table.close()
    return sketch


def _input(table: Table) -> InputSketch | None:
    meaning = _type(table)
    identifier = _identifier(table)
    sketch = InputSketch(
        identifier=identifier or "",
        origin=table.origin,
        type=meaning.type if meaning else None,
        type_problem="" if meaning is None and "type" in table.origin.lines else None,
        title=table.text("title"),
        abstract=table.text("abstract"),
        default=table.scalar("default"),
        choices=table.scalars("choices"),
        minimum=table.number("minimum"),
        maximum=table.number("maximum"),
        unit=table.text("unit"),
        min_occurs=table.integer("min_occurs"),
        max_occurs=table.integer("max_occurs"),
        formats=_formats(table, meaning),
        crs=table.texts("crs"),
    )
    table.close()
    return sketch if identifier else None


def _output(table: Table) -> OutputSketch | None:
    meaning = _type(table)
    identifier = _identifier(table)
    sketch = OutputSketch(
        identifier=identifier or "",
        origin=table.origin,
        type=meaning.type if meaning else None,
        type_problem="" if meaning is None and "type" in table.origin.lines else None,
        title=table.text("title"),
        abstract=table.text("abstract"),
        unit=table.text("unit"),
        formats=_formats(table, meaning),
        crs=table.texts("crs"),
        file=table.text("file"),
        optional=table.boolean("optional"),
    )
    table.close()
    return sketch if identifier else None


def _example(table: Table | None) -> ExampleSketch | None:
    if table is None:
        return None
    inputs, outputs = table.table("inputs"), table.table("outputs")
    table.close()
    return ExampleSketch(
        inputs=inputs.pairs() if inputs else (),
        outputs=outputs.pairs() if outputs else (),
        input_origin=(inputs or table).origin,
        output_origin=(outputs or table).origin,
    )


def _identifier(table: Table) -> str | None:
    identifier = table.text("identifier")
    if not identifier:
        table.fault("identifier", "an input or output needs an identifier")
    return identifier


def _type(table: Table) -> TypeWord | None:
    word = table.text("type")
    if word is None:
        return None
    try:
        return type_word(word)
    except ValueError as error:
        table.fault("type", str(error))
        return None


def _formats(table: Table, meaning: TypeWord | None) -> tuple[Format, ...] | None:
    """The formats given, else those that the type speaks of."""
    given = table.mixed("formats")
    if given is None:
        return (meaning.formats or None) if meaning else None
    formats = []
    for entry in given:
        read = _format(entry)
        if is_media_type(read.media_type):
            formats.append(read)
        else:
            table.fault("formats", f"'{read.media_type}' is not a media type, such as text/csv")
    return tuple(formats)


def _format(entry: str | Table) -> Format:
    if isinstance(entry, str):
        return Format(media_type=entry)
    read = Format(
        media_type=entry.text("media_type") or "",
        encoding=entry.text("encoding") or "",
        schema=entry.text("schema") or "",
    )
    entry.close()
    return read
