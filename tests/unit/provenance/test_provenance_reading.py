from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataminer.domain.errors import InvalidDocument
from provenance import parsing
from provenance.reader import ProvReader
from provenance.recipes import recipe_of
from provenance.writer import PROV_JSON, PROV_XML, TURTLE, ProvWriter
from tests.unit.provenance.prov_records import PUBLIC_URL, a_computation, a_method

XML = ProvWriter(PUBLIC_URL).write(a_computation(), a_method(), PROV_XML).decode()
JSON = ProvWriter(PUBLIC_URL).write(a_computation(), a_method(), PROV_JSON).decode()
TTL = ProvWriter(PUBLIC_URL).write(a_computation(), a_method(), TURTLE).decode()


def reject(document: str | bytes, match: str) -> None:
    with pytest.raises(InvalidDocument, match=match):
        ProvReader().read(document if isinstance(document, bytes) else document.encode())


@pytest.mark.parametrize("document", ["", "  \n", "hello", "[1, 2]", "<", "{", "@prefix", "\0"])
def test_what_is_no_provenance_is_refused(document):
    reject(document, "document")


def test_bytes_that_are_no_text_are_refused():
    reject(b"\xff\x00\xfe<prov:document/>", "UTF-8")


def test_another_xml_document_is_refused_by_its_root():
    reject("<Execute xmlns='http://www.opengis.net/wps/1.0.0'/>", "root is .*Execute")


def test_a_document_without_a_computation_says_so():
    reject(
        '<prov:document xmlns:prov="http://www.w3.org/ns/prov#"/>',
        "holds no computation: no activity in it has dataminer:computation",
    )


def test_a_document_of_two_computations_is_refused():
    told = json.loads(JSON)
    told["activity"]["run:other"] = {"dataminer:computation": "OTHER_ID_1"}

    reject(json.dumps(told), "holds 2 computations")


@pytest.mark.parametrize(
    ("kind", "name", "word"),
    [
        ("entity", "method:version", "dataminer:method"),
        ("entity", "method:version", "dataminer:package"),
        ("entity", "run:input-1", "dataminer:sha256"),
        ("entity", "run:input-1", "dataminer:sizeBytes"),
        ("entity", "run:input-1", "dataminer:fileName"),
        ("entity", "run:input-1", "dataminer:columns"),
        ("entity", "run:input-2", "prov:value"),
        ("entity", "run:input-6", "dataminer:lowerCorner"),
        ("entity", "environment:installed", "dataminer:environment"),
        ("used", "run:used-1", "prov:role"),
    ],
)
def test_what_is_missing_is_named(kind, name, word):
    told = json.loads(JSON)
    del told[kind][name][word]

    reject(json.dumps(told), f"lacks {word}")


@pytest.mark.parametrize(
    ("name", "word", "value"),
    [
        ("run:input-1", "dataminer:sha256", "../../etc/passwd"),
        ("run:input-1", "dataminer:sha256", "A" * 64),
        ("run:input-1", "dataminer:sizeBytes", "-1"),
        ("run:input-1", "dataminer:sizeBytes", "many"),
        ("run:input-1", "dataminer:sizeBytes", "9" * 5000),
        ("run:input-1", "dataminer:fileName", "../../etc/passwd"),
        ("run:input-1", "dataminer:fileName", "a\\b"),
        ("run:input-1", "dataminer:fileName", ".."),
        ("run:input-1", "dataminer:columns", "[1]"),
        ("run:input-1", "dataminer:columns", "[" * 100_000),
        ("run:input-6", "dataminer:upperCorner", "ten"),
    ],
)
def test_what_is_wrong_is_named(name, word, value):
    told = json.loads(JSON)
    told["entity"][name][word] = value

    reject(json.dumps(told), f"wrong {word}")


@pytest.mark.parametrize("value", ["yesterday", {"$": "@@", "type": "xsd:base64Binary"}])
def test_a_value_of_the_wrong_form_is_refused(value):
    told = json.loads(JSON)
    told["entity"]["run:input-1"]["dataminer:deletedAt"] = value

    reject(json.dumps(told), "is not")


def test_an_input_that_is_not_described_is_named():
    told = json.loads(JSON)
    del told["entity"]["run:input-1"]

    reject(json.dumps(told), "does not describe its input 'points', 'run:input-1'")


def test_an_input_of_an_unknown_kind_is_named():
    told = json.loads(JSON)
    del told["entity"]["run:input-1"]["prov:type"]

    reject(json.dumps(told), "input 'points' is neither literal, nor box, nor file")


def test_a_document_without_a_plan_says_so():
    told = json.loads(JSON)
    del told["wasAssociatedWith"]

    reject(json.dumps(told), "by which plan")


def test_a_document_type_declaration_is_refused_before_it_is_read():
    bomb = '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    document = XML.replace("?>\n", f"?>\n{bomb}", 1)

    reject(document, "document type declaration")
    reject(document.encode("utf-16"), "document type declaration")


def test_an_encoding_that_would_hide_a_declaration_is_not_believed():
    hidden = '<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE d><d/>'

    reject(hidden, "not valid PROV-XML")


def test_comments_and_instructions_do_not_matter():
    document = XML.replace("<prov:activity ", "<!-- c --><?pi?><prov:activity ", 1)

    assert ProvReader().read(document.encode()) == recipe_of(a_computation())


@pytest.mark.parametrize("start", ["{", "<", "@prefix "])
def test_a_large_document_is_refused(start):
    reject(start.ljust(parsing.LIMIT_BYTES + 1), "larger than 10,485,760 bytes")


def test_turtle_has_a_lower_limit():
    reject(TTL + "#" * parsing.TURTLE_LIMIT_BYTES, "As Turtle")


@pytest.mark.parametrize(
    "document",
    [
        '{"a":' * 100_000,
        "<a>" * 100_000,
        '{"entity": {"ex:a": {"prov:type": [[[]]]}}}',
        '{"activity": {"run:activity": 5}}',
        '{"prefix": {"dataminer": 1}}',
        '<prov:document xmlns:prov="http://www.w3.org/ns/prov#"><prov:nonsense/></prov:document>',
        '<p:document xmlns:p="http://www.w3.org/ns/prov#"><p:bundleContent/></p:document>',
        "@prefix prov: <http://www.w3.org/ns/prov#> . prov:a prov:used 5 .",
    ],
)
def test_nonsense_in_the_right_clothes_is_refused(document):
    reject(document, "document")


@pytest.mark.parametrize("document", [XML, JSON, TTL], ids=["xml", "json", "turtle"])
@given(data=st.data())
@settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
def test_a_damaged_document_is_read_or_refused_and_nothing_else(document, data):
    start = data.draw(st.integers(0, len(document)))
    length = data.draw(st.integers(0, 40))
    patch = data.draw(st.text(max_size=5) | st.sampled_from(['"', "<", "{}", "[]", "null", "5"]))
    damaged = document[:start] + patch + document[start + length :]

    with contextlib.suppress(InvalidDocument):
        ProvReader().read(damaged.encode())
