"""Every error of ours has an answer at the web door."""

from __future__ import annotations

from collections.abc import Iterator

from dataminer.domain import errors
from dataminer.domain.errors import DataMinerError
from dataminer.web.faults import STATUS


def kinds(kind: type[DataMinerError]) -> Iterator[type[DataMinerError]]:
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:  # a door's own errors stay in that door
            yield child
        yield from kinds(child)


def test_every_error_has_a_row() -> None:
    without = [
        kind
        for kind in kinds(DataMinerError)
        if not any(issubclass(kind, row) for row, _ in STATUS)
    ]

    assert without == []
