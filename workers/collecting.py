"""Takes what a script has written: checks it and puts payloads into the blob store."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from dataminer.domain.errors import OutputMissing, ScriptFailed
from dataminer.domain.literals import canonical
from dataminer.domain.methods import DataType, Manifest, Output, Passing
from dataminer.domain.values import Binding, Literal, Payload, Value
from dataminer.ports import Blobs
from workers.folders import RunFolder
from workers.media_types import format_of, name_for
from workers.values import Json, Values, box_from_json, literal_from_json

_JSON_BYTES = 16 << 20
_LITERAL_BYTES = 1 << 20


def stdout_output(manifest: Manifest) -> Output | None:
    """The output that is the script's standard output, or None.

    It is the only one of a script with arguments that names no file; payloads go first.
    """
    if manifest.passing is not Passing.ARGUMENTS:
        return None
    unnamed = [output for output in manifest.outputs if not output.file]
    payloads = [output for output in unnamed if output.type.is_complex]
    candidates = payloads or unnamed
    return candidates[0] if len(candidates) == 1 else None


@dataclass(frozen=True, slots=True)
class Collector:
    """Collects the outputs of one run."""

    blobs: Blobs
    folder: RunFolder

    def collect(self, manifest: Manifest) -> tuple[Binding, ...]:
        """All declared outputs.

        Raises: OutputMissing: one is not there. ScriptFailed: one is not what it should be.
        """
        written = self._written()
        found = ((output, self._value(manifest, output, written)) for output in manifest.outputs)
        return tuple(
            Binding(identifier=output.identifier, value=value)
            for output, value in found
            if value is not None
        )

    def _written(self) -> Values:
        """The content of outputs.json; empty: there is none."""
        try:
            with _open_regular(self.folder.outputs_json) as file:
                text = file.read(_JSON_BYTES).decode("utf-8", "replace")
                written = json.loads(text or "{}")  # a sandbox needs it before there are any
        except FileNotFoundError:
            return {}
        except _Unusable as fault:
            raise ScriptFailed(f"What the script wrote as outputs: {fault}.") from fault
        except (ValueError, RecursionError) as fault:
            raise ScriptFailed(f"What the script wrote as outputs is no JSON: {fault}.") from fault
        if not isinstance(written, dict):
            raise ScriptFailed("What the script wrote as outputs is no JSON object.")
        return written

    def _value(self, manifest: Manifest, output: Output, written: Values) -> Value | None:
        """The output's value; None: it is optional and was left out."""
        try:
            value = self._found(manifest, output, written.get(output.identifier))
        except _Unusable as fault:
            raise OutputMissing(f"Output '{output.identifier}': {fault}.") from fault
        except ValueError as fault:
            raise ScriptFailed(f"Output '{output.identifier}': {fault}.") from fault
        if value is None and not output.optional:
            raise OutputMissing(_what_is_missing(manifest, output))
        return value

    def _found(self, manifest: Manifest, output: Output, said: Json) -> Value | None:
        if said is not None:
            return self._said(output, said)
        if output.file:
            written = self.folder.work / output.file
            return self._read(output, output.file) if os.path.lexists(written) else None
        if output == stdout_output(manifest):
            return self._stdout(output)
        return None

    def _said(self, output: Output, said: Json) -> Value:
        if output.type is DataType.BBOX:
            return box_from_json(said, _first_crs(output))
        if output.type.is_literal:
            return _literal(output, literal_from_json(output.type, said))
        path, media_type = said, ""
        if isinstance(said, Mapping):
            path, media_type = said.get("path"), str(said.get("media_type") or "")
        if not isinstance(path, str):
            raise ValueError("it is a file: the script has to give its path")  # noqa: TRY004 # a document's fault
        return self._read(output, path, media_type)

    def _read(self, output: Output, path: str, media_type: str = "") -> Value:
        with _open_regular(_inside(self.folder, path)) as file:
            return self._take(output, file, Path(path).name, media_type)

    def _stdout(self, output: Output) -> Value | None:
        """What was printed; None: nothing."""
        try:
            file = _open_regular(self.folder.stdout)
        except FileNotFoundError:
            return None
        with file:
            is_empty = os.fstat(file.fileno()).st_size == 0
            return None if is_empty else self._take(output, file, name_for(output), "")

    def _take(self, output: Output, file: BinaryIO, name: str, media_type: str) -> Value:
        if not output.type.is_complex:
            text = file.read(_LITERAL_BYTES).decode("utf-8", "replace").rstrip("\r\n")
            return self._said(output, text)
        found = format_of(output, name, media_type)
        digest, size = self.blobs.put(file)
        return Payload(
            digest=digest,
            size_bytes=size,
            media_type=found.media_type,
            schema=found.schema,
            name=name,
        )


class _Unusable(Exception):
    """A file cannot be taken as an output."""


def _inside(folder: RunFolder, written: str) -> Path:
    """Where the file really lies, which must be inside the script's folder."""
    try:
        path = (folder.work / written).resolve(strict=True)
    except FileNotFoundError as fault:
        raise _Unusable(f"there is no file '{written}' in the script's folder") from fault
    except (OSError, RuntimeError, ValueError) as fault:  # a ring of links, a zero byte, …
        raise _Unusable(f"'{written}' cannot be read: {fault}") from fault
    if not path.is_relative_to(folder.root.resolve() / folder.work.name):
        raise _Unusable(f"'{written}' lies outside the script's folder; copy it into it")
    return path


def _open_regular(path: Path) -> BinaryIO:
    """Open a file that is neither link, folder, device, pipe nor socket; never waits."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise
    except OSError as fault:
        raise _Unusable(f"'{path.name}' cannot be read: {fault.strerror}") from fault
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _Unusable(f"'{path.name}' is not a regular file")
    return os.fdopen(descriptor, "rb")


def _literal(output: Output, text: str) -> Literal:
    return Literal(text=canonical(output.type, text), unit=output.unit)


def _first_crs(output: Output) -> str:
    return output.crs[0] if output.crs else ""


def _what_is_missing(manifest: Manifest, output: Output) -> str:
    expected = {
        Passing.FUNCTION: "returning it",
        Passing.VARIABLES: "setting a variable of this name",
        Passing.ARGUMENTS: "printing it on standard output",
        Passing.JSON: "naming it in $DATAMINER_OUTPUTS",
    }[manifest.passing]
    if output.file:
        expected = f"writing the file '{output.file}'"
    return f"Output '{output.identifier}': the script ended without {expected}."
