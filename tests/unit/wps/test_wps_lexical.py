"""Whatever a text was before, it fits the schemas afterwards."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from dataminer.wps.lexical import character_data, double, is_media_type, legal, media_type, uri

_SCHEMA = etree.XMLSchema(
    etree.fromstring(
        """<s:schema xmlns:s="http://www.w3.org/2001/XMLSchema">
             <s:element name="a">
               <s:complexType>
                 <s:attribute name="uri" type="s:anyURI"/>
                 <s:attribute name="double" type="s:double"/>
               </s:complexType>
             </s:element>
           </s:schema>"""
    )
)


@given(st.text())
def test_any_text_comes_back_from_character_data(text):
    element = etree.fromstring(f"<a>{character_data(legal(text))}</a>".encode())

    assert (element.text or "") == legal(text)


def test_what_xml_cannot_hold_is_replaced():
    assert legal("a\x00b\x1bc\td\ufffee") == "a\ufffdb\ufffdc\td\ufffde"


@given(
    st.text()
    | st.text(st.sampled_from("ab1:/?#[]@%&= .-"))
    | st.text(st.sampled_from("ab1:/?#[]@%&= .-")).map("http:".__add__)
)
@settings(max_examples=1000)
def test_any_text_becomes_a_uri(text):
    assert _SCHEMA.validate(etree.Element("a", uri=uri(text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%", "%25"),
        ("m/s", "m/s"),
        ("°C", "%C2%B0C"),
        ("http://x.org/a%20b?c=d&e#f", "http://x.org/a%20b?c=d&e#f"),
        ("http://[::1]:8080/a;b=(c)", "http://[::1]:8080/a;b=(c)"),
        ("urn:ogc:def:crs:EPSG::4326", "urn:ogc:def:crs:EPSG::4326"),
        ("EPSG:4326", "EPSG:4326"),
        ("", ""),
    ],
)
def test_addresses_stay_and_units_are_escaped(text, expected):
    assert uri(text) == expected


@given(st.floats())
def test_any_number_is_written_as_xml_schema_reads_it(value):
    assert _SCHEMA.validate(etree.Element("a", double=double(value)))
    assert math.isnan(value) or float(double(value)) == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [("text/csv", True), ("text/xml; subtype=gml/3.1.1", True), ("chemical/x-pdb", False),
     ("text/", False), ("csv", False), ("text/a\r\nX-Evil: 1", False), ("text/ü", False)],
)  # fmt: skip
def test_media_types_are_those_of_the_schema(text, expected):
    assert is_media_type(text) is expected
    assert media_type(text) == (text if expected else "application/octet-stream")
