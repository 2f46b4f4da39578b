"""R scripts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from dataminer.domain.methods import Passing
from workers.runtimes import interpreters
from workers.runtimes.calls import Call, arguments
from workers.runtimes.sources import without_regions
from workers.values import Json

PASSINGS = frozenset((Passing.VARIABLES, Passing.ARGUMENTS, Passing.JSON))

_DRIVER = Path(__file__).parent / "drivers" / "driver.R"
_NAME = re.compile(r"(?:[A-Za-z]|\.(?![0-9]))[A-Za-z0-9._]*")
_PLAIN = re.compile(r"[A-Za-z0-9 _.,:/+-]")


def interpreter() -> str | None:
    """The host's Rscript."""
    return interpreters.find("Rscript")


def version(interpreter: str) -> str:
    """Such as 'R 4.2.2'."""
    return interpreters.version(interpreter, "R")


def command(call: Call) -> tuple[str, ...]:
    """Without anybody's profile; by variables a driver evaluates the script."""
    start = (call.interpreter, "--vanilla")
    if call.manifest.passing is Passing.VARIABLES:
        return (*start, str(_DRIVER), str(_prepare(call)))
    words = arguments(call) if call.manifest.passing is Passing.ARGUMENTS else ()
    return (*start, str(call.script), *words)


def variable(identifier: str) -> str:
    """The variable's name for an input or output; R's own names, with dots, stay."""
    if _NAME.fullmatch(identifier):
        return identifier
    name = re.sub(r"[^A-Za-z0-9_]", "_", identifier)
    return name if name[0].isalpha() else f"X{name}"


def written(value: Json) -> str:
    """The value as R source, on one line; whole numbers are numeric, as authors write them."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return {"inf": "Inf", "-inf": "-Inf", "nan": "NaN"}.get(str(value), str(value))
    if isinstance(value, Mapping):
        return f"list({', '.join(f'{name} = {written(part)}' for name, part in value.items())})"
    if isinstance(value, list):
        together = "list" if any(isinstance(part, Mapping) for part in value) else "c"
        return f"{together}({', '.join(written(part) for part in value)})"
    return quoted(str(value))


def quoted(text: str) -> str:
    """A string that R reads as exactly this text."""
    return f'"{"".join(c if _PLAIN.match(c) else _escaped(c) for c in text)}"'


def _escaped(character: str) -> str:
    return f"\\U{ord(character):08x}"


def _prepare(call: Call) -> Path:
    source = without_regions(call.script.read_text("utf-8", "replace"))
    call.script.chmod(0o600)
    call.script.write_text(source, "utf-8")
    inputs = {variable(name): value for name, value in call.values.items()}
    asked = {output.identifier: variable(output.identifier) for output in call.outputs_to_ask_for}
    lines = [
        f"script <- {quoted(str(call.script))}",
        f"outputs_json <- {quoted(str(call.folder.outputs_json))}",
        f"inputs <- {_named_list({name: written(value) for name, value in inputs.items()})}",
        f"outputs <- {_named_list({name: quoted(value) for name, value in asked.items()})}",
    ]
    path = call.folder.driver / "call.R"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def _named_list(parts: Mapping[str, str]) -> str:
    names = ", ".join(quoted(name) for name in parts)
    return f"structure(list({', '.join(parts.values())}), names = as.character(c({names})))"
