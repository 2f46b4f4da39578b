"""Gets the content of references over HTTP into the blob store."""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Iterable
from typing import BinaryIO, cast
from urllib.parse import unquote, unquote_to_bytes

from dataminer.adapters.fetcher.connections import (
    Connector,
    Deadline,
    Refused,
    Resolve,
    Trust,
    public_trust,
    resolve,
)
from dataminer.adapters.fetcher.exchange import Answer, Request, answered, parse
from dataminer.adapters.fetcher.guard import Guard
from dataminer.domain.addresses import without_credentials
from dataminer.domain.errors import InputTooLarge, ReferenceFailed
from dataminer.domain.orders import OfferedReference
from dataminer.ports import Blobs, Fetched

MOST_BODY_BYTES = 16_000_000  #: of what is sent with POST
_MOST_SHOWN = 200  #: characters of an address in a message


class HttpFetcher:
    """The port Fetcher over HTTP and HTTPS, and for `data:` addresses."""

    def __init__(
        self,
        blobs: Blobs,
        allowed: Iterable[str] = (),
        timeout_seconds: float = 60,
        resolve: Resolve = resolve,
        trust: Trust = public_trust,
    ) -> None:
        """`allowed` are hosts (with or without port) and networks beside the public ones."""
        self._blobs = blobs
        self._guard = Guard(allowed)
        self._timeout_seconds = timeout_seconds
        self._resolve = resolve
        self._trust = trust

    def fetch(self, identifier: str, reference: OfferedReference, limit_bytes: int) -> Fetched:
        """Raises: ReferenceFailed, InputTooLarge: about the input of this identifier."""
        shown = _shown(reference.href)
        try:
            if reference.href[:5].lower() == "data:":
                return self._embedded(reference.href, limit_bytes)
            return self._fetch(reference, limit_bytes)
        except OverflowError as error:
            raise InputTooLarge(
                identifier, f"{shown} holds more than the {limit_bytes:,} bytes that it may have."
            ) from error
        except Refused as error:
            raise ReferenceFailed(identifier, f"{shown} could not be fetched: {error}.") from error

    def _fetch(self, reference: OfferedReference, limit_bytes: int) -> Fetched:
        with Deadline(self._timeout_seconds) as deadline:
            connector = Connector(self._guard, deadline, self._resolve, self._trust)
            body = self._body(connector, reference)
            request = Request.of(reference, body)
            with answered(connector, request) as answer:
                digest, size_bytes = self._store(answer, limit_bytes)
        return Fetched(
            digest=digest,
            size_bytes=size_bytes,
            media_type=_media_type(answer.content_type),
            name=unquote((request.url.path or "").rpartition("/")[2]),
        )

    def _store(self, answer: Answer, limit_bytes: int) -> tuple[str, int]:
        if answer.size_bytes > limit_bytes:
            raise OverflowError
        return self._blobs.put(cast("BinaryIO", answer), limit_bytes)

    def _body(self, connector: Connector, reference: OfferedReference) -> bytes | None:
        """What is sent along; it may itself lie at an address."""
        if reference.method != "POST" or not reference.body_href:
            return reference.body
        with answered(connector, Request(url=parse(reference.body_href))) as answer:
            body = b"".join(iter(lambda: answer.read(MOST_BODY_BYTES + 1), b""))
        if len(body) > MOST_BODY_BYTES:
            raise Refused(f"what its body refers to is larger than {MOST_BODY_BYTES:,} bytes")
        return body

    def _embedded(self, href: str, limit_bytes: int) -> Fetched:
        """What an address holds in itself. Source: RFC 2397."""
        head, comma, text = href[5:].partition(",")
        if not comma:
            raise Refused("it has no comma before its data")
        content = unquote_to_bytes(text)
        if head.lower().endswith(";base64"):
            try:
                content = base64.b64decode(content, validate=True)
            except binascii.Error:
                raise Refused("its data is not base64") from None
        digest, size_bytes = self._blobs.put(io.BytesIO(content), limit_bytes)
        media_type = _media_type(head) or "text/plain"
        return Fetched(digest=digest, size_bytes=size_bytes, media_type=media_type, name="")


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _shown(href: str) -> str:
    """The address as a message may show it."""
    try:
        return without_credentials(href)[:_MOST_SHOWN] or "what the address holds"
    except ValueError:
        return "what the address names"
