"""The command line. May import everything; each module holds the commands of one subject."""

from __future__ import annotations

from dataminer.cli.main import main

__all__ = ["main"]
