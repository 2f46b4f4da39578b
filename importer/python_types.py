"""What type hints of a Python script mean as types of inputs and outputs."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, time

from dataminer.domain.methods import DataType, Format
from importer.python_names import Module, NotConstantError
from importer.type_words import TABLE_FORMAT, is_media_type, type_of_media

_TYPES = {
    "str": DataType.STRING,
    "int": DataType.INTEGER,
    "float": DataType.FLOAT,
    "bool": DataType.BOOLEAN,
    "datetime.date": DataType.DATE,
    "datetime.time": DataType.TIME,
    "datetime.datetime": DataType.DATETIME,
}
_LAST_NAMES = {"Path": DataType.FILE, "PurePath": DataType.FILE, "BoundingBox": DataType.BBOX,
               "BBox": DataType.BBOX}  # fmt: skip
_FRAMES = ("DataFrame", "GeoDataFrame")
_LISTS = ("list", "List", "Sequence", "Iterable", "Collection")
_ENUMS = ("Enum", "StrEnum", "IntEnum")
_DEPTH = 20

#: What the author can do when a hint is not understood.
ADVICE = ("use str, int, float, bool, date, time, datetime, Path, Literal[…], an Enum, list[…] or "
          "'… | None', or say the type in method.toml")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What a type hint means."""

    type: DataType | None = None
    formats: tuple[Format, ...] | None = None
    choices: tuple[str, ...] | None = None
    many: bool = False  #: a list of these
    optional: bool = False  #: may be None
    frame: bool = False  #: a data frame, which is written as a table
    structure: ast.ClassDef | None = None  #: a class with a field for each output
    elements: tuple[ast.expr, ...] = ()  #: of a tuple of fixed length
    problem: str | None = None  #: why the type is not known


def understand(node: ast.expr, module: Module, depth: int = 0) -> Hint:
    """The meaning of a hint; where there is none it says why."""
    if depth > _DEPTH:
        return _unknown(node)
    if isinstance(node, ast.Subscript):
        return _subscript(node, module, depth)
    if isinstance(node, ast.Name):
        return _name(node, module, depth)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _union([node.left, node.right], node, module, depth)
    return _quoted(node, module, depth) if isinstance(node, ast.Constant) else _named(node, module)


def text_of(value: object) -> str:
    """A constant as the text of a literal. Raises: NotConstantError: it is no literal."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, str | int | float):
        return str(value)
    raise NotConstantError


def _unknown(node: ast.expr) -> Hint:
    return Hint(problem=f"the type hint '{ast.unparse(node)}' says nothing here; {ADVICE}")


def _quoted(node: ast.Constant, module: Module, depth: int) -> Hint:
    """A hint in quotes."""
    try:
        inner = ast.parse(str(node.value), mode="eval").body
    except (SyntaxError, ValueError):
        return _unknown(node)
    return understand(inner, module, depth + 1) if isinstance(node.value, str) else _unknown(node)


def _name(node: ast.Name, module: Module, depth: int) -> Hint:
    if node.id in module.values:
        return understand(module.values[node.id], module, depth + 1)
    if node.id in module.classes:
        return _class(module.classes[node.id], node, module)
    return _named(node, module)


def _named(node: ast.expr, module: Module) -> Hint:
    name = module.dotted(node)
    last = name.rpartition(".")[2]
    if last in _FRAMES:
        return Hint(type=DataType.TABLE, formats=(TABLE_FORMAT,), frame=True)
    found = _TYPES.get(name) or _LAST_NAMES.get(last)
    return Hint(type=found) if found else _unknown(node)


def _union(nodes: Sequence[ast.expr], whole: ast.expr, module: Module, depth: int) -> Hint:
    some = [n for n in nodes if not (isinstance(n, ast.Constant) and n.value is None)]
    hints = [understand(n, module, depth + 1) for n in some]
    optional = len(some) < len(nodes) or any(h.optional for h in hints)
    types = {h.type for h in hints}
    if len(hints) == 1:
        return replace(hints[0], optional=optional)
    if types == {DataType.INTEGER, DataType.FLOAT}:
        return Hint(type=DataType.FLOAT, optional=optional)
    if types == {DataType.STRING, DataType.FILE}:
        return Hint(type=DataType.FILE, optional=optional)
    return _unknown(whole)


def _subscript(node: ast.Subscript, module: Module, depth: int) -> Hint:
    name = module.dotted(node.value).rpartition(".")[2]
    inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    meaning = _many if name in _LISTS else _SUBSCRIPTS.get(name)
    return meaning(inner, node, module, depth) if meaning and inner else _unknown(node)


def _optional(inner: Sequence[ast.expr], _: ast.expr, module: Module, depth: int) -> Hint:
    return replace(understand(inner[0], module, depth + 1), optional=True)


def _annotated(inner: Sequence[ast.expr], _: ast.expr, module: Module, depth: int) -> Hint:
    """A file whose media types stand beside it."""
    hint = understand(inner[0], module, depth + 1)
    texts = [n.value for n in inner[1:] if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    media_types = [text for text in texts if is_media_type(text)]
    if hint.type not in (DataType.FILE, DataType.TABLE) or not media_types:
        return hint
    formats = tuple(Format(media_type=m) for m in media_types)
    return replace(hint, type=type_of_media(media_types[0]), formats=formats)


def _many(inner: Sequence[ast.expr], node: ast.expr, module: Module, depth: int) -> Hint:
    hint = understand(inner[0], module, depth + 1) if len(inner) == 1 else Hint()
    plain = hint.type is not None and not hint.many and not hint.optional
    return replace(hint, many=True) if plain else _unknown(node)


def _tuple(inner: Sequence[ast.expr], node: ast.expr, module: Module, depth: int) -> Hint:
    last = inner[-1] if inner else None
    if isinstance(last, ast.Constant) and last.value is ...:
        return _many(inner[:-1], node, module, depth)
    return replace(_unknown(node), elements=tuple(inner))


def _choices(values: Sequence[ast.expr], node: ast.expr, module: Module, _: int = 0) -> Hint:
    """Constants of one type; a None among them makes it optional."""
    try:
        constants = [module.constant(v) for v in values]
        choices = tuple(text_of(c) for c in constants if c is not None)
    except NotConstantError:
        return _unknown(node)
    types = {type(c).__name__ for c in constants if c is not None}
    if len(types) != 1 or (name := types.pop()) not in _TYPES:
        return _unknown(node)
    return Hint(type=_TYPES[name], choices=choices, optional=None in constants)


def _class(definition: ast.ClassDef, node: ast.expr, module: Module) -> Hint:
    bases = {module.dotted(base).rpartition(".")[2] for base in definition.bases}
    decorators = [d.func if isinstance(d, ast.Call) else d for d in definition.decorator_list]
    is_dataclass = any(module.dotted(d).endswith("dataclass") for d in decorators)
    if bases.intersection(_ENUMS):
        return _choices(list(module.members(definition.name).values()), node, module)
    if definition.name in _LAST_NAMES:
        return Hint(type=_LAST_NAMES[definition.name])
    if is_dataclass or bases & {"NamedTuple", "TypedDict"}:
        return replace(_unknown(node), structure=definition)
    return _unknown(node)


_SUBSCRIPTS: dict[str, Callable[[Sequence[ast.expr], ast.expr, Module, int], Hint]] = {
    "Optional": _optional,
    "Union": _union,
    "Annotated": _annotated,
    "Literal": _choices,
    "tuple": _tuple,
    "Tuple": _tuple,
}
