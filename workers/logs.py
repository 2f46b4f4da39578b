"""The log of one run: kept in a bounded file, and told line by line while it grows."""

from __future__ import annotations

import codecs
import os
import re
import tempfile
from collections import deque
from pathlib import Path
from typing import BinaryIO

from dataminer.ports import Watcher
from workers.progress import Progress, is_bar

#: How much of a longer log is kept, from its beginning and from its end.
HEAD_BYTES = TAIL_BYTES = 32 << 20

_LINE_CHARACTERS = 16_384  #: at most 64 KB in UTF-8
_LAST_LINES = 10
_LAST_LINE_CHARACTERS = 500
_CHUNK_BYTES = 1 << 20

#: A carriage return alone ends a line too, unless a newline may still follow it.
_LINE_END = re.compile(r"(\r\n|\n|\r(?!\Z))")


class Log:
    """What a script prints, and our own notes."""

    def __init__(self, path: Path, watcher: Watcher) -> None:
        self.progress = Progress(watcher.progressed)
        self._watcher = watcher
        self._file = BoundedFile(path)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._unended = ""
        self._last: deque[str] = deque(maxlen=_LAST_LINES)

    @property
    def last_lines(self) -> str:
        """The end of the log, short enough for a message."""
        return "\n".join(self._last)

    def note(self, text: str) -> None:
        """Add a line of our own."""
        self.feed(f"note: {text}\n".encode())

    def feed(self, data: bytes, *, final: bool = False) -> None:
        """Add what the script printed; bytes that are no UTF-8 are replaced."""
        text = self._decoder.decode(data, final).replace("\x00", "\ufffd")
        self._file.write(text.encode())
        *ended, self._unended = _LINE_END.split(self._unended + text)
        for line, end in zip(ended[::2], ended[1::2], strict=True):
            self._tell(line, overwritten=end == "\r")
        while len(self._unended) > _LINE_CHARACTERS:
            self._tell(self._unended[:_LINE_CHARACTERS], overwritten=False)
            self._unended = self._unended[_LINE_CHARACTERS:]
        self.progress.read(self._unended)

    def end(self) -> None:
        """Tell what was held back."""
        self.feed(b"", final=True)
        if self._unended:
            self._tell(self._unended.rstrip("\r"), overwritten=False)
            self._unended = ""
        self.progress.flush()

    def content(self) -> BinaryIO:
        """What was kept of it; to be closed after reading, and nothing is added then."""
        return self._file.content()

    def close(self) -> None:
        """Nothing more is added or read."""
        self._file.close()

    def _tell(self, line: str, *, overwritten: bool) -> None:
        """Pass a line on, in pieces; states of a progress bar that are overwritten are no lines."""
        self.progress.read(line)
        if overwritten and is_bar(line):
            return
        for start in range(0, max(len(line), 1), _LINE_CHARACTERS):
            self._watcher.logged(line[start : start + _LINE_CHARACTERS])
        if line.strip():
            self._last.append(line[:_LAST_LINE_CHARACTERS])


class BoundedFile:
    """A file that keeps the first and the last part of what is written to it."""

    def __init__(
        self, path: Path, head_bytes: int = HEAD_BYTES, tail_bytes: int = TAIL_BYTES
    ) -> None:
        self._file: BinaryIO = path.open("w+b", buffering=0)
        self._head, self._size = head_bytes, head_bytes + tail_bytes
        self._written = 0

    def write(self, data: bytes) -> None:
        """Append; beyond the bound the oldest bytes of the tail are overwritten."""
        while data:
            place = self._place()
            count = os.pwrite(self._file.fileno(), data[: self._size - place], place)
            self._written += count
            data = data[count:]

    def content(self) -> BinaryIO:
        """What was kept, in its order; to be closed after reading."""
        self._file.seek(0)
        return self._file if self._written <= self._size else self._in_order()

    def close(self) -> None:
        """Nothing more is written or read."""
        self._file.close()

    def _place(self) -> int:
        if self._written < self._size:
            return self._written
        return self._head + (self._written - self._head) % (self._size - self._head)

    def _in_order(self) -> BinaryIO:
        with self._file:
            ordered = tempfile.TemporaryFile()  # noqa: SIM115 # the reader closes it
            self._copy(ordered, 0, self._head)
            ordered.write(f"\n[… {self._written - self._size} bytes left out …]\n".encode())
            self._copy(ordered, self._place(), self._size)
            self._copy(ordered, self._head, self._place())
        ordered.seek(0)
        return ordered

    def _copy(self, target: BinaryIO, start: int, end: int) -> None:
        self._file.seek(start)
        while left := end - self._file.tell():
            target.write(self._file.read(min(left, _CHUNK_BYTES)))
