"""A broker of a test's own, and ways to wait for what comes in its own time."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dataminer.adapters.broker import EmbeddedBroker, broker_address

#: Longer than anything takes; a test that waits so long has failed.
PATIENCE_SECONDS = 30.0


def wait_until(happened: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Returns as soon as it happened; fails when it does not."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


class RunningBroker:
    """The embedded broker, to be killed and started again."""

    def __init__(self, home: Path) -> None:
        self.embedded = EmbeddedBroker(run_folder=home / "run", data_folder=home / "broker")
        self.embedded.prepare()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return broker_address("", self.embedded.run_folder)

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.embedded.argv, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
        )
        wait_until(self.embedded.is_ready)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextmanager
def a_broker(home: Path) -> Iterator[RunningBroker]:
    broker = RunningBroker(home)
    try:
        broker.start()
        yield broker
    finally:
        broker.kill()
