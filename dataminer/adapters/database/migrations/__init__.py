"""The database's shape, and how an older one is brought up to date."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from dataminer.adapters.database.engine import Database

_LOCK = 0x44415441  #: names our advisory lock where a database has those


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the database to a shape, by default the newest, making it if need be.

    All in one transaction, so that of several processes that start at once one does the work.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
