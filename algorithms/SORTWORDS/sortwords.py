"""Sort the words of a text; what does not fit into memory is sorted in runs on disk and merged."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby, islice
from pathlib import Path
from tempfile import TemporaryDirectory

CHUNK = 1 << 20  # characters read at a time
RUN = 1_000_000  # words sorted in memory

Key = Callable[[str], object]


def main(
    file: Path, case_sensitive: bool = True, unique: bool = False, reverse: bool = False
) -> Path:
    """Write the words of a text in order, one a line.

    Words are what white space separates. They are ordered by the code points of their letters,
    so that the result is the same on every machine.

    Args:
        file: UTF-8 text.
        case_sensitive: whether 'Zebra' comes before 'apple', as capital letters do.
        unique: whether a word that occurs several times is written once.
        reverse: whether the last word comes first.
    """
    key: Key = str if case_sensitive else _without_case
    result = Path("sorted.txt")
    with TemporaryDirectory(dir=".") as folder:
        runs = [_lines(run) for run in _sorted_runs(file, Path(folder), key, reverse)]
        words: Iterable[str] = heapq.merge(*runs, key=key, reverse=reverse)
        if unique:
            words = _first_of_each(words, str if case_sensitive else str.casefold)
        _write(words, result)
    return result


def _without_case(word: str) -> tuple[str, str]:
    return word.casefold(), word


def _words(file: Path) -> Iterator[str]:
    """The words of a text, of which one chunk at a time is in memory."""
    rest = ""
    for chunk in _chunks(file):
        words = (rest + chunk).split()
        rest = "" if chunk[-1].isspace() else words.pop()
        yield from words
    if rest:
        yield rest


def _chunks(file: Path) -> Iterator[str]:
    try:
        with file.open(encoding="utf-8-sig") as stream:
            while chunk := stream.read(CHUNK):
                yield chunk
    except UnicodeDecodeError as error:
        raise ValueError("the file is not UTF-8 text; save it as UTF-8") from error


def _sorted_runs(file: Path, folder: Path, key: Key, reverse: bool) -> Iterator[Path]:
    """Files that hold the words in sorted pieces."""
    words = _words(file)
    while run := sorted(islice(words, RUN), key=key, reverse=reverse):
        path = folder / str(len(list(folder.iterdir())))
        _write(run, path)
        yield path


def _first_of_each(words: Iterable[str], same: Key) -> Iterator[str]:
    return (next(group) for _, group in groupby(words, same))


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="\n") as stream:
        for line in stream:
            yield line[:-1]


def _write(words: Iterable[str], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(f"{word}\n" for word in words)
