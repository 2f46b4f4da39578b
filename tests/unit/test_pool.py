"""The pool: bounded, woken from anywhere, alone in its folder, not to be stopped by faults."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dataminer.adapters.local_dispatcher import LocalDispatcher, listening
from dataminer.domain.errors import Conflict
from dataminer.domain.methods import Target
from tests.brokers import PATIENCE_SECONDS, wait_until
from workers.pool import Pool


class Bench:
    """A node whose computations last until they are let go."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waiting: list[str] = []
        self.running: set[str] = set()
        self.done: list[str] = []
        self.most_at_once = 0
        self.breaks: set[str] = set()
        self.reads = 0
        self.targets: set[Target] = set()
        self.let_go = threading.Event()

    def next_waiting(self, target: Target) -> str | None:
        with self.lock:
            self.reads += 1
            self.targets.add(target)
            return self.waiting[0] if self.waiting else None

    def run(self, computation_id: str) -> None:
        with self.lock:
            if computation_id not in self.waiting:
                return
            self.waiting.remove(computation_id)
            self.running.add(computation_id)
            self.most_at_once = max(self.most_at_once, len(self.running))
        if computation_id in self.breaks:
            raise RuntimeError("planted")
        self.let_go.wait(PATIENCE_SECONDS)
        with self.lock:
            self.running.remove(computation_id)
            self.done.append(computation_id)

    def give_back(self) -> None:
        self.let_go.set()


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def pool(bench: Bench, tmp_path: Path) -> Iterator[Pool]:
    pool = Pool(bench, slots=2, run_folder=tmp_path / "run")
    pool.start()
    yield pool
    assert pool.stop(PATIENCE_SECONDS)


def test_it_runs_what_waits_when_it_starts(bench: Bench, tmp_path: Path) -> None:
    bench.waiting = ["A", "B", "C"]
    bench.let_go.set()
    pool = Pool(bench, slots=2, run_folder=tmp_path)

    pool.start()
    wait_until(lambda: len(bench.done) == 3)

    assert pool.stop(PATIENCE_SECONDS)
    assert sorted(bench.done) == ["A", "B", "C"]
    assert bench.targets == {Target.LOCAL}


def test_no_more_run_at_once_than_there_are_slots(bench: Bench, pool: Pool) -> None:
    bench.waiting = [f"COMPUTATION_{number}" for number in range(20)]
    pool.wake()
    wait_until(lambda: len(bench.running) == 2)

    bench.let_go.set()
    wait_until(lambda: len(bench.done) == 20)

    assert bench.most_at_once == 2


def test_one_hint_is_enough_to_fill_all_slots(bench: Bench, pool: Pool) -> None:
    wait_until(lambda: bench.reads >= 2)
    bench.waiting = ["A", "B"]

    pool.wake()

    wait_until(lambda: bench.running == {"A", "B"})


@pytest.mark.usefixtures("pool")
def test_a_hint_from_another_process_wakes_it(bench: Bench, tmp_path: Path) -> None:
    bench.let_go.set()
    bench.waiting = ["A"]

    LocalDispatcher(tmp_path / "run").dispatch("A")

    wait_until(lambda: bench.done == ["A"])


@pytest.mark.usefixtures("pool")
def test_what_nobody_told_of_runs_too(bench: Bench) -> None:
    bench.let_go.set()
    wait_until(lambda: bench.reads >= 2)

    bench.waiting = ["UNANNOUNCED"]

    wait_until(lambda: bench.done == ["UNANNOUNCED"])


def test_a_slot_that_breaks_says_so_and_goes_on(
    bench: Bench, pool: Pool, caplog: pytest.LogCaptureFixture
) -> None:
    bench.breaks = {"BAD 1", "BAD 2", "BAD 3"}
    bench.let_go.set()

    with caplog.at_level(logging.ERROR):
        bench.waiting = ["BAD 1", "BAD 2", "BAD 3", "GOOD"]
        pool.wake()
        wait_until(lambda: bench.done == ["GOOD"])

    assert "planted" in caplog.text


@pytest.mark.usefixtures("pool")
def test_a_second_pool_for_the_same_folder_is_refused(bench: Bench, tmp_path: Path) -> None:
    second = Pool(bench, slots=1, run_folder=tmp_path / "run")

    with pytest.raises(Conflict, match=r"process \d+"):
        second.start()

    assert listening(tmp_path / "run"), "the first is not disturbed"


def test_it_is_known_whether_a_pool_serves_a_folder(bench: Bench, tmp_path: Path) -> None:
    pool = Pool(bench, slots=1, run_folder=tmp_path)
    assert not listening(tmp_path)

    pool.start()
    assert listening(tmp_path)

    pool.stop(PATIENCE_SECONDS)
    assert not listening(tmp_path)


def test_after_a_pool_has_stopped_another_can_start(bench: Bench, tmp_path: Path) -> None:
    for _ in range(2):
        pool = Pool(bench, slots=1, run_folder=tmp_path)
        pool.start()
        assert pool.stop(PATIENCE_SECONDS)


def test_stopping_gives_back_what_runs(bench: Bench, tmp_path: Path) -> None:
    bench.waiting = ["LONG", "WAITING"]
    pool = Pool(bench, slots=1, run_folder=tmp_path)
    pool.start()
    wait_until(lambda: bench.running == {"LONG"})

    assert pool.stop(PATIENCE_SECONDS)

    assert bench.running == set()
    assert bench.waiting == ["WAITING"]


def test_stopping_says_when_something_still_runs(bench: Bench, tmp_path: Path) -> None:
    bench.waiting = ["STUBBORN"]
    bench.give_back = lambda: None  # type: ignore[method-assign]
    pool = Pool(bench, slots=1, run_folder=tmp_path)
    pool.start()
    wait_until(lambda: bench.running)

    assert not pool.stop(0.05)

    bench.let_go.set()


def reads_a_second(bench: Bench) -> float:
    before, began = bench.reads, time.monotonic()
    time.sleep(0.5)
    return (bench.reads - before) / (time.monotonic() - began)


@pytest.mark.usefixtures("pool")
def test_an_idle_pool_reads_the_records_seldom(bench: Bench) -> None:
    wait_until(lambda: bench.reads >= 2)

    assert reads_a_second(bench) < 20


def test_a_computation_that_somebody_else_holds_makes_no_busy_loop(
    bench: Bench, pool: Pool
) -> None:
    bench.run = lambda _id: None  # type: ignore[method-assign]
    bench.waiting = ["HELD"]
    pool.wake()
    wait_until(lambda: bench.reads >= 4)

    assert reads_a_second(bench) < 20
