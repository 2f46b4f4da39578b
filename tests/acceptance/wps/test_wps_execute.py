"""Execute: every way of giving an input and of wanting an answer."""

from __future__ import annotations

import base64
import itertools
from urllib.parse import quote, quote_plus

import pytest
from wps_door import CRS84
from wps_requests import (
    a_box,
    a_complex,
    a_document,
    a_literal,
    a_reference,
    an_output,
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

from dataminer.domain.values import BoundingBox, Literal, Payload

PNG = b"\x89PNG\r\n\x1a\n\x00\xff"
ADDRESS = "http://data.example/words.txt"


def stored(door, identifier: str) -> bytes:
    """The bytes of an input of the only computation."""
    with door.engine.open_payload(value(door, identifier)) as stream:
        return stream.read()


def value(door, identifier: str) -> Literal | BoundingBox | Payload:
    (computation,) = door.computations()
    return next(b.value for b in computation.inputs if b.identifier == identifier)


# --- inputs in a body -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["hello", "", " spaces ", "a < b & \"c\" ]]> 'd'", "naïve 😀", "None"]
)
def test_a_literal_comes_through_as_it_is(door, text):
    response = door.post(execute("echo", a_literal("literalInput", text)))

    assert status_of(response) == "ProcessSucceeded"
    assert output_text(response, "literalOutput") == text


@pytest.mark.parametrize(
    ("inner", "attributes", "expected"),
    [
        ("b\na\n", {}, b"b\na\n"),
        ("a &lt; b &amp; c", {"mimeType": "text/plain"}, b"a < b & c"),
        ("<![CDATA[<not> & parsed]]>", {}, b"<not> & parsed"),
        ("", {}, b""),
        (base64.b64encode(PNG).decode(), {"encoding": "base64"}, PNG),
        (base64.encodebytes(PNG * 99).decode(), {"encoding": "BASE64"}, PNG * 99),
        ("naïve", {"encoding": "UTF-8"}, "naïve".encode()),
        ("<!-- only a comment -->text", {}, b"text"),
    ],
)
def test_embedded_text_becomes_the_bytes_that_it_stands_for(door, inner, attributes, expected):
    response = door.post(execute("echo", a_complex("complexInput", inner, **attributes)))

    assert status_of(response) == "ProcessSucceeded"
    assert stored(door, "complexInput") == expected


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<r><a b='1'/>tail</r>", b'<a b="1"/>tail</r>'),
        ("\n  <!-- before -->\n  <r/>\n  <!-- after -->\n", b"/>"),
        ("<g:r xmlns:g='urn:g' xmlns:x='urn:x' t='x:y'/>", b't="x:y"/>'),
    ],
)
def test_embedded_xml_becomes_a_document_of_its_own(door, inner, expected):
    door.post(execute("echo", a_complex("complexInput", inner, mimeType="text/xml")))

    document = stored(door, "complexInput")
    assert document.startswith((b"<r", b"<g:r"))
    assert document.endswith(expected)
    assert b'xmlns:x="urn:x"' in document or b"x:y" not in document


def test_mixed_content_is_kept_whole(door):
    door.post(execute("echo", a_complex("complexInput", "one <b>two</b> three")))

    text = stored(door, "complexInput").decode()
    assert text.startswith("one <b")
    assert text.endswith(">two</b> three")


def test_a_text_above_ten_megabytes_comes_through(door):
    text = "0123456789\n" * 1_100_000

    response = door.post(execute("echo", a_complex("complexInput", text)))

    assert output_text(response, "complexOutput") == text
    assert stored(door, "complexInput") == text.encode()


def test_a_literal_element_will_do_for_a_complex_input_and_the_other_way_round(door):
    response = door.post(
        execute("echo", a_literal("complexInput", "text"), a_complex("literalInput", "short"))
    )

    assert stored(door, "complexInput") == b"text"
    assert output_text(response, "literalOutput") == "short"


@pytest.mark.parametrize(
    ("attributes", "crs"),
    [
        ({}, "EPSG:4326"),
        ({"crs": "EPSG:4326", "dimensions": "2"}, "EPSG:4326"),
        ({"crs": "epsg:4326"}, "EPSG:4326"),
        ({"crs": "urn:ogc:def:crs:EPSG::4326"}, "EPSG:4326"),
        ({"crs": "http://www.opengis.net/def/crs/EPSG/0/4326"}, "EPSG:4326"),
        ({"crs": CRS84}, CRS84),
    ],
)
def test_a_box_keeps_the_order_of_its_axes(door, attributes, crs):
    response = door.post(
        execute("echo", a_box("boundingBoxInput", "51.9 7.0", "53 8.25", **attributes))
    )

    assert value(door, "boundingBoxInput") == BoundingBox(
        lower=(51.9, 7.0), upper=(53.0, 8.25), crs=crs
    )
    box = "//wps:BoundingBoxData"
    assert text_at(response, f"{box}/ows:LowerCorner") == "51.9 7.0"
    assert text_at(response, f"{box}/ows:UpperCorner") == "53.0 8.25"
    assert found(response, f"{box}/@crs") == [crs]
    assert found(response, f"{box}/@dimensions") == ["2"]


