"""Puts a package and its inputs into the folder of a run."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dataminer.domain.computations import Computation
from dataminer.domain.errors import ComputationFailed, InvalidValue, UnknownItem
from dataminer.domain.methods import DataType, Input, Manifest, Package
from dataminer.domain.tables import Dialect, make_uniform
from dataminer.domain.values import BoundingBox, Literal, Payload, Value
from dataminer.ports import Blobs
from workers.folders import RunFolder
from workers.values import Json, Values, box_to_json, literal_to_json

_NAME_BYTES = 200


def stage_package(blobs: Blobs, package: Package, folder: RunFolder) -> None:
    """Copy the package's files, read-only. Raises: ComputationFailed: one is not there."""
    for file in package.files:
        path = _inside(folder.package, file.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            blobs.copy_to(file.digest, path)
        except UnknownItem as fault:
            raise ComputationFailed(f"The package's file '{file.path}' is not here.") from fault
        path.chmod(0o500 if file.executable else 0o400)
    script = package.manifest.entry.partition(":")[0]
    if not (folder.package / script).is_file():
        raise ComputationFailed(f"The package has no file '{script}'.")


def _inside(folder: Path, relative: str) -> Path:
    path = Path(relative)
    if path.is_absolute() or ".." in path.parts:
        raise ComputationFailed(f"The package's file '{relative}' lies outside of it.")
    return folder / path


@dataclass(frozen=True, slots=True)
class Stager:
    """Stages the inputs of one run."""

    blobs: Blobs
    folder: RunFolder
    note: Callable[[str], None]  #: a line for the log

    def stage(self, manifest: Manifest, computation: Computation) -> Values:
        """Write all inputs and return what inputs.json now holds.

        Raises: InvalidValue: a table that cannot be read. ComputationFailed: bytes are not here.
        """
        values: dict[str, Json] = {}
        for declared in manifest.inputs:
            given = [b.value for b in computation.inputs if b.identifier == declared.identifier]
            staged = [self._stage(declared, value, n) for n, value in enumerate(given, 1)]
            if staged:
                values[declared.identifier] = staged if declared.max_occurs > 1 else staged[0]
        self.folder.inputs_json.write_text(json.dumps(values), "utf-8")
        return values

    def _stage(self, declared: Input, value: Value, occurrence: int) -> Json:
        match value:
            case Literal(text=text):
                try:
                    return literal_to_json(declared.type, text)
                except ValueError as fault:
                    raise InvalidValue(declared.identifier, f"{fault}.") from fault
            case BoundingBox():
                return box_to_json(value)
            case Payload():
                return str(self._stage_payload(declared, value, occurrence))

    def _stage_payload(self, declared: Input, payload: Payload, occurrence: int) -> Path:
        folder = self.folder.inputs / declared.identifier.replace("/", "_")
        if occurrence > 1:
            folder /= str(occurrence)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / _file_name(payload.name, declared.identifier)
        try:
            self._write(declared, payload, path)
        except UnknownItem as fault:
            message = f"The content of input '{declared.identifier}' is not here any more."
            raise ComputationFailed(message) from fault
        path.chmod(0o400)
        return path

    def _write(self, declared: Input, payload: Payload, path: Path) -> None:
        dialect = payload.dialect
        if declared.type is not DataType.TABLE or dialect is None or dialect.is_uniform:
            self.blobs.copy_to(payload.digest, path)
            return
        self.note(_about(declared, dialect))
        try:
            with (
                self.blobs.open(payload.digest) as source,
                path.open("w", encoding="utf-8", newline="") as target,
            ):
                make_uniform(source, target, dialect)
        except (UnicodeDecodeError, csv.Error) as fault:
            message = f"cannot be read to its end as a table in {dialect.encoding}: {fault}."
            raise InvalidValue(declared.identifier, message) from fault


def _about(declared: Input, dialect: Dialect) -> str:
    mark = " with a byte-order mark" if dialect.byte_order_mark else ""
    return (
        f"table '{declared.identifier}' came with delimiter {dialect.delimiter!r} and decimal"
        f" {dialect.decimal!r} in {dialect.encoding}{mark};"
        " the script sees it with comma and decimal point in utf-8"
    )


def _file_name(name: str, identifier: str) -> str:
    """A name that is safe in a folder and not that of an occurrence's folder."""
    safe = Path(name.replace("\x00", "")).name or identifier.replace("/", "_")
    while len(safe.encode()) > _NAME_BYTES:
        safe = safe[1:]
    return f"file-{safe}" if safe.isdigit() or safe == ".." else safe
