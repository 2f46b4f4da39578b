"""What must hold between the parts of a method: names, passing, example, texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import fields, is_dataclass

from dataminer.domain.literals import check
from dataminer.domain.methods import DataType, Input, Manifest, Output, Passing
from importer.files import METHOD_FILE
from importer.findings import Findings
from importer.languages import LANGUAGES
from importer.sketches import ExampleSketch, InputSketch, MethodSketch, OutputSketch

_BOX_DIMENSIONS = (2, 3)
#: What cannot stand in a document. Source: XML 1.0, production 2, Char.
_UNSHOWN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def check_unique(sketch: MethodSketch, findings: Findings) -> None:
    """No two inputs, outputs or files of outputs have one name."""
    _check_names("input", sketch.inputs, findings)
    _check_names("output", sketch.outputs or (), findings)
    files: set[str] = set()
    for output in sketch.outputs or ():
        if output.file and output.file in files:
            message = f"two outputs are read from '{output.file}'"
            findings.fault(message, output.origin.at("file"))
        files.add(output.file or "")


def _check_names(
    kind: str, sketches: Sequence[InputSketch | OutputSketch], findings: Findings
) -> None:
    names: set[str] = set()
    folded: dict[str, str] = {}
    for sketch in (s for s in sketches if s.identifier):
        name, place = sketch.identifier, sketch.origin.at("identifier")
        if name in names:
            findings.fault(f"there is already an {kind} '{name}'", place)
        elif name.lower() in folded:
            findings.note(f"'{name}' and '{folded[name.lower()]}' differ only in case", place)
        names.add(name)
        folded.setdefault(name.lower(), name)


def check_entry(declared: MethodSketch, manifest: Manifest, findings: Findings) -> None:
    """A function is named only where one is called."""
    entry = declared.entry or ""
    if ":" in entry and manifest.passing is not Passing.FUNCTION:
        message = f"the entry '{entry}' names a function, but inputs are passed as "
        findings.fault(f"{message}{manifest.passing}", declared.origin.at("entry"))


def check_passing(sketch: MethodSketch, manifest: Manifest, findings: Findings) -> None:
    """The runtime knows the passing, and names can be what the passing makes of them."""
    language, passing = LANGUAGES[manifest.runtime], manifest.passing
    if passing not in language.passings:
        known = ", ".join(language.passings)
        message = f"{language.name} cannot take its inputs by '{passing}'; it can by: {known}"
        findings.fault(message, sketch.origin.at("passing"))
    if passing not in (Passing.VARIABLES, Passing.FUNCTION):
        return
    named: list[InputSketch | OutputSketch] = list(sketch.inputs)
    if passing is Passing.VARIABLES:
        named += sketch.outputs or ()
    for item in named:
        name = item.identifier
        if name in language.reserved or name.startswith("DATAMINER_"):
            message = f"'{name}' is a word of {language.name} or of the engine; rename it"
        elif not language.variable.fullmatch(name):
            message = f"'{name}' cannot be the name of a variable in {language.name}; rename it"
        else:
            continue
        findings.fault(message, item.origin.at("identifier"))


def check_outputs(sketch: MethodSketch, manifest: Manifest, findings: Findings) -> None:
    """There is one at least, and it is told where each comes from."""
    if not sketch.outputs:
        message = (
            "no output is declared: say it as '# wps.out: name, type;', as [[output]] in "
            f"{METHOD_FILE}, or as the type that main() returns"
        )
        findings.fault(message, sketch.origin.at("output"))
    _note_silent(manifest, findings)


def _note_silent(manifest: Manifest, findings: Findings) -> None:
    """One output that names no file can be the standard output, a payload before a literal."""
    unnamed = [o for o in manifest.outputs if not o.file]
    if manifest.passing is Passing.ARGUMENTS and len(unnamed) > 1:
        names = ", ".join(o.identifier for o in unnamed)
        findings.note(f"of {names} only one can be the standard output; give the others a file")


def check_example(
    sketch: MethodSketch, manifest: Manifest, files: Collection[str], findings: Findings
) -> None:
    """The example names what there is, and its values are allowed."""
    example = sketch.example
    if example is None:
        return
    for identifier, text in example.inputs:
        problem = _problem(manifest.input(identifier), text, files)
        if problem:
            message = f"the example's input '{identifier}': {problem}"
            findings.fault(message, example.input_origin.at(identifier))
    for identifier, text in example.outputs:
        problem = _problem(manifest.output(identifier), text, files)
        if problem:
            message = f"the example's output '{identifier}': {problem}"
            findings.fault(message, example.output_origin.at(identifier))
    _check_counts(example, manifest, findings)


def _check_counts(example: ExampleSketch, manifest: Manifest, findings: Findings) -> None:
    given = Counter(identifier for identifier, _ in example.inputs)
    for declared in manifest.inputs:
        count = given[declared.identifier]
        too_few = count < declared.min_occurs
        if too_few or count > declared.max_occurs:
            message = f"the example gives '{declared.identifier}' {count} times"
            findings.fault(message, example.input_origin.at(declared.identifier))


def _problem(declared: Input | Output | None, text: str, files: Collection[str]) -> str:
    """What is wrong with an example's value; empty: nothing."""
    if declared is None:
        return "the method has none of this name"
    if text.startswith("@") and declared.type.is_complex:
        return "" if text[1:] in files else f"there is no file '{text[1:]}' in the package"
    if declared.type is DataType.BBOX:
        return "" if is_box(text) else f"'{text}' is not a box, such as 10,40,12,44,EPSG:4326"
    if declared.type.is_literal:
        try:
            check(declared if isinstance(declared, Input) else _as_input(declared), text)
        except ValueError as error:
            return str(error)
    return ""


