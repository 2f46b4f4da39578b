"""What every adapter of the port Events does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import islice, takewhile
from pathlib import Path

import pytest

from dataminer.adapters.broker import broker_address
from dataminer.adapters.events import RedisEvents
from dataminer.adapters.memory import MemoryEvents
from dataminer.adapters.streams import GONE, LINES_KEPT
from dataminer.domain.events import Ended, Event, Logged, Progressed
from dataminer.ports import Events
from tests.brokers import PATIENCE_SECONDS, RunningBroker, a_broker, wait_until


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBroker]:
    with a_broker(tmp_path_factory.mktemp("events")) as broker:
        yield broker


@pytest.fixture(params=["memory", "redis"])
def events(request: pytest.FixtureRequest) -> Iterator[Events]:
    if request.param == "memory":
        yield MemoryEvents()
        return
    events = RedisEvents(request.getfixturevalue("broker").address)
    events.wait_for_end("first", PATIENCE_SECONDS)  # until it listens
    yield events
    events.close()


def in_background(events: Events, computation_id: str) -> tuple[threading.Thread, list[bool]]:
    heard: list[bool] = []
    thread = threading.Thread(
        target=lambda: heard.append(events.wait_for_end(computation_id, PATIENCE_SECONDS))
    )
    thread.start()
    return thread, heard


def test_without_a_hint_the_time_runs_out(events: Events) -> None:
    assert events.wait_for_end("never", 0.05) is False


def test_an_end_wakes_who_waits_for_it(events: Events) -> None:
    thread, heard = in_background(events, "woken")

    events.ended("woken")
    thread.join()

    assert heard == [True]


def test_an_end_wakes_everybody_who_waits_for_it(events: Events) -> None:
    threads = [in_background(events, "popular") for _ in range(5)]

    events.ended("popular")
    for thread, _ in threads:
        thread.join()

    assert [heard for _, heard in threads] == [[True]] * 5


def test_the_end_of_another_wakes_nobody(events: Events) -> None:
    events.ended("somebody")

    assert events.wait_for_end("nobody", 0.05) is False


def test_who_waits_after_the_end_hears_of_it(events: Events) -> None:
    events.ended("before")

    assert events.wait_for_end("before", PATIENCE_SECONDS) is True


def test_lines_come_in_their_order(events: Events) -> None:
    for number in range(20):
        events.logged("orderly", f"line {number}")

    wait_until(lambda: len(events.log("orderly")) == 20)

    assert list(events.log("orderly")) == [f"line {number}" for number in range(20)]


def test_the_log_can_be_read_from_a_line_on(events: Events) -> None:
    for number in range(10):
        events.logged("followed", f"line {number}")
    wait_until(lambda: len(events.log("followed")) == 10)

    assert list(events.log("followed", 8)) == ["line 8", "line 9"]
    assert list(events.log("followed", 10)) == []
    assert list(events.log("followed", 99)) == []


def test_an_unknown_computation_has_no_lines(events: Events) -> None:
    assert list(events.log("unknown")) == []


def test_the_log_of_one_is_not_that_of_another(events: Events) -> None:
    events.logged("mine", "secret")
    wait_until(lambda: events.log("mine"))

    assert list(events.log("yours")) == []


def told(events: Events, computation_id: str, after: str = "") -> list[Event]:
    """All that is kept by now."""
    return list(takewhile(lambda event: event is not None, events.follow(computation_id, after)))


def tell_a_story(events: Events, computation_id: str) -> None:
    events.logged(computation_id, "reading")
    events.progressed(computation_id, 40, "clustering")
    events.logged(computation_id, "writing")
    events.ended(computation_id)
    wait_until(lambda: Ended() in [event.what for event in told(events, computation_id)])


def test_what_happened_is_told_to_its_end_with_lines_in_their_order(events: Events) -> None:
    tell_a_story(events, "told")

    whats = [event.what for event in told(events, "told")]

    assert [what for what in whats if isinstance(what, Logged)] == [
        Logged(line="reading"),
        Logged(line="writing"),
    ]
    assert Progressed(percent=40, message="clustering") in whats
    assert whats.index(Ended()) == len(whats) - 1 == 3


def test_after_any_event_just_what_followed_is_told(events: Events) -> None:
    tell_a_story(events, "broken off")
    whole = told(events, "broken off")

    for number, event in enumerate(whole, 1):
        assert told(events, "broken off", event.key) == whole[number:]


@pytest.mark.parametrize("key", ["", "nonsense", "0-0", "-1", "1-1.", "9" * 40 + "-1.0-0"])
def test_an_unknown_key_stands_for_the_beginning(events: Events, key: str) -> None:
    tell_a_story(events, "unknown key")

    assert told(events, "unknown key", key)[0].what == Logged(line="reading")


def test_who_follows_hears_what_happens_and_when_nothing_does(events: Events) -> None:
    following = events.follow("live")
    assert next(following) is None

    events.logged("live", "first")
    events.progressed("live", 10, "")

    heard = [event.what for event in islice(filter(None, following), 2)]
    assert heard == [Logged(line="first"), Progressed(percent=10)]
    assert next(following) is None


def test_nothing_is_told_of_the_unknown_or_of_another(events: Events) -> None:
    tell_a_story(events, "mine to follow")

    assert told(events, "yours to follow") == []


def test_a_long_story_is_told_whole_while_it_goes_on(events: Events) -> None:
    for number in range(1_200):
        events.logged("long", f"line {number}")
    events.progressed("long", 99, "")
    events.ended("long")

    heard = []
    for event in filter(None, events.follow("long")):
        heard.append(event.what)
        if event.what == Ended():
            break

    assert [what.line for what in heard if isinstance(what, Logged)] == [
        f"line {number}" for number in range(1_200)
    ]


def test_without_a_broker_who_follows_hears_nothing(tmp_path: Path) -> None:
    following = RedisEvents(broker_address("", tmp_path)).follow("unheard")

    assert [next(following), next(following)] == [None, None]


def test_an_end_is_heard_in_another_process(broker: RunningBroker) -> None:
    here, there = RedisEvents(broker.address), RedisEvents(broker.address)
    there.wait_for_end("first", PATIENCE_SECONDS)
    thread, heard = in_background(there, "far")

    here.ended("far")
    thread.join()

    assert heard == [True]


def test_who_waits_first_of_all_is_woken_when_the_listener_listens(broker: RunningBroker) -> None:
    events = RedisEvents(broker.address)

    assert events.wait_for_end("may have ended before", PATIENCE_SECONDS) is True


def test_of_a_long_log_the_last_lines_are_kept_and_numbers_stay(broker: RunningBroker) -> None:
    events = RedisEvents(broker.address)
    total = LINES_KEPT + 2_000
    for start in range(0, total, 1_000):
        for number in range(start, start + 1_000):
            events.logged("chatty", f"line {number}")
        wait_until(lambda end=start + 1_000: len(events.log("chatty")) == end)

    lines = events.log("chatty")

    assert lines[-1] == f"line {total - 1}"
    assert lines[0] == GONE
    assert list(events.log("chatty", total - 1)) == [f"line {total - 1}"]
    events.close()


def test_without_a_broker_publishing_neither_raises_nor_floods_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    events = RedisEvents(broker_address("", tmp_path))

    for number in range(20_000):
        events.logged("unheard", f"line {number}")
    events.progressed("unheard", 40, "half of it")
    events.ended("unheard")
    wait_until(lambda: "watchers are not told" in caplog.text)
    events.close()

    assert caplog.text.count("watchers are not told") == 1
    assert list(events.log("unheard")) == []


def test_without_a_broker_ends_in_the_same_process_are_heard(tmp_path: Path) -> None:
    events = RedisEvents(broker_address("", tmp_path))
    thread, heard = in_background(events, "near")

    events.ended("near")
    thread.join()

    assert heard == [True]
    events.close()


def test_after_a_restart_of_the_broker_ends_are_heard_again(tmp_path: Path) -> None:
    with a_broker(tmp_path) as broker:
        here, there = RedisEvents(broker.address), RedisEvents(broker.address)
        there.wait_for_end("first", PATIENCE_SECONDS)

        thread, heard = in_background(there, "missed while it was away")

        broker.kill()
        broker.start()
        thread.join()
        wait_until(lambda: is_told(here, there))

    assert heard == [True], "woken when the listener listened again"


def is_told(here: Events, there: Events) -> bool:
    here.ended("later")
    return there.wait_for_end("later", 0.1)
