"""The workspace: items that people put there, and the folders of their computations."""

from __future__ import annotations

import mimetypes
import re
from datetime import datetime
from typing import BinaryIO

from dataminer.domain.computations import Computation
from dataminer.domain.errors import Conflict, UnknownItem
from dataminer.domain.tenants import Caller
from dataminer.domain.values import Binding, Payload
from dataminer.domain.workspaces import COMPUTATIONS, Item
from dataminer.ports import Page, Ports
from dataminer.usecases.inspect import find_computation

_BAD_PART = re.compile(r"[\x00-\x1f\x7f\\]")
_LONGEST_PATH = 1024


def put_item(
    ports: Ports, caller: Caller, path: str, stream: BinaryIO, media_type: str, limit_bytes: int
) -> Item:
    """The stored item; one that was at this path is replaced.

    Raises:
        Conflict: not a path, in a computation's folder, or larger than the limit.
    """
    path = clean_path(path)
    if path.partition("/")[0] == COMPUTATIONS:
        raise Conflict(f"'{path}': the folder {COMPUTATIONS} shows records; nothing is put there.")
    try:
        digest, size_bytes = ports.blobs.put(stream, limit_bytes)
    except OverflowError as error:
        raise Conflict(f"'{path}' is larger than {limit_bytes:,} bytes.") from error
    guessed = mimetypes.guess_type(path)[0] or "application/octet-stream"
    item = Item(
        path=path,
        tenant=caller.tenant,
        owner=caller.user,
        digest=digest,
        size_bytes=size_bytes,
        media_type=media_type or guessed,
        created_at=ports.clock(),
    )
    ports.workspace.put(item)
    return item


def get_item(ports: Ports, caller: Caller, path: str) -> Item:
    """An item; also a file in a computation's folder, but for its provenance.

    Raises:
        UnknownItem.
    """
    path = clean_path(path)
    top, _, rest = path.partition("/")
    if top != COMPUTATIONS:
        return ports.workspace.get(caller.tenant, caller.user, path)
    computation_id, _, below = rest.partition("/")
    computation = find_computation(ports, caller, computation_id)
    for item in files_of(computation):
        if item.path == f"{COMPUTATIONS}/{computation_id}/{below}":
            return item
    raise UnknownItem(f"There is no '{path}' in your workspace.")


def list_items(
    ports: Ports, caller: Caller, folder: str, page_size: int, after: str | None
) -> Page[Item]:
    """Items at any depth below a folder, by path; of a computation's folder its files."""
    folder = clean_path(folder) if folder else ""
    top, _, rest = folder.partition("/")
    if top == COMPUTATIONS and rest:
        computation = find_computation(ports, caller, rest.partition("/")[0])
        rows = tuple(i for i in files_of(computation) if i.path.startswith(f"{folder}/"))
        return Page(rows=rows)
    return ports.workspace.list(caller.tenant, caller.user, folder, page_size, after)


def remove_item(ports: Ports, caller: Caller, path: str) -> Item:
    """The removed item; its bytes go too when nobody else holds the same content.

    Of a file in a computation's folder the record stays and says when the bytes were deleted.

    Raises:
        UnknownItem.
    """
    item = get_item(ports, caller, path)
    top, _, rest = item.path.partition("/")
    if top == COMPUTATIONS:
        computation_id = rest.partition("/")[0]
        ports.computations.mark_deleted(item.digest, computation_id, ports.clock())
    else:
        ports.workspace.remove(caller.tenant, caller.user, item.path)
    holders = (ports.workspace, ports.computations, ports.catalogue)
    if not any(holder.holds_payload(item.digest) for holder in holders):
        ports.blobs.delete(item.digest)
    return item


def files_of(computation: Computation) -> tuple[Item, ...]:
    """The files in a computation's folder, but for its provenance, which is made when asked."""
    folder = f"{COMPUTATIONS}/{computation.id}"
    ended_at = computation.ended_at or computation.accepted_at
    rows = [
        _file(computation, f"{folder}/inputs/{name}", payload, computation.accepted_at)
        for name, payload in _named(computation.inputs)
    ]
    rows += [
        _file(computation, f"{folder}/outputs/{name}", payload, ended_at)
        for name, payload in _named(computation.outputs)
    ]
    if computation.log and not computation.log.deleted_at:
        rows.append(_file(computation, f"{folder}/log.txt", computation.log, ended_at))
    return tuple(rows)


def _named(bindings: tuple[Binding, ...]) -> list[tuple[str, Payload]]:
    """Payloads as `identifier/name`, occurrences after the first as `identifier/2/name`."""
    named: list[tuple[str, Payload]] = []
    seen: dict[str, int] = {}
    for binding in bindings:
        if isinstance(binding.value, Payload):
            count = seen[binding.identifier] = seen.get(binding.identifier, 0) + 1
            number = f"{count}/" if count > 1 else ""
            if not binding.value.deleted_at:
                path = f"{binding.identifier}/{number}{binding.value.name}"
                named.append((path, binding.value))
    return named


def _file(computation: Computation, path: str, payload: Payload, created_at: datetime) -> Item:
    return Item(
        path=path,
        tenant=computation.tenant,
        owner=computation.user,
        digest=payload.digest,
        size_bytes=payload.size_bytes,
        media_type=payload.media_type,
        created_at=created_at,
    )


def clean_path(path: str) -> str:
    """The path without slashes at its ends. Raises: Conflict: not a path."""
    cleaned = path.strip("/")
    parts = cleaned.split("/")
    if len(cleaned) > _LONGEST_PATH or any(
        part in ("", ".", "..") or _BAD_PART.search(part) for part in parts
    ):
        raise Conflict(f"'{path}' is not a path: use names separated by /, without . or ..")
    return cleaned
