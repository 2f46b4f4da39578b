"""A payload that a client offers, embedded or by reference, comes into the blob store."""

from __future__ import annotations

import mimetypes
import re
from dataclasses import replace

from dataminer.domain.addresses import without_credentials
from dataminer.domain.errors import (
    InputTooLarge,
    InvalidValue,
    NotFound,
    ReferenceFailed,
    UnknownItem,
    UnsupportedFormat,
)
from dataminer.domain.methods import DataType, Format, Input
from dataminer.domain.orders import Offered, OfferedContent, OfferedItem, OfferedReference
from dataminer.domain.tables import SAMPLE_BYTES, Dialect, detect
from dataminer.domain.tenants import Caller
from dataminer.domain.values import Payload
from dataminer.ports import DoorPorts

_BINARY = "application/octet-stream"
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\]+")
_LONGEST_NAME = 120  #: characters; below every file system's limit


def store(
    ports: DoorPorts, caller: Caller, declared: Input, offered: Offered, limit_bytes: int
) -> Payload:
    """The payload, whose bytes are in the blob store when this returns.

    Raises:
        InvalidInput: one of its kinds, naming the input.
    """
    if isinstance(offered, OfferedReference):
        own = _own(ports, caller, declared.identifier, offered)
        payload = _stored(declared, own) if own else _fetched(
            ports, declared, offered, limit_bytes)  # fmt: skip
    elif isinstance(offered, OfferedContent):
        payload = _embedded(ports, declared, offered, limit_bytes)
    elif isinstance(offered, OfferedItem):
        payload = _stored(declared, offered)
    else:
        raise InvalidValue(declared.identifier, "must be given as a file, not as a literal.")
    if declared.type is DataType.TABLE:
        return replace(payload, dialect=_dialect(ports, declared, payload))
    return payload


def _embedded(
    ports: DoorPorts, declared: Input, offered: OfferedContent, limit_bytes: int
) -> Payload:
    chosen = choose_format(declared, offered.media_type, offered.schema)
    try:
        digest, size = ports.blobs.put(offered.stream, limit_bytes)
    except OverflowError as error:
        raise InputTooLarge(
            declared.identifier, f"is larger than {limit_bytes:,} bytes."
        ) from error
    return Payload(
        digest=digest,
        size_bytes=size,
        media_type=chosen.media_type,
        schema=chosen.schema,
        encoding=offered.encoding,
        name=_name(declared, offered.name, chosen.media_type),
    )


def _fetched(
    ports: DoorPorts, declared: Input, offered: OfferedReference, limit_bytes: int
) -> Payload:
    asked = choose_format(declared, offered.media_type, offered.schema)
    fetched = ports.fetcher.fetch(declared.identifier, offered, limit_bytes)
    chosen = asked
    if not offered.media_type:
        chosen = _format_of(declared, fetched.media_type) or asked
    return Payload(
        digest=fetched.digest,
        size_bytes=fetched.size_bytes,
        media_type=chosen.media_type,
        schema=chosen.schema,
        encoding=offered.encoding,
        name=_name(declared, fetched.name, chosen.media_type),
        source=without_credentials(offered.href),
    )


def _stored(declared: Input, offered: OfferedItem) -> Payload:
    chosen = choose_format(declared, offered.media_type, offered.schema)
    return Payload(
        digest=offered.digest,
        size_bytes=offered.size_bytes,
        media_type=chosen.media_type,
        schema=chosen.schema,
        encoding=offered.encoding,
        name=_name(declared, offered.name, chosen.media_type),
        source=offered.source,
    )


def _own(
    ports: DoorPorts, caller: Caller, identifier: str, reference: OfferedReference
) -> OfferedItem | None:
    """What an address of our own leads to, with the caller's rights; None: not our own."""
    try:
        if path := ports.addresses.item_path(reference.href):
            own = _item(ports, caller, path)
        elif key := ports.addresses.output_key(reference.href):
            own = _output(ports, *key)
        else:
            return None
    except NotFound as error:
        raise ReferenceFailed(identifier, f"points at what is not here: {error}") from error
    return replace(own, media_type=reference.media_type or own.media_type)


def _item(ports: DoorPorts, caller: Caller, path: str) -> OfferedItem:
    item = ports.workspace.get(caller.tenant, caller.user, path)
    return OfferedItem(
        digest=item.digest,
        size_bytes=item.size_bytes,
        media_type=item.media_type,
        name=item.name,
        source=ports.addresses.item(path),
    )


def _output(ports: DoorPorts, address_key: str, identifier: str) -> OfferedItem:
    computation = ports.computations.by_address(address_key)
    value = computation.output(identifier)
    if not isinstance(value, Payload) or value.deleted_at:
        raise UnknownItem(f"{computation.id} has no file '{identifier}'.")
    return OfferedItem(
        digest=value.digest,
        size_bytes=value.size_bytes,
        media_type=value.media_type,
        name=value.name,
        source=ports.addresses.file(computation.id, f"outputs/{identifier}/{value.name}"),
    )


def choose_format(declared: Input, media_type: str, schema: str) -> Format:
    """The declared format that the client means; the first when it says nothing.

    Raises:
        UnsupportedFormat: the input takes neither this media type nor this schema.
    """
    candidates = [f for f in declared.formats if not media_type or _same_type(f, media_type)]
    if declared.formats and not candidates:
        taken = ", ".join(dict.fromkeys(f.media_type for f in declared.formats))
        raise UnsupportedFormat(declared.identifier, f"takes {taken}, not {media_type}.")
    schemas = sorted({f.schema for f in candidates if f.schema})
    if schema and schemas and schema not in schemas:
        raise UnsupportedFormat(
            declared.identifier, f"takes the schema {', '.join(schemas)}, not {schema}."
        )
    fitting = [f for f in candidates if f.schema == schema] or candidates
    chosen = fitting[0] if fitting else Format(media_type=_BINARY)
    return Format(media_type=media_type or chosen.media_type, schema=schema or chosen.schema)


def _format_of(declared: Input, media_type: str) -> Format | None:
    """The declared format of this media type, or None."""
    return next((f for f in declared.formats if _same_type(f, media_type)), None)


def _same_type(declared: Format, media_type: str) -> bool:
    """Whether it is the same media type but for parameters and case."""
    return _bare(declared.media_type) == _bare(media_type)


def _bare(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _dialect(ports: DoorPorts, declared: Input, payload: Payload) -> Dialect:
    with ports.blobs.open(payload.digest) as stream:
        sample = stream.read(SAMPLE_BYTES)
    try:
        return detect(sample)
    except ValueError as error:
        raise InvalidValue(declared.identifier, f"is not a table: {error}.") from error


def _name(declared: Input, offered: str, media_type: str) -> str:
    """A file name that is safe in a folder of its own."""
    name = _UNSAFE.sub("_", offered).strip(". ")[-_LONGEST_NAME:]
    if name:
        return name
    extension = mimetypes.guess_extension(media_type.partition(";")[0].strip()) or ""
    return f"{declared.identifier}{extension}"
