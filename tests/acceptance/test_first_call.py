"""What a scientist with OWSLib does, on a real server."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import requests
from owslib.wps import (
    SYNC,
    BoundingBoxDataInput,
    ComplexDataInput,
    WPSExecution,
    monitorExecution,
)

from tests.acceptance.conftest import Server
from tests.conformance.validation import faults_of, prov_faults_of

pytestmark = pytest.mark.xdist_group("server")

ALGORITHMS = Path(__file__).parents[2] / "algorithms"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def data() -> Iterator[str]:
    """The address of a web server that holds the bundled examples."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(ALGORITHMS)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def text(content: str) -> ComplexDataInput:
    return ComplexDataInput(content, mimeType="text/plain")


def ended(execution: WPSExecution) -> WPSExecution:
    monitorExecution(execution, sleepSecs=0.2)
    assert execution.isSucceded(), [(e.code, e.text) for e in execution.errors]
    return execution


def newest(server: Server) -> str:
    return server.dataminer("computations", "--limit", "1").split("\t")[0]


def test_capabilities_list_every_method_and_validate(server: Server) -> None:
    listed = {process.identifier for process in server.wps.processes}
    document = requests.get(
        f"{server.url}/wps?service=WPS&request=GetCapabilities", timeout=30
    ).content

    assert {
        folder.name for folder in ALGORITHMS.iterdir() if (folder / "method.toml").exists()
    } <= listed
    assert {"resubmit", "dismiss"} <= listed
    assert faults_of(document) == []


def test_every_description_validates(server: Server) -> None:
    document = requests.get(
        f"{server.url}/wps?service=WPS&version=1.0.0&request=DescribeProcess&identifier=ALL",
        timeout=30,
    ).content

    assert faults_of(document) == []
    assert server.wps.describeprocess("DBSCAN").dataInputs[0].identifier == "table"


def test_sortwords_sorts_an_embedded_text_synchronously(server: Server) -> None:
    execution = server.wps.execute(
        "SORTWORDS", [("file", text("pear\napple\nfig\n"))], output="sorted", mode=SYNC
    )

    assert execution.isSucceded()
    assert execution.processOutputs[0].data == ["apple\nfig\npear"]  # OWSLib strips


def test_dbscan_clusters_a_table_by_reference_asynchronously(server: Server, data: str) -> None:
    inputs = [
        ("table", ComplexDataInput(f"{data}/DBSCAN/example/quakes.csv", mimeType="text/csv")),
        ("columns", "lat|long"),
    ]
    execution = ended(server.wps.execute("DBSCAN", inputs, output=[("clusters", True)]))

    clusters = requests.get(execution.processOutputs[0].reference, timeout=30)

    assert clusters.headers["Content-Type"].startswith("text/csv")
    header, *rows = clusters.text.splitlines()
    assert header == "lat,long,depth,mag,stations,clusterid,outlier"
    assert len(rows) == 1000


def test_wordcount_runs_on_the_cloud_worker(server: Server) -> None:
    execution = ended(
        server.wps.execute("WORDCOUNT", [("file", text("b a b\n"))], output=[("counts", True)])
    )

    assert requests.get(execution.processOutputs[0].reference, timeout=30).text == (
        "word,count\nb,2\na,1\n"
    )
    assert "\tcloud on " in server.dataminer("computations", "--method", "WORDCOUNT")


@pytest.mark.skipif(not shutil.which("Rscript"), reason="R is not installed")
def test_cars_draws_a_plot_with_r(server: Server) -> None:
    execution = ended(
        server.wps.execute("CARS", [("graphName", "Voitures")], output=[("plot_file", True)])
    )

    plot = requests.get(execution.processOutputs[0].reference, timeout=30)

    assert plot.headers["Content-Type"] == "image/png"
    assert plot.content.startswith(b"\x89PNG")


def test_a_box_goes_through_unchanged(server: Server) -> None:
    box = BoundingBoxDataInput([40.5, 10.0, 44.0, 12.5], crs="EPSG:4326")
    execution = server.wps.execute(
        "echo", [("boundingBoxInput", box)], output="boundingBoxOutput", mode=SYNC
    )

    assert execution.isSucceded()
    answer = execution.processOutputs[0].data[0]  # OWSLib reads latitude first, as EPSG:4326 says
    assert (answer.miny, answer.minx, answer.maxy, answer.maxx) == ("40.5", "10.0", "44.0", "12.5")


def test_every_status_document_validates_and_needs_no_token(server: Server) -> None:
    execution = ended(server.wps.execute("echo", [("literalInput", "x")], output="literalOutput"))

    document = requests.get(execution.statusLocation, timeout=30).content

    assert b"ProcessSucceeded" in document
    assert faults_of(document) == []


