"""DataInputs become what the domain takes: from the elements of a POST, or from a query."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import takewhile

from lxml import etree

from dataminer.domain.errors import InvalidValue, MissingInput, UnsupportedFormat
from dataminer.domain.methods import DataType, Input
from dataminer.domain.orders import Offered, OfferedContent, OfferedLiteral, OfferedReference
from dataminer.domain.values import BoundingBox
from dataminer.wps.bodies import OWS, WPS, XLINK, Element
from dataminer.wps.encodings import content_of, is_base64
from dataminer.wps.faults import INVALID, MISSING, RequestRejected
from dataminer.wps.forms import text_of
from dataminer.wps.kvp import Entry, entries, raw_parameter
from dataminer.wps.lexical import is_media_type

Declared = Mapping[str, Input]  #: a process's inputs by identifier
_ADDRESS = re.compile(r"https?://\S+")

Given = tuple[str, Offered]  #: an input's identifier and what the client gave for it


def inputs_in_query(query: str, declared: Declared) -> Iterator[Given]:
    """The inputs of a GET Execute, in the client's order.

    Raises:
        RequestRejected, InvalidInput
    """
    for entry in entries(raw_parameter(query, "DataInputs") or ""):
        yield entry.identifier, _from_entry(entry, declared.get(entry.identifier))


def inputs_in_body(data_inputs: Element | None, declared: Declared) -> Iterator[Given]:
    """The inputs of a POST Execute, in the client's order; None: it has no DataInputs.

    Raises:
        RequestRejected, InvalidInput
    """
    elements = () if data_inputs is None else data_inputs.iterfind(f"{WPS}Input")
    for element in elements:
        yield _from_input(element, declared)


# --- GET --------------------------------------------------------------------------------------


def _from_entry(entry: Entry, declared: Input | None) -> Offered:
    if href := entry.attributes.get("href"):
        return _reference(entry.identifier, href, entry.attributes)
    if entry.value is None:
        raise RequestRejected(
            INVALID, f"'{entry.identifier}' has no value; write it as {entry.identifier}=value.",
            locator="DataInputs",
        )  # fmt: skip
    return _from_text(entry.identifier, entry.value, entry.attributes, declared)


def _from_text(
    identifier: str, text: str, attributes: Mapping[str, str], declared: Input | None
) -> Offered:
    """What a text without further structure means for this input."""
    if declared is not None and declared.type.is_complex:
        return _content(identifier, text, attributes)
    if declared is not None and declared.type is DataType.BBOX:
        return _box_in_text(text, declared)
    return OfferedLiteral(text=text, unit=attributes.get("uom", ""))


def _box_in_text(text: str, declared: Input) -> BoundingBox:
    """Lower corner, upper corner, then CRS and number of dimensions; axes as the CRS orders them.

    Source: OGC 06-121r3, 10.2.3.
    """
    parts = [part.strip() for part in text.split(",")]
    numbers = list(takewhile(_is_number, parts))
    rest = parts[len(numbers) :]
    if len(numbers) % 2 and not rest:
        raise InvalidValue(declared.identifier, f"'{text}' is not a box such as 40,10,44,12.")
    middle = len(numbers) // 2
    crs = rest[0] if rest else ""
    return BoundingBox(
        lower=_numbers(declared.identifier, numbers[:middle]),
        upper=_numbers(declared.identifier, numbers[middle:]),
        crs=_crs(crs, declared),
    )


# --- POST -------------------------------------------------------------------------------------


def _from_input(element: Element, declared: Declared) -> Given:
    identifier = text_of(element, f"{OWS}Identifier")
    if not identifier:
        raise RequestRejected(MISSING, "An Input has no ows:Identifier.", locator="Identifier")
    reference = element.find(f"{WPS}Reference")
    if reference is not None:
        return identifier, _from_reference(identifier, reference)
    data = element.find(f"{WPS}Data/*")
    if data is None:
        raise MissingInput(identifier, "has neither wps:Data nor wps:Reference.")
    read = _READERS.get(etree.QName(data).localname)
    if read is None:
        raise InvalidValue(identifier, f"cannot be given as {etree.QName(data).localname}.")
    return identifier, read(identifier, data, declared.get(identifier))


def _from_literal(identifier: str, data: Element, declared: Input | None) -> Offered:
    text = "".join(_texts(data))
    if declared is not None and declared.type.is_complex and _ADDRESS.fullmatch(text.strip()):
        raise InvalidValue(
            identifier,
            "was given an address as its text; give it as wps:Reference "
            "(OWSLib: ComplexDataInput(address)).",
        )
    return _from_text(identifier, text, _attributes(data), declared)


def _from_complex(identifier: str, data: Element, declared: Input | None) -> Offered:
    children = [child for child in data if isinstance(child.tag, str)]
    if not children:
        return _from_text(identifier, "".join(_texts(data)), _attributes(data), declared)
    return _content(identifier, _inner_xml(data, children), {**_attributes(data), "encoding": ""})


def _from_box(identifier: str, data: Element, declared: Input | None) -> Offered:
    """Axes as the CRS orders them. Source: OGC 06-121r3, 10.2.1."""
    box = BoundingBox(
        lower=_numbers(identifier, text_of(data, f"{OWS}LowerCorner").split()),
        upper=_numbers(identifier, text_of(data, f"{OWS}UpperCorner").split()),
        crs=_crs(data.get("crs", ""), declared),
    )
    dimensions = data.get("dimensions", "").strip()
    if dimensions and dimensions != str(len(box.lower)):
        raise InvalidValue(identifier, f"does not have corners of {dimensions} dimensions.")
    return box


_READERS: Mapping[str, Callable[[str, Element, Input | None], Offered]] = {
    "LiteralData": _from_literal,
    "ComplexData": _from_complex,
    "BoundingBoxData": _from_box,
    "BoundingBox": _from_box,
}


def _from_reference(identifier: str, element: Element) -> OfferedReference:
    body = element.find(f"{WPS}Body")
    body_reference = element.find(f"{WPS}BodyReference")
    headers = tuple(
        (header.get("key", ""), header.get("value", ""))
        for header in element.iterfind(f"{WPS}Header")
    )
    has_body = body is not None or body_reference is not None
    attributes = {"method": "POST" if has_body else "GET", **_attributes(element)}
    return _reference(
        identifier,
        element.get(f"{XLINK}href") or element.get("href") or "",
        attributes,
        headers=headers,
        body=None if body is None else _body(body),
        body_href="" if body_reference is None else body_reference.get(f"{XLINK}href", ""),
    )


def _body(element: Element) -> bytes:
    children = [child for child in element if isinstance(child.tag, str)]
    text = _inner_xml(element, children) if children else "".join(_texts(element))
    return text.encode()


def _inner_xml(element: Element, children: list[Element]) -> str:
    """What an element holds, as a document of its own when that is a single element."""
    if len(children) == 1 and not "".join(_texts(element)).strip():
        return etree.tostring(children[0], encoding="unicode", with_tail=False)
    nodes = [etree.tostring(child, encoding="unicode") for child in element]
    return (element.text or "") + "".join(nodes)


def _attributes(element: Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.items()}


def _texts(element: Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        yield child.tail or ""


# --- both -------------------------------------------------------------------------------------


def _content(identifier: str, text: str, attributes: Mapping[str, str]) -> OfferedContent:
    encoding = attributes.get("encoding", "")
    return OfferedContent(
        stream=content_of(identifier, text, encoding),
        media_type=_media_type(identifier, attributes),
        encoding="base64" if is_base64(encoding) else "",
        schema=attributes.get("schema", ""),
    )


def _reference(
    identifier: str,
    href: str,
    attributes: Mapping[str, str],
    *,
    headers: tuple[tuple[str, str], ...] = (),
    body: bytes | None = None,
    body_href: str = "",
) -> OfferedReference:
    if not href:
        raise MissingInput(identifier, "has a reference without an address (xlink:href).")
    method = attributes.get("method", "GET")
    if method not in ("GET", "POST"):
        raise InvalidValue(identifier, f"can be fetched by GET or POST, not by {method}.")
    if is_base64(attributes.get("encoding", "")):
        raise UnsupportedFormat(identifier, "is taken from an address as it is, not as base64.")
    return OfferedReference(
        href=href,
        media_type=_media_type(identifier, attributes),
        schema=attributes.get("schema", ""),
        method=method,
        headers=headers,
        body=body,
        body_href=body_href,
    )


def _media_type(identifier: str, attributes: Mapping[str, str]) -> str:
    media_type = attributes.get("mimeType", "").strip()
    if media_type and not is_media_type(media_type):
        raise UnsupportedFormat(identifier, f"cannot be of the media type '{media_type}'.")
    return media_type


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _numbers(identifier: str, texts: list[str]) -> tuple[float, ...]:
    if not all(_is_number(text) for text in texts):
        raise InvalidValue(identifier, f"has a corner that is not numbers: {' '.join(texts)}.")
    return tuple(float(text) for text in texts)


def _crs(asked: str, declared: Input | None) -> str:
    """The CRS as the input declares it, when the client writes the same one in another way."""
    known = declared.crs if declared else ()
    return next((crs for crs in known if _authority(crs) == _authority(asked)), asked)


def _authority(crs: str) -> tuple[str, ...]:
    """('epsg', '4326') of EPSG:4326, urn:ogc:def:crs:EPSG::4326 and its http form."""
    parts = [part for part in crs.strip().lower().replace("/", ":").split(":") if part]
    if "crs" in parts:
        parts = parts[parts.index("crs") + 1 :]
    return (parts[0], parts[-1]) if parts else ()
