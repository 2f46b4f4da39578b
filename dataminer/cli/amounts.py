"""Times and sizes as people read them."""

from __future__ import annotations

from dataminer.domain.computations import Usage

_SIZES = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def used(usage: Usage) -> str:
    """'1.2 s, 0.9 s of CPU, 120 MB, read 3 MB, wrote 1 MB'."""
    return (
        f"{duration(usage.wall_seconds)}, {duration(usage.cpu_seconds)} of CPU,"
        f" {size(usage.peak_memory_bytes)},"
        f" read {size(usage.read_bytes)}, wrote {size(usage.written_bytes)}"
    )


def duration(seconds: float) -> str:
    """'0.02 s', '1.2 s', '3 min 20 s', '2 h 5 min'."""
    if seconds < 60:  # noqa: PLR2004 # a minute
        return f"{_digits(seconds)} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def size(size_bytes: float) -> str:
    """'120 MB'; these are millions of bytes."""
    for unit_bytes, unit in _SIZES:
        if size_bytes >= unit_bytes:
            return f"{_digits(size_bytes / unit_bytes)} {unit}"
    return f"{size_bytes:.0f} bytes"


def _digits(number: float) -> str:
    """With two decimals at most, one from 10 on, none from 100 on."""
    decimals = sum(number < bound for bound in (10, 100))
    return f"{number:.{decimals}f}".rstrip("0").rstrip(".") if decimals else f"{number:.0f}"
