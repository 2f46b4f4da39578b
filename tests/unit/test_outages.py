"""What is said of a broker that does not answer."""

from __future__ import annotations

import logging

import pytest

from dataminer.adapters import outages
from dataminer.adapters.outages import Outage


def test_an_outage_is_said_once_however_long_it_lasts(caplog: pytest.LogCaptureFixture) -> None:
    outage = Outage("hints are lost")

    for _ in range(5):
        outage.failed(OSError("planted"))

    assert [record.getMessage() for record in caplog.records] == [
        "the broker does not answer; hints are lost: planted"
    ]


def test_its_end_is_said_and_the_next_one_again(caplog: pytest.LogCaptureFixture) -> None:
    outage = Outage("hints are lost")

    with caplog.at_level(logging.INFO):
        for _ in range(2):
            outage.failed(OSError("planted"))
            outage.over()
            outage.over()

    assert [record.getMessage().split(";")[0][:18] for record in caplog.records] == [
        "the broker does no",
        "the broker is back",
        "the broker does no",
        "the broker is back",
    ]


def test_nobody_tries_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    outage = Outage("hints are lost")
    assert not outage.lasts()

    outage.failed(OSError("planted"))
    assert outage.lasts()

    monkeypatch.setattr(outages.time, "monotonic", lambda: 1e12)
    assert not outage.lasts()
