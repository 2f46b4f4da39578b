"""Kills parts of a server while it works, and looks at what became of everything it accepted.

`python -m tests.acceptance.chaos` (or `make chaos`) prints the table; the tests run a short form.
"""

from __future__ import annotations

import os
import random
import re
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import requests
from rich.console import Console
from rich.table import Table

from tests.acceptance.conftest import Server, start
from tests.processes import below, command_line, is_alive, mentioning

METHOD = """#!/bin/bash
# wps.des: id = nap_{target}, title = A nap, target = {target};
# wps.in: number, integer, Which nap;
# wps.out: slept, integer, Which nap it was;
sleep 0.8
slept=$number
"""
EXECUTE = (
    "/wps?service=WPS&version=1.0.0&request=Execute&identifier={method}"
    "&DataInputs=number={number}&storeExecuteResponse=true&status=true"
)
TARGETS = ("local", "cloud")
END_SECONDS = 180
PAUSE_SECONDS = 1.0  #: between two kills

#: What is killed, and how its processes are recognised among those of the data folder.
VICTIMS: dict[str, Callable[[str], bool]] = {
    "script": lambda line: "nap_" in line and "bash" in line,
    "launcher": lambda line: "launcher_process.py" in line,
    "pool": lambda line: "dataminer.cli pool" in line,
    "cloud worker": lambda line: "dataminer.cli worker" in line,
    "web worker": lambda line: "gunicorn" in line,
    "scheduler": lambda line: "dataminer.cli scheduler" in line,
    "broker": lambda line: "valkey-server" in line,
    "everything at once": lambda _line: True,  # but the supervisor
}


@dataclass(kw_only=True)
class Story:
    """What happened."""

    accepted: list[str] = field(default_factory=list)  #: ids
    refused: int = 0  #: requests that were not answered with an acceptance
    kills: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)  #: of those that failed
    attempts: Counter[int] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)  #: accepted, and not ended in time or unknown
    twice: list[str] = field(default_factory=list)  #: ended more than once
    wrong: list[str] = field(default_factory=list)  #: succeeded with another's output
    folders: list[str] = field(default_factory=list)  #: left in the jobs' folder
    processes: list[str] = field(default_factory=list)  #: of scripts, left running


def torment(server: Server, folder: Path, *, jobs: int, kills: int, seed: int) -> Story:
    """Have the server run so many computations and kill so many of its parts meanwhile."""
    story = Story()
    _publish(server, folder)
    numbers: dict[str, int] = {}
    submitting = threading.Thread(target=_submit, args=(server, jobs, story, numbers))
    submitting.start()
    for victim in _victims(kills, random.Random(seed)):  # noqa: S311  nothing secret
        time.sleep(PAUSE_SECONDS)
        _kill(server, victim, story)
    submitting.join()
    _wait(server, story)
    _judge(server, story, numbers)
    return story


def _publish(server: Server, folder: Path) -> None:
    for target in TARGETS:
        path = folder / f"nap_{target}.sh"
        path.write_text(METHOD.format(target=target))
        server.dataminer("import", path)


def _victims(kills: int, chance: random.Random) -> Iterator[str]:
    """Each kind in turn, in an order of chance."""
    while kills > 0:
        names = list(VICTIMS)
        chance.shuffle(names)
        yield from names[:kills]
        kills -= len(names)


def _submit(server: Server, jobs: int, story: Story, numbers: dict[str, int]) -> None:
    for number in range(jobs):
        path = EXECUTE.format(method=f"nap_{TARGETS[number % 2]}", number=number)
        try:
            answer = requests.get(server.url + path, timeout=30).text
        except requests.RequestException:  # the web worker that had it was killed
            answer = ""
        key = re.search(r"/wps/computations/([\w-]+)", answer)
        if key is None:
            story.refused += 1
            time.sleep(0.1)
        else:
            numbers[key[1]] = number
            story.accepted.append(key[1])


def _kill(server: Server, victim: str, story: Story) -> None:
    for pid in below(mentioning(str(server.home))) - {server.process.pid}:
        if VICTIMS[victim](command_line(pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                story.kills[victim] += 1


def _records(server: Server) -> dict[str, dict[str, object]]:
    """All records by id, newest first."""
    found: dict[str, dict[str, object]] = {}
    after: str | None = ""
    while after is not None:
        query = {"limit": "1000", **({"after": after} if after else {})}
        page = requests.get(f"{server.url}/api/computations", params=query, timeout=30).json()
        found |= {row["id"]: row for row in page["computations"]}
        after = page["next"]
    return found


def _wait(server: Server, story: Story) -> None:
    """Until nothing waits or runs any more, and what dead nodes left was removed."""
    deadline = time.monotonic() + END_SECONDS
    while time.monotonic() < deadline:
        with suppress(requests.RequestException, ValueError):
            records = _records(server).values()
            if not any(r["status"] in ("accepted", "running") for r in records):
                break
        time.sleep(0.5)
    jobs = server.home / "jobs"
    while time.monotonic() < deadline and list(jobs.iterdir()):
        time.sleep(0.5)
    story.folders = sorted(path.name for path in jobs.iterdir())


def _judge(server: Server, story: Story, numbers: dict[str, int]) -> None:
    for row in _records(server).values():
        record = requests.get(f"{server.url}/api/computations/{row['id']}", timeout=30).json()
        story.statuses[record["status"]] += 1
        story.attempts[record["attempt"]] += 1
        if record["status"] == "failed":
            story.reasons[record["message"].splitlines()[0]] += 1
        if record["status"] == "succeeded":
            given, got = record["inputs"][0]["value"], record["outputs"][0]["value"]
            story.wrong += [row["id"]] if given != got else []
    for key in numbers:
        status = requests.get(f"{server.url}/wps/computations/{key}", timeout=30).text
        if "ProcessSucceeded" not in status and "ProcessFailed" not in status:
            story.lost.append(key)
    ends = Counter(_ends(server.home / "logs"))
    story.twice = [name for name, count in ends.items() if count > 1]
    scripts = (pid for pid in mentioning(str(server.home / "jobs")) if is_alive(pid))
    story.processes = [command_line(pid) for pid in scripts]


def _ends(logs: Path) -> Iterator[str]:
    """The id of each end that a node says it wrote."""
    for path in logs.glob("*.log"):
        for line in path.read_text(errors="replace").splitlines():
            if match := re.search(r"computation ended computation=(\S+)", line):
                yield match[1]


def show(story: Story) -> None:
    """The table."""
    table = Table("what", "how many", title="Computations under kill -9")
    table.add_row("accepted", str(len(story.accepted)))
    table.add_row("requests cut off", str(story.refused))
    for victim, count in story.kills.items():
        table.add_row(f"killed: {victim}", str(count))
    for status, count in sorted(story.statuses.items()):
        table.add_row(status, str(count))
    for reason, count in story.reasons.items():
        table.add_row(f"  {reason}", str(count))
    for attempt, count in sorted(story.attempts.items()):
        table.add_row(f"in attempt {attempt}", str(count))
    for name in ("lost", "twice", "wrong", "folders", "processes"):
        table.add_row(f"{name} (must be none)", str(len(getattr(story, name))))
    Console().print(table)


def main() -> None:
    """200 computations, 40 kills."""
    with tempfile.TemporaryDirectory() as folder:
        server = start(Path(folder) / "home")
        try:
            story = torment(server, Path(folder), jobs=200, kills=40, seed=1)
        finally:
            server.end()
    show(story)
    sys.exit(bool(story.lost or story.twice or story.wrong or story.folders or story.processes))


if __name__ == "__main__":
    main()
