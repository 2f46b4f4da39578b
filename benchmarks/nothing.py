"""The least that an answer costs under gunicorn: it bounds every ratio."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.asking import CAPABILITIES


def application(_environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Always the same few bytes."""
    content = CAPABILITIES.holds
    start_response("200 OK", [("Content-Type", "text/xml"), ("Content-Length", str(len(content)))])
    return [content]
