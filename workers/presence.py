"""Says again and again, while a node lives, that it does."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

BEAT_SECONDS = 5.0


class Presence:
    """A thread that announces a node until the node goes."""

    def __init__(self, announce: Callable[[], None], withdraw: Callable[[], None]) -> None:
        self._announce = announce
        self._withdraw = withdraw
        self._going = Event()
        self._thread = Thread(target=self._beat, name="presence", daemon=True)

    def start(self) -> None:
        """Announce it now and every few seconds."""
        self._thread.start()

    def stop(self) -> None:
        """Withdraw it; without effect when it was never announced."""
        self._going.set()
        if self._thread.ident is not None:
            self._thread.join()
            self._withdraw()

    def _beat(self) -> None:
        while not self._going.is_set():
            self._announce()
            self._going.wait(BEAT_SECONDS)
