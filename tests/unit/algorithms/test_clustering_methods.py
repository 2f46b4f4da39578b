from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.algorithms.bundled import FOLDER, example_inputs, expected_bytes

pytestmark = pytest.mark.xdist_group("clustering environment")

UV = Path(sys.executable).with_name("uv")

#: Runs in the methods' environment: reads a call a line, answers with a table or an error.
SERVANT = """
import contextlib, importlib.util, json, pathlib, sys
modules = {}
for path in sys.argv[1:]:
    name = pathlib.Path(path).stem
    spec = importlib.util.spec_from_file_location(name, path)
    modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(modules[name])
for line in sys.stdin:
    call = json.loads(line)
    module = modules[call["script"]]
    vars(module).update(call["constants"])
    try:
        with contextlib.redirect_stdout(sys.stderr):
            table = module.main(pathlib.Path(call["table"]), **call["inputs"])
        answer = {"table": table.to_csv(index=False)}
    except ValueError as error:
        answer = {"error": str(error)}
    print(json.dumps(answer), flush=True)
"""

#: Compares with the library's DBSCAN: same dense points apart and together, same noise.
COMPARISON = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from sklearn.cluster import DBSCAN
import dbscan
dbscan.PAIRS = 500
random = np.random.default_rng(7)
for epsilon, min_points in ((0.05, 3), (0.1, 5), (0.1, 1), (0.3, 40), (2.0, 2), (0.001, 2)):
    points = np.concatenate([random.normal(c, 0.15, (150, 2)) for c in ((0, 0), (1, 1), (1, 0))])
    ours = dbscan.dbscan(points, epsilon, min_points)
    theirs = DBSCAN(eps=epsilon, min_samples=min_points).fit(points)
    dense = theirs.core_sample_indices_
    pairs = set(zip(ours[dense], theirs.labels_[dense]))
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})
    assert ((ours == 0) == (theirs.labels_ == -1)).all()
    assert [c for c in dict.fromkeys(ours) if c] == list(range(1, ours.max() + 1))
"""


@pytest.fixture(scope="session")
def python(tmp_path_factory):
    """The interpreter of an environment made from the methods' lock."""
    folder = tmp_path_factory.mktemp("environment")
    lock = FOLDER / "DBSCAN" / "requirements.lock"
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    options = ["--quiet", "--require-hashes", "--only-binary", ":all:", "--python", folder]
    subprocess.run([UV, "pip", "sync", *options, lock], check=True)
    return folder / "bin" / "python"


@pytest.fixture(scope="session")
def servant(python):
    """A process that has loaded both scripts."""
    scripts = [FOLDER / "DBSCAN" / "dbscan.py", FOLDER / "KMEANS" / "kmeans.py"]
    process = subprocess.Popen(
        [python, "-B", "-W", "error", "-c", SERVANT, *scripts],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PATH": os.defpath, "OMP_NUM_THREADS": "1"},
    )
    with process:
        yield process
        process.stdin.close()


@pytest.fixture
def run(servant, tmp_path):
    """Calls a script's main() and gives its table as text; an error becomes a ValueError."""

    def call(
        script: str, table: str | Path, constants: dict | None = None, **inputs: object
    ) -> str:
        path = table if isinstance(table, Path) else tmp_path / "table.csv"
        if isinstance(table, str):
            path.write_text(table, encoding="utf-8")
        message = {
            "script": script, "table": str(path), "inputs": inputs, "constants": constants or {}
        }  # fmt: skip
        servant.stdin.write(json.dumps(message) + "\n")
        servant.stdin.flush()
        answer = json.loads(servant.stdout.readline())
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer["table"]

    return call


LINE = "x\n0\n1\n2\n50\n51\n52\n100\n"


def column(table: str, name: str) -> list[str]:
    header, *rows = (line.split(",") for line in table.splitlines())
    return [row[header.index(name)] for row in rows]


@pytest.mark.parametrize("identifier", ["DBSCAN", "KMEANS"])
def test_the_example_gives_what_is_expected(identifier, run):
    assert run(identifier.lower(), **example_inputs(identifier)).encode() == expected_bytes(
        identifier, "clusters"
    )


