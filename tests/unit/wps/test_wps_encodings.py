"""Payloads come out of a document as they went in."""

from __future__ import annotations

import base64
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from dataminer.domain.errors import InvalidValue, UnsupportedFormat
from dataminer.domain.values import Payload
from dataminer.wps.encodings import CHUNK, Embedding, content_of, embedded, embedding_of


def a_payload(media_type: str) -> Payload:
    return Payload(digest="0" * 64, size_bytes=0, media_type=media_type, name="x")


def embedding(content: bytes, media_type: str, wanted: str = "") -> Embedding:
    return embedding_of(a_payload(media_type), lambda: io.BytesIO(content), wanted)


def an_element(content: bytes, how: Embedding) -> etree._Element:
    pieces = "".join(embedded(lambda: io.BytesIO(content), how))
    return etree.fromstring(f"<a>{pieces}</a>".encode(), etree.XMLParser(huge_tree=True))


@given(st.binary(max_size=500) | st.text(max_size=500).map(str.encode))
def test_any_bytes_come_back_from_a_document(content) -> None:
    how = embedding(content, "text/plain")

    text = an_element(content, how).text or ""

    back = base64.b64decode(text) if how is Embedding.BASE64 else text.encode()
    assert back == content


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 2])
@pytest.mark.parametrize("letter", [b"a", "é".encode(), b"\xff", "😀".encode(), b"]]>", b"\r\n"])
def test_payloads_of_any_length_come_back(size, letter) -> None:
    content = letter * size
    how = embedding(content, "text/csv")

    text = an_element(content, how).text or ""

    assert (base64.b64decode(text) if how is Embedding.BASE64 else text.encode()) == content


@pytest.mark.parametrize(
    ("content", "media_type", "expected"),
    [
        (b"<a/>", "text/xml", Embedding.NODES),
        (b'<?xml version="1.0"?>\n<a/>', "application/xml", Embedding.NODES),
        (b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?><a/>', "text/xml", Embedding.NODES),
        (b"<a/>", "application/gml+xml; version=3.2", Embedding.NODES),
        (b"<a>", "text/xml", Embedding.TEXT),
        (b"", "text/xml", Embedding.TEXT),
        (b"<!DOCTYPE a><a/>", "text/xml", Embedding.TEXT),
        (b'<?xml version="1.0" encoding="latin-1"?><a/>', "text/xml", Embedding.TEXT),
        ("<a/>".encode("utf-16"), "text/xml", Embedding.BASE64),
        (b"<a/>", "text/plain", Embedding.TEXT),
        (b"\x89PNG\r\n", "image/png", Embedding.BASE64),
        (b"a\x00b", "text/plain", Embedding.BASE64),
    ],
)
def test_a_payload_is_embedded_as_what_it_is(content, media_type, expected) -> None:
    assert embedding(content, media_type) is expected


def test_a_client_can_have_anything_in_base64() -> None:
    assert embedding(b"plain", "text/plain", "Base64") is Embedding.BASE64


def test_a_document_is_embedded_without_its_declaration() -> None:
    content = b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?>\n<b c="1"><!-- d --></b>'

    element = an_element(content, Embedding.NODES)

    assert etree.tostring(element[0], with_tail=False) == b'<b c="1"><!-- d --></b>'


@given(st.binary(), st.integers(min_value=1, max_value=80))
def test_base64_with_any_line_length_is_decoded(content, width) -> None:
    text = base64.b64encode(content).decode()
    lines = "\n ".join(text[i : i + width] for i in range(0, len(text), width))

    with content_of("x", f"\n{lines}\n", "base64") as stream:
        assert stream.read() == content


def test_long_contents_are_kept_in_a_file() -> None:
    content = bytes(range(256)) * 8192

    with content_of("x", base64.b64encode(content).decode(), "base64") as stream:
        assert not isinstance(stream, io.BytesIO)
        assert stream.read() == content


@pytest.mark.parametrize("text", ["not base64!", "QQ", "QQ=Q", "é" * 4, "*" + "A" * (1 << 21)])
def test_what_is_not_base64_is_refused(text) -> None:
    with pytest.raises(InvalidValue, match=r"'x'.*base64"):
        content_of("x", text, "base64")


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(UnsupportedFormat, match="gzip"):
        content_of("x", "", "gzip")
