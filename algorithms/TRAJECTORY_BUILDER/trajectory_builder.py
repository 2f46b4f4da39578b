"""Build trajectories from observations of moving things; method.toml describes the inputs.

Source: the Trajectory Builder of D4Science's City of Citizens laboratory, and chapter 2 of
Renso, Spaccapietra, Zimányi (editors), "Mobility Data", Cambridge 2013.
"""
# ruff: noqa: N803 - the names of the inputs are those of the original

from __future__ import annotations

import math
from pathlib import Path

from building import Rules, simplified, trajectories
from drawing import feature, write
from observing import read


def main(
    observations: Path,
    user_column: str = "user",
    longitude_column: str = "longitude",
    latitude_column: str = "latitude",
    time_column: str = "time",
    IGNORE_NOISE: bool = True,
    IGNORE_ONE_POINT: bool = True,
    MAX_TIME_GAP: float = 300.0,
    MAX_SPACE_GAP: float | None = None,
    MIN_SPACE_GAP: float = 0.0,
    MAX_SPEED: float | None = None,
    MIN_SPEED: float = 0.0,
    REMOVE_REDUNDANT: float = 0.0,
    skip_bad_rows: bool = False,
) -> Path:
    """Write the trajectories as GeoJSON, one feature each, by user and time."""
    rules = Rules(
        max_time_gap=MAX_TIME_GAP,
        max_space_gap=math.inf if MAX_SPACE_GAP is None else MAX_SPACE_GAP,
        min_space_gap=MIN_SPACE_GAP,
        max_speed=math.inf if MAX_SPEED is None else MAX_SPEED,
        min_speed=MIN_SPEED,
        ignore_noise=IGNORE_NOISE,
    )
    columns = (user_column, time_column, longitude_column, latitude_column)
    by_user = read(observations, columns, skip_bad_rows)
    print("#progress 50 building", flush=True)
    features = (
        feature(user, number, simplified(line, REMOVE_REDUNDANT))
        for user, fixes in sorted(by_user.items())
        for number, line in enumerate(trajectories(fixes, rules, IGNORE_ONE_POINT), start=1)
    )
    return write(features, Path("trajectories.geojson"))
