"""What a script uses: time, memory, processes, bytes read and written, and its folder.

Standard library only and imports nothing of ours: the keeper of a script loads it by its path,
under any interpreter. One meter measures all processes below the one that makes it; processes
that were left behind are among these because a keeper inherits them.

Memory is what processes have for themselves: anonymous, shared between them, and swapped out, but
not the files that they have mapped, which the system can take back. While there is one process
this is exact; a page that several have is split between them, which the kernel must count page by
page, and is only asked to when a new peak is possible.

Source: Linux man pages proc_pid_stat(5), proc_pid_status(5), proc_pid_smaps(5), proc_pid_io(5).
"""

from __future__ import annotations

import contextlib
import os
import resource
import time
from collections.abc import Collection, Iterator, Mapping

_TICKS = os.sysconf("SC_CLK_TCK")
_KIB = 1024
_BLOCK_BYTES = 512  #: of st_blocks
_INODE_BYTES = 1024  #: what a file costs besides its content, so that empty ones count too
_PAUSE_SECONDS = 1.0  #: between two looks at the folder, and at processes older than the meter
_LOOK_SECONDS = 0.003  #: how long a sample looks at the folder; a long look goes on in the next
_REST = 4  #: exact counting of memory rests so many times as long as it took

#: Of a line of /proc/<pid>/stat, counted from behind the name.
_PARENT, _OWN_TIMES, _WAITED_TIMES, _START = 1, slice(11, 13), slice(13, 15), 19
_OF_STATUS = (b"RssAnon:", b"RssShmem:", b"VmSwap:")
_OF_ROLLUP = (b"Pss_Anon:", b"Pss_Shmem:", b"SwapPss:")


class Meter:
    """Measures what runs below this process, from the moment on when it is made.

    `sample` now and then while the script runs, `ended` once nothing of it is left. A script too
    short for a sample is measured by what the kernel sums up when it is waited for. What cannot
    be seen, because its process has just ended or belongs to somebody else, counts as nothing.
    """

    def __init__(self, folder: str = "") -> None:
        """`folder`: where the script writes; empty: nowhere that counts."""
        self._me = os.getpid()
        self._born = int(_stat(self._me)[_START])
        self._clock = time.monotonic()
        self._wall_seconds: float | None = None  #: None: it has not ended
        self._waited_before = _waited_seconds()
        self._io_before = _waited_io()
        self._peak_bytes = 0
        self._io = (0, 0)  #: bytes read, written
        self._used = dict.fromkeys(
            ("memory_bytes", "processes", "cpu_seconds", "folder_bytes"), 0.0
        )
        self._elders: set[int] = set()  #: processes older than the meter: never the script's
        self._elders_until = 0.0
        self._ticks: dict[tuple[int, int], int] = {}  #: own time by process id and start
        self._count_after = 0.0  #: when memory may be counted exactly again
        self._ended_seconds = 0.0
        self._folder = folder
        self._look = _counted(folder)
        self._look_after = 0.0

    def sample(self, spared: Collection[int] = ()) -> None:
        """Look once; about 1 ms, more only for trees of many processes or much shared memory.

        `spared` are processes that are not the script's, though their descendants are.
        """
        tree = self._tree()
        script = [pid for pid in tree if pid not in spared]
        self._used["processes"] = len(script)
        self._add_memory(script)
        self._add_cpu({pid: tree[pid] for pid in script})
        self._add_io(script)
        if self._folder:
            self._look_at_folder()

    def ended(self, rusage: resource.struct_rusage) -> None:
        """Take what the kernel knows of a process that was waited for, and of all it waited for.

        Either that of each one, from `os.wait4`, or once `resource.getrusage(RUSAGE_CHILDREN)`
        where this process never had other children.
        """
        self._ended_seconds += rusage.ru_utime + rusage.ru_stime
        self._raise("cpu_seconds", self._ended_seconds)
        self._peak_bytes = max(self._peak_bytes, rusage.ru_maxrss * _KIB)
        self._add_io(())
        self._wall_seconds = time.monotonic() - self._clock

    def exceeded(self, limits: Mapping[str, float]) -> dict[str, str | float] | None:
        """The first limit that the last sample was above: its name, the limit, what was used.

        Names: memory_bytes, processes, cpu_seconds, folder_bytes; one that is left out, or any
        other, limits nothing.
        """
        for name, used in self._used.items():
            limit = limits.get(name)
            if limit is not None and used > limit:
                return {"name": name, "limit": limit, "used": used}
        return None

    def report(self) -> dict[str, float]:
        """wall_seconds, cpu_seconds, peak_memory_bytes, read_bytes, written_bytes."""
        wall_seconds = self._wall_seconds
        if wall_seconds is None:
            wall_seconds = time.monotonic() - self._clock
        return {
            "wall_seconds": round(wall_seconds, 6),
            "cpu_seconds": round(self._used["cpu_seconds"], 6),
            "peak_memory_bytes": self._peak_bytes,
            "read_bytes": self._io[0],
            "written_bytes": self._io[1],
        }

    def _tree(self) -> dict[int, list[bytes]]:
        """The stat of all processes below this one. One pass: not every kernel lists children."""
        now = time.monotonic()
        if now > self._elders_until:  # their ids may have been given to others meanwhile
            self._elders.clear()
            self._elders_until = now + _PAUSE_SECONDS
        found: dict[int, list[bytes]] = {}
        children: dict[int, list[int]] = {}
        for entry in os.listdir("/proc"):  # noqa: PTH208 # pathlib is slow to load and to use
            if not entry.isdigit() or (pid := int(entry)) in self._elders:
                continue
            stat = _stat(pid)
            if stat and int(stat[_START]) < self._born:
                self._elders.add(pid)
            elif stat:
                found[pid] = stat
                children.setdefault(int(stat[_PARENT]), []).append(pid)
        below: dict[int, list[bytes]] = {}
        left = children.get(self._me, [])
        while left:
            pid = left.pop()
            below[pid] = found[pid]
            left += children.get(pid, [])
        return below

    def _add_memory(self, script: Collection[int]) -> None:
        memory = sum(_kib(f"/proc/{pid}/status", _OF_STATUS) for pid in script) * _KIB
        if len(script) > 1 and memory > self._peak_bytes:
            started = time.monotonic()
            if started < self._count_after:
                return
            exact = sum(_kib(f"/proc/{pid}/smaps_rollup", _OF_ROLLUP) for pid in script) * _KIB
            memory = exact or memory  # nothing: we may not look, or this kernel does not count
            now = time.monotonic()
            self._count_after = now + _REST * (now - started)
        self._used["memory_bytes"] = memory
        self._peak_bytes = max(self._peak_bytes, memory)

    def _add_cpu(self, script: Mapping[int, list[bytes]]) -> None:
        """The larger of two sums: each misses something.

        What processes have with all that they waited for misses those that nobody waited for;
        what each was last seen with misses what it did afterwards, and those never seen.
        """
        waited = 0
        for pid, stat in script.items():
            own = sum(map(int, stat[_OWN_TIMES]))
            waited += own + sum(map(int, stat[_WAITED_TIMES]))
            self._ticks[pid, int(stat[_START])] = own
        ended = _waited_seconds() - self._waited_before
        self._raise("cpu_seconds", waited / _TICKS + ended)
        self._raise("cpu_seconds", sum(self._ticks.values()) / _TICKS)

    def _add_io(self, script: Collection[int]) -> None:
        """Of those that live and those that were waited for, as far as ever seen."""
        counts = [_io(f"/proc/{pid}/io") for pid in script]
        ended = [now - before for now, before in zip(_waited_io(), self._io_before, strict=True)]
        read, written = (sum(column) for column in zip(ended, *counts, strict=True))
        self._io = (max(self._io[0], read), max(self._io[1], written))

    def _look_at_folder(self) -> None:
        now = time.monotonic()
        if now < self._look_after:
            return
        for counted in self._look:
            self._raise("folder_bytes", counted)
            if time.monotonic() > now + _LOOK_SECONDS:
                return
        self._look = _counted(self._folder)
        self._look_after = now + _PAUSE_SECONDS

    def _raise(self, name: str, used: float) -> None:
        self._used[name] = max(self._used[name], used)


