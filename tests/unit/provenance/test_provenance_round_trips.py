from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from dataminer.domain.values import Literal
from provenance.reader import ProvReader
from provenance.recipes import recipe_of
from provenance.writer import PROV_JSON, PROV_XML, TURTLE, ProvWriter
from tests.unit.provenance.prov_records import (
    PUBLIC_URL,
    a_computation,
    a_method,
    bindings,
    every_ending,
    records,
)

READABLE = [PROV_XML, PROV_JSON, TURTLE]
thorough = settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("media_type", READABLE)
@given(record=records())
@thorough
def test_a_document_gives_back_the_recipe_of_its_computation(media_type, record):
    computation, method = record

    document = ProvWriter(PUBLIC_URL).write(computation, method, media_type)

    assert ProvReader().read(document) == recipe_of(computation)


@pytest.mark.parametrize("media_type", READABLE)
@pytest.mark.parametrize("ending", every_ending())
def test_every_ending_gives_back_its_recipe(media_type, ending):
    computation = every_ending()[ending]

    document = ProvWriter(PUBLIC_URL).write(computation, a_method(), media_type)

    assert ProvReader().read(document) == recipe_of(computation)


@pytest.mark.parametrize("media_type", READABLE)
def test_occurrences_of_one_input_keep_their_order(media_type):
    values = [("note", Literal(text=f"note {number}")) for number in range(30)]
    computation = a_computation(inputs=bindings(*values))

    document = ProvWriter(PUBLIC_URL).write(computation, a_method(), media_type)

    assert ProvReader().read(document).inputs == computation.inputs


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_does_not_matter(encoding):
    document = ProvWriter(PUBLIC_URL).write(a_computation(), a_method(), PROV_XML).decode()

    recipe = ProvReader().read(document.encode(encoding))

    assert recipe == recipe_of(a_computation())
