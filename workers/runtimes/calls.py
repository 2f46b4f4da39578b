"""One call of a script, and what all languages do alike with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dataminer.domain.methods import Manifest, Output
from workers.folders import RunFolder
from workers.values import Json, Values, to_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A script with its inputs, staged in the folder of a run."""

    manifest: Manifest
    folder: RunFolder
    values: Values  #: the content of inputs.json
    interpreter: str  #: an absolute path; empty: none

    @property
    def script(self) -> Path:
        """The staged script."""
        return self.folder.package / self.manifest.entry.partition(":")[0]

    @property
    def outputs_to_ask_for(self) -> tuple[Output, ...]:
        """Outputs that are not declared as a file of a certain name."""
        return tuple(output for output in self.manifest.outputs if not output.file)


def occurrences(value: Json) -> Sequence[Json]:
    """The occurrences of an input's value."""
    return value if isinstance(value, list) else [value]


def arguments(call: Call) -> tuple[str, ...]:
    """The inputs on a command line, in declared order: `--name value` for each occurrence."""
    return tuple(
        word
        for declared in call.manifest.inputs
        if declared.identifier in call.values
        for value in occurrences(call.values[declared.identifier])
        for word in _words(f"--{declared.identifier}", to_text(value))
    )


def _words(option: str, value: str) -> Iterator[str]:
    """Two words, but one where a value would look like an option; negative numbers do not."""
    if value.startswith("-") and not value[1:].replace(".", "", 1).isdecimal():
        yield f"{option}={value}"
    else:
        yield option
        yield value
