"""What was measured, and how it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one request, as the mean of one round."""

    wall_seconds: float  #: of the round, by the number of requests
    cpu_seconds: float  #: of all processes of the server


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One server's rounds, in order."""

    costs: tuple[Cost, ...]

    @property
    def wall_ms(self) -> float:
        """Median of the rounds."""
        return median(cost.wall_seconds for cost in self.costs) * 1000

    @property
    def cpu_ms(self) -> float:
        """Median of the rounds."""
        return median(cost.cpu_seconds for cost in self.costs) * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One request on both sides; rounds of the same number were made one after the other."""

    name: str
    methods: int  #: that both servers offered
    peer: Side
    ours: Side

    def ratios(self, what: str) -> tuple[float, float, float]:
        """Minimum, median and maximum of the peer's cost by ours, round by round."""
        pairs = zip(self.peer.costs, self.ours.costs, strict=True)
        ratios = sorted(getattr(theirs, what) / getattr(own, what) for theirs, own in pairs)
        return ratios[0], median(ratios), ratios[-1]


def show(title: str, wall: str, rows: Sequence[Measured], console: Console) -> None:
    """Print a table; `wall` says what the column of wall time means."""
    table = Table(title=title, title_justify="left")
    table.add_column("Request")
    for name in ("methods", f"{wall} PyWPS", f"{wall} ours", "ratio (min … max)",
                 "CPU ms PyWPS", "CPU ms ours", "ratio (min … max)"):  # fmt: skip
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            row.name,
            f"{row.methods:,}",
            f"{row.peer.wall_ms:.2f}",
            f"{row.ours.wall_ms:.3f}",
            _ratio(row.ratios("wall_seconds")),
            f"{row.peer.cpu_ms:.2f}",
            f"{row.ours.cpu_ms:.3f}",
            _ratio(row.ratios("cpu_seconds")),
        )
    console.print(table)


def _ratio(ratios: tuple[float, float, float]) -> str:
    low, middle, high = ratios
    return f"{middle:.1f} ({low:.1f} … {high:.1f})"
