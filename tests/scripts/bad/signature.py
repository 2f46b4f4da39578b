from pathlib import Path

import pandas


def main(
    a,
    b: bytes,
    c: pandas.DataFrame,
    d: int = "many",
    *more: str,
    e: int | str = 1,
) -> tuple[Path, int]:
    return Path("a"), 1
