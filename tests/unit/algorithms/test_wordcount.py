from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.unit.algorithms.bundled import example_inputs, expected_bytes, load

wordcount = load("WORDCOUNT")


def count(text: str | bytes, **options: bool) -> list[tuple[str, int]]:
    Path("text").write_bytes(text if isinstance(text, bytes) else text.encode())
    with wordcount.main(Path("text"), **options).open(encoding="utf-8", newline="") as stream:
        return [(row["word"], int(row["count"])) for row in csv.DictReader(stream)]


def test_the_example_gives_what_is_expected():
    result = wordcount.main(**example_inputs("WORDCOUNT"))

    assert result.read_bytes() == expected_bytes("WORDCOUNT", "counts")


def test_the_most_frequent_word_comes_first_then_the_alphabet_decides():
    assert count("b a c b c b") == [("b", 3), ("c", 2), ("a", 1)]
    assert count("b a") == [("a", 1), ("b", 1)]


def test_case_counts_only_when_asked_for():
    assert count("The the") == [("the", 2)]
    assert count("The the", case_sensitive=True) == [("The", 1), ("the", 1)]


def test_apostrophes_inside_belong_to_a_word_and_other_signs_do_not():
    assert dict(count("don't 'stop' — l\u2019été, 1859!")) == {
        "don't": 1, "stop": 1, "l\u2019été": 1, "1859": 1}  # fmt: skip


def test_letters_are_the_same_however_their_accents_are_written():
    assert count("café cafe\u0301") == [("café", 2)]


def test_an_empty_text_has_no_words():
    assert count("") == []


def test_a_text_that_is_not_utf_8_is_refused_with_the_place(monkeypatch):
    monkeypatch.setattr(wordcount, "PIECE_BYTES", 4)

    with pytest.raises(ValueError, match="see byte 11"):
        count(b"abc def caf\xe9 x")


def test_pieces_of_any_size_count_the_same(monkeypatch):
    text = (example_inputs("WORDCOUNT")["file"]).read_text(encoding="utf-8") + " été" * 9
    expected = Counter(re.findall(r"\w+", text.lower()))

    for size in (1, 2, 7, 100, 10_000):
        monkeypatch.setattr(wordcount, "PIECE_BYTES", size)

        assert dict(count(text)) == expected


def test_progress_grows_to_the_end_of_the_file(monkeypatch, capsys):
    monkeypatch.setattr(wordcount, "PIECE_BYTES", 10)

    count("word " * 100)

    log = capsys.readouterr().out
    percents = [int(p) for p in re.findall(r"^#progress (\d+) counting$", log, re.MULTILINE)]
    assert percents == sorted(percents)
    assert len(percents) > 10
    assert percents[-1] == 99
