"""How tables are written, found out and made uniform."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataminer.domain.tables import Dialect, detect, make_uniform


def uniform(content: bytes, dialect: Dialect) -> str:
    target = io.StringIO()
    make_uniform(io.BytesIO(content), target, dialect)
    return target.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    content = delimiter.join("abc") + "\n" + delimiter.join("123") + "\n"

    assert detect(content.encode()).delimiter == delimiter
    assert detect(content.encode()).columns == ("a", "b", "c")


def test_a_german_table_becomes_uniform() -> None:
    content = 'Ort;Länge;Breite\nKöln;6,96;50,94\n"a;b";1,5;2\n'.encode("cp1252")

    dialect = detect(content)

    assert (dialect.delimiter, dialect.decimal, dialect.encoding) == (";", ",", "cp1252")
    assert uniform(content, dialect) == "Ort,Länge,Breite\nKöln,6.96,50.94\na;b,1.5,2\n"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_seen_and_taken_away(encoding: str) -> None:
    content = "größe,b\n1,2\n".encode(encoding)

    dialect = detect(content)

    assert dialect.byte_order_mark
    assert uniform(content, dialect) == "größe,b\n1,2\n"


def test_one_column_needs_no_delimiter() -> None:
    assert detect(b"name\nada\nbob\n").columns == ("name",)


def test_a_comma_in_quotes_is_no_delimiter() -> None:
    assert detect(b'a;b\n"x, y, z";1\n"u, v, w";2\n').delimiter == ";"


@pytest.mark.parametrize("content", [b"", b"\n\n", b"PK\x03\x04\x00\x00\x00"])
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"no header row|zero bytes"):
        detect(content)


words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1
)


@given(st.lists(st.lists(words, min_size=2, max_size=2), min_size=1))
def test_a_uniform_table_keeps_every_cell(rows: list[list[str]]) -> None:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([["first", "second"], *rows])

    result = uniform(written.getvalue().encode(), Dialect())

    assert list(csv.reader(io.StringIO(result)))[1:] == rows
