"""The web server: how gunicorn is started, and its configuration as a module.

gunicorn reads the lower-case names below as its settings and hooks.
"""

from __future__ import annotations

import signal
import sys
from typing import Protocol

from dataminer.lifeline import die_with_parent, watch_lifeline

APPLICATION = "dataminer.wsgi:create_application()"

worker_class = "gthread"
timeout = 60  # a worker that does not even beat for so long is ended
graceful_timeout = 5  # what a request may take to finish when the server ends
keepalive = 15
limit_request_line = 8190  # inputs come in the address, too
control_socket_disable = True  # it would lie at a place that all servers share
forwarded_allow_ips = ""  # nobody's word about who asks is taken
accesslog = None  # addresses may hold tickets
errorlog = "-"


class _Worker(Protocol):
    """What gunicorn gives to its hooks."""

    pid: int


class _Request(Protocol):
    """A request as gunicorn's hooks see it."""

    path: str

    def force_close(self) -> None:
        """Let the connection end with the answer."""


def gunicorn_arguments(
    host: str, port: int, *, workers: int, threads: int, application: str = APPLICATION
) -> tuple[str, ...]:
    """What to start for the web part; it ends on SIGTERM."""
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return (
        sys.executable,
        "-m",
        "gunicorn",
        f"--config=python:{__name__}",
        f"--bind={address}",
        f"--workers={workers}",
        f"--threads={threads}",
        application,
    )


def on_starting(_server: object) -> None:
    """In the master, which forks, so that no thread may watch: the kernel tells it."""
    die_with_parent(signal.SIGTERM)


def post_fork(_server: object, _worker: _Worker) -> None:
    """In each worker: nothing outlives the master, whoever ended that."""
    die_with_parent(signal.SIGKILL)
    watch_lifeline()


def pre_request(_worker: _Worker, request: _Request) -> None:
    """WPS clients open a connection for each request: to keep it costs a quarter of the answer."""
    if request.path.startswith("/wps"):
        request.force_close()
