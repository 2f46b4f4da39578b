# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "numpy>=1.26",
# ]
# ///
"""Numbers on a grid."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import numpy

Table = Annotated[Path, "text/csv"]
STEP = 0.5


class Shape(StrEnum):
    SQUARE = "square"
    HEXAGON = "hexagon"


class Gridded(NamedTuple):
    """What comes out.

    Attributes:
        cells: A row for each cell. Columns are x, y and count.
        largest: Area of the largest cell (km²).
        map: A picture.
    """

    cells: Table
    largest: float
    map: Annotated[Path, "image/png"] | None = None


def main(
    points: Table,
    *,
    step: float = STEP,
    shape: Shape = Shape.SQUARE,
    norm: Literal[1, 2] = 2,
    layers: list[str] | None = None,
    since: dt.date = dt.date(2020, 2, 29),
    draw: bool = False,
) -> Gridded:
    """Count points in the cells of a grid.

    Cells begin at the south-west corner.

    Args:
        points: Where they are. Columns x and y.
        step: Width of a cell [km], measured between centres.
        shape: Form of a cell.
        norm: How distance is measured.
        layers: Only these layers.
        since: Leave out what is older.
        draw: Whether to draw a map.

    Returns:
        The grid.
    """
    raise NotImplementedError(numpy.__version__, points, step, shape, norm, layers, since, draw)
