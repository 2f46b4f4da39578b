"""Repeating computations."""

from __future__ import annotations

import io
import itertools

import pytest

from dataminer.domain.computations import Computation
from dataminer.domain.errors import CannotRepeat, InvalidDocument, UnknownComputation
from dataminer.domain.orders import OfferedContent, OfferedLiteral, Order
from dataminer.domain.recipes import Sameness
from tests.builders import NOW, a_caller, a_method
from tests.laboratory import Laboratory, a_laboratory

ADA = a_caller()


def execute(lab: Laboratory, content: bytes = b"hello") -> Computation:
    inputs = (
        ("text", OfferedContent(stream=io.BytesIO(content), name="words.txt")),
        ("times", OfferedLiteral(text="2")),
    )
    computation = lab.engine.execute(ADA, Order(method="SHOUT", inputs=inputs))
    return lab.engine.computation(ADA, computation.id)


def test_a_repetition_has_the_same_inputs_and_is_told_identical() -> None:
    lab = a_laboratory(at_once=True)
    original = execute(lab)

    repetition = lab.engine.wait(ADA, lab.engine.resubmit(ADA, original.id))

    assert repetition.inputs == original.inputs
    assert repetition.repeats == original.id
    assert repetition.verdict.sameness is Sameness.IDENTICAL


def test_a_method_that_gives_something_else_differs_and_the_output_is_named() -> None:
    lab = a_laboratory(at_once=True)
    counter = itertools.count()
    lab.runner.change = lambda content: content + str(next(counter)).encode()
    original = execute(lab)

    repetition = lab.engine.wait(ADA, lab.engine.resubmit(ADA, original.id))

    assert str(repetition.verdict) == "differs: loud"


def test_the_same_version_is_used_after_a_newer_one_was_published() -> None:
    lab = a_laboratory(at_once=True)
    original = execute(lab)
    lab.ports.catalogue.publish(a_method(version="2"))

    repetition = lab.engine.resubmit(ADA, original.id)

    assert repetition.package == original.package


def test_a_withdrawn_version_can_still_be_repeated() -> None:
    lab = a_laboratory(at_once=True)
    original = execute(lab)
    lab.ports.catalogue.withdraw(None, "SHOUT", original.package, NOW)

    assert lab.engine.resubmit(ADA, original.id).repeats == original.id


def test_a_deleted_input_is_the_reason_that_is_given() -> None:
    lab = a_laboratory(at_once=True)
    original = execute(lab)
    lab.engine.remove_item(ADA, f"Computations/{original.id}/inputs/text/words.txt")

    with pytest.raises(CannotRepeat, match=r"input 'text' \(words.txt\) was deleted on"):
        lab.engine.resubmit(ADA, original.id)


def test_bytes_that_another_computation_still_shows_are_not_deleted() -> None:
    lab = a_laboratory(at_once=True)
    first, second = execute(lab), execute(lab)

    lab.engine.remove_item(ADA, f"Computations/{first.id}/inputs/text/words.txt")

    assert lab.engine.resubmit(ADA, second.id).repeats == second.id


def test_a_strangers_computation_cannot_be_repeated() -> None:
    lab = a_laboratory(at_once=True)
    original = execute(lab)

    with pytest.raises(UnknownComputation):
        lab.engine.resubmit(a_caller("bob"), original.id)


@pytest.mark.parametrize(
    "media_type", ["application/provenance+xml", "application/json", "text/turtle"]
)
def test_a_provenance_document_is_enough(media_type: str) -> None:
    lab = a_laboratory(at_once=True)
    original = execute(lab)
    document = lab.engine.provenance(ADA, original.id, media_type)

    repetition = lab.engine.wait(ADA, lab.engine.resubmit_document(ADA, document))

    assert repetition.repeats == original.id
    assert repetition.verdict.sameness is Sameness.IDENTICAL


def test_a_document_that_contradicts_the_record_is_refused_with_the_reason() -> None:
    lab = a_laboratory(at_once=True)
    original = execute(lab)
    document = lab.engine.provenance(ADA, original.id, "application/json")
    digest = original.inputs[0].value.digest
    forged = document.replace(digest.encode(), b"0" * 64)

    with pytest.raises(CannotRepeat, match="another content of input 'text'"):
        lab.engine.resubmit_document(ADA, forged)


def test_a_strangers_document_opens_nothing() -> None:
    lab = a_laboratory(at_once=True)
    document = lab.engine.provenance(ADA, execute(lab).id, "application/json")

    with pytest.raises(UnknownComputation):
        lab.engine.resubmit_document(a_caller(tenant="geo"), document)


def test_what_is_no_provenance_is_refused() -> None:
    with pytest.raises(InvalidDocument):
        a_laboratory().engine.resubmit_document(ADA, b"hello")
