"""Published methods in SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, exists, func, insert, or_, select, update

from dataminer.adapters.database import tables
from dataminer.adapters.database.codec import decode, encode
from dataminer.adapters.database.engine import Database
from dataminer.domain.errors import Conflict, UnknownMethod
from dataminer.domain.methods import Method, Package

_m, _v, _f, _g = tables.methods, tables.versions, tables.package_files, tables.generation
_VERSION = select(
    _v.c.identifier, _v.c.digest, _m.c.tenant,
    _v.c.published_by, _v.c.published_at, _v.c.withdrawn_at,
).join(_m, _m.c.identifier == _v.c.identifier)  # fmt: skip
_VISIBLE = or_(_m.c.tenant.is_(None), _m.c.tenant == bindparam("tenant"))
_other = _v.alias()
_LAST_SHOWN = (
    select(func.max(_other.c.number))
    .where(_other.c.identifier == _m.c.identifier, _other.c.withdrawn_at.is_(None))
    .scalar_subquery()
)
_NEWEST = _VERSION.where(_VISIBLE, _v.c.number == _LAST_SHOWN).order_by(_m.c.identifier)
_VERSIONS = _VERSION.where(_VISIBLE, _v.c.identifier == bindparam("identifier")).order_by(
    _v.c.number.desc()
)
_VISIBLE_DIGEST = _VERSION.where(_VISIBLE, _v.c.digest == bindparam("digest"))
_DIGEST = _VERSION.where(_v.c.digest == bindparam("digest"))
_PACKAGES = select(_v.c.digest, _v.c.package).where(
    _v.c.digest.in_(bindparam("digests", expanding=True))
)
_OWNER = select(_m.c.tenant).where(_m.c.identifier == bindparam("identifier"))
_ADD_METHOD = insert(_m)
_ADD_VERSION = insert(_v).returning(_v.c.number)
_ADD_FILES = insert(_f)
_WITHDRAW = (
    update(_v)
    .where(_v.c.digest == bindparam("of_digest"), _v.c.withdrawn_at.is_(None))
    .values(withdrawn_at=bindparam("at"))
)
_GROW = update(_g).values(number=_g.c.number + 1)
_HOLDS = select(exists().where(_f.c.digest == bindparam("digest")))
_GENERATION = "SELECT number FROM generation"
_MOST_DIGESTS = 500  #: in one query


class SqlCatalogue:
    """The port Catalogue in SQL; what was read is kept until the catalogue changes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._packages: dict[str, Package] = {}  #: by digest; they never change
        self._read: tuple[int, dict[tuple[str, ...], tuple[Method, ...]]] = (-1, {})

    def publish(self, method: Method) -> Method:
        """The method as recorded; the same package again, by the same tenant, changes nothing.

        Raises: Conflict: the identifier belongs to another tenant or to everybody.
        """
        key = {"digest": method.digest}
        with self._database.writing() as connection:
            _own(connection, method)
            recorded = connection.execute(_DIGEST, key).mappings().first()
            if recorded is None:
                _add(connection, method)
                recorded = connection.execute(_DIGEST, key).mappings().one()
            return self._methods(connection, [recorded])[0]

    def newest(self, tenant: str) -> Sequence[Method]:
        """The newest version, not withdrawn, of each method that the tenant may use, by name."""
        return self._kept("newest", tenant, read=lambda: self._select(_NEWEST, tenant=tenant))

    def versions(self, tenant: str, identifier: str) -> Sequence[Method]:
        """All versions, withdrawn ones too, newest first; empty: unknown to the tenant."""
        return self._kept(
            "versions", tenant, identifier,
            read=lambda: self._select(_VERSIONS, tenant=tenant, identifier=identifier),
        )  # fmt: skip

    def by_digest(self, tenant: str, digest: str) -> Method:
        """A version by its package, withdrawn or not. Raises: UnknownMethod."""
        found = self._kept(
            "digest", tenant, digest,
            read=lambda: self._select(_VISIBLE_DIGEST, tenant=tenant, digest=digest),
        )  # fmt: skip
        if not found:
            raise UnknownMethod(f"There is no method with the package '{digest}'.")
        return found[0]

    def withdraw(self, tenant: str | None, identifier: str, digest: str, at: datetime) -> None:
        """Hide a version. Raises: UnknownMethod."""
        with self._database.writing() as connection:
            row = connection.execute(_DIGEST, {"digest": digest}).first()
            if row is None or (row.tenant, row.identifier) != (tenant, identifier):
                raise UnknownMethod(f"There is no method '{identifier}@{digest}' of yours.")
            if connection.execute(_WITHDRAW, {"of_digest": digest, "at": at}).rowcount:
                connection.execute(_GROW)

    def holds_payload(self, digest: str) -> bool:
        """Whether a package has this content as a file or as its lock."""
        with self._database.reading() as connection:
            return bool(connection.execute(_HOLDS, {"digest": digest}).scalar())

    def generation(self) -> int:
        """A number that grows with each change, from any process."""
        return self._database.number(_GENERATION)

    def _kept(self, *key: str, read: Callable[[], tuple[Method, ...]]) -> tuple[Method, ...]:
        """What was read for this key since the catalogue last changed; nothing is not kept."""
        generation, kept = self._read
        now = self.generation()
        if generation != now:
            generation, kept = self._read = (now, {})
        found = kept.get(key) or read()
        if found:
            kept[key] = found
        return found

    # Any: a statement's columns are known to itself alone.
    def _select(self, statement: Any, **key: str) -> tuple[Method, ...]:
        with self._database.reading() as connection:
            return self._methods(connection, connection.execute(statement, key).mappings().all())

    def _methods(self, connection: Connection, rows: Sequence[RowMapping]) -> tuple[Method, ...]:
        self._decode(connection, {row["digest"] for row in rows} - self._packages.keys())
        return tuple(
            Method(
                package=self._packages[row["digest"]],
                digest=row["digest"],
                tenant=row["tenant"],
                published_by=row["published_by"],
                published_at=row["published_at"],
                withdrawn_at=row["withdrawn_at"],
            )
            for row in rows
        )

    def _decode(self, connection: Connection, digests: Iterable[str]) -> None:
        """Read packages that this process has not seen yet."""
        missing = sorted(digests)
        for start in range(0, len(missing), _MOST_DIGESTS):
            some = missing[start : start + _MOST_DIGESTS]
            for digest, package in connection.execute(_PACKAGES, {"digests": some}):
                self._packages[digest] = decode(Package, package)


def _own(connection: Connection, method: Method) -> None:
    """Make sure that the identifier is the tenant's."""
    key = {"identifier": method.identifier}
    owner = connection.execute(_OWNER, key).first()
    if owner is None:
        connection.execute(_ADD_METHOD, {**key, "tenant": method.tenant})
    elif owner.tenant != method.tenant:
        raise Conflict(
            f"The identifier '{method.identifier}' belongs to somebody else; choose another one."
        )


def _add(connection: Connection, method: Method) -> None:
    number = connection.execute(
        _ADD_VERSION,
        {
            "digest": method.digest,
            "identifier": method.identifier,
            "package": encode(method.package),
            "published_by": method.published_by,
            "published_at": method.published_at,
            "withdrawn_at": method.withdrawn_at,
        },
    ).scalar_one()
    contents = {file.digest for file in method.package.files} | {method.package.lock} - {""}
    if contents:
        rows = [{"version": number, "digest": digest} for digest in sorted(contents)]
        connection.execute(_ADD_FILES, rows)
    connection.execute(_GROW)
