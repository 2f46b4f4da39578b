"""What a docstring says: title, abstract, and a text for each parameter and returned value.

Google's, numpy's and Sphinx' styles are understood.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import docstring_parser

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_SYMBOL = (
    r"(?:[kmcµμnMGhd]?(?:m|g|s|Pa|W|J|N|V|A|K|Hz|mol|L|l)|%|‰|°C?|deg|degrees?|h|min|d|ha|px|days?|"
    r"hours?|minutes?|seconds?|years?|met(?:re|er)s?|kilomet(?:re|er)s?|rad|radians?|bytes?|[kMG]i?B)"
)
_POWER = r"(?:\^?-?[1-9]|[²³]|\*\*-?[1-9])?"
_UNIT = rf"{_SYMBOL}{_POWER}(?:\s?[/·*]\s?{_SYMBOL}{_POWER})*"
_IN_ROUND = re.compile(rf"\s*\(({_UNIT})\)")
_IN_SQUARE = re.compile(r"\s*\[((?!optional|default)[A-Za-zµμ°%‰Ω][^\[\],;]{0,15})\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A description cut in two."""

    title: str = ""  #: the first sentence, without its full stop
    abstract: str = ""  #: what follows


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What is said of a returned value."""

    name: str = ""  #: numpy's style alone has names
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doc:
    """A docstring's content."""

    text: Text = field(default_factory=Text)
    parameters: Mapping[str, str] = field(default_factory=dict)  #: or attributes of a class
    returned: tuple[Returned, ...] = ()


def read_docstring(docstring: str | None) -> Doc:
    """Its content; one that has sections of no known style is all text."""
    try:
        parsed = docstring_parser.parse(docstring or "")
    except docstring_parser.ParseError:
        return Doc(text=cut(docstring or ""))
    short, long = parsed.short_description or "", parsed.long_description or ""
    parameters = {
        name.strip(" *"): parameter.description or ""
        for parameter in parsed.params
        for name in parameter.arg_name.split(",")
    }
    returned = tuple(
        Returned(name=r.return_name or "", text=r.description or "") for r in parsed.many_returns
    )
    return Doc(text=cut(f"{short}\n\n{long}"), parameters=parameters, returned=returned)


def cut(text: str) -> Text:
    """Title and abstract of a description."""
    first, _, rest = text.strip().partition("\n\n")
    sentences = _SENTENCE.split(_one_line(first), maxsplit=1)
    paragraphs = [*sentences[1:], *(_one_line(p) for p in rest.split("\n\n"))]
    title = re.sub(r"(?<!\.)\.$", "", sentences[0])
    return Text(title=title, abstract="\n\n".join(p for p in paragraphs if p))


def take_unit(text: str) -> tuple[str, str]:
    """The text without the unit in it, as '[m]' or '(km/h)', and the unit; empty: none."""
    found = _IN_SQUARE.search(text) or _IN_ROUND.search(text)
    if not found:
        return text, ""
    return (text[: found.start()] + text[found.end() :]).strip(), found[1].strip()


def _one_line(text: str) -> str:
    return " ".join(text.split())
