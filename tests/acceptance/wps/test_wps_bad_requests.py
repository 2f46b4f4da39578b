"""Bad input gets a clear fault that names the input, and leaves nothing behind."""

from __future__ import annotations

import io

import pytest
from werkzeug.test import Client, EnvironBuilder, TestResponse, run_wsgi_app
from werkzeug.wrappers import Request
from wps_door import MAX_BODY_BYTES, a_door
from wps_requests import (
    a_box,
    a_complex,
    a_document,
    a_literal,
    a_reference,
    an_input,
    an_output,
    execute,
    fault_in,
    query,
    raw,
)

COUNT = a_literal("count", "1")
INVALID, MISSING = "InvalidParameterValue", "MissingParameterValue"


@pytest.mark.parametrize(
    ("body", "code", "locator"),
    [
        (execute("NONE"), INVALID, "Identifier"),
        (execute("echo@9"), INVALID, "Identifier"),
        (execute(" "), MISSING, "Identifier"),
        (execute("TYPED"), MISSING, "count"),
        (execute("TYPED", COUNT, a_literal("cuont", "1")), INVALID, "cuont"),
        (execute("TYPED", *[COUNT] * 4), INVALID, "count"),
        (execute("TYPED", a_literal("count", "one")), INVALID, "count"),
        (execute("TYPED", a_literal("count", "")), INVALID, "count"),
        (execute("TYPED", a_literal("count", "1.5")), INVALID, "count"),
        (execute("TYPED", a_literal("count", "10")), INVALID, "count"),
        (execute("TYPED", COUNT, a_literal("share", "nan")), INVALID, "share"),
        (execute("TYPED", COUNT, a_literal("share", "1", uom="kg")), INVALID, "share"),
        (execute("TYPED", COUNT, a_literal("flag", "maybe")), INVALID, "flag"),
        (execute("TYPED", COUNT, a_literal("day", "31.3.2026")), INVALID, "day"),
        (execute("TYPED", COUNT, a_literal("colour", "blue")), INVALID, "colour"),
        (execute("TYPED", COUNT, a_complex("shape", "x", mimeType="image/png")), INVALID, "shape"),
        (execute("TYPED", COUNT, a_complex("shape", "x", mimeType="text/xml", schema="urn:no")),
         INVALID, "shape"),
        (execute("TYPED", COUNT, a_complex("shape", "x", encoding="gzip")), INVALID, "shape"),
        (execute("TYPED", COUNT, a_complex("shape", "%", encoding="base64")), INVALID, "shape"),
        (execute("TYPED", COUNT, a_complex("table", "")), INVALID, "table"),
        (execute("TYPED", a_complex("count", "<x/>")), INVALID, "count"),
        (execute("TYPED", a_box("count", "1", "2")), INVALID, "count"),
        (execute("TYPED", COUNT, a_box("table", "1", "2")), INVALID, "table"),
        (execute("echo", a_literal("boundingBoxInput", "here")), INVALID, "boundingBoxInput"),
        (execute("echo", a_box("boundingBoxInput", "1 x", "2 3")), INVALID, "boundingBoxInput"),
        (execute("echo", a_box("boundingBoxInput", "1 inf", "2 3")), INVALID, "boundingBoxInput"),
        (execute("echo", a_box("boundingBoxInput", "1", "2 3")), INVALID, "boundingBoxInput"),
        (execute("echo", a_box("boundingBoxInput", "", "")), INVALID, "boundingBoxInput"),
        (execute("echo", a_box("boundingBoxInput", "5 5", "1 1")), INVALID, "boundingBoxInput"),
        (execute("echo", a_box("boundingBoxInput", "1 2", "3 4", crs="EPSG:9")), INVALID,
         "boundingBoxInput"),
        (execute("echo", a_box("boundingBoxInput", "1 2", "3 4", dimensions="3")), INVALID,
         "boundingBoxInput"),
        (execute("echo", an_input("literalInput", "")), MISSING, "literalInput"),
        (execute("echo", an_input("literalInput", "<wps:Data/>")), MISSING, "literalInput"),
        (execute("echo", an_input("literalInput", "<wps:Data><x/></wps:Data>")), INVALID,
         "literalInput"),
        (execute("echo", "<wps:Input><wps:Data/></wps:Input>"), MISSING, "Identifier"),
        (execute("echo", a_reference("complexInput", "")), MISSING, "complexInput"),
        (execute("echo", a_reference("complexInput", "http://x.example/404")), INVALID,
         "complexInput"),
        (execute("echo", a_reference("complexInput", "http://x.example/", method="PUT")), INVALID,
         "complexInput"),
        (execute("echo", a_reference("complexInput", "http://x.example/", encoding="base64")),
         INVALID, "complexInput"),
        (execute("echo", a_reference("literalInput", "http://x.example/")), INVALID,
         "literalInput"),
        (execute("echo", form=a_document(an_output("none"))), INVALID, "none"),
        (execute("echo", form=a_document("<wps:Output/>")), MISSING, "Identifier"),
        (execute("echo", form=a_document(an_output("complexOutput", mimeType="image/png"))),
         INVALID, "complexOutput"),
        (execute("echo", form=a_document(an_output("complexOutput", encoding="gzip"))),
         INVALID, "complexOutput"),
        (execute("echo", form=a_document(an_output("complexOutput", asReference="perhaps"))),
         INVALID, "asReference"),
        (execute("TYPED", COUNT, form=a_document(an_output("level", uom="kn"))), INVALID, "level"),
        (execute("echo", form=a_document(an_output("literalOutput"), status="true")), INVALID,
         "status"),
        (execute("echo", form=a_document(an_output("literalOutput"), lineage="2")), INVALID,
         "lineage"),
        (execute("echo", form=raw("none")), INVALID, "none"),
        (execute("echo", form="<wps:RawDataOutput/>"), MISSING, "Identifier"),
        (execute("echo", attributes='language="fr"'), INVALID, "language"),
    ],
)  # fmt: skip
def test_a_bad_execute_gets_its_fault_and_leaves_nothing(door, body, code, locator):
    fault = fault_in(door.post(body))

    assert fault[:3] == (400, code, locator)
    assert len(fault[3]) > 10
    assert door.computations() == []


