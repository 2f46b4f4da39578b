"""Cutting fixes into trajectories, and leaving out what is not needed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from observing import Fix

EARTH_RADIUS = 6_371_008.8  # metres; the mean radius of WGS 84


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """When a fix continues a trajectory; in seconds, metres, metres a second."""

    max_time_gap: float
    max_space_gap: float
    min_space_gap: float
    max_speed: float
    min_speed: float
    ignore_noise: bool


class Step(Enum):
    """What becomes of a fix, seen from the last one that was kept."""

    KEPT = auto()
    DROPPED = auto()  # noise, or standing still
    CUT = auto()  # a new trajectory begins with it


def trajectories(fixes: Iterable[Fix], rules: Rules, ignore_one_point: bool) -> Iterator[list[Fix]]:
    """The fixes of one user, which are in order of time, cut into trajectories."""
    shortest = 2 if ignore_one_point else 1
    line: list[Fix] = []
    for fix in fixes:
        step = _step(line[-1], fix, rules) if line else Step.CUT
        if step is Step.CUT:
            if len(line) >= shortest:
                yield line
            line = [fix]
        elif step is Step.KEPT:
            line.append(fix)
    if len(line) >= shortest:
        yield line


def _step(last: Fix, fix: Fix, rules: Rules) -> Step:
    length, duration = distance(last, fix), fix.time - last.time
    speed = length / duration
    noise = length > rules.max_space_gap or speed > rules.max_speed
    if duration > rules.max_time_gap or (noise and not rules.ignore_noise):
        return Step.CUT
    still = length < rules.min_space_gap or speed < rules.min_speed
    return Step.DROPPED if noise or still else Step.KEPT


def distance(a: Fix, b: Fix) -> float:
    """Metres on the great circle (haversine formula, sphere)."""
    south, north = math.radians(a.latitude), math.radians(b.latitude)
    east = math.radians(b.longitude - a.longitude)
    square = math.sin((north - south) / 2) ** 2
    square += math.cos(south) * math.cos(north) * math.sin(east / 2) ** 2
    return 2 * EARTH_RADIUS * math.asin(min(1.0, math.sqrt(square)))


def simplified(line: list[Fix], tolerance: float) -> list[Fix]:
    """The line without fixes that lie this close to it (Douglas and Peucker 1973)."""
    kept = {0, len(line) - 1}
    parts = [(0, len(line) - 1)] if tolerance > 0 else []
    while parts:
        first, last = parts.pop()
        ends = line[first], line[last]
        offsets = ((_offset(line[i], *ends), i) for i in range(first + 1, last))
        widest, middle = max(offsets, default=(0.0, first))
        if widest > tolerance:
            kept.add(middle)
            parts += [(first, middle), (middle, last)]
    return [line[i] for i in sorted(kept)] if tolerance > 0 else line


def _offset(fix: Fix, a: Fix, b: Fix) -> float:
    """Metres from the segment a to b, on the plane that touches the earth at the fix."""
    (ax, ay), (bx, by) = _plane(a, fix), _plane(b, fix)
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    share = min(1.0, max(0.0, -(ax * dx + ay * dy) / square)) if square else 0.0
    return math.hypot(ax + share * dx, ay + share * dy)


def _plane(point: Fix, origin: Fix) -> tuple[float, float]:
    """Metres east and north of the origin (equirectangular), the short way round the earth."""
    east = (point.longitude - origin.longitude + 180) % 360 - 180
    x = math.radians(east) * math.cos(math.radians(origin.latitude))
    return EARTH_RADIUS * x, EARTH_RADIUS * math.radians(point.latitude - origin.latitude)
