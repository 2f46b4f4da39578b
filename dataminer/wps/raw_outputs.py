"""An output by itself, without a document around it: RawDataOutput, and the outputs' addresses."""

from __future__ import annotations

from http import HTTPStatus

from werkzeug.wrappers import Response

from dataminer.domain.computations import Status
from dataminer.domain.errors import UnknownItem
from dataminer.domain.values import BoundingBox, Literal, Value
from dataminer.engine import Engine
from dataminer.wps import rendering, responses
from dataminer.wps.answers import Answer
from dataminer.wps.encodings import is_base64
from dataminer.wps.faults import NO_APPLICABLE_CODE, RequestRejected
from dataminer.wps.forms import OutputForm


def raw_output(engine: Engine, answer: Answer) -> Response:
    """The one output that the client wants.

    Raises:
        RequestRejected: the job failed, or did not give this output.
    """
    form = answer.form.outputs[0]
    if answer.status is not Status.SUCCEEDED:
        fault = answer.fault
        raise RequestRejected(fault.code, fault.text, status=fault.status)
    value = next((b.value for b in answer.outputs if b.identifier == form.identifier), None)
    if value is None:
        raise RequestRejected(
            NO_APPLICABLE_CODE,
            f"The process gave no output '{form.identifier}'.",
            locator=form.identifier,
            status=HTTPStatus.NOT_FOUND,
        )
    return raw_response(engine, form, value)


def raw_response(engine: Engine, form: OutputForm, value: Value) -> Response:
    """An output's bytes, text or box.

    Raises:
        UnknownItem: its bytes are gone.
    """
    if isinstance(value, Literal):
        return responses.text_response(value.text)
    if isinstance(value, BoundingBox):
        return responses.text_response(rendering.bounding_box(value), responses.XML)
    if value.deleted_at is not None:  # the same bytes may be here for somebody else
        raise UnknownItem(f"Output '{form.identifier}' was deleted.")
    if is_base64(form.encoding):
        return responses.base64_response(lambda: engine.open_payload(value), value.media_type)
    return responses.payload_response(
        engine.open_payload(value),
        media_type=value.media_type,
        size_bytes=value.size_bytes,
        digest=value.digest,
        name=value.name,
    )
