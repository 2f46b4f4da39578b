"""Execute, and what stays of a job at its addresses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from werkzeug.wrappers import Response

from dataminer.connections import HungUp
from dataminer.domain.computations import Computation
from dataminer.domain.errors import UnknownComputation, UnknownItem, UnknownOutput
from dataminer.domain.orders import OfferedContent, Order
from dataminer.domain.tenants import Caller
from dataminer.engine import Engine
from dataminer.wps import rendering
from dataminer.wps.answers import Answer, Presenter, answer_of, unknown_answer
from dataminer.wps.descriptions import Descriptions
from dataminer.wps.encodings import is_plain
from dataminer.wps.envelope import Envelope
from dataminer.wps.faults import INVALID, MISSING, RequestRejected
from dataminer.wps.forms import OutputForm, ResponseForm, form_of
from dataminer.wps.inputs import Given, inputs_in_body, inputs_in_query
from dataminer.wps.offerings import Offering, formats_of
from dataminer.wps.own_processes import OWN_PROCESSES, OwnProcesses, repetition_answer
from dataminer.wps.raw_outputs import raw_output, raw_response
from dataminer.wps.responses import streamed_response
from dataminer.wps.service import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """Starts jobs and tells about them."""

    engine: Engine
    service: Service
    descriptions: Descriptions

    def execute(self, caller: Caller, envelope: Envelope, hung_up: HungUp | None) -> Response:
        """The answer to an Execute.

        Raises:
            DataMinerError
        """
        reference = (envelope.identifier or "").strip()
        if not reference:
            raise RequestRejected(MISSING, "Name a process.", locator="Identifier")
        offering = self.descriptions.offering(caller, reference)
        _check_outputs(offering, envelope.form)
        with _inputs_of(envelope, offering) as given:
            form = replace(envelope.form, given=tuple(dict.fromkeys(name for name, _ in given)))
            if offering.identifier in OWN_PROCESSES:
                own = OwnProcesses(engine=self.engine)
                return self._respond(own.execute(caller, offering, given, form, hung_up))
            order = Order(
                method=reference,
                inputs=given,
                outputs=form.identifiers,
                response=form.to_text(),
            )
            computation = self._computation(caller, order, form, hung_up)
        return self._respond(answer_of(computation, offering, form))

    def status(self, address_key: str) -> Response:
        """The document about a job as it stands; an unknown job has failed."""
        try:
            answer = self._recorded(self.engine.computation_at(address_key))
        except UnknownComputation:
            answer = unknown_answer()
        return self._document(answer)

    def output(self, address_key: str, identifier: str) -> Response:
        """An output of a job by itself.

        Raises:
            UnknownItem: there is none.
        """
        try:
            computation = self.engine.computation_at(address_key)
        except UnknownComputation as error:
            raise UnknownItem(str(error)) from error
        value = computation.output(identifier)
        if value is None:
            raise UnknownItem(f"There is no output '{identifier}'.")
        return raw_response(self.engine, OutputForm(identifier=identifier), value)

    def _computation(
        self, caller: Caller, order: Order, form: ResponseForm, hung_up: HungUp | None
    ) -> Computation:
        if form.status:
            return self.engine.execute(caller, order)
        return self.engine.execute_and_wait(caller, order, hung_up)

    def _recorded(self, computation: Computation) -> Answer:
        form = replace(form_of(computation.response), store=True)
        if form.process:
            return repetition_answer(computation, form)
        offering = self.descriptions.recorded(computation)
        return answer_of(computation, offering, form)

    def _respond(self, answer: Answer) -> Response:
        if answer.form.raw:
            return raw_output(self.engine, answer)
        return self._document(answer)

    def _document(self, answer: Answer) -> Response:
        presenter = Presenter(engine=self.engine, service=self.service)
        inputs, outputs = presenter.inputs(answer), presenter.outputs(answer)
        return streamed_response(rendering.execute_response(self.service, answer, inputs, outputs))


@contextmanager
def _inputs_of(envelope: Envelope, offering: Offering) -> Iterator[tuple[Given, ...]]:
    """The inputs of an Execute; what they keep in temporary files is gone afterwards."""
    declared = offering.declared
    source = (
        inputs_in_query(envelope.query, declared)
        if envelope.body is None
        else inputs_in_body(envelope.data_inputs, declared)
    )
    with ExitStack() as stack:
        given = []
        for identifier, offered in source:
            given.append((identifier, offered))
            if isinstance(offered, OfferedContent):
                stack.enter_context(offered.stream)
        yield tuple(given)


def _check_outputs(offering: Offering, form: ResponseForm) -> None:
    """Raises: UnknownOutput, RequestRejected: an output cannot be had in this way."""
    for wanted in form.outputs:
        output = offering.output(wanted.identifier)
        if output is None:
            known = ", ".join(output.identifier for output in offering.outputs)
            raise UnknownOutput(
                wanted.identifier, f"is not an output of {offering.identifier}; it has: {known}."
            )
        if output.unit and wanted.unit not in ("", output.unit):
            raise _unavailable(wanted, f"in {wanted.unit}; its unit is {output.unit}")
        if not output.type.is_complex:
            continue
        media_types = {f.media_type.lower() for f in formats_of(output)}
        if wanted.media_type and wanted.media_type.lower() not in media_types:
            known = ", ".join(sorted(media_types))
            raise _unavailable(wanted, f"as {wanted.media_type}; it can be had as {known}")
        if not is_plain(wanted.encoding):
            raise _unavailable(wanted, f"in {wanted.encoding}; it can be had in base64")


def _unavailable(wanted: OutputForm, text: str) -> RequestRejected:
    message = f"Output '{wanted.identifier}' cannot be had {text}."
    return RequestRejected(INVALID, message, locator=wanted.identifier)
