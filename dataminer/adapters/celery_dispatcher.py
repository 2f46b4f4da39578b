"""Sends computations to the cloud's queue: what Celery's client and workers agree on."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Any

from celery import Celery
from kombu.exceptions import KombuError
from redis import Redis, RedisError

from dataminer.adapters.broker import celery_address, redis_client
from dataminer.adapters.outages import Outage

RUN = "dataminer.run"  #: the task's name; its one argument is the computation's id
QUEUE = "cloud"

_LOSSES = "dataminer:losses"

_FAULTS = (KombuError, RedisError, OSError)
_TRY_SECONDS = 0.5  # there are two tries


def celery_options(address: str) -> dict[str, Any]:  # Celery's values are of any type
    """What client and workers must say alike."""
    return {
        "broker_url": celery_address(address),
        "task_default_queue": QUEUE,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_ignore_result": True,
        "result_backend": None,
    }


class CeleryDispatcher:
    """The port Dispatcher for the cloud. Use it after the last fork."""

    def __init__(self, address: str) -> None:
        self._celery = Celery(set_as_current=False)
        self._celery.conf.update(
            celery_options(address),
            broker_connection_timeout=_TRY_SECONDS,
            broker_transport_options={
                "socket_timeout": _TRY_SECONDS,
                "socket_connect_timeout": _TRY_SECONDS,
                "max_retries": 0,
            },
        )
        self._redis = redis_client(address) if _is_redis(address) else None
        self._outage = Outage("computations for the cloud wait until it is back")
        self._life = ""
        self._lost = 0

    def dispatch(self, computation_id: str) -> None:
        """Returns within about a second, also when the broker is away."""
        if self._outage.lasts():
            self._lost += 1
            return
        try:
            self._send(computation_id)
        except _FAULTS as error:
            self._lost += 1
            self._outage.failed(error)
        else:
            self._outage.over()

    def epoch(self) -> str:
        """Changes when the broker was started, or something could not be sent, or may be lost.

        A worker that is killed between taking a message and noting that it has it loses it, so
        each worker that starts notes a loss.
        """
        if self._redis is not None and not self._outage.lasts():
            try:
                self._life = _life(self._redis)
            except RedisError as error:
                self._outage.failed(error)
        return f"{self._life}:{self._lost}"

    def _send(self, computation_id: str) -> None:
        """Once more when it failed: the broker may have been restarted since the last time."""
        send = partial(self._celery.send_task, RUN, (computation_id,), queue=QUEUE, retry=False)
        try:
            send()
        except _FAULTS:
            send()


def note_loss(address: str) -> None:
    """Have dispatchers send again what still waits: a message may have been lost."""
    if _is_redis(address):
        with redis_client(address) as client, suppress(RedisError):
            client.incr(_LOSSES)


def _is_redis(address: str) -> bool:
    return address.startswith(("unix:", "redis:", "rediss:"))


def _life(client: Redis) -> str:
    run_id = client.info("server")["run_id"]
    return f"{run_id}:{client.get(_LOSSES)!r}"
