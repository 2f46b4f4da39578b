"""What every request of this door needs: the engine and the caller."""

from __future__ import annotations

from flask import current_app, request

from dataminer.callers import CALLER
from dataminer.domain.addresses import Addresses
from dataminer.domain.errors import NotAuthenticated
from dataminer.domain.tenants import Caller
from dataminer.engine import Engine

ENGINE = "dataminer"
_MOST_ROWS = 1_000


def engine() -> Engine:
    """The engine of this process."""
    found: Engine = current_app.extensions[ENGINE]
    return found


def caller() -> Caller:
    """Who the request is from. Raises: NotAuthenticated."""
    found: Caller | None = request.environ.get(CALLER)
    if found is None:
        raise NotAuthenticated
    return found


def addresses() -> Addresses:
    """How this server's addresses are made."""
    return engine().ports.addresses


def page_size(default: int = 50) -> int:
    """How many rows the request asks for, 1 to 1,000."""
    asked = request.args.get("limit", default, type=int)
    return max(1, min(asked, _MOST_ROWS))
