"""The workspace tree in memory."""

from __future__ import annotations

from threading import Lock

from dataminer.domain.errors import UnknownItem
from dataminer.domain.workspaces import Item
from dataminer.ports import Page


class MemoryWorkspace:
    """The port Workspace, kept in a dictionary."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._items: dict[tuple[str, str, str], Item] = {}

    def put(self, item: Item) -> None:
        """Add or replace the item at its path."""
        with self._lock:
            self._items[item.tenant, item.owner, item.path] = item

    def get(self, tenant: str, owner: str, path: str) -> Item:
        """Raises: UnknownItem."""
        try:
            return self._items[tenant, owner, path]
        except KeyError:
            raise UnknownItem(f"There is no item '{path}' in the workspace.") from None

    def remove(self, tenant: str, owner: str, path: str) -> Item:
        """The removed item. Raises: UnknownItem."""
        with self._lock:
            item = self.get(tenant, owner, path)
            del self._items[tenant, owner, path]
            return item

    def holds_payload(self, digest: str) -> bool:
        """Whether any item has this content."""
        with self._lock:
            return any(item.digest == digest for item in self._items.values())

    def list(self, tenant: str, owner: str, folder: str, page_size: int, after: str | None
             ) -> Page[Item]:  # fmt: skip
        """Items at any depth below the folder, by path; the empty folder is the root."""
        prefix = f"{folder}/" if folder else ""
        with self._lock:
            found = sorted(
                item
                for (of, by, item) in self._items
                if (of, by) == (tenant, owner) and item.startswith(prefix) and item > (after or "")
            )
            rows = tuple(self._items[tenant, owner, path] for path in found[:page_size])
        return Page(rows=rows, next_key=rows[-1].path if len(found) > page_size else None)
