"""Says what is wrong with a document of WPS 1.0.0, OWS Common 1.1 or PROV-XML."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lxml import etree

_SCHEMAS = Path(__file__).parent / "schemas" / "schemas.opengis.net"
_PROV = Path(__file__).parent / "prov" / "prov.xsd"
_BY_NAMESPACE = {
    "http://www.opengis.net/wps/1.0.0": "wps/1.0.0/wpsAll.xsd",
    "http://www.opengis.net/ows/1.1": "ows/1.1.0/owsAll.xsd",
}


def faults_of(document: bytes) -> list[str]:
    """What its schema, found by the root's namespace, does not allow; empty: it is valid."""
    try:
        root = etree.fromstring(document, etree.XMLParser(no_network=True, huge_tree=True))
    except etree.XMLSyntaxError as error:
        return [f"not well-formed: {error}"]
    name = _BY_NAMESPACE.get(etree.QName(root).namespace or "")
    if name is None:
        return [f"there is no schema for {root.tag}"]
    schema = _schema(name)
    schema.validate(root)
    return [f"line {fault.line}: {fault.message}" for fault in schema.error_log]


@cache
def _schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(_SCHEMAS / name, etree.XMLParser(no_network=True)))


def prov_faults_of(document: bytes) -> list[str]:
    """What the schema of PROV-XML does not allow; empty: it is valid."""
    schema = etree.XMLSchema(etree.parse(_PROV, etree.XMLParser(no_network=True)))
    schema.validate(etree.fromstring(document, etree.XMLParser(no_network=True)))
    return [f"line {fault.line}: {fault.message}" for fault in schema.error_log]
