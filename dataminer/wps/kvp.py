"""DataInputs and ResponseDocument in a query: `identifier=value@attribute=value;…`.

Some clients percent-encode each value and leave `;`, `@` and `=` between them as they are; others
encode the whole again. Both are understood by looking at the query as it was sent, which PyWPS
does not: it decodes first and then cuts values at every `;`, `@` and second `=` in them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, unquote_plus

_SEPARATORS = frozenset(";@=")
_ATTRIBUTES: Mapping[str, str] = {
    "asreference": "asReference",
    "datatype": "dataType",
    "encoding": "encoding",
    "href": "href",
    "method": "method",
    "mimetype": "mimeType",
    "schema": "schema",
    "uom": "uom",
    "xlink:href": "href",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One input or output."""

    identifier: str
    value: str | None  #: None: there was no equals sign
    attributes: Mapping[str, str]  #: by the name that it has in XML, without prefix


def raw_parameter(query: str, name: str) -> str | None:
    """A parameter's value as it stands in the query, still encoded; names ignore case."""
    for part in query.split("&"):
        key, _, value = part.partition("=")
        if unquote_plus(key).lower() == name.lower():
            return value
    return None


def entries(raw: str) -> list[Entry]:
    """The parts of a parameter's raw value. Source: OGC 05-007r7, 10.2.2.1 and 10.2.2.2."""
    decode = unquote_plus
    if not _SEPARATORS & set(raw):
        raw, decode = unquote_plus(raw), unquote
    return [_entry(part, decode) for part in _unbracketed(raw).split(";") if part.strip()]


def _unbracketed(text: str) -> str:
    """The text without the brackets that the standard's examples put around it."""
    for opening, closing in (("[", "]"), ("%5B", "%5D"), ("%5b", "%5d")):
        if text.startswith(opening) and text.endswith(closing):
            return text[len(opening) : -len(closing)]
    return text


def _entry(part: str, decode: Callable[[str], str]) -> Entry:
    first, *rest = part.split("@")
    attributes: dict[str, str] = {}
    for field in rest:
        key, equals, value = field.partition("=")
        if equals and (name := _ATTRIBUTES.get(decode(key).strip().lower())):
            attributes[name] = decode(value)
        else:  # an @ in the value that nobody encoded, as in an e-mail address
            first = f"{first}@{field}"
    identifier, equals, value = first.partition("=")
    return Entry(
        identifier=decode(identifier).strip(),
        value=decode(value) if equals else None,
        attributes=attributes,
    )
