"""What a running script prints reaches who watches it, over a real server."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.acceptance.conftest import Server, start
from tests.brokers import wait_until

LINES = 60
ALL_LINES = [
    line
    for number in range(1, LINES + 1)
    for line in (f"line {number}", f"#progress {100 * number // LINES} talking")
]
SCRIPT = """#!/bin/bash
# wps.des: id = talker, title = Talker;
# wps.in: id = pause, type = float, title = Seconds between two lines;
# wps.out: id = finished, type = string, title = Finished;
for number in $(seq 60); do
    echo "line $number"
    echo "#progress $((100 * number / 60)) talking"
    sleep "$pause"
done
finished=yes
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One server-sent event."""

    name: str
    key: str
    data: Any


@pytest.fixture(scope="module")
def talking(tmp_path_factory: pytest.TempPathFactory, environments: Path) -> Iterator[Server]:
    """A server with the method `talker` and a single place for watchers."""
    folder = tmp_path_factory.mktemp("talking")
    few = {"DATAMINER_WEB_WORKERS": "1", "DATAMINER_WEB_THREADS": "4"}
    server = start(folder / "home", environments, **few)
    try:
        (folder / "talker.sh").write_text(SCRIPT)
        server.dataminer("import", folder / "talker.sh", "--no-trial")
        yield server
    finally:
        server.end()
        assert server.process.stdout
        server.process.stdout.close()
        shutil.rmtree(folder, ignore_errors=True)


def begun(server: Server, pause: float) -> str:
    return server.dataminer("run", "talker", f"pause={pause}", "--no-wait").strip()


def opened(server: Server, computation: str, after: str = "", **headers: str) -> requests.Response:
    address = f"{server.url}/api/computations/{computation}/events"
    headers |= {"Last-Event-ID": after} if after else {}
    return requests.get(address, headers=headers, stream=True, timeout=30)


def messages(answer: requests.Response) -> Iterator[Message]:
    """What an EventSource would dispatch."""
    fields: dict[str, str] = {}
    for line in answer.iter_lines(chunk_size=None, decode_unicode=True):
        name, _, value = line.partition(": ")
        if line:
            fields[name] = value
        elif "data" in fields:
            data = json.loads(fields["data"])
            yield Message(name=fields["event"], key=fields.get("id", ""), data=data)
            fields = {}


def retry_of(answer: requests.Response) -> str:
    return str(next(answer.iter_lines(chunk_size=1, decode_unicode=True)))


def lines_of(heard: list[Message]) -> list[str]:
    return [message.data["line"] for message in heard if message.name == "log"]


def test_lines_come_while_the_script_runs_and_the_end_comes_last(talking: Server) -> None:
    computation = begun(talking, 0.05)

    heard = []
    with closing(opened(talking, computation)) as answer:
        for message in messages(answer):
            heard.append(message)
            if message.name == "log" and message.data["line"] == "line 1":
                record = f"{talking.url}/api/computations/{computation}"
                assert requests.get(record, timeout=30).json()["status"] == "running"

    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert heard[0].name == "status"
    assert lines_of(heard) == ALL_LINES
    assert heard[-1].name == "ended"
    assert heard[-1].data["status"] == "succeeded"
    progress = [message.data["percent"] for message in heard if message.name == "progress"]
    assert progress == sorted(set(progress))
    assert progress[-1] == 100


def test_broken_connections_lose_and_double_nothing(talking: Server) -> None:
    computation = begun(talking, 0.02)
    heard: list[Message] = []
    after = ""

    while not heard or heard[-1].name != "ended":
        with closing(opened(talking, computation, after)) as answer:
            for number, message in enumerate(messages(answer)):
                heard.append(message)
                after = message.key or after
                if number == 6:
                    break

    assert lines_of(heard) == ALL_LINES
    keys = [message.key for message in heard if message.key]
    assert len(keys) == len(set(keys))


def test_after_the_end_the_story_can_be_heard_and_who_knows_it_is_told_to_stop(
    talking: Server,
) -> None:
    computation = begun(talking, 0)
    talking.wait_for(computation, "succeeded")

    heard = list(messages(opened(talking, computation)))
    again = opened(talking, computation, heard[-1].key)

    assert [heard[0].name, heard[-1].name] == ["status", "ended"]
    assert lines_of(heard) == ALL_LINES
    assert again.status_code == 204


def test_who_finds_no_place_hears_what_is_known_and_returns(talking: Server) -> None:
    computation = begun(talking, 0.4)
    with closing(opened(talking, computation)) as watching:
        assert retry_of(watching) == "retry: 1000"

        heard: list[Message] = []
        after = ""
        while not heard or heard[-1].name != "ended":
            answer = opened(talking, computation, after)
            if answer.status_code == 204:
                break
            heard += messages(answer)
            after = next((m.key for m in reversed(heard) if m.key), "")
            time.sleep(0.2)  # shorter than asked for, so that the test is

    assert lines_of(heard) == ALL_LINES
    keys = [message.key for message in heard if message.key]
    assert len(keys) == len(set(keys)), "nothing came twice, however often it asked"


def test_a_watcher_that_goes_frees_its_place(talking: Server) -> None:
    computation = begun(talking, 0.5)

    def gets_a_place() -> bool:
        with closing(opened(talking, computation)) as answer:
            return retry_of(answer) == "retry: 1000"

    for _ in range(3):
        wait_until(gets_a_place)
    talking.dataminer("dismiss", computation)
    talking.wait_for(computation, "dismissed")


def test_the_head_alone_takes_no_place(talking: Server) -> None:
    computation = begun(talking, 0.5)
    address = f"{talking.url}/api/computations/{computation}/events"

    for _ in range(3):
        assert requests.head(address, timeout=30).ok

    with closing(opened(talking, computation)) as answer:
        wait_until(lambda: retry_of(answer) == "retry: 1000")
    talking.dataminer("dismiss", computation)


def test_dismissing_ends_the_watching(talking: Server) -> None:
    computation = begun(talking, 0.5)

    with closing(opened(talking, computation)) as answer:
        hearing = messages(answer)
        next(message for message in hearing if message.name == "log")
        talking.dataminer("dismiss", computation)
        last = list(hearing)[-1]

    assert (last.name, last.data["status"]) == ("ended", "dismissed")


def test_nobody_watches_without_a_token_or_what_is_not_theirs(talking: Server) -> None:
    computation = begun(talking, 0)
    talking.dataminer("tenant", "add", "geo")
    talking.dataminer("user", "add", "geo", "eve", "--role", "operator")
    token = talking.dataminer("token", "add", "geo", "eve").strip()

    assert opened(talking, computation, Authorization="Bearer dm_wrong").status_code == 401
    assert opened(talking, computation, Authorization=f"Bearer {token}").status_code == 404
    assert opened(talking, "NONE_ID_0").status_code == 404
    assert opened(talking, computation, "end", Authorization="Bearer dm_wrong").status_code == 401


def test_the_command_line_follows_to_the_end(talking: Server) -> None:
    computation = begun(talking, 0.02)

    said = talking.dataminer("show", computation, "--follow")

    assert [line for line in said.splitlines() if line in ALL_LINES] == ALL_LINES
    assert "100 % talking" in said
    assert "succeeded" in said
