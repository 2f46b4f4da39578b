"""What the entry script itself says of its method, and how it wants to be run."""

from __future__ import annotations

import ast
import os
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

from dataminer.domain.methods import Passing, Runtime
from importer.annotated_script import sketch_annotations
from importer.dependencies import inline_metadata, note_imports
from importer.docstrings import read_docstring
from importer.files import METHOD_FILE, read_text
from importer.findings import Findings, Origin, Place
from importer.languages import LANGUAGES, runtime_of_name, runtime_of_text
from importer.merging import merge
from importer.python_main import sketch_function
from importer.python_names import names_of
from importer.sketches import MethodSketch, overlay
from importer.syntax import check_syntax, parse_python

_MAIN = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What was understood of the entry script."""

    file: str  #: its path in the package
    runtime: Runtime | None = None  #: None: not known
    sketch: MethodSketch = field(default_factory=MethodSketch)
    text: str = ""
    tree: ast.Module | None = None  #: Python only
    takes_anything: bool = True  #: it accepts inputs that it does not name
    is_understood: bool = False  #: nothing about it is missing


def read_code(file: str, path: Path, declared: MethodSketch, findings: Findings) -> Code:
    """What the script says; `declared` is what the manifest beside it says."""
    runtime = declared.runtime or runtime_of_name(file)
    if runtime is Runtime.BINARY:
        if not os.access(path, os.X_OK):
            findings.fault("is not executable: chmod +x", Place(file=file))
        return Code(file=file, runtime=runtime, is_understood=True)
    text = read_text(path, file, findings)
    if text is None:
        return Code(file=file, runtime=runtime)
    runtime = runtime or runtime_of_text(text)
    if runtime is None:
        known = ", ".join(s for language in LANGUAGES.values() for s in language.suffixes)
        message = f"in what language is it? Name it {known} or say the runtime in {METHOD_FILE}"
        findings.fault(message, Place(file=file))
        return Code(file=file)
    silent = MethodSketch(origin=Origin(file=file))
    annotated = sketch_annotations(text, runtime, file, findings) or silent
    if runtime is Runtime.PYTHON:
        return _python(file, text, annotated, declared, findings)
    check_syntax(text, runtime, file, findings)
    return Code(file=file, runtime=runtime, sketch=annotated, text=text, is_understood=True)


def passing_of(declared: MethodSketch, code: Code) -> Passing:
    """How it gets its inputs: as somebody says, else as is usual for the runtime."""
    said = declared.passing or code.sketch.passing
    return said or LANGUAGES[code.runtime or Runtime.BINARY].passings[0]


def note_missing_libraries(
    code: Code, requirements: Collection[str], beside: Collection[str], findings: Findings
) -> None:
    """Note what a Python script imports and nobody names as a dependency."""
    if code.tree is not None:
        note_imports(code.tree, requirements, beside, code.file, findings)


def _python(
    file: str, text: str, annotated: MethodSketch, declared: MethodSketch, findings: Findings
) -> Code:
    sketch = overlay(annotated, inline_metadata(text, file, findings))
    tree = parse_python(text, file, findings)
    code = Code(file=file, runtime=Runtime.PYTHON, sketch=sketch, text=text, tree=tree)
    name = _function_name(annotated, declared)
    if tree is None:
        return code
    if name is None:
        return replace(code, sketch=_with_docstring(sketch, tree), is_understood=True)
    module = names_of(tree)
    function = module.functions.get(name or _MAIN)
    if function is not None:
        said = sketch_function(function, module, file, findings)
        sketch = merge(sketch, said.method, findings, takes_anything=said.takes_anything)
        return replace(code, sketch=sketch, takes_anything=said.takes_anything, is_understood=True)
    if name:
        message = f"there is no function '{name}' at the top level of the script"
        findings.fault(message, Place(file=file))
    return replace(code, is_understood=not name)


def _with_docstring(sketch: MethodSketch, tree: ast.Module) -> MethodSketch:
    """Title and abstract from the module's docstring where no annotation says them."""
    if sketch.title is not None:
        return sketch
    text = read_docstring(ast.get_docstring(tree)).text
    said = MethodSketch(title=text.title or None, abstract=text.abstract or None)
    return overlay(sketch, said)


def _function_name(annotated: MethodSketch, declared: MethodSketch) -> str | None:
    """The function that must be there; empty: `main` if there is one; None: none is called."""
    name = (declared.entry or "").partition(":")[2]
    passing = declared.passing or annotated.passing
    if passing is Passing.FUNCTION:
        return name or _MAIN
    if passing is not None or annotated.inputs or annotated.outputs:
        return None
    return name
