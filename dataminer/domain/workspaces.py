"""A workspace: the tree of items that the users of a tenant see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

#: The folders that every workspace has.
INPUT_DATA_SETS = "Input Data Sets"
OUTPUT_DATA_SETS = "Output Data Sets"
COMPUTATIONS = "Computations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A file in a workspace."""

    path: str  #: from the workspace's root, without a leading slash
    tenant: str
    owner: str
    digest: str  #: SHA-256 of the content
    size_bytes: int
    media_type: str
    created_at: datetime

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of a folder's listing."""

    name: str
    is_folder: bool
    size_bytes: int = 0
    media_type: str = ""
    created_at: datetime | None = None
