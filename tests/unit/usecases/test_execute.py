"""Accepting orders."""

from __future__ import annotations

import io

import pytest

from dataminer.domain.computations import Status
from dataminer.domain.errors import (
    DataMinerError,
    InputTooLarge,
    InvalidValue,
    MissingInput,
    ReferenceFailed,
    RuntimeUnavailable,
    TooManyOccurrences,
    UnknownInput,
    UnknownMethod,
    UnknownOutput,
    UnsupportedFormat,
)
from dataminer.domain.methods import DataType, Format, Input, Runtime
from dataminer.domain.orders import (
    Offered,
    OfferedContent,
    OfferedLiteral,
    OfferedReference,
    Order,
)
from dataminer.domain.values import BoundingBox, Literal, Payload
from dataminer.ports import ComputationQuery
from dataminer.usecases.execute import execute
from tests.builders import a_caller, a_manifest, a_method
from tests.laboratory import BASE_URL, Laboratory, a_laboratory

ADA = a_caller()


def text(content: bytes = b"hello", media_type: str = "") -> OfferedContent:
    return OfferedContent(stream=io.BytesIO(content), media_type=media_type)


def order(**inputs: Offered) -> Order:
    return Order(method="SHOUT", inputs=tuple(inputs.items()))


def recorded(lab: Laboratory) -> int:
    query = ComputationQuery(tenant="bio")
    return len(lab.ports.computations.page(query).rows)


def test_an_accepted_computation_is_recorded_and_dispatched() -> None:
    lab = a_laboratory()

    computation = lab.engine.execute(ADA, order(text=text()))

    assert lab.ports.computations.get(computation.id) == computation
    assert computation.status is Status.ACCEPTED
    assert lab.ports.dispatchers[computation.target].sent == [computation.id]


def test_defaults_are_recorded_so_that_a_repetition_uses_them_too() -> None:
    computation = a_laboratory().engine.execute(ADA, order(text=text()))

    assert [b.identifier for b in computation.inputs] == ["text", "times"]
    assert computation.inputs[1].value == Literal(text="1")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({}, MissingInput),
        ({"text": text(), "volume": OfferedLiteral(text="9")}, UnknownInput),
        ({"text": text(), "times": OfferedLiteral(text="ten")}, InvalidValue),
        ({"text": text(), "times": OfferedLiteral(text="10")}, InvalidValue),
        ({"text": OfferedLiteral(text="hello")}, InvalidValue),
        ({"text": text(media_type="image/png")}, UnsupportedFormat),
        ({"text": text(b"x" * 1001)}, InputTooLarge),
        ({"text": OfferedReference(href="http://nowhere.example/")}, ReferenceFailed),
        ({"text": OfferedReference(href=f"{BASE_URL}/api/items/none.txt")}, ReferenceFailed),
    ],
)
def test_a_wrong_input_is_named_and_nothing_is_recorded(
    wrong: dict[str, Offered], error: type[DataMinerError]
) -> None:
    lab = a_laboratory()

    with pytest.raises(error) as caught:
        execute(lab.ports, ADA, order(**wrong), limit_bytes=1000)

    assert caught.value.identifier in (*wrong, "text")
    assert recorded(lab) == 0


def test_too_many_occurrences_are_refused() -> None:
    twice = (("text", text()), ("text", text()))

    with pytest.raises(TooManyOccurrences, match="may be given 1 times, not 2"):
        a_laboratory().engine.execute(ADA, Order(method="SHOUT", inputs=twice))


def test_nothing_is_fetched_when_a_literal_is_wrong() -> None:
    lab = a_laboratory()
    inputs = order(
        text=OfferedReference(href="http://nowhere.example/"), times=OfferedLiteral(text="ten")
    )

    with pytest.raises(InvalidValue, match="not a whole number"):
        lab.engine.execute(ADA, inputs)


def test_unknown_methods_and_outputs_are_named() -> None:
    lab = a_laboratory()

    with pytest.raises(UnknownMethod, match="WHISPER"):
        lab.engine.execute(ADA, Order(method="WHISPER"))
    with pytest.raises(UnknownOutput, match=r"quiet.*it has: loud"):
        lab.engine.execute(ADA, Order(method="SHOUT", outputs=("quiet",)))


def test_a_method_that_no_node_can_run_is_refused_at_once() -> None:
    lab = a_laboratory(a_method(runtime=Runtime.OCTAVE))
    lab.ports.nodes._offered = frozenset()

    with pytest.raises(RuntimeUnavailable, match="octave"):
        lab.engine.execute(ADA, order(text=text()))


