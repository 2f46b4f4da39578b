"""GetCapabilities and DescribeProcess."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from wps_door import ECHO, METHODS, TYPED, a_door
from wps_requests import encoded, fault_in, found, query, text_at

from dataminer.adapters.memory import MemoryNodes
from dataminer.domain.methods import Runtime, Target
from tests.builders import a_caller, a_method

EXAMPLES = Path(__file__).parents[2] / "conformance" / "examples-wps-1.0.0"
CAPABILITIES = query(request="GetCapabilities")
IDENTIFIERS = "//wps:Process/ows:Identifier/text()"
DESCRIBED = "/wps:ProcessDescriptions/ProcessDescription/ows:Identifier/text()"


def describe(identifier: str) -> str:
    return query(request="DescribeProcess", version="1.0.0", identifier=identifier)


# --- capabilities -----------------------------------------------------------------------------


def test_capabilities_list_every_method_and_the_two_own_processes(door):
    response = door.get(CAPABILITIES)

    assert response.status_code == 200
    assert response.content_type == "text/xml; charset=utf-8"
    assert found(response, IDENTIFIERS) == [
        *sorted(method.identifier for method in METHODS), "resubmit", "dismiss",
    ]  # fmt: skip


def test_addresses_are_below_the_public_one_whatever_the_host_header_says(door):
    response = door.get(CAPABILITIES, headers={"Host": "evil.example"})

    addresses = {address.partition("?")[0] for address in found(response, "//@xlink:href")}
    assert addresses == {f"{door.base_url}/", f"{door.base_url}/wps"}


def test_a_method_published_meanwhile_is_listed_and_described_next(door):
    door.get(CAPABILITIES)
    door.get(describe("ALL"))

    door.ports.catalogue.publish(a_method(identifier="FRESH"))

    assert "FRESH" in found(door.get(CAPABILITIES), IDENTIFIERS)
    assert "FRESH" in found(door.get(describe("ALL")), DESCRIBED)


def test_a_new_version_is_described_next_and_the_old_one_by_its_label_and_digest(door):
    door.get(describe("echo"))
    changed = replace(ECHO.manifest, version="2.0", title="Echo, echo")
    package = replace(ECHO.package, manifest=changed)
    newer = replace(ECHO, package=package, digest=package.digest, published_at=datetime.now(UTC))

    door.ports.catalogue.publish(newer)

    version = "//ProcessDescription/@wps:processVersion"
    assert text_at(door.get(describe("echo")), version) == "2.0"
    for reference in ("echo@1.0", f"echo@{ECHO.digest[:12]}"):
        response = door.get(describe(reference))
        assert text_at(response, version) == "1.0"
        assert found(response, DESCRIBED) == [reference]


def test_a_withdrawn_method_is_not_listed_any_more(door):
    door.get(CAPABILITIES)

    door.ports.catalogue.withdraw(None, "echo", ECHO.digest, datetime.now(UTC))

    assert "echo" not in found(door.get(CAPABILITIES), IDENTIFIERS)
    assert fault_in(door.get(describe("echo")))[:3] == (400, "InvalidParameterValue", "Identifier")


def test_each_tenant_sees_its_own_methods_and_everybodys():
    door = a_door(ECHO, a_method(tenant="geo", identifier="SECRET"))

    seen = {}
    for tenant in ("bio", "geo", "bio"):
        door.caller = a_caller(tenant=tenant)
        seen[tenant] = "SECRET" in found(door.get(CAPABILITIES), IDENTIFIERS)

    assert seen == {"bio": False, "geo": True}
    assert "SECRET" not in found(door.get(describe("ALL")), DESCRIBED)


def test_a_method_that_no_node_can_run_says_so_until_one_can(door):
    path = "//*[ows:Identifier='ABSENT']/ows:Abstract"
    listed, described = door.get(CAPABILITIES), door.get(describe("ABSENT"))

    everywhere = [(target, runtime) for target in Target for runtime in Runtime]
    door.ports.nodes._offered = MemoryNodes(everywhere).offered()

    for response in (listed, described):
        assert text_at(response, path).startswith("Needs Octave. Not available now")
    assert text_at(door.get(CAPABILITIES), path) == "Needs Octave."
    assert text_at(door.get(describe("ABSENT")), path) == "Needs Octave."


def test_methods_cannot_hide_the_own_processes():
    door = a_door(a_method(identifier="dismiss", title="Mine"))

    titles = found(door.get(CAPABILITIES), "//wps:Process[ows:Identifier='dismiss']/ows:Title")

    assert [title.text for title in titles] == ["Dismiss a computation"]


# --- versions and languages -------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        query(request="GetCapabilities", AcceptVersions="1.0.0"),
        query(request="GetCapabilities", AcceptVersions="2.0.0,1.0.0"),
        query(request="GetCapabilities", acceptversions="1.0.0,2.0.0,0.4.0"),
        query(request="GetCapabilities", version="1.0.0"),
        query(request="GetCapabilities", version="2.0.0", AcceptVersions="1.0.0"),
        query(request="getcapabilities", Language="en-US"),
        "/?SERVICE=wps&REQUEST=GETCAPABILITIES",
        describe("echo"),
        query(request="DescribeProcess", identifier="echo"),
        query(REQUEST="describeprocess", IDENTIFIER="echo", language="en-us"),
    ],
)
def test_what_we_speak_is_answered(door, address):
    assert door.get(address).status_code == 200


@pytest.mark.parametrize(
    ("parameters", "code", "locator"),
    [
        ({"request": "GetCapabilities", "AcceptVersions": "2.0.0"}, "VersionNegotiationFailed", ""),
        ({"request": "GetCapabilities", "version": "2.0.0"}, "VersionNegotiationFailed", ""),
        ({"request": "DescribeProcess", "version": "2.0.0", "identifier": "echo"},
         "InvalidParameterValue", "version"),
        ({"request": "Execute", "version": "9", "identifier": "echo"},
         "InvalidParameterValue", "version"),
        ({"request": "GetCapabilities", "language": "de"}, "InvalidParameterValue", "language"),
        ({"request": "GetCapabilities", "service": "WFS"}, "InvalidParameterValue", "service"),
        ({}, "MissingParameterValue", "request"),
        ({"request": "DescribeProcess", "version": "1.0.0"}, "MissingParameterValue", "Identifier"),
        ({"request": "DescribeProcess", "identifier": ","}, "MissingParameterValue", "Identifier"),
        ({"request": "DescribeProcess", "identifier": "echo,none"},
         "InvalidParameterValue", "Identifier"),
        ({"request": "Execute"}, "MissingParameterValue", "Identifier"),
        ({"request": "Execute", "identifier": "none"}, "InvalidParameterValue", "Identifier"),
    ],
)  # fmt: skip
def test_what_we_do_not_speak_gets_the_fault_of_the_standard(door, parameters, code, locator):
    assert fault_in(door.get(encoded(**parameters)))[:3] == (400, code, locator)


def test_a_request_without_anything_misses_the_service(door):
    assert fault_in(door.get("/"))[:3] == (400, "MissingParameterValue", "service")


def test_an_unknown_operation_is_not_supported(door):
    assert fault_in(door.get(query(request="GetMap")))[:3] == (
        501, "OperationNotSupported", "GetMap",
    )  # fmt: skip


# --- POST -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["10_wpsGetCapabilities_request", "30_wpsDescribeProcess_request"])
def test_the_examples_of_the_standard_fail_on_their_language_alone(door, name):
    document = (EXAMPLES / f"{name}.xml").read_text()

    fault = fault_in(door.post(document))
    response = door.post(
        document.replace("en-CA", "en-US")
        .replace(">intersection<", ">TYPED<")
        .replace(">union<", ">echo<")
    )

    assert fault[:3] == (400, "InvalidParameterValue", "language")
    assert response.status_code == 200
    if "Describe" in name:
        assert found(response, DESCRIBED) == ["TYPED", "echo"]


@pytest.mark.parametrize("media_type", ["text/xml", "application/xml; charset=utf-8",
                                        "application/soap+xml"])  # fmt: skip
@pytest.mark.parametrize("versions", [("1.0.0",), ("2.0.0", "1.0.0"), ("1.0.0", "2.0.0")])
def test_the_first_accepted_version_that_we_have_is_spoken(door, versions, media_type):
    accepted = "".join(f"<ows:Version>{version}</ows:Version>" for version in versions)
    body = (
        '<GetCapabilities xmlns="http://www.opengis.net/wps/1.0.0" service="WPS" '
        f'xmlns:ows="http://www.opengis.net/ows/1.1"><AcceptVersions>{accepted}</AcceptVersions>'
        "</GetCapabilities>"
    )

    assert door.post(body, content_type=media_type).status_code == 200


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (('<GetCapabilities xmlns="http://www.opengis.net/wps/1.0.0" service="WPS">'
          '<AcceptVersions><v:Version xmlns:v="http://www.opengis.net/ows/1.1">2.0.0</v:Version>'
          "</AcceptVersions></GetCapabilities>"), (400, "VersionNegotiationFailed", "")),
        ('<GetCapabilities xmlns="http://www.opengis.net/wps/2.0" service="WPS"/>',
         (400, "VersionNegotiationFailed", "")),
        ('<Execute xmlns="http://www.opengis.net/wps/2.0" service="WPS" version="2.0.0"/>',
         (400, "InvalidParameterValue", "version")),
        ('<DescribeProcess xmlns="http://www.opengis.net/wps/1.0.0" version="1.0.1"/>',
         (400, "InvalidParameterValue", "version")),
        ('<DescribeProcess xmlns="http://www.opengis.net/wps/1.0.0" version="1.0.0"/>',
         (400, "MissingParameterValue", "Identifier")),
        (('<DescribeProcess xmlns="http://www.opengis.net/wps/1.0.0" service="WPS">'
          '<i:Identifier xmlns:i="http://www.opengis.net/ows/1.1"/></DescribeProcess>'),
         (400, "MissingParameterValue", "Identifier")),
        ('<Execute xmlns="http://www.opengis.net/wps/1.0.0" version="1.0.0"/>',
         (400, "MissingParameterValue", "Identifier")),
        ('<Execute xmlns="http://www.opengis.net/wps/1.0.0" service="WMS"/>',
         (400, "InvalidParameterValue", "service")),
        ('<Dismiss xmlns="http://www.opengis.net/wps/1.0.0"/>',
         (501, "OperationNotSupported", "Dismiss")),
        ("<Execute/>", (501, "OperationNotSupported", "Execute")),
        ((EXAMPLES / "10_wpsGetCapabilities_request_SOAP.xml").read_bytes(),
         (501, "OperationNotSupported", "Envelope")),
    ],
)  # fmt: skip
def test_a_document_that_we_do_not_speak_gets_the_fault_of_the_standard(door, body, fault):
    assert fault_in(door.post(body))[:3] == fault


# --- descriptions -----------------------------------------------------------------------------


def test_processes_are_described_in_the_order_asked_for(door):
    response = door.get(describe("echo,dismiss,TYPED"))

    assert found(response, DESCRIBED) == ["echo", "dismiss", "TYPED"]


@pytest.mark.parametrize("name", ["ALL", "all"])
def test_all_processes_are_described_at_once(door, name):
    response = door.get(describe(name))

    assert len(found(response, DESCRIBED)) == len(METHODS) + 2


def of_input(response, identifier: str, path: str) -> list[str]:
    return found(response, f"//Input[ows:Identifier='{identifier}']/{path}")


def test_literal_inputs_say_type_range_choices_unit_default_and_occurrences(door):
    response = door.get(describe("TYPED"))

    def said(identifier: str, path: str) -> list[str]:
        return of_input(response, identifier, f"LiteralData/{path}")

    assert said("count", "ows:DataType/text()") == ["integer"]
    assert said("count", ".//ows:MinimumValue/text()") == ["1"]
    assert said("count", ".//ows:MaximumValue/text()") == ["9"]
    assert of_input(response, "count", "@minOccurs") == ["1"]
    assert of_input(response, "count", "@maxOccurs") == ["3"]
    assert said("share", "ows:DataType/@ows:reference") == [
        "http://www.w3.org/TR/xmlschema-2/#double"
    ]
    assert said("share", "DefaultValue/text()") == ["0.5"]
    assert said("share", "UOMs/Default/ows:UOM/text()") == ["%"]
    assert of_input(response, "share", "@minOccurs") == ["0"]
    assert said("share", ".//ows:MinimumValue") == []
    assert said("level", ".//ows:MinimumValue/text()") == ["-2"]
    assert said("colour", "ows:AllowedValues/ows:Value/text()") == ["red", "a < b"]
    assert len(said("flag", "ows:AnyValue")) == 1
    assert said("moment", "ows:DataType/text()") == ["dateTime"]


def test_complex_inputs_say_formats_and_boxes_say_their_systems(door):
    response = door.get(describe("TYPED,echo"))

    table, shape = "table", "shape"
    assert of_input(response, table, "ComplexData/Default/Format/MimeType/text()") == ["text/csv"]
    assert of_input(response, shape, "ComplexData/Supported/Format/MimeType/text()") == [
        "text/xml", "application/json", "text/xml", "application/json",
    ]  # fmt: skip
    assert of_input(response, shape, "ComplexData/Supported/Format[Encoding]/Encoding/text()") == [
        "base64", "base64",
    ]  # fmt: skip
    assert of_input(response, shape, "ComplexData/Default/Format/Schema/text()") == [
        "http://example.org/shape.xsd"
    ]
    systems = of_input(response, "boundingBoxInput", "BoundingBoxData/Supported/CRS/text()")
    assert systems == ["EPSG:4326", "urn:ogc:def:crs:OGC:1.3:CRS84"]


def test_a_description_shows_any_text_as_it_is(door):
    response = door.get(describe("TYPED"))

    assert text_at(response, "//ProcessDescription/ows:Title") == TYPED.manifest.title
    assert text_at(response, "//ProcessDescription/ows:Abstract") == TYPED.manifest.abstract


def test_texts_that_xml_cannot_hold_do_not_break_the_document():
    door = a_door(a_method(title="bell \x07 and \x00", abstract="\x1b[31mred"))

    assert text_at(door.get(describe("SHOUT")), "//ProcessDescription/ows:Title") == (
        "bell \ufffd and \ufffd"
    )
