"""Compiled programs and anything else that starts by itself."""

from __future__ import annotations

from dataminer.domain.methods import Passing
from workers.runtimes.calls import Call, arguments

PASSINGS = frozenset((Passing.ARGUMENTS, Passing.JSON))


def interpreter() -> str | None:
    """None is needed."""
    return ""


def version(interpreter: str) -> str:  # noqa: ARG001 # as every runtime
    """Nothing to tell."""
    return ""


def command(call: Call) -> tuple[str, ...]:
    """The program itself."""
    call.script.chmod(0o500)
    words = arguments(call) if call.manifest.passing is Passing.ARGUMENTS else ()
    return (str(call.script), *words)
