"""The door as OWSLib's users meet it, over a real connection."""

from __future__ import annotations

import base64
import http.client
import time
from urllib.parse import urlsplit

import pytest
from owslib.ows import BoundingBox
from owslib.util import ServiceException
from owslib.wps import (
    ASYNC,
    SYNC,
    BoundingBoxDataInput,
    ComplexDataInput,
    WebProcessingService,
    WPSExecution,
    monitorExecution,
)
from requests import HTTPError
from wps_door import DoorUnderTest, served
from wps_requests import execute

LISTED = ["ABSENT", "FAILS", "TYPED", "echo", "resubmit", "dismiss"]


@pytest.fixture(scope="module")
def door():
    with served() as door:
        yield door


@pytest.fixture
def wps(door: DoorUnderTest) -> WebProcessingService:
    return WebProcessingService(f"{door.base_url}/wps")


def outputs_of(execution: WPSExecution) -> dict[str, object]:
    return {output.identifier: output for output in execution.processOutputs}


def test_capabilities_are_read(wps):
    assert wps.identification.title == "DataMiner"
    assert [process.identifier for process in wps.processes] == LISTED
    assert {operation.name for operation in wps.operations} == {
        "GetCapabilities", "DescribeProcess", "Execute",
    }  # fmt: skip
    assert wps.languages.default == "en-US"


def test_descriptions_are_read(wps):
    process = wps.describeprocess("TYPED")

    inputs = {put.identifier: put for put in process.dataInputs}
    assert process.statusSupported
    assert process.storeSupported
    assert (inputs["count"].minOccurs, inputs["count"].maxOccurs) == (1, 3)
    assert inputs["count"].dataType == "integer"
    assert inputs["share"].defaultValue == 0.5
    assert inputs["colour"].allowedValues == ["red", "a < b"]
    assert inputs["flag"].anyValue
    assert inputs["table"].defaultValue.mimeType == "text/csv"
    assert process.processOutputs[0].identifier == "count"


def test_all_descriptions_are_read(wps):
    assert [process.identifier for process in wps.describeprocess("all")] == LISTED


def test_a_sync_execute_gives_embedded_outputs(wps):
    execution = wps.execute(
        "echo",
        [
            ("literalInput", "a & b"),
            ("complexInput", ComplexDataInput("one\ntwo", mimeType="text/plain")),
            ("boundingBoxInput", BoundingBoxDataInput([51.9, 7.0, 53.0, 8.0])),
        ],
        mode=SYNC,
    )

    outputs = outputs_of(execution)
    assert execution.isSucceeded()
    assert execution.percentCompleted == 100
    assert outputs["literalOutput"].data == ["a & b"]
    assert outputs["complexOutput"].data == ["one\ntwo"]
    (box,) = outputs["boundingBoxOutput"].data
    assert isinstance(box, BoundingBox)
    assert box.crs.code == 4326


def test_an_async_execute_is_watched_to_its_end_and_its_output_downloaded(wps, tmp_path):
    execution = wps.execute(
        "echo",
        [("complexInput", ComplexDataInput("words", mimeType="text/plain"))],
        output=[("complexOutput", True, "text/plain")],
        mode=ASYNC,
        lineage=True,
    )
    monitorExecution(execution, sleepSecs=0)

    execution.getOutput(str(tmp_path / "out.txt"))

    assert execution.isSucceeded()
    assert (tmp_path / "out.txt").read_text() == "words"
    assert [put.identifier for put in execution.dataInputs] == ["complexInput"]


def test_a_failed_job_ends_the_watching_and_tells_why(wps):
    execution = wps.execute("FAILS", [], output=[("loud", False)], mode=ASYNC)
    monitorExecution(execution, sleepSecs=0)

    assert not execution.isSucceeded()
    assert "exit code 3" in execution.errors[0].text


def test_an_unknown_job_ends_the_watching(door):
    execution = WPSExecution()

    execution.checkStatus(url=f"{door.base_url}/wps/computations/gone", sleepSecs=0)

    assert execution.isComplete()
    assert "no such computation" in execution.errors[0].text


@pytest.mark.parametrize(
    ("process", "inputs", "said"),
    [
        ("NONE", [], "There is no method 'NONE'"),
        ("TYPED", [("count", "10")], "Input 'count': 10 is above the maximum of 9"),
        ("ABSENT", [("text", "x")], "can run octave"),
    ],
)
def test_a_fault_is_shown_to_the_user(wps, process, inputs, said):
    with pytest.raises(ServiceException, match=said):
        wps.execute(process, inputs, mode=SYNC)


def test_nobody_is_told_how_to_say_who_they_are(door):
    door.caller, caller = None, door.caller
    try:
        with pytest.raises((ServiceException, HTTPError), match=r"HTTP Basic|401"):
            WebProcessingService(f"{door.base_url}/wps")
    finally:
        door.caller = caller


def test_an_embedded_text_above_ten_megabytes_is_taken(door):
    wps = WebProcessingService(f"{door.base_url}/wps", headers={"Content-Type": "text/xml"})
    text = base64.b64encode(bytes(9_000_000)).decode()

    execution = wps.execute(
        "echo",
        [("complexInput", ComplexDataInput(text, encoding="base64"))],
        output=[("complexOutput", True)],
        mode=SYNC,
    )

    assert outputs_of(execution)["complexOutput"].retrieveData() == bytes(9_000_000)


def test_resubmit_and_dismiss_are_at_hand(door, wps):
    wps.execute("echo", [("literalInput", "again")], mode=SYNC)
    computation = door.computations()[-1]

    repeated = wps.execute("resubmit", [("computation", computation.id)],
                           output=[("verdict", False)], mode=ASYNC)  # fmt: skip
    monitorExecution(repeated, sleepSecs=0)
    dismissed = wps.execute("dismiss", [("computation", computation.id)], mode=SYNC)

    assert outputs_of(repeated)["verdict"].data == ["identical"]
    assert outputs_of(dismissed)["status"].data == ["succeeded"]


def test_a_client_that_hangs_up_dismisses_its_computation():
    with served(at_once=False) as door:
        connection = http.client.HTTPConnection(urlsplit(door.base_url).netloc)
        connection.request("POST", "/wps", execute("echo"), {"Content-Type": "text/xml"})
        while not door.computations():
            time.sleep(0.01)
        connection.close()
        (computation,) = door.computations()
        while not computation.status.has_ended:
            time.sleep(0.01)
            (computation,) = door.computations()

    assert computation.status == "dismissed"
