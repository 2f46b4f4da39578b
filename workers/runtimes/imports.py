"""Tells which libraries a Python script imports, without running it."""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: A script that speaks of these before an import may want to change what the import does.
_ENVIRONMENT = frozenset({"environ", "environb", "putenv", "unsetenv"})


@dataclass(frozen=True, slots=True)
class _Imported:
    module: str
    part: str  #: a name that is imported from it; empty: the module itself


def libraries(script: Path, interpreter: str) -> tuple[str, ...] | None:
    """What a script and its own modules import first of all from the environment, in their order.

    As 'name', or 'name:part' where the part is a module too. None: it cannot be told what an
    import means, because a module of the script bears the name of one of the environment's.
    """
    own = _modules_in(script.parent)
    places = _places(interpreter)
    if any(name in sys.stdlib_module_names or _find(places, name) for name in own):
        return None
    found: dict[str, None] = {}
    waiting, seen = [script], {script}
    while waiting:
        for one in _leading_imports(waiting.pop(0).read_bytes()):
            top = one.module.partition(".")[0]
            if top in own:
                path = _own_file(script.parent, one.module)
                if path is not None and path not in seen:
                    seen.add(path)
                    waiting.append(path)
            elif _find(places, top):
                is_module = one.part and _find(places, f"{one.module}.{one.part}")
                found[f"{one.module}:{one.part}" if is_module else one.module] = None
    return tuple(found)


def _modules_in(folder: Path) -> frozenset[str]:
    return frozenset(
        path.stem
        for path in folder.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    )


def _own_file(folder: Path, module: str) -> Path | None:
    path = folder.joinpath(*module.split("."))
    candidates = (path.with_name(f"{path.name}.py"), path / "__init__.py")
    return next((file for file in candidates if file.is_file()), None)


@functools.lru_cache(maxsize=64)
def _places(interpreter: str) -> tuple[Path, ...]:
    """The folders of the environment's libraries."""
    return tuple(Path(interpreter).parent.parent.glob("lib/python3*/site-packages"))


@functools.lru_cache(maxsize=4096)
def _find(places: tuple[Path, ...], module: str) -> bool:
    """Whether an environment, which never changes, has this module."""
    *folders, name = module.split(".")
    return any(
        (folder / name).is_dir() or any(folder.glob(f"{name}.*"))
        for folder in (place.joinpath(*folders) for place in places)
    )


@functools.lru_cache(maxsize=256)
def _leading_imports(source: bytes) -> tuple[_Imported, ...]:
    """The imports on the top level, until one may depend on what the script did."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):  # running it will tell
        return ()
    return tuple(_imports(tree.body))


def _imports(body: list[ast.stmt]) -> Iterator[_Imported]:
    for statement in body:
        if isinstance(statement, ast.Try):
            yield from _imports(statement.body)
        elif isinstance(statement, ast.Import):
            yield from (_Imported(alias.name, "") for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            if statement.module and not statement.level:
                yield from (_Imported(statement.module, alias.name) for alias in statement.names)
        elif _speaks_of_environment(statement):
            return


def _speaks_of_environment(statement: ast.stmt) -> bool:
    return any(
        getattr(node, "attr", getattr(node, "id", "")) in _ENVIRONMENT
        for node in ast.walk(statement)
    )
