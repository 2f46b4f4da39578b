"""Writing trajectories as GeoJSON (RFC 7946)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from building import distance
from observing import Fix

HALF_TURN, FULL_TURN = 180, 360  # degrees


def feature(user: str, number: int, line: list[Fix]) -> dict[str, object]:
    """A trajectory as a feature, with times as in OGC Moving Features JSON (14-084r2)."""
    length = sum(distance(a, b) for a, b in pairwise(line))
    duration = line[-1].time - line[0].time
    vertices = list(_with_crossings(line))
    return {
        "type": "Feature",
        "properties": {
            "user": user,
            "id": f"{user}-{number}",
            "start": _iso(line[0].time),
            "end": _iso(line[-1].time),
            "duration_s": round(duration, 3),
            "points": len(line),
            "length_m": round(length, 2),
            "mean_speed_m_s": round(length / duration, 3) if duration else None,
            "datetimes": [_iso(vertex.time) for vertex in vertices],
        },
        "geometry": _geometry(vertices),
    }


def write(features: Iterable[dict[str, object]], result: Path) -> Path:
    """A feature collection, one feature a line."""
    with result.open("w", encoding="utf-8") as stream:
        stream.write('{"type": "FeatureCollection", "features": [')
        for number, one in enumerate(features):
            stream.write(",\n" if number else "\n")
            json.dump(one, stream, ensure_ascii=False)
        stream.write("\n]}\n")
    return result


def _with_crossings(line: list[Fix]) -> Iterator[Fix]:
    """The line, with two vertices more wherever it crosses 180 degrees: one on either side."""
    yield line[0]
    for a, b in pairwise(line):
        if abs(b.longitude - a.longitude) > HALF_TURN:
            edge = math.copysign(HALF_TURN, a.longitude)
            share = (edge - a.longitude) / ((b.longitude + 2 * edge - a.longitude) or 1)
            time = a.time + share * (b.time - a.time)
            latitude = a.latitude + share * (b.latitude - a.latitude)
            yield Fix(time, edge, latitude)
            yield Fix(time, -edge, latitude)
        yield b


def _geometry(vertices: list[Fix]) -> dict[str, object]:
    """A line, cut at 180 degrees (RFC 7946, 3.1.9); a single vertex is a point."""
    parts = [[vertices[0][1:]]]
    for before, vertex in pairwise(vertices):
        if abs(vertex.longitude - before.longitude) == FULL_TURN:
            parts.append([])
        parts[-1].append(vertex[1:])
    if len(parts) > 1:
        return {"type": "MultiLineString", "coordinates": parts}
    if len(vertices) == 1:
        return {"type": "Point", "coordinates": parts[0][0]}
    return {"type": "LineString", "coordinates": parts[0]}


def _iso(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat().replace("+00:00", "Z")
