"""What stays of a job at its addresses, and the two processes that end or repeat jobs."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from werkzeug.test import Client
from wps_door import ECHO, a_door
from wps_requests import (
    a_complex,
    a_document,
    a_literal,
    a_reference,
    an_output,
    asynchronous,
    encoded,
    execute,
    fault_in,
    found,
    output_text,
    query,
    raw,
    status_of,
    text_at,
)

from dataminer.domain.orders import OfferedLiteral, Order
from dataminer.wps.app import wps_application
from provenance.writer import PROV_JSON, PROV_XML
from tests.builders import a_caller

ALL_OUTPUTS = (an_output("literalOutput"), an_output("complexOutput"))
LATER = execute("echo", a_literal("literalInput", "x"), a_complex("complexInput", "y"),
                form=asynchronous(*ALL_OUTPUTS, lineage="true"))  # fmt: skip
STATUS = "/wps:ExecuteResponse/@statusLocation"


@pytest.fixture
def waiting():
    """A door where nothing runs before it is told to."""
    return a_door(at_once=False)


def own(process: str, *inputs: str, form: str = "") -> str:
    return execute(process, *inputs, form=form)


# --- status documents -------------------------------------------------------------------------


def test_a_job_is_told_from_accepted_over_started_to_succeeded(waiting):
    address = waiting.local(text_at(waiting.post(LATER), STATUS))
    seen = []

    def look(_computation, watcher):
        watcher.progressed(40, "clustering")
        seen.append(waiting.get(address))

    waiting.runner.before = look
    before = waiting.get(address)
    waiting.run_all()
    after = waiting.get(address)

    assert [status_of(r) for r in (before, *seen, after)] == [
        "ProcessAccepted", "ProcessStarted", "ProcessSucceeded",
    ]  # fmt: skip
    assert text_at(seen[0], "//wps:ProcessStarted") == "clustering"
    assert text_at(seen[0], "//wps:ProcessStarted/@percentCompleted") == "40"
    assert output_text(after, "literalOutput") == "x"
    for response in (before, *seen, after):
        assert len(found(response, "//wps:DataInputs/wps:Input")) == 2
        assert text_at(response, STATUS).endswith(address)


def test_a_finished_job_is_never_shown_as_a_hundred_percent_started(waiting):
    address = waiting.local(text_at(waiting.post(LATER), STATUS))
    percents = []

    def look(_computation, watcher):
        watcher.progressed(100, "")
        percents.extend(found(waiting.get(address), "//@percentCompleted"))

    waiting.runner.before = look
    waiting.run_all()

    assert percents == ["99"]


def test_another_process_of_the_server_tells_the_same_from_the_record_alone(waiting):
    address = waiting.local(text_at(waiting.post(LATER), STATUS))
    waiting.run_all()
    here = waiting.get(address)

    waiting.application = wps_application(
        waiting.engine, public_url=waiting.base_url, max_body_bytes=1
    )

    assert waiting.get(address).get_data() == here.get_data()


def test_a_failed_job_tells_why(door):
    accepted = door.post(execute("FAILS", form=asynchronous(an_output("loud"))))

    response = door.get(door.local(text_at(accepted, STATUS)))

    assert status_of(response) == "ProcessFailed"
    assert "exit code 3" in text_at(response, "//ows:ExceptionText")


def test_addresses_need_no_credentials_and_are_not_kept_by_caches(door):
    address = door.local(text_at(door.post(LATER), STATUS))
    door.caller = None

    response = door.get(address)

    assert status_of(response) == "ProcessSucceeded"
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("key", ["unknown", "x" * 43])
def test_an_unknown_job_has_failed_so_that_clients_stop_asking(door, key):
    response = door.get(f"/computations/{key}")

    assert response.status_code == 200
    assert status_of(response) == "ProcessFailed"


def test_addresses_only_tell(door):
    address = door.local(text_at(door.post(LATER), STATUS))

    refused = Client(door).post(address)

    assert refused.status_code == 405
    assert refused.headers["Allow"] == "GET, HEAD"
    for path in (address, f"{address}/outputs/complexOutput"):
        assert Client(door).head(path).status_code == 200
        assert Client(door).head(path).get_data() == b""


def test_a_method_withdrawn_since_is_still_told(door):
    address = door.local(text_at(door.post(LATER), STATUS))
    door.ports.catalogue.withdraw(None, "echo", ECHO.digest, datetime.now(UTC))

    response = door.get(address)

    assert text_at(response, "//wps:Process/ows:Title") == "Echo"
    assert output_text(response, "complexOutput") == "y"


def test_an_output_whose_bytes_were_deleted_is_shown_by_its_address(door):
    address = door.local(text_at(door.post(LATER), STATUS))
    (computation,) = door.computations()
    digest = computation.output("complexOutput").digest
    door.ports.blobs.delete(digest)
    lost = door.get(address)
    door.ports.computations.mark_deleted(digest, computation.id, datetime.now(UTC))
    deleted = door.get(address)

    for response in (lost, deleted):
        (href,) = found(response, "//wps:Output/wps:Reference/@href")
        assert fault_in(door.get(door.local(href)))[0] == 404


def test_a_job_of_another_door_is_told_in_the_default_form(waiting):
    order = Order(method="echo", inputs=(("literalInput", OfferedLiteral(text="x")),))
    computation = waiting.engine.execute(a_caller(), order)
    waiting.run_all()

    response = waiting.get(f"/computations/{computation.address_key}")

    assert output_text(response, "literalOutput") == "x"


# --- outputs ----------------------------------------------------------------------------------


def test_every_kind_of_output_lies_at_its_address(door):
    door.get(
        query(request="Execute", identifier="echo",
              DataInputs="literalInput=x;complexInput=y;boundingBoxInput=1,2,3,4")
    )  # fmt: skip
    (computation,) = door.computations()

    def at(identifier: str) -> bytes:
        address = f"/computations/{computation.address_key}/outputs/{quote(identifier)}"
        return door.get(address).get_data()

    assert at("literalOutput") == b"x"
    assert at("complexOutput") == b"y"
    assert b"<ows:LowerCorner>1.0 2.0</ows:LowerCorner>" in at("boundingBoxOutput")
    assert b"There is no output" in at("none")


def test_outputs_of_an_unknown_job_are_not_there(door):
    assert fault_in(door.get("/computations/unknown/outputs/x"))[0] == 404


# --- dismiss ----------------------------------------------------------------------------------


def test_a_waiting_job_is_dismissed_and_reads_failed(waiting):
    address = waiting.local(text_at(waiting.post(LATER), STATUS))
    (computation,) = waiting.computations()

    response = waiting.post(own("dismiss", a_literal("computation", computation.id)))

    assert output_text(response, "status") == "dismissed"
    later = waiting.get(address)
    assert status_of(later) == "ProcessFailed"
    assert "Dismissed by ada" in text_at(later, "//ows:ExceptionText")


def test_a_running_job_is_told_to_stop(waiting):
    waiting.post(LATER)
    (computation,) = waiting.computations()
    answers = []

    def dismiss(computation, _watcher):
        address = query(request="Execute", identifier="dismiss", RawDataOutput="status",
                        DataInputs=f"computation={computation.id}")  # fmt: skip
        answers.append(waiting.get(address).get_data())

    waiting.runner.before = dismiss
    waiting.run_all()

    assert answers == [b"dismissed"]
    assert waiting.ports.computations.get(computation.id).dismissal_asked_by == "ada"


def test_an_ended_job_is_not_shown_any_more(door):
    address = door.local(text_at(door.post(LATER), STATUS))
    (computation,) = door.computations()

    response = door.post(
        own("dismiss", a_literal("computation", computation.id),
            form=asynchronous(an_output("status"), lineage="true"))
    )  # fmt: skip

    assert output_text(response, "status") == "succeeded"
    assert found(response, "//wps:DataInputs//wps:LiteralData/text()") == [computation.id]
    assert status_of(door.get(address)) == "ProcessFailed"
    assert fault_in(door.get(f"{address}/outputs/literalOutput"))[0] == 404


@pytest.mark.parametrize(
    ("inputs", "code", "locator"),
    [
        ((), "MissingParameterValue", "computation"),
        ((a_literal("computation", "none"),), "InvalidParameterValue", "computation"),
        ((a_literal("id", "none"),), "InvalidParameterValue", "id"),
        ((a_literal("computation", "a"), a_literal("computation", "b")),
         "InvalidParameterValue", "computation"),
        ((a_reference("computation", "http://x.example/"),),
         "InvalidParameterValue", "computation"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("process", ["dismiss", "resubmit"])
def test_bad_input_of_the_own_processes_gets_its_fault(door, process, inputs, code, locator):
    assert fault_in(door.post(own(process, *inputs)))[:3] == (400, code, locator)


@pytest.mark.parametrize("process", ["dismiss", "resubmit"])
def test_nobody_can_touch_what_is_somebody_elses(door, process):
    door.post(LATER)
    (computation,) = door.computations()

    for caller in (a_caller(user="bob"), a_caller(tenant="geo")):
        door.caller = caller
        fault = fault_in(door.post(own(process, a_literal("computation", computation.id))))
        assert fault[:3] == (400, "InvalidParameterValue", "computation")
    assert len(door.computations()) == 1


# --- resubmit ---------------------------------------------------------------------------------


def test_a_repetition_says_that_it_is_identical(door):
    door.post(LATER)
    (original,) = door.computations()

    response = door.post(own("resubmit", a_literal("computation", original.id)))

    assert output_text(response, "verdict") == "identical"
    repetition = door.ports.computations.get(output_text(response, "computation"))
    assert repetition.repeats == original.id
    assert repetition.id != original.id


def test_a_repetition_that_differs_names_the_output(door):
    door.post(LATER)
    (original,) = door.computations()
    outputs = door.runner._outputs

    def changed(computation):
        for binding in outputs(computation):
            if binding.identifier == "complexOutput":
                binding = type(binding)(  # noqa: PLW2901
                    identifier=binding.identifier, value=door.runner.payload(b"other", "x.txt")
                )
            yield binding

    door.runner._outputs = changed
    address = query(request="Execute", identifier="resubmit", RawDataOutput="verdict",
                    DataInputs=f"computation={original.id}")  # fmt: skip

    assert door.get(address).get_data() == b"differs: complexOutput"


def test_what_cannot_be_repeated_says_why_and_is_no_fault(door):
    door.post(LATER)
    (original,) = door.computations()
    door.ports.blobs.delete(next(b.value.digest for b in original.inputs
                                 if b.identifier == "complexInput"))  # fmt: skip

    for form in ("", asynchronous(an_output("verdict"))):
        response = door.post(own("resubmit", a_literal("computation", original.id), form=form))

        assert status_of(response) == "ProcessSucceeded"
        assert output_text(response, "verdict").startswith("cannot be repeated: ")
        assert "complexInput" in output_text(response, "verdict")


@pytest.mark.parametrize("media_type", [PROV_XML, PROV_JSON])
def test_a_provenance_document_is_enough(door, media_type):
    door.post(LATER)
    (original,) = door.computations()
    document = door.ports.provenance.write(original, ECHO, media_type).decode()
    cdata = f"<![CDATA[{document}]]>"

    response = door.post(own("resubmit", a_complex("provenance", cdata, mimeType=media_type)))

    assert output_text(response, "verdict") == "identical"


def test_a_provenance_document_may_stand_in_the_request_as_xml(door):
    door.post(LATER)
    (original,) = door.computations()
    document = door.ports.provenance.write(original, ECHO, PROV_XML).decode()
    nodes = document.partition("?>")[2]

    response = door.post(own("resubmit", a_complex("provenance", nodes, mimeType="text/xml")))

    assert output_text(response, "verdict") == "identical"


def test_what_is_no_provenance_is_refused(door):
    response = door.post(own("resubmit", a_complex("provenance", "none")))

    assert fault_in(response)[:2] == (400, "NoApplicableCode")


def test_either_the_id_or_the_document_is_wanted(door):
    response = door.post(
        own("resubmit", a_literal("computation", "x"), a_complex("provenance", "y"))
    )

    assert fault_in(response)[:3] == (400, "MissingParameterValue", "computation")


def test_a_repetition_can_be_asked_for_later(waiting):
    waiting.post(LATER)
    waiting.run_all()
    (original,) = waiting.computations()
    form = asynchronous(an_output("computation"), an_output("verdict"), lineage="true")

    accepted = waiting.post(own("resubmit", a_literal("computation", original.id), form=form))
    address = waiting.local(text_at(accepted, STATUS))
    waiting.run_all()
    later = waiting.get(address)

    assert status_of(accepted) == "ProcessAccepted"
    for response in (accepted, later):
        assert text_at(response, "//wps:Process/ows:Identifier") == "resubmit"
        assert found(response, "//wps:DataInputs//wps:LiteralData/text()") == [original.id]
    assert output_text(later, "verdict") == "identical"
    assert output_text(later, "computation") != original.id


def test_a_repetition_that_fails_cannot_be_repeated(waiting):
    waiting.post(execute("FAILS", form=asynchronous(an_output("loud"))))
    waiting.run_all()
    (original,) = waiting.computations()
    thread = threading.Thread(target=_run_when_it_comes, args=(waiting,))
    thread.start()

    response = waiting.post(own("resubmit", a_literal("computation", original.id)))
    thread.join()

    assert output_text(response, "verdict").startswith("cannot be repeated: the repetition failed")


def _run_when_it_comes(door) -> None:
    while len(door.computations()) < 2:
        threading.Event().wait(0.01)
    door.run_all()


def test_a_repetition_that_takes_too_long_is_a_fault():
    door = a_door(at_once=False, sync_seconds=0.05)
    door.post(LATER)
    door.run_all()
    (original,) = door.computations()

    response = door.post(own("resubmit", a_literal("computation", original.id)))

    assert fault_in(response)[:2] == (503, "ServerBusy")
    assert sorted(c.status for c in door.computations()) == ["dismissed", "succeeded"]


def test_the_own_processes_know_their_outputs(door):
    for form in (a_document(an_output("none")), raw("none")):
        response = door.post(own("dismiss", a_literal("computation", "x"), form=form))
        assert fault_in(response)[:3] == (400, "InvalidParameterValue", "none")


def test_the_own_processes_can_be_executed_by_a_query(door):
    door.post(LATER)
    (original,) = door.computations()

    response = door.get(
        encoded(request="Execute", identifier="resubmit", DataInputs=f"computation={original.id}")
    )

    assert output_text(response, "verdict") == "identical"