def test_dbscan_separates_dense_places_and_calls_the_rest_noise(run):
    table = run("dbscan", LINE, columns="x", epsilon=1, min_points=2)

    assert column(table, "clusterid") == ["1", "1", "1", "2", "2", "2", "0"]
    assert column(table, "outlier") == ["false"] * 6 + ["true"]


def test_dbscan_calls_clusters_of_no_more_than_the_minimum_outliers(run):
    table = run("dbscan", LINE, columns="x", epsilon=1, min_points=1)

    assert column(table, "clusterid") == ["1", "1", "1", "2", "2", "2", "3"]
    assert column(table, "outlier") == ["false"] * 6 + ["true"]


def test_dbscan_gives_a_point_between_two_clusters_to_the_nearer(run):
    table = run("dbscan", "x\n0\n1\n2\n3.9\n5\n6\n7\n", columns="x", epsilon=2, min_points=4)

    assert column(table, "clusterid") == ["1", "1", "1", "2", "2", "2", "2"]


def test_dbscan_may_find_nothing_but_noise(run):
    table = run("dbscan", LINE, columns="x", epsilon=0.5, min_points=2)

    assert set(column(table, "clusterid")) == {"0"}
    assert set(column(table, "outlier")) == {"true"}


def test_dbscan_gives_the_same_however_few_pairs_it_holds_in_memory(run):
    example = example_inputs("DBSCAN")

    few, many = (run("dbscan", constants={"PAIRS": n}, **example) for n in (100, 2_000_000))

    assert few == many


def test_dbscan_agrees_with_the_library(python):
    folder = FOLDER / "DBSCAN"

    subprocess.run([python, "-B", "-c", COMPARISON, folder], check=True, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize("inputs", [{"epsilon": 0}, {"epsilon": -1}, {"min_points": 0}])
def test_dbscan_refuses_a_distance_or_number_that_makes_no_sense(inputs, run):
    with pytest.raises(ValueError, match="epsilon must be a positive number"):
        run("dbscan", LINE, columns="x", **inputs)


def test_kmeans_finds_groups_and_numbers_them_as_they_occur(run):
    table = run("kmeans", "x\n9\n1\n1.5\n9.5\n1.2\n9.2\n", columns="x", k=2)

    assert column(table, "clusterid") == ["1", "2", "2", "1", "2", "1"]


def test_kmeans_calls_small_clusters_outliers(run):
    table = run("kmeans", LINE, columns="x", k=3, min_points=1)

    assert column(table, "outlier") == ["false"] * 6 + ["true"]


def test_kmeans_gives_the_same_for_the_same_seed(run):
    example = example_inputs("KMEANS") | {"k": 8, "max_runs": 1, "max_optimization_steps": 1}

    first, again, other = (run("kmeans", **example, seed=seed) for seed in (1, 1, 2))

    assert first == again != other


def test_kmeans_refuses_more_clusters_than_points(run):
    with pytest.raises(ValueError, match="k is 3, but the table has only 2 different points"):
        run("kmeans", "x\n1\n2\n1\n", columns="x", k=3)


@pytest.mark.parametrize("script", ["dbscan", "kmeans"])
def test_other_columns_and_the_way_of_writing_stay_as_they_are(script, run):
    table = run(script, 'name,x,y\n"a, b",1.50,NA\nc,0010,\nd,1e2,7\n', columns=" x ")

    assert [line.rsplit(",", 2)[0] for line in table.splitlines()] == [
        "name,x,y", '"a, b",1.50,NA', "c,0010,", "d,1e2,7"]  # fmt: skip


@pytest.mark.parametrize("script", ["dbscan", "kmeans"])
@pytest.mark.parametrize(
    ("table", "columns", "message"),
    [
        ("a,b\n1,2\n", "a|c|d", "no column 'c', 'd'; the table has a, b"),
        ("a,b\n1,2\n", "", "no column ''; the table has a, b"),
        ("a,b\n1,2\n3,n/a\n", "a|b", "row 2, column b: 'n/a' is not a number"),
        ("a,b\n1,2\n,4\n", "a|b", "row 2, column a: '' is not a number"),
        ("a\ninf\n", "a", "row 1, column a: 'inf' is not a number"),
        ("a,b\n", "a", "the table has no rows"),
    ],
)
def test_a_table_that_cannot_be_clustered_is_refused(script, table, columns, message, run):
    with pytest.raises(ValueError, match=message):
        run(script, table, columns=columns)
