"""A part of a server that writes down what happens to it. Arguments: name, diary, manner.

Manners: plain; stubborn and endless do not end when asked; parent leaves a process behind; slow
is never ready; broken ends before it is ready, fragile soon after.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from dataminer.lifeline import watch_lifeline


def main(name: str, diary: Path, manner: str) -> None:
    def write(what: str) -> None:
        with diary.open("a") as stream:
            stream.write(f"{what} {name}\n")

    def end(_number: int, _frame: FrameType | None) -> None:
        write("asked")
        if manner in ("stubborn", "endless"):
            return
        time.sleep(0.1)
        write("ended")
        sys.exit(0)

    signal.signal(signal.SIGTERM, end)
    watch_lifeline(grace_seconds=0.5)
    before(manner, diary)
    write("started")
    time.sleep(0.5 if manner == "fragile" else 600)


def before(manner: str, diary: Path) -> None:
    """What happens until it is ready."""
    if manner == "parent":
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", str(diary)])
    if manner == "slow":
        time.sleep(600)
    if manner == "broken":
        sys.exit("planted: cannot start")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
