"""Frozen dataclasses to JSON and back; what equals its default is left out."""

from __future__ import annotations

from typing import TypeVar

from cattrs.preconf.json import make_converter

Record = TypeVar("Record")

_converter = make_converter(omit_if_default=True)
# A number stays what it was: 1 does not become 1.0, which would change a package's digest.
_converter.register_structure_hook(float, lambda number, _: number)


def encode(record: object) -> str:
    """JSON."""
    return _converter.dumps(record, ensure_ascii=False, separators=(",", ":"))


def encode_optional(record: object | None) -> str | None:
    """JSON; None stays None."""
    return None if record is None else encode(record)


def decode(kind: type[Record], text: str) -> Record:
    """The record that `encode` wrote."""
    return _converter.loads(text, kind)


def decode_optional(kind: type[Record], text: str | None) -> Record | None:
    """The record that `encode_optional` wrote."""
    return None if text is None else decode(kind, text)
