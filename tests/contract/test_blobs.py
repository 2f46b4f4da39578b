"""Payloads by SHA-256."""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dataminer.adapters.blobs import CHUNK_BYTES, DiskBlobs
from dataminer.domain.errors import UnknownItem
from dataminer.ports import Blobs

MISSING = "0" * 64


def put(blobs: Blobs, content: bytes, limit_bytes: int | None = None) -> str:
    return blobs.put(io.BytesIO(content), limit_bytes)[0]


def read(blobs: Blobs, digest: str) -> bytes:
    with blobs.open(digest) as stream:
        return stream.read()


def files_below(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


@pytest.mark.parametrize("content", [b"", b"words", bytes(CHUNK_BYTES + 1)], ids=len)
def test_what_is_put_is_found_by_its_digest(blobs: Blobs, content: bytes) -> None:
    digest, size_bytes = blobs.put(io.BytesIO(content))

    assert (digest, size_bytes) == (hashlib.sha256(content).hexdigest(), len(content))
    assert blobs.exists(digest)
    assert read(blobs, digest) == content


def test_a_stream_that_gives_a_little_at_a_time_is_read_to_its_end(blobs: Blobs) -> None:
    class Dripping(io.BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            return super().read(3)

    digest, _ = blobs.put(Dripping(b"all of the words"))

    assert read(blobs, digest) == b"all of the words"


@pytest.mark.parametrize("digest", [MISSING, "", "../../etc/passwd", "A" * 64, "0" * 63 + "\n"])
def test_what_is_not_here_is_unknown(blobs: Blobs, digest: str, tmp_path: Path) -> None:
    assert not blobs.exists(digest)
    with pytest.raises(UnknownItem):
        blobs.open(digest)
    with pytest.raises(UnknownItem):
        blobs.copy_to(digest, tmp_path / "copy")
    blobs.delete(digest)
    assert not (tmp_path / "copy").exists()


def test_the_same_content_twice_is_one(blobs: Blobs) -> None:
    first, second = put(blobs, b"words"), put(blobs, b"words")

    assert first == second
    blobs.delete(first)
    assert not blobs.exists(first)


def test_what_was_deleted_can_be_put_again(blobs: Blobs) -> None:
    blobs.delete(put(blobs, b"words"))

    assert read(blobs, put(blobs, b"words")) == b"words"


def test_the_limit_is_the_largest_size_that_is_taken(blobs: Blobs) -> None:
    content = bytes(CHUNK_BYTES + 5)

    digest = put(blobs, content, limit_bytes=len(content))
    with pytest.raises(OverflowError):
        put(blobs, content + b"x", limit_bytes=len(content))

    assert blobs.exists(digest)
    assert not blobs.exists(hashlib.sha256(content + b"x").hexdigest())


def test_a_copy_shares_nothing_with_the_store(blobs: Blobs, tmp_path: Path) -> None:
    content = os.urandom(CHUNK_BYTES + 1)
    digest = put(blobs, content)

    blobs.copy_to(digest, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == content
    (tmp_path / "copy").write_bytes(b"changed")

    assert read(blobs, digest) == content


def test_a_copy_overwrites_nothing(blobs: Blobs, tmp_path: Path) -> None:
    (tmp_path / "copy").write_bytes(b"mine")

    with pytest.raises(FileExistsError):
        blobs.copy_to(put(blobs, b"words"), tmp_path / "copy")

    assert (tmp_path / "copy").read_bytes() == b"mine"


def test_many_may_put_the_same_at_once(blobs: Blobs) -> None:
    contents = [b"a" * CHUNK_BYTES, b"b"] * 20

    with ThreadPoolExecutor(8) as threads:
        digests = list(threads.map(lambda content: put(blobs, content), contents))

    assert len(set(digests)) == 2
    assert [len(read(blobs, digest)) for digest in digests[:2]] == [CHUNK_BYTES, 1]


# --- on disk ----------------------------------------------------------------------------------


def test_nothing_is_left_of_what_was_too_large_or_broke(tmp_path: Path) -> None:
    class Breaking(io.BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            raise OSError("gone")

    blobs = DiskBlobs(tmp_path)

    with pytest.raises(OverflowError):
        put(blobs, b"words", limit_bytes=4)
    with pytest.raises(OSError, match="gone"):
        blobs.put(Breaking())

    assert files_below(tmp_path) == []


def test_stored_bytes_are_read_only_files_in_two_levels_of_folders(tmp_path: Path) -> None:
    digest = put(DiskBlobs(tmp_path), b"words")

    path = tmp_path / digest[:2] / digest[2:4] / digest
    assert files_below(tmp_path) == [path]
    assert path.stat().st_mode & 0o777 == 0o444


def test_bytes_that_were_cut_short_are_put_again(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path)
    digest = put(blobs, b"words")
    (path,) = files_below(tmp_path)
    path.chmod(0o644)
    path.write_bytes(b"wor")

    put(blobs, b"words")

    assert read(blobs, digest) == b"words"


def test_what_a_dead_writer_left_is_cleared_at_start_and_a_living_one_is_left_alone(
    tmp_path: Path,
) -> None:
    DiskBlobs(tmp_path)
    dead, living = tmp_path / "incoming" / "dead", tmp_path / "incoming" / "living"
    dead.write_bytes(b"half")
    with living.open("wb") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)

        DiskBlobs(tmp_path)

        assert files_below(tmp_path) == [living]
