"""The folder of one run: the contract between runner, runtimes and scripts."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The paths of one run."""

    root: Path

    @property
    def package(self) -> Path:
        """The package's files."""
        return self.root / "package"

    @property
    def inputs(self) -> Path:
        """`<identifier>/<name>`; further occurrences in `<identifier>/2/<name>` and so on."""
        return self.root / "inputs"

    @property
    def inputs_json(self) -> Path:
        """The inputs' values by identifier."""
        return self.root / "inputs.json"

    @property
    def work(self) -> Path:
        """The script's working folder and home, empty at its start."""
        return self.root / "work"

    @property
    def temporary(self) -> Path:
        """The script's folder for temporary files."""
        return self.root / "tmp"

    @property
    def outputs_json(self) -> Path:
        """The outputs' values by identifier, as script or driver wrote them."""
        return self.root / "outputs.json"

    @property
    def stdout(self) -> Path:
        """The standard output, when it is an output."""
        return self.root / "stdout"

    @property
    def log(self) -> Path:
        """What the script printed."""
        return self.root / "log"

    @property
    def driver(self) -> Path:
        """What a runtime writes for its driver."""
        return self.root / "driver"


@contextlib.contextmanager
def run_folder(jobs: Path, computation_id: str, attempt: int) -> Iterator[RunFolder]:
    """A fresh folder of this attempt alone, removed at the end."""
    folder = RunFolder(jobs / f"{computation_id}.{attempt}")
    remove(folder.root)
    jobs.mkdir(parents=True, exist_ok=True)
    try:
        for path in (folder.root, folder.package, folder.inputs, folder.work, folder.temporary,
                     folder.driver):  # fmt: skip
            path.mkdir(mode=0o700)
        yield folder
    finally:
        remove(folder.root)


def sweep(jobs: Path, is_over: Callable[[str, int], bool]) -> list[str]:
    """Remove the folders of attempts that are over, which dead nodes left; their names."""
    names = [path.name for path in jobs.iterdir()] if jobs.is_dir() else []
    orphans = []
    for name in names:
        computation_id, _, attempt = name.rpartition(".")
        if attempt.isdigit() and is_over(computation_id, int(attempt)):
            remove(jobs / name)
            orphans.append(name)
    return orphans


def remove(folder: Path) -> None:
    """Remove a folder and all in it, also what is read-only."""
    if folder.is_symlink() or not folder.is_dir():
        return
    _open_up(folder)
    shutil.rmtree(folder, ignore_errors=True)


def _open_up(folder: Path) -> None:
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        with contextlib.suppress(OSError):
            current.chmod(0o700)
            waiting.extend(p for p in current.iterdir() if p.is_dir() and not p.is_symlink())
