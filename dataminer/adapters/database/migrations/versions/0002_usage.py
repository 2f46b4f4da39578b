"""What a computation has used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column, and an index for estimates; what ended before was not measured."""
    op.add_column("computations", sa.Column("usage", sa.Text))
    measured = sa.text("removed_at IS NULL AND usage IS NOT NULL")
    op.create_index(
        "ix_computations_measured",
        "computations",
        ["tenant", "method", "status", "accepted_at", "id"],
        sqlite_where=measured,
        postgresql_where=measured,
    )
