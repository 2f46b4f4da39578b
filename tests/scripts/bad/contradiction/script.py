"""Contradictions."""
from typing import NamedTuple


class Pair(NamedTuple):
    x: int
    y: int


def main(a: int, b: int) -> Pair:
    return Pair(a, b)
