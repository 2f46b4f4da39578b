"""Payloads in memory."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import BinaryIO

from dataminer.domain.errors import UnknownItem

CHUNK_BYTES = 1 << 20


class MemoryBlobs:
    """The port Blobs, kept in a dictionary."""

    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}

    def put(self, stream: BinaryIO, limit_bytes: int | None = None) -> tuple[str, int]:
        """Digest and size of what was stored.

        Raises: OverflowError: more than limit_bytes; nothing is left behind.
        """
        content = bytearray()
        while chunk := stream.read(CHUNK_BYTES):
            content += chunk
            if limit_bytes is not None and len(content) > limit_bytes:
                raise OverflowError(f"more than {limit_bytes} bytes")
        digest = hashlib.sha256(content).hexdigest()
        self._contents[digest] = bytes(content)
        return digest, len(content)

    def open(self, digest: str) -> BinaryIO:
        """Raises: UnknownItem."""
        return io.BytesIO(self._content(digest))

    def exists(self, digest: str) -> bool:
        """Whether the bytes are here."""
        return digest in self._contents

    def copy_to(self, digest: str, path: Path) -> None:
        """Write the bytes to a new file.

        Raises: UnknownItem.
        """
        content = self._content(digest)
        with path.open("xb") as target:
            target.write(content)

    def delete(self, digest: str) -> None:
        """Remove the bytes; without effect when they are not here."""
        self._contents.pop(digest, None)

    def _content(self, digest: str) -> bytes:
        try:
            return self._contents[digest]
        except KeyError:
            raise UnknownItem(f"The bytes of '{digest}' are not here.") from None
