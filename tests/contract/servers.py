"""HTTP servers on free ports for tests, told what to answer where."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

Behaviour = Callable[["Exchange"], None]


@dataclass(slots=True, kw_only=True)
class Exchange:
    """One request, and the means to answer it."""

    method: str
    path: str
    headers: dict[str, str]  #: names in lower case
    body: bytes
    closing: Event = field(repr=False)  #: set when the server ends
    handler: BaseHTTPRequestHandler = field(repr=False)

    def answer(self, content: bytes = b"", status: int = 200, **headers: str) -> None:
        self.begin(status, **{"Content-Length": str(len(content)), **headers})
        self.write(content)

    def begin(self, status: int = 200, **headers: str) -> None:
        self.handler.send_response(status)
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()

    def write(self, content: bytes) -> None:
        self.handler.wfile.write(content)
        self.handler.wfile.flush()

    def drip(self, content: bytes) -> None:
        """A byte at a time, for ever."""
        while not self.closing.wait(0.02):
            self.write(content)


@dataclass(slots=True, kw_only=True)
class Site:
    """A running server; fill `behaviours` by path."""

    port: int
    scheme: str = "http"
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    seen: list[Exchange] = field(default_factory=list)

    @property
    def host(self) -> str:
        """With the port."""
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"{self.scheme}://{self.host}{path}"

    def serves(self, path: str, content: bytes = b"", status: int = 200, **headers: str) -> str:
        """The address of what is there from now on."""
        self.behaviours[path] = lambda exchange: exchange.answer(content, status, **headers)
        return self.url(path)

    def redirects(self, path: str, location: str, status: int = 302) -> str:
        return self.serves(path, status=status, Location=location)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what some tests are about."""


@contextmanager
def a_site(tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """A server that lives as long as the context."""
    closing = Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            exchange = Exchange(
                method=self.command,
                path=self.path,
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(length),
                closing=closing,
                handler=self,
            )
            site.seen.append(exchange)
            missing: Behaviour = lambda exchange: exchange.answer(b"no such page", 404)  # noqa: E731
            site.behaviours.get(self.path.partition("?")[0], missing)(exchange)

        do_POST = do_GET  # noqa: N815 - the server's name for it

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = _Server(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    site = Site(port=server.server_port, scheme="https" if tls else "http")
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def a_silent_port() -> Iterator[int]:
    """Takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]
