"""`resubmit` and `dismiss`: what WPS 1.0.0 has no operation for, any of its clients can execute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from dataminer.connections import HungUp
from dataminer.domain.computations import Computation, Status
from dataminer.domain.errors import (
    CannotRepeat,
    InvalidValue,
    MissingInput,
    TooManyOccurrences,
    UnknownInput,
)
from dataminer.domain.methods import DataType, Format, Input, Output
from dataminer.domain.orders import OfferedContent, OfferedLiteral
from dataminer.domain.tenants import Caller
from dataminer.domain.values import Binding, Literal
from dataminer.engine import Engine
from dataminer.wps.answers import Answer, answer_of
from dataminer.wps.forms import ResponseForm
from dataminer.wps.inputs import Given
from dataminer.wps.offerings import Offering

RESUBMIT = Offering(
    identifier="resubmit",
    version="1",
    title="Repeat a computation",
    abstract=(
        "Executes again what was executed before, with the same code, environment and inputs, and "
        "tells whether the outputs are identical. Give the computation's id or its provenance."
    ),
    category="COMPUTATIONS",
    inputs=(
        Input(
            identifier="computation",
            type=DataType.STRING,
            title="Id of the computation",
            min_occurs=0,
        ),
        Input(
            identifier="provenance",
            type=DataType.FILE,
            title="Provenance of the computation",
            abstract="A PROV document as this server writes it, embedded in the request.",
            min_occurs=0,
            formats=(
                Format(media_type="text/xml"),
                Format(media_type="application/xml"),
                Format(media_type="application/provenance+xml"),
                Format(media_type="application/json"),
                Format(media_type="text/turtle"),
            ),
        ),
    ),
    outputs=(
        Output(identifier="computation", type=DataType.STRING, title="Id of the repetition"),
        Output(
            identifier="verdict",
            type=DataType.STRING,
            title="Verdict",
            abstract="identical; differs: and where; or cannot be repeated: and why.",
        ),
    ),
)

DISMISS = Offering(
    identifier="dismiss",
    version="1",
    title="Dismiss a computation",
    abstract="Stops a computation that waits or runs; one that has ended is not shown any more.",
    category="COMPUTATIONS",
    inputs=(Input(identifier="computation", type=DataType.STRING, title="Id of the computation"),),
    outputs=(
        Output(
            identifier="status",
            type=DataType.STRING,
            title="Status of the computation",
            abstract="What it is afterwards; dismissed also while its processes are being ended.",
        ),
    ),
)

OWN_PROCESSES: Mapping[str, Offering] = {own.identifier: own for own in (RESUBMIT, DISMISS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnProcesses:
    """Executes the door's own processes; they take no slot and leave no record of their own."""

    engine: Engine

    def execute(
        self,
        caller: Caller,
        offering: Offering,
        given: tuple[Given, ...],
        form: ResponseForm,
        hung_up: HungUp | None,
    ) -> Answer:
        """The answer, finished unless it is a repetition that the client will ask for later.

        Raises:
            InvalidInput, UnknownComputation, ServerBusy
        """
        texts = _texts(offering, given)
        if offering is DISMISS:
            return self._dismiss(caller, texts, form)
        return self._resubmit(caller, texts, form, hung_up)

    def _dismiss(self, caller: Caller, texts: Mapping[str, bytes], form: ResponseForm) -> Answer:
        if "computation" not in texts:
            raise MissingInput("computation")
        identifier = texts["computation"].decode().strip()
        status = self.engine.dismiss(caller, identifier).status
        return _finished(
            DISMISS, form, {"status": status if status.has_ended else Status.DISMISSED}, identifier
        )

    def _resubmit(
        self, caller: Caller, texts: Mapping[str, bytes], form: ResponseForm, hung_up: HungUp | None
    ) -> Answer:
        form = replace(form, process=RESUBMIT.identifier)
        try:
            if form.status:
                return repetition_answer(self._repeat(caller, texts, form), form)
            with self.engine.place():
                repetition = self._repeat(caller, texts, form)
                return repetition_answer(self.engine.wait(caller, repetition, hung_up), form)
        except CannotRepeat as error:
            original = texts.get("computation", b"").decode()
            return _finished(RESUBMIT, form, {"verdict": str(error)}, original)

    def _repeat(
        self, caller: Caller, texts: Mapping[str, bytes], form: ResponseForm
    ) -> Computation:
        match texts:
            case {"computation": identifier, **rest} if not rest:
                name = identifier.decode().strip()
                return self.engine.resubmit(caller, name, form.to_text())
            case {"provenance": document, **rest} if not rest:
                return self.engine.resubmit_document(caller, document, form.to_text())
        raise MissingInput("computation", "or else 'provenance' is required, and not both.")


def repetition_answer(repetition: Computation, form: ResponseForm) -> Answer:
    """The answer of `resubmit`, from the record that it made."""
    answer = answer_of(repetition, RESUBMIT, form)
    inputs = _bindings({"computation": repetition.repeats or ""})
    if repetition.verdict is None:
        return replace(answer, inputs=inputs, outputs=())
    outputs = _bindings({"computation": repetition.id, "verdict": str(repetition.verdict)})
    return replace(answer, status=Status.SUCCEEDED, message="", inputs=inputs, outputs=outputs)


def _finished(
    offering: Offering, form: ResponseForm, outputs: Mapping[str, str], computation: str
) -> Answer:
    return Answer(
        offering=offering,
        form=form,
        status=Status.SUCCEEDED,
        at=datetime.now(UTC),
        inputs=_bindings({"computation": computation}),
        outputs=_bindings(outputs),
    )


def _bindings(texts: Mapping[str, str]) -> tuple[Binding, ...]:
    return tuple(Binding(identifier=k, value=Literal(text=v)) for k, v in texts.items())


def _texts(offering: Offering, given: tuple[Given, ...]) -> Mapping[str, bytes]:
    """The inputs as bytes, each at most once."""
    texts: dict[str, bytes] = {}
    for identifier, offered in given:
        if identifier not in offering.declared:
            raise UnknownInput(identifier)
        if identifier in texts:
            raise TooManyOccurrences(identifier)
        if isinstance(offered, OfferedLiteral):
            texts[identifier] = offered.text.encode()
        elif isinstance(offered, OfferedContent):
            texts[identifier] = offered.stream.read()
        else:
            raise InvalidValue(identifier, "must stand in the request itself.")
    return texts
