"""The tree of items."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataminer.adapters.database.engine import Database
from dataminer.adapters.database.workspace import SqlWorkspace
from dataminer.adapters.memory import MemoryWorkspace
from dataminer.domain.errors import UnknownItem
from dataminer.domain.workspaces import Item
from dataminer.ports import Workspace
from tests.builders import NOW


def an_item(path: str = "data/a.csv", tenant: str = "bio", owner: str = "ada") -> Item:
    return Item(
        path=path,
        tenant=tenant,
        owner=owner,
        digest=f"digest of {path}",
        size_bytes=3,
        media_type="text/csv",
        created_at=NOW,
    )


def all_paths(workspace: Workspace, owner: str, folder: str, page_size: int) -> list[str]:
    """Of a folder, page by page."""
    page = workspace.list("bio", owner, folder, page_size, None)
    paths = [item.path for item in page.rows]
    while page.next_key:
        page = workspace.list("bio", owner, folder, page_size, page.next_key)
        paths += [item.path for item in page.rows]
    return paths


def test_an_item_comes_back_as_it_was_put(workspace: Workspace) -> None:
    item = an_item()

    workspace.put(item)

    assert workspace.get("bio", "ada", "data/a.csv") == item


def test_an_item_at_the_same_path_is_replaced(workspace: Workspace) -> None:
    workspace.put(an_item())
    newer = replace(an_item(), digest="other", size_bytes=4)

    workspace.put(newer)

    assert workspace.get("bio", "ada", "data/a.csv") == newer
    assert not workspace.holds_payload(an_item().digest)


def test_a_removed_item_is_gone(workspace: Workspace) -> None:
    workspace.put(an_item())

    removed = workspace.remove("bio", "ada", "data/a.csv")

    assert removed == an_item()
    with pytest.raises(UnknownItem, match=r"data/a\.csv"):
        workspace.get("bio", "ada", "data/a.csv")
    with pytest.raises(UnknownItem):
        workspace.remove("bio", "ada", "data/a.csv")


def test_nobody_finds_the_items_of_somebody_else(workspace: Workspace) -> None:
    workspace.put(an_item())

    for tenant, owner in (("bio", "bob"), ("geo", "ada")):
        with pytest.raises(UnknownItem):
            workspace.get(tenant, owner, "data/a.csv")
        with pytest.raises(UnknownItem):
            workspace.remove(tenant, owner, "data/a.csv")
        assert workspace.list(tenant, owner, "", 10, None).rows == ()


def test_a_folder_lists_what_is_below_it_at_any_depth(workspace: Workspace) -> None:
    for path in ("data/b/c.csv", "data/a.csv", "data.csv", "data2/a.csv", "data-x/y", "other"):
        workspace.put(an_item(path))

    assert all_paths(workspace, "ada", "data", 10) == ["data/a.csv", "data/b/c.csv"]
    assert len(all_paths(workspace, "ada", "", 10)) == 6


def test_pages_follow_one_another_while_items_come_and_go(workspace: Workspace) -> None:
    for number in range(10):
        workspace.put(an_item(f"data/{number}"))
    first = workspace.list("bio", "ada", "data", 4, None)

    workspace.remove("bio", "ada", "data/0")
    workspace.put(an_item("data/00"))
    second = workspace.list("bio", "ada", "data", 4, first.next_key)

    assert [item.name for item in second.rows] == ["4", "5", "6", "7"]


def test_the_last_page_says_that_it_is_the_last(workspace: Workspace) -> None:
    for number in range(4):
        workspace.put(an_item(f"data/{number}"))

    page = workspace.list("bio", "ada", "data", 4, None)

    assert len(page.rows) == 4
    assert page.next_key is None


def test_items_hold_their_content(workspace: Workspace) -> None:
    workspace.put(an_item())
    workspace.put(replace(an_item("copy"), digest=an_item().digest, tenant="geo"))

    workspace.remove("bio", "ada", "data/a.csv")

    assert workspace.holds_payload(an_item().digest)
    workspace.remove("geo", "ada", "copy")
    assert not workspace.holds_payload(an_item().digest)


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/"), min_size=1)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
OWNERS = st.sampled_from(["ada", "bob"])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    put=st.lists(st.tuples(OWNERS, PATHS), max_size=12),
    removed=st.lists(st.integers(0, 11), max_size=4),
    page_size=st.integers(1, 4),
)
def test_sql_and_memory_tell_the_same_of_any_tree(
    database: Database, put: list[tuple[str, str]], removed: list[int], page_size: int
) -> None:
    stores: tuple[Workspace, ...] = (SqlWorkspace(database), MemoryWorkspace())
    _empty(stores[0])

    for store in stores:
        for owner, path in put:
            store.put(an_item(path, owner=owner))
        for owner, path in {put[index] for index in removed if index < len(put)}:
            store.remove("bio", owner, path)

    folders = {"", *(path.partition("/")[0] for _, path in put)}
    for owner in ("ada", "bob"):
        for folder in folders:
            in_sql, in_memory = (all_paths(s, owner, folder, page_size) for s in stores)
            assert in_sql == in_memory


def _empty(store: Workspace) -> None:
    for owner in ("ada", "bob"):
        for path in all_paths(store, owner, "", 100):
            store.remove("bio", owner, path)
