"""Which nodes live, over Redis: each says so every few seconds, and what it can run."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from redis import Redis, RedisError

from dataminer.adapters.broker import redis_client
from dataminer.adapters.outages import Outage
from dataminer.domain.methods import Runtime, Target

ALIVE_SECONDS = 15  #: a node that was silent for so long is gone

_CACHED_SECONDS = 1.0
_NAMES = "dataminer:nodes"  # sorted by when they last said so
_FORGOTTEN_SECONDS = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A process that runs computations."""

    name: str  #: its own, host included
    target: Target
    runtimes: frozenset[Runtime]
    counts: Mapping[str, int] = field(default_factory=dict)  #: what it has done, by name

    @property
    def offers(self) -> frozenset[tuple[Target, Runtime]]:
        """What it can run."""
        return frozenset((self.target, runtime) for runtime in self.runtimes)


class RedisNodes:
    """The port Nodes over Redis or Valkey; while that is away, what was known before."""

    def __init__(self, address: str, own: Iterable[tuple[Target, Runtime]] = ()) -> None:
        self._redis = redis_client(address)
        self._outage = Outage("nodes that come or go are not noticed")
        self._own = frozenset(own)  #: what this process itself can run, whatever others say
        self._known: tuple[Node, ...] = ()
        self._read_at = float("-inf")
        self._reading = Lock()

    def offered(self) -> frozenset[tuple[Target, Runtime]]:
        """As of a second ago at most."""
        return self._own.union(*(node.offers for node in self.living()))

    def living(self) -> tuple[Node, ...]:
        """The nodes that have lately said that they live, by name."""
        with self._reading:
            fresh = time.monotonic() - self._read_at < _CACHED_SECONDS
            if not fresh and not self._outage.lasts():
                self._refresh()
            return self._known

    def announce(self, node: Node) -> None:
        """Say that this node lives; it counts for ALIVE_SECONDS."""
        if self._outage.lasts():
            return
        try:
            with self._redis.pipeline(transaction=False) as pipe:
                pipe.zadd(_NAMES, {node.name: time.time()})
                pipe.zremrangebyscore(_NAMES, "-inf", time.time() - _FORGOTTEN_SECONDS)
                pipe.set(_key(node.name), _written(node), ex=ALIVE_SECONDS)
                pipe.execute()
        except RedisError as error:
            self._outage.failed(error)
        else:
            self._outage.over()

    def withdraw(self, node: Node) -> None:
        """Say that this node goes now; when that cannot be said, its time runs out."""
        try:
            self._redis.delete(_key(node.name))
        except RedisError as error:
            self._outage.failed(error)

    def _refresh(self) -> None:
        self._read_at = time.monotonic()
        try:
            self._known = _read(self._redis)
        except RedisError as error:
            self._outage.failed(error)
        else:
            self._outage.over()


def _key(name: str) -> str:
    return f"dataminer:node:{name}"


def _written(node: Node) -> str:
    facts = {"target": node.target, "runtimes": sorted(node.runtimes), "counts": dict(node.counts)}
    return json.dumps(facts)


def _read(client: Redis) -> tuple[Node, ...]:
    found: Any = client.zrange(_NAMES, 0, -1)  # Any: redis-py's types fit all of its settings
    names: list[str] = sorted(found)
    texts: Any = client.mget([_key(name) for name in names]) if names else []
    pairs = zip(names, texts, strict=True)
    return tuple(_parsed(name, text) for name, text in pairs if text is not None)


def _parsed(name: str, text: str) -> Node:
    """What a node of another version says more is not for us."""
    said = json.loads(text)
    known = {runtime.value for runtime in Runtime}
    runtimes = frozenset(Runtime(name) for name in said["runtimes"] if name in known)
    counts = {str(k): int(v) for k, v in said.get("counts", {}).items()}
    return Node(name=name, target=Target(said["target"]), runtimes=runtimes, counts=counts)
