"""The WPS door as a WSGI application, to be mounted at /wps."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from werkzeug.wrappers import Request, Response

from dataminer.callers import CALLER
from dataminer.connections import hung_up_of
from dataminer.domain.errors import AccessDenied, DataMinerError, NotAuthenticated
from dataminer.domain.tenants import Caller
from dataminer.engine import Engine
from dataminer.wps.descriptions import Descriptions
from dataminer.wps.envelope import Envelope
from dataminer.wps.faults import NO_APPLICABLE_CODE, Fault, RequestRejected, fault_of
from dataminer.wps.jobs import Jobs
from dataminer.wps.responses import document_response, fault_response
from dataminer.wps.service import Service

_log = logging.getLogger(__name__)

_STATUS = re.compile(r"/computations/([\w-]+)/?")
_OUTPUT = re.compile(r"/computations/([\w-]+)/outputs/(.+)")
_OWN_SITES = (None, "same-origin", "none")  #: what a browser says when no other site is involved
_BROKEN = Fault(
    code=NO_APPLICABLE_CODE,
    status=HTTPStatus.INTERNAL_SERVER_ERROR,
    text="The server failed; its operator finds the cause in the log.",
)


def wps_application(
    engine: Engine, *, public_url: str, max_body_bytes: int, provider: str = "DataMiner"
) -> Door:
    """A WSGI application for everything below `<public_url>/wps`.

    It finds the caller in the environment, where `dataminer.callers` puts it. The addresses of
    jobs and their outputs need none.
    """
    service = Service(
        base_url=public_url.rstrip("/"),
        provider=provider,
        maximum_megabytes=engine.limits.input_bytes // 1_000_000,
        request_bytes=max_body_bytes,
    )
    return Door(engine, service)


class Door:
    """The application."""

    def __init__(self, engine: Engine, service: Service) -> None:
        self._service = service
        self._descriptions = Descriptions(engine=engine, service=service)
        self._jobs = Jobs(engine=engine, service=service, descriptions=self._descriptions)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer; whatever goes wrong is an exception report."""
        request = Request(environ)
        try:
            response = self._answer(request)
        except DataMinerError as error:
            response = fault_response(fault_of(error))
        except Exception:  # noqa: BLE001 - the last place where it can be told to anybody
            _log.exception("a WPS request broke the door")
            response = fault_response(_BROKEN)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        path = request.path
        if path == "/":
            return self._operate(request)
        if request.method not in ("GET", "HEAD"):
            return _not_allowed(request, "GET, HEAD")
        if match := _STATUS.fullmatch(path):
            return self._jobs.status(match[1])
        if match := _OUTPUT.fullmatch(path):
            return _conditional(self._jobs.output(match[1], match[2]), request)
        raise RequestRejected(
            NO_APPLICABLE_CODE, "There is nothing at this address.", status=HTTPStatus.NOT_FOUND
        )

    def _operate(self, request: Request) -> Response:
        caller = request.environ.get(CALLER)
        if not isinstance(caller, Caller):
            raise NotAuthenticated
        if request.method not in ("GET", "POST"):
            return _not_allowed(request, "GET, POST")
        envelope = Envelope(request, self._service.request_bytes)
        if envelope.operation == "getcapabilities":
            return document_response(self._descriptions.capabilities(caller))
        if envelope.operation == "describeprocess":
            identifiers = envelope.identifiers or ()
            return document_response(self._descriptions.describe(caller, identifiers))
        if request.headers.get("Sec-Fetch-Site") not in _OWN_SITES:
            raise AccessDenied("A web page of another site cannot execute anything here.")
        return self._jobs.execute(caller, envelope, hung_up_of(request.environ))


def _conditional(response: Response, request: Request) -> Response:
    """The response without its body for a client that has it already, or wants none."""
    response.make_conditional(request)
    if request.method == "HEAD" or response.status_code == HTTPStatus.NOT_MODIFIED:
        response.close()
    return response


def _not_allowed(request: Request, allowed: str) -> Response:
    text = f"{request.method} is not possible here; {allowed} are."
    fault = Fault(code=NO_APPLICABLE_CODE, status=HTTPStatus.METHOD_NOT_ALLOWED, text=text)
    response = fault_response(fault)
    response.headers["Allow"] = allowed
    return response
