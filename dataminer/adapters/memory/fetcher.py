"""References that lead to given contents."""

from __future__ import annotations

import io
import mimetypes
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from dataminer.domain.errors import InputTooLarge, ReferenceFailed
from dataminer.domain.orders import OfferedReference
from dataminer.ports import Blobs, Fetched


class MemoryFetcher:
    """The port Fetcher: finds at each address what it was given for it."""

    def __init__(self, contents: Mapping[str, bytes], blobs: Blobs) -> None:
        self._contents = contents
        self._blobs = blobs

    def fetch(self, identifier: str, reference: OfferedReference, limit_bytes: int) -> Fetched:
        """Raises: ReferenceFailed, InputTooLarge: about the input of this identifier."""
        content = self._contents.get(reference.href)
        if content is None:
            raise ReferenceFailed(identifier, "there is nothing at its address.")
        try:
            digest, size_bytes = self._blobs.put(io.BytesIO(content), limit_bytes)
        except OverflowError as error:
            raise InputTooLarge(identifier) from error
        path = urlsplit(reference.href).path
        return Fetched(
            digest=digest,
            size_bytes=size_bytes,
            media_type=mimetypes.guess_type(path)[0] or "",
            name=unquote(path.rpartition("/")[2]),
        )
