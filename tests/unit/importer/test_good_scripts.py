"""Scripts of every language and every way of declaring become methods, with their descriptions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dataminer.domain.methods import Limits, Manifest, Passing, Runtime
from importer.description import describe
from importer.languages import runtime_of_text
from importer.reader import Reader

GOOD = Path(__file__).parents[2] / "scripts" / "good"


def manifest(name: str) -> Manifest:
    return Reader().read(GOOD / name).manifest


@pytest.mark.parametrize("path", sorted(GOOD.iterdir()), ids=lambda path: path.name)
def test_each_good_script_becomes_a_package_with_its_entry(path: Path) -> None:
    draft = Reader().read(path)

    assert draft.manifest.entry.partition(":")[0] in dict(draft.files)
    assert describe(draft.manifest).startswith(draft.manifest.identifier)


@pytest.mark.parametrize(
    ("name", "runtime", "passing", "inputs", "outputs"),
    [
        ("random.R", Runtime.R, Passing.VARIABLES, "lowest highest n seed", "numbers average"),
        ("sentence.R", Runtime.R, Passing.VARIABLES, "subject verb place", "said"),
        ("area.m", Runtime.OCTAVE, Passing.VARIABLES, "outer inner", "surface"),
        ("count_lines.sh", Runtime.SHELL, Passing.VARIABLES, "document skip", "lines"),
        ("longest_word.py", Runtime.PYTHON, Passing.VARIABLES, "sentence language", "word"),
        ("grid.py", Runtime.PYTHON, Passing.FUNCTION,
         "points step shape norm layers since draw", "cells largest map"),
        ("greet", Runtime.PYTHON, Passing.FUNCTION, "times language name picture", "greeting"),
        ("program", Runtime.BINARY, Passing.ARGUMENTS, "text", "turned"),
    ],
)  # fmt: skip
def test_a_script_says_what_it_takes_and_gives(
    name: str, runtime: Runtime, passing: Passing, inputs: str, outputs: str
) -> None:
    read = manifest(name)

    assert (read.runtime, read.passing) == (runtime, passing)
    assert [i.identifier for i in read.inputs] == inputs.split()
    assert [o.identifier for o in read.outputs] == outputs.split()


def test_the_description_is_what_a_client_will_see() -> None:
    assert (
        describe(manifest("grid.py"))
        == """\
grid (version 1): Count points in the cells of a grid
  Cells begin at the south-west corner.

Inputs
  points: Where they are
      table; required; text/csv
      Columns x and y.
  step: Width of a cell, measured between centres
      float; optional; default 0.5; in km
  shape: Form of a cell
      string; optional; default square; one of square | hexagon
  norm: How distance is measured
      integer; optional; default 2; one of 1 | 2
  layers: Only these layers
      string; 0 to 1000 times
  since: Leave out what is older
      date; optional; default 2020-02-29
  draw: Whether to draw a map
      boolean; optional; default false

Outputs
  cells: A row for each cell
      table; text/csv
      Columns are x, y and count.
  largest: Area of the largest cell
      float; in km²
  map: A picture
      file; may be left out; image/png

Runs: grid.py:main (python), target local, 1 core, at most 1 h
Promises: not declared deterministic, run again when its node dies
Dependencies: numpy>=1.26
Category: OTHER
"""
    )


def test_the_description_names_limits_people_and_examples_of_a_folder() -> None:
    text = describe(manifest("greet"))

    assert "integer; optional; default 1; at least 1; at most 10" in text
    assert text.endswith("""\
Runs: greet.py:hello (python), target local, 1 core, at most 90 s
Promises: deterministic, run again when its node dies
Dependencies: none
Category: DEMO
Author: A. Author
Licence: CC0-1.0
Keywords: text, demo
""")


def test_the_description_names_the_limits_that_a_method_sets_for_itself() -> None:
    limits = Limits(memory_mb=2_000, processes=1, cpu_seconds=120, folder_mb=5)

    text = describe(replace(manifest("greet"), limits=limits))

    assert "Limits: 2,000 MB of memory, 1 process, 2 min of CPU, a folder of 5 MB\n" in text
    assert "Limits:" not in describe(manifest("greet"))


def test_the_example_of_a_folder_is_kept() -> None:
    example = manifest("greet").example

    assert example is not None
    assert example.inputs == (("name", "Ada"), ("times", "2"), ("picture", "@example/ada.txt"))
    assert example.outputs == (("greeting", "@example/expected.txt"),)


def test_resources_of_a_script_go_into_the_package(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").touch()
    (tmp_path / "words.txt").touch()
    (tmp_path / "other.txt").touch()
    script = tmp_path / "script.R"
    script.write_text("# wps.res: data, words.txt;\n# wps.out: a, integer;\na <- 1\n")

    draft = Reader().read(script)

    assert [path for path, _ in draft.files] == ["data/a.csv", "script.R", "words.txt"]
    assert any("'../package/words.txt'" in note for note in draft.notes)


def test_an_output_that_nothing_sets_is_noted(tmp_path: Path) -> None:
    script = tmp_path / "script.sh"
    script.write_text("# wps.out: a, integer;\n# wps.out: b, text, file = b.txt;\necho 1 > b.txt\n")

    notes = Reader().read(script).notes

    assert "script.sh:1: nothing seems to be assigned to the output 'a'" in notes
    assert not any("'b'" in note and "assigned" in note for note in notes)


@pytest.mark.parametrize(
    ("text", "runtime"),
    [
        ("#!/usr/bin/env python3.11\n", Runtime.PYTHON),
        ("#!/usr/bin/Rscript --vanilla\n", Runtime.R),
        ("#!/bin/sh\n", Runtime.SHELL),
        ("#!/usr/bin/perl\n", None),
        ("echo\n", None),
    ],
)
def test_the_first_line_names_the_language(text: str, runtime: Runtime | None) -> None:
    assert runtime_of_text(text) is runtime


def test_a_script_without_suffix_is_read_by_its_first_line(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/bin/bash\n# wps.out: a, integer;\na=1\n")

    assert Reader().read(script).manifest.runtime is Runtime.SHELL
