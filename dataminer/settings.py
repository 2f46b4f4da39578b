"""The engine's settings: read once from the environment, checked all together.

Nothing else reads the environment.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dataminer.domain.errors import InvalidSettings

PREFIX = "DATAMINER_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator can say; each field is the variable `DATAMINER_<NAME>`."""

    home: Path = Path("var")  #: the data folder
    host: str = "127.0.0.1"  #: address to listen on
    port: int = 8080  #: port to listen on
    public_url: str = ""  #: heads every address given out; empty: the listening address
    anonymous: bool = False  #: requests without a token are user `local`; loopback only
    broker_url: str = ""  #: a Redis or Valkey server; empty: the embedded one
    database_url: str = ""  #: SQLAlchemy address; empty: SQLite in the data folder
    fetch_allow: tuple[str, ...] = ()  #: private hosts and networks that references may name
    fetch_seconds: int = 60  #: longest time that fetching one reference may take
    max_input_mb: int = 2048  #: largest single input, in 10^6 bytes
    max_request_mb: int = 256  #: largest request body, in 10^6 bytes
    sync_seconds: int = 300  #: longest wait of a synchronous request
    web_workers: int = 2  #: web processes
    web_threads: int = 8  #: threads of each web process
    local_slots: int = 2  #: computations that run at a time on this host's pool
    cloud_slots: int = 1  #: computations that run at a time on this cloud worker
    sandbox: str = "off"  #: what scripts are confined by: off, standard or strict
    warm_mb: int = 1024  #: memory of interpreters kept warm, in each pool and worker; 0: none
    node: str = field(default_factory=socket.gethostname)  #: this host's name in records
    token: str = field(default="", repr=False)  #: who the command line acts as; empty: `local`

    @property
    def base_url(self) -> str:
        """What heads addresses, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.public_url or f"http://{host}:{self.port}").rstrip("/")

    @property
    def known_address(self) -> Path:
        """Where the server of the data folder writes how it is reached."""
        return self.run_folder / "server.url"

    @property
    def database(self) -> str:
        """The database's SQLAlchemy address."""
        return self.database_url or f"sqlite:///{self.home / 'dataminer.sqlite'}"

    @property
    def run_folder(self) -> Path:
        """Sockets, locks and the broker's address: readable by the server's user alone."""
        return self.home / "run"


def read_settings(environment: Mapping[str, str] | None = None, **given: object) -> Settings:
    """The settings of this process; what is given wins over the environment.

    Raises:
        InvalidSettings: with every fault found.
    """
    environment = os.environ if environment is None else environment  # noqa: TID251
    faults: list[str] = []
    values: dict[str, Any] = {k: v for k, v in given.items() if v is not None}
    for setting in fields(Settings):
        text = environment.get(PREFIX + setting.name.upper())
        if text is not None and setting.name not in values:
            try:
                values[setting.name] = _PARSERS[str(setting.type)](text.strip())
            except ValueError as error:
                faults.append(f"{PREFIX}{setting.name.upper()}='{text}': {error}")
    settings = Settings(**{**values, "home": Path(values.get("home", "var")).resolve()})
    faults += [*_unknown(environment), *_contradictions(settings)]
    if faults:
        raise InvalidSettings(tuple(faults))
    return settings


def build_environment() -> Mapping[str, str]:
    """The environment for tools that install libraries: without any setting of ours."""
    return {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}  # noqa: TID251


def child_environment(settings: Settings) -> dict[str, str]:
    """The environment of the engine's own parts: the same settings for all of them."""
    environment = dict(os.environ)  # noqa: TID251
    for setting in fields(Settings):
        value = getattr(settings, setting.name)
        text = ",".join(value) if isinstance(value, tuple) else str(value)
        environment[PREFIX + setting.name.upper()] = text
    return environment


def _unknown(environment: Mapping[str, str]) -> list[str]:
    known = {PREFIX + setting.name.upper() for setting in fields(Settings)} | {PREFIX + "LIFELINE"}
    return [
        f"{name}: there is no such setting; see the README's table"
        for name in sorted(environment)
        if name.startswith(PREFIX) and name not in known
    ]


def _contradictions(settings: Settings) -> list[str]:
    faults = []
    numbers = ("port", "fetch_seconds", "max_input_mb", "max_request_mb", "sync_seconds",
               "web_workers", "web_threads", "local_slots",
               "cloud_slots")  # fmt: skip
    faults += [
        f"{PREFIX}{name.upper()}={getattr(settings, name)}: must be above zero"
        for name in numbers
        if getattr(settings, name) < 1
    ]
    if settings.sandbox not in ("off", "standard", "strict"):
        faults.append(f"{PREFIX}SANDBOX={settings.sandbox}: must be off, standard or strict")
    if settings.warm_mb < 0:
        faults.append(f"{PREFIX}WARM_MB={settings.warm_mb}: must not be below zero")
    if settings.web_threads < 2:  # noqa: PLR2004
        faults.append(f"{PREFIX}WEB_THREADS: must be at least 2; half of them may wait")
    if settings.anonymous and settings.host not in ("127.0.0.1", "::1", "localhost"):
        faults.append(
            f"{PREFIX}ANONYMOUS=1 with {PREFIX}HOST={settings.host}: requests without a token "
            "are allowed on a loopback address alone"
        )
    return faults


def _boolean(text: str) -> bool:
    if text.lower() in ("1", "true", "yes"):
        return True
    if text.lower() in ("0", "false", "no", ""):
        return False
    raise ValueError("must be 1 or 0")


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError("must be a whole number") from None


def _list(text: str) -> tuple[str, ...]:
    entries = tuple(part.strip() for part in text.split(",") if part.strip())
    for entry in entries:
        if "/" in entry:
            ip_network(entry, strict=False)
        elif urlsplit(f"//{entry}").hostname is None:
            raise ValueError(f"'{entry}' is neither a host nor a network")
    return entries


_PARSERS: dict[str, Callable[[str], object]] = {
    "str": str,
    "int": _integer,
    "bool": _boolean,
    "Path": Path,
    "tuple[str, ...]": _list,
}
