"""How far a script is, from what it prints."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

#: Watchers hear of progress at most this often, and within 0.1 s.
_PAUSE_SECONDS = 0.08

_DECLARED = re.compile(r"\s*#progress\s+(\d{1,3})(?:\.\d*)?\s*%?\s*(.*)")
_BAR = re.compile(r"(\d{1,3})%\|")


def is_bar(line: str) -> bool:
    """Whether the line is a progress bar in the manner of tqdm."""
    return _BAR.search(line) is not None


def parse(line: str) -> tuple[int, str] | None:
    """Percent and message of a line like '#progress 40 clustering' or 'clustering: 40%|####'."""
    if declared := _DECLARED.match(line):
        return min(int(declared[1]), 100), declared[2].strip()
    if bar := _BAR.search(line):
        return min(int(bar[1]), 100), line[: bar.start()].strip().rstrip(": ")
    return None


class Progress:
    """Passes progress on, not too often; the last word is never lost."""

    def __init__(self, tell: Callable[[int, str], None]) -> None:
        self._tell = tell
        self._told_at = float("-inf")
        self._latest: tuple[int, str] | None = None
        self._told: tuple[int, str] | None = None

    def read(self, line: str) -> None:
        """Take note of what the line says of progress, if anything."""
        if found := parse(line):
            self._latest = found
            self.tick()

    def tick(self) -> None:
        """Tell what is due."""
        if time.monotonic() - self._told_at >= _PAUSE_SECONDS:
            self.flush()

    def due_seconds(self) -> float:
        """How long until something is to be told; infinite: nothing is held back."""
        if self._latest == self._told:
            return float("inf")
        return max(0.0, self._told_at + _PAUSE_SECONDS - time.monotonic())

    def flush(self) -> None:
        """Tell what was not yet told."""
        if self._latest is not None and self._latest != self._told:
            self._told, self._told_at = self._latest, time.monotonic()
            self._tell(*self._latest)
