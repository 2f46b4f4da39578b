from __future__ import annotations

import json
import math
import re
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.algorithms.bundled import example_inputs, expected_bytes, load

builder = load("TRAJECTORY_BUILDER")

DEGREE = math.pi * 6_371_008.8 / 180  # metres of a degree of latitude
METRES_100 = 100 / DEGREE

HEADER = "user,time,longitude,latitude"


def build(rows: str, header: str = HEADER, **options: object) -> list[dict]:
    Path("table.csv").write_text(f"{header}\n{rows}", encoding="utf-8")
    result = builder.main(Path("table.csv"), **options).read_text(encoding="utf-8")
    return json.loads(result)["features"]


def walk(*steps: tuple[float, float]) -> str:
    """Fixes of Ann, each so many seconds and hundreds of metres north of the first."""
    return "".join(f"Ann,{seconds},10,{metres * METRES_100}\n" for seconds, metres in steps)


def lines(features: list[dict]) -> list[list[int]]:
    """Of each line the hundreds of metres north of the first fix."""
    return [[round(y / METRES_100) for _, y in f["geometry"]["coordinates"]] for f in features]


def test_the_example_gives_what_is_expected():
    result = builder.main(**example_inputs("TRAJECTORY_BUILDER"))

    assert result.read_bytes() == expected_bytes("TRAJECTORY_BUILDER", "trajectories")


def test_the_fixes_of_a_user_become_a_line_in_order_of_time():
    features = build("Bea,2020-01-01T00:01:00Z,10.5,43\nBea,2020-01-01T00:00:00Z,10.5,42\n")

    (feature,) = features
    assert feature["geometry"] == {"type": "LineString", "coordinates": [[10.5, 42], [10.5, 43]]}
    assert feature["properties"] == {
        "user": "Bea",
        "id": "Bea-1",
        "start": "2020-01-01T00:00:00Z",
        "end": "2020-01-01T00:01:00Z",
        "duration_s": 60,
        "points": 2,
        "length_m": pytest.approx(DEGREE, abs=0.01),
        "mean_speed_m_s": pytest.approx(DEGREE / 60, abs=0.001),
        "datetimes": ["2020-01-01T00:00:00Z", "2020-01-01T00:01:00Z"],
    }


def test_users_come_by_name_and_their_trajectories_are_numbered():
    features = build("B,0,1,1\nB,9,2,2\nB,999,3,3\nB,1009,4,4\nA,0,5,5\nA,9,6,6\n")

    assert [f["properties"]["id"] for f in features] == ["A-1", "B-1", "B-2"]


def test_columns_may_have_other_names():
    features = build(
        "7,0,1,2\n7,60,1,3\n",
        header="car, t, x, y",
        user_column="car",
        time_column="t",
        longitude_column="x",
        latitude_column="y",
    )

    assert features[0]["geometry"]["coordinates"] == [[1, 2], [1, 3]]


@pytest.mark.parametrize(
    "text",
    [
        "1577836800",
        "2020-01-01",
        "2020-01-01 00:00:00",
        "2020-01-01T01:00:00+01:00",
        "1577836800.0",
    ],
)
def test_times_are_iso_8601_or_seconds_since_1970(text):
    features = build(f"A,{text},1,1\nA,2020-01-01T00:01:00Z,1,2\n")

    assert features[0]["properties"]["start"] == "2020-01-01T00:00:00Z"


def test_of_fixes_at_the_same_time_the_first_row_counts():
    features = build("A,60,1,2\nA,0,1,1\nA,60,1,9\n")

    assert features[0]["geometry"]["coordinates"] == [[1, 1], [1, 2]]


def test_a_long_silence_begins_a_new_trajectory():
    steps = [(0, 0), (300, 1), (601, 2), (700, 3)]

    assert lines(build(walk(*steps))) == [[0, 1], [2, 3]]
    assert lines(build(walk(*steps), MAX_TIME_GAP=301.0)) == [[0, 1, 2, 3]]


