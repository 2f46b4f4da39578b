"""What a client sees of a process: a published method, or one of the door's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dataminer.domain.methods import DataType, Format, Input, Method, Output
from dataminer.wps.lexical import ANY_MEDIA_TYPE, media_type

#: What a payload is written in when its author did not say.
_DEFAULT_FORMATS: Mapping[DataType, tuple[Format, ...]] = {
    DataType.FILE: (Format(media_type=ANY_MEDIA_TYPE),),
    DataType.TABLE: (Format(media_type="text/csv"),),
}
_DEFAULT_CRS = ("EPSG:4326",)

#: Name of a type, and the type of XML Schema Part 2 that it is.
XSD_TYPES: Mapping[DataType, tuple[str, str]] = {
    DataType.STRING: ("string", "string"),
    DataType.INTEGER: ("integer", "integer"),
    DataType.FLOAT: ("float", "double"),
    DataType.BOOLEAN: ("boolean", "boolean"),
    DataType.DATE: ("date", "date"),
    DataType.TIME: ("time", "time"),
    DataType.DATETIME: ("dateTime", "dateTime"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offering:
    """A process as it is listed and described."""

    identifier: str  #: as clients call it
    version: str
    title: str
    abstract: str = ""
    category: str = ""
    keywords: tuple[str, ...] = ()
    package: str = ""  #: digest; empty: the door's own
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Output, ...] = ()

    @property
    def declared(self) -> Mapping[str, Input]:
        """The inputs by identifier."""
        return {declared.identifier: declared for declared in self.inputs}

    def input_title(self, identifier: str) -> str:
        """The title of an input."""
        titles = (i.title for i in self.inputs if i.identifier == identifier)
        return next(titles, "") or identifier

    def output(self, identifier: str) -> Output | None:
        """The declared output of this name, or None."""
        return next((o for o in self.outputs if o.identifier == identifier), None)


def offering_of(method: Method, *, reference: str = "", is_offered: bool = True) -> Offering:
    """A method as its clients see it; `reference` is how they called it.

    The abstract says so when no node can run it.
    """
    manifest = method.manifest
    absence = (
        f"Not available now: no {manifest.target} node of this server runs {manifest.runtime}."
    )
    return Offering(
        identifier=reference or manifest.identifier,
        version=manifest.version,
        title=manifest.title or manifest.identifier,
        abstract=" ".join(filter(None, (manifest.abstract, "" if is_offered else absence))),
        category=manifest.category,
        keywords=manifest.keywords,
        package=method.digest,
        inputs=manifest.inputs,
        outputs=manifest.outputs,
    )


def formats_of(declared: Input | Output) -> tuple[Format, ...]:
    """The formats to show, the default first; each can be had in base64, too."""
    formats = declared.formats or _DEFAULT_FORMATS[declared.type]
    plain = tuple(replace(f, media_type=media_type(f.media_type)) for f in formats)
    encoded = tuple(
        Format(media_type=f.media_type, schema=f.schema, encoding="base64")
        for f in plain
        if not f.encoding
    )
    return tuple(dict.fromkeys((*plain, *encoded)))


def crs_of(declared: Input | Output) -> tuple[str, ...]:
    """The coordinate reference systems to show, the default first."""
    return declared.crs or _DEFAULT_CRS


def min_occurs(declared: Input) -> int:
    """How often a client must give it: what has a default may be left out."""
    return 0 if declared.default is not None else declared.min_occurs


def number(value: float) -> str:
    """A bound of a range as text, whole where it is whole."""
    return str(int(value)) if value == int(value) else repr(value)
