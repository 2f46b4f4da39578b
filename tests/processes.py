"""What runs on this machine, as /proc tells."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and is not yet waited for does not."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return text.rpartition(")")[2].split()[0] not in ("Z", "X")


def command_line(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


def mentioning(text: str) -> list[int]:
    """Processes that live and have this text in their command line, environment or folder."""
    return [pid for pid in _pids() if is_alive(pid) and text in _about(pid)]


def below(pids: Iterable[int]) -> set[int]:
    """These processes and all that descend from them."""
    parents = {pid: _parent(pid) for pid in _pids()}
    found = set(pids)
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _parent(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def _about(pid: int) -> str:
    texts = [command_line(pid)]
    with contextlib.suppress(OSError):
        texts.append(Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace"))
    with contextlib.suppress(OSError):
        texts.append(str(Path(f"/proc/{pid}/cwd").readlink()))
    return "\n".join(texts)


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
