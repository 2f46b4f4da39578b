"""Records as PROV documents, in every format that we serve."""

from __future__ import annotations

import io
from collections.abc import Callable

from prov.model import ProvDocument
from prov.serializers.provjson import ProvJSONSerializer
from prov.serializers.provxml import ProvXMLSerializer

from dataminer.domain.addresses import Addresses
from dataminer.domain.computations import Computation
from dataminer.domain.errors import NotFound
from dataminer.domain.methods import Method
from provenance.model import document_of

PROV_XML = "application/provenance+xml"
PROV_JSON = "application/json"
TURTLE = "text/turtle"
PROV_N = "text/provenance-notation"


class ProvWriter:
    """Fulfils the port ProvenanceWriter."""

    def __init__(self, public_url: str) -> None:
        """Identifiers of computations, people and nodes are addresses below the public URL."""
        self._addresses = Addresses(base_url=public_url.rstrip("/"))

    def write(self, computation: Computation, method: Method, media_type: str) -> bytes:
        """One document in UTF-8; the same record always gives the same bytes.

        No address in it holds a credential.

        Raises:
            NotFound: no such format.
        """
        render = _RENDERERS.get(media_type)
        if render is None:
            formats = ", ".join(_RENDERERS)
            raise NotFound(f"Provenance is not available as '{media_type}', but as {formats}.")
        return render(document_of(computation, method, self._addresses))


def _as_xml(document: ProvDocument) -> bytes:
    stream = io.BytesIO()
    ProvXMLSerializer(document).serialize(stream)
    return stream.getvalue()


def _as_json(document: ProvDocument) -> bytes:
    stream = io.BytesIO()
    ProvJSONSerializer(document).serialize(stream, indent=2)
    return stream.getvalue() + b"\n"


def _as_turtle(document: ProvDocument) -> bytes:
    from provenance.turtle import to_turtle  # noqa: PLC0415 loads rdflib

    return to_turtle(document)


def _as_notation(document: ProvDocument) -> bytes:
    return document.get_provn().encode() + b"\n"


_RENDERERS: dict[str, Callable[[ProvDocument], bytes]] = {
    PROV_XML: _as_xml,
    PROV_JSON: _as_json,
    TURTLE: _as_turtle,
    PROV_N: _as_notation,
}
