"""What happens to computations, over Redis: hints by publish and subscribe, logs as streams.

Each process has one thread that says and one that listens; both start when first needed, so
after the last fork. Whoever publishes never waits: what cannot be said is dropped.
"""

from __future__ import annotations

import atexit
import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from redis import Redis, RedisError

from dataminer.adapters.broker import redis_client
from dataminer.adapters.outages import PAUSE_SECONDS, Outage

LINES_KEPT = 10_000  #: of each computation's log, while it runs
LINE_CHARACTERS = 1_000  #: the rest of a longer line is cut off
GONE = "…"  #: stands for each line that is no longer kept

_ENDED = "dataminer:ended"  # a channel; the message is the computation's id
_RUNNING_SECONDS = 7 * 24 * 3600  # a stream to which nothing was added for so long expires
_ENDED_SECONDS = 600  # after the end the log lies with the outputs
_QUEUED = 10_000  # what waits to be said; more is dropped
_BATCH = 500
_REMEMBERED = 1_000  # ended computations
_LISTEN_SECONDS = 5.0


class RedisEvents:
    """The port Events over Redis or Valkey."""

    def __init__(self, address: str) -> None:
        self._redis = redis_client(address)
        self._speaker = _Speaker(self._redis)
        self._listener = _Listener(self._redis)

    def progressed(self, computation_id: str, percent: int, message: str) -> None:
        """Add to a stream, for watchers that follow it."""
        self._speaker.say(_Progress(computation_id, percent, message))

    def logged(self, computation_id: str, line: str) -> None:
        """Add to a stream, which keeps the last lines."""
        self._speaker.say(_Line(computation_id, line))

    def ended(self, computation_id: str) -> None:
        """Wake whoever waits, here and in other processes."""
        self._listener.heard(computation_id)
        self._speaker.say(_End(computation_id))

    def wait_for_end(self, computation_id: str, seconds: float) -> bool:
        """Whether a hint of the end came, or one may have been missed."""
        return self._listener.wait(computation_id, seconds)

    def log(self, computation_id: str, after: int = 0) -> Sequence[str]:
        """Lines from this number on; empty when the broker is away."""
        try:
            return _read_log(self._redis, computation_id, after)
        except RedisError:
            return ()

    def close(self, seconds: float = 1.0) -> None:
        """Say what is still to be said, at most this long."""
        self._speaker.close(seconds)


@dataclass(frozen=True, slots=True)
class _Line:
    computation_id: str
    text: str

    def add_to(self, pipe: Redis) -> None:
        key = _log_key(self.computation_id)
        pipe.xadd(key, {"line": self.text[:LINE_CHARACTERS]}, maxlen=LINES_KEPT)
        pipe.expire(key, _RUNNING_SECONDS)


@dataclass(frozen=True, slots=True)
class _Progress:
    computation_id: str
    percent: int
    message: str

    def add_to(self, pipe: Redis) -> None:
        key = _progress_key(self.computation_id)
        message = self.message[:LINE_CHARACTERS]
        pipe.xadd(key, {"percent": self.percent, "message": message}, maxlen=LINES_KEPT)
        pipe.expire(key, _RUNNING_SECONDS)


@dataclass(frozen=True, slots=True)
class _End:
    computation_id: str

    def add_to(self, pipe: Redis) -> None:
        pipe.publish(_ENDED, self.computation_id)
        for key in (_log_key(self.computation_id), _progress_key(self.computation_id)):
            pipe.expire(key, _ENDED_SECONDS)


_Event = _Line | _Progress | _End


