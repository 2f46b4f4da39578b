"""Annotations in comments: what 52North's WPS4R understands, and what is written comes back."""

from __future__ import annotations

import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataminer.domain.errors import ScriptRejected
from dataminer.domain.methods import DataType, Format, Passing, Runtime, Target
from importer.annotated_script import sketch_annotations
from importer.findings import Findings, Origin
from importer.sketches import InputSketch, MethodSketch, OutputSketch
from importer.type_words import type_word


def read(text: str, runtime: Runtime = Runtime.R) -> MethodSketch:
    findings = Findings()
    sketch = sketch_annotations(text, runtime, "script", findings)
    findings.raise_faults()
    assert sketch is not None
    return sketch


def notes_of(text: str) -> tuple[str, ...]:
    findings = Findings()
    sketch_annotations(text, Runtime.R, "script", findings)
    findings.raise_faults()
    return findings.notes


def test_parts_may_be_given_by_position() -> None:
    sketch = read("# wps.in: n, integer, How many, Number of draws, 100, 0, 1;")

    declared = sketch.inputs[0]

    assert (declared.identifier, declared.type) == ("n", DataType.INTEGER)
    assert (declared.title, declared.abstract, declared.default) == (
        "How many", "Number of draws", "100")  # fmt: skip
    assert (declared.min_occurs, declared.max_occurs) == (0, 1)


def test_parts_may_be_given_by_name_in_any_order() -> None:
    sketch = read("#wps.in: maxOccurs=2, minOccurs = 0, type = double, id=x , value = 2.5;")

    declared = sketch.inputs[0]

    assert (declared.identifier, declared.type, declared.default) == ("x", DataType.FLOAT, "2.5")
    assert (declared.min_occurs, declared.max_occurs) == (0, 2)


def test_names_may_follow_positions() -> None:
    declared = read("# wps.in: points, text/csv, title = Points;").inputs[0]

    assert (declared.identifier, declared.title) == ("points", "Points")
    assert (declared.type, declared.formats) == (DataType.TABLE, (Format(media_type="text/csv"),))


def test_an_annotation_may_run_over_several_lines() -> None:
    text = "# wps.out: a, text, A title,\n#\n#\tof a file\n#   that is long; ignored\n# free"

    declared = (read(text).outputs or ())[0]

    assert (declared.title, declared.abstract) == ("A title", "of a file that is long")


def test_a_comma_forgotten_at_the_end_of_a_line_is_noted() -> None:
    text = "# wps.in: a, string, minOccurs = 0, maxOccurs = 1\n# value = http://x.org/?a=b;"

    declared = read(text).inputs[0]

    assert (declared.max_occurs, declared.default) == (1, "http://x.org/?a=b")
    assert notes_of(text) == ("script:1: a comma is missing at the end of this line",)


def test_a_quoted_text_may_hold_commas_semicolons_and_quotes() -> None:
    declared = read('# wps.in: a, string, "A; b, ""c""", value = "x = 1, y";').inputs[0]

    assert (declared.title, declared.default) == ('A; b, "c"', "x = 1, y")


def test_a_title_given_by_name_may_hold_commas() -> None:
    declared = read("# wps.in: a, string, title = One, two, abstract = Three, four;").inputs[0]

    assert (declared.title, declared.abstract) == ("One, two", "Three, four")


def test_a_doubled_comment_sign_comments_an_annotation_out() -> None:
    assert read("##wps.out: a, text;\n# wps.out: b, text;").outputs == (
        OutputSketch(
            identifier="b",
            type=DataType.FILE,
            formats=(Format(media_type="text/plain"),),
            origin=(read("\n# wps.out: b, text;").outputs or ())[0].origin,
        ),
    )