def _counted(folder: str) -> Iterator[int]:
    """Bytes on disk below the folder, after each entry. A file of several names counts once."""
    total, linked, left = 0, set(), [folder]
    while left:
        with contextlib.suppress(OSError), os.scandir(left.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    facts = entry.stat(follow_symlinks=False)
                    if entry.is_dir(follow_symlinks=False):
                        left.append(entry.path)
                    elif facts.st_nlink > 1:
                        if facts.st_ino in linked:
                            continue
                        linked.add(facts.st_ino)
                    total += facts.st_blocks * _BLOCK_BYTES + _INODE_BYTES
                yield total


def _waited_seconds() -> float:
    """Processor time of the children that this process has waited for."""
    waited = resource.getrusage(resource.RUSAGE_CHILDREN)
    return waited.ru_utime + waited.ru_stime


def _waited_io() -> tuple[int, int]:
    """Bytes read and written by the children that this process, of one thread, has waited for.

    The kernel adds them to those of the process, but not to those of its thread.
    """
    process, thread = _io("/proc/self/io"), _io("/proc/thread-self/io")
    return process[0] - thread[0], process[1] - thread[1]


def _io(path: str) -> tuple[int, int]:
    """Bytes read and written by calls, whether a disk was needed or not."""
    words = _read(path).split()
    return (int(words[1]), int(words[3])) if words else (0, 0)


def _stat(pid: int) -> list[bytes]:
    """The words behind the name, which may hold anything; empty: it has ended."""
    return _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()


def _kib(path: str, names: Collection[bytes]) -> int:
    """The sum of the lines that begin with these names."""
    words = (line.split() for line in _read(path).splitlines())
    return sum(int(line[1]) for line in words if line and line[0] in names)


def _read(path: str) -> bytes:
    """The whole of a small file of /proc; empty when it cannot be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return b""
    try:
        return os.read(descriptor, 8192)
    except OSError:
        return b""
    finally:
        os.close(descriptor)
