"""What a typed function of a Python script says of its method."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from dataminer.domain.methods import DataType, Passing
from importer.docstrings import Doc, Text, cut, read_docstring, take_unit
from importer.findings import Findings, Origin, Place
from importer.python_names import Function, Module, NotConstantError
from importer.python_outputs import outputs_of
from importer.python_types import ADVICE, Hint, text_of, understand
from importer.sketches import InputSketch, MethodSketch

MANY = 1000  #: how often an input may be given whose hint is a list

_GUESSED = {bool: DataType.BOOLEAN, int: DataType.INTEGER, float: DataType.FLOAT,
            str: DataType.STRING}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What a function says, and whether it takes more than it names."""

    method: MethodSketch
    takes_anything: bool  #: it has **keywords


def sketch_function(function: Function, module: Module, file: str, findings: Findings) -> Signature:
    """Inputs from the parameters, outputs from the returned type, texts from the docstring."""
    place = Place(file=file, line=function.lineno)
    if isinstance(function, ast.AsyncFunctionDef):
        findings.fault(f"'{function.name}' is asynchronous; make it an ordinary function", place)
    doc = read_docstring(ast.get_docstring(function))
    text = doc.text if doc.text.title else read_docstring(ast.get_docstring(module.tree)).text
    method = MethodSketch(
        origin=Origin(file=file, line=function.lineno),
        title=text.title or None,
        abstract=text.abstract or None,
        entry=f"{file}:{function.name}",
        passing=Passing.FUNCTION,
        inputs=_inputs(function, module, doc, file, findings),
        outputs=outputs_of(function, module, doc, file),
    )
    return Signature(method=method, takes_anything=function.args.kwarg is not None)


def _inputs(
    function: Function, module: Module, doc: Doc, file: str, findings: Findings
) -> tuple[InputSketch, ...]:
    parameters = function.args
    if parameters.vararg:
        place = Place(file=file, line=parameters.vararg.lineno)
        findings.fault(f"name each input; '*{parameters.vararg.arg}' takes any", place)
    for parameter in parameters.posonlyargs:
        place = Place(file=file, line=parameter.lineno)
        findings.fault(f"'{parameter.arg}' cannot be given by name; remove the '/'", place)
    defaults = _defaults(parameters)
    inputs = tuple(
        _input(p, defaults.get(p.arg), module, doc, file, findings)
        for p in (*parameters.posonlyargs, *parameters.args, *parameters.kwonlyargs)
    )
    known = {i.identifier for i in inputs}
    for name in doc.parameters:
        if name not in known and not (parameters.kwarg or parameters.vararg):
            message = f"the docstring describes '{name}', which '{function.name}' does not take"
            findings.note(message, Place(file=file, line=function.lineno))
    return inputs


def _defaults(parameters: ast.arguments) -> dict[str, ast.expr]:
    positional = [*parameters.posonlyargs, *parameters.args]
    given = positional[len(positional) - len(parameters.defaults) :]
    defaults = {p.arg: d for p, d in zip(given, parameters.defaults, strict=True)}
    keywords = zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True)
    return defaults | {p.arg: d for p, d in keywords if d is not None}


def _input(
    parameter: ast.arg,
    default: ast.expr | None,
    module: Module,
    doc: Doc,
    file: str,
    findings: Findings,
) -> InputSketch:
    origin = Origin(file=file, line=parameter.lineno)
    hint = _hint(parameter, default, module, origin, findings)
    described, unit = _described(doc.parameters.get(parameter.arg, ""), hint)
    return InputSketch(
        identifier=parameter.arg,
        origin=origin,
        type=hint.type,
        type_problem=hint.problem,
        title=described.title or None,
        abstract=described.abstract or None,
        unit=unit or None,
        choices=hint.choices,
        formats=hint.formats,
        default=_default(parameter.arg, default, hint, module, origin, findings),
        min_occurs=0 if hint.optional or default is not None else None,
        max_occurs=MANY if hint.many else None,
    )


def _hint(
    parameter: ast.arg,
    default: ast.expr | None,
    module: Module,
    origin: Origin,
    findings: Findings,
) -> Hint:
    """The meaning of the hint, or of the default where there is no hint."""
    if parameter.annotation is None:
        guess = _guess(default, module)
        if guess is None:
            return Hint(problem=f"it has no type hint; {ADVICE}")
        message = f"'{parameter.arg}' has no type hint; its default makes it {guess}"
        findings.note(message, origin.at())
        return Hint(type=guess)
    hint = understand(parameter.annotation, module)
    if hint.frame:
        advice = "take Annotated[Path, 'text/csv'] and read it in the function"
        return Hint(problem=f"a table comes as the path of a CSV file: {advice}")
    return hint


def _guess(default: ast.expr | None, module: Module) -> DataType | None:
    try:
        value = module.constant(default) if default is not None else None
    except NotConstantError:
        return None
    return _GUESSED.get(type(value))


def _described(text: str, hint: Hint) -> tuple[Text, str]:
    """The description, and the unit in it when the value is a number."""
    unit = ""
    if hint.type in (DataType.INTEGER, DataType.FLOAT):
        text, unit = take_unit(text)
    return cut(text), unit


def _default(
    name: str,
    default: ast.expr | None,
    hint: Hint,
    module: Module,
    origin: Origin,
    findings: Findings,
) -> str | None:
    """The default's text; None: there is none, or only the script knows it."""
    if default is None:
        return None
    try:
        value = module.constant(default)
        if value in (None, (), []):
            return None
        if hint.type is not None and hint.type.is_literal and not hint.many:
            return text_of(value)
    except NotConstantError:
        pass
    shown = ast.unparse(default)
    findings.note(f"clients will not see the default '{shown}' of '{name}'", origin.at())
    return None
