"""Runs a Python script by its function or by variables, and writes its outputs.

Runs under the method's interpreter: standard library only, imports nothing of ours, and little of
anything, because every import delays the script. The argument is a file of JSON that names the
script, its function (empty: by variables), inputs, outputs, and where their values lie.
"""

# ruff: noqa: PLC0415, PTH123, S102 # slow imports are made when needed; scripts are executed here

from __future__ import annotations

import json
import sys
from types import ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Sequence
    from typing import Any, TypeAlias  # what scripts take and give can be anything

    #: An input or output: identifier, name, type, file or is_list; or values by identifier.
    Declared: TypeAlias = dict[str, Any]


def main(path: str) -> None:
    """Run the script of the call in this file and write outputs.json."""
    call = _read(path)
    values = _read(call["inputs_json"])
    run = _call_function if call["function"] else _set_variables
    try:
        outputs = run(call, values)
    except Exception as fault:  # noqa: BLE001 # whatever the script raises
        _tell(fault)
        sys.exit(1)
    with open(call["outputs_json"], "w", encoding="utf-8") as file:
        json.dump(outputs, file, default=str)


def _read(path: str) -> Declared:
    with open(path, encoding="utf-8") as file:
        content: Declared = json.load(file)
    return content


def _tell(fault: Exception) -> None:
    """Print the traceback without our own frames."""
    trace = fault.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    sys.excepthook(type(fault), fault.with_traceback(trace), trace)


def _module(name: str, script: str) -> ModuleType:
    """An empty module in which the script will run, as if it had been started."""
    module = ModuleType(name)
    module.__file__ = script
    sys.modules[name] = module
    sys.path.insert(0, script.rpartition("/")[0])
    sys.argv = [script]
    return module


# --- by function ------------------------------------------------------------------------------


def _call_function(call: Declared, values: Declared) -> Declared:
    script = call["script"]
    module = _module(script.rpartition("/")[2].removesuffix(".py"), script)
    with open(script, "rb") as file:
        exec(compile(file.read(), script, "exec"), module.__dict__)
    function = getattr(module, call["function"])
    result = function(**_arguments(function, call["inputs"], values))
    return _named(result, call["outputs"], call["function"])


def _arguments(
    function: Callable[..., Any], declared: Sequence[Declared], values: Declared
) -> Declared:
    """Typed values for its parameters; one that was not given takes its default, else None."""
    hints = _hints(function)
    arguments = {}
    for one in declared:
        name, hint = one["name"], _bare(hints.get(one["name"]))
        if one["identifier"] in values:
            value = values[one["identifier"]]
            arguments[name] = (
                [_typed(part, one["type"], hint) for part in value]
                if one["is_list"]
                else _typed(value, one["type"], hint)
            )
        elif _is_required(function, name):
            arguments[name] = [] if one["is_list"] else None
    return arguments


def _hints(function: Callable[..., Any]) -> Declared:
    hints: Declared = getattr(function, "__annotations__", {})
    if not any(isinstance(hint, str) for hint in hints.values()):
        return hints
    import typing

    try:
        return typing.get_type_hints(function, include_extras=True)
    except Exception:  # noqa: BLE001 # names that exist for type checkers only
        return {}


def _bare(hint: Any) -> Any:
    """`float` of `list[float] | None`, `Annotated[float, …]` or a NewType of it."""
    if hasattr(hint, "__supertype__"):
        return _bare(hint.__supertype__)
    if hasattr(hint, "__metadata__"):
        return _bare(hint.__origin__)
    parts = [part for part in getattr(hint, "__args__", ()) if part is not type(None)]
    is_optional = len(parts) < len(getattr(hint, "__args__", ()))
    if parts and (is_optional or getattr(hint, "__origin__", tuple) is not tuple):
        return _bare(parts[0])
    return hint


def _is_required(function: Callable[..., Any], name: str) -> bool:
    import inspect

    parameter = inspect.signature(function).parameters.get(name)
    return parameter is not None and parameter.default is inspect.Parameter.empty


def _typed(value: Any, kind: str, hint: Any) -> Any:
    if kind == "bbox":
        return _box(value, hint)
    if hint is str:
        return str(value)
    if kind in ("file", "table"):
        import pathlib

        return pathlib.Path(value)
    if kind in ("date", "time", "datetime"):
        import datetime as dt

        return getattr(dt, kind).fromisoformat(value)
    return hint(value) if hasattr(hint, "__members__") else value


