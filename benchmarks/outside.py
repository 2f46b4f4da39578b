"""Both servers over real connections: throughput, and CPU time of the server's processes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.asking import CAPABILITIES, DESCRIBE, EXECUTE, Request, ask
from benchmarks.servers import HOST, Server, idle_server, our_server, peer_server
from benchmarks.tables import Cost, Measured, Side

ROUNDS = 3
CLIENTS = 4  #: that ask at a time
_SECONDS = 1.5  #: of each round of each side

#: What is asked of servers with so many methods.
_PLAN: Mapping[int, tuple[Request, ...]] = {
    1: (CAPABILITIES, DESCRIBE, EXECUTE),
    100: (CAPABILITIES, DESCRIBE),
    1000: (CAPABILITIES, DESCRIBE),
}


def measure() -> list[Measured]:
    """Costs of each request on both sides, in rounds that take turns."""
    measured = []
    for count, requests in _PLAN.items():
        with (
            tempfile.TemporaryDirectory(prefix="benchmark-") as folder,
            peer_server(count) as peer,
            our_server(count, Path(folder)) as own,
        ):
            measured += [_measured(request, count, peer, own) for request in requests]
    return measured


def measure_nothing() -> Side:
    """Costs of an answer for which nothing is done."""
    with idle_server() as server:
        _round(CAPABILITIES, server, seconds=0.3)
        rounds = tuple(_round(CAPABILITIES, server, seconds=_SECONDS) for _ in range(ROUNDS))
    return Side(costs=rounds)


def _measured(request: Request, count: int, peer: Server, own: Server) -> Measured:
    costs: tuple[list[Cost], list[Cost]] = ([], [])
    for server in (peer, own):
        _round(request, server, seconds=0.3)  # what is made once is not measured
    for _ in range(ROUNDS):
        for side, server in zip(costs, (peer, own), strict=True):
            side.append(_round(request, server, seconds=_SECONDS))
    return Measured(
        name=request.name,
        methods=count,
        peer=Side(costs=tuple(costs[0])),
        ours=Side(costs=tuple(costs[1])),
    )


def _round(request: Request, server: Server, seconds: float) -> Cost:
    started, cpu = time.perf_counter(), server.cpu_seconds()
    with ThreadPoolExecutor(CLIENTS) as clients:
        end = started + seconds
        counts = [clients.submit(_ask_until, end, request, server) for _ in range(CLIENTS)]
        count = sum(future.result() for future in counts)
    return Cost(
        wall_seconds=(time.perf_counter() - started) / count,
        cpu_seconds=(server.cpu_seconds() - cpu) / count,
    )


def _ask_until(end: float, request: Request, server: Server) -> int:
    """How many requests were answered; at least one."""
    count = 0
    while count == 0 or time.perf_counter() < end:
        ask(HOST, server.port, request)
        count += 1
    return count
