"""What a client is told when something is wrong: one table from our errors to the standard's codes.

Source: OGC 05-007r7 (WPS 1.0.0), tables 38, 45 and 62; OGC 06-121r3 (OWS Common 1.1), table 25.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from dataminer.domain import errors
from dataminer.domain.errors import DataMinerError

NO_APPLICABLE_CODE = "NoApplicableCode"
INVALID = "InvalidParameterValue"
MISSING = "MissingParameterValue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One ows:Exception and the HTTP status that it comes with."""

    code: str
    status: HTTPStatus
    locator: str = ""  #: the parameter or input at fault; empty: none
    text: str = ""  #: for a person


class RequestRejected(DataMinerError):
    """The request is not one that WPS 1.0.0 knows."""

    def __init__(
        self,
        code: str,
        text: str,
        *,
        locator: str = "",
        status: HTTPStatus = HTTPStatus.BAD_REQUEST,
    ) -> None:
        super().__init__(text)
        self.fault = Fault(code=code, status=status, locator=locator, text=text)


def _row(code: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST, locator: str = "") -> Fault:
    return Fault(code=code, status=status, locator=locator)


#: The nearest row of an error's class and its bases counts. A row without a locator takes the
#: error's identifier, which is the input's or output's.
TABLE: Mapping[type[DataMinerError], Fault] = {
    DataMinerError: _row(NO_APPLICABLE_CODE, HTTPStatus.INTERNAL_SERVER_ERROR),
    errors.NotFound: _row(NO_APPLICABLE_CODE, HTTPStatus.NOT_FOUND),
    errors.UnknownMethod: _row(INVALID, locator="Identifier"),
    errors.UnknownComputation: _row(INVALID, locator="computation"),
    errors.InvalidInput: _row(INVALID),
    errors.MissingInput: _row(MISSING),
    errors.InputTooLarge: _row("FileSizeExceeded", HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    errors.UnknownOutput: _row(INVALID),
    errors.InvalidDocument: _row(NO_APPLICABLE_CODE),
    errors.AccessDenied: _row(NO_APPLICABLE_CODE, HTTPStatus.FORBIDDEN),
    errors.NotAuthenticated: _row(NO_APPLICABLE_CODE, HTTPStatus.UNAUTHORIZED),
    errors.Conflict: _row(NO_APPLICABLE_CODE, HTTPStatus.CONFLICT),
    errors.ServerBusy: _row("ServerBusy", HTTPStatus.SERVICE_UNAVAILABLE),
    # 501 and not 503: OWSLib shows its user the text of the one and hides that of the other
    errors.RuntimeUnavailable: _row(NO_APPLICABLE_CODE, HTTPStatus.NOT_IMPLEMENTED),
    errors.CannotRepeat: _row(NO_APPLICABLE_CODE, HTTPStatus.CONFLICT),
    errors.ScriptRejected: _row(NO_APPLICABLE_CODE),
    errors.ComputationFailed: _row(NO_APPLICABLE_CODE, HTTPStatus.INTERNAL_SERVER_ERROR),
    errors.InvalidSettings: _row(NO_APPLICABLE_CODE, HTTPStatus.INTERNAL_SERVER_ERROR),
}


def fault_of(error: DataMinerError) -> Fault:
    """What a client is told about this error."""
    if isinstance(error, RequestRejected):
        return error.fault
    row = next(TABLE[kind] for kind in type(error).__mro__ if kind in TABLE)
    return Fault(
        code=row.code,
        status=row.status,
        locator=row.locator or getattr(error, "identifier", ""),
        text=str(error),
    )