def test_a_box_may_have_three_dimensions(door):
    door.post(execute("echo", a_box("boundingBoxInput", "1 2 3", "4 5 6", dimensions="3")))

    assert value(door, "boundingBoxInput").upper == (4.0, 5.0, 6.0)


def test_a_reference_is_fetched_with_method_headers_and_body(door):
    door.addresses[ADDRESS] = b"b a"
    orders = []
    fetch = door.ports.fetcher.fetch

    def watched(identifier, reference, limit_bytes):
        orders.append(reference)
        return fetch(identifier, reference, limit_bytes)

    door.ports.fetcher.fetch = watched
    header = '<wps:Header key="X-Key" value="k"/>'
    body = "<wps:Body><q xmlns='urn:q'>1</q></wps:Body>"
    for inner, attributes in (
        ("", {}),
        (header + body, {"method": "POST", "mimeType": "text/plain"}),
        (f'<wps:BodyReference xlink:href="{ADDRESS}"/>', {}),
        ("<wps:Body>plain</wps:Body>", {"method": "POST"}),
    ):
        reference = a_reference("complexInput", ADDRESS, inner, **attributes)
        assert status_of(door.post(execute("echo", reference))) == "ProcessSucceeded"

    assert [order.method for order in orders] == ["GET", "POST", "POST", "POST"]
    assert orders[1].headers == (("X-Key", "k"),)
    assert b"1</q>" in orders[1].body
    assert orders[1].media_type == "text/plain"
    assert orders[2].body_href == ADDRESS
    assert orders[3].body == b"plain"


def test_our_own_output_address_is_resolved_in_the_store(door):
    first = door.post(
        execute(
            "echo",
            a_complex("complexInput", "once"),
            form=a_document(an_output("complexOutput", asReference="true")),
        )
    )
    (address,) = found(first, "//wps:Output/wps:Reference/@href")

    second = door.post(execute("echo", a_reference("complexInput", address)))

    assert output_text(second, "complexOutput") == "once"


# --- inputs in a query ------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["x", "", "a;b=c@d&e%20f+g", "ada@example.org", "1=2", "naïve ]"])
def test_a_literal_in_a_query_comes_through_as_it_is(door, text):
    once = query(request="Execute", version="1.0.0", identifier="echo",
                 DataInputs=f"literalInput={quote(text, safe='')}")  # fmt: skip
    twice = encoded(request="Execute", version="1.0.0", identifier="echo",
                    datainputs=f"[literalInput={quote(text, safe='')}]")  # fmt: skip

    for address in (once, twice):
        assert output_text(door.get(address), "literalOutput") == text


def test_all_kinds_of_inputs_can_be_given_in_a_query(door):
    door.addresses[ADDRESS] = b"b a"
    inputs = ";".join(
        (
            f"complexInput=@xlink:href={quote_plus(ADDRESS)}@mimeType=text/plain",
            f"boundingBoxInput=1,2,3,4,{CRS84},2",
            "literalInput=here",
        )
    )

    response = door.get(query(request="Execute", identifier="echo", DataInputs=inputs))

    assert status_of(response) == "ProcessSucceeded"
    assert stored(door, "complexInput") == b"b a"
    assert value(door, "complexInput").source == ADDRESS
    assert value(door, "boundingBoxInput") == BoundingBox(
        lower=(1.0, 2.0), upper=(3.0, 4.0), crs=CRS84
    )


@pytest.mark.parametrize(("text", "attributes", "content"), [
    ("text", "", b"text"), (base64.b64encode(PNG).decode(), "@encoding=base64", PNG),
])  # fmt: skip
def test_bytes_can_be_given_in_a_query(door, text, attributes, content):
    inputs = f"complexInput={quote(text, safe='')}{attributes}"

    door.get(query(request="Execute", identifier="echo", DataInputs=inputs))

    assert stored(door, "complexInput") == content


def test_every_type_of_literal_has_its_canonical_form(door):
    given = {"count": "+3", "share": "1e-1", "level": "-.5", "flag": "1", "day": "2026-03-31",
             "hour": "13:45", "moment": "2026-03-31T12:00:00+02:00"}  # fmt: skip
    inputs = (a_literal(name, text) for name, text in given.items())

    response = door.post(execute("TYPED", *inputs))

    assert {name: output_text(response, name) for name in (*given, "colour")} == {
        "count": "3", "share": "0.1", "level": "-0.5", "flag": "true", "day": "2026-03-31",
        "hour": "13:45:00", "moment": "2026-03-31T10:00:00Z", "colour": "red",
    }  # fmt: skip
    assert found(response, "//wps:LiteralData/@uom") == ["%25", "m/s"]
    assert found(response, "//wps:LiteralData/@dataType") == [
        "integer", "float", "float", "boolean", "date", "time", "dateTime", "string",
    ]  # fmt: skip


