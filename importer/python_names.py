"""What the names in a Python module stand for, found without executing it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

Function = ast.FunctionDef | ast.AsyncFunctionDef

_CONSTRUCTORS = {"datetime.date": date, "datetime.time": time, "datetime.datetime": datetime}
_DEPTH = 20  #: of names that stand for names


class NotConstantError(ValueError):
    """The value is only known when the script runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """The names of a module's top level."""

    tree: ast.Module
    imports: Mapping[str, str]  #: local name → dotted name
    values: Mapping[str, ast.expr]  #: assigned once
    classes: Mapping[str, ast.ClassDef]
    functions: Mapping[str, Function]

    def dotted(self, node: ast.expr) -> str:
        """'datetime.date' of `dt.date`; empty when it is no name."""
        if isinstance(node, ast.Name):
            return self.imports.get(node.id, node.id)
        if isinstance(node, ast.Attribute) and (before := self.dotted(node.value)):
            return f"{before}.{node.attr}"
        return ""

    def constant(self, node: ast.expr, depth: int = 0) -> object:
        """The value of an expression. Raises: NotConstantError."""
        if isinstance(node, ast.Name) and node.id in self.values and depth < _DEPTH:
            return self.constant(self.values[node.id], depth + 1)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            return self._member(node.value.id, node.attr)
        if isinstance(node, ast.Call):
            return self._constructed(node, depth)
        try:
            return ast.literal_eval(node)
        except (ValueError, TypeError, MemoryError, RecursionError) as error:
            raise NotConstantError from error

    def members(self, name: str) -> Mapping[str, ast.expr]:
        """The plain assignments in a class's body."""
        body = self.classes[name].body if name in self.classes else []
        return {
            statement.targets[0].id: statement.value
            for statement in body
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
        }

    def _member(self, class_name: str, name: str) -> object:
        members = self.members(class_name)
        if name not in members:
            raise NotConstantError
        return self.constant(members[name], _DEPTH)

    def _constructed(self, node: ast.Call, depth: int) -> object:
        """A date or time made from constants."""
        constructor = _CONSTRUCTORS.get(self.dotted(node.func))
        if constructor is None or node.keywords or depth >= _DEPTH:
            raise NotConstantError
        try:
            return constructor(*(self.constant(a, depth + 1) for a in node.args))
        except (TypeError, ValueError, OverflowError) as error:
            raise NotConstantError from error


def names_of(tree: ast.Module) -> Module:
    """The names of a parsed module."""
    imports: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                imports[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            imports |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return Module(
        tree=tree,
        imports=imports,
        values=_values(tree),
        classes={n.name: n for n in tree.body if isinstance(n, ast.ClassDef)},
        functions={n.name: n for n in tree.body if isinstance(n, Function)},
    )


def _values(tree: ast.Module) -> dict[str, ast.expr]:
    values: dict[str, ast.expr] = {}
    twice: set[str] = set()
    for node in tree.body:
        alias = getattr(node, "name", None)  # of a type statement
        targets = getattr(node, "targets", [getattr(node, "target", alias)])
        value = getattr(node, "value", None)
        for target in targets:
            if isinstance(target, ast.Name) and isinstance(value, ast.expr):
                twice |= {target.id} & values.keys()
                values[target.id] = value
    return {name: value for name, value in values.items() if name not in twice}
