"""Connections that go only where they may, and end in time."""

from __future__ import annotations

import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from gzip import BadGzipFile
from http.client import HTTPException
from threading import Lock, Timer
from typing import Any, Self

import certifi
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as Urllib3Timeout
from urllib3.util import Url

from dataminer.adapters.fetcher.guard import Guard

_NOBODY = "nobody answers there; check the address"
CONNECT_SECONDS = 10.0  #: how long one address may take to answer

# Any: as socket.getaddrinfo gives them.
Resolve = Callable[[str, int], Sequence[tuple[Any, Any, int, str, tuple[Any, ...]]]]


Trust = Callable[[], ssl.SSLContext]


class Refused(Exception):
    """The reference cannot be fetched; says why."""


class Deadline:
    """Ends every connection that it watches when the time is over, however slowly bytes drip."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self.seconds = seconds
        self._end = time.monotonic() + seconds
        self._lock = Lock()
        self._watched: list[socket.socket] = []
        self._timer = Timer(seconds, self._pass)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            while self._watched:
                self._watched.pop().close()

    def left(self) -> float:
        """Seconds that are left, more than 0. Raises: TimeoutError."""
        left = self._end - time.monotonic()
        if self.passed or left <= 0:
            raise TimeoutError
        return left

    def watch(self, connection: socket.socket) -> None:
        """End this connection too; it is duplicated, since TLS takes the original away."""
        with self._lock:
            self.left()
            self._watched.append(connection.dup())

    def _pass(self) -> None:
        with self._lock:
            self.passed = True
            for connection in self._watched:
                _shut(connection)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has ended by itself


def resolve(host: str, port: int) -> Sequence[tuple[Any, Any, int, str, tuple[Any, ...]]]:
    """The system's answer to where a host is."""
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


class Connector:
    """Opens connections for one fetch."""

    def __init__(
        self,
        guard: Guard,
        deadline: Deadline,
        resolve: Resolve,
        trust: Callable[[], ssl.SSLContext],
    ) -> None:
        self._guard = guard
        self.trust = trust
        self.deadline = deadline
        self._resolve = resolve

    @contextmanager
    def connection(self, url: Url) -> Iterator[HTTPConnection]:
        """An HTTP connection to the host of this address; opened by its first request."""
        host = (url.host or "").strip("[]")
        with self.faults():
            connection = (_Https if url.scheme == "https" else _Http)(host, url.port, self)
        try:
            yield connection
        finally:
            connection.close()

    def open(self, host: str, port: int) -> socket.socket:
        """A connection to the first address that may be connected to and answers.

        Addresses are looked up once: what was checked is what is connected to.

        Raises:
            Refused: the host is unknown or not public, or nobody answers. TimeoutError.
        """
        for family, kind, protocol, _, address in self._allowed(host, port):
            connection = socket.socket(family, kind, protocol)
            try:
                connection.settimeout(min(CONNECT_SECONDS, self.deadline.left()))
                connection.connect(address)
                self.deadline.watch(connection)
                connection.settimeout(self.deadline.left())
            except OSError:
                connection.close()
            else:
                return connection
        self.deadline.left()
        raise Refused(_NOBODY)

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Says in our words what went wrong on the way. Raises: Refused."""
        try:
            yield
        except (EOFError, BadGzipFile, zlib.error) as error:
            raise Refused("what came is not compressed as it says, or not whole") from error
        except (OSError, HTTPException, HTTPError) as error:
            if self.deadline.passed or isinstance(error, (TimeoutError, Urllib3Timeout)):
                raise Refused(f"it took longer than {self.deadline.seconds:g} s") from error
            raise Refused(_reason(error)) from error

    def _allowed(self, host: str, port: int) -> Sequence[tuple[Any, Any, int, str, Any]]:
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError):
            raise Refused(f"the host '{host}' is not known; check the address") from None
        allowed = [entry for entry in found if self._guard.allows(host, port, entry[4][0])]
        if not allowed:
            raise Refused(
                f"the host '{host}' is not on the public network; if it shall be used, "
                "the operator lists it in DATAMINER_FETCH_ALLOW"
            )
        return allowed


class _Http(HTTPConnection):
    """A connection over plain HTTP."""

    def __init__(self, host: str, port: int | None, connector: Connector) -> None:
        super().__init__(host, port, timeout=connector.deadline.left())
        self._connector = connector

    def _new_conn(self) -> socket.socket:
        return self._connector.open(self.host, self.port)


class _Https(HTTPSConnection):
    """A connection over TLS; certificate and name are checked against the host, not its address."""

    def __init__(self, host: str, port: int | None, connector: Connector) -> None:
        super().__init__(
            host, port, timeout=connector.deadline.left(), ssl_context=connector.trust()
        )
        self._connector = connector

    def _new_conn(self) -> socket.socket:
        return self._connector.open(self.host, self.port)


@cache
def public_trust() -> ssl.SSLContext:
    """Trusts whom the system trusts, and whom browsers trust."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _reason(error: Exception) -> str:
    """Never the library's own text: it may hold what was sent."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    return "the connection broke before all had come"