@pytest.mark.parametrize(
    ("parameters", "code", "locator"),
    [
        ({"DataInputs": "literalInput"}, INVALID, "DataInputs"),
        ({"DataInputs": "literalInput=1;literalInput=2"}, INVALID, "literalInput"),
        ({"DataInputs": "boundingBoxInput=1,2,3"}, INVALID, "boundingBoxInput"),
        ({"DataInputs": "boundingBoxInput="}, INVALID, "boundingBoxInput"),
        ({"DataInputs": "none=1"}, INVALID, "none"),
        ({"ResponseDocument": "none"}, INVALID, "none"),
        ({"RawDataOutput": "literalOutput;complexOutput"}, INVALID, "RawDataOutput"),
        ({"RawDataOutput": ""}, INVALID, "RawDataOutput"),
        ({"status": "true"}, INVALID, "status"),
        ({"storeExecuteResponse": "da"}, INVALID, "storeExecuteResponse"),
    ],
)
def test_a_bad_query_gets_its_fault_and_leaves_nothing(door, parameters, code, locator):
    fault = fault_in(door.get(query(request="Execute", identifier="echo", **parameters)))

    assert fault[:3] == (400, code, locator)
    assert door.computations() == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not xml",
        b"<wps:Execute",
        execute("echo").encode()[:-5],
        execute("echo").replace("</ows:Identifier>", "</ows:Ident>").encode(),
        b"\xff\xfe\x00",
        b"<?xml version='1.0' encoding='no-such'?><a/>",
    ],
)
def test_a_malformed_document_is_refused(door, body):
    fault = fault_in(door.post(body))

    assert fault[:3] == (400, "NoApplicableCode", "")
    assert "not well-formed" in fault[3]


BOMB = "<!DOCTYPE a [<!ENTITY x0 'aaaaaaaaaa'>" + "".join(
    f"<!ENTITY x{n} '{f'&x{n - 1};' * 10}'>" for n in range(1, 12)
)