def test_a_fix_too_far_away_is_left_out_as_noise():
    steps = [(0, 0), (60, 1), (120, 50), (180, 2)]

    assert lines(build(walk(*steps), MAX_SPACE_GAP=1000.0)) == [[0, 1, 2]]


def test_a_fix_reached_too_fast_is_left_out_as_noise():
    steps = [(0, 0), (60, 1), (120, 50), (180, 2)]

    assert lines(build(walk(*steps), MAX_SPEED=10.0)) == [[0, 1, 2]]


def test_noise_begins_a_new_trajectory_when_it_is_not_ignored():
    steps = [(0, 0), (60, 1), (120, 50), (180, 51)]

    assert lines(build(walk(*steps), MAX_SPEED=10.0, IGNORE_NOISE=False)) == [[0, 1], [50, 51]]


def test_ignored_noise_that_lasts_longer_than_the_time_gap_is_where_things_go_on():
    steps = [(0, 0), (60, 1), (120, 90), (240, 91), (361, 92), (421, 93)]

    assert lines(build(walk(*steps), MAX_SPACE_GAP=1000.0)) == [[0, 1], [92, 93]]


def test_fixes_too_near_are_left_out():
    steps = [(0, 0), (60, 0.1), (120, 0.3), (180, 1), (240, 2)]

    assert lines(build(walk(*steps), MIN_SPACE_GAP=50.0)) == [[0, 1, 2]]


def test_fixes_reached_too_slowly_are_left_out():
    steps = [(0, 0), (60, 0.1), (120, 2), (180, 4)]

    assert lines(build(walk(*steps), MIN_SPEED=0.5)) == [[0, 2, 4]]


def test_whoever_stands_still_longer_than_the_time_gap_has_ended_a_trajectory():
    stay = [(60 * minute, 2) for minute in range(2, 12)]
    steps = [(0, 0), (60, 1), *stay, (720, 3), (780, 4)]

    assert lines(build(walk(*steps), MIN_SPACE_GAP=50.0)) == [[0, 1, 2], [2, 3, 4]]


def test_a_single_fix_is_a_point_when_wanted():
    rows = walk((0, 0))

    assert build(rows) == []
    (feature,) = build(rows, IGNORE_ONE_POINT=False)
    assert feature["geometry"] == {"type": "Point", "coordinates": [10, 0]}
    assert feature["properties"]["mean_speed_m_s"] is None


def test_fixes_on_the_line_between_others_are_redundant():
    rows = "A,0,0,0\nA,60,0.0005,0.00001\nA,120,0.001,0\nA,180,0.001,0.001\n"

    assert build(rows)[0]["properties"]["points"] == 4
    (feature,) = build(rows, REMOVE_REDUNDANT=2.0)
    assert feature["geometry"]["coordinates"] == [[0, 0], [0.001, 0], [0.001, 0.001]]
    assert feature["properties"]["points"] == len(feature["properties"]["datetimes"]) == 3


def test_a_line_across_180_degrees_is_cut_there():
    (feature,) = build("A,0,179,10\nA,100,-179,20\n", REMOVE_REDUNDANT=1.0)

    assert feature["geometry"] == {
        "type": "MultiLineString",
        "coordinates": [[[179, 10], [180, 15]], [[-180, 15], [-179, 20]]],
    }
    assert feature["properties"]["points"] == 2
    seconds = [t[17:19] for t in feature["properties"]["datetimes"]]
    assert seconds == ["00", "50", "50", "40"]


@pytest.mark.parametrize(
    "longitudes", [(180, -179), (179, -180), (180, -180), (-180, 180), (-179.5, 180)]
)
def test_a_line_that_touches_180_degrees_has_no_part_of_one_vertex(longitudes):
    (feature,) = build("".join(f"A,{n},{x},{n}\n" for n, x in enumerate(longitudes)))

    assert min(len(part) for part in feature["geometry"]["coordinates"]) == 2


