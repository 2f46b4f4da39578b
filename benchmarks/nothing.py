"""The least that any answer costs under gunicorn: no ratio can be better than the peer's by this."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.asking import CAPABILITIES


def application(_environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Always the same few bytes."""
    content = CAPABILITIES.holds
    start_response("200 OK", [("Content-Type", "text/xml"), ("Content-Length", str(len(content)))])
    return [content]