@pytest.mark.parametrize(
    ("rest", "version", "abstract", "author"),
    [
        ("", None, None, None),
        (", What it does", None, "What it does", None),
        (", 1.2", "1.2", None, None),
        (", 3D rendering of a scene, A. Author", None, "3D rendering of a scene", "A. Author"),
        (", 2, What it does, A. Author", "2", "What it does", "A. Author"),
    ],
)
def test_the_third_part_of_a_description_is_a_version_when_it_looks_like_one(
    rest: str, version: str | None, abstract: str | None, author: str | None
) -> None:
    sketch = read(f"# wps.des: id, Title{rest};")

    assert (sketch.identifier, sketch.title) == ("id", "Title")
    assert (sketch.version, sketch.abstract, sketch.author) == (version, abstract, author)


def test_a_description_takes_what_a_manifest_takes() -> None:
    sketch = read(
        "# wps.des: id = a, category = GEO, keywords = x | y, license = MIT, target = cloud,\n"
        "#   deterministic = yes, repeatable = no, passing = json, wall_seconds = 60, cores = 2,\n"
        "#   memory_mb = 512, processes = 8, cpuSeconds = 90, folder_mb = 100;"
    )

    assert (sketch.category, sketch.keywords, sketch.licence) == ("GEO", ("x", "y"), "MIT")
    assert (sketch.target, sketch.passing) == (Target.CLOUD, Passing.JSON)
    assert (sketch.deterministic, sketch.repeatable) == (True, False)
    assert (sketch.wall_seconds, sketch.cores) == (60, 2)
    assert (sketch.memory_mb, sketch.processes) == (512, 8)
    assert (sketch.cpu_seconds, sketch.folder_mb) == (90, 100)


def test_dependencies_keep_the_commas_inside_of_them() -> None:
    sketch = read(
        "# wps.dep: pandas>=2,<3, dask[array,diagnostics]==2026.1.0, numpy", Runtime.PYTHON
    )

    assert sketch.dependencies == ("pandas>=2,<3", "dask[array,diagnostics]==2026.1.0", "numpy")


def test_octave_has_two_comment_signs() -> None:
    sketch = read(
        "% wps.in: a, integer;\n# wps.in: b, integer;\n%% wps.in: c, blob;", Runtime.OCTAVE
    )

    assert [i.identifier for i in sketch.inputs] == ["a", "b"]


def test_a_default_of_null_is_no_default() -> None:
    assert read("# wps.in: a, string, value = NULL;").inputs[0].default is None
    assert read('# wps.in: a, string, value = "NULL";').inputs[0].default == "NULL"


def test_metadata_links_are_noted_and_left_out() -> None:
    text = "# wps.metadata: title = A: b, href = http://x.org/a=b;\n# wps.out: a, text;"

    assert notes_of(text) == ("script:1: 'wps.metadata' is left out of the description",)


def test_every_value_knows_its_line() -> None:
    text = "\n# wps.in: a, integer,\n#  title = A,\n#  value = 1;"

    origin = read(text).inputs[0].origin

    assert [origin.at(name).line for name in ("", "identifier", "title", "default")] == [2, 2, 3, 4]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# wps.in: a, b, c, d, e, 0, 1, h;", "has more parts than it knows"),
        ("# wps.in: type = string;", "needs an id"),
        ("# wps.in: a, string, id = b;", "given twice"),
        ("# wps.des: a, target = moon;", "'target' is one of: local, cloud"),
        ("# wps.in: a, table, mimetype = image/png;", "is not a table"),
        ("# wps.in: a, double, minimum = NaN;", "must be a finite number"),
        ("# wps.in: a, file, mimetype = png;", "is not a media type"),
        ("# wps.off;\n# wps.off;\n# wps.on;\n# wps.out: a, text;", "comes after 'wps.off'"),
        ("# wps.in: a, string, title = x" + " y" * 20_000 + "\n# z;", "is not ended"),
    ],
)
def test_what_cannot_be_understood_is_a_fault(text: str, message: str) -> None:
    with pytest.raises(ScriptRejected, match=message):
        read(text)


