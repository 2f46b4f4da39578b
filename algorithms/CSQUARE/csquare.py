"""Add a column with the c-square of each position of a table.

Source: T. Rees, "C-squares, a new spatial indexing system", Oceanography 16 (1), 2003, and the
C-squares Specification, version 1.1, CSIRO 2005.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path

QUADRANTS = {(True, True): 1, (False, True): 3, (False, False): 5, (True, False): 7}
RESOLUTIONS = [
    Decimal(size) for size in ("10", "5", "1", "0.5", "0.1", "0.05", "0.01", "0.005", "0.001")
]
EDGE = Decimal("1e-12")  # how far inside the last square its outer edge is taken to be


def main(
    table: Path,
    latitude_column: str = "latitude",
    longitude_column: str = "longitude",
    resolution: float = 0.5,
    code_column: str = "csquare",
) -> Path:
    """Write the table with one column more: the c-square in which each row lies.

    Rows without a position get no code.

    Args:
        table: CSV with positions in decimal degrees, WGS 84.
        latitude_column: north is positive, -90 to 90.
        longitude_column: east is positive, -180 to 180.
        resolution: length of a square's side in degrees.
        code_column: name of the new column.
    """
    result = Path("csquares.csv")
    with table.open(encoding="utf-8-sig", newline="") as source:
        rows = csv.DictReader(source, skipinitialspace=True)
        columns = list(rows.fieldnames or ())
        _check_columns(columns, (latitude_column, longitude_column), code_column)
        with result.open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, [*columns, code_column], lineterminator="\n")
            writer.writeheader()
            coded = _coded(rows, latitude_column, longitude_column, Decimal(str(resolution)))
            writer.writerows({**row, code_column: code} for row, code in coded)
    return result


def csquare(latitude: Decimal, longitude: Decimal, resolution: Decimal) -> str:
    """The code of the square of this size that holds the position.

    A square includes the edges that are nearer to the equator and to the prime meridian. Zero
    counts as positive, and what lies on a pole or on 180 degrees belongs to the last square.
    """
    y, x = min(abs(latitude), 90 - EDGE), min(abs(longitude), 180 - EDGE)
    code = f"{QUADRANTS[latitude >= 0, longitude >= 0]}{y // 10}{x // 10:02}"
    size = Decimal(10)
    while size > resolution:
        y, x, half = y % size, x % size, size / 2
        code += f":{1 + 2 * (y >= half) + (x >= half)}"
        if half == resolution:
            break
        size /= 10
        code += f"{y // size}{x // size}"
    return code


def _check_columns(columns: list[str], wanted: tuple[str, str], new: str) -> None:
    for name in wanted:
        if name not in columns:
            raise ValueError(f"there is no column '{name}'; the table has: {', '.join(columns)}")
    if new in columns:
        raise ValueError(f"there is a column '{new}' already; name another code_column")


def _coded(
    rows: csv.DictReader[str], latitude_column: str, longitude_column: str, resolution: Decimal
) -> Iterator[tuple[dict[str, str], str]]:
    """Each row with its code."""
    if resolution not in RESOLUTIONS:
        raise ValueError(f"resolution {resolution} is none of {', '.join(map(str, RESOLUTIONS))}")
    for row in rows:
        if None in row:
            raise ValueError(f"line {rows.line_num} has more cells than the header")
        latitude = _degrees(row[latitude_column], latitude_column, 90, rows.line_num)
        longitude = _degrees(row[longitude_column], longitude_column, 180, rows.line_num)
        missing = latitude is None or longitude is None
        yield row, "" if missing else csquare(latitude, longitude, resolution)


def _degrees(cell: str | None, column: str, limit: int, line: int) -> Decimal | None:
    """The number in a cell; None where there is none."""
    text = (cell or "").strip()
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"line {line}, column '{column}': '{text}' is not a number") from None
    if not (number.is_finite() and abs(number) <= limit):
        raise ValueError(f"line {line}, column '{column}': {text} is not within ±{limit}")
    return number
