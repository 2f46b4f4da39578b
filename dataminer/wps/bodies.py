"""The body of a POST request: bounded, of an XML type, and parsed without following anything."""

from __future__ import annotations

from http import HTTPStatus

from lxml import etree
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Request

from dataminer.wps.faults import NO_APPLICABLE_CODE, RequestRejected

WPS = "{http://www.opengis.net/wps/1.0.0}"
OWS = "{http://www.opengis.net/ows/1.1}"
XLINK = "{http://www.w3.org/1999/xlink}"

Element = etree._Element  # noqa: SLF001 - lxml has no public name for it

_XML_TYPES = frozenset(("text/xml", "application/xml"))


def read_body(request: Request, limit_bytes: int) -> Element:
    """The root of the document in a request's body.

    Only XML types are taken: a web page can have a browser send any other across origins.

    Raises:
        RequestRejected: another media type, too large, not well-formed, or with a DOCTYPE.
    """
    if request.mimetype not in _XML_TYPES and not request.mimetype.endswith("+xml"):
        raise RequestRejected(
            NO_APPLICABLE_CODE,
            "Send the request as Content-Type: text/xml or application/xml, "
            f"not as '{request.content_type or 'nothing'}'.",
            status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        )
    request.max_content_length = limit_bytes
    try:
        document = etree.parse(request.stream, _parser())
    except RequestEntityTooLarge as error:
        raise RequestRejected(
            "FileSizeExceeded",
            f"The request is larger than {limit_bytes:,} bytes; send large inputs by reference.",
            status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        ) from error
    except etree.XMLSyntaxError as error:
        raise RequestRejected(
            NO_APPLICABLE_CODE, f"The request is not well-formed XML: {error.msg}."
        ) from error
    if document.docinfo.internalDTD is not None:
        raise RequestRejected(
            NO_APPLICABLE_CODE, "The request must not have a DOCTYPE; leave it out."
        )
    return document.getroot()


def _parser() -> etree.XMLParser:
    """A parser for one document.

    `huge_tree` lets a text be longer than 10 MB; libxml2 2.14 bounds entities in spite of it.
    """
    return etree.XMLParser(
        huge_tree=True, resolve_entities=False, no_network=True, load_dtd=False, remove_pis=True
    )
