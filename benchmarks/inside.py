"""Both doors in this process, without a network: what a request costs the door itself."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks import ours, peer
from benchmarks.asking import CAPABILITIES, DESCRIBE, EXECUTE, Request
from benchmarks.tables import Cost, Measured, Side

ROUNDS = 7
PROCESSES = 100  #: that both offer
_SECONDS = 0.4  #: of each round of each side
_MOUNT = {"peer": "", "ours": "/wps"}  #: the peer is not mounted below anything

Application = Callable[[dict[str, Any], Callable[..., Any]], Any]


def measure() -> list[Measured]:
    """Costs of each request on both sides, in rounds that take turns."""
    applications = {
        "peer": peer.create_application(PROCESSES), "ours": ours.create_application(PROCESSES),
    }  # fmt: skip
    return [_measured(request, applications) for request in (EXECUTE, CAPABILITIES, DESCRIBE)]


def _measured(request: Request, applications: Mapping[str, Application]) -> Measured:
    sides: dict[str, list[Cost]] = {name: [] for name in applications}
    for name, application in applications.items():
        _run(application, request, _MOUNT[name])  # what is made once is not measured
    for _ in range(ROUNDS):
        for name, application in applications.items():
            sides[name].append(_round(application, request, _MOUNT[name]))
    return Measured(
        name=request.name,
        methods=PROCESSES,
        peer=Side(costs=tuple(sides["peer"])),
        ours=Side(costs=tuple(sides["ours"])),
    )


def _round(application: Application, request: Request, mount: str) -> Cost:
    count = 0
    cpu, wall = time.process_time(), time.perf_counter()
    while time.perf_counter() - wall < _SECONDS:
        _run(application, request, mount)
        count += 1
    return Cost(
        wall_seconds=(time.perf_counter() - wall) / count,
        cpu_seconds=(time.process_time() - cpu) / count,
    )


def _run(application: Application, request: Request, mount: str) -> None:
    environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": mount,
        "PATH_INFO": "" if mount else "/wps",
        "QUERY_STRING": request.query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "HTTP_ACCEPT": "*/*",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
    }
    said: list[str] = []
    answer = application(environ, lambda status, *_: said.append(status))
    content = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    if not said[0].startswith("200") or request.holds not in content:
        raise RuntimeError(f"{request.name}: {said[0]} {content[:500]!r}")
