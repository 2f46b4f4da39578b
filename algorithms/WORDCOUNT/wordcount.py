"""Count the words of a text: each piece by itself, then the counts together."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

PIECE_BYTES = 1 << 20
WORD = re.compile(r"\w+(?:['\u2019]\w+)*")


def main(file: Path, case_sensitive: bool = False) -> Path:
    """Write each word of a text with how often it occurs, the most frequent first.

    A word is letters, digits and underscores, with apostrophes inside: "don't" is one word.

    Args:
        file: UTF-8 text.
        case_sensitive: whether 'The' and 'the' are two words.
    """
    size = file.stat().st_size
    counts: Counter[str] = Counter()
    done = 0
    for piece in _pieces(file):
        counts.update(_count(piece, done, case_sensitive))
        done += len(piece)
        print(f"#progress {99 * done // size} counting", flush=True)
    return _write(counts, Path("counts.csv"))


def _pieces(file: Path) -> Iterator[bytes]:
    """The text in pieces that end between words."""
    with file.open("rb") as stream:
        rest = b""
        while block := stream.read(PIECE_BYTES):
            text = rest + block
            end = max(text.rfind(b" "), text.rfind(b"\n")) + 1
            yield text[:end]
            rest = text[end:]
        if rest:
            yield rest


def _count(piece: bytes, offset: int, case_sensitive: bool) -> Counter[str]:
    """The words of one piece, which begins at this byte of the file."""
    try:
        text = unicodedata.normalize("NFC", piece.decode())
    except UnicodeDecodeError as error:
        place = offset + error.start
        raise ValueError(f"the file is not UTF-8 text: see byte {place}") from error
    return Counter(WORD.findall(text if case_sensitive else text.lower()))


def _write(counts: Counter[str], result: Path) -> Path:
    with result.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(("word", "count"))
        table.writerows(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    return result
