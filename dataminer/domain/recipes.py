"""A recipe: what is needed to repeat a computation, and the verdict on a repetition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dataminer.domain.values import Binding, Value


class Sameness(StrEnum):
    """What a repetition can be told of its outputs."""

    IDENTICAL = "identical"
    DIFFERS = "differs"
    CANNOT_REPEAT = "cannot be repeated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a repetition gave the same."""

    sameness: Sameness
    outputs: tuple[str, ...] = ()  #: identifiers of the outputs that differ
    reasons: tuple[str, ...] = ()  #: why it could not be repeated

    def __str__(self) -> str:
        details = ", ".join(self.outputs) or "; ".join(self.reasons)
        return f"{self.sameness}: {details}" if details else str(self.sameness)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What was computed: by which package, from which inputs, with which outputs."""

    computation: str  #: id of the original
    method: str
    package: str  #: digest
    inputs: tuple[Binding, ...]
    outputs: tuple[Binding, ...] = ()
    environment: str = ""  #: digest; empty: none or unknown


def compare(original: tuple[Binding, ...], repetition: tuple[Binding, ...]) -> Verdict:
    """Identical when every output has the same values in the same order, payloads by digest."""
    before, after = _by_identifier(original), _by_identifier(repetition)
    differing = tuple(
        identifier
        for identifier in dict.fromkeys([*before, *after])
        if before.get(identifier) != after.get(identifier)
    )
    return Verdict(
        sameness=Sameness.DIFFERS if differing else Sameness.IDENTICAL, outputs=differing
    )


def _by_identifier(bindings: tuple[Binding, ...]) -> Mapping[str, list[object]]:
    contents: dict[str, list[object]] = {}
    for binding in bindings:
        contents.setdefault(binding.identifier, []).append(_content(binding.value))
    return contents


def _content(value: Value) -> object:
    """What counts of a value: a payload's bytes, not its name or where it came from."""
    return getattr(value, "digest", value)
