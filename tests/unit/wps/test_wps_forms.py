"""How an answer is wanted survives in the record."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dataminer.wps.forms import OutputForm, ResponseForm, form_of

texts = st.text(max_size=20)
outputs = st.builds(
    OutputForm,
    identifier=texts,
    media_type=texts,
    encoding=texts,
    schema=texts,
    unit=texts,
    as_reference=st.booleans(),
    title=texts,
    abstract=texts,
)
forms = st.builds(
    ResponseForm,
    outputs=st.lists(outputs, max_size=3).map(tuple),
    raw=st.booleans(),
    store=st.booleans(),
    status=st.booleans(),
    lineage=st.booleans(),
    given=st.lists(texts, max_size=3).map(tuple),
    process=texts,
)


@given(forms)
def test_a_form_comes_back_from_its_text(form) -> None:
    assert form_of(form.to_text()) == form


def test_a_record_from_another_door_has_the_default_form() -> None:
    assert form_of("") == form_of('{"other": {"raw": true}}') == ResponseForm()
