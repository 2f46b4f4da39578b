"""Who a request is from."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

import pytest

from dataminer.callers import Callers
from dataminer.domain.errors import NotAuthenticated
from dataminer.domain.tenants import Caller
from tests.builders import a_caller

TOKEN = "dm_planted-secret"
LOCAL = a_caller("local", "demo")


class OneToken:
    """Knows one token."""

    def authenticate(self, token: str) -> Caller:
        if token != TOKEN:
            raise NotAuthenticated
        return a_caller()


def seen(*, anonymous: Caller | None = None, **environ: str) -> dict[str, Any]:
    """What the application sees of a request."""
    kept: dict[str, Any] = {}

    def application(environment: dict[str, Any], _start: object) -> Iterable[bytes]:
        kept.update(environment)
        return []

    request = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8080", **environ}
    Callers(application, OneToken(), anonymous=anonymous, port=8080)(request, None)
    return kept


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize(
    "request_",
    [
        {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}"},
        {"HTTP_AUTHORIZATION": basic("ada", TOKEN)},
        {"HTTP_GCUBE_TOKEN": TOKEN},
        {"QUERY_STRING": f"gcube-token={TOKEN}"},
        {"QUERY_STRING": f"service=WPS&Gcube-Token={TOKEN}&request=GetCapabilities"},
        {"QUERY_STRING": f"gcube%2Dtoken={TOKEN}"},
    ],
)
def test_a_token_is_taken_from_wherever_clients_put_it_and_is_gone_then(
    request_: dict[str, str],
) -> None:
    environ = seen(**request_, RAW_URI=f"/wps?{request_.get('QUERY_STRING', '')}")

    assert environ.pop("dataminer.caller") == a_caller()
    assert TOKEN not in repr(environ)


def test_the_rest_of_the_query_stays_as_it_was() -> None:
    environ = seen(QUERY_STRING=f"a=%20x;y&gcube-token={TOKEN}&b=", RAW_URI="/wps?a=%20x;y&b=")

    assert environ["QUERY_STRING"] == "a=%20x;y&b="


@pytest.mark.parametrize(
    "request_",
    [
        {"HTTP_AUTHORIZATION": "Bearer wrong"},
        {"HTTP_AUTHORIZATION": "Basic !!!"},
        {"HTTP_AUTHORIZATION": basic("ada", "")},
        {"QUERY_STRING": "gcube-token=wrong"},
    ],
)
def test_a_wrong_token_is_nobodys_even_where_no_token_would_do(request_: dict[str, str]) -> None:
    assert seen(anonymous=LOCAL, **request_)["dataminer.caller"] is None


@pytest.mark.parametrize(
    "request_",
    [
        {"HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_SEC_FETCH_SITE": "same-site"},
        {"HTTP_ORIGIN": "http://evil.example"},
        {"HTTP_ORIGIN": "null"},
    ],
)
def test_a_foreign_page_cannot_use_the_password_that_a_browser_remembers(
    request_: dict[str, str],
) -> None:
    remembered = {"HTTP_AUTHORIZATION": basic("ada", TOKEN), **request_}

    assert seen(**remembered)["dataminer.caller"] is None
    assert seen(HTTP_AUTHORIZATION=f"Bearer {TOKEN}", **request_)["dataminer.caller"] == a_caller()


def test_without_a_token_nobody_is_anybody() -> None:
    assert seen()["dataminer.caller"] is None


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:8080", "[::1]:8080"])
def test_the_demonstration_lets_local_programs_in(host: str) -> None:
    assert seen(anonymous=LOCAL, HTTP_HOST=host)["dataminer.caller"] == LOCAL


def test_the_demonstration_lets_its_own_pages_in() -> None:
    environ = seen(
        anonymous=LOCAL, HTTP_ORIGIN="http://127.0.0.1:8080", HTTP_SEC_FETCH_SITE="same-origin"
    )

    assert environ["dataminer.caller"] == LOCAL


@pytest.mark.parametrize(
    "request_",
    [
        {"HTTP_HOST": "evil.example:8080"},
        {"HTTP_HOST": "127.0.0.1.evil.example:8080"},
        {"HTTP_HOST": "127.0.0.1:9090"},
        {"HTTP_HOST": "127.0.0.1:x"},
        {"HTTP_HOST": ""},
        {"REMOTE_ADDR": "192.0.2.1"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_VIA": "1.1 proxy"},
        {"HTTP_ORIGIN": "http://evil.example"},
        {"HTTP_ORIGIN": "http://127.0.0.1:9090"},
        {"HTTP_ORIGIN": "null"},
        {"HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_SEC_FETCH_SITE": "same-site"},
    ],
)
def test_the_demonstration_lets_nobody_else_in(request_: dict[str, str]) -> None:
    assert seen(anonymous=LOCAL, **request_)["dataminer.caller"] is None