def test_a_reference_is_recorded_without_its_credentials() -> None:
    lab = a_laboratory()
    href = "http://ada:pw@there.example/words.txt?token=t&x=1"
    lab.addresses[href] = b"words"

    computation = lab.engine.execute(ADA, order(text=OfferedReference(href=href)))

    payload = computation.inputs[0].value
    assert isinstance(payload, Payload)
    assert payload.source == "http://there.example/words.txt?x=1"
    assert payload.name == "words.txt"


def test_an_item_of_ones_own_is_an_input_by_its_address_and_not_for_others() -> None:
    lab = a_laboratory()
    lab.engine.put_item(ADA, "Input Data Sets/words.txt", io.BytesIO(b"words"))
    href = lab.ports.addresses.item("Input Data Sets/words.txt")

    computation = lab.engine.execute(ADA, order(text=OfferedReference(href=href)))

    assert computation.inputs[0].value.size_bytes == 5
    for stranger in (a_caller("bob"), a_caller(tenant="geo")):
        with pytest.raises(ReferenceFailed, match="not here"):
            lab.engine.execute(stranger, order(text=OfferedReference(href=href)))


def test_an_output_is_an_input_by_its_address_and_the_key_is_not_recorded() -> None:
    lab = a_laboratory(at_once=True)
    first = lab.engine.execute(ADA, order(text=text()))
    href = lab.ports.addresses.output(first.address_key, "loud")

    second = lab.engine.execute(ADA, order(text=OfferedReference(href=href)))

    assert (
        second.inputs[0].value.digest
        == lab.engine.computation(ADA, first.id).outputs[0].value.digest
    )
    assert first.address_key not in repr(second.inputs)


def test_a_tables_dialect_is_recorded() -> None:
    manifest = a_manifest(inputs=(Input(identifier="text", type=DataType.TABLE),))
    lab = a_laboratory(a_method(inputs=manifest.inputs))

    computation = lab.engine.execute(ADA, order(text=text(b"a;b\n1,5;2\n")))

    dialect = computation.inputs[0].value.dialect
    assert (dialect.delimiter, dialect.decimal, dialect.columns) == (";", ",", ("a", "b"))


@pytest.mark.parametrize(
    "box",
    [
        BoundingBox(lower=(0, 0), upper=(1, 1), crs="EPSG:3857"),
        BoundingBox(lower=(2, 0), upper=(1, 1), crs="EPSG:4326"),
        BoundingBox(lower=(0, 0), upper=(1,), crs="EPSG:4326"),
    ],
)
def test_a_wrong_box_is_refused(box: BoundingBox) -> None:
    area = Input(identifier="area", type=DataType.BBOX, crs=("EPSG:4326",))
    lab = a_laboratory(a_method(inputs=(area,)))

    with pytest.raises(InvalidValue, match="area"):
        lab.engine.execute(ADA, order(area=box))


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "..", "a\x00b", "x" * 300])
def test_a_file_name_never_leaves_its_folder(name: str) -> None:
    offered = OfferedContent(stream=io.BytesIO(b"x"), name=name)

    payload = a_laboratory().engine.execute(ADA, order(text=offered)).inputs[0].value

    assert isinstance(payload, Payload)
    assert "/" not in payload.name
    assert payload.name not in ("", ".", "..")
    assert len(payload.name) <= 120


def test_the_schema_chooses_among_formats_and_an_unknown_one_is_refused() -> None:
    formats = (
        Format(media_type="text/xml", schema="http://a.example/a.xsd"),
        Format(media_type="text/xml", schema="http://b.example/b.xsd"),
    )
    manifest = a_method(inputs=(Input(identifier="text", type=DataType.FILE, formats=formats),))
    lab = a_laboratory(manifest)

    def given(schema: str) -> OfferedContent:
        return OfferedContent(stream=io.BytesIO(b"<x/>"), schema=schema)

    for schema, chosen in (("", formats[0].schema), (formats[1].schema, formats[1].schema)):
        payload = lab.engine.execute(ADA, order(text=given(schema))).inputs[0].value
        assert (payload.media_type, payload.schema) == ("text/xml", chosen)
    with pytest.raises(UnsupportedFormat, match="takes the schema"):
        lab.engine.execute(ADA, order(text=given("http://c.example/c.xsd")))