def _box(value: Declared, hint: Any) -> Any:
    """A dictionary, or what the function wants: a flat tuple, or an object of these fields."""
    origin = getattr(hint, "__origin__", hint)
    if origin in (tuple, list):
        return origin([*value["lower"], *value["upper"]])
    if "lower" in getattr(origin, "__annotations__", ()) and not issubclass(origin, dict):
        return origin(**value)
    return value


def _named(result: Any, outputs: Sequence[Declared], function: str) -> Declared:
    """The outputs by identifier, from whatever the function has returned."""
    if result is None:
        return {}
    fields = _fields(result)
    if any(one["name"] in fields or one["identifier"] in fields for one in outputs):
        found = {one["identifier"]: fields.get(one["name"], fields.get(one["identifier"]))
                 for one in outputs}  # fmt: skip
    elif isinstance(result, tuple) and 1 < len(outputs) == len(result):
        found = {one["identifier"]: part for one, part in zip(outputs, result, strict=True)}
    else:
        awaited = [one for one in outputs if not one["file"]] or outputs
        if len(awaited) > 1:
            names = ", ".join(one["identifier"] for one in awaited)
            raise TypeError(f"{function}() has to return its outputs by name: {names}")
        found = {awaited[0]["identifier"]: result}
    by_name = {one["identifier"]: one for one in outputs}
    return {name: _plain(value, by_name[name]) for name, value in found.items()
            if value is not None}  # fmt: skip


def _fields(result: Any) -> Declared:
    """The named parts of a dictionary, named tuple or dataclass object."""
    if isinstance(result, dict):
        return result
    names: Any = getattr(result, "_fields", getattr(result, "__dataclass_fields__", ()))
    return {name: getattr(result, name) for name in names}


# --- by variables -----------------------------------------------------------------------------


def _set_variables(call: Declared, values: Declared) -> Declared:
    import ast

    script = call["script"]
    module = _module("__main__", script)
    names = {one["identifier"]: one["name"] for one in call["inputs"]}
    given = {names[identifier]: value for identifier, value in values.items()}
    module.__dict__.update(given)
    with open(script, "rb") as file:
        tree = ast.parse(file.read(), script)
    tree.body = [statement for statement in tree.body if not _is_default(statement, given)]
    exec(compile(tree, script, "exec"), module.__dict__)
    return {one["identifier"]: _plain(module.__dict__[one["name"]], one)
             for one in call["outputs"]
             if not one["file"] and module.__dict__.get(one["name"]) is not None}  # fmt: skip


def _is_default(statement: ast.stmt, given: Declared) -> bool:
    """Whether it gives a constant to an input: the first such is its default, and has had its day.

    A later one is the script's own business.
    """
    import ast

    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in given:
            pass
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if name in given:
            pass
        case _:
            return False
    try:
        ast.literal_eval(value)
    except ValueError:
        return False
    del given[name]
    return True


# --- outputs ----------------------------------------------------------------------------------


def _plain(value: Any, output: Declared) -> Any:
    """An output's value as JSON; tables of pandas and its kin are written to a file."""
    if output["type"] in ("file", "table"):
        return _path(value, output)
    if output["type"] == "bbox":
        return _plain_box(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(type(value), "__members__"):
        return value.value
    return value.item() if hasattr(value, "item") else value


def _path(value: Any, output: Declared) -> Any:
    if hasattr(value, "to_csv"):
        path = output["file"] or output["name"] + ".csv"
        value.to_csv(path, index=False)
        return path
    if isinstance(value, dict) and "path" in value:
        return {**value, "path": str(value["path"])}
    if not isinstance(value, str) and not hasattr(value, "__fspath__"):
        kind = type(value).__name__
        raise TypeError(f"output '{output['identifier']}' is a file: give its path, not {kind}")
    return str(value)


def _plain_box(value: Any) -> Any:
    fields = _fields(value)
    if "lower" in fields:
        corners = {name: [float(number) for number in fields[name]] for name in ("lower", "upper")}
        return {**corners, "crs": fields.get("crs") or ""}
    numbers = [float(number) for number in value]
    half = len(numbers) // 2
    return {"lower": numbers[:half], "upper": numbers[half:]}


if __name__ == "__main__":
    main(sys.argv[1])
