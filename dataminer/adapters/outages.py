"""What an adapter remembers while the broker does not answer."""

from __future__ import annotations

import logging
import time

_log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0


class Outage:
    """Says once that the broker is away and once that it is back, and keeps callers from it.

    Nobody waits for a broker that did not answer a moment ago. Shared between threads: the worst
    that a race does is one line more in the log.
    """

    def __init__(self, what: str) -> None:
        self._what = what  #: what is lost meanwhile, for the log
        self._since: float | None = None
        self._try_at = 0.0

    def lasts(self) -> bool:
        """Whether it is too early to try again."""
        return self._since is not None and time.monotonic() < self._try_at

    def failed(self, error: Exception) -> None:
        """Note that the broker did not answer."""
        self._try_at = time.monotonic() + PAUSE_SECONDS
        if self._since is None:
            self._since = time.monotonic()
            _log.warning("the broker does not answer; %s: %s", self._what, error)

    def over(self) -> None:
        """Note that the broker answered."""
        if self._since is not None:
            _log.warning("the broker is back after %.0f s", time.monotonic() - self._since)
            self._since = None
