"""What a Python function is called with, and what it may return."""

from __future__ import annotations

import pytest

from dataminer.domain.errors import OutputMissing, ScriptFailed
from dataminer.domain.methods import DataType, Input, Passing
from tests.integration.running import a_bench, a_box, an_output, text_of, value_of


@pytest.fixture(params=["warm", "cold"])
def bench(tmp_path, request):
    with a_bench(tmp_path, warm=request.param == "warm") as bench:
        yield bench


def test_values_come_as_python_knows_them(bench):
    script = """
def main(n: int, x: float, b: bool, s: str, d, t, m, f, table: str, box):
    kinds = [type(v).__name__ for v in (n, x, b, s, d, t, m, f, table, box)]
    return " ".join(kinds) + " " + f.read_text()
"""
    types = {
        "n": "integer", "x": "float", "b": "boolean", "s": "string", "d": "date", "t": "time",
        "m": "datetime", "f": "file", "table": "table", "box": "bbox",
    }  # fmt: skip
    values = {
        "n": "1", "x": "1.0", "b": "true", "s": "1", "d": "2026-03-31", "t": "12:00:00",
        "m": "2026-03-31T12:00:00Z", "f": bench.payload("content"), "table": bench.payload("a"),
        "box": a_box(),
    }  # fmt: skip

    outcome = bench.run(script, passing=Passing.FUNCTION, values=values,
                        inputs={name: DataType(kind) for name, kind in types.items()},
                        outputs=(an_output("o"),))  # fmt: skip

    assert text_of(outcome, "o") == (
        "int float bool str date time datetime PosixPath str dict content"
    )


def test_annotations_as_text_and_types_of_its_own_are_honoured(bench):
    script = """
from __future__ import annotations
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, NamedTuple

class Colour(Enum):
    RED = "red"

class Box(NamedTuple):
    lower: list
    upper: list
    crs: str

def main(colour: Colour, path: Annotated[str, "a file"], box: Box,
         corners: tuple[float, float, float, float], files: list[Path] | None = None):
    return f"{colour} {type(path).__name__} {box.crs} {corners} {[f.name for f in files]}"
"""
    inputs = {
        "colour": DataType.STRING, "path": DataType.FILE, "box": DataType.BBOX,
        "corners": DataType.BBOX,
        "files": Input(identifier="files", type=DataType.FILE, max_occurs=2),
    }  # fmt: skip
    values = {
        "colour": "red", "path": bench.payload("x"), "box": a_box(), "corners": a_box(),
        "files": [bench.payload("x", "a"), bench.payload("x", "b")],
    }  # fmt: skip

    outcome = bench.run(script, passing=Passing.FUNCTION, inputs=inputs, values=values,
                        outputs=(an_output("o"),))  # fmt: skip

    assert outcome.failure is None
    assert text_of(outcome, "o") == ("Colour.RED str EPSG:4326 (10.0, 40.5, 12.0, 44.0) ['a', 'b']")


def test_an_input_that_was_not_given_takes_the_functions_default(bench):
    inputs = {
        "a": Input(identifier="a", type=DataType.INTEGER, min_occurs=0),
        "b": Input(identifier="b", type=DataType.INTEGER, min_occurs=0),
        "c": Input(identifier="c", type=DataType.INTEGER, min_occurs=0, max_occurs=2),
    }

    outcome = bench.run("def main(a, c, b=5):\n    return f'{a} {b} {c}'", inputs=inputs,
                        passing=Passing.FUNCTION, outputs=(an_output("o"),))  # fmt: skip

    assert text_of(outcome, "o") == "None 5 []"


PREAMBLE = """
from typing import NamedTuple
from dataclasses import dataclass
class Pair(NamedTuple):
    a: int
    b: str
@dataclass
class Both:
    a: int
    b: str
def main():
"""


@pytest.mark.parametrize(
    "returned", ["{'a': 1, 'b': 'x'}", "Pair(1, 'x')", "Both(1, 'x')", "(1, 'x')"]
)
def test_several_outputs_are_returned_by_name_or_in_order(bench, returned):
    outputs = (an_output("a", DataType.INTEGER), an_output("b"))

    outcome = bench.run(f"{PREAMBLE}    return {returned}", passing=Passing.FUNCTION,
                        outputs=outputs)  # fmt: skip

    assert (text_of(outcome, "a"), text_of(outcome, "b")) == ("1", "x")


def test_a_value_alone_among_several_outputs_is_a_fault_that_names_them(bench):
    outcome = bench.run("def main():\n    return 1", passing=Passing.FUNCTION,
                        outputs=(an_output("a"), an_output("b")))  # fmt: skip

    assert isinstance(outcome.failure, ScriptFailed)
    assert "by name: a, b" in str(outcome.failure)


@pytest.mark.parametrize(
    "returned",
    [
        "{'lower': (10, 40.5), 'upper': (12, 44), 'crs': 'EPSG:4326'}",
        "(10, 40.5, 12, 44)",
    ],
)
def test_a_box_may_be_a_dictionary_or_four_numbers(bench, returned):
    outcome = bench.run(f"def main():\n    return {returned}", passing=Passing.FUNCTION,
                        outputs=(an_output("o", DataType.BBOX, crs=("EPSG:4326",)),))  # fmt: skip

    assert value_of(outcome, "o") == a_box()


def test_something_like_a_data_frame_is_written_as_a_table(bench):
    script = """
class Frame:
    def to_csv(self, path, index):
        with open(path, "w") as file:
            file.write(f"a,b\\n1,{index}\\n")

def main():
    return Frame()
"""

    outcome = bench.run(script, passing=Passing.FUNCTION,
                        outputs=(an_output("t", DataType.TABLE),))  # fmt: skip

    assert bench.content(outcome, "t") == b"a,b\n1,False\n"
    assert value_of(outcome, "t").media_type == "text/csv"
    assert value_of(outcome, "t").name == "t.csv"


def test_a_declared_file_needs_not_be_returned(bench):
    script = "def main():\n    open('o.txt', 'w').write('x')\n    return 5"
    outputs = (an_output("f", DataType.FILE, file="o.txt"), an_output("n", DataType.INTEGER))

    outcome = bench.run(script, passing=Passing.FUNCTION, outputs=outputs)

    assert bench.content(outcome, "f") == b"x"
    assert text_of(outcome, "n") == "5"


def test_a_file_that_is_returned_as_something_else_is_a_fault(bench):
    outcome = bench.run("def main():\n    return 5", passing=Passing.FUNCTION,
                        outputs=(an_output("f", DataType.FILE),))  # fmt: skip

    assert "output 'f' is a file: give its path, not int" in str(outcome.failure)


def test_nothing_returned_is_an_output_missing(bench):
    outcome = bench.run("def main():\n    pass", passing=Passing.FUNCTION,
                        outputs=(an_output("o"),))  # fmt: skip

    assert isinstance(outcome.failure, OutputMissing)


def test_a_script_may_import_its_own_modules(bench):
    outcome = bench.run("import helper\ndef main():\n    return helper.value",
                        files={"helper.py": "value = 7"}, passing=Passing.FUNCTION,
                        outputs=(an_output("o"),))  # fmt: skip

    assert text_of(outcome, "o") == "7"


def test_a_traceback_shows_the_script_and_not_its_driver(bench):
    outcome = bench.run("def main():\n    raise KeyError('x')", passing=Passing.FUNCTION)

    assert "driver.py" not in bench.log(outcome)
    assert 'script.py", line 2, in main' in bench.log(outcome)
