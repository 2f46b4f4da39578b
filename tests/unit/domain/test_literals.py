"""Literal values and their canonical texts."""

from __future__ import annotations

import math
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataminer.domain.literals import canonical, check, to_python
from dataminer.domain.methods import DataType, Input


@given(st.integers(-(10**300), 10**300))
def test_every_integer_survives(number: int) -> None:
    assert to_python(DataType.INTEGER, canonical(DataType.INTEGER, f" {number} ")) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_float_survives_to_the_last_bit(number: float) -> None:
    assert to_python(DataType.FLOAT, canonical(DataType.FLOAT, repr(number))) == number


@given(st.text())
def test_a_string_is_never_changed(text: str) -> None:
    assert canonical(DataType.STRING, text) == text


@given(st.datetimes(), st.dates(), st.times())
def test_moments_have_one_text(moment: datetime, day: date, clock: time) -> None:
    once = canonical(DataType.DATETIME, moment.isoformat())

    assert canonical(DataType.DATETIME, once) == once
    assert canonical(DataType.DATE, day.isoformat()) == day.isoformat()
    assert canonical(DataType.TIME, clock.isoformat()) == clock.isoformat()


@pytest.mark.parametrize(("text", "expected"), [("TRUE", "true"), ("0", "false"), (" yes", "true")])
def test_booleans_are_read_as_people_write_them(text: str, expected: str) -> None:
    assert canonical(DataType.BOOLEAN, text) == expected


@pytest.mark.parametrize("text", ["INF", "-inf", "NaN"])
def test_special_floats_are_those_of_xml_schema(text: str) -> None:
    value = canonical(DataType.FLOAT, text)

    assert value in ("INF", "-INF", "NaN")
    assert not math.isfinite(to_python(DataType.FLOAT, value))


@pytest.mark.parametrize(
    ("data_type", "text"),
    [
        (DataType.INTEGER, "1.5"),
        (DataType.INTEGER, ""),
        (DataType.INTEGER, "1_000"),
        (DataType.FLOAT, "1,5"),
        (DataType.FLOAT, "1_0"),
        (DataType.FLOAT, "1e999"),
        (DataType.BOOLEAN, "maybe"),
        (DataType.DATE, "31.03.2026"),
        (DataType.TIME, "noon"),
        (DataType.DATETIME, "yesterday"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(data_type: DataType, text: str) -> None:
    with pytest.raises(ValueError, match=r"such as|neither|too large") as caught:
        canonical(data_type, text)

    assert repr(text)[1:-1] in str(caught.value)


def test_a_choice_is_compared_by_value_not_by_spelling() -> None:
    declared = Input(identifier="k", type=DataType.FLOAT, choices=("0.50", "1"))

    assert check(declared, "0.5") == "0.5"
    with pytest.raises(ValueError, match=r"is not one of: 0\.50, 1"):
        check(declared, "2")


@pytest.mark.parametrize("text", ["0", "10", "-1"])
def test_a_range_holds_at_both_ends(text: str) -> None:
    declared = Input(identifier="k", type=DataType.INTEGER, minimum=1, maximum=9)

    with pytest.raises(ValueError, match=r"below the minimum|above the maximum"):
        check(declared, text)


def test_not_a_number_is_in_no_range() -> None:
    declared = Input(identifier="k", type=DataType.FLOAT, minimum=0)

    with pytest.raises(ValueError, match="below"):
        check(declared, "NaN")
