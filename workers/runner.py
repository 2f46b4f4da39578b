"""Stage, launch, watch, collect: the only way in which a script is run."""

from __future__ import annotations

import contextlib
import platform
import signal
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import dataminer
from dataminer.domain.computations import Computation, Place, Usage
from dataminer.domain.errors import ComputationFailed, DataMinerError, ScriptFailed
from dataminer.domain.methods import Package, Runtime
from dataminer.domain.values import Binding, Payload
from dataminer.ports import Blobs, Outcome, Watcher
from workers.collecting import Collector, stdout_output
from workers.confinement import Users, metered, sandbox_of, staged_bytes
from workers.environments import Environments
from workers.folders import RunFolder, run_folder
from workers.launcher import Launcher, Request
from workers.logs import Log
from workers.runtimes import check_passing, language_of, python
from workers.runtimes.calls import Call
from workers.sandbox import Level
from workers.staging import Stager, stage_package
from workers.watching import watch

_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class ScriptRunner:
    """The port Runner, on this host. Safe to use from several threads."""

    def __init__(
        self,
        *,
        blobs: Blobs,
        launcher: Launcher,
        environments: Environments,
        jobs_folder: Path,
        node: str,
        sandbox_level: Level = Level.OFF,
    ) -> None:
        """`sandbox_level` has to be one that this host can give."""
        self._blobs = blobs
        self._launcher = launcher
        self._environments = environments
        self._jobs_folder = jobs_folder.absolute()
        self._node = node  #: the worker's name, host included
        self._level = sandbox_level
        self._users = Users()

    def run(self, computation: Computation, package: Package, watcher: Watcher) -> Outcome:
        """Blocks until the script has ended and its outputs are in the blob store.

        Never raises for what the script did: that is the outcome's failure. Its folder is removed.
        """
        with (
            run_folder(self._jobs_folder, computation.id, computation.attempt) as folder,
            contextlib.closing(Log(folder.log, watcher)) as log,
            self._users.one(self._level) as user,
        ):
            run = _Run(
                blobs=self._blobs, launcher=self._launcher, environments=self._environments,
                computation=computation, package=package, watcher=watcher,
                folder=folder, log=log, place=self._place(), level=self._level, user=user,
            )  # fmt: skip
            failure = run.go()
            return Outcome(
                outputs=run.outputs,
                log=self._stored(log),
                place=run.place,
                exit_code=run.exit_code,
                failure=failure,
                usage=run.usage,
            )

    def _place(self) -> Place:
        system = f"{platform.system()}-{platform.machine()}"
        return Place(node=self._node, engine=dataminer.__version__, platform=system)

    def _stored(self, log: Log) -> Payload:
        with log.content() as content:
            digest, size = self._blobs.put(content)
        return Payload(digest=digest, size_bytes=size, media_type="text/plain", name="log.txt")


@dataclass(slots=True, kw_only=True)
class _Run:
    """One run, and what is known of it so far."""

    blobs: Blobs
    launcher: Launcher
    environments: Environments
    computation: Computation
    package: Package
    watcher: Watcher
    folder: RunFolder
    log: Log
    place: Place
    level: Level
    user: int | None
    exit_code: int | None = None
    usage: Usage | None = None
    outputs: tuple[Binding, ...] = ()

    def go(self) -> DataMinerError | None:
        """Take all steps; what failed, or None."""
        try:
            request = self._prepare()
            if self.watcher.must_stop():
                return ComputationFailed("The script was told to stop before it began.")
            self._launch(request)
            collector = Collector(self.blobs, self.folder)
            self.outputs = collector.collect(self.package.manifest)
        except DataMinerError as failure:
            return failure
        return None

    def _prepare(self) -> Request:
        """Stage everything and find the interpreter."""
        manifest = self.package.manifest
        check_passing(manifest.runtime, manifest.passing)
        language, interpreter = language_of(manifest.runtime)
        if manifest.runtime is Runtime.PYTHON:
            environment = self.environments.ensure(self.package.lock, self.log.note)
            interpreter = str(environment.interpreter)
            self.place = replace(self.place, environment=environment.digest)
        self.place = replace(self.place, interpreter=language.version(interpreter))
        stage_package(self.blobs, self.package, self.folder)
        stager = Stager(self.blobs, self.folder, self.log.note)
        values = stager.stage(manifest, self.computation)
        call = Call(manifest=manifest, folder=self.folder, values=values, interpreter=interpreter)
        limits = manifest.limits
        command = language.command(call)
        confined = sandbox_of(self.folder, interpreter, limits, self.level, self.user)
        return Request(
            command=command,
            folder=self.folder.work,
            environment=self._environment(interpreter),
            stdout=self.folder.stdout if stdout_output(manifest) else None,
            limits=metered(limits, staged_bytes(self.folder, limits)),
            counted=self.folder.root if limits.folder_mb is not None else None,
            sandbox=confined,
            warm=python.warm(call) if manifest.runtime is Runtime.PYTHON else None,
        )

    def _launch(self, request: Request) -> None:
        """Raises: ComputationFailed: it did not end well."""
        with self.launcher.start(request) as running:
            end = watch(running, self.log, self.package.manifest.limits, self.watcher.must_stop)
        self.exit_code = end.exit_code if end.exit_code >= 0 else None
        self.usage = end.usage
        if end.reason is not None:
            raise end.reason
        if end.exit_code != 0:
            said = self.log.last_lines.replace(f"{self.folder.package}/", "")
            raise ScriptFailed(_how_it_ended(end.exit_code, said))

    def _environment(self, interpreter: str) -> Mapping[str, str]:
        """All of the script's environment variables."""
        cores = str(self.package.manifest.limits.cores)
        path = f"{Path(interpreter).parent}:{_SYSTEM_PATH}" if interpreter else _SYSTEM_PATH
        return {
            "PATH": path,
            "LANG": "C.UTF-8",
            "HOME": str(self.folder.work),
            "TMPDIR": str(self.folder.temporary),
            "DATAMINER_COMPUTATION": self.computation.id,
            "DATAMINER_USER": self.computation.user,
            "DATAMINER_TENANT": self.computation.tenant,
            "DATAMINER_INPUTS": str(self.folder.inputs_json),
            "DATAMINER_OUTPUTS": str(self.folder.outputs_json),
            "OMP_NUM_THREADS": cores,
            "OPENBLAS_NUM_THREADS": cores,
            "MKL_NUM_THREADS": cores,
            "PYTHONUNBUFFERED": "1",
            "MPLBACKEND": "Agg",
        }


def _how_it_ended(exit_code: int, last_lines: str) -> str:
    how = f"The script ended with exit code {exit_code}."
    if exit_code < 0:
        how = f"The script was ended by {_signal_name(-exit_code)}."
    if exit_code == -signal.SIGKILL:
        how += " The system may have run out of memory."
    said = f"The last lines of its log:\n{last_lines}" if last_lines else "It printed nothing."
    return f"{how} {said}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"
