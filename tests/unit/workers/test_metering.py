"""What scripts use is measured and limited: with real processes, under a keeper of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from dataminer.domain.computations import Usage
from workers import metering

KEEPER = Path(__file__).with_name("metering_keeper.py")
MB = 1_000_000


def used_by(script: str, folder: Path, pause: float = 0.01, **limits: float) -> dict[str, Any]:
    """What a Python script used, and which limit ended it."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", KEEPER, metering.__file__, json.dumps(limits), folder,
         str(pause), sys.executable, "-I", "-S", "-c", textwrap.dedent(script)],
        cwd=folder, stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def report_of(script: str, folder: Path, pause: float = 0.01) -> Usage:
    answer = used_by(script, folder, pause)
    assert answer["exceeded"] is None
    return Usage(**answer["report"])


SAMPLED_OR_NOT = pytest.mark.parametrize("pause", [0.01, 0], ids=["sampled", "short"])


@SAMPLED_OR_NOT
def test_processor_time_is_measured_and_sleep_is_not(tmp_path: Path, pause: float) -> None:
    usage = report_of(
        """
        import time
        time.sleep(0.3)
        while time.process_time() < 0.3: pass
        """,
        tmp_path,
        pause,
    )

    assert 0.3 <= usage.cpu_seconds < usage.wall_seconds
    assert usage.wall_seconds >= 0.6


@SAMPLED_OR_NOT
def test_the_peak_of_memory_is_kept(tmp_path: Path, pause: float) -> None:
    usage = report_of(
        """
        import time
        much = bytearray(80_000_000)
        time.sleep(0.2)
        del much
        time.sleep(0.1)
        """,
        tmp_path,
        pause,
    )

    assert 80 * MB <= usage.peak_memory_bytes < 120 * MB


@SAMPLED_OR_NOT
def test_bytes_read_and_written_are_those_of_the_script_and_its_children(
    tmp_path: Path, pause: float
) -> None:
    usage = report_of(
        """
        import os, time
        if os.fork():
            os.wait()
            time.sleep(0.1)
        with open("/dev/zero", "rb") as zero, open("/dev/null", "wb") as null:
            for _ in range(5):
                null.write(zero.read(2_000_000))
        """,
        tmp_path,
        pause,
    )

    assert 20 * MB <= usage.written_bytes < 21 * MB
    assert 20 * MB <= usage.read_bytes < 25 * MB


def test_memory_of_all_processes_is_added(tmp_path: Path) -> None:
    usage = report_of(
        """
        import os, time
        children = [os.fork() for _ in range(3)]
        if 0 in children:
            own = bytearray(30_000_000)
            time.sleep(0.4)
            os._exit(0)
        for _ in children: os.wait()
        """,
        tmp_path,
    )

    # Of seven processes, as each child forks on.
    assert usage.peak_memory_bytes >= 200 * MB


def test_memory_that_processes_share_counts_once(tmp_path: Path) -> None:
    usage = report_of(
        """
        import os, time
        inherited = bytearray(60_000_000)
        children = [os.fork(), os.fork()]
        time.sleep(0.4)
        if 0 in children: os._exit(0)
        for _ in children: os.wait()
        """,
        tmp_path,
    )

    assert 60 * MB <= usage.peak_memory_bytes < 120 * MB


def test_the_limit_of_memory_counts_shared_memory_too(tmp_path: Path) -> None:
    answer = used_by(
        """
        import mmap, time
        shared = mmap.mmap(-1, 80_000_000)
        shared.write(bytes(80_000_000))
        time.sleep(60)
        """,
        tmp_path,
        memory_bytes=50 * MB,
    )

    assert answer["exceeded"]["name"] == "memory_bytes"
    assert answer["exceeded"]["limit"] == 50 * MB
    assert answer["exceeded"]["used"] > 50 * MB


def test_the_limit_of_processes_counts_those_left_behind(tmp_path: Path) -> None:
    answer = used_by(
        """
        import os, time
        for _ in range(3):
            if not os.fork():
                if os.fork(): os._exit(0)
                time.sleep(60)
            os.wait()
        time.sleep(60)
        """,
        tmp_path,
        processes=3,
    )

    assert answer["exceeded"] == {"name": "processes", "limit": 3, "used": 4}


@pytest.mark.parametrize("waits", ["", "import signal; signal.signal(17, signal.SIG_IGN)"])
def test_the_limit_of_processor_time_counts_children_that_ended(tmp_path: Path, waits: str) -> None:
    answer = used_by(
        f"""
        import os, time
        {waits}
        for _ in range(50):
            if not os.fork():
                while time.process_time() < 0.2: pass
                os._exit(0)
            try: os.wait()
            except ChildProcessError: pass
        """,
        tmp_path,
        cpu_seconds=0.5,
    )

    assert answer["exceeded"]["name"] == "cpu_seconds"
    assert 0.5 < answer["exceeded"]["used"] < 5


def test_the_limit_of_the_folder_counts_all_below_it(tmp_path: Path) -> None:
    answer = used_by(
        """
        import os, time
        os.makedirs("a/b")
        for name in "cd":
            with open(f"a/b/{name}", "wb") as file:
                file.write(bytes(3_000_000))
        time.sleep(60)
        """,
        tmp_path,
        folder_bytes=5 * MB,
    )

    assert answer["exceeded"]["name"] == "folder_bytes"
    assert answer["exceeded"]["used"] > 5 * MB


def test_limits_that_are_kept_end_nothing(tmp_path: Path) -> None:
    answer = used_by(
        "import time; time.sleep(0.1)", tmp_path,
        memory_bytes=500 * MB, processes=1, cpu_seconds=60, folder_bytes=MB,
    )  # fmt: skip

    assert answer["exceeded"] is None


def test_holes_and_second_names_take_no_place(tmp_path: Path) -> None:
    with (tmp_path / "hole").open("wb") as file:
        file.truncate(100 * MB)
    (tmp_path / "real").write_bytes(b"x" * MB)
    (tmp_path / "second").hardlink_to(tmp_path / "real")
    (tmp_path / "circle").symlink_to(tmp_path)

    *_, counted = metering._counted(str(tmp_path))

    assert MB <= counted < 2 * MB


def test_a_long_look_at_a_folder_goes_on_in_the_next_sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metering, "_LOOK_SECONDS", -1)  # one entry a sample
    for number in range(5):
        (tmp_path / str(number)).write_bytes(b"x" * MB)
    meter = metering.Meter(str(tmp_path))

    for _ in range(3):
        meter.sample()
    assert meter.exceeded({"folder_bytes": 4 * MB}) is None
    for _ in range(3):
        meter.sample()

    assert meter.exceeded({"folder_bytes": 4 * MB}) is not None


def test_a_spared_process_is_not_the_scripts_but_its_children_are(tmp_path: Path) -> None:
    meter = metering.Meter()
    with subprocess.Popen(["/bin/sh", "-c", "sleep 60 & echo $!; wait"],
                          stdout=subprocess.PIPE, cwd=tmp_path) as shell:  # fmt: skip
        sleeper = int(shell.stdout.readline())
        meter.sample()
        both = meter.exceeded({"processes": 0})
        meter.sample(spared=[shell.pid])
        child = meter.exceeded({"processes": 0})
        os.kill(sleeper, signal.SIGTERM)

    assert both["used"] == child["used"] + 1
