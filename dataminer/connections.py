"""Whether a client still waits for its answer."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping

HungUp = Callable[[], bool]  #: whether the client has gone

_SOCKETS = ("gunicorn.socket", "werkzeug.socket")  #: where servers put the connection


def hung_up_of(environ: Mapping[str, object]) -> HungUp | None:
    """Asks the connection of a request whose body was read; None: the server does not show it."""
    connection = next((environ[name] for name in _SOCKETS if name in environ), None)
    if type(connection) is not socket.socket:  # an encrypted one cannot be looked into
        return None

    def hung_up() -> bool:
        try:
            return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    return hung_up
