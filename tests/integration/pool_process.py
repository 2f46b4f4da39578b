"""A pool in a process of its own, whose computations write down what happens to them."""

from __future__ import annotations

import sys
from pathlib import Path

from dataminer.domain.methods import Target
from tests.integration.worker_process import Diary
from workers.pool import Pool, serve


class QueueFolder(Diary):
    """What waits is a file; running removes it."""

    def __init__(self, home: Path) -> None:
        super().__init__(home / "diary")
        self._waiting = home / "waiting"

    def next_waiting(self, target: Target) -> str | None:
        assert target is Target.LOCAL
        return next((path.name for path in sorted(self._waiting.iterdir())), None)

    def run(self, computation_id: str) -> None:
        try:
            (self._waiting / computation_id).unlink()
        except FileNotFoundError:
            return
        super().run(computation_id)


if __name__ == "__main__":
    home = Path(sys.argv[1])
    serve(Pool(QueueFolder(home), slots=2, run_folder=home / "run"), grace_seconds=5.0)
