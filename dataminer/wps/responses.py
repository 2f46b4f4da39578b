"""HTTP responses: documents and payloads streamed, faults as the standard wants them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from itertools import chain
from typing import BinaryIO

from werkzeug.wrappers import Response
from werkzeug.wsgi import FileWrapper

from dataminer.wps.encodings import CHUNK, Embedding, embedded
from dataminer.wps.faults import Fault
from dataminer.wps.rendering import exception_report

XML = "text/xml; charset=utf-8"
_BUSY_SECONDS = "5"

#: A script's output is shown on our own site: nothing in it may act there.
_INERT = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-cache",
}


def document_response(content: bytes) -> Response:
    """A document that is there as a whole; another caller may get another one."""
    return Response(content, content_type=XML, headers={"Cache-Control": "private, no-cache"})


def streamed_response(pieces: Iterable[str]) -> Response:
    """A document in pieces; a short one is sent as a whole."""
    blocks = _blocks(pieces)
    first = next(blocks, b"")
    second = next(blocks, None)
    body = first if second is None else chain((first, second), blocks)
    return Response(body, content_type=XML, headers={"Cache-Control": "no-store"})


def text_response(text: str, content_type: str = "text/plain; charset=utf-8") -> Response:
    """A literal by itself."""
    return Response(text, content_type=content_type, headers=_INERT)


def payload_response(
    stream: BinaryIO, *, media_type: str, size_bytes: int, digest: str, name: str
) -> Response:
    """A payload's bytes, streamed, to be saved under its name."""
    response = Response(
        FileWrapper(stream, CHUNK), content_type=media_type, headers=_INERT, direct_passthrough=True
    )
    response.content_length = size_bytes
    response.set_etag(digest)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def base64_response(open_: Callable[[], BinaryIO], media_type: str) -> Response:
    """A payload's bytes in base64."""
    blocks = (piece.encode() for piece in embedded(open_, Embedding.BASE64))
    return Response(blocks, content_type=media_type, headers=_INERT)


def fault_response(fault: Fault) -> Response:
    """An exception report.

    The content type has no charset, as the document itself names it: so OWSLib shows its user
    the text under every status that it does not refuse by itself.
    """
    response = Response(exception_report(fault), status=fault.status, content_type="text/xml")
    response.headers["Cache-Control"] = "no-store"
    if fault.status is HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Basic realm="DataMiner", charset="UTF-8"'
    if fault.status is HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = _BUSY_SECONDS
    return response


def _blocks(pieces: Iterable[str]) -> Iterator[bytes]:
    """The pieces as blocks of a size that is worth sending."""
    gathered: list[str] = []
    length = 0
    for piece in pieces:
        gathered.append(piece)
        length += len(piece)
        if length >= CHUNK:
            yield "".join(gathered).encode()
            gathered, length = [], 0
    if gathered:
        yield "".join(gathered).encode()
