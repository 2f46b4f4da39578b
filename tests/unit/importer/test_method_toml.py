"""A method.toml says what a method is, and wins over what the script says."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataminer.domain.errors import ScriptRejected
from dataminer.domain.methods import DataType, Format, Limits, Passing, Runtime, Target
from dataminer.ports import Draft
from importer.reader import Reader
from importer.toml_lines import key_lines

SCRIPT = '''
from pathlib import Path


def main(points: Path, k: int = 3, name: str = "x") -> Path:
    """Cluster.

    Args:
        k: Number of clusters.
    """
'''


def draft(tmp_path: Path, manifest: str, **scripts: str) -> Draft:
    folder = tmp_path / "METHOD"
    folder.mkdir(exist_ok=True)
    (folder / "method.toml").write_text(manifest)
    for name, text in scripts.items():
        (folder / name.replace("_", ".")).write_text(text)
    return Reader().read(folder)


def faults(tmp_path: Path, manifest: str, **scripts: str) -> list[str]:
    with pytest.raises(ScriptRejected) as rejected:
        draft(tmp_path, manifest, **scripts)
    return [str(fault) for fault in rejected.value.faults]


def test_everything_that_the_code_says_may_be_left_out(tmp_path: Path) -> None:
    read = draft(tmp_path, "", main_py=SCRIPT)

    manifest = read.manifest
    assert (manifest.identifier, manifest.title) == ("METHOD", "Cluster")
    assert (manifest.entry, manifest.passing) == ("main.py:main", Passing.FUNCTION)
    assert [i.identifier for i in manifest.inputs] == ["points", "k", "name"]
    assert "the method is called 'METHOD', as the file or folder is" in read.notes


def test_the_manifest_wins_where_both_speak(tmp_path: Path) -> None:
    text = """
        [[input]]
        identifier = "k"
        title = "How many"
        default = 5
        maximum = 9
        [[input]]
        identifier = "points"
        type = "table"
        [[output]]
        identifier = "labelled"
        type = "csv"
        title = "The same with a column more"
    """

    manifest = draft(tmp_path, text, main_py=SCRIPT).manifest

    k, points, name = manifest.inputs
    assert (k.title, k.default, k.maximum, k.type) == ("How many", "5", 9, DataType.INTEGER)
    assert (points.type, points.formats) == (DataType.TABLE, (Format(media_type="text/csv"),))
    assert name.default == "x"
    assert [(o.identifier, o.type) for o in manifest.outputs] == [("labelled", DataType.TABLE)]


def test_a_type_that_the_code_says_otherwise_is_noted(tmp_path: Path) -> None:
    text = '[[input]]\nidentifier = "k"\ntype = "float"\n'

    read = draft(tmp_path, text, main_py=SCRIPT)

    note = "method.toml:3: 'k' is float and not integer, which main.py:5 says"
    assert note in read.notes
    assert read.manifest.inputs[0].default == "3.0"


def test_a_default_of_the_code_that_the_manifest_forbids_is_a_fault_of_the_code(
    tmp_path: Path,
) -> None:
    text = '[[input]]\nidentifier = "k"\nminimum = 10\n'

    assert faults(tmp_path, text, main_py=SCRIPT) == [
        "main.py:5: the default of 'k': 3 is below the minimum of 10"
    ]


def test_all_that_a_manifest_can_say_is_understood(tmp_path: Path) -> None:
    text = """
        identifier = "all.of-it_1"
        title = "All of it"
        abstract = "An abstract"
        version = "1.0-beta"
        category = "DEMO"
        keywords = ["a", "b"]
        author = "A. Author"
        licence = "MIT"
        runtime = "r"
        entry = "script.R"
        passing = "json"
        target = "cloud"
        deterministic = true
        repeatable = false

        [limits]
        wall_seconds = 60
        cores = 2
        memory_mb = 512
        processes = 8
        cpu_seconds = 90
        folder_mb = 100

        [[input]]
        identifier = "when"
        type = "datetime"
        default = 2020-02-29T12:00:00Z
        [[input]]
        identifier = "many"
        type = "double"
        choices = [1, 2.5, "3"]
        min_occurs = 2
        max_occurs = 3
        [[input]]
        identifier = "area"
        type = "boundingBox"
        crs = ["EPSG:3857"]
        min_occurs = 0
        [[output]]
        identifier = "picture"
        type = "image/png"
        file = "picture.png"
        optional = true
        [[output]]
        identifier = "count"
        type = "integer"
        file = "count.txt"

        [example.inputs]
        many = [1, 3]
        area = "10,40,12,44,EPSG:3857"
        [example.outputs]
        count = 3
    """

    manifest = draft(tmp_path, text, script_R="x <- 1\n").manifest

    when, many, area = manifest.inputs
    assert (manifest.runtime, manifest.passing, manifest.target) == (
        Runtime.R, Passing.JSON, Target.CLOUD)  # fmt: skip
    assert manifest.limits == Limits(
        wall_seconds=60, cores=2, memory_mb=512, processes=8, cpu_seconds=90, folder_mb=100
    )
    assert (manifest.deterministic, manifest.repeatable, manifest.version) == (
        True, False, "1.0-beta")  # fmt: skip
    assert (when.default, when.min_occurs) == ("2020-02-29T12:00:00Z", 0)
    assert (many.choices, many.min_occurs, many.max_occurs) == (("1.0", "2.5", "3.0"), 2, 3)
    assert (area.type, area.crs) == (DataType.BBOX, ("EPSG:3857",))
    assert [(o.file, o.optional) for o in manifest.outputs] == [
        ("picture.png", True), ("count.txt", False)]  # fmt: skip
    assert manifest.example is not None
    assert manifest.example.inputs == (
        ("many", "1"), ("many", "3"), ("area", "10,40,12,44,EPSG:3857"))  # fmt: skip


def test_annotations_complete_a_manifest(tmp_path: Path) -> None:
    text = 'title = "From the manifest"\n[[input]]\nidentifier = "a"\nmaximum = 5\n'
    script = (
        "# wps.des: x, From the script, 7;\n"
        "# wps.in: a, integer, A;\n"
        "# wps.out: b, double;\n"
        "b = a\n"
    )

    manifest = draft(tmp_path, text, script_m=script).manifest

    assert (manifest.identifier, manifest.title, manifest.version) == (
        "x",
        "From the manifest",
        "7",
    )
    assert (manifest.inputs[0].maximum, manifest.inputs[0].type) == (5, DataType.INTEGER)


def test_a_script_named_by_a_manifest_beside_it_is_read_with_it(tmp_path: Path) -> None:
    draft(tmp_path, 'identifier = "FOLDER"\nentry = "main.py"\n', main_py=SCRIPT, other_py=SCRIPT)
    folder = tmp_path / "METHOD"

    named = Reader().read(folder / "main.py").manifest
    by_file = Reader().read(folder / "method.toml").manifest
    other = Reader().read(folder / "other.py")

    assert named.identifier == by_file.identifier == "FOLDER"
    assert (other.manifest.identifier, len(other.files)) == ("other", 1)


def test_a_function_of_another_name_is_called_when_the_entry_names_it(tmp_path: Path) -> None:
    manifest = draft(tmp_path, 'entry = "a.py:go"\n', a_py="def go() -> int: ...\n").manifest

    assert manifest.entry == "a.py:go"


def test_a_function_that_takes_anything_gets_the_declared_inputs(tmp_path: Path) -> None:
    text = (
        '[[input]]\nidentifier = "a"\ntype = "integer"\n'
        '[[output]]\nidentifier = "b"\ntype = "text"\n'
    )

    manifest = draft(tmp_path, text, a_py="def main(**inputs) -> dict: ...\n").manifest

    assert [i.identifier for i in manifest.inputs] == ["a"]


def test_an_output_that_the_function_writes_as_a_file_needs_no_value(tmp_path: Path) -> None:
    text = '[[output]]\nidentifier = "a"\ntype = "png"\nfile = "a.png"\n'

    assert (
        draft(tmp_path, text, a_py="def main() -> None: ...\n").manifest.outputs[0].file == "a.png"
    )


def test_returned_values_without_names_take_those_of_the_manifest(tmp_path: Path) -> None:
    text = '[[output]]\nidentifier = "a"\n[[output]]\nidentifier = "b"\ntitle = "B"\n'

    outputs = draft(tmp_path, text, a_py="def main() -> tuple[int, str]: ...\n").manifest.outputs

    assert [(o.identifier, o.type.value) for o in outputs] == [("a", "integer"), ("b", "string")]


@pytest.mark.parametrize(
    ("manifest", "script", "message"),
    [
        ('[[output]]\nidentifier = "a"\n[[output]]\nidentifier = "b"\n', "def main() -> int: ...\n",
         "'a.py:main' returns 1 values, but 2 outputs are declared"),
        ('entry = "a.py:x"\npassing = "variables"\n[[output]]\nidentifier = "b"\ntype = "text"\n',
         "b = 1\n", "names a function, but inputs are passed as variables"),
        ('[[output]]\nidentifier = "b"\n', "b = 1\n", "output 'b': it has no type"),
        ('dependencies = ["numpy"', "b = 1\n", "this is not TOML"),
        ("x = " + "[" * 5000, "b = 1\n", "this is not TOML"),
        ('[limits]\ncores = 0\n[[output]]\nidentifier = "b"\ntype = "text"\n', "b = 1\n",
         "method.toml:2: cores must be between 1 and 1024, not 0"),
        ("[limits]\nmemory_mb = -5\n", SCRIPT,
         "method.toml:2: memory_mb must be between 1 and 10000000, not -5"),
        ("[limits]\nmemory = 5\n", SCRIPT, "did you mean 'memory_mb'?"),
        ('[[input]]\nidentifier = "a"\ntype = "string"\nmin_occurs = 2\n', SCRIPT,
         "may occur at most 1 times, which is fewer than 2"),
        ("input = 3\n", SCRIPT, "'input' must be written as [[input]]"),
        ("example = 3\n", SCRIPT, "'example' must be a table [example]"),
        ('[[output]]\nidentifier = "a"\nformats = [3]\n', SCRIPT, "a list of texts or tables"),
        ('[[output]]\nidentifier = "a"\nformats = [{ type = "x" }]\n', SCRIPT,
         "'type' is not known here"),
        ('[example.inputs]\npoints = "@nowhere.csv"\n', SCRIPT, "there is no file 'nowhere.csv'"),
        ('[example.inputs]\nk = "many"\n', SCRIPT, "'many' is not a whole number"),
        ("[example.inputs]\nk = [[1]]\n", SCRIPT, "'k' must be a list of values"),
        ('version = "a b"\n', SCRIPT, "must be short and without spaces"),
        ('identifier = "-a"\n', SCRIPT, "a method cannot be called '-a'"),
        ("[limits]\nwall_seconds = 1e400\n", SCRIPT, "'wall_seconds' must be a whole number"),
        ('[[input]]\nidentifier = "k"\nminimum = nan\n', SCRIPT, "'minimum' must be a number"),
    ],
)  # fmt: skip
def test_a_faulty_manifest_says_what_is_wrong(
    tmp_path: Path, manifest: str, script: str, message: str
) -> None:
    assert any(message in fault for fault in faults(tmp_path, manifest, a_py=script))


def test_two_scripts_without_an_entry_are_a_question(tmp_path: Path) -> None:
    found = faults(tmp_path, "", a_py=SCRIPT, b_R="x <- 1")

    assert found == ["method.toml: say which script is run, as entry; there are: a.py, b.R"]


def test_a_default_makes_an_input_optional_even_if_it_says_otherwise(tmp_path: Path) -> None:
    text = '[[input]]\nidentifier = "k"\nmin_occurs = 1\ndefault = 4\n'

    read = draft(tmp_path, text, main_py=SCRIPT)

    assert read.manifest.inputs[0].min_occurs == 0
    assert "method.toml:3: 'k' has a default and is therefore optional" in read.notes


def test_names_that_differ_only_in_case_are_noted(tmp_path: Path) -> None:
    text = (
        '[[output]]\nidentifier = "A"\ntype = "text"\n[[output]]\nidentifier = "a"\ntype = "text"\n'
    )

    assert "method.toml:5: 'a' and 'A' differ only in case" in draft(
        tmp_path, text, x_sh="a=1\nA=1\n").notes  # fmt: skip


def test_several_outputs_of_a_program_need_files(tmp_path: Path) -> None:
    text = (
        'passing = "arguments"\n[[output]]\nidentifier = "a"\ntype = "text"\n'
        '[[output]]\nidentifier = "b"\ntype = "text"\n'
    )

    notes = draft(tmp_path, text, x_sh="echo\n").notes

    assert "of a, b only one can be the standard output; give the others a file" in notes


def test_a_file_of_no_known_kind_is_noted_unless_the_manifest_says_its_kind(
    tmp_path: Path,
) -> None:
    vague = draft(tmp_path, "", main_py=SCRIPT).notes
    clear = draft(
        tmp_path,
        '[[input]]\nidentifier = "points"\nformats = ["application/json"]\n',
        main_py=SCRIPT,
    ).notes

    assert "main.py:5: 'points' takes any file; a media type would say which" in vague
    assert not any("takes any file" in note for note in clear)


LOCK = "numpy==2.0.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n"


def test_a_lock_beside_the_manifest_is_taken_and_is_no_file_of_the_package(tmp_path: Path) -> None:
    folder = tmp_path / "METHOD"
    folder.mkdir()
    (folder / "requirements.lock").write_text(LOCK)

    read = draft(tmp_path, 'dependencies = ["numpy>=1.26"]\n', main_py=SCRIPT)

    assert read.lock == folder / "requirements.lock"
    assert [path for path, _ in read.files] == ["main.py", "method.toml"]


def test_hidden_files_and_caches_are_left_out(tmp_path: Path) -> None:
    for name in (".git/config", "__pycache__/a.pyc", "data/.hidden", "data/a.csv"):
        path = tmp_path / "METHOD" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    read = draft(tmp_path, "", main_py=SCRIPT)

    assert [path for path, _ in read.files] == ["data/a.csv", "main.py", "method.toml"]


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    script = tmp_path / "a.py"
    script.write_bytes(
        b"\xef\xbb\xbf# wps.in: a, string, A,\r\n#  value = x;\r\n# wps.out: b, text;\r\nb=1\r\n"
    )

    assert Reader().read(script).manifest.inputs[0].default == "x"


TOML = '''# [[input]]
title = "a # b" # c
"quoted" = 1
abstract = """
[[input]]
x = 1
"""
raw = \'\'\'
y = [
\'\'\'
keywords = [
  "a", # [
  "]",
]
limits.cores = 2
[[input]]
identifier = "a"
[[input]]
identifier = "b"
formats = [{ media_type = "a/b" },
           "c/d"]
[ example . inputs ]
a = 1
'''


def test_each_key_of_a_document_has_its_line() -> None:
    assert key_lines(TOML) == {
        ("title",): 2,
        ("abstract",): 4,
        ("raw",): 8,
        ("keywords",): 11,
        ("limits",): 15,
        ("limits", "cores"): 15,
        ("input", 0): 16,
        ("input", 0, "identifier"): 17,
        ("input", 1): 18,
        ("input", 1, "identifier"): 19,
        ("input", 1, "formats"): 20,
        ("example", "inputs"): 22,
        ("example", "inputs", "a"): 23,
    }
