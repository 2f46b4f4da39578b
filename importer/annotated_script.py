"""What annotations in a script's comments say of its method.

Source: 52North, WPS4R documentation; the names beyond it are ours.
"""

from __future__ import annotations

from dataclasses import replace

from dataminer.domain.methods import DataType, Format, Passing, Runtime, Target
from importer.annotation_values import Values, values_of
from importer.annotations import LISTS, Annotation, Part, scan
from importer.findings import Findings, Origin, Place
from importer.languages import LANGUAGES
from importer.sketches import InputSketch, MethodSketch, OutputSketch
from importer.type_words import TypeWord, is_media_type, type_of_media, type_word

_NO_VALUE = frozenset(("null", "none"))


def sketch_annotations(
    text: str, runtime: Runtime, file: str, findings: Findings
) -> MethodSketch | None:
    """What the annotations say; None: there are none."""
    annotations = scan(text, LANGUAGES[runtime].comment_signs, file, findings)
    if not annotations:
        return None
    values = [(a.kind, values_of(a, file, findings)) for a in annotations if a.kind not in LISTS]
    described = [v for kind, v in values if kind == "des"]
    for again in described[1:]:
        findings.fault("'wps.des' may stand only once in a script", again.origin.at())
    outputs = tuple(o for kind, v in values if kind == "out" and (o := _output(v)))
    inputs = tuple(i for kind, v in values if kind == "in" and (i := _input(v)))
    nothing = Values(parts={}, file=file, line=None, findings=findings)
    return replace(
        _method(described[0] if described else nothing, _dependencies(annotations, file, findings)),
        inputs=inputs,
        outputs=outputs or None,
        resources=_resources(annotations, file),
    )


def _method(values: Values, dependencies: tuple[Part, ...]) -> MethodSketch:
    origin = values.origin
    lines = {"dependencies": dependencies[0].line} if dependencies else {}
    return MethodSketch(
        origin=replace(origin, lines={**origin.lines, **lines}),
        identifier=values.text("id"),
        title=values.text("title"),
        abstract=values.text("abstract"),
        version=values.text("version"),
        author=values.text("author"),
        category=values.text("category"),
        keywords=values.listed("keywords"),
        licence=values.text("licence"),
        target=values.word("target", Target),
        passing=values.word("passing", Passing),
        deterministic=values.boolean("deterministic"),
        repeatable=values.boolean("repeatable"),
        wall_seconds=values.integer("wallseconds"),
        cores=values.integer("cores"),
        memory_mb=values.integer("memorymb"),
        processes=values.integer("processes"),
        cpu_seconds=values.integer("cpuseconds"),
        folder_mb=values.integer("foldermb"),
        dependencies=tuple(part.text for part in dependencies) or None,
    )


def _input(values: Values) -> InputSketch | None:
    if not (identifier := _identifier(values, "in")):
        return None
    meaning = _type(values)
    default = values.text("value")
    if default is not None and not values.parts["value"].quoted and default.lower() in _NO_VALUE:
        default = None
    return InputSketch(
        identifier=identifier,
        origin=values.origin,
        type=meaning.type if meaning else None,
        type_problem=None if meaning else "",
        title=values.text("title"),
        abstract=values.text("abstract"),
        default=default,
        min_occurs=values.integer("minoccurs"),
        max_occurs=values.integer("maxoccurs"),
        choices=values.listed("choices"),
        minimum=values.number("minimum"),
        maximum=values.number("maximum"),
        unit=values.text("unit"),
        formats=_formats(values, meaning),
        crs=values.listed("crs"),
    )


def _output(values: Values) -> OutputSketch | None:
    if not (identifier := _identifier(values, "out")):
        return None
    meaning = _type(values)
    return OutputSketch(
        identifier=identifier,
        origin=values.origin,
        type=meaning.type if meaning else None,
        type_problem=None if meaning else "",
        title=values.text("title"),
        abstract=values.text("abstract"),
        unit=values.text("unit"),
        formats=_formats(values, meaning),
        crs=values.listed("crs"),
        file=values.text("file"),
        optional=values.boolean("optional"),
    )


def _identifier(values: Values, kind: str) -> str | None:
    identifier = values.text("id")
    if not identifier:
        values.fault("id", f"'wps.{kind}' needs an id and a type: wps.{kind}: name, type;")
    return identifier


def _type(values: Values) -> TypeWord | None:
    """What the type means; None: a fault was recorded."""
    word = values.text("type")
    if not word:
        values.fault("type", f"'{values.text('id')}' needs a type, as string, double or text/csv")
        return None
    try:
        return type_word(word)
    except ValueError as error:
        values.fault("type", f"'{values.text('id')}': {error}")
        return None


def _formats(values: Values, meaning: TypeWord | None) -> tuple[Format, ...] | None:
    names = values.listed("mimetype")
    if names is None:
        names = tuple(f.media_type for f in meaning.formats) if meaning else ()
    for name in names:
        if not is_media_type(name):
            values.fault("mimetype", f"'{name}' is not a media type, such as text/csv")
        elif meaning and meaning.type is DataType.TABLE and type_of_media(name) is DataType.FILE:
            values.fault("mimetype", f"'{name}' is not a table; use the type file")
    encoding, schema = values.text("encoding") or "", values.text("schema") or ""
    return tuple(Format(media_type=n, encoding=encoding, schema=schema) for n in names) or None


def _resources(annotations: list[Annotation], file: str) -> tuple[tuple[str, Origin], ...]:
    return tuple(
        (part.text, Origin(file=file, line=part.line))
        for annotation in annotations
        if annotation.kind in ("res", "resource")
        for part in annotation.parts
    )


def _dependencies(annotations: list[Annotation], file: str, findings: Findings) -> tuple[Part, ...]:
    """Requirements; the commas inside of one do not end it."""
    found: list[Part] = []
    for part in (p for a in annotations if a.kind == "dep" for p in a.parts):
        if part.name:
            message = f"write '{part.name}=={part.text}' for this version"
            findings.fault(message, Place(file=file, line=part.line))
        elif found and _continues(found[-1].text, part.text):
            found[-1] = replace(found[-1], text=f"{found[-1].text},{part.text}")
        else:
            found.append(part)
    return tuple(found)


def _continues(before: str, text: str) -> bool:
    """Whether the comma between them is one inside a requirement."""
    return text[:1] in tuple("<>=!~") or before.count("[") > before.count("]")
