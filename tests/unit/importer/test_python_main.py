"""A typed Python function says what its method takes and gives; nothing is executed."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataminer.domain.errors import ScriptRejected
from dataminer.domain.methods import DataType, Format, Input, Manifest, Output, Passing
from dataminer.ports import Draft
from importer.python_main import MANY
from importer.reader import Reader

IMPORTS = """
import datetime
import enum
from datetime import date as day
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, List, Literal, NamedTuple, Optional, TypedDict, Union
import typing as t
from dataclasses import dataclass
"""


def draft(tmp_path: Path, source: str) -> Draft:
    script = tmp_path / "method.py"
    script.write_text(IMPORTS + source)
    return Reader().read(script)


def manifest(tmp_path: Path, source: str) -> Manifest:
    return draft(tmp_path, source).manifest


def an_input(tmp_path: Path, parameter: str, before: str = "") -> Input:
    source = f"{before}\ndef main({parameter}) -> int:\n    return 1\n"
    return manifest(tmp_path, source).inputs[0]


def some_outputs(tmp_path: Path, hint: str, before: str = "") -> tuple[Output, ...]:
    return manifest(tmp_path, f"{before}\ndef main() -> {hint}:\n    ...\n").outputs


def faults(tmp_path: Path, source: str) -> str:
    with pytest.raises(ScriptRejected) as rejected:
        draft(tmp_path, source)
    return str(rejected.value)


@pytest.mark.parametrize(
    ("hint", "data_type"),
    [
        ("str", DataType.STRING),
        ("int", DataType.INTEGER),
        ("float", DataType.FLOAT),
        ("bool", DataType.BOOLEAN),
        ("day", DataType.DATE),
        ("datetime.date", DataType.DATE),
        ("datetime.time", DataType.TIME),
        ("datetime.datetime", DataType.DATETIME),
        ("Path", DataType.FILE),
        ("'Path'", DataType.FILE),
        ("str | Path", DataType.FILE),
        ("int | float", DataType.FLOAT),
        ("Annotated[Path, 'text/csv']", DataType.TABLE),
        ("Annotated[Path, 'a hint', 'image/png']", DataType.FILE),
        ("Annotated[int, 'text/csv']", DataType.INTEGER),
        ("t.Union[int, float]", DataType.FLOAT),
    ],
)
def test_a_type_hint_is_a_type(tmp_path: Path, hint: str, data_type: DataType) -> None:
    declared = an_input(tmp_path, f"a: {hint}")

    assert (declared.type, declared.min_occurs, declared.max_occurs) == (data_type, 1, 1)


@pytest.mark.parametrize(
    "hint", ["Optional[int]", "int | None", "None | int", "Union[int, None]", "t.Optional['int']"]
)
def test_what_may_be_none_is_optional(tmp_path: Path, hint: str) -> None:
    declared = an_input(tmp_path, f"a: {hint}")

    assert (declared.type, declared.min_occurs, declared.default) == (DataType.INTEGER, 0, None)


@pytest.mark.parametrize(
    "hint", ["list[float]", "List[float]", "tuple[float, ...]", "t.Sequence['float']"]
)
def test_a_list_may_be_given_many_times(tmp_path: Path, hint: str) -> None:
    declared = an_input(tmp_path, f"a: {hint}")

    assert (declared.type, declared.min_occurs, declared.max_occurs) == (DataType.FLOAT, 1, MANY)


@pytest.mark.parametrize(
    ("hint", "before", "data_type", "choices"),
    [
        ("Literal['a', 'b']", "", DataType.STRING, ("a", "b")),
        ("Literal[-1, 1]", "", DataType.INTEGER, ("-1", "1")),
        ("t.Literal['a', None]", "", DataType.STRING, ("a",)),
        ("Kind", "class Kind(Enum):\n    A = 0.5\n    B = 2.0", DataType.FLOAT, ("0.5", "2.0")),
        (
            "Kind",
            "class Kind(enum.StrEnum):\n    A = 'x'\n    B = 'y'",
            DataType.STRING,
            ("x", "y"),
        ),
        ("Kind", "Kind = Literal['p', 'q']", DataType.STRING, ("p", "q")),
    ],
)
def test_literals_and_enumerations_are_choices(
    tmp_path: Path, hint: str, before: str, data_type: DataType, choices: tuple[str, ...]
) -> None:
    declared = an_input(tmp_path, f"a: {hint}", before)

    assert (declared.type, declared.choices) == (data_type, choices)


@pytest.mark.parametrize(
    ("parameter", "default"),
    [
        ("a: int = 3", "3"),
        ("a: float = 3", "3.0"),
        ("a: float = -1e-3", "-0.001"),
        ("a: bool = True", "true"),
        ("a: str = ''", ""),
        ("a: int = LIMIT", "7"),
        ("a: datetime.date = datetime.date(2020, 2, 29)", "2020-02-29"),
        ("a: datetime.datetime = datetime.datetime(2020, 2, 29, 12)", "2020-02-29T12:00:00Z"),
        ("a: Kind = Kind.B", "y"),
    ],
)
def test_a_constant_default_is_shown(tmp_path: Path, parameter: str, default: str) -> None:
    before = "LIMIT = 7\nclass Kind(Enum):\n    A = 'x'\n    B = 'y'"

    declared = an_input(tmp_path, parameter, before)

    assert (declared.default, declared.min_occurs) == (default, 0)


@pytest.mark.parametrize(
    "parameter",
    ["a: int = len('abc')", "a: list[int] = [1, 2]", "a: Path = Path('x')", "a: int = other.LIMIT"],
)
def test_a_default_that_only_the_script_knows_is_noted(tmp_path: Path, parameter: str) -> None:
    read = draft(tmp_path, f"def main({parameter}) -> int: ...")

    assert (read.manifest.inputs[0].default, read.manifest.inputs[0].min_occurs) == (None, 0)
    assert any("clients will not see the default" in note for note in read.notes)


def test_a_default_says_the_type_where_there_is_no_hint(tmp_path: Path) -> None:
    read = draft(tmp_path, "def main(a=1, *, b='x', c=0.5, d=False) -> int: ...")

    assert [i.type.value for i in read.manifest.inputs] == ["integer", "string", "float", "boolean"]
    assert "method.py:10: 'a' has no type hint; its default makes it integer" in read.notes


def test_keywords_after_the_star_are_inputs_too(tmp_path: Path) -> None:
    inputs = manifest(
        tmp_path, "def main(a: int, b: int = 1, *, c: str, d: str = 'x') -> int: ..."
    ).inputs

    assert [(i.identifier, i.min_occurs) for i in inputs] == [
        ("a", 1),
        ("b", 0),
        ("c", 1),
        ("d", 0),
    ]


def test_a_class_named_as_a_box_is_a_box(tmp_path: Path) -> None:
    before = "class BoundingBox(TypedDict):\n    lower: list[float]\n"

    declared = an_input(tmp_path, "area: BoundingBox", before)

    assert (declared.type, declared.crs) == (DataType.BBOX, ("EPSG:4326",))


GOOGLE = '''
    """Find clusters. Quickly.

    In space,
    and in time.

    Args:
        gap: Largest gap [km/h], between points. Not more.
        share (float, optional): Share of noise (%).
        name: A name [of sorts].

    Returns:
        Number of clusters.
    """
'''
NUMPY = '''
    """Find clusters. Quickly.

    In space,
    and in time.

    Parameters
    ----------
    gap : float
        Largest gap [km/h], between points. Not more.
    share : float, optional
        Share of noise (%).
    name : str
        A name [of sorts].

    Returns
    -------
    clusters : int
        Number of clusters.
    """
'''
REST = '''
    """Find clusters. Quickly.

    In space,
    and in time.

    :param gap: Largest gap [km/h], between points.
        Not more.
    :param float share: Share of noise (%).
    :param name: A name [of sorts].
    :returns: Number of clusters.
    """
'''


@pytest.mark.parametrize(
    ("docstring", "output"), [(GOOGLE, "output"), (NUMPY, "clusters"), (REST, "output")]
)
def test_the_docstring_gives_titles_texts_and_units(
    tmp_path: Path, docstring: str, output: str
) -> None:
    read = manifest(
        tmp_path,
        f"def main(gap: float, name: str, share: float = 0) -> int:{docstring}    return 1",
    )

    gap, name, share = read.inputs
    assert (read.title, read.abstract) == ("Find clusters", "Quickly.\n\nIn space, and in time.")
    assert (gap.title, gap.abstract, gap.unit) == (
        "Largest gap, between points", "Not more.", "km/h")  # fmt: skip
    assert (share.title, share.unit) == ("Share of noise", "%")
    assert (name.title, name.unit) == ("A name [of sorts]", "")
    assert (read.outputs[0].identifier, read.outputs[0].title) == (output, "Number of clusters")


def test_the_modules_docstring_stands_in(tmp_path: Path) -> None:
    script = tmp_path / "method.py"
    script.write_text('"""A title."""\ndef main() -> int: ...\n')

    assert Reader().read(script).manifest.title == "A title"


def test_a_docstring_about_what_is_not_there_is_noted(tmp_path: Path) -> None:
    notes = draft(
        tmp_path, 'def main() -> int:\n    """A.\n\n    Args:\n        x: X.\n    """'
    ).notes

    assert "method.py:10: the docstring describes 'x', which 'main' does not take" in notes


def test_a_single_returned_value_is_called_output(tmp_path: Path) -> None:
    read = draft(tmp_path, "def main() -> Annotated[Path, 'image/png', 'image/jpeg']: ...")

    assert read.manifest.outputs == (
        Output(
            identifier="output",
            type=DataType.FILE,
            formats=(Format(media_type="image/png"), Format(media_type="image/jpeg")),
        ),
    )
    assert "method.py:10: the returned value is called 'output'" in read.notes


@pytest.mark.parametrize("hint", ["pandas.DataFrame", "pd.DataFrame", "'GeoDataFrame'"])
def test_a_returned_data_frame_is_a_table(tmp_path: Path, hint: str) -> None:
    (output,) = some_outputs(tmp_path, hint, "import pandas as pd")

    assert (output.type, output.formats) == (DataType.TABLE, (Format(media_type="text/csv"),))


@pytest.mark.parametrize(
    "definition",
    [
        "class Out(NamedTuple):\n{doc}    a: Path\n    b: float | None = None\n",
        "@dataclass(frozen=True)\nclass Out:\n{doc}    a: Path\n    b: Optional[float]\n",
        "class Out(TypedDict):\n{doc}    a: Path\n    b: t.NotRequired[float]\n",
    ],
)
def test_each_field_of_a_returned_structure_is_an_output(tmp_path: Path, definition: str) -> None:
    doc = '    """Out.\n\n    Attributes:\n        a: A file.\n        b: A height [m].\n    """\n'

    first, second = some_outputs(tmp_path, "Out", definition.format(doc=doc))

    assert (first.identifier, first.type, first.title) == ("a", DataType.FILE, "A file")
    assert (second.identifier, second.type, second.optional) == ("b", DataType.FLOAT, True)
    assert (second.title, second.unit) == ("A height", "m")


def test_a_tuple_takes_its_names_from_the_docstring(tmp_path: Path) -> None:
    section = "Returns\n    -------\n    a : int\n        An A.\n    b : Path\n        A B.\n"
    docstring = f'"""T.\n\n    {section}    """'

    outputs = manifest(tmp_path, f"def main() -> tuple[int, Path]:\n    {docstring}").outputs

    assert [(o.identifier, o.type.value, o.title) for o in outputs] == [
        ("a", "integer", "An A"), ("b", "file", "A B")]  # fmt: skip


@pytest.mark.parametrize("hint", ["dict", "dict[str, Any]", "Any"])
def test_a_dictionary_does_not_say_what_it_holds(tmp_path: Path, hint: str) -> None:
    assert "no output is declared" in faults(tmp_path, f"def main() -> {hint}: ...")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def main(a: complex) -> int: ...", "the type hint 'complex' says nothing here"),
        ("def main(a: 'int[') -> int: ...", "says nothing here"),
        ("def main(a: Literal['x', 1]) -> int: ...", "says nothing here"),
        ("def main(a: list[list[int]]) -> int: ...", "says nothing here"),
        ("def main(a: Optional[()]) -> int: ...", "says nothing here"),
        ("A = A\ndef main(a: A) -> int: ...", "says nothing here"),
        ("class K(Enum):\n    A = enum.auto()\ndef main(a: K) -> int: ...", "says nothing here"),
        ("class C: ...\ndef main(a: C) -> int: ...", "says nothing here"),
        ("def main(a: Literal['x'] = 'y') -> int: ...", "'y' is not one of: x"),
        ("def main(a) -> int: ...", "it has no type hint"),
        ("def main(**a: int) -> int:\n    ''' '''\nmain(", "cannot be parsed"),
    ],
)
def test_what_a_signature_does_not_say_is_a_fault(
    tmp_path: Path, source: str, message: str
) -> None:
    assert message in faults(tmp_path, source)


def test_annotations_and_signature_go_together(tmp_path: Path) -> None:
    read = manifest(
        tmp_path,
        "# wps.des: id = both, title = From the comment, version = 3;\n"
        "# wps.dep: numpy>=1.26\n"
        "def main(a: int) -> int:\n    '''From the docstring.'''\n",
    )

    assert (read.identifier, read.title, read.version) == ("both", "From the comment", "3")
    assert (read.passing, read.entry) == (Passing.FUNCTION, "method.py:main")
    assert (read.dependencies, read.inputs[0].identifier) == (("numpy>=1.26",), "a")


def test_annotated_inputs_make_it_a_script_of_variables(tmp_path: Path) -> None:
    read = manifest(tmp_path, "# wps.out: a, integer;\na = 1\ndef main(b: int) -> int: ...\n")

    assert (read.passing, read.entry, read.inputs) == (Passing.VARIABLES, "method.py", ())


def test_an_import_that_no_dependency_brings_is_noted(tmp_path: Path) -> None:
    source = (
        "# wps.dep: scikit-learn, opencv-python-headless\n"
        "import sklearn.cluster, cv2, yaml\nfrom os import path\nimport yaml.nodes\n"
        "def main() -> int: ...\n"
    )

    notes = [note for note in draft(tmp_path, source).notes if "imports" in note]

    assert notes == ["method.py:11: imports 'yaml', but no dependency names 'pyyaml'"]


def test_a_script_is_never_executed(tmp_path: Path) -> None:
    trace = tmp_path / "trace"

    draft(tmp_path, f"Path({str(trace)!r}).touch()\ndef main(a: int = print('x')) -> int: ...\n")

    assert not trace.exists()


def test_warnings_about_the_authors_code_are_not_ours(tmp_path: Path) -> None:
    assert an_input(tmp_path, "a: str = 'x'", before="PATTERN = '\\d'").default == "x"
