"""The workspace tree in SQL."""

from __future__ import annotations

from sqlalchemy import RowMapping, bindparam, delete, exists, insert, select

from dataminer.adapters.database.engine import Database
from dataminer.adapters.database.tables import items
from dataminer.domain.errors import UnknownItem
from dataminer.domain.workspaces import Item
from dataminer.ports import Page

_c = items.c
_PLACE = (
    _c.tenant == bindparam("of_tenant"),
    _c.owner == bindparam("of_owner"),
    _c.path == bindparam("of_path"),
)
_ADD = insert(items)
_GET = select(items).where(*_PLACE)
_REMOVE = delete(items).where(*_PLACE)
_LIST = (
    select(items)
    .where(
        _c.tenant == bindparam("of_tenant"),
        _c.owner == bindparam("of_owner"),
        _c.path > bindparam("after"),
        _c.path < bindparam("before"),
    )
    .order_by(_c.path)
    .limit(bindparam("rows"))
)
_HOLDS = select(exists().where(_c.digest == bindparam("digest")))
_LAST = chr(0x10FFFF)  #: sorts behind every path


class SqlWorkspace:
    """The port Workspace in SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, item: Item) -> None:
        """Add or replace the item at its path."""
        with self._database.writing() as connection:
            connection.execute(_REMOVE, _place(item.tenant, item.owner, item.path))
            connection.execute(_ADD, _row(item))

    def get(self, tenant: str, owner: str, path: str) -> Item:
        """Raises: UnknownItem."""
        with self._database.reading() as connection:
            row = connection.execute(_GET, _place(tenant, owner, path)).mappings().first()
        return _item(row, path)

    def remove(self, tenant: str, owner: str, path: str) -> Item:
        """The removed item. Raises: UnknownItem."""
        place = _place(tenant, owner, path)
        with self._database.writing() as connection:
            item = _item(connection.execute(_GET, place).mappings().first(), path)
            connection.execute(_REMOVE, place)
        return item

    def holds_payload(self, digest: str) -> bool:
        """Whether any item has this content."""
        with self._database.reading() as connection:
            return bool(connection.execute(_HOLDS, {"digest": digest}).scalar())

    def list(self, tenant: str, owner: str, folder: str, page_size: int, after: str | None
             ) -> Page[Item]:  # fmt: skip
        """Items at any depth below the folder, by path; the empty folder is the root."""
        first, last = (f"{folder}/", f"{folder}0") if folder else ("", _LAST)  # '0' follows '/'
        place = {
            "of_tenant": tenant,
            "of_owner": owner,
            "after": max(first, after or ""),
            "before": last,
            "rows": page_size + 1,
        }
        with self._database.reading() as connection:
            found = [_item(row) for row in connection.execute(_LIST, place).mappings()]
        rows = tuple(found[:page_size])
        return Page(rows=rows, next_key=rows[-1].path if len(found) > page_size else None)


def _place(tenant: str, owner: str, path: str) -> dict[str, str]:
    return {"of_tenant": tenant, "of_owner": owner, "of_path": path}


def _item(row: RowMapping | None, path: str = "") -> Item:
    if row is None:
        raise UnknownItem(f"There is no item '{path}' in the workspace.")
    return Item(**row)


def _row(item: Item) -> dict[str, object]:
    return {column.name: getattr(item, column.name) for column in items.c}
