"""A cloud worker whose computations write down what happens to them, for the tests beside."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from dataminer.adapters.broker import broker_address
from dataminer.adapters.presence import Node, RedisNodes
from dataminer.domain.methods import Runtime, Target
from workers.app import serve
from workers.presence import Presence

ROOT = Path(__file__).parents[2]


class Diary:
    """A node: LONG computations last until given back; the others end at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._given_back = threading.Event()

    def run(self, computation_id: str) -> None:
        self._write(f"start {computation_id}")
        if computation_id.startswith("BREAKS"):
            raise RuntimeError("planted")
        if computation_id.startswith("LONG"):
            self._given_back.wait()
        self._write(f"end {computation_id}")

    def give_back(self) -> None:
        self._write("give back")
        self._given_back.set()

    def _write(self, line: str) -> None:
        with self._path.open("a") as stream:
            stream.write(line + "\n")


def main(home: Path, slots: int) -> None:
    address = broker_address("", home / "run")
    nodes = RedisNodes(address)
    node = Node(name="test/cloud", target=Target.CLOUD, runtimes=frozenset({Runtime.PYTHON}))
    presence = Presence(lambda: nodes.announce(node), lambda: nodes.withdraw(node))
    serve(Diary(home / "diary"), presence, address=address, slots=slots, name="worker@test")


def start(home: Path, slots: int = 2) -> subprocess.Popen[bytes]:
    with (home / "worker.log").open("ab") as log:
        command = [sys.executable, "-m", "tests.integration.worker_process", str(home), str(slots)]
        return subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
