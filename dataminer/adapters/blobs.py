"""Payloads by SHA-256, on disk."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO

from dataminer.domain.errors import UnknownItem

CHUNK_BYTES = 1 << 20
_DIGEST = re.compile(r"[0-9a-f]{64}")
_READ_ONLY = 0o444
_CLONE_BYTES = 1 << 30


class DiskBlobs:
    """The port Blobs in a folder: `ab/cd/abcd…`, and `incoming` for what is not whole yet."""

    def __init__(self, root: Path) -> None:
        """Makes the folder, and clears away what writers that died left behind."""
        self._root = root
        self._incoming = root / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)
        for orphan in self._incoming.iterdir():
            _clear(orphan)

    def put(self, stream: BinaryIO, limit_bytes: int | None = None) -> tuple[str, int]:
        """Digest and size of what was stored, durable when this returns; memory stays flat.

        Raises: OverflowError: more than limit_bytes; nothing is left behind.
        """
        with _new_file(self._incoming) as (path, file):
            digest, size_bytes = _copy(stream, file, limit_bytes)
            target = self._path(digest)
            if not _is_there(target, size_bytes):
                file.flush()
                os.fchmod(file.fileno(), _READ_ONLY)
                os.fsync(file.fileno())
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
            for folder in (target.parent, target.parent.parent, self._root):
                _sync(folder)  # also when it was there: who put it may not have come so far
        return digest, size_bytes

    def open(self, digest: str) -> BinaryIO:
        """Raises: UnknownItem."""
        try:
            return self._path(digest).open("rb")
        except FileNotFoundError:
            raise UnknownItem(f"The bytes of '{digest}' are not here.") from None

    def exists(self, digest: str) -> bool:
        """Whether the bytes are here."""
        return _DIGEST.fullmatch(digest) is not None and self._path(digest).exists()

    def copy_to(self, digest: str, path: Path) -> None:
        """Write the bytes to a new file that shares nothing with the store.

        Raises: UnknownItem.
        """
        with self.open(digest) as source, path.open("xb") as target:
            _clone(source, target)

    def delete(self, digest: str) -> None:
        """Remove the bytes; without effect when they are not here."""
        if self.exists(digest):
            self._path(digest).unlink(missing_ok=True)

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise UnknownItem(f"'{digest}' is not a SHA-256.")
        return self._root / digest[:2] / digest[2:4] / digest


@contextmanager
def _new_file(folder: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """An empty file, locked while its writer lives; gone at the end unless it was moved."""
    descriptor, path = _locked_file(folder)
    with os.fdopen(descriptor, "wb") as file:
        try:
            yield path, file
        finally:
            path.unlink(missing_ok=True)


def _locked_file(folder: Path) -> tuple[int, Path]:
    while True:
        descriptor, path = mkstemp(dir=folder)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return descriptor, Path(path)
        os.close(descriptor)  # taken for an orphan just before it was locked


def _clear(path: Path) -> None:
    """Remove a file whose writer is dead."""
    with suppress(FileNotFoundError, BlockingIOError), path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()


def _copy(source: BinaryIO, target: BinaryIO, limit_bytes: int | None) -> tuple[str, int]:
    """Digest and size of what was copied."""
    digest, size_bytes = hashlib.sha256(), 0
    while chunk := source.read(CHUNK_BYTES):
        size_bytes += len(chunk)
        if limit_bytes is not None and size_bytes > limit_bytes:
            raise OverflowError(f"more than {limit_bytes} bytes")
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest(), size_bytes


def _is_there(path: Path, size_bytes: int) -> bool:
    try:
        return path.stat().st_size == size_bytes
    except FileNotFoundError:
        return False


def _clone(source: BinaryIO, target: BinaryIO) -> None:
    """Copy within the kernel, which shares blocks until one side is written where it can."""
    with suppress(OSError):
        while sys.platform == "linux" and os.copy_file_range(
            source.fileno(), target.fileno(), _CLONE_BYTES
        ):
            pass
    shutil.copyfileobj(source, target, CHUNK_BYTES)  # what is left, if the kernel could not


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
