"""How a client wants its answer: kept with the record, because a status document is asked later."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from lxml import etree

from dataminer.wps.bodies import OWS, WPS, Element
from dataminer.wps.faults import INVALID, MISSING, RequestRejected
from dataminer.wps.kvp import Entry, entries, raw_parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputForm:
    """How one output is wanted."""

    identifier: str
    media_type: str = ""  #: empty: as the method gives it
    encoding: str = ""  #: empty: as fits; base64, or utf-8 for text as it is
    schema: str = ""
    unit: str = ""
    as_reference: bool = False  #: an address instead of the bytes; without meaning for literals
    title: str = ""  #: empty: the method's
    abstract: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseForm:
    """How the answer is wanted."""

    outputs: tuple[OutputForm, ...] = ()  #: empty: all
    raw: bool = False  #: the one output itself and no document
    store: bool = False  #: the document stays at an address
    status: bool = False  #: answer at once; the address tells how far it is
    lineage: bool = False  #: repeat inputs and output definitions
    given: tuple[str, ...] = ()  #: inputs that the client gave; the others have their defaults
    process: str = ""  #: the door's own process that made the record; empty: the method itself

    @property
    def identifiers(self) -> tuple[str, ...]:
        """The outputs that are wanted; empty: all."""
        return tuple(output.identifier for output in self.outputs)

    def output(self, identifier: str) -> OutputForm:
        """How this output is wanted."""
        wanted = (output for output in self.outputs if output.identifier == identifier)
        return next(wanted, OutputForm(identifier=identifier))

    def to_text(self) -> str:
        """JSON for the record."""
        facts = {k: v for k, v in asdict(self).items() if v}
        return json.dumps({"wps": facts}, separators=(",", ":"))


def form_of(text: str) -> ResponseForm:
    """The form in a record; the default for a record that came through another door."""
    facts = json.loads(text or "{}").get("wps", {})
    outputs = tuple(OutputForm(**output) for output in facts.pop("outputs", ()))
    given = tuple(facts.pop("given", ()))
    return ResponseForm(outputs=outputs, given=given, **facts)


def form_in_query(query: str, *, store: str, status: str, lineage: str) -> ResponseForm:
    """What the query of a GET Execute says of the response.

    Raises:
        RequestRejected
    """
    document = raw_parameter(query, "ResponseDocument")
    raw = raw_parameter(query, "RawDataOutput") if document is None else None
    outputs = tuple(_output_in_query(entry) for entry in entries(document or raw or ""))
    if raw is not None and len(outputs) != 1:
        raise RequestRejected(INVALID, "Name one output.", locator="RawDataOutput")
    return response_form(outputs, raw=raw is not None, store=store, status=status, lineage=lineage)


def outputs_in_body(execute: Element) -> tuple[tuple[OutputForm, ...], bool]:
    """The wanted outputs of a POST Execute, and whether the one output is wanted raw.

    Raises:
        RequestRejected
    """
    raw = execute.find(f"{WPS}ResponseForm/{WPS}RawDataOutput")
    if raw is not None:
        return (_output_in_body(raw),), True
    wanted = execute.iterfind(f"{WPS}ResponseForm/{WPS}ResponseDocument/{WPS}Output")
    return tuple(_output_in_body(element) for element in wanted), False


def response_form(
    outputs: tuple[OutputForm, ...], *, raw: bool, store: str, status: str, lineage: str
) -> ResponseForm:
    """The form that these words ask for; raw output knows neither store, status nor lineage.

    Raises:
        RequestRejected
    """
    if raw:
        return ResponseForm(outputs=outputs, raw=True)
    form = ResponseForm(
        outputs=outputs,
        store=_boolean(store, "storeExecuteResponse"),
        status=_boolean(status, "status"),
        lineage=_boolean(lineage, "lineage"),
    )
    if form.status and not form.store:  # OGC 05-007r7, table 50
        raise RequestRejected(
            INVALID, "status=true needs storeExecuteResponse=true.", locator="status"
        )
    return form


def _output_in_query(entry: Entry) -> OutputForm:
    attributes = entry.attributes
    return OutputForm(
        identifier=entry.identifier,
        media_type=attributes.get("mimeType", ""),
        encoding=attributes.get("encoding", ""),
        schema=attributes.get("schema", ""),
        unit=attributes.get("uom", ""),
        as_reference=_boolean(attributes.get("asReference", "false"), "asReference"),
    )


def _output_in_body(element: Element) -> OutputForm:
    identifier = text_of(element, f"{OWS}Identifier")
    if not identifier:
        name = etree.QName(element).localname
        raise RequestRejected(MISSING, f"{name} has no ows:Identifier.", locator="Identifier")
    return OutputForm(
        identifier=identifier,
        media_type=element.get("mimeType", ""),
        encoding=element.get("encoding", ""),
        schema=element.get("schema", ""),
        unit=element.get("uom", ""),
        as_reference=_boolean(element.get("asReference", "false"), "asReference"),
        title=text_of(element, f"{OWS}Title"),
        abstract=text_of(element, f"{OWS}Abstract"),
    )


def text_of(element: Element, path: str) -> str:
    """The text of a part, without space around it; empty when the part is not there."""
    return (element.findtext(path) or "").strip()


def _boolean(text: str, name: str) -> bool:
    """A boolean of XML Schema."""
    match text.strip().lower():
        case "true" | "1":
            return True
        case "false" | "0" | "":
            return False
    raise RequestRejected(INVALID, f"'{text}' is neither true nor false.", locator=name)
