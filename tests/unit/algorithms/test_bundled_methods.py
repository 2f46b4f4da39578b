from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.unit.algorithms.bundled import FOLDER, IDENTIFIERS, example_inputs, manifest

PYTHON = [name for name in IDENTIFIERS if manifest(name)["runtime"] == "python"]
LOCKED = [name for name in IDENTIFIERS if manifest(name).get("dependencies")]
OURS = {"dataminer", "importer", "provenance", "workers", "algorithms"}


def main_of(identifier: str) -> ast.FunctionDef:
    script = FOLDER / identifier / manifest(identifier)["entry"].partition(":")[0]
    body = ast.parse(script.read_text(encoding="utf-8")).body
    return next(node for node in body if isinstance(node, ast.FunctionDef) and node.name == "main")


def defaults_of(function: ast.FunctionDef) -> dict[str, object]:
    names = [argument.arg for argument in function.args.args][-len(function.args.defaults) :]
    return dict(zip(names, map(ast.literal_eval, function.args.defaults), strict=True))


def test_the_methods_that_users_of_the_original_ran_are_there():
    assert set(IDENTIFIERS) == {
        "CARS",
        "CSQUARE",
        "DBSCAN",
        "KMEANS",
        "SORTWORDS",
        "TRAJECTORY_BUILDER",
        "WORDCOUNT",
        "echo",
    }


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_a_folder_is_named_as_its_method(identifier):
    assert manifest(identifier)["identifier"] == identifier


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_every_input_and_output_has_a_title_and_an_abstract(identifier):
    described = manifest(identifier)["input"] + manifest(identifier)["output"]

    assert all(one["title"] and one["abstract"] for one in described)


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_the_files_of_the_example_are_there(identifier):
    example = manifest(identifier)["example"]
    values = [*example["inputs"].values(), *example.get("outputs", {}).values()]
    files = [value[1:] for value in map(str, values) if value.startswith("@")]

    assert all((FOLDER / identifier / file).is_file() for file in files)


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_the_example_names_declared_inputs_and_all_that_are_required(identifier):
    declared = {i["identifier"]: i for i in manifest(identifier)["input"]}
    required = {n for n, i in declared.items() if i.get("min_occurs", 1) and "default" not in i}
    given = set(manifest(identifier)["example"]["inputs"])

    assert required <= given <= set(declared)


@pytest.mark.parametrize("identifier", PYTHON)
def test_the_function_takes_what_the_manifest_declares(identifier):
    declared = manifest(identifier)["input"]

    taken = [argument.arg for argument in main_of(identifier).args.args]

    assert taken == [i["identifier"] for i in declared]


@pytest.mark.parametrize("identifier", PYTHON)
def test_the_functions_defaults_are_those_of_the_manifest(identifier):
    declared = {i["identifier"]: i.get("default") for i in manifest(identifier)["input"]}
    optional = {i["identifier"] for i in manifest(identifier)["input"] if i.get("min_occurs") == 0}

    given = defaults_of(main_of(identifier))

    assert given == {n: d for n, d in declared.items() if d is not None or n in optional}


@pytest.mark.parametrize("identifier", PYTHON)
def test_a_script_imports_nothing_of_ours(identifier):
    imported = set()
    for script in (FOLDER / identifier).glob("*.py"):
        for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module.partition(".")[0])

    assert not imported & OURS


@pytest.mark.parametrize("identifier", LOCKED)
def test_a_lock_pins_every_dependency_by_hash_and_names_no_host(identifier):
    lock = (FOLDER / identifier / "requirements.lock").read_text(encoding="utf-8")
    pinned = re.findall(r"^([a-z0-9-]+)==\S+ .*\\\n    --hash=sha256:", lock, re.MULTILINE)
    wanted = {re.match(r"[a-z0-9-]+", d)[0] for d in manifest(identifier)["dependencies"]}

    assert wanted <= set(pinned)
    assert "://" not in lock


def test_dbscan_and_kmeans_share_an_environment():
    locks = [(FOLDER / name / "requirements.lock").read_bytes() for name in ("DBSCAN", "KMEANS")]

    assert locks[0] == locks[1]


@pytest.mark.parametrize("identifier", [n for n in IDENTIFIERS if n not in LOCKED])
def test_a_method_without_dependencies_has_no_lock(identifier):
    assert not (FOLDER / identifier / "requirements.lock").exists()


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_examples_are_small(identifier):
    files = [v for v in example_inputs(identifier).values() if isinstance(v, Path)]

    assert sum(file.stat().st_size for file in files) < 100_000
