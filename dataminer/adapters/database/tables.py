"""The tables."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    and_,
)

from dataminer.adapters.database.moments import Moment

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: A text that lists are ordered by: by code point in every database.
Ordered = Text().with_variant(Text(collation="C"), "postgresql")

# --- accounts ---------------------------------------------------------------------------------

tenants = Table(
    "tenants",
    metadata,
    Column("name", Ordered, primary_key=True),
    Column("title", Text, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("tenant", Text, ForeignKey("tenants.name"), primary_key=True),
    Column("name", Ordered, primary_key=True),
    Column("role", Text, nullable=False),
    Column("full_name", Text, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("user_name", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("label", Text, nullable=False),
    ForeignKeyConstraint(["tenant", "user_name"], ["users.tenant", "users.name"]),
)

# --- catalogue --------------------------------------------------------------------------------

#: Whose an identifier is: its first publisher's tenant's, or everybody's (NULL).
methods = Table(
    "methods",
    metadata,
    Column("identifier", Ordered, primary_key=True),
    Column("tenant", Text),
)

versions = Table(
    "versions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),  #: in order of publication
    Column("digest", Text, nullable=False, unique=True),
    Column("identifier", Text, ForeignKey("methods.identifier"), nullable=False),
    Column("package", Text, nullable=False),  #: JSON
    Column("published_by", Text, nullable=False),
    Column("published_at", Moment, nullable=False),
    Column("withdrawn_at", Moment),
    Index(None, "identifier", "number"),
)

#: Which contents the packages need: their files and locks.
package_files = Table(
    "package_files",
    metadata,
    Column("version", Integer, ForeignKey("versions.number"), primary_key=True),
    Column("digest", Text, primary_key=True),
    Index(None, "digest"),
    sqlite_with_rowid=False,
)

#: One row: how often the catalogue changed.
generation = Table(
    "generation",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="single"), primary_key=True),
    Column("number", Integer, nullable=False),
)

# --- computations -----------------------------------------------------------------------------

computations = Table(
    "computations",
    metadata,
    Column("id", Ordered, primary_key=True),
    Column("method", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("package", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("user_name", Text, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("accepted_at", Moment, nullable=False),
    Column("address_key", Text, nullable=False, unique=True),
    Column("status", Text, nullable=False),
    Column("percent", Integer, nullable=False),
    Column("message", Text, nullable=False),
    Column("started_at", Moment),
    Column("ended_at", Moment),
    Column("attempt", Integer, nullable=False),
    Column("lease_until", Moment),
    Column("place", Text),  #: JSON
    Column("exit_code", Integer),
    Column("repeats", Text),
    Column("verdict", Text),  #: JSON
    Column("dismissal_asked_by", Text),
    Column("response", Text, nullable=False),
    Column("removed_at", Moment),
    Column("usage", Text),  #: JSON
)

_c = computations.c
_shown = _c.removed_at.is_(None)
#: What lists are ordered by, newest first; each filter has an index that ends so.
AGE = (_c.accepted_at, _c.id)
Index("ix_computations_tenant", _c.tenant, *AGE, sqlite_where=_shown, postgresql_where=_shown)
Index(
    "ix_computations_user", _c.tenant, _c.user_name, *AGE,
    sqlite_where=_shown, postgresql_where=_shown,
)  # fmt: skip
Index(
    "ix_computations_method", _c.tenant, _c.method, *AGE,
    sqlite_where=_shown, postgresql_where=_shown,
)  # fmt: skip
Index(
    "ix_computations_status", _c.tenant, _c.status, *AGE,
    sqlite_where=_shown, postgresql_where=_shown,
)  # fmt: skip
_measured = and_(_shown, _c.usage.is_not(None))
Index(
    "ix_computations_measured", _c.tenant, _c.method, _c.status, *AGE,
    sqlite_where=_measured, postgresql_where=_measured,
)  # fmt: skip
_open = _c.ended_at.is_(None)
#: What has not ended: small however many have.
Index(
    "ix_computations_open", _c.target, _c.tenant, _c.user_name, *AGE, _c.status, _c.lease_until,
    sqlite_where=_open, postgresql_where=_open,
)  # fmt: skip

#: Values of inputs and outputs, and the log: which computations used a file is one query.
bindings = Table(
    "bindings",
    metadata,
    Column("computation", Text, ForeignKey("computations.id"), primary_key=True),
    Column("direction", Text, primary_key=True),  #: input, output or log
    Column("position", Integer, primary_key=True),
    Column("identifier", Text, nullable=False),
    Column("kind", Text, nullable=False),  #: literal, box or payload
    Column("text", Text),  #: of a literal; of a box as JSON
    Column("unit", Text),
    Column("digest", Text),  #: from here on: of a payload
    Column("size_bytes", BigInteger),
    Column("media_type", Text),
    Column("name", Text),
    Column("encoding", Text),
    Column("schema", Text),
    Column("source", Text),
    Column("dialect", Text),  #: JSON
    Column("deleted_at", Moment),
    sqlite_with_rowid=False,
)
_with_bytes = bindings.c.digest.is_not(None)
Index(
    "ix_bindings_digest", bindings.c.digest,
    sqlite_where=_with_bytes, postgresql_where=_with_bytes,
)  # fmt: skip

# --- workspace --------------------------------------------------------------------------------

items = Table(
    "items",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("owner", Text, primary_key=True),
    Column("path", Ordered, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Index(None, "digest"),
    sqlite_with_rowid=False,
)
