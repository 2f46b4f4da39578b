"""The words that authors use for types, in annotations, manifests and type hints.

Source: the data types of 52North's WPS4R, whose media types are kept; then our own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dataminer.domain.methods import DataType, Format

_LITERALS = {
    DataType.STRING: "string str character char url text/url anyuri",
    DataType.INTEGER: "integer int long",
    DataType.FLOAT: "float double numeric number real decimal",
    DataType.BOOLEAN: "boolean bool logical",
    DataType.DATE: "date",
    DataType.TIME: "time",
    DataType.DATETIME: "datetime",
    DataType.BBOX: "bbox boundingbox bounding_box",
}
_MEDIA_TYPES = {
    "file": "application/octet-stream",
    "text": "text/plain",
    "xml": "text/xml",
    "json": "application/json",
    "geojson": "application/geo+json",
    "csv": "text/csv",
    "table": "text/csv",
    "tsv": "text/tab-separated-values",
    "html": "text/html",
    "pdf": "application/pdf",
    "zip": "application/zip",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "gif": "image/gif",
    "svg": "image/svg+xml",
    "tiff": "image/tiff",
    "geotiff": "application/geotiff",
    "geotiff_image": "image/geotiff",
    "geotiff_x": "application/x-geotiff",
    "netcdf": "application/netcdf",
    "netcdf_x": "application/x-netcdf",
    "shp": "application/shp",
    "shp_x": "application/x-zipped-shp",
    "dbf": "application/dbase",
    "dgn": "application/dgn",
    "img": "application/img",
    "img_x": "application/x-erdas-hfa",
    "remap": "application/remap",
    "kml": "application/vnd.google-earth.kml+xml",
    "gml": "application/gml+xml",
    "rdata": "application/rdata",
    "sty": "application/sty",
    "rnw": "application/rnw",
}
_TABLES = frozenset(("text/csv", "text/tab-separated-values"))
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9*][a-z0-9!#$&^_.+-]*"
                         r"( *; *[a-z0-9_-]+=[^;,\s]+)*")  # fmt: skip

TABLE_FORMAT = Format(media_type="text/csv")
FILE_FORMAT = Format(media_type="application/octet-stream")


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeWord:
    """What a word means."""

    type: DataType
    formats: tuple[Format, ...] = ()  #: complex types only


_WORDS = {
    word: TypeWord(type=data_type)
    for data_type, words in _LITERALS.items()
    for word in words.split()
}


def is_media_type(text: str) -> bool:
    """Whether the text is a media type, with or without parameters."""
    return _MEDIA_TYPE.fullmatch(text.lower()) is not None


def type_of_media(media_type: str) -> DataType:
    """Table for delimited text, else file."""
    essence = media_type.partition(";")[0].strip().lower()
    return DataType.TABLE if essence in _TABLES else DataType.FILE


def type_word(word: str) -> TypeWord:
    """What the word means, in upper or lower case, with `xs:` or without.

    Raises:
        ValueError: it means nothing here; the message names words that do.
    """
    key = re.sub(r"^xsd?:", "", word.strip().lower())
    if key in _WORDS:
        return _WORDS[key]
    media_type = _MEDIA_TYPES.get(key, key)
    if not is_media_type(media_type):
        raise ValueError(
            f"there is no type '{word}'; use string, integer, float, boolean, date, time, "
            "datetime, bbox, file, table, text, json, xml, png, … or a media type as text/csv"
        )
    return TypeWord(type=type_of_media(media_type), formats=(Format(media_type=media_type),))
