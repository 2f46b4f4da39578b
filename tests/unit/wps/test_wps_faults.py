"""Every error of ours has its fault."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

import pytest

from dataminer.domain import errors
from dataminer.domain.errors import DataMinerError
from dataminer.wps.faults import TABLE, RequestRejected, fault_of
from dataminer.wps.responses import fault_response
from tests.conformance.validation import faults_of

STANDARD_CODES = {
    "FileSizeExceeded",
    "InvalidParameterValue",
    "MissingParameterValue",
    "NoApplicableCode",
    "NotEnoughStorage",
    "OperationNotSupported",
    "ServerBusy",
    "StorageNotSupported",
    "VersionNegotiationFailed",
}


def kinds(kind: type[DataMinerError]) -> Iterator[type[DataMinerError]]:
    for child in kind.__subclasses__():
        yield child
        yield from kinds(child)


def an_error(kind: type[DataMinerError]) -> DataMinerError:
    if issubclass(kind, errors.InvalidInput | errors.UnknownOutput):
        return kind("table", "is <wrong> & bad.")
    if issubclass(kind, errors.CannotRepeat | errors.ScriptRejected | errors.InvalidSettings):
        return kind(("one", "two"))
    if issubclass(kind, RequestRejected):
        return kind("NoApplicableCode", "no")
    return kind()


def test_every_error_directly_below_the_root_has_a_row_of_its_own() -> None:
    ours = [kind for kind in DataMinerError.__subclasses__() if kind.__module__ == errors.__name__]

    assert [kind for kind in ours if kind not in TABLE] == []


@pytest.mark.parametrize("kind", sorted(kinds(DataMinerError), key=lambda k: k.__name__))
def test_every_error_becomes_a_valid_report_with_a_code_of_the_standard(kind) -> None:
    fault = fault_of(an_error(kind))

    response = fault_response(fault)

    assert fault.code in STANDARD_CODES
    assert fault.text
    assert response.status_code >= 400
    assert faults_of(response.get_data()) == []


@pytest.mark.parametrize(
    "kind", [errors.InvalidInput, *kinds(errors.InvalidInput), errors.UnknownOutput]
)
def test_a_fault_about_an_input_or_output_names_it(kind) -> None:
    fault = fault_of(an_error(kind))

    assert fault.locator == "table"
    assert "'table'" in fault.text


def test_who_is_nobody_is_asked_for_credentials() -> None:
    response = fault_response(fault_of(errors.NotAuthenticated()))

    assert response.status_code == HTTPStatus.UNAUTHORIZED
    assert response.headers["WWW-Authenticate"].startswith("Basic ")


def test_a_busy_server_says_when_to_come_back() -> None:
    response = fault_response(fault_of(errors.ServerBusy()))

    assert response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert int(response.headers["Retry-After"]) > 0
