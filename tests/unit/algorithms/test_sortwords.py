from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.algorithms.bundled import example_inputs, expected_bytes, load

sortwords = load("SORTWORDS")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def sort(text: str, **options: bool) -> list[str]:
    Path("text").write_bytes(text.encode())
    return sortwords.main(Path("text"), **options).read_text(encoding="utf-8").split("\n")[:-1]


def test_the_example_gives_what_is_expected():
    result = sortwords.main(**example_inputs("SORTWORDS"))

    assert result.read_bytes() == expected_bytes("SORTWORDS", "sorted")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["Pear", "apple", "apple", "pear"]),
        ({"case_sensitive": False}, ["apple", "apple", "Pear", "pear"]),
        ({"unique": True}, ["Pear", "apple", "pear"]),
        ({"unique": True, "case_sensitive": False}, ["apple", "Pear"]),
        ({"reverse": True}, ["pear", "apple", "apple", "Pear"]),
        ({"reverse": True, "unique": True}, ["pear", "apple", "Pear"]),
    ],
)
def test_the_options_change_the_order_and_what_is_kept(options, expected):
    assert sort("pear apple\nPear\tapple\n", **options) == expected


def test_a_text_without_words_gives_an_empty_file():
    assert sort(" \n\t ") == []


def test_a_byte_order_mark_is_no_part_of_the_first_word():
    assert sort("\ufeffb a") == ["a", "b"]


def test_a_text_that_is_not_utf_8_is_refused():
    Path("text").write_bytes(b"caf\xe9")

    with pytest.raises(ValueError, match="not UTF-8 text"):
        sortwords.main(Path("text"))


def test_nothing_but_the_result_is_left_in_the_folder():
    sort("b a")

    assert sorted(path.name for path in Path.cwd().iterdir()) == ["sorted.txt", "text"]


@given(text=texts, run=st.integers(1, 10), chunk=st.integers(1, 10), reverse=st.booleans())
def test_runs_and_chunks_of_any_size_give_the_sorted_words(text, run, chunk, reverse):
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sortwords, "RUN", run)
        patch.setattr(sortwords, "CHUNK", chunk)

        result = sort(text, reverse=reverse)

    uniform = re.sub(r"^\ufeff", "", text)
    assert result == sorted(uniform.split(), reverse=reverse)


@given(text=texts, run=st.integers(1, 10))
def test_each_word_once_in_any_case_leaves_one_of_each(text, run):
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sortwords, "RUN", run)

        result = sort(text, unique=True, case_sensitive=False)

    folded = [word.casefold() for word in result]
    assert folded == sorted({w.casefold() for w in re.sub(r"^\ufeff", "", text).split()})