@pytest.mark.parametrize(
    "prolog",
    [
        "<!DOCTYPE a>",
        "<!DOCTYPE a SYSTEM 'file:///etc/passwd'>",
        "<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/hostname'>]>",
        BOMB + "]>",
    ],
)
@pytest.mark.parametrize("entity", ["&e;", "&x11;"])
def test_entities_are_neither_expanded_nor_fetched(door, prolog, entity):
    text = execute("echo", a_literal("literalInput", "ENTITY"), attributes='language="ENTITY"')

    fault = fault_in(door.post(prolog + text.replace("ENTITY", entity)))

    assert fault[:2] == (400, "NoApplicableCode")
    assert door.computations() == []


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json; charset=utf-8", "text/plain", "text/json",
     "application/vnd.ogc+json", "application/x-www-form-urlencoded", "multipart/form-data", None],
)  # fmt: skip
def test_only_xml_is_read(door, content_type):
    body = execute("echo", a_literal("literalInput", "x"))

    fault = fault_in(door.post(body, content_type=content_type))

    assert fault[:2] == (415, "NoApplicableCode")
    assert door.computations() == []


class Endless(io.RawIOBase):
    """A body without end, that counts how much of it was read."""

    taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:
        buffer[:] = b" " * len(buffer)
        self.taken += len(buffer)
        return len(buffer)


def posted(door, body: Endless, **environ: object) -> TestResponse:
    """The answer to a body that is sent as it is, with its length or its end in the environment."""
    base = EnvironBuilder(method="POST", content_type="text/xml").get_environ()
    return TestResponse(*run_wsgi_app(door, {**base, "wsgi.input": body, **environ}), Request(base))


def test_a_large_body_is_refused_by_its_announced_length(door):
    body = Endless()

    response = posted(door, body, CONTENT_LENGTH=str(MAX_BODY_BYTES + 1))

    assert fault_in(response)[:2] == (413, "FileSizeExceeded")
    assert body.taken == 0


def test_a_body_without_a_length_is_refused_where_it_grows_too_large(door):
    body = Endless()

    response = posted(door, body, CONTENT_LENGTH="", **{"wsgi.input_terminated": True})

    assert fault_in(response)[:2] == (413, "FileSizeExceeded")
    assert body.taken <= MAX_BODY_BYTES + 1_000_000


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_other_http_methods_are_not_allowed(door, method):
    response = Client(door).open("/", method=method)

    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, POST"


@pytest.mark.parametrize("path", ["/jobs", "/processes/echo", "/computations", "/api/x"])
def test_there_is_nothing_at_other_addresses(door, path):
    assert fault_in(door.get(path))[:2] == (404, "NoApplicableCode")


def test_nobody_is_asked_who_they_are(door):
    door.caller = None

    for response in (door.get(query(request="GetCapabilities")), door.post(execute("echo"))):
        assert fault_in(response)[:2] == (401, "NoApplicableCode")
        assert response.headers["WWW-Authenticate"].startswith("Basic")
    assert door.computations() == []


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_site_cannot_execute_anything(door, site):
    address = query(request="Execute", identifier="echo")

    fault = fault_in(door.get(address, headers={"Sec-Fetch-Site": site}))

    assert fault[:2] == (403, "NoApplicableCode")
    assert door.computations() == []
    assert door.get(address, headers={"Sec-Fetch-Site": "none"}).status_code == 200


def test_a_fault_that_nobody_foresaw_tells_nothing_of_the_inside(door, caplog):
    def broken() -> int:
        raise ZeroDivisionError("password=42")

    door.ports.catalogue.generation = broken

    fault = fault_in(door.get(query(request="GetCapabilities")))

    assert fault[:2] == (500, "NoApplicableCode")
    assert "42" not in fault[3]
    assert "ZeroDivisionError" in caplog.text


def test_sync_requests_are_refused_when_all_places_are_taken():
    door = a_door(at_once=False)
    with door.engine.place(), door.engine.place():
        response = door.post(execute("echo"))

    assert fault_in(response)[:2] == (503, "ServerBusy")
    assert door.computations() == []


def test_a_sync_request_that_takes_too_long_is_dismissed():
    door = a_door(at_once=False, sync_seconds=0.05)

    fault = fault_in(door.post(execute("echo")))

    assert fault[:2] == (503, "ServerBusy")
    assert "asynchronously" in fault[3]
    assert [computation.status for computation in door.computations()] == ["dismissed"]


def test_an_address_that_is_given_as_text_is_not_taken_for_the_file(door):
    response = door.post(execute("echo", a_literal("complexInput", "http://data.example/x.csv")))

    status, code, locator, text = fault_in(response)
    assert (status, code, locator) == (400, "InvalidParameterValue", "complexInput")
    assert "wps:Reference" in text
    assert door.computations() == []
