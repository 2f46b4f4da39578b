"""What an ExecuteResponse tells, made from a record alone: any process can answer for any other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import BinaryIO

from markupsafe import Markup

from dataminer.domain.computations import Computation, Status
from dataminer.domain.errors import UnknownItem
from dataminer.domain.methods import DataType
from dataminer.domain.values import Binding, BoundingBox, Literal, Payload
from dataminer.engine import Engine
from dataminer.wps.encodings import Embedding, embedded, embedding_of
from dataminer.wps.faults import NO_APPLICABLE_CODE, Fault
from dataminer.wps.forms import OutputForm, ResponseForm
from dataminer.wps.lexical import double, media_type, uri
from dataminer.wps.offerings import XSD_TYPES, Offering
from dataminer.wps.service import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How a job stands, and how its client wants to be told."""

    offering: Offering
    form: ResponseForm
    status: Status
    at: datetime  #: when it ended; until then, now
    message: str = ""
    percent: int = 0
    address_key: str = ""  #: empty: it has no address
    inputs: tuple[Binding, ...] = ()
    outputs: tuple[Binding, ...] = ()

    @property
    def fault(self) -> Fault:
        """Why it failed."""
        return Fault(
            code=NO_APPLICABLE_CODE,
            status=HTTPStatus.INTERNAL_SERVER_ERROR,
            text=self.message or f"It was {self.status}.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An input or output as the element that shows it."""

    identifier: str
    title: str
    abstract: str = ""
    element: str  #: LiteralData, ComplexData, BoundingBoxData or Reference
    attributes: Mapping[str, str | None]  #: None: left out
    content: Iterable[str] = ()


def answer_of(computation: Computation, offering: Offering, form: ResponseForm) -> Answer:
    """The answer about a recorded computation."""
    return Answer(
        offering=offering,
        form=form,
        status=computation.status,
        at=computation.ended_at or datetime.now(UTC),
        message=computation.message,
        percent=computation.percent,
        address_key=computation.address_key,
        inputs=computation.inputs,
        outputs=computation.outputs,
    )


def unknown_answer() -> Answer:
    """The answer about a computation that is not there: clients stop asking only when it failed."""
    return Answer(
        offering=Offering(identifier="unknown", version="0", title="Unknown process"),
        form=ResponseForm(),
        status=Status.FAILED,
        at=datetime.now(UTC),
        message="There is no such computation, or it was dismissed and is not shown any more.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Presenter:
    """Turns values into the elements that show them."""

    engine: Engine
    service: Service

    def inputs(self, answer: Answer) -> list[Shown]:
        """The inputs that the client gave, if it wants to see them again."""
        if not answer.form.lineage:
            return []
        return [self._input(answer, b) for b in answer.inputs if b.identifier in answer.form.given]

    def outputs(self, answer: Answer) -> list[Shown]:
        """The outputs that the client wants, in its order."""
        wanted = answer.form.identifiers or tuple(o.identifier for o in answer.offering.outputs)
        return [
            self._output(answer, binding)
            for identifier in wanted
            for binding in answer.outputs
            if binding.identifier == identifier
        ]

    def _input(self, answer: Answer, binding: Binding) -> Shown:
        declared = answer.offering.declared.get(binding.identifier)
        title = declared.title if declared else ""
        form = OutputForm(identifier=binding.identifier, title=title or binding.identifier)
        value = binding.value
        if not isinstance(value, Payload):
            return _small(form, value, declared.type if declared else None)
        if not value.source:
            try:
                return self._embedded(replace(form, encoding=value.encoding), value)
            except UnknownItem:  # its owner deleted it: its name remains
                pass
        href = value.source or f"urn:x-dataminer:sha256:{value.digest}"
        return _reference(form, value, "xlink:href", href)

    def _output(self, answer: Answer, binding: Binding) -> Shown:
        declared = answer.offering.output(binding.identifier)
        form = answer.form.output(binding.identifier)
        form = replace(
            form,
            title=form.title or (declared.title if declared else "") or form.identifier,
            abstract=form.abstract or (declared.abstract if declared else ""),
        )
        value = binding.value
        if not isinstance(value, Payload):
            return _small(form, value, declared.type if declared else None)
        if not form.as_reference:
            try:
                return self._embedded(form, value)
            except UnknownItem:  # its owner deleted it: its address says so
                pass
        href = self.service.output_url(answer.address_key, binding.identifier)
        return _reference(form, value, "href", href)

    def _embedded(self, form: OutputForm, payload: Payload) -> Shown:
        """Raises: UnknownItem: the bytes are gone."""
        if payload.deleted_at is not None:  # the same bytes may be here for somebody else
            raise UnknownItem

        def open_payload() -> BinaryIO:
            return self.engine.open_payload(payload)

        embedding = embedding_of(payload, open_payload, form.encoding)
        encoding = "base64" if embedding is Embedding.BASE64 else form.encoding or None
        attributes = {**_described(payload), "encoding": encoding}
        return _shown(form, "ComplexData", attributes, embedded(open_payload, embedding))


def box_corners(box: BoundingBox) -> Markup:
    """The two corners, axes as the CRS orders them."""
    lower, upper = (" ".join(map(double, corner)) for corner in (box.lower, box.upper))
    return Markup(
        "<ows:LowerCorner>{}</ows:LowerCorner><ows:UpperCorner>{}</ows:UpperCorner>"
    ).format(lower, upper)


def box_attributes(box: BoundingBox) -> Mapping[str, str | None]:
    """CRS and number of dimensions."""
    return {"crs": uri(box.crs) or None, "dimensions": str(len(box.lower))}


def _small(form: OutputForm, value: Literal | BoundingBox, data_type: DataType | None) -> Shown:
    """A literal or a bounding box."""
    if isinstance(value, BoundingBox):
        return _shown(form, "BoundingBoxData", box_attributes(value), (box_corners(value),))
    attributes = {
        "dataType": XSD_TYPES[data_type][0] if data_type and data_type.is_literal else None,
        "uom": uri(value.unit) or None,
    }
    return _shown(form, "LiteralData", attributes, (value.text,))


def _reference(form: OutputForm, payload: Payload, name: str, href: str) -> Shown:
    return _shown(form, "Reference", {name: uri(href), **_described(payload)})


def _described(payload: Payload) -> Mapping[str, str | None]:
    return {"mimeType": media_type(payload.media_type), "schema": uri(payload.schema) or None}


def _shown(
    form: OutputForm,
    element: str,
    attributes: Mapping[str, str | None],
    content: Iterable[str] = (),
) -> Shown:
    return Shown(
        identifier=form.identifier,
        title=form.title,
        abstract=form.abstract,
        element=element,
        attributes=attributes,
        content=content,
    )
