"""One table from the engine's errors to HTTP."""

from __future__ import annotations

from flask import Response, jsonify, request
from werkzeug.exceptions import HTTPException

from dataminer.domain import errors

#: The first row whose class fits counts.
STATUS: tuple[tuple[type[errors.DataMinerError], int], ...] = (
    (errors.NotFound, 404),
    (errors.InputTooLarge, 413),
    (errors.InvalidInput, 400),
    (errors.UnknownOutput, 400),
    (errors.InvalidDocument, 400),
    (errors.NotAuthenticated, 401),
    (errors.AccessDenied, 403),
    (errors.Conflict, 409),
    (errors.WaitExceeded, 504),
    (errors.ServerBusy, 503),
    (errors.RuntimeUnavailable, 503),
    (errors.CannotRepeat, 409),
    (errors.ScriptRejected, 422),
    (errors.ComputationFailed, 500),
    (errors.InvalidSettings, 500),
)


def status_of(error: errors.DataMinerError) -> int:
    """The HTTP status that says what the error is."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


def answer_our_fault(error: errors.DataMinerError) -> Response:
    """JSON that names the error and says what to do."""
    return _answer(status_of(error), type(error).__name__, str(error))


def answer_http_fault(error: HTTPException) -> Response:
    """The same form for what the web framework refuses."""
    return _answer(error.code or 500, error.name.replace(" ", ""), error.description or "")


def _answer(status: int, kind: str, message: str) -> Response:
    response = jsonify(error=kind, message=message)
    response.status_code = status
    if status == 401 and "text/html" in request.headers.get("Accept", ""):  # noqa: PLR2004
        response.headers["WWW-Authenticate"] = 'Basic realm="DataMiner: user name and token"'
    return response
