"""Nothing accepted is lost, and nothing is left running, whatever dies."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
import requests

from tests.acceptance.conftest import Server, start
from tests.brokers import wait_until
from tests.processes import is_alive, mentioning

SLOW = """
# wps.des: id = slow, title = Slow, target = {target};
# wps.in: id = seconds, type = integer, title = How long;
# wps.out: id = finished, type = string, title = Finished;
for second in $(seq "$seconds"); do
    echo "#progress $((100 * second / seconds)) waiting"
    sleep 1
done
finished=yes
"""


def a_slow_method(server: Server, folder: Path, target: str) -> str:
    path = folder / f"slow_{target}.sh"
    path.write_text(
        "#!/bin/bash" + SLOW.format(target=target).replace("id = slow", f"id = slow_{target}")
    )
    server.dataminer("import", path)
    return f"slow_{target}"


def begun(server: Server, method: str, seconds: int) -> str:
    computation = server.dataminer("run", method, f"seconds={seconds}", "--no-wait").strip()
    server.wait_for(computation, "running")
    return computation


def test_a_killed_cloud_workers_computation_is_taken_over(fragile: Server, tmp_path: Path) -> None:
    computation = begun(fragile, a_slow_method(fragile, tmp_path, "cloud"), 6)

    os.kill(fragile.pid_of("worker"), signal.SIGKILL)

    assert fragile.wait_for(computation, "succeeded", "failed", seconds=75) == "succeeded"
    answer = requests.get(f"{fragile.url}/api/computations/{computation}", timeout=30).json()
    assert answer["attempt"] == 2
    assert mentioning(computation) == []


def test_every_part_that_dies_starts_again(fragile: Server) -> None:
    pids = {part: fragile.pid_of(part) for part in ("pool", "worker", "scheduler", "gunicorn")}
    pids["valkey"] = fragile.pid_of("valkey-server")

    for pid in pids.values():
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not any(is_alive(pid) for pid in pids.values()))

    def answers() -> bool:
        try:
            return "yes again" in fragile.dataminer(
                "run", "echo", "literalInput=yes again", check=False
            )
        except AssertionError:
            return False

    wait_until(answers, seconds=40)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_running_when_the_server_ends(
    fragile: Server, tmp_path: Path, number: signal.Signals
) -> None:
    begun(fragile, a_slow_method(fragile, tmp_path, "local"), 60)

    fragile.process.send_signal(number)
    fragile.process.wait(30)

    wait_until(lambda: mentioning(str(fragile.home)) == [], seconds=15)


def test_what_was_accepted_before_a_kill_runs_after_a_restart(
    tmp_path: Path, environments: Path
) -> None:
    home = tmp_path / "home"
    first = start(home, environments)
    method = a_slow_method(first, tmp_path, "local")
    ids = [first.dataminer("run", method, "seconds=1", "--no-wait").strip() for _ in range(3)]
    first.process.kill()
    first.process.wait(30)
    assert first.process.stdout
    first.process.stdout.close()
    wait_until(lambda: mentioning(str(home)) == [], seconds=15)

    second = start(home, environments)
    try:
        assert {second.wait_for(i, "succeeded", "failed") for i in ids} == {"succeeded"}
    finally:
        second.end()
        assert second.process.stdout
        second.process.stdout.close()


def test_dismissing_ends_a_stubborn_script_and_all_its_children(
    fragile: Server, tmp_path: Path
) -> None:
    (tmp_path / "stubborn.sh").write_text(
        "#!/bin/bash\n"
        "# wps.des: id = stubborn, title = Stubborn;\n"
        "# wps.out: id = finished, type = string, title = Finished;\n"
        "trap '' TERM INT HUP\n"
        "(trap '' TERM INT HUP; setsid sleep 300) &\n"
        "sleep 300\n"
        "finished=never\n"
    )
    fragile.dataminer("import", tmp_path / "stubborn.sh")
    computation = fragile.dataminer("run", "stubborn", "--no-wait").strip()
    fragile.wait_for(computation, "running")
    time.sleep(0.5)

    fragile.dataminer("dismiss", computation)

    assert fragile.wait_for(computation, "dismissed", seconds=10) == "dismissed"
    assert mentioning(computation) == []
    assert list((fragile.home / "jobs").iterdir()) == []


def test_two_servers_never_share_a_data_folder(fragile: Server) -> None:
    answer = fragile.dataminer("serve", "--port", "1", check=False)

    assert "already runs on" in answer
    assert requests.get(f"{fragile.url}/health", timeout=10).ok