# --- answers ----------------------------------------------------------------------------------

XML_INPUT = a_complex("complexInput", "<r>é</r>", mimeType="text/xml")
INPUTS = {
    "none": (),
    "literal": (a_literal("literalInput", "a & b"),),
    "text": (a_complex("complexInput", "a &lt; b", mimeType="text/plain"),),
    "xml": (XML_INPUT,),
    "binary": (a_complex("complexInput", base64.b64encode(PNG).decode(), encoding="base64",
                         mimeType="application/octet-stream"),),
    "box": (a_box("boundingBoxInput", "1 2", "3 4"),),
    "reference": (a_reference("complexInput", ADDRESS),),
    "all": (a_literal("literalInput", "x"), XML_INPUT, a_box("boundingBoxInput", "1 2", "3 4")),
}  # fmt: skip
FORMS = {
    "nothing": "",
    "document": a_document(an_output("complexOutput"), an_output("literalOutput")),
    "reference": a_document(an_output("complexOutput", asReference="true")),
    "base64": a_document(an_output("complexOutput", encoding="base64", mimeType="text/plain")),
    "own words": a_document(an_output(
        "literalOutput", "<ows:Title>Mine &amp; only</ows:Title><ows:Abstract>Yes</ows:Abstract>")),
    "stored": a_document(an_output("boundingBoxOutput"), storeExecuteResponse="1"),
    "later": a_document(an_output("complexOutput", asReference="true"),
                        storeExecuteResponse="true", status="true"),
    "literal by reference": a_document(an_output("literalOutput", asReference="true")),
}  # fmt: skip


@pytest.mark.parametrize("lineage", ["true", "false"])
@pytest.mark.parametrize(("given", "form"), list(itertools.product(INPUTS, FORMS)))
def test_every_answer_is_valid_at_once_and_at_its_address(door, given, form, lineage):
    door.addresses[ADDRESS] = b"b a"
    wanted = FORMS[form].replace("ResponseDocument", f'ResponseDocument lineage="{lineage}"', 1)

    response = door.post(execute("echo", *INPUTS[given], form=wanted))  # checked to be valid

    assert response.status_code == 200
    shows_lineage = lineage == "true" and bool(wanted)
    assert bool(found(response, "//wps:DataInputs")) == (shows_lineage and given != "none")
    assert bool(found(response, "//wps:OutputDefinitions")) == shows_lineage
    for address in found(response, "/wps:ExecuteResponse/@statusLocation"):
        again = door.get(door.local(address))
        assert status_of(again) == "ProcessSucceeded"
        assert bool(found(again, "//wps:OutputDefinitions")) == shows_lineage


def test_without_a_form_all_outputs_are_embedded(door):
    response = door.post(execute("echo", *INPUTS["all"]))

    assert found(response, "//wps:Output/ows:Identifier/text()") == [
        "literalOutput", "complexOutput", "boundingBoxOutput",
    ]  # fmt: skip
    assert text_at(response, "//wps:ComplexData/r") == "é"
    assert found(response, "//@statusLocation") == []


def test_outputs_come_in_the_order_and_words_of_the_client(door):
    form = a_document(
        an_output("complexOutput", "<ows:Title>Mine</ows:Title>"), an_output("literalOutput")
    )

    response = door.post(execute("echo", *INPUTS["all"], form=form))

    assert found(response, "//wps:Output/ows:Title/text()") == ["Mine", "literalOutput"]


def test_binary_output_is_embedded_in_base64_and_says_so(door):
    response = door.post(execute("echo", *INPUTS["binary"]))

    assert found(response, "//wps:ComplexData/@encoding") == ["base64"]
    assert base64.b64decode(output_text(response, "complexOutput")) == PNG


def test_an_output_by_reference_lies_at_its_address_without_credentials(door):
    response = door.post(execute("echo", *INPUTS["binary"], form=FORMS["reference"]))
    (address,) = found(response, "//wps:Output/wps:Reference/@href")
    door.caller = None

    output = door.get(door.local(address))

    assert output.get_data() == PNG
    assert output.content_type == "application/octet-stream"
    assert output.headers["X-Content-Type-Options"] == "nosniff"
    assert output.headers["Content-Disposition"].startswith("attachment;")
    tag = output.headers["ETag"]
    assert door.get(door.local(address), headers={"If-None-Match": tag}).status_code == 304