def _as_input(output: Output) -> Input:
    return Input(identifier=output.identifier, type=output.type)


def is_box(text: str) -> bool:
    """Whether it is lower corner, upper corner and, if wanted, a reference system."""
    pieces = [piece.strip() for piece in text.split(",")]
    numbers = pieces[:-1] if len(pieces) % 2 else pieces
    try:
        values = [float(number) for number in numbers]
    except ValueError:
        return False
    middle = len(values) // 2
    ordered = all(low <= high for low, high in zip(values, values[middle:], strict=False))
    return middle in _BOX_DIMENSIONS and ordered


def note_titles(manifest: Manifest, findings: Findings) -> None:
    """Clients show identifiers where there are no titles."""
    declared: list[Input | Output] = [*manifest.inputs, *manifest.outputs]
    names = [d.identifier for d in declared if not d.title]
    if names:
        findings.note(f"without a title: {', '.join(names)}")


def check_texts(manifest: Manifest, findings: Findings) -> None:
    """Every text can stand in an XML document."""
    _each_text(manifest, lambda text: _check_text(text, findings))


def _each_text(part: object, visit: Callable[[str], None]) -> None:
    if isinstance(part, str):
        visit(part)
    elif isinstance(part, tuple):
        for item in part:
            _each_text(item, visit)
    elif is_dataclass(part):
        for field in fields(part):
            _each_text(getattr(part, field.name), visit)


def _check_text(text: str, findings: Findings) -> None:
    if _UNSHOWN.search(text):
        shown = ascii(text)[1:61].rstrip("'")
        findings.fault(f"the text '{shown}' holds a character that no document can show")


def note_unassigned(sketch: MethodSketch, text: str, findings: Findings) -> None:
    """Note each output that the script seems to set nowhere."""
    for output in sketch.outputs or ():
        name = re.escape(output.identifier)
        assigned = rf"(?<![\w.$]){name}\s*(?:<<?-|=(?!=)|:)|->>?\s*{name}(?![\w.])"
        if output.file is None and not re.search(assigned, text):
            message = f"nothing seems to be assigned to the output '{output.identifier}'"
            findings.note(message, output.origin.at())
