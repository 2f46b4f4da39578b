"""What is sent, what comes back, and where it leads on to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from gzip import GzipFile
from http import HTTPStatus
from typing import Self
from urllib.parse import unquote, urljoin

from urllib3 import BaseHTTPResponse, make_headers
from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from dataminer.adapters.fetcher.connections import Connector, Refused
from dataminer.domain.orders import OfferedReference

MOST_REDIRECTS = 5
_PORTS = {"http": 80, "https": 443}
_REDIRECTS = (301, 302, 303, 307, 308)
_KEEPING_METHOD = (307, 308)
_PACKED, _PLAIN = ("gzip", "x-gzip"), ("", "identity")
#: They say how a message is carried, not what is asked for.
_RESERVED = frozenset(
    ("host", "connection", "content-length", "transfer-encoding", "te", "trailer", "upgrade",
     "expect", "accept-encoding", "keep-alive", "user-agent")
)  # fmt: skip
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # Source: RFC 9110, 5.6.2
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")
_FIXED = {
    "User-Agent": "DataMiner",
    "Accept-Encoding": "gzip",
    "Connection": "close",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is sent to one place."""

    url: Url
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None

    @classmethod
    def of(cls, reference: OfferedReference, body: bytes | None) -> Self:
        """What a reference asks for. Raises: Refused."""
        if reference.method not in ("GET", "POST"):
            raise Refused(f"the method '{reference.method}' is neither GET nor POST")
        url = parse(reference.href)
        headers = tuple(reference.headers)
        for name, value in headers:
            _check_header(name, value)
        if url.auth and "authorization" not in {name.lower() for name, _ in headers}:
            headers += tuple(make_headers(basic_auth=unquote(url.auth)).items())
        is_post = reference.method == "POST"
        return cls(url=url, method=reference.method, headers=headers,
                   body=(body or b"") if is_post else None)  # fmt: skip

    def redirected(self, status: int, location: str) -> Request:
        """What is sent to the place that an answer names; another host gets no header."""
        url = parse(urljoin(self.url.url, location))
        request = replace(self, url=url)
        if _place(url) != _place(self.url):
            kept = tuple((n, v) for n, v in self.headers if n.lower() == "content-type")
            request = replace(request, headers=kept)
        if status in _KEEPING_METHOD:
            return request
        return replace(request, method="GET", body=None)

    @property
    def fields(self) -> dict[str, str]:
        """All header fields; what is sent is XML unless it says otherwise, as in WPS."""
        content_type = {} if self.body is None else {"Content-Type": "text/xml"}
        given = dict(self.headers)
        if "content-type" in {name.lower() for name in given}:
            content_type = {}
        return _FIXED | content_type | given


class Answer:
    """The content of an answer, unpacked; read by who stores it."""

    def __init__(self, connector: Connector, response: BaseHTTPResponse) -> None:
        self._connector = connector
        self._headers = response.headers
        # A packed stream that was cut short is a fault to GzipFile, and none to urllib3.
        self._content = GzipFile(fileobj=response) if _is_packed(response) else response

    @property
    def content_type(self) -> str:
        """As the other side says; may be empty."""
        return self._headers.get("Content-Type", "")

    @property
    def size_bytes(self) -> int:
        """How much is sent, as the other side says; 0: unknown."""
        announced = self._headers.get("Content-Length", "")
        return int(announced) if announced.isdecimal() else 0

    def read(self, size: int) -> bytes:
        """The next bytes, at most so many; empty at the end. Raises: Refused."""
        with self._connector.faults():
            chunk = self._content.read(size)
            self._connector.deadline.left()  # a connection that was ended looks like the end
        return chunk

    def close(self) -> None:
        """Let go of the connection."""
        self._content.close()


@contextmanager
def answered(connector: Connector, request: Request) -> Iterator[Answer]:
    """The answer to a request, from wherever redirects lead. Raises: Refused."""
    for _ in range(MOST_REDIRECTS + 1):
        with _exchange(connector, request) as response:
            location = response.headers.get("Location")
            if response.status not in _REDIRECTS or not location:
                _check_status(response)
                with closing(Answer(connector, response)) as answer:
                    yield answer
                return
            request = request.redirected(response.status, location)
    raise Refused(f"it redirects more than {MOST_REDIRECTS} times")


def parse(href: str) -> Url:
    """An address that can be fetched. Raises: Refused."""
    try:
        url = parse_url(href)
    except LocationParseError:
        raise Refused("it is not an address; write it like https://host/path") from None
    if url.scheme not in _PORTS or not url.host:
        raise Refused("only http:// and https:// addresses are fetched")
    return url


@contextmanager
def _exchange(connector: Connector, request: Request) -> Iterator[BaseHTTPResponse]:
    with connector.connection(request.url) as connection:
        with connector.faults():
            connection.request(
                request.method,
                request.url.request_uri,
                body=request.body,
                headers=request.fields,
                preload_content=False,
                decode_content=False,
            )
            response = connection.getresponse()
        with closing(response):
            yield response


def _check_status(response: BaseHTTPResponse) -> None:
    if not HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
        known = {status.value: status.phrase for status in HTTPStatus}
        answer = f"{response.status} {known.get(response.status, '')}".strip()
        raise Refused(f"it answered {answer}; check the address and what it needs to be read")


def _is_packed(response: BaseHTTPResponse) -> bool:
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in _PACKED + _PLAIN:
        raise Refused(f"it came compressed as '{encoding}', which was not asked for")
    return encoding in _PACKED


def _check_header(name: str, value: str) -> None:
    """Nothing of the value goes into a message: it may be a secret."""
    if name.lower() in _RESERVED or name.lower().startswith("proxy-"):
        raise Refused(f"the header '{name}' cannot be set; leave it out")
    if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
        raise Refused("one of its headers has characters that a header cannot have")


def _place(url: Url) -> tuple[str | None, str | None, int | None]:
    return url.scheme, url.host, url.port or _PORTS.get(url.scheme or "")
