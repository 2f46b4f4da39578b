"""Bounding boxes as text. Source: OGC 06-121r9, 10.2.3."""

from __future__ import annotations

from dataminer.domain.values import BoundingBox

_FEWEST_NUMBERS = 4


def parse_box(text: str) -> BoundingBox:
    """The box of `lower1,lower2,upper1,upper2[,crs]`, in the axis order of the CRS.

    Raises:
        ValueError: it has another form.
    """
    parts = [part.strip() for part in text.split(",")]
    numbers: list[float] = []
    for part in parts:
        try:
            numbers.append(float(part))
        except ValueError:
            break
    if len(numbers) < _FEWEST_NUMBERS or len(numbers) % 2 or len(parts) > len(numbers) + 1:
        raise ValueError(f"'{text}' is not a box, such as 40.5,10,44,12.5,EPSG:4326")
    half = len(numbers) // 2
    return BoundingBox(
        lower=tuple(numbers[:half]),
        upper=tuple(numbers[half:]),
        crs=",".join(parts[len(numbers) :]),
    )
