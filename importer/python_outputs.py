"""What a Python function returns, as declared outputs."""

from __future__ import annotations

import ast
from dataclasses import replace

from dataminer.domain.methods import DataType
from importer.docstrings import Doc, cut, read_docstring, take_unit
from importer.findings import Origin
from importer.python_names import Function, Module
from importer.python_types import Hint, understand
from importer.sketches import OutputSketch


def outputs_of(
    function: Function, module: Module, doc: Doc, file: str
) -> tuple[OutputSketch, ...] | None:
    """Outputs in the order in which they are returned; None: the hint does not tell.

    A value without a name has an empty identifier.
    """
    returned = function.returns
    if returned is None or _is_dict(returned, module):
        return None
    if isinstance(returned, ast.Constant) and returned.value is None:
        return ()
    origin = Origin(file=file, line=returned.lineno)
    hint = understand(returned, module)
    if hint.structure:
        return _fields(hint.structure, module, file)
    names = [said.name for said in doc.returned]
    texts = [said.text for said in doc.returned]
    hints = [understand(e, module) for e in hint.elements] or [hint]
    if len(texts) != len(hints):
        names, texts = [""] * len(hints), [*texts[:1], *[""] * len(hints)][: len(hints)]
    return tuple(
        _output(name if name.isidentifier() else "", text, hint, origin)
        for name, text, hint in zip(names, texts, hints, strict=True)
    )


def _is_dict(node: ast.expr, module: Module) -> bool:
    base = node.value if isinstance(node, ast.Subscript) else node
    return module.dotted(base).rpartition(".")[2] in ("dict", "Dict", "Mapping", "Any")


def _fields(structure: ast.ClassDef, module: Module, file: str) -> tuple[OutputSketch, ...]:
    """An output for each field of a NamedTuple, dataclass or TypedDict."""
    doc = read_docstring(ast.get_docstring(structure))
    total = {k.arg: k.value for k in structure.keywords}.get("total")
    may_lack = isinstance(total, ast.Constant) and total.value is False
    outputs = []
    for field in structure.body:
        if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
            continue
        origin = Origin(file=file, line=field.lineno)
        name = field.target.id
        hint = understand(_without_wrapper(field.annotation, module), module)
        hint = replace(hint, optional=hint.optional or may_lack)
        outputs.append(_output(name, doc.parameters.get(name, ""), hint, origin))
    return tuple(outputs)


def _without_wrapper(node: ast.expr, module: Module) -> ast.expr:
    """`X` of `NotRequired[X]`, which then reads `X | None`."""
    if not isinstance(node, ast.Subscript):
        return node
    name = module.dotted(node.value).rpartition(".")[2]
    if name == "NotRequired":
        none = ast.Constant(value=None)
        return ast.BinOp(left=node.slice, op=ast.BitOr(), right=none)
    return node.slice if name == "Required" else node


def _output(name: str, text: str, hint: Hint, origin: Origin) -> OutputSketch:
    unit = ""
    if hint.type in (DataType.INTEGER, DataType.FLOAT):
        text, unit = take_unit(text)
    described = cut(text)
    problem = "a list cannot be an output; write it to a file" if hint.many else hint.problem
    return OutputSketch(
        identifier=name,
        origin=origin,
        type=None if hint.many else hint.type,
        type_problem=problem,
        title=described.title or None,
        abstract=described.abstract or None,
        unit=unit or None,
        formats=hint.formats,
        optional=hint.optional or None,
    )
