"""Documents of WPS 1.0.0 from the domain, by templates that are compiled once.

PyWPS compiles its own at every request, and each of them gives documents that are not valid.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dataminer.domain.values import BoundingBox
from dataminer.wps.answers import Answer, Shown, box_attributes, box_corners
from dataminer.wps.faults import Fault
from dataminer.wps.forms import OutputForm
from dataminer.wps.lexical import character_data, legal, media_type, uri
from dataminer.wps.offerings import XSD_TYPES, Offering, crs_of, formats_of, min_occurs, number
from dataminer.wps.service import Service

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def _only_legal(value: object) -> object:
    """What XML cannot hold is replaced in every text that a template shows."""
    return legal(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _definition_attributes(definition: OutputForm) -> Mapping[str, str | None]:
    """As the client gave them."""
    return {
        "mimeType": media_type(definition.media_type) if definition.media_type else None,
        "encoding": uri(definition.encoding) or None,
        "schema": uri(definition.schema) or None,
        "uom": uri(definition.unit) or None,
        "asReference": "true" if definition.as_reference else None,
    }


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("dataminer.wps"),
        autoescape=True,
        auto_reload=False,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_only_legal,
    )
    environment.globals.update(
        xsd_types=XSD_TYPES,
        formats_of=formats_of,
        crs_of=crs_of,
        min_occurs=min_occurs,
        number=number,
    )
    environment.filters["definition_attributes"] = _definition_attributes
    environment.filters["character_data"] = lambda text: character_data(legal(text))
    return environment


_TEMPLATES = _environment()
_BOX = _TEMPLATES.get_template("box.xml")
_CAPABILITIES = _TEMPLATES.get_template("capabilities.xml")
_DESCRIPTIONS = _TEMPLATES.get_template("descriptions.xml")
_EXCEPTION = _TEMPLATES.get_template("exception.xml")
_EXECUTE = _TEMPLATES.get_template("execute.xml")


def capabilities(service: Service, processes: Iterable[Offering]) -> bytes:
    """A Capabilities document."""
    return _CAPABILITIES.render(service=service, processes=processes).encode()


def descriptions(service: Service, processes: Iterable[Offering]) -> bytes:
    """A ProcessDescriptions document."""
    return _DESCRIPTIONS.render(service=service, processes=processes).encode()


def exception_report(fault: Fault) -> bytes:
    """An ExceptionReport document."""
    return (_DECLARATION + _EXCEPTION.render(fault=fault)).encode()


def execute_response(
    service: Service, answer: Answer, inputs: Sequence[Shown], outputs: Sequence[Shown]
) -> Iterator[str]:
    """An ExecuteResponse document in pieces, so that no payload is ever whole in memory."""
    return _EXECUTE.generate(
        service=service,
        answer=answer,
        process=answer.offering,
        status_url=service.status_url(answer.address_key) if _has_address(answer) else "",
        time=_xsd_time(answer.at),
        fault=answer.fault,
        inputs=inputs,
        definitions=answer.form.outputs if answer.form.lineage else (),
        outputs=outputs,
    )


def bounding_box(box: BoundingBox) -> str:
    """A BoundingBox document."""
    return _DECLARATION + _BOX.render(attributes=box_attributes(box), corners=box_corners(box))


def _has_address(answer: Answer) -> bool:
    """Whether the client is told where the document stays."""
    return bool(answer.address_key) and answer.form.store


def _xsd_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
