"""A supervisor of the parts given as `name:rank:manner`, for the tests beside."""

from __future__ import annotations

import os
import socket
import sys
from functools import partial
from pathlib import Path

from dataminer.adapters.broker import EmbeddedBroker
from dataminer.supervisor import Child, Supervisor
from dataminer.webserver import gunicorn_arguments

ENVIRONMENT = dict(os.environ)


def a_part(home: Path, text: str) -> Child:
    name, rank, manner = text.split(":")
    diary = home / "diary"
    module = "tests.integration.supervised_part"

    return Child(
        name=name,
        argv=(sys.executable, "-m", module, name, str(diary), manner),
        environment=ENVIRONMENT,
        is_ready=lambda: diary.exists() and f"started {name}" in diary.read_text(),
        ends=int(rank),
        grace_seconds=600.0 if manner == "endless" else 1.0,
    )


def the_broker(home: Path) -> Child:
    broker = EmbeddedBroker(run_folder=home / "run", data_folder=home / "broker")
    return Child(
        name="broker",
        argv=broker.argv,
        environment=ENVIRONMENT,
        prepare=broker.prepare,
        is_ready=broker.is_ready,
        ends=9,
    )


def the_web_server(port: int) -> Child:
    return Child(
        name="gunicorn",
        argv=gunicorn_arguments(
            "127.0.0.1", port, workers=2, threads=2, application=f"{__package__}.tiny_application"
        ),
        environment=ENVIRONMENT,
        is_ready=lambda: answers(port),
    )


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def a_child(home: Path, text: str) -> Child:
    if text == "broker":
        return the_broker(home)
    if text.startswith("gunicorn:"):
        return the_web_server(int(text.partition(":")[2]))
    return a_part(home, text)


def main(home: Path, parts: list[str]) -> int:
    say = partial(print, flush=True)
    children = [a_child(home, part) for part in parts]
    came_up = Supervisor(children, home, say).run(lambda: say("all parts run"))
    return 0 if came_up else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
