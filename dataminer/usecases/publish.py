"""Put a method version into the catalogue, or take it out."""

from __future__ import annotations

import io
from pathlib import Path

from dataminer.domain.errors import ScriptFault, ScriptRejected
from dataminer.domain.methods import Manifest, Method, Package, PackageFile
from dataminer.domain.tenants import Caller, Role
from dataminer.ports import DoorPorts, Draft
from dataminer.usecases.admit import require
from dataminer.usecases.inspect import find_method

_RESERVED = ("resubmit", "dismiss")  #: processes of the WPS door


def publish(
    ports: DoorPorts, caller: Caller, package: Package, *, for_everybody: bool = False
) -> Method:
    """The published method; clients see it with their next request.

    The same content again is the same version. An operator may publish for all tenants.

    Raises:
        AccessDenied. Conflict: the name belongs to somebody else.
    """
    require(caller, Role.OPERATOR if for_everybody else Role.AUTHOR)
    return ports.catalogue.publish(
        Method(
            package=package,
            digest=package.digest,
            tenant=None if for_everybody else caller.tenant,
            published_by=caller.user,
            published_at=ports.clock(),
        )
    )


def pack(ports: DoorPorts, draft: Draft) -> Package:
    """The draft's immutable package, its files in the blob store.

    Raises:
        ScriptRejected: its dependencies cannot be resolved, or its name is one of ours.
    """
    if draft.manifest.identifier.lower() in _RESERVED:
        fault = ScriptFault(message=f"'{draft.manifest.identifier}' is a process of the engine")
        raise ScriptRejected((fault,))
    lock = _lock(ports, draft)  # first: what fails here leaves nothing behind
    files = tuple(_store(ports, path, source) for path, source in sorted(draft.files))
    return Package(manifest=draft.manifest, files=files, lock=lock)


def withdraw(ports: DoorPorts, caller: Caller, reference: str) -> Method:
    """The version that clients see no more; computations of it can still be repeated.

    Raises:
        UnknownMethod, AccessDenied: it is not the caller's to withdraw.
    """
    method = find_method(ports, caller, reference)
    if method.tenant is None or method.published_by != caller.user:
        require(caller, Role.OPERATOR)
    ports.catalogue.withdraw(method.tenant, method.identifier, method.digest, ports.clock())
    return method


def _lock(ports: DoorPorts, draft: Draft) -> str:
    """Digest of the environment's lock; empty when the method needs no libraries."""
    text = draft.lock.read_bytes() if draft.lock else _resolve(ports, draft.manifest)
    return ports.blobs.put(io.BytesIO(text))[0] if text.strip() else ""


def _resolve(ports: DoorPorts, manifest: Manifest) -> bytes:
    return ports.locker.lock(manifest) if manifest.dependencies else b""


def _store(ports: DoorPorts, path: str, source: Path) -> PackageFile:
    executable = bool(source.stat().st_mode & 0o100)
    with source.open("rb") as stream:
        digest, size_bytes = ports.blobs.put(stream)
    return PackageFile(path=path, digest=digest, size_bytes=size_bytes, executable=executable)
