"""Log lines."""

from __future__ import annotations

import logging

from dataminer.logs import FactsFormatter


def test_facts_follow_the_message() -> None:
    record = logging.makeLogRecord(
        {"msg": "computation %s", "args": ("ended",), "levelname": "INFO", "name": "x",
         "computation": "A_ID_1", "created": 0.0, "msecs": 0}
    )  # fmt: skip

    line = FactsFormatter().format(record)

    assert line == "1970-01-01 00:00:00,000 INFO x: computation ended computation=A_ID_1"
