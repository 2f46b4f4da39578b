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

from redis import Redis, RedisError

from dataminer.adapters.broker import redis_client
from dataminer.adapters.outages import PAUSE_SECONDS, Outage
from dataminer.adapters.streams import ENDED, add, read_events, read_log
from dataminer.domain.events import Ended, Event, Logged, Progressed

_QUEUED = 10_000  # what waits to be said; more is dropped
_BATCH = 500
_REMEMBERED = 1_000  # ended computations
_LISTEN_SECONDS = 5.0
_MOMENT_SECONDS = 0.5  # shorter than a client waits for an answer


class RedisEvents:
    """The port Events over Redis or Valkey."""

    def __init__(self, address: str) -> None:
        self._redis = redis_client(address)
        self._speaker = _Speaker(self._redis)
        self._listener = _Listener(self._redis)

    def progressed(self, computation_id: str, percent: int, message: str) -> None:
        """Add to a stream, for watchers that follow it."""
        self._speaker.say(computation_id, Progressed(percent=percent, message=message))

    def logged(self, computation_id: str, line: str) -> None:
        """Add to a stream, which keeps the last lines."""
        self._speaker.say(computation_id, Logged(line=line))

    def ended(self, computation_id: str) -> None:
        """Wake whoever waits, here and in other processes."""
        self._listener.heard(computation_id)
        self._speaker.say(computation_id, Ended())

    def wait_for_end(self, computation_id: str, seconds: float) -> bool:
        """Whether a hint of the end came, or one may have been missed."""
        return self._listener.wait(computation_id, seconds)

    def log(self, computation_id: str, after: int = 0) -> Sequence[str]:
        """Lines from this number on; empty when the broker is away."""
        try:
            return read_log(self._redis, computation_id, after)
        except RedisError:
            return ()

    def follow(self, computation_id: str, after: str = "") -> Iterator[Event | None]:
        """What happened after the event of this key, then what happens; nothing in an outage."""
        patience = 0.0
        while True:
            news = self._news(computation_id, after, patience)
            yield from news
            if news:
                after = news[-1].key
            else:
                yield None
            patience = 0.0 if news else _MOMENT_SECONDS

    def _news(self, computation_id: str, after: str, seconds: float) -> Sequence[Event]:
        try:
            return read_events(self._redis, computation_id, after, seconds)
        except RedisError:
            time.sleep(seconds)
            return ()

    def close(self, seconds: float = 1.0) -> None:
        """Say what is still to be said, at most this long."""
        self._speaker.close(seconds)


_Said = tuple[str, Progressed | Logged | Ended]  # of which computation


class _Speaker:
    """Sends events in batches from a thread of its own."""

    def __init__(self, client: Redis) -> None:
        self._redis = client
        self._queue: queue.Queue[_Said | None] = queue.Queue(_QUEUED)
        self._outage = Outage("watchers are not told what happens")
        self._thread = _LazyThread("events-speaker", self._run, before_exit=self.close)

    def say(self, computation_id: str, what: Progressed | Logged | Ended) -> None:
        self._thread.start_once()
        with suppress(queue.Full):  # a flood, or an outage that was already logged
            self._queue.put_nowait((computation_id, what))

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

    def _queued(self) -> Iterator[_Said | None]:
        while True:
            try:
                yield self._queue.get_nowait()
            except queue.Empty:
                return

    def _send(self, batch: Sequence[_Said]) -> None:
        if self._outage.lasts():
            return
        try:
            with self._redis.pipeline(transaction=False) as pipe:
                for computation_id, what in batch:
                    add(pipe, computation_id, what)
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
            channel.subscribe(ENDED)
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
