"""Media types of files by their names: the same on every host."""

from __future__ import annotations

import mimetypes

from dataminer.domain.methods import DataType, Format, Output

_TYPES = mimetypes.MimeTypes(filenames=())
for _suffix, _type in (
    (".csv", "text/csv"),
    (".geojson", "application/geo+json"),
    (".gml", "application/gml+xml"),
    (".gpkg", "application/geopackage+sqlite3"),
    (".json", "application/json"),
    (".kml", "application/vnd.google-earth.kml+xml"),
    (".md", "text/markdown"),
    (".nc", "application/netcdf"),
    (".parquet", "application/vnd.apache.parquet"),
    (".svg", "image/svg+xml"),
    (".tif", "image/tiff"),
    (".tsv", "text/tab-separated-values"),
    (".zip", "application/zip"),
):
    _TYPES.add_type(_type, _suffix)


def format_of(declared: Output, name: str, said: str) -> Format:
    """The declared format of a written file: as the script said, else by its name, else the first.

    Raises: ValueError: the script said one that the output does not declare.
    """
    formats = declared.formats or _default_formats(declared, name, said)
    by_type = {format_.media_type: format_ for format_ in reversed(formats)}
    if said and said not in by_type:
        raise ValueError(f"its media type {said} is none of: {', '.join(sorted(by_type))}")
    return by_type.get(said or guess(name), formats[0])


def guess(name: str) -> str:
    """The media type that the name's ending stands for; empty: unknown."""
    return _TYPES.guess_type(name)[0] or ""


def name_for(declared: Output) -> str:
    """A file name for content that came without one."""
    media_type = declared.formats[0].media_type if declared.formats else ""
    return declared.identifier + (_TYPES.guess_extension(media_type) or "")


def _default_formats(declared: Output, name: str, said: str) -> tuple[Format, ...]:
    fallback = "text/csv" if declared.type is DataType.TABLE else "application/octet-stream"
    return (Format(media_type=said or guess(name) or fallback),)
