"""Verdicts on repetitions."""

from __future__ import annotations

from dataclasses import replace

from dataminer.domain.recipes import Sameness, compare
from dataminer.domain.values import Binding, Literal, Payload

FILE = Payload(digest="a" * 64, size_bytes=1, media_type="text/plain", name="one.txt")


def bindings(**values: object) -> tuple[Binding, ...]:
    return tuple(Binding(identifier=k, value=v) for k, v in values.items())


def test_the_same_bytes_under_another_name_are_identical() -> None:
    verdict = compare(bindings(a=FILE), bindings(a=replace(FILE, name="two.txt")))

    assert verdict.sameness is Sameness.IDENTICAL


def test_each_output_that_differs_is_named() -> None:
    before = bindings(a=FILE, b=Literal(text="1"), c=Literal(text="x"))
    after = bindings(a=replace(FILE, digest="b" * 64), b=Literal(text="1"))

    verdict = compare(before, after)

    assert verdict.sameness is Sameness.DIFFERS
    assert verdict.outputs == ("a", "c")
    assert str(verdict) == "differs: a, c"


def test_the_order_of_outputs_does_not_matter() -> None:
    one = bindings(a=Literal(text="1"), b=Literal(text="2"))

    assert compare(one, tuple(reversed(one))).sameness is Sameness.IDENTICAL
