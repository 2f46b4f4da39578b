"""Runs small scripts through the real runner: builders for its tests."""

from __future__ import annotations

import io
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from dataminer.adapters.memory.blobs import MemoryBlobs
from dataminer.domain.computations import Computation
from dataminer.domain.methods import (
    DataType,
    Input,
    Limits,
    Manifest,
    Output,
    Package,
    PackageFile,
    Passing,
    Runtime,
    Target,
)
from dataminer.domain.values import Binding, BoundingBox, Literal, Payload, Value
from dataminer.ports import Outcome
from workers.environments import Environments
from workers.launcher import WARM_MEMORY_BYTES, Launcher
from workers.runner import ScriptRunner
from workers.sandbox import Level

ENTRIES = {
    Runtime.PYTHON: "script.py",
    Runtime.R: "script.R",
    Runtime.OCTAVE: "script.m",
    Runtime.SHELL: "script.sh",
    Runtime.BINARY: "script",
}

UV = str(Path(sys.executable).parent / "uv")


def tools_environ() -> dict[str, str]:
    """What uv and pip get: this process's environment."""
    return dict(item.split("=", 1) for item in _environment_block() if "=" in item)


def _environment_block() -> list[str]:
    return Path("/proc/self/environ").read_text("utf-8", "surrogateescape").split("\0")


@dataclass
class RecordingWatcher:
    """Keeps what it is told; stops the script when a condition holds."""

    lines: list[str] = field(default_factory=list)
    progress: list[tuple[int, str]] = field(default_factory=list)
    stop_when: Callable[[RecordingWatcher], bool] = lambda _: False

    def progressed(self, percent: int, message: str) -> None:
        self.progress.append((percent, message))

    def logged(self, line: str) -> None:
        self.lines.append(line)

    def must_stop(self) -> bool:
        return self.stop_when(self)


@dataclass
class Bench:
    """A runner with all that it needs."""

    folder: Path
    blobs: MemoryBlobs
    environments: Environments
    launcher: Launcher
    runner: ScriptRunner
    watcher: RecordingWatcher = field(default_factory=RecordingWatcher)

    def run(
        self,
        script: str | bytes,
        *,
        runtime: Runtime = Runtime.PYTHON,
        passing: Passing = Passing.VARIABLES,
        inputs: Mapping[str, Input | DataType] | None = None,
        values: Mapping[str, str | Value | list[str | Value]] | None = None,
        outputs: tuple[Output, ...] = (),
        files: Mapping[str, str] | None = None,
        function: str = "main",
        lock: str = "",
        limits: Limits | None = None,
    ) -> Outcome:
        entry = ENTRIES[runtime]
        contents = {entry: script, **(files or {})}
        manifest = Manifest(
            identifier="PROBE",
            title="Probe",
            runtime=runtime,
            entry=f"{entry}:{function}" if passing is Passing.FUNCTION else entry,
            passing=passing,
            inputs=tuple(_declared(name, d) for name, d in (inputs or {}).items()),
            outputs=outputs,
            limits=limits or Limits(wall_seconds=60),
        )
        package = Package(
            manifest=manifest,
            files=tuple(self._file(name, content) for name, content in contents.items()),
            lock=lock,
        )
        return self.runner.run(a_computation(values or {}), package, self.watcher)

    def payload(self, content: str | bytes, name: str = "data.txt", **more: object) -> Payload:
        digest, size = self.blobs.put(io.BytesIO(_bytes(content)))
        return Payload(
            digest=digest, size_bytes=size, media_type="text/plain", name=name, **more  # type: ignore[arg-type]
        )  # fmt: skip

    def content(self, outcome: Outcome, identifier: str) -> bytes:
        value = value_of(outcome, identifier)
        assert isinstance(value, Payload)
        return self.blobs.open(value.digest).read()

    def log(self, outcome: Outcome) -> str:
        return self.blobs.open(outcome.log.digest).read().decode()

    @property
    def job_folders(self) -> list[Path]:
        jobs = self.folder / "jobs"
        return list(jobs.iterdir()) if jobs.exists() else []

    def _file(self, name: str, content: str | bytes) -> PackageFile:
        digest, size = self.blobs.put(io.BytesIO(_bytes(content)))
        return PackageFile(path=name, digest=digest, size_bytes=size)


@contextmanager
def a_bench(
    folder: Path, *, warm: bool = True, level: Level = Level.OFF, **environ: str
) -> Iterator[Bench]:
    """A runner in a folder of its own."""
    blobs = MemoryBlobs()
    with Launcher(warm_memory_bytes=WARM_MEMORY_BYTES if warm else 0) as launcher:
        environments = Environments(
            folder / "environments",
            blobs,
            launcher,
            uv=UV,
            environ={**tools_environ(), **environ},
        )
        runner = ScriptRunner(
            blobs=blobs,
            launcher=launcher,
            environments=environments,
            jobs_folder=folder / "jobs",
            node="here",
            sandbox_level=level,
        )
        yield Bench(folder, blobs, environments, launcher, runner)


def a_computation(values: Mapping[str, str | Value | list[str | Value]]) -> Computation:
    return Computation(
        id=f"PROBE_ID_{uuid.uuid4()}",
        method="PROBE",
        version="1",
        package="0" * 64,
        target=Target.LOCAL,
        user="ada",
        tenant="demo",
        accepted_at=datetime.now(UTC),
        address_key="key",
        inputs=tuple(
            Binding(identifier=name, value=Literal(text=one) if isinstance(one, str) else one)
            for name, given in values.items()
            for one in (given if isinstance(given, list) else [given])
        ),
    )


def an_output(identifier: str, data_type: DataType = DataType.STRING, **more: object) -> Output:
    return Output(identifier=identifier, type=data_type, **more)  # type: ignore[arg-type]


def value_of(outcome: Outcome, identifier: str) -> Value | None:
    return next((b.value for b in outcome.outputs if b.identifier == identifier), None)


def text_of(outcome: Outcome, identifier: str) -> str:
    value = value_of(outcome, identifier)
    assert isinstance(value, Literal), outcome.failure
    return value.text


def a_box(crs: str = "EPSG:4326") -> BoundingBox:
    return BoundingBox(lower=(10.0, 40.5), upper=(12.0, 44.0), crs=crs)


def processes_with(marker: str) -> list[int]:
    """Ids of the processes whose command line or environment holds the marker."""
    processes = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [int(entry.name) for entry in processes if _speaks_of(entry, marker.encode())]


def _speaks_of(process: Path, marker: bytes) -> bool:
    try:
        return any(marker in (process / name).read_bytes() for name in ("environ", "cmdline"))
    except OSError:
        return False


def _declared(identifier: str, declared: Input | DataType) -> Input:
    return declared if isinstance(declared, Input) else Input(identifier=identifier, type=declared)


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content
