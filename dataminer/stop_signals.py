"""How a process of ours hears that it shall end. Standard library only."""

from __future__ import annotations

import os
import select
import signal
from types import FrameType

_NUMBERS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class StopSignals:
    """SIGTERM, Ctrl-C and the terminal's end, counted instead of obeyed.

    Make it in the main thread. The handlers take no locks: a signal comes at any moment.
    """

    def __init__(self) -> None:
        self.count = 0  #: how often this process was asked to end
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        self._before = {
            number: signal.signal(number, self._note)
            for number in _NUMBERS
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN  # nohup
        }

    def wait(self, seconds: float | None = None) -> bool:
        """Whether the process was asked, lately or within this time; None: however long."""
        if not self.count and select.select([self._read], [], [], seconds)[0]:
            os.read(self._read, 512)
        return self.count > 0

    def close(self) -> None:
        """Give the signals their former meaning."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._read)
        os.close(self._write)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        os.write(self._write, b"!")
