"""Python scripts, by the interpreter of their environment."""

from __future__ import annotations

import json
import keyword
import re
import sys
from pathlib import Path

from dataminer.domain.methods import Passing
from workers.launching import Warm
from workers.runtimes import imports, interpreters
from workers.runtimes.calls import Call, arguments
from workers.runtimes.sources import without_regions

PASSINGS = frozenset(Passing)
_BY_DRIVER = (Passing.FUNCTION, Passing.VARIABLES)

_DRIVER = Path(__file__).parent / "drivers" / "driver.py"

#: Neither the user's libraries nor compiled files beside what is shared; prints at once.
_FLAGS = ("-s", "-E", "-B", "-u")


def interpreter() -> str | None:
    """The one that the engine runs by; scripts get the one of their environment."""
    return sys.executable


def version(interpreter: str) -> str:
    """Such as 'Python 3.11.7'."""
    return interpreters.version(interpreter, "Python")


def command(call: Call) -> tuple[str, ...]:
    """By function or variables a driver loads the script."""
    if call.manifest.passing in _BY_DRIVER:
        return (call.interpreter, "-I", *_FLAGS[2:], str(_DRIVER), str(_prepare(call)))
    words = arguments(call) if call.manifest.passing is Passing.ARGUMENTS else ()
    return (call.interpreter, *_FLAGS, str(call.script), *words)


def warm(call: Call) -> Warm | None:
    """How the script can be run by a warm interpreter, once `command` was asked; None: cannot.

    Its libraries have been told of one core when they were imported: for more it is started cold.
    """
    if call.manifest.passing not in _BY_DRIVER or call.manifest.limits.cores != 1:
        return None
    libraries = imports.libraries(call.script, call.interpreter)
    if libraries is None:
        return None
    return Warm(
        interpreter=call.interpreter,
        driver=_DRIVER,
        libraries=libraries,
        call=_call_file(call),
    )


def variable(identifier: str) -> str:
    """The name of the function's parameter or of the variable for an input or output."""
    name = identifier if identifier.isidentifier() else re.sub(r"[^A-Za-z0-9_]", "_", identifier)
    name = f"_{name}" if name[:1].isdigit() else name
    return f"{name}_" if keyword.iskeyword(name) else name


def _prepare(call: Call) -> Path:
    if call.manifest.passing is Passing.VARIABLES:
        source = call.script.read_text("utf-8", "surrogateescape")
        call.script.chmod(0o600)
        call.script.write_text(without_regions(source), "utf-8", "surrogateescape")
    told = {
        "script": str(call.script),
        "function": call.manifest.entry.partition(":")[2],
        "inputs_json": str(call.folder.inputs_json),
        "outputs_json": str(call.folder.outputs_json),
        "inputs": [
            {"identifier": i.identifier, "name": variable(i.identifier), "type": i.type,
             "is_list": i.max_occurs > 1}
            for i in call.manifest.inputs
        ],
        "outputs": [
            {"identifier": o.identifier, "name": variable(o.identifier), "type": o.type,
             "file": o.file}
            for o in call.manifest.outputs
        ],
    }  # fmt: skip
    path = _call_file(call)
    path.write_text(json.dumps(told), "utf-8")
    return path


def _call_file(call: Call) -> Path:
    return call.folder.driver / "call.json"
