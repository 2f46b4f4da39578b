"""DataInputs and ResponseDocument as clients write them into a query."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataminer.wps.kvp import Entry, entries, raw_parameter

names = st.text(st.characters(categories=("L", "N"), include_characters="_-.:"), min_size=1)
values = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)))


def entry(identifier: str, value: str | None, **attributes: str) -> Entry:
    return Entry(identifier=identifier, value=value, attributes=attributes)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("a=1", [entry("a", "1")]),
        ("a=1;b=2;a=3", [entry("a", "1"), entry("b", "2"), entry("a", "3")]),
        ("[a=1;b=2]", [entry("a", "1"), entry("b", "2")]),
        ("%5Ba=1%5D", [entry("a", "1")]),
        ("a%3D1%3Bb%3D2", [entry("a", "1"), entry("b", "2")]),
        ("a=", [entry("a", "")]),
        ("a", [entry("a", None)]),
        ("a=1;;b=2;", [entry("a", "1"), entry("b", "2")]),
        ("a=x%3By%3Dz%40w", [entry("a", "x;y=z@w")]),
        ("a=x=y=z", [entry("a", "x=y=z")]),
        ("a=one+two%2Bthree", [entry("a", "one two+three")]),
        ("a=ada@example.org", [entry("a", "ada@example.org")]),
        ("a=ada@example.org@uom=m", [entry("a", "ada@example.org", uom="m")]),
        ("a=400@uom=feet", [entry("a", "400", uom="feet")]),
        ("a=@xlink:href=http%3A%2F%2Fx.org%2F%3Fp%3D1%3Bq",
         [entry("a", "", href="http://x.org/?p=1;q")]),
        ("a@xlink%3Ahref=http%3A%2F%2Fx.org@method=POST@mimeType=text/xml",
         [entry("a", None, href="http://x.org", method="POST", mimeType="text/xml")]),
        ("a@MIMETYPE=text/xml@asreference=true",
         [entry("a", None, mimeType="text/xml", asReference="true")]),
        ("", []),
    ],
)  # fmt: skip
def test_the_forms_of_the_standard_and_those_of_clients_are_read(raw, expected) -> None:
    assert entries(raw) == expected


@given(st.dictionaries(names, values, min_size=1))
def test_any_value_survives_when_each_is_encoded(inputs) -> None:
    raw = ";".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in inputs.items())

    assert entries(raw) == [entry(k, v) for k, v in inputs.items()]


@given(st.dictionaries(names, values, min_size=1))
def test_any_value_survives_when_the_whole_is_encoded_again(inputs) -> None:
    inner = ";".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in inputs.items())
    query = urlencode({"service": "WPS", "DataInputs": inner})

    raw = raw_parameter(query, "datainputs")

    assert entries(raw) == [entry(k, v) for k, v in inputs.items()]


def test_a_parameter_is_found_by_any_case_and_absent_otherwise() -> None:
    assert raw_parameter("a=1&DATAINPUTS=x%3B", "DataInputs") == "x%3B"
    assert raw_parameter("a=1", "DataInputs") is None
