"""Bytes that somebody sent become a PROV document, safely."""

from __future__ import annotations

import codecs
import io

from lxml import etree
from prov import Error as ProvError
from prov.model import ProvDocument
from prov.serializers.provjson import ProvJSONSerializer
from prov.serializers.provxml import ProvXMLSerializer

from dataminer.domain.errors import InvalidDocument

LIMIT_BYTES = 10 * 1024 * 1024
TURTLE_LIMIT_BYTES = 1024 * 1024  #: rdflib is slow

_ROOT = "{http://www.w3.org/ns/prov#}document"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_TURTLE_STARTS = ("@prefix", "@base", "prefix", "base", "#")
_LONGEST_REASON = 300  #: characters of a library's message that are passed on

#: What the libraries raise for documents that are not as they should be. Warning: where the
#: process turns warnings into errors.
_FAULTS = (
    ProvError, SyntaxError, etree.LxmlError, ValueError, TypeError, LookupError, AttributeError,
    AssertionError, ArithmeticError, RecursionError, Warning,
)  # fmt: skip


def parse(document: bytes) -> ProvDocument:
    """The document, found by its first characters to be PROV-XML, PROV-JSON or Turtle.

    Raises:
        InvalidDocument: too large, none of these, or broken.
    """
    if len(document) > LIMIT_BYTES:
        raise InvalidDocument(f"The document is larger than {LIMIT_BYTES:,} bytes.")
    text = _decoded(document).lstrip()
    if text.startswith("{"):
        return _guarded("PROV-JSON", text)
    if text.lower().startswith(_TURTLE_STARTS):
        return _guarded("Turtle", text)
    if text.startswith("<"):
        return _guarded("PROV-XML", text)
    raise InvalidDocument("The document is neither PROV-XML, nor PROV-JSON, nor Turtle.")


def _guarded(kind: str, text: str) -> ProvDocument:
    try:
        return _READERS[kind](text)
    except _FAULTS as error:
        reason = str(error).split("\n")[0][:_LONGEST_REASON] or type(error).__name__
        raise InvalidDocument(f"The document is not valid {kind}: {reason}") from error


def _decoded(document: bytes) -> str:
    encoding = "utf-16" if document.startswith(_UTF16) else "utf-8-sig"
    try:
        return document.decode(encoding)
    except UnicodeDecodeError as error:
        raise InvalidDocument("The document is not written in UTF-8.") from error


def _from_xml(text: str) -> ProvDocument:
    if "<!DOCTYPE" in text:
        raise InvalidDocument("The document has a document type declaration, which is refused.")
    root = etree.fromstring(text.encode(), _parser())
    if root.tag != _ROOT:
        raise InvalidDocument(f"The document's root is '{root.tag}', not '{_ROOT}'.")
    document = ProvDocument()
    ProvXMLSerializer().deserialize_subtree(root, document)
    return document


def _parser() -> etree.XMLParser:
    """A parser that opens nothing; the declared encoding no longer counts, ours does."""
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )


def _from_json(text: str) -> ProvDocument:
    return ProvJSONSerializer().deserialize(io.StringIO(text))


def _from_turtle(text: str) -> ProvDocument:
    from provenance.turtle import from_turtle  # noqa: PLC0415 loads rdflib

    if len(text) > TURTLE_LIMIT_BYTES:
        raise InvalidDocument(f"As Turtle the document may have {TURTLE_LIMIT_BYTES:,} bytes.")
    return from_turtle(text)


_READERS = {"PROV-XML": _from_xml, "PROV-JSON": _from_json, "Turtle": _from_turtle}
