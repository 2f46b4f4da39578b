"""What a computation is likely to use: what those before it have used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dataminer.domain.methods import Method
from dataminer.domain.tenants import Caller
from dataminer.ports import Ports

_ENOUGH = 5  #: computations of the same version, for the others not to count


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """What half and nine tenths of the computations stayed within."""

    median: float
    percentile_90: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Time and memory of past computations of a method."""

    runs: int  #: how many are behind it; 0: nothing is known
    same_version: bool  #: whether all were of the version asked for
    wall_seconds: Spread | None = None  #: None: nothing is known
    peak_memory_bytes: Spread | None = None


def estimate(ports: Ports, caller: Caller, method: Method) -> Estimate:
    """From the newest computations of the method that succeeded, of everybody in the tenant.

    Those of the same version if there are enough of them, else of all versions. Which inputs they
    had makes no difference yet.
    """
    known = ports.computations.usages(caller.tenant, method.identifier)
    same = [past for past in known if past.package == method.digest]
    like = same if len(same) >= _ENOUGH else known
    if not like:
        return Estimate(runs=0, same_version=False)
    return Estimate(
        runs=len(like),
        same_version=len(like) == len(same),
        wall_seconds=_spread([past.usage.wall_seconds for past in like]),
        peak_memory_bytes=_spread([past.usage.peak_memory_bytes for past in like]),
    )


def _spread(values: Sequence[float]) -> Spread:
    ordered = sorted(values)
    return Spread(median=_rank(ordered, 50), percentile_90=_rank(ordered, 90))


def _rank(ordered: Sequence[float], percent: int) -> float:
    """The smallest value that so many per cent of the values do not exceed."""
    return ordered[-(-percent * len(ordered) // 100) - 1]
