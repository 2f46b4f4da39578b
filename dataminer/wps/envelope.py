"""A request's envelope: which operation, of which version, about which processes.

PyWPS reads it. It does not read what it would read wrongly: the body (it takes one of any size,
with entities, and JSON), accepted versions (it lets the last one win and looks for them in the
wrong namespace), the language (from a global configuration), inputs and output definitions (see
`inputs`, `kvp` and `forms`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus

from lxml import etree
from pywps.app.WPSRequest import WPSRequest
from pywps.exceptions import (
    InvalidParameterValue,
    NoApplicableCode,
    OperationNotSupported,
    VersionNegotiationFailed,
)
from werkzeug.wrappers import Request

from dataminer.wps.bodies import OWS, WPS, Element, read_body
from dataminer.wps.faults import RequestRejected
from dataminer.wps.forms import (
    ResponseForm,
    form_in_query,
    outputs_in_body,
    response_form,
    text_of,
)

VERSION = "1.0.0"
LANGUAGE = "en-US"

# PyWPS logs every fault of a client as an error with a traceback, and values that it cannot split.
logging.getLogger("PYWPS").setLevel(logging.CRITICAL + 1)

_OPERATIONS = frozenset(
    f"{WPS}{name}" for name in ("GetCapabilities", "DescribeProcess", "Execute")
)
_OTHER_VERSIONS = frozenset(("http://www.opengis.net/wps", "http://www.opengis.net/wps/2.0"))
_STATUS: Mapping[str, HTTPStatus] = {"OperationNotSupported": HTTPStatus.NOT_IMPLEMENTED}


class Envelope(WPSRequest):
    """What a request says besides its inputs.

    Raises:
        RequestRejected: when it is made.
    """

    def __init__(self, http_request: Request, limit_bytes: int) -> None:
        self.identifiers: list[str] | None = None  #: of a DescribeProcess
        self.form = ResponseForm()  #: of an Execute
        self.body: Element | None = None  #: of a POST
        self.data_inputs: Element | None = None  #: of a POST Execute
        self._limit_bytes = limit_bytes
        self._asked_version = ""
        try:
            super().__init__(http_request)
        except NoApplicableCode as error:
            is_name = error.description == error.locator  # all that PyWPS says of what is missing
            raise RequestRejected(
                error.name,
                f"'{error.locator}' is required." if is_name else error.description,
                locator=error.locator,
                status=_STATUS.get(error.name, HTTPStatus.BAD_REQUEST),
            ) from error

    @property
    def query(self) -> str:
        """The query as it was sent."""
        return str(self.http_request.environ.get("QUERY_STRING", ""))

    def check_and_set_language(self, language: str | None) -> None:
        """One language is spoken here."""
        if language and language.lower() != LANGUAGE.lower():
            raise InvalidParameterValue(
                f"The language '{language}' is not spoken here; {LANGUAGE} is.", "language"
            )
        self.language = LANGUAGE

    def check_accepted_versions(self, acceptedversions: str | None) -> None:
        """The first accepted version that we have counts, then `version`, then our default."""
        accepted = [v.strip() for v in (acceptedversions or "").split(",") if v.strip()]
        if self.body is not None:
            versions = self.body.iterfind(f"{WPS}AcceptVersions/{OWS}Version")
            accepted += [text_of(version, ".") for version in versions]
        if VERSION not in (accepted or [self._asked_version or VERSION]):
            raise VersionNegotiationFailed(f"None of these versions is spoken here; {VERSION} is.")
        self.set_version(VERSION)

    def check_and_set_version(self, version: str | None, allow_default: bool = True) -> None:  # noqa: ARG002 - as PyWPS calls it
        """Source: OGC 06-121r3, table 25: only GetCapabilities negotiates."""
        if version and version != VERSION:
            raise InvalidParameterValue(
                f"The version '{version}' is not spoken here; {VERSION} is.", "version"
            )
        self.set_version(VERSION)

    def _get_request(self) -> None:
        names = {name.lower(): value for name, value in self.http_request.args.items()}
        self._asked_version = names.get("version", "")
        super()._get_request()
        if self.operation == "execute":
            self.form = form_in_query(self.query, **self._flags())

    def _post_request(self) -> None:
        root = self.body = read_body(self.http_request, self._limit_bytes)
        self._check_root(root)
        self.set_version(VERSION)
        read_rest = self._post_request_parser(root.tag)
        if self.operation != "execute":
            read_rest(root)
            self.identifiers = [identifier or "" for identifier in self.identifiers or ()]
            return
        outputs, raw = outputs_in_body(root)
        self.data_inputs = _take_out(root, f"{WPS}DataInputs")
        read_rest(root)
        self.form = response_form(outputs, raw=raw, **self._flags())

    def _check_root(self, root: Element) -> None:
        name = etree.QName(root)
        self._asked_version = root.get("version", "")
        if root.get("service", "WPS").upper() != "WPS":
            raise InvalidParameterValue("The service is WPS.", "service")
        self.check_and_set_language(root.get("language"))
        if name.namespace in _OTHER_VERSIONS and name.localname == "GetCapabilities":
            raise VersionNegotiationFailed(f"Only version {VERSION} is spoken here.")
        if name.namespace in _OTHER_VERSIONS:
            raise InvalidParameterValue(f"Only version {VERSION} is spoken here.", "version")
        if root.tag not in _OPERATIONS:
            raise OperationNotSupported(f"'{name.localname}' is no WPS operation.", name.localname)

    def _flags(self) -> dict[str, str]:
        return {"store": self.store_execute, "status": self.status, "lineage": self.lineage}


def _take_out(root: Element, path: str) -> Element | None:
    part = root.find(path)
    if part is not None:
        root.remove(part)
    return part
