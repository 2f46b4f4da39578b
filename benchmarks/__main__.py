"""Measures everything and prints it: `python -m benchmarks`, or `make bench`."""

from __future__ import annotations

from rich.console import Console

from benchmarks import inside, outside, tables


def main() -> None:
    """Takes about two minutes on two cores."""
    console = Console(width=150)
    console.print(
        "Ratios are PyWPS by ours, round by round: the median, and between what they lay.\n"
    )
    tables.show(
        "The door itself, in this process, over an engine in memory (aim: 20, 30, 20)",
        "ms",
        inside.measure(),
        console,
    )
    tables.show(
        f"Two gunicorn workers each, asked by {outside.CLIENTS} clients at a time. PyWPS "
        "computes echo inside the request;\nours records it and has the pool run the script in "
        "a process of its own.",
        "ms/request",
        outside.measure(),
        console,
    )
    nothing = outside.measure_nothing()
    console.print(
        "An application that does nothing, under the same gunicorn: "
        f"{nothing.wall_ms:.3f} ms/request, {nothing.cpu_ms:.3f} CPU ms."
    )


if __name__ == "__main__":
    main()
