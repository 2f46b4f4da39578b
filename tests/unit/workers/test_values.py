from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataminer.domain.literals import canonical
from dataminer.domain.methods import DataType, Format, Manifest, Output, Passing, Runtime
from dataminer.domain.values import BoundingBox
from workers.collecting import stdout_output
from workers.media_types import format_of, name_for
from workers.runtimes import octave, python, r, shell
from workers.runtimes.sources import with_values, without_regions
from workers.values import (
    box_from_json,
    box_to_json,
    literal_from_json,
    literal_to_json,
    to_text,
)

numbers = st.floats(allow_nan=False, allow_infinity=False)
boxes = st.builds(
    lambda pairs, crs: BoundingBox(
        lower=tuple(a for a, _ in pairs), upper=tuple(b for _, b in pairs), crs=crs
    ),
    st.lists(st.tuples(numbers, numbers), min_size=1, max_size=3),
    st.sampled_from(["", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"]),
)


@given(boxes)
def test_a_box_survives_as_json_and_as_text(box):
    assert box_from_json(box_to_json(box), "") == box
    assert box_from_json(to_text(box_to_json(box)), "") == box


@pytest.mark.parametrize(
    "value", [5, "", "1,2,3", [1, 2], {"lower": [1]}, {"lower": [1], "upper": ["x"]},
              {"lower": [1], "upper": [1, 2]}, {"lower": "1", "upper": "2"}],
)  # fmt: skip
def test_what_is_no_box_is_refused(value):
    with pytest.raises(ValueError, match="it is "):
        box_from_json(value, "")


@given(st.floats())
def test_a_float_survives_as_json(number):
    text = canonical(DataType.FLOAT, str(number))

    again = canonical(
        DataType.FLOAT, literal_from_json(DataType.FLOAT, literal_to_json(DataType.FLOAT, text))
    )

    assert again == text or math.isnan(number)


def test_whole_numbers_may_come_as_floats():
    assert literal_from_json(DataType.INTEGER, 1e5) == "100000"
    assert literal_from_json(DataType.INTEGER, 1.5) == "1.5"
    assert literal_from_json(DataType.BOOLEAN, True) == "true"


def test_the_declared_format_is_kept_with_its_schema():
    gml = Format(media_type="application/gml+xml", schema="http://example.org/gml.xsd")
    declared = Output(identifier="o", type=DataType.FILE,
                      formats=(Format(media_type="text/plain"), gml))  # fmt: skip

    assert format_of(declared, "area.gml", "") is gml
    assert format_of(declared, "area.dat", "").media_type == "text/plain"
    assert name_for(declared) == "o.txt"
    with pytest.raises(ValueError, match="image/png"):
        format_of(declared, "area.gml", "image/png")


def test_without_declared_formats_the_name_tells():
    anything = Output(identifier="o", type=DataType.FILE)
    table = Output(identifier="t", type=DataType.TABLE)

    assert format_of(anything, "a.geojson", "").media_type == "application/geo+json"
    assert format_of(anything, "a", "").media_type == "application/octet-stream"
    assert format_of(anything, "a", "image/x-own").media_type == "image/x-own"
    assert format_of(table, "a", "").media_type == "text/csv"


def a_manifest(*outputs: Output, passing: Passing = Passing.ARGUMENTS) -> Manifest:
    return Manifest(identifier="P", title="P", runtime=Runtime.SHELL, entry="p.sh",
                    passing=passing, outputs=outputs)  # fmt: skip


def test_standard_output_is_the_only_output_that_nothing_else_gives():
    file = Output(identifier="f", type=DataType.FILE)
    literal = Output(identifier="n", type=DataType.INTEGER)
    named = Output(identifier="d", type=DataType.FILE, file="d.txt")

    assert stdout_output(a_manifest(file, named)) is file
    assert stdout_output(a_manifest(literal, named)) is literal
    assert stdout_output(a_manifest(literal, file)) is file
    assert stdout_output(a_manifest(file, file)) is None
    assert stdout_output(a_manifest(named)) is None
    assert stdout_output(a_manifest(file, passing=Passing.JSON)) is None


def test_regions_of_wps4r_are_left_out_and_lines_keep_their_numbers():
    source = "a\n# wps.off;\nb\n  # wps.on;\nc\n#wps.off\nd"

    assert without_regions(source) == "a\n\n\n\nc\n\n"


def test_only_the_first_constant_gives_way():
    source = "x = 1\nxx = 2\n  x = 3\nx = 4"

    assert with_values(source, r"^()NAME = \d$", {"x": r"x = \1"}) == (
        "x = \\1\nxx = 2\n  x = 3\nx = 4"
    )


@pytest.mark.parametrize(
    ("language", "identifier", "name"),
    [
        (python, "literalInput", "literalInput"),
        (python, "a.b-c", "a_b_c"),
        (python, "class", "class_"),
        (python, "1st", "_1st"),
        (python, "größe", "größe"),
        (r, "a.b", "a.b"),
        (r, "a-b", "a_b"),
        (r, "1st", "X1st"),
        (r, ".1", "X_1"),
        (octave, "a.b", "a_b"),
        (shell, "1st", "_1st"),
        (shell, "größe", "gr__e"),
    ],
)
def test_identifiers_become_names_of_the_language(language, identifier, name):
    assert language.variable(identifier) == name
