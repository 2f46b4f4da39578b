"""The first shape: accounts, catalogue, computations, workspace."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ORDERED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_MOMENT = sa.BigInteger()


def upgrade() -> None:
    """Make all tables."""
    _accounts()
    _catalogue()
    _computations()
    _indexes_of_computations()
    _bindings()
    _workspace()


def _accounts() -> None:
    op.create_table(
        "tenants",
        sa.Column("name", _ORDERED, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_tenants"),
    )
    op.create_table(
        "users",
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("name", _ORDERED, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("full_name", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "name", name="pk_users"),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_users_tenant"),
    )
    op.create_table(
        "tokens",
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("user_name", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "user_name", "id", name="pk_tokens"),
        sa.UniqueConstraint("digest", name="uq_tokens_digest"),
        sa.ForeignKeyConstraint(
            ["tenant", "user_name"], ["users.tenant", "users.name"],
            name="fk_tokens_tenant_user_name",
        ),
    )  # fmt: skip


def _catalogue() -> None:
    op.create_table(
        "methods",
        sa.Column("identifier", _ORDERED, nullable=False),
        sa.Column("tenant", sa.Text),
        sa.PrimaryKeyConstraint("identifier", name="pk_methods"),
    )
    op.create_table(
        "versions",
        sa.Column("number", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("identifier", sa.Text, nullable=False),
        sa.Column("package", sa.Text, nullable=False),
        sa.Column("published_by", sa.Text, nullable=False),
        sa.Column("published_at", _MOMENT, nullable=False),
        sa.Column("withdrawn_at", _MOMENT),
        sa.PrimaryKeyConstraint("number", name="pk_versions"),
        sa.UniqueConstraint("digest", name="uq_versions_digest"),
        sa.ForeignKeyConstraint(
            ["identifier"], ["methods.identifier"], name="fk_versions_identifier"
        ),
    )
    op.create_index("ix_versions_identifier_number", "versions", ["identifier", "number"])
    _package_files()
    generation = op.create_table(
        "generation",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_generation"),
        sa.CheckConstraint("id = 1", name="ck_generation_single"),
    )
    op.bulk_insert(generation, [{"id": 1, "number": 0}])


def _package_files() -> None:
    op.create_table(
        "package_files",
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("version", "digest", name="pk_package_files"),
        sa.ForeignKeyConstraint(["version"], ["versions.number"], name="fk_package_files_version"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_package_files_digest", "package_files", ["digest"])


def _computations() -> None:
    op.create_table(
        "computations",
        sa.Column("id", _ORDERED, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("package", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("user_name", sa.Text, nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("accepted_at", _MOMENT, nullable=False),
        sa.Column("address_key", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("percent", sa.Integer, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("started_at", _MOMENT),
        sa.Column("ended_at", _MOMENT),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("lease_until", _MOMENT),
        sa.Column("place", sa.Text),
        sa.Column("exit_code", sa.Integer),
        sa.Column("repeats", sa.Text),
        sa.Column("verdict", sa.Text),
        sa.Column("dismissal_asked_by", sa.Text),
        sa.Column("response", sa.Text, nullable=False),
        sa.Column("removed_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_computations"),
        sa.UniqueConstraint("address_key", name="uq_computations_address_key"),
    )


def _indexes_of_computations() -> None:
    """Each filter of a list has one that ends with its order; one holds what has not ended."""
    shown, unended = sa.text("removed_at IS NULL"), sa.text("ended_at IS NULL")
    filters = {"tenant": [], "user": ["user_name"], "method": ["method"], "status": ["status"]}
    for name, columns in filters.items():
        op.create_index(
            f"ix_computations_{name}",
            "computations",
            ["tenant", *columns, "accepted_at", "id"],
            sqlite_where=shown,
            postgresql_where=shown,
        )
    op.create_index(
        "ix_computations_open",
        "computations",
        ["target", "tenant", "user_name", "accepted_at", "id", "status", "lease_until"],
        sqlite_where=unended,
        postgresql_where=unended,
    )


def _bindings() -> None:
    texts = ("text", "unit", "digest")
    descriptions = ("media_type", "name", "encoding", "schema", "source", "dialect")
    op.create_table(
        "bindings",
        sa.Column("computation", sa.Text, nullable=False),
        sa.Column("direction", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("identifier", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text) for name in texts),
        sa.Column("size_bytes", sa.BigInteger),
        *(sa.Column(name, sa.Text) for name in descriptions),
        sa.Column("deleted_at", _MOMENT),
        sa.PrimaryKeyConstraint("computation", "direction", "position", name="pk_bindings"),
        sa.ForeignKeyConstraint(
            ["computation"], ["computations.id"], name="fk_bindings_computation"
        ),
        sqlite_with_rowid=False,
    )
    present = sa.text("digest IS NOT NULL")
    op.create_index(
        "ix_bindings_digest", "bindings", ["digest"], sqlite_where=present, postgresql_where=present
    )


def _workspace() -> None:
    op.create_table(
        "items",
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("path", _ORDERED, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "owner", "path", name="pk_items"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_items_digest", "items", ["digest"])
