"""What each run is allowed: its sandbox, its user id and the limits that its meter knows."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dataminer.domain.errors import ComputationFailed, LimitExceeded
from dataminer.domain.methods import Limits
from workers import runtimes, sandbox
from workers.folders import RunFolder
from workers.launcher import Exceeded

_MEBI = 1 << 20
_FIRST_USER = 1 << 29  #: far above those that systems give to people and services
_SLOTS = 64  #: of one process of ours

#: The meter's names: the method's, and how many of the meter's units are one of the method's.
_LIMITS = {
    "memory_bytes": ("memory_mb", _MEBI),
    "processes": ("processes", 1),
    "cpu_seconds": ("cpu_seconds", 1),
    "folder_bytes": ("folder_mb", _MEBI),
}


class Users:
    """User ids that no other script on this host has."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: set[int] = set()

    @contextlib.contextmanager
    def one(self, level: sandbox.Level) -> Iterator[int | None]:
        """An id for one script; None: it needs none, or we may not give it one.

        Raises: ComputationFailed: too many scripts run.
        """
        if level is not sandbox.Level.STRICT or os.geteuid() != 0:
            yield None
            return
        slot = self._take()
        try:
            yield _FIRST_USER + os.getpid() * _SLOTS + slot
        finally:
            with self._lock:
                self._taken.discard(slot)

    def _take(self) -> int:
        with self._lock:
            for slot in range(_SLOTS):
                if slot not in self._taken:
                    self._taken.add(slot)
                    return slot
        raise ComputationFailed(f"More than {_SLOTS} scripts run in one process; try again.")


def sandbox_of(
    folder: RunFolder, interpreter: str, limits: Limits, level: sandbox.Level, user: int | None
) -> dict[str, Any] | None:
    """The sandbox of a run whose folder is staged; None: it gets none. Gives the folder to `user`.

    Raises: ComputationFailed: something that it has to see is not here.
    """
    if level is sandbox.Level.OFF:
        return None
    folder.outputs_json.touch(0o600)
    if user is not None:
        _give(folder.root, user)
    written = (folder.work, folder.temporary, folder.outputs_json)
    read = [folder.package, folder.inputs, folder.inputs_json, folder.driver,
            Path(runtimes.__file__).parent / "drivers"]  # fmt: skip
    if interpreter:
        read += _of_interpreter(Path(interpreter))
    try:
        return sandbox.specification(
            level=level,
            writable=tuple(map(str, written)),
            readable=tuple(map(str, read)),
            user=user,
            processes=limits.processes,
            file_bytes=limits.folder_mb * _MEBI if limits.folder_mb is not None else None,
        )
    except FileNotFoundError as fault:
        raise ComputationFailed(f"'{fault.filename}' is not here for the sandbox.") from fault


def _of_interpreter(interpreter: Path) -> list[Path]:
    """Its environment, and for Python the installation that the environment belongs to."""
    system = Path("/usr"), Path("/")
    folders = [interpreter.parent.parent]
    if interpreter.name.startswith("python"):
        folders += [Path(sys.base_prefix), interpreter.resolve().parent.parent]
    return [path for path in dict.fromkeys(folders) if path not in system]


def _give(root: Path, user: int) -> None:
    """All in the folder becomes this user's; links are not followed."""
    for path in root.rglob("*"):
        os.chown(path, user, user, follow_symlinks=False)


def metered(limits: Limits, staged_bytes: int) -> dict[str, float]:
    """The limits as the meter takes them; what was staged is not the script's."""
    declared = {name: getattr(limits, field) for name, (field, _) in _LIMITS.items()}
    known = {name: v * _LIMITS[name][1] for name, v in declared.items() if v is not None}
    if "folder_bytes" in known:
        known["folder_bytes"] += staged_bytes
    return known


def staged_bytes(folder: RunFolder, limits: Limits) -> int:
    """Bytes on disk of what lies in the folder; counted only where the folder is limited."""
    if limits.folder_mb is None:
        return 0
    return sum(path.lstat().st_size for path in folder.root.rglob("*"))


def too_much(exceeded: Exceeded, limits: Limits) -> LimitExceeded:
    """The failure that names the limit as the method does, its value and what was used."""
    field, unit = _LIMITS[exceeded.name]
    declared = float(getattr(limits, field))
    used = declared + (exceeded.used - exceeded.limit) / unit
    return LimitExceeded(
        f"The script used more than its limit of {field} = {declared:g}:"
        f" it was ended when it had used {used:.1f}."
    )
