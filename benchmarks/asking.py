"""Requests as OWSLib makes them: the same address, body and headers, a new connection for each."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from lxml import etree
from owslib.wps import SYNC, WPSExecution

_HEAD = re.compile(rb".*?\r\ncontent-length: (\d+)(?=\r\n).*?\r\n\r\n", re.DOTALL | re.IGNORECASE)
_HEADERS = {
    "User-Agent": "python-requests/2.32",
    "Accept-Encoding": "gzip, deflate",
    "Accept": "*/*",
    "Connection": "keep-alive",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, and what its answer must hold."""

    name: str
    query: str = ""
    body: bytes = b""
    holds: bytes = field(repr=False)  #: bytes that every good answer has

    @property
    def method(self) -> str:
        """The HTTP method."""
        return "POST" if self.body else "GET"

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers besides Host and Content-Length."""
        return {**_HEADERS, "Content-Type": "text/xml"} if self.body else _HEADERS


def _query(**parameters: str) -> str:
    return urlencode({"service": "WPS", **parameters, "version": "1.0.0"})


_EXECUTION = WPSExecution().buildRequest(
    "echo", [("literalInput", "hello")], output=[("literalOutput", False)], mode=SYNC
)

CAPABILITIES = Request(
    name="GetCapabilities",
    query=_query(request="GetCapabilities"),
    holds=b"<ows:Identifier>echo</ows:Identifier>",
)
DESCRIBE = Request(
    name="DescribeProcess",
    query=_query(request="DescribeProcess", identifier="echo"),
    holds=b"<ows:Identifier>complexInput</ows:Identifier>",
)
EXECUTE = Request(
    name="Execute echo, sync",
    body=etree.tostring(_EXECUTION),
    holds=b">hello</wps:LiteralData>",
)


def ask(host: str, port: int, request: Request) -> None:
    """Send it and read the answer, with as little work as can be: both share the machine.

    Raises:
        RuntimeError: the answer is not a good one.
    """
    with socket.create_connection((host, port), timeout=60) as connection:
        connection.sendall(_message(host, port, request))
        answer = _answer(connection)
    if not answer.startswith(b"HTTP/1.1 200 ") or request.holds not in answer:
        text = answer[:1000].decode(errors="replace")
        raise RuntimeError(f"{request.name} at port {port}: {text}")


def _message(host: str, port: int, request: Request) -> bytes:
    address = f"/wps?{request.query}" if request.query else "/wps"
    headers = {"Host": f"{host}:{port}", **request.headers}
    if request.body:
        headers["Content-Length"] = str(len(request.body))
    lines = [f"{request.method} {address} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join((*lines, "", "")).encode() + request.body


def _answer(connection: socket.socket) -> bytes:
    """Head and body as they came."""
    answer = b""
    while not (head := _HEAD.match(answer)):
        answer += _received(connection)
    pieces, missing = [answer], head.end() + int(head[1]) - len(answer)
    while missing > 0:
        pieces.append(_received(connection))
        missing -= len(pieces[-1])
    return b"".join(pieces)


def _received(connection: socket.socket) -> bytes:
    piece = connection.recv(1 << 18)
    if not piece:
        raise RuntimeError("the server closed the connection")
    return piece
