"""Texts as the schemas of WPS 1.0.0 and OWS Common 1.1 allow them, whatever they were before."""

from __future__ import annotations

import re
from urllib.parse import quote

from markupsafe import Markup

ANY_MEDIA_TYPE = "application/octet-stream"

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MEDIA_TYPE = re.compile(
    r"(?:application|audio|image|text|video|message|multipart|model)/[!-~][ -~]*"
)
_ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]*:"
    r"(?://(?:[\w.~-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?(?=[/?#]|\Z)|(?!//))"
    r"(?:[\w.~!$&'()*+,;=:@/?-]|%[0-9a-f]{2})*"
    r"(?:\#(?:[\w.~!$&'()*+,;=:@/?-]|%[0-9a-f]{2})*)?",
    re.ASCII | re.IGNORECASE,
)


def is_legal(text: str) -> bool:
    """Whether XML can hold every character."""
    return _NOT_XML.search(text) is None


def legal(text: str) -> str:
    """The text with what XML cannot hold replaced."""
    return _NOT_XML.sub("\ufffd", text)


def character_data(text: str) -> Markup:
    """Legal text as a parser will give it back, carriage returns too; quotes stay readable."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Markup(escaped.replace("\r", "&#13;"))  # noqa: S704 - just escaped


def is_media_type(text: str) -> bool:
    """Whether it is an ows:MimeType: the schema knows eight top-level types."""
    return _MEDIA_TYPE.fullmatch(text) is not None


def media_type(text: str) -> str:
    """An ows:MimeType; of what the schema does not know, the one that means any bytes."""
    return text if is_media_type(text) else ANY_MEDIA_TYPE


def uri(text: str) -> str:
    """An anyURI: an address stays as it is, of anything else what no path can hold is escaped."""
    return text if _ADDRESS.fullmatch(text) else quote(text, safe="/").replace("//", "%2F/")


def double(value: float) -> str:
    """A number as XML Schema writes it."""
    return repr(value).replace("inf", "INF").replace("nan", "NaN")
