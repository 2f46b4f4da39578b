"""Which files belong to a package, and the text of those that are read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from importer.findings import Findings, Place

MAX_PACKAGE_BYTES = 100 * 10**6
MAX_FILES = 10_000
MAX_SCRIPT_BYTES = 2 * 10**6

METHOD_FILE = "method.toml"
LOCK_FILE = "requirements.lock"
_LEFT_OUT = frozenset(("__pycache__", LOCK_FILE))  #: the lock has its own place in a package


@dataclass(slots=True, kw_only=True)
class Found:
    """The files of a package, while they are collected."""

    root: Path
    files: dict[str, Path] = field(default_factory=dict)  #: path in the package → where it lies
    size_bytes: int = 0

    @property
    def is_too_large(self) -> bool:
        """Whether it is more than a package may hold."""
        return len(self.files) > MAX_FILES or self.size_bytes > MAX_PACKAGE_BYTES

    def sorted(self) -> tuple[tuple[str, Path], ...]:
        """Path in the package and where it lies, by path."""
        return tuple(sorted(self.files.items()))


def collect(root: Path, findings: Findings) -> Found:
    """All files of a folder but hidden ones, caches and the lock."""
    found = Found(root=root)
    _add_folder(found, root, findings)
    return found


def single(script: Path, findings: Findings) -> Found:
    """A script alone."""
    found = Found(root=script.parent)
    _add(found, script, findings)
    return found


def add_resource(found: Found, name: str, place: Place, findings: Findings) -> None:
    """Add a file, or a folder with all its files, that a script names."""
    target = found.root / name
    if not name or not is_inside(name):
        findings.fault(f"the resource '{name}' must lie beside the script or below", place)
    elif target.is_dir() and not _leads_out(target, found.root):
        _add_folder(found, target, findings)
    elif target.is_file():
        _add(found, target, findings)
    else:
        findings.fault(f"the resource '{name}' is not there", place)


def is_inside(path: str) -> bool:
    """Whether a path is relative and stays inside its folder."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and "\\" not in path


def read_text(path: Path, name: str, findings: Findings) -> str | None:
    """The text of a script or manifest; None: it was found faulty."""
    place = Place(file=name)
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_SCRIPT_BYTES + 1)
    except OSError as error:
        findings.fault(f"cannot be read: {error.strerror}", place)
        return None
    if len(content) > MAX_SCRIPT_BYTES:
        findings.fault(f"is larger than {MAX_SCRIPT_BYTES // 10**6} MB: is it a script?", place)
    elif b"\x00" in content:
        findings.fault(f"is a program and not a script: describe it in a {METHOD_FILE}", place)
    else:
        return _decoded(content, name, findings)
    return None


def _decoded(content: bytes, name: str, findings: Findings) -> str | None:
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        findings.fault("is not written in UTF-8; save it as UTF-8", Place(file=name, line=line))
        return None


def _walk(folder: Path, root: Path, findings: Findings) -> Iterator[Path]:
    """Files below a folder, by name; links to folders are refused, not followed."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        findings.fault(f"cannot be read: {error.strerror}", _place(folder, root))
        return
    for entry in entries:
        path = Path(entry.path)
        if entry.name.startswith(".") or entry.name in _LEFT_OUT:
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(path, root, findings)
        elif path.is_dir():
            findings.fault("is a link to a folder; put the folder itself here", _place(path, root))
        else:
            yield path


def _add_folder(found: Found, folder: Path, findings: Findings) -> None:
    for path in _walk(folder, found.root, findings):
        _add(found, path, findings)
        if found.is_too_large:
            findings.fault(
                f"the package is larger than {MAX_PACKAGE_BYTES // 10**6} MB or "
                f"{MAX_FILES:,} files; leave data out and take it as an input"
            )
            return


def _add(found: Found, path: Path, findings: Findings) -> None:
    place = _place(path, found.root)
    if _leads_out(path, found.root):
        findings.fault("is a link that leads out of the package; put the file itself here", place)
    elif not path.is_file():
        findings.fault("is neither a file nor a folder", place)
    elif not place.file.isprintable() or not is_inside(place.file):
        shown = ascii(place.file)[1:-1]
        findings.fault("has a name with unprintable characters", Place(file=shown))
    elif not os.access(path, os.R_OK):
        findings.fault("cannot be read: Permission denied", place)
    elif place.file not in found.files:
        found.files[place.file] = path
        found.size_bytes += path.stat().st_size


def _leads_out(path: Path, root: Path) -> bool:
    real = Path(os.path.realpath(path))  # unlike resolve() it survives links in a circle
    return not real.is_relative_to(os.path.realpath(root))


def _place(path: Path, root: Path) -> Place:
    return Place(file=path.relative_to(root).as_posix())