def test_no_observations_give_no_trajectories():
    assert build("") == []


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("A,noon,1,1", "line 2: time 'noon' is neither ISO 8601 nor in seconds since 1970"),
        ("A,1e30,1,1", "line 2: time '1e30'"),
        ("A,nan,1,1", "line 2: time 'nan'"),
        ("A,0,east,1", "line 2: longitude 'east' is not a number"),
        ("A,0,,1", "line 2: longitude '' is not a number"),
        ("A,0,181,1", "line 2: longitude 181 is not within ±180"),
        ("A,0,1,nan", "line 2: latitude nan is not within ±90"),
        ("A,0,1", "line 2: latitude '' is not a number"),
        (",0,1,1", "line 2: the user is missing"),
    ],
)
def test_a_bad_row_is_refused_with_its_line(row, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        build(f"{row}\n")


def test_of_many_bad_rows_the_first_are_named_and_the_others_counted():
    with pytest.raises(ValueError, match=r"line 2: .*; line 6: .*; and 3 more$"):
        build("A,0,x,1\n" * 8)


def test_bad_rows_are_skipped_when_wanted_and_named_in_the_log(capsys):
    features = build("A,0,1,1\nA,60,x,1\nA,120,1,2\n", skip_bad_rows=True)

    assert features[0]["properties"]["points"] == 2
    assert "skipped bad rows: line 3: longitude 'x' is not a number" in capsys.readouterr().out


def test_a_missing_column_is_named_with_those_that_are_there():
    with pytest.raises(ValueError, match="no column longitude, latitude; the table has user, time"):
        build("A,0\n", header="user,time")


def metres(a: list[float], b: list[float]) -> float:
    """Great-circle distance by Vincenty's formula for the sphere."""
    (x1, y1), (x2, y2) = (map(math.radians, point) for point in (a, b))
    east = x2 - x1
    across = math.cos(y2) * math.sin(east)
    up = math.cos(y1) * math.sin(y2) - math.sin(y1) * math.cos(y2) * math.cos(east)
    along = math.sin(y1) * math.sin(y2) + math.cos(y1) * math.cos(y2) * math.cos(east)
    return 6_371_008.8 * math.atan2(math.hypot(across, up), along)


fixes = st.tuples(
    st.sampled_from("AB"),
    st.integers(0, 2000),
    st.floats(10, 10.05, allow_subnormal=False),
    st.floats(43, 43.05, allow_subnormal=False),
)


@given(
    rows=st.lists(fixes, max_size=30),
    time_gap=st.integers(50, 500),
    least=st.integers(0, 500),
    most=st.integers(500, 5000),
    fastest=st.integers(5, 50),
    ignore_noise=st.booleans(),
)
def test_every_step_of_every_trajectory_obeys_the_limits(
    rows, time_gap, least, most, fastest, ignore_noise
):
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        features = build(
            "".join(f"{user},{time},{x!r},{y!r}\n" for user, time, x, y in rows),
            MAX_TIME_GAP=time_gap,
            MIN_SPACE_GAP=least,
            MAX_SPACE_GAP=most,
            MAX_SPEED=fastest,
            IGNORE_NOISE=ignore_noise,
        )

    given_fixes = {(user, x, y) for user, _, x, y in rows}
    for feature in features:
        vertices = feature["geometry"]["coordinates"]
        times = [datetime.fromisoformat(t) for t in feature["properties"]["datetimes"]]
        assert {(feature["properties"]["user"], *vertex) for vertex in vertices} <= given_fixes
        for (a, start), (b, end) in pairwise(zip(vertices, times, strict=True)):
            seconds = (end - start).total_seconds()
            assert 0 < seconds <= time_gap
            assert least - 0.01 <= metres(a, b) <= min(most, fastest * seconds) + 0.01
    ends = [(f["properties"]["user"], f["properties"]["start"]) for f in features]
    assert ends == sorted(ends)
