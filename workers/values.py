"""Values as JSON: what scripts read and write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from dataminer.domain.literals import to_python
from dataminer.domain.methods import DataType
from dataminer.domain.values import BoundingBox

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"

#: The content of inputs.json or outputs.json: by identifier.
Values: TypeAlias = Mapping[str, Json]


def literal_to_json(data_type: DataType, text: str) -> Json:
    """The value of a canonical text. Raises: ValueError: no language could take it."""
    if any(c == "\x00" or "\ud800" <= c <= "\udfff" for c in text):
        raise ValueError("holds a zero byte or half a character, which scripts cannot take")
    return to_python(data_type, text)


def literal_from_json(data_type: DataType, value: Json) -> str:
    """The text of a value that a script wrote, not yet canonical. Raises: ValueError."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and data_type is DataType.INTEGER and value.is_integer():
        return str(int(value))
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError(f"{value} is not a single value")


def box_to_json(box: BoundingBox) -> Json:
    """A box as scripts see it."""
    return {"lower": list(box.lower), "upper": list(box.upper), "crs": box.crs}


def box_from_json(value: Json, default_crs: str) -> BoundingBox:
    """A box as a script wrote it: an object, or '10,40,12,44,EPSG:4326'. Raises: ValueError."""
    if isinstance(value, str):
        value = _box_of_text(value)
    if not isinstance(value, Mapping):
        raise ValueError("it is not a box with 'lower', 'upper' and 'crs'")  # noqa: TRY004 # a document's fault
    lower, upper = _corner(value, "lower"), _corner(value, "upper")
    if not lower or len(lower) != len(upper):
        raise ValueError("it is a box whose corners have different numbers of coordinates")
    return BoundingBox(lower=lower, upper=upper, crs=str(value.get("crs") or default_crs))


def to_text(value: Json) -> str:
    """A value as one word of a command line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        numbers = (*_corner(value, "lower"), *_corner(value, "upper"))
        crs = value.get("crs")
        return ",".join([str(n).removesuffix(".0") for n in numbers] + ([str(crs)] if crs else []))
    return str(value)


def _box_of_text(text: str) -> Mapping[str, Json]:
    numbers: list[float] = []
    parts = [part.strip() for part in text.split(",")]
    while parts and _is_number(parts[0]):
        numbers.append(float(parts.pop(0)))
    half = len(numbers) // 2
    return {"lower": numbers[:half], "upper": numbers[half:], "crs": ",".join(parts)}


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _corner(box: Mapping[str, Json], name: str) -> tuple[float, ...]:
    numbers = box.get(name)
    if not isinstance(numbers, Sequence) or isinstance(numbers, str):
        raise ValueError(f"it is a box without '{name}'")  # noqa: TRY004 # a document's fault
    try:
        return tuple(float(number) for number in numbers)  # type: ignore[arg-type] # checked here
    except (TypeError, ValueError):
        raise ValueError(f"it is a box whose '{name}' holds more than numbers") from None
