"""Octave scripts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from dataminer.domain.methods import Passing
from workers.runtimes import interpreters
from workers.runtimes.calls import Call, arguments
from workers.runtimes.sources import with_values, without_regions
from workers.values import Json

PASSINGS = frozenset((Passing.VARIABLES, Passing.ARGUMENTS, Passing.JSON))

_FUNCTIONS = Path(__file__).parent / "drivers" / "octave"
_QUIET = ("--quiet", "--norc", "--no-history", "--no-gui")
_PLAIN = re.compile(r"[A-Za-z0-9 _.,:/+-]")

#: A line that assigns a constant.
_ASSIGNMENT = (
    r"""^()NAME[ \t]*=[ \t]*(?:[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?|'[^'\n]*'|"[^"\n]*"|true|false"""
    r"""|\[[^\]\n]*\]|\{[^}\n]*\})[ \t]*[;,]?[ \t]*(?:[%#].*)?$"""
)


def interpreter() -> str | None:
    """The host's Octave without its windows."""
    return interpreters.find("octave-cli", "octave")


def version(interpreter: str) -> str:
    """Such as 'Octave 7.3.0'."""
    return interpreters.version(interpreter, "Octave")


def command(call: Call) -> tuple[str, ...]:
    """Without anybody's settings; by variables a program sets them, and reads them at its end."""
    start = (call.interpreter, *_QUIET)
    if call.manifest.passing is Passing.VARIABLES:
        return (*start, str(_prepare(call)))
    words = arguments(call) if call.manifest.passing is Passing.ARGUMENTS else ()
    return (*start, str(call.script), *words)


def variable(identifier: str) -> str:
    """The variable's name for an input or output."""
    name = re.sub(r"[^A-Za-z0-9_]", "_", identifier)
    return f"_{name}" if name[:1].isdigit() else name


def written(value: Json) -> str:
    """The value as Octave source, on one line; lists of numbers are rows, other lists are cells."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Mapping):
        fields = ", ".join(f"{quoted(name)}, {written(part)}" for name, part in value.items())
        return f"struct({fields})"
    if isinstance(value, list):
        parts = ", ".join(written(part) for part in value)
        is_row = all(isinstance(part, int | float) for part in value)
        return f"[{parts}]" if is_row else f"{{{parts}}}"
    return quoted(str(value))


def quoted(text: str) -> str:
    """A string that Octave reads as exactly this text."""
    return f'"{"".join(c if _PLAIN.match(c) else _escaped(c) for c in text)}"'


def _escaped(character: str) -> str:
    return "".join(f"\\{byte:03o}" for byte in character.encode())


def _prepare(call: Call) -> Path:
    assignments = {
        variable(identifier): f"{variable(identifier)} = {written(value)};"
        for identifier, value in call.values.items()
    }
    source = without_regions(call.script.read_text("utf-8", "replace"))
    call.script.chmod(0o600)
    call.script.write_text(with_values(source, _ASSIGNMENT, assignments), "utf-8")
    asked = ", ".join(
        f"{quoted(o.identifier)}, {quoted(variable(o.identifier))}" for o in call.outputs_to_ask_for
    )
    folder = call.folder.driver
    (folder / "dataminer_finish.m").write_text(
        f"function dataminer_finish ()\n"
        f"  dataminer_write ({quoted(str(call.folder.outputs_json))}, {{{asked}}});\n"
        f"endfunction\n",
        "utf-8",
    )
    path = folder / "main.m"
    lines = [
        f"addpath ({', '.join(quoted(str(p)) for p in (call.script.parent, _FUNCTIONS, folder))});",
        'atexit ("dataminer_finish");',
        "page_screen_output (false);",
        "page_output_immediately (true);",
        *assignments.values(),
        f"source ({quoted(str(call.script))});",
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path