class _Speaker:
    """Sends events in batches from a thread of its own."""

    def __init__(self, client: Redis) -> None:
        self._redis = client
        self._queue: queue.Queue[_Event | None] = queue.Queue(_QUEUED)
        self._outage = Outage("watchers are not told what happens")
        self._thread = _LazyThread("events-speaker", self._run, before_exit=self.close)

    def say(self, event: _Event) -> None:
        self._thread.start_once()
        with suppress(queue.Full):  # a flood, or an outage that was already logged
            self._queue.put_nowait(event)

    def close(self, seconds: float = 1.0) -> None:
        try:
            self._queue.put_nowait(None)
        except queue.Full:
            return
        self._thread.join(seconds)

    def _run(self) -> None:
        while True:
            first = self._queue.get()
            batch = [first, *islice(self._queued(), _BATCH)]
            self._send([event for event in batch if event is not None])
            if None in batch:
                return

    def _queued(self) -> Iterator[_Event | None]:
        while True:
            try:
                yield self._queue.get_nowait()
            except queue.Empty:
                return

    def _send(self, batch: Sequence[_Event]) -> None:
        if self._outage.lasts():
            return
        try:
            with self._redis.pipeline(transaction=False) as pipe:
                for event in batch:
                    event.add_to(pipe)
                pipe.execute()
        except RedisError as error:
            self._outage.failed(error)
        else:
            self._outage.over()


class _Listener:
    """Hears of ends in a thread of its own and wakes who waits for them."""

    def __init__(self, client: Redis) -> None:
        self._redis = client
        self._lock = threading.Lock()
        self._waiting: dict[str, set[threading.Event]] = {}
        self._ended: OrderedDict[str, None] = OrderedDict()  # lately
        self._outage = Outage("ends are noticed up to a second late")
        self._thread = _LazyThread("events-listener", self._run)

    def wait(self, computation_id: str, seconds: float) -> bool:
        waiter = threading.Event()
        with self._registered(computation_id, waiter):
            self._thread.start_once()
            return waiter.wait(seconds)

    def heard(self, computation_id: str) -> None:
        with self._lock:
            self._ended[computation_id] = None
            if len(self._ended) > _REMEMBERED:
                self._ended.popitem(last=False)
            for waiter in self._waiting.get(computation_id, ()):
                waiter.set()

    def _run(self) -> None:
        while True:
            try:
                self._listen()
            except RedisError as error:
                self._outage.failed(error)
                time.sleep(PAUSE_SECONDS)

    def _listen(self) -> None:
        with self._redis.pubsub() as channel:  # type: ignore[no-untyped-call]
            channel.subscribe(_ENDED)
            while True:
                message = channel.get_message(timeout=_LISTEN_SECONDS)
                if message is None:
                    continue
                if message["type"] == "subscribe":
                    self._outage.over()
                    self._wake_all()
                elif message["type"] == "message":
                    self.heard(message["data"])

    def _wake_all(self) -> None:
        """Hints may have been missed until now."""
        with self._lock:
            for waiters in self._waiting.values():
                for waiter in waiters:
                    waiter.set()

    @contextmanager
    def _registered(self, computation_id: str, waiter: threading.Event) -> Iterator[None]:
        with self._lock:
            if computation_id in self._ended:
                waiter.set()
            self._waiting.setdefault(computation_id, set()).add(waiter)
        try:
            yield
        finally:
            with self._lock:
                waiters = self._waiting[computation_id]
                waiters.discard(waiter)
                if not waiters:
                    del self._waiting[computation_id]


@dataclass(slots=True)
class _LazyThread:
    """A daemon thread that starts when first needed, and anew in a forked child."""

    name: str
    target: Callable[[], None]
    before_exit: Callable[[], None] | None = None
    _thread: threading.Thread | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start_once(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self.target, name=self.name, daemon=True)
                self._thread.start()
                if self.before_exit is not None:
                    atexit.register(self.before_exit)

    def join(self, seconds: float) -> None:
        if self._thread is not None:
            self._thread.join(seconds)


def _log_key(computation_id: str) -> str:
    return f"dataminer:log:{computation_id}"


def _progress_key(computation_id: str) -> str:
    return f"dataminer:progress:{computation_id}"


def _read_log(client: Redis, computation_id: str, after: int) -> Sequence[str]:
    """Raises: RedisError: also when nothing was logged."""
    key = _log_key(computation_id)
    about: Any = client.xinfo_stream(key)  # Any: redis-py's types fit all of its settings
    wanted = about["entries-added"] - after
    if wanted <= 0:
        return ()
    entries: Any = client.xrevrange(key, max=about["last-generated-id"], count=wanted)
    lines = [fields["line"] for _, fields in reversed(entries)]
    return [GONE] * (wanted - len(lines)) + lines
