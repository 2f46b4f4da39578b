"""The environments of Python methods: built from a lock, kept by digest, never changed."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import platform
import shutil
import stat
import sys
import sysconfig
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dataminer.domain.errors import EnvironmentUnavailable, UnknownItem
from dataminer.ports import Blobs
from workers.launcher import Launcher, Request

_LAST_LINES = 10

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """An environment that is there."""

    digest: str  #: of lock, interpreter and platform
    interpreter: Path


class Environments:
    """All environments of a node, each a folder named by its digest.

    Wheels go into the blob store, and their names into a record beside the folder, so that an
    environment can be built again without a network.
    """

    def __init__(
        self,
        root: Path,
        blobs: Blobs,
        launcher: Launcher,
        *,
        uv: str,
        environ: Mapping[str, str],
        python: str = sys.executable,
    ) -> None:
        self._root = root.absolute()
        self._blobs = blobs
        self._launcher = launcher
        self._uv = uv
        self._python = python  #: the engine's: its version is the environments' version
        self._environ = dict(environ)  #: for the tools that build: proxies, certificates, caches

    def digest(self, lock: str) -> str:
        """The digest of the environment of this lock; of the empty lock, that of no libraries."""
        parts = [lock, sys.implementation.cache_tag, platform.python_version(),
                 sysconfig.get_platform()]  # fmt: skip
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def ready(self, lock: str) -> bool:
        """Whether it is built."""
        return self._interpreter(self.digest(lock)).exists()

    def ensure(self, lock: str, tell: Tell) -> Environment:
        """The environment of a lock, built if it is missing; `lock` is the digest of its text.

        Raises: EnvironmentUnavailable: with the last lines of what the tools said.
        """
        digest = self.digest(lock)
        if not self.ready(lock):
            with self._alone(digest):
                if not self.ready(lock):  # nobody else has built it meanwhile
                    self._build(lock, digest, tell)
        _open_to_all(self._root / digest)
        return Environment(digest=digest, interpreter=self._interpreter(digest))

    def _interpreter(self, digest: str) -> Path:
        return self._root / digest / "bin" / "python"

    @contextlib.contextmanager
    def _alone(self, digest: str) -> Iterator[None]:
        """One process, and one thread in it, at a time."""
        self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / f"{digest}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _build(self, lock: str, digest: str, tell: Tell) -> None:
        """Build beside its place and rename into it; what a dead process left behind goes first."""
        place = self._root / f"{digest}.building"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        try:
            environment = place / "environment"
            self._use(self._uv, "venv", "--relocatable", "--python", self._python, environment)
            if lock:
                self._fill(environment, lock, digest, tell)
            shutil.rmtree(self._root / digest, ignore_errors=True)  # its interpreter has gone
            environment.rename(self._root / digest)
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def _fill(self, environment: Path, lock: str, digest: str, tell: Tell) -> None:
        wheels = environment.with_name("wheels")
        wheels.mkdir()
        requirements = environment.with_name("requirements.lock")
        try:
            self._blobs.copy_to(lock, requirements)
        except UnknownItem as fault:
            raise EnvironmentUnavailable(
                "The lock of the method's libraries is not here."
            ) from fault
        if not self._fetch_stored(digest, wheels):
            tell("downloading the method's libraries")
            self._download(requirements, wheels)
            self._store(digest, wheels)
        tell(f"installing the method's libraries: {len(list(wheels.iterdir()))} wheels")
        self._use(
            self._uv, "pip", "install", "--python", environment / "bin" / "python",
            "--offline", "--no-index", "--find-links", wheels, "--no-deps", "--require-hashes",
            "--compile-bytecode", "-r", requirements,
        )  # fmt: skip

    def _download(self, requirements: Path, wheels: Path) -> None:
        """Wheels only: nobody's code runs while an environment is built."""
        self._use(
            self._python, "-I", "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
            "--no-input", "--only-binary", ":all:", "--no-deps", "--require-hashes",
            "--dest", wheels, "-r", requirements,
        )  # fmt: skip

    def _record(self, digest: str) -> Path:
        """File names and digests of the wheels of an environment."""
        return self._root / f"{digest}.wheels.json"

    def _fetch_stored(self, digest: str, wheels: Path) -> bool:
        """Whether all wheels were in the blob store, and now are in the folder."""
        try:
            names = json.loads(self._record(digest).read_text("utf-8"))
        except FileNotFoundError:
            return False
        if not all(self._blobs.exists(wheel) for wheel in names.values()):
            return False
        for name, wheel in names.items():
            self._blobs.copy_to(wheel, wheels / name)
        return True

    def _store(self, digest: str, wheels: Path) -> None:
        names: dict[str, str] = {}
        for path in sorted(wheels.iterdir()):
            with path.open("rb") as wheel:
                names[path.name], _ = self._blobs.put(wheel)
        fresh = self._record(digest).with_suffix(".fresh")
        fresh.write_text(json.dumps(names, indent=1), "utf-8")
        fresh.rename(self._record(digest))

    def _use(self, *command: str | Path) -> None:
        """Run a tool to its end; it dies with this process, as scripts do."""
        request = Request(
            command=tuple(map(str, command)), folder=self._root, environment=self._environ
        )
        with self._launcher.start(request) as running:
            with open(running.log, closefd=False, encoding="utf-8", errors="replace") as log:
                last = deque((line.rstrip() for line in log), maxlen=_LAST_LINES)
            code = running.wait().exit_code
        if code:
            said = "\n".join(last)
            raise EnvironmentUnavailable(f"The method's libraries could not be installed:\n{said}")


def _open_to_all(environment: Path) -> None:
    """Let every user read it, because a script may have a user id of its own; once."""
    if environment.stat().st_mode & stat.S_IXOTH:
        return
    for path in (*environment.rglob("*"), environment):  # itself last: it tells that all is done
        if not path.is_symlink():
            is_program = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if is_program else 0o644)
