"""The workspace."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataminer.domain.errors import Conflict, UnknownComputation, UnknownItem
from dataminer.domain.orders import OfferedContent, Order
from dataminer.usecases.share import clean_path
from tests.builders import a_caller
from tests.laboratory import a_laboratory

ADA = a_caller()


def test_an_item_is_found_where_it_was_put() -> None:
    lab = a_laboratory()

    item = lab.engine.put_item(ADA, "/Input Data Sets/iris.csv", io.BytesIO(b"a,b\n"))

    assert item.media_type == "text/csv"
    assert lab.engine.item(ADA, "Input Data Sets/iris.csv") == item
    assert lab.engine.items(ADA, "Input Data Sets").rows == (item,)


def test_nobody_else_sees_it() -> None:
    lab = a_laboratory()
    lab.engine.put_item(ADA, "secret.txt", io.BytesIO(b"x"))

    for stranger in (a_caller("bob"), a_caller(tenant="geo")):
        assert lab.engine.items(stranger).rows == ()
        with pytest.raises(UnknownItem):
            lab.engine.item(stranger, "secret.txt")


def test_removing_an_item_removes_its_bytes_unless_somebody_holds_them() -> None:
    lab = a_laboratory()
    item = lab.engine.put_item(ADA, "one.txt", io.BytesIO(b"same"))
    lab.engine.put_item(a_caller("bob"), "two.txt", io.BytesIO(b"same"))

    lab.engine.remove_item(ADA, "one.txt")
    assert lab.ports.blobs.exists(item.digest)

    lab.engine.remove_item(a_caller("bob"), "two.txt")
    assert not lab.ports.blobs.exists(item.digest)


def test_a_computations_folder_shows_inputs_outputs_and_log() -> None:
    lab = a_laboratory(at_once=True)
    offered = OfferedContent(stream=io.BytesIO(b"hello"), name="words.txt")
    computation = lab.engine.execute(ADA, Order(method="SHOUT", inputs=(("text", offered),)))
    folder = f"Computations/{computation.id}"

    paths = [item.path.removeprefix(folder) for item in lab.engine.items(ADA, folder).rows]

    assert paths == ["/inputs/text/words.txt", "/outputs/loud/loud.txt", "/log.txt"]
    with pytest.raises(UnknownComputation):
        lab.engine.items(a_caller("bob"), folder)


def test_nothing_is_put_among_the_computations() -> None:
    with pytest.raises(Conflict, match="nothing is put there"):
        a_laboratory().engine.put_item(ADA, "Computations/x/y.txt", io.BytesIO())


@pytest.mark.parametrize("path", ["", "a//b", "../x", "a/./b", "a\\b", "a\nb", "x" * 2000])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(Conflict, match="not a path"):
        clean_path(path)


@given(st.text(max_size=50))
def test_a_clean_path_never_climbs(path: str) -> None:
    try:
        parts = clean_path(path).split("/")
    except Conflict:
        return
    assert not {"", ".", ".."} & set(parts)
