"""Published methods in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from threading import Lock

from dataminer.domain.errors import Conflict, UnknownMethod
from dataminer.domain.methods import Method


class MemoryCatalogue:
    """The port Catalogue, kept in dictionaries."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._versions: dict[str, dict[str, Method]] = {}  #: identifier → digest, oldest first
        self._generation = 0

    def publish(self, method: Method) -> Method:
        """The method as recorded; the same package again, by the same tenant, changes nothing.

        Raises: Conflict: the identifier belongs to another tenant or to everybody.
        """
        with self._lock:
            versions = self._versions.setdefault(method.identifier, {})
            if any(version.tenant != method.tenant for version in versions.values()):
                raise Conflict(
                    f"The identifier '{method.identifier}' belongs to somebody else;"
                    " choose another one."
                )
            if method.digest not in versions:
                versions[method.digest] = method
                self._generation += 1
            return versions[method.digest]

    def newest(self, tenant: str) -> Sequence[Method]:
        """The newest version, not withdrawn, of each method that the tenant may use, by name."""
        with self._lock:
            found = [
                next((m for m in reversed(versions.values()) if not m.withdrawn_at), None)
                for _, versions in sorted(self._versions.items())
            ]
        return [method for method in found if method and _visible(method, tenant)]

    def versions(self, tenant: str, identifier: str) -> Sequence[Method]:
        """All versions, withdrawn ones too, newest first; empty: unknown to the tenant."""
        with self._lock:
            versions = reversed(list(self._versions.get(identifier, {}).values()))
        return [method for method in versions if _visible(method, tenant)]

    def by_digest(self, tenant: str, digest: str) -> Method:
        """A version by its package, withdrawn or not. Raises: UnknownMethod."""
        with self._lock:
            for versions in self._versions.values():
                method = versions.get(digest)
                if method and _visible(method, tenant):
                    return method
        raise UnknownMethod(f"There is no method with the package '{digest}'.")

    def withdraw(self, tenant: str | None, identifier: str, digest: str, at: datetime) -> None:
        """Hide a version. Raises: UnknownMethod."""
        with self._lock:
            method = self._versions.get(identifier, {}).get(digest)
            if method is None or method.tenant != tenant:
                raise UnknownMethod(f"There is no method '{identifier}@{digest}' of yours.")
            if method.withdrawn_at is None:
                self._versions[identifier][digest] = replace(method, withdrawn_at=at)
                self._generation += 1

    def holds_payload(self, digest: str) -> bool:
        """Whether a package has this content as a file or as its lock."""
        with self._lock:
            packages = [m.package for v in self._versions.values() for m in v.values()]
        return any(
            digest == package.lock or any(file.digest == digest for file in package.files)
            for package in packages
        )

    def generation(self) -> int:
        """A number that grows with each change."""
        return self._generation


def _visible(method: Method, tenant: str) -> bool:
    return method.tenant is None or method.tenant == tenant
