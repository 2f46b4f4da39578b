"""The Celery application: one process whose threads each run one computation at a time.

Threads, not forks, because a slot only waits for its script: one engine, one database
connection pool and one launcher serve all slots, and a killed worker leaves no children.
"""

from __future__ import annotations

from functools import partial
from threading import Event, Thread

from celery import Celery, signals

from dataminer.adapters.celery_dispatcher import QUEUE, celery_options, note_loss
from dataminer.lifeline import watch_lifeline
from workers.presence import Presence
from workers.tasks import Node, add_tasks

#: Above the longest computation, else it is delivered again while it runs. Messages of a worker
#: that died come back so late; the reconciler has long sent others.
VISIBILITY_SECONDS = 8 * 24 * 3600

_OPTIONS = {
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "task_acks_on_failure_or_timeout": True,
    "worker_prefetch_multiplier": 1,
    "worker_enable_remote_control": False,
    "worker_send_task_events": False,
    "worker_redirect_stdouts": False,
    "worker_cancel_long_running_tasks_on_connection_loss": False,  # the records know who has it
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "broker_transport_options": {
        "visibility_timeout": VISIBILITY_SECONDS,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
    },
}


def worker_app(address: str) -> Celery:
    """The application for workers on this broker; nothing is opened yet."""
    app = Celery("dataminer", set_as_current=False)
    app.conf.update(celery_options(address), **_OPTIONS)
    return app


def serve(node: Node, presence: Presence, *, address: str, slots: int, name: str) -> None:
    """Work until asked to end (SIGTERM); then give back what runs. Call it in the main thread."""
    app = worker_app(address)
    stopping = Event()
    lost = partial(note_loss, address)
    add_tasks(app, node, stopping, lost)

    def greet(**_: object) -> None:
        lost()
        presence.start()

    def stop(**_: object) -> None:  # in a signal's handler: as little as possible
        stopping.set()

    def give_back() -> None:
        stopping.wait()
        node.give_back()

    signals.worker_ready.connect(greet, weak=False)
    signals.worker_shutting_down.connect(stop, weak=False)
    Thread(target=give_back, name="give-back", daemon=True).start()
    watch_lifeline()
    try:
        app.worker_main(_arguments(slots, name))
    finally:
        presence.stop()


def _arguments(slots: int, name: str) -> list[str]:
    return [
        "worker",
        "--pool=threads",
        f"--concurrency={slots}",
        f"--queues={QUEUE}",
        f"--hostname={name}",
        "--loglevel=INFO",
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
    ]