def test_lineage_repeats_what_was_given_and_nothing_else(door):
    door.addresses[ADDRESS] = b"a,b\n1,2\n"
    secret = "http://user:secret@data.example/words.txt"
    door.addresses[secret] = b"<shape/>"
    form = a_document(
        an_output("count", "<ows:Title>N</ows:Title>", uom="one"),
        an_output("table", asReference="true", mimeType="text/csv"),
        lineage="true",
    )

    response = door.post(
        execute("TYPED", a_literal("count", "1"), a_literal("count", "2"),
                a_reference("table", ADDRESS), a_reference("shape", secret), form=form)
    )  # fmt: skip

    assert found(response, "//wps:DataInputs/wps:Input/ows:Identifier/text()") == [
        "count", "count", "table", "shape",
    ]  # fmt: skip
    assert found(response, "//wps:DataInputs//wps:LiteralData/text()") == ["1", "2"]
    assert found(response, "//wps:DataInputs//@xlink:href") == [
        ADDRESS, "http://data.example/words.txt",
    ]  # fmt: skip
    definitions = "//wps:OutputDefinitions/wps:Output"
    assert found(response, f"{definitions}/ows:Identifier/text()") == ["count", "table"]
    assert found(response, f"{definitions}/@asReference") == ["true"]
    assert found(response, f"{definitions}/@mimeType") == ["text/csv"]
    assert b"secret" not in response.get_data()


@pytest.mark.parametrize(
    ("given", "output", "attributes", "content_type", "content"),
    [
        ("literal", "literalOutput", {}, "text/plain; charset=utf-8", b"a & b"),
        ("text", "complexOutput", {}, "text/plain", b"a < b"),
        ("binary", "complexOutput", {}, "application/octet-stream", PNG),
        ("binary", "complexOutput", {"encoding": "base64"}, "application/octet-stream",
         base64.b64encode(PNG)),
        ("xml", "complexOutput", {"mimeType": "text/xml"}, "text/xml", None),
        ("box", "boundingBoxOutput", {}, "text/xml; charset=utf-8", None),
    ],
)  # fmt: skip
def test_raw_output_is_the_output_itself(door, given, output, attributes, content_type, content):
    form = raw(output, **attributes)

    response = door.post(execute("echo", *INPUTS[given], form=form))

    assert response.status_code == 200
    assert response.content_type == content_type
    assert content is None or response.get_data() == content


def test_raw_output_can_be_asked_for_in_a_query(door):
    response = door.get(
        query(request="Execute", identifier="echo", DataInputs="literalInput=x",
              RawDataOutput="literalOutput", storeExecuteResponse="true", status="true")
    )  # fmt: skip

    assert response.get_data() == b"x"


def test_a_document_can_be_asked_for_in_a_query(door):
    response = door.get(
        query(request="Execute", identifier="echo", DataInputs="complexInput=x;literalInput=y",
              ResponseDocument="[complexOutput=@asReference=true@mimeType=text/plain;literalOutput]",
              lineage="true", storeExecuteResponse="true", status="true")
    )  # fmt: skip

    assert status_of(response) == "ProcessAccepted"
    later = door.get(door.local(text_at(response, "/wps:ExecuteResponse/@statusLocation")))
    assert len(found(later, "//wps:Output/wps:Reference")) == 1
    assert output_text(later, "literalOutput") == "y"
    assert len(found(later, "//wps:DataInputs/wps:Input")) == 2


def test_an_older_version_can_be_executed_by_its_name(door):
    response = door.post(execute("echo@1.0", a_literal("literalInput", "x")))

    assert output_text(response, "literalOutput") == "x"


# --- failures ---------------------------------------------------------------------------------


def test_a_script_that_fails_is_told_in_the_document(door):
    response = door.post(execute("FAILS"))

    assert response.status_code == 200
    assert status_of(response) == "ProcessFailed"
    assert text_at(response, "//ows:ExceptionText") == "It ended with exit code 3: <no> & such"


def test_a_script_that_fails_is_told_as_a_report_where_raw_output_was_wanted(door):
    fault = fault_in(door.post(execute("FAILS", form=raw("loud"))))

    assert fault == (500, "NoApplicableCode", "", "It ended with exit code 3: <no> & such")


def test_raw_output_that_was_not_given_is_a_fault(door):
    response = door.post(execute("echo", form=raw("literalOutput")))

    assert fault_in(response)[:3] == (404, "NoApplicableCode", "literalOutput")


def test_a_method_that_no_node_can_run_is_refused_at_once(door):
    fault = fault_in(door.post(execute("ABSENT", a_complex("text", "x"))))

    assert fault[:2] == (501, "NoApplicableCode")
    assert "octave" in fault[3]
    assert door.computations() == []
