"""Who a request is from: found once, before any door sees the request.

A token comes as `Authorization: Bearer`, as the password of HTTP Basic, or as `gcube-token` in a
header or the query, where it is taken out before anything can log it. Without a token a request
is nobody's, but for the demonstration on a loopback address.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from typing import Any, Protocol
from urllib.parse import unquote_plus, urlsplit

from dataminer.domain.errors import NotAuthenticated
from dataminer.domain.tenants import Caller

Environ = dict[str, Any]  # WSGI's own mapping, PEP 3333
Application = Callable[[Environ, Any], Iterable[bytes]]

CALLER = "dataminer.caller"  #: key in the environment: a Caller, or None for nobody
_TOKEN_NAME = "gcube-token"  # noqa: S105 - a name, not a secret
_NOBODYS = "?"  #: stands for credentials that cannot be anybody's
_FORWARDING = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST",
               "HTTP_X_FORWARDED_PROTO", "HTTP_X_REAL_IP", "HTTP_VIA")  # fmt: skip
_LOOPBACK = frozenset(("127.0.0.1", "localhost", "::1"))


class Authenticator(Protocol):
    """What this needs of the engine."""

    def authenticate(self, token: str) -> Caller:
        """Raises: NotAuthenticated."""


class Callers:
    """WSGI middleware that puts the Caller into the environment."""

    def __init__(
        self,
        application: Application,
        authenticator: Authenticator,
        *,
        anonymous: Caller | None = None,
        port: int = 0,
    ) -> None:
        """Requests without a token are `anonymous`, if given and the request is local."""
        self._application = application
        self._authenticator = authenticator
        self._anonymous = anonymous
        self._port = port

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer as the application does."""
        token = _take_from_query(environ) or _from_headers(environ)
        environ[CALLER] = self._caller(environ, token)
        return self._application(environ, start_response)

    def _caller(self, environ: Environ, token: str) -> Caller | None:
        if token:
            try:
                return self._authenticator.authenticate(token)
            except NotAuthenticated:
                return None
        return self._anonymous if is_local(environ, self._port) else None


def is_local(environ: Environ, port: int) -> bool:
    """Whether a request can only come from a program of this machine's user.

    A web page in the user's browser cannot make such a request, nor can a name that was rebound
    to this address, nor anybody behind a proxy.
    """
    host = urlsplit(f"//{environ.get('HTTP_HOST', '')}")
    if host.hostname not in _LOOPBACK or _port_of(host.netloc) != port:
        return False
    if environ.get("REMOTE_ADDR") not in _LOOPBACK:
        return False
    if any(name in environ for name in _FORWARDING):
        return False
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None and origin != f"http://{environ['HTTP_HOST']}":
        return False
    return not is_foreign(environ)


def is_foreign(environ: Environ) -> bool:
    """Whether a browser sends this for a page of another site.

    Source: W3C, Fetch Metadata Request Headers; older browsers name the page's origin alone.
    """
    site = environ.get("HTTP_SEC_FETCH_SITE")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = environ.get("HTTP_ORIGIN")
    return origin is not None and urlsplit(origin).netloc != environ.get("HTTP_HOST")


def _port_of(netloc: str) -> int:
    try:
        return urlsplit(f"//{netloc}").port or 80
    except ValueError:
        return -1


def _take_from_query(environ: Environ) -> str:
    """The token in the query, which holds it no longer afterwards."""
    query = environ.get("QUERY_STRING", "")
    if _TOKEN_NAME not in unquote_plus(query).lower():
        return ""
    kept, token = [], ""
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if unquote_plus(name).lower() == _TOKEN_NAME:
            token = unquote_plus(value)
        else:
            kept.append(part)
    environ["QUERY_STRING"] = "&".join(kept)
    for raw in ("RAW_URI", "REQUEST_URI"):
        if raw in environ:
            path = environ[raw].partition("?")[0]
            environ[raw] = f"{path}?{environ['QUERY_STRING']}" if kept else path
    return token


def _from_headers(environ: Environ) -> str:
    scheme, _, credentials = environ.pop("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() == "bearer":
        return str(credentials.strip())
    if scheme.lower() == "basic":  # which browsers send by themselves, whoever's page asks
        return _NOBODYS if is_foreign(environ) else _password(credentials)
    return str(environ.pop("HTTP_GCUBE_TOKEN", "")).strip()


def _password(credentials: str) -> str:
    """The password of HTTP Basic, or a text that is nobody's token."""
    try:
        text = base64.b64decode(credentials, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return _NOBODYS
    return text.partition(":")[2] or _NOBODYS
