"""Execute requests, and what their answers say."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape, quoteattr

from lxml import etree
from werkzeug.test import TestResponse

NAMESPACES = {
    "wps": "http://www.opengis.net/wps/1.0.0",
    "ows": "http://www.opengis.net/ows/1.1",
    "xlink": "http://www.w3.org/1999/xlink",
}
_DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())


def query(**parameters: str) -> str:
    """An address with these parameters; the values may be encoded already."""
    return "/?" + "&".join(f"{k}={v}" for k, v in {"service": "WPS", **parameters}.items())


def encoded(**parameters: str) -> str:
    return "/?" + urlencode({"service": "WPS", **parameters})


def a_literal(identifier: str, text: str, **attributes: str) -> str:
    data = f"<wps:LiteralData{_attributes(attributes)}>{escape(text)}</wps:LiteralData>"
    return an_input(identifier, f"<wps:Data>{data}</wps:Data>")


def a_complex(identifier: str, inner: str, **attributes: str) -> str:
    data = f"<wps:ComplexData{_attributes(attributes)}>{inner}</wps:ComplexData>"
    return an_input(identifier, f"<wps:Data>{data}</wps:Data>")


def a_box(identifier: str, lower: str, upper: str, **attributes: str) -> str:
    corners = (
        f"<ows:LowerCorner>{lower}</ows:LowerCorner><ows:UpperCorner>{upper}</ows:UpperCorner>"
    )
    data = f"<wps:BoundingBoxData{_attributes(attributes)}>{corners}</wps:BoundingBoxData>"
    return an_input(identifier, f"<wps:Data>{data}</wps:Data>")


def a_reference(identifier: str, href: str, inner: str = "", **attributes: str) -> str:
    attributes = {"xlink:href": href, **attributes}
    return an_input(identifier, f"<wps:Reference{_attributes(attributes)}>{inner}</wps:Reference>")


def an_input(identifier: str, form: str) -> str:
    return f"<wps:Input><ows:Identifier>{identifier}</ows:Identifier>{form}</wps:Input>"


def an_output(identifier: str, inner: str = "", **attributes: str) -> str:
    return (
        f"<wps:Output{_attributes(attributes)}>"
        f"<ows:Identifier>{identifier}</ows:Identifier>{inner}</wps:Output>"
    )


def a_document(*outputs: str, **attributes: str) -> str:
    return (
        f"<wps:ResponseDocument{_attributes(attributes)}>{''.join(outputs)}</wps:ResponseDocument>"
    )


def raw(identifier: str, **attributes: str) -> str:
    return (
        f"<wps:RawDataOutput{_attributes(attributes)}>"
        f"<ows:Identifier>{identifier}</ows:Identifier></wps:RawDataOutput>"
    )


def execute(process: str, *inputs: str, form: str = "", attributes: str = "") -> str:
    """An Execute document."""
    data = f"<wps:DataInputs>{''.join(inputs)}</wps:DataInputs>" if inputs else ""
    response = f"<wps:ResponseForm>{form}</wps:ResponseForm>" if form else ""
    return (
        f'<wps:Execute {_DECLARED} service="WPS" version="1.0.0" {attributes}>'
        f"<ows:Identifier>{process}</ows:Identifier>{data}{response}</wps:Execute>"
    )


def asynchronous(*outputs: str, **attributes: str) -> str:
    return a_document(*outputs, storeExecuteResponse="true", status="true", **attributes)


def tree(response: TestResponse) -> etree._Element:
    return etree.fromstring(response.get_data(), etree.XMLParser(huge_tree=True))


def found(response: TestResponse, path: str) -> list[Any]:
    return tree(response).xpath(path, namespaces=NAMESPACES)


def text_at(response: TestResponse, path: str) -> str:
    (result,) = found(response, path)
    return result if isinstance(result, str) else result.text or ""


def output_text(response: TestResponse, identifier: str) -> str:
    """The text of a literal or complex output."""
    return text_at(response, f"//wps:Output[ows:Identifier='{identifier}']/wps:Data/*")


def status_of(response: TestResponse) -> str:
    (element,) = found(response, "/wps:ExecuteResponse/wps:Status/*")
    return str(etree.QName(element).localname)


def fault_in(response: TestResponse) -> tuple[int, str, str, str]:
    """Status, code, locator and text of a report."""
    (exception,) = found(response, "/ows:ExceptionReport/ows:Exception")
    text = exception.findtext("ows:ExceptionText", namespaces=NAMESPACES)
    return (
        response.status_code,
        exception.get("exceptionCode"),
        exception.get("locator", ""),
        text or "",
    )


def _attributes(attributes: dict[str, str]) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
