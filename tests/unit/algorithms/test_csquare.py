from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.algorithms.bundled import example_inputs, expected_bytes, load

csquare = load("CSQUARE")

#: Published by independent implementations: the csquares libraries for Ruby and Python, and
#: aquamapsdata for R. Of each code the beginnings are the codes of the larger squares.
PUBLISHED = [
    ("38.8894", "-77.0356", "7307:487:380:383:495"),
    ("50.93578", "-114.01435", "7511:104:390:131:354"),
    ("-34.57612", "-58.43226", "5305:248:354:373:362"),
    ("-42.80000", "147.30000", "3414:227:383:100:100"),
    ("38.84", "-77.03", "7307:487:380:143"),
    ("-37.24", "100.0", "3310:370:120:140"),
    ("-37.24", "10.0", "3301:370:120:140"),
    ("-37.24", "1.0", "3300:371:120:140"),
    ("-37.8193", "145.1625", "3314:475:381:216:392"),
    ("25", "100", "1210:350"),
    ("1", "1", "1000:111"),
    ("1", "-1", "7000:111"),
    ("-1", "-1", "5000:111"),
    ("0", "0", "1000:100"),
    ("-0.0", "-0.0", "1000:100"),
    ("90", "-180", "7817:499"),
    ("90", "180", "1817:499"),
    ("-90", "-180", "5817:499"),
    ("-90", "180", "3817:499"),
    ("0", "180", "1017:209"),
    ("0", "-180", "7017:209"),
    ("90", "0", "1800:390"),
    ("-90", "0", "3800:390"),
]


def encode(latitude: str, longitude: str, size: Decimal) -> str:
    return csquare.csquare(Decimal(latitude), Decimal(longitude), size)


def beginnings(code: str) -> list[str]:
    """Codes of all squares around, the largest first."""
    return [code[:end] for end in range(4, len(code) + 1, 2)]


def bounds(code: str) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """South, west, north and east of a square, by the rules for decoding."""
    first, *cycles = code.split(":")
    y, x, size = Decimal(first[1]) * 10, Decimal(first[2:]) * 10, Decimal(10)
    for cycle in cycles:
        if len(cycle) == 1:
            size /= 2
            y, x = y + size * (cycle in "34"), x + size * (cycle in "24")
        else:
            size /= 10
            y, x = y + size * int(cycle[1]), x + size * int(cycle[2])
    south, north = (y, y + size) if first[0] in "17" else (-y - size, -y)
    west, east = (x, x + size) if first[0] in "13" else (-x - size, -x)
    return south, west, north, east


def add_codes(table: str, **options: object) -> str:
    Path("table.csv").write_text(table, encoding="utf-8")
    return csquare.main(Path("table.csv"), **options).read_text(encoding="utf-8")


def test_the_example_gives_what_is_expected():
    result = csquare.main(**example_inputs("CSQUARE"))

    assert result.read_bytes() == expected_bytes("CSQUARE", "csquares")


@pytest.mark.parametrize(("latitude", "longitude", "code"), PUBLISHED)
def test_published_codes_come_out(latitude, longitude, code):
    for beginning, size in zip(beginnings(code), csquare.RESOLUTIONS, strict=False):
        assert encode(latitude, longitude, size) == beginning


def test_a_point_on_a_line_belongs_to_the_square_farther_from_zero():
    assert encode("10", "0", Decimal(10)) == "1100"
    assert encode("-10", "0", Decimal(10)) == "3100"
    assert encode("9.9999", "-10", Decimal(10)) == "7001"


@given(
    latitude=st.decimals(-90, 90, places=6),
    longitude=st.decimals(-180, 180, places=6),
    size=st.sampled_from(csquare.RESOLUTIONS),
)
def test_a_position_lies_in_its_square_which_lies_in_all_larger_ones(latitude, longitude, size):
    code = csquare.csquare(latitude, longitude, size)

    south, west, north, east = bounds(code)
    assert south <= latitude <= north
    assert west <= longitude <= east
    assert north - south == east - west == size
    assert re.fullmatch(r"[1357][0-8](0\d|1[0-7])(:[1-4]\d\d)*(:[1-4])?", code)
    for larger in csquare.RESOLUTIONS[: csquare.RESOLUTIONS.index(size)]:
        assert code.startswith(csquare.csquare(latitude, longitude, larger))


@given(st.sampled_from([code for *_, code in PUBLISHED if len(code) > 4]))
def test_the_middle_of_a_square_has_the_squares_code(code):
    south, west, north, east = bounds(code)
    size = north - south

    assert csquare.csquare((south + north) / 2, (west + east) / 2, size) == code


def test_no_digit_is_lost_to_binary_rounding():
    assert encode("0.3", "0.7", Decimal("0.1")) == "1000:100:237"
    assert encode("1.1", "2.2", Decimal("0.1")) == "1000:112:112"


def test_the_table_keeps_its_cells_and_gets_a_column():
    table = 'id,lat,lon,note\n7,10.50,-0.0,"a, b"\n8,1e1,5,\n'

    result = add_codes(
        table, latitude_column="lat", longitude_column="lon", resolution=10, code_column="square"
    )

    assert result == 'id,lat,lon,note,square\n7,10.50,-0.0,"a, b",1100\n8,1e1,5,,1100\n'


def test_a_row_without_position_gets_no_code():
    assert add_codes("latitude,longitude\n1,\n, \n1,1\n").splitlines()[1:] == [
        "1,,",
        ",,",
        "1,1,1000:111:1",
    ]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("lat,longitude\n1,1\n", "no column 'latitude'; the table has: lat, longitude"),
        ("", "no column 'latitude'"),
        (
            "latitude,longitude\n1,1\nnorth,1\n",
            "line 3, column 'latitude': 'north' is not a number",
        ),
        ("latitude,longitude\n90.1,1\n", "line 2, column 'latitude': 90.1 is not within ±90"),
        ("latitude,longitude\n1,181\n", "line 2, column 'longitude': 181 is not within ±180"),
        ("latitude,longitude\nnan,1\n", "line 2, column 'latitude': nan is not within"),
        ("latitude,longitude\n1,1,1\n", "line 2 has more cells than the header"),
        ("latitude,longitude,csquare\n1,1,1\n", "a column 'csquare' already"),
    ],
)
def test_a_bad_table_is_refused_with_the_place(table, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        add_codes(table)


def test_an_unknown_resolution_is_refused_with_those_that_are_known():
    with pytest.raises(ValueError, match=r"resolution 0.3 is none of 10, 5, 1, 0.5"):
        add_codes("latitude,longitude\n1,1\n", resolution=0.3)
