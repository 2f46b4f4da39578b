"""Times and sizes as people read them."""

from __future__ import annotations

import pytest

from dataminer.cli.amounts import duration, size, used
from tests.builders import USAGE


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (0.0213, "0.02 s"), (1e-6, "0 s"), (1.25, "1.25 s"),
     (59.94, "59.9 s"), (59.99, "60 s"),
     (200, "3 min 20 s"), (7_500, "2 h 5 min"), (360_000, "100 h 0 min")],
)  # fmt: skip
def test_a_duration_has_the_unit_that_fits(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1_500, "1.5 kB"), (120_000_000, "120 MB"),
     (999_999_999, "1000 MB"),
     (2.5e9, "2.5 GB"), (3e12, "3 TB")],
)  # fmt: skip
def test_a_size_has_the_unit_that_fits(size_bytes: float, text: str) -> None:
    assert size(size_bytes) == text


def test_usage_is_one_line() -> None:
    assert used(USAGE) == "1.25 s, 0.5 s of CPU, 120 MB, read 3 MB, wrote 1.5 kB"