def test_provenance_is_schema_valid_and_enough_to_repeat(server: Server, tmp_path: Path) -> None:
    server.dataminer("run", "SORTWORDS", f"file=@{ALGORITHMS / 'SORTWORDS' / 'sortwords.py'}")
    computation = newest(server)
    files = f"{server.url}/api/computations/{computation}/files"
    document = requests.get(f"{files}/provenance.xml", timeout=30).content
    (tmp_path / "provenance.xml").write_bytes(document)

    assert prov_faults_of(document) == []
    assert json.loads(requests.get(f"{files}/provenance.json", timeout=30).content)
    assert "identical" in server.dataminer("resubmit", tmp_path / "provenance.xml")


@pytest.mark.parametrize("method", ["SORTWORDS", "WORDCOUNT", "CSQUARE", "TRAJECTORY_BUILDER"])
def test_every_computation_repeats_identical(server: Server, method: str) -> None:
    given = {
        "SORTWORDS": ["file=@SORTWORDS/sortwords.py"],
        "WORDCOUNT": ["file=@SORTWORDS/sortwords.py"],
    }.get(method) or example_of(method)
    inputs = [value.replace("=@", f"=@{ALGORITHMS}/") for value in given]
    server.dataminer("run", method, *inputs)

    assert server.dataminer("resubmit", newest(server)).splitlines()[-1] == "identical"


def example_of(method: str) -> list[str]:
    manifest = tomllib.loads((ALGORITHMS / method / "method.toml").read_text())
    return [
        f"{name}={str(value).replace('@', f'@{method}/')}"
        for name, value in manifest["example"]["inputs"].items()
    ]


def test_a_random_method_differs_and_the_output_is_named(server: Server, tmp_path: Path) -> None:
    (tmp_path / "dice.py").write_text(
        '"""Throw dice."""\nimport random\n\n\ndef main() -> float:\n    """A number."""\n'
        "    return random.random()\n"
    )
    server.dataminer("import", tmp_path / "dice.py")
    server.dataminer("run", "dice")

    assert "differs: output" in server.dataminer("resubmit", newest(server), check=False)


def test_a_deleted_input_cannot_be_repeated_and_the_reason_is_given(
    server: Server, tmp_path: Path
) -> None:
    (tmp_path / "once.txt").write_text("only once\n")
    server.dataminer("run", "SORTWORDS", f"file=@{tmp_path / 'once.txt'}")
    computation = newest(server)
    server.dataminer("rm", f"Computations/{computation}/inputs/file/once.txt")

    answer = server.dataminer("resubmit", computation, check=False)

    assert "cannot be repeated: input 'file' (once.txt) was deleted on" in answer


def test_any_wps_client_can_repeat(server: Server) -> None:
    server.dataminer("run", "echo", "literalInput=again")
    computation = newest(server)

    execution = server.wps.execute(
        "resubmit", [("computation", computation)], output="verdict", mode=SYNC
    )

    assert execution.isSucceded()
    assert execution.processOutputs[0].data == ["identical"]


def test_the_api_repeats_too(server: Server) -> None:
    server.dataminer("run", "echo", "literalInput=again")
    computation = newest(server)

    answer = requests.post(
        f"{server.url}/api/computations/{computation}/resubmit?wait=true", timeout=60
    ).json()

    assert answer["verdict"]["sameness"] == "identical"
    assert answer["repeats"] == computation


def test_an_item_of_the_workspace_is_an_input_by_its_address(
    server: Server, tmp_path: Path
) -> None:
    (tmp_path / "words.txt").write_text("b\na\n")
    line = server.dataminer("put", tmp_path / "words.txt", "Input Data Sets/")
    address = line.strip().split("\t")[1]

    given = [("file", ComplexDataInput(address, mimeType="text/plain"))]
    execution = server.wps.execute("SORTWORDS", given, output="sorted", mode=SYNC)

    assert execution.processOutputs[0].data == ["a\nb"]


def test_a_script_imported_while_the_server_runs_is_called_next(
    server: Server, tmp_path: Path
) -> None:
    (tmp_path / "twice.sh").write_text(
        "#!/bin/bash\n"
        "# wps.des: id = twice, title = Say it twice;\n"
        "# wps.in: id = word, type = string, title = A word;\n"
        "# wps.out: id = said, type = string, title = Said;\n"
        'said="$word $word"\n'
    )
    shown = server.dataminer("import", tmp_path / "twice.sh")

    execution = server.wps.execute("twice", [("word", "echo")], output="said", mode=SYNC)

    assert "Say it twice" in shown
    assert execution.processOutputs[0].data == ["echo echo"]