def test_a_script_without_annotations_has_no_sketch() -> None:
    assert sketch_annotations("x <- 1 # wps\n", Runtime.R, "script", Findings()) is None


# --- what is written comes back ---------------------------------------------------------------

SIGNS = {Runtime.R: "#", Runtime.PYTHON: "#", Runtime.OCTAVE: "%", Runtime.SHELL: "#"}
names = st.text(string.ascii_letters + string.digits + "_", min_size=1, max_size=12)
texts = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs"), include_characters=' ",;=#'),
    min_size=1,
    max_size=40,
).filter(lambda text: text == text.strip())
pieces = texts.filter(lambda text: "|" not in text)


@st.composite
def input_sketches(draw: st.DrawFn) -> InputSketch:
    kind = draw(st.sampled_from(list(DataType)))
    return InputSketch(
        identifier=draw(names),
        type=kind,
        title=draw(st.none() | texts),
        abstract=draw(st.none() | texts),
        min_occurs=draw(st.none() | st.integers(0, 9)),
        max_occurs=draw(st.none() | st.integers(1, 99)),
        default=draw(st.none() | texts | st.just("")),
        choices=draw(st.none() | st.lists(pieces, min_size=1, max_size=4).map(tuple)),
        minimum=draw(st.none() | st.floats(allow_nan=False, allow_infinity=False)),
        maximum=draw(st.none() | st.floats(allow_nan=False, allow_infinity=False)),
        unit=draw(st.none() | pieces),
        formats=type_word(kind).formats or None,
        crs=draw(st.none() | st.lists(pieces, min_size=1, max_size=3).map(tuple)),
    )


def quoted(text: object) -> str:
    return '"' + str(text).replace('"', '""') + '"'


def written(sketch: InputSketch) -> list[str]:
    """The parts of an annotation that says this."""
    given_parts = {
        "title": sketch.title,
        "abstract": sketch.abstract,
        "minOccurs": sketch.min_occurs,
        "max_occurs": sketch.max_occurs,
        "value": sketch.default,
        "choices": None if sketch.choices is None else "|".join(sketch.choices),
        "minimum": None if sketch.minimum is None else repr(sketch.minimum),
        "maximum": None if sketch.maximum is None else repr(sketch.maximum),
        "unit": sketch.unit,
        "crs": None if sketch.crs is None else " | ".join(sketch.crs),
    }
    named = [
        f"{name} = {quoted(value)}" for name, value in given_parts.items() if value is not None
    ]
    return [sketch.identifier, str(sketch.type), *named]


@given(
    sketches=st.lists(input_sketches(), min_size=1, max_size=4),
    runtime=st.sampled_from(list(SIGNS)),
    breaks=st.booleans(),
    ended=st.booleans(),
)
def test_declarations_written_as_annotations_come_back(
    sketches: list[InputSketch], runtime: Runtime, breaks: bool, ended: bool
) -> None:
    sign = SIGNS[runtime]
    glue = f",\n{sign}   " if breaks else ", "
    end = ";" if breaks or ended else ""
    script = "\n".join(f"{sign} wps.in: {glue.join(written(s))}{end}\nx = 1" for s in sketches)

    found = read(script, runtime).inputs

    assert [s.origin.file for s in found] == ["script"] * len(sketches)
    assert [replace(s, origin=Origin()) for s in found] == sketches


@given(st.text(st.sampled_from('#%w p.sinout:=,;"\n|aé' + "\t"), max_size=200))
def test_no_comment_makes_the_reader_stumble(noise: str) -> None:
    findings = Findings()

    sketch_annotations(f"# wps.in: {noise}\n# wps.out: {noise}", Runtime.OCTAVE, "x", findings)


def test_a_text_after_an_unknown_name_is_not_reported_again() -> None:
    with pytest.raises(ScriptRejected) as rejected:
        read("# wps.in: a, string, titel = One, two;")

    assert len(rejected.value.faults) == 1
