"""Shell scripts, by bash."""

from __future__ import annotations

import re
from pathlib import Path

from dataminer.domain.methods import Passing
from workers.runtimes import interpreters
from workers.runtimes.calls import Call, arguments, occurrences
from workers.runtimes.sources import with_values, without_regions
from workers.values import Json, to_text

PASSINGS = frozenset((Passing.VARIABLES, Passing.ARGUMENTS, Passing.JSON))

_DRIVER = Path(__file__).parent / "drivers" / "driver.sh"
_BARE = ("--noprofile", "--norc")

#: A line that assigns a constant: quoted without expansions, or a plain word.
_ASSIGNMENT = (
    r"""^((?:export|readonly|declare)[ \t]+)?NAME="""
    r"""(?:"[^"$`\\\n]*"|'[^'\n]*'|[^\s"'$`\\;&|<>()]*)[ \t]*;?[ \t]*(?:#.*)?$"""
)


def interpreter() -> str | None:
    """The host's bash."""
    return interpreters.find("bash")


def version(interpreter: str) -> str:
    """Such as 'bash 5.2.15'."""
    return interpreters.version(interpreter, "bash")


def command(call: Call) -> tuple[str, ...]:
    """By variables the driver is sourced, with the script's path as `$0`."""
    if call.manifest.passing is Passing.VARIABLES:
        _prepare(call)
        driver = str(call.folder.driver / "driver.sh")
        return (call.interpreter, *_BARE, "-c", 'source "$1"', str(call.script), driver)
    words = arguments(call) if call.manifest.passing is Passing.ARGUMENTS else ()
    return (call.interpreter, *_BARE, str(call.script), *words)


def variable(identifier: str) -> str:
    """The variable's name for an input or output."""
    name = re.sub(r"[^A-Za-z0-9_]", "_", identifier)
    return f"_{name}" if name[:1].isdigit() else name


def quoted(text: str) -> str:
    """A word that bash reads as exactly this text, on one line."""
    return "$'" + "".join(c if c in _PLAIN else _escaped(c) for c in text) + "'"


_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-+.,:;=/@%")


def _escaped(character: str) -> str:
    return "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", "surrogateescape"))


def _assignment(name: str, value: Json) -> str:
    words = [quoted(to_text(one)) for one in occurrences(value)]
    return f"{name}=({' '.join(words)})" if isinstance(value, list) else f"{name}={words[0]}"


def _prepare(call: Call) -> None:
    assignments = {
        variable(identifier): _assignment(variable(identifier), value)
        for identifier, value in call.values.items()
    }
    source = without_regions(call.script.read_text("utf-8", "surrogateescape"))
    call.script.chmod(0o600)
    call.script.write_text(
        with_values(source, _ASSIGNMENT, assignments), "utf-8", "surrogateescape"
    )
    names = [f"[{quoted(o.identifier)}]={variable(o.identifier)}" for o in call.outputs_to_ask_for]
    lines = [
        f"declare -A __dataminer_outputs=({' '.join(names)})",
        f"__dataminer_outputs_json={quoted(str(call.folder.outputs_json))}",
        *assignments.values(),
        _DRIVER.read_text("utf-8"),
    ]
    (call.folder.driver / "driver.sh").write_text("\n".join(lines), "utf-8")
