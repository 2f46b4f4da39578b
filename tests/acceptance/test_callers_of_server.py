"""Tokens and tenants through every door of a real server."""

from __future__ import annotations

import pytest
import requests
from owslib.util import Authentication
from owslib.wps import SYNC, WebProcessingService

from tests.acceptance.conftest import Server
from tests.conformance.validation import faults_of

pytestmark = pytest.mark.xdist_group("server")

CAPABILITIES = "/wps?service=WPS&request=GetCapabilities"


@pytest.fixture(scope="module")
def tokens(server: Server) -> dict[str, str]:
    """A token of a user in each of two tenants."""
    made = {}
    for tenant in ("bio", "geo"):
        server.dataminer("tenant", "add", tenant)
        server.dataminer("user", "add", tenant, "ada", "--role", "author")
        made[tenant] = server.dataminer("token", "add", tenant, "ada").strip()
    return made


def signed_in(server: Server, token: str) -> WebProcessingService:
    auth = Authentication(username="ada", password=token)
    return WebProcessingService(f"{server.url}/wps", auth=auth)


def test_owslib_signs_in_with_the_token_as_password(server: Server, tokens: dict[str, str]) -> None:
    wps = signed_in(server, tokens["bio"])

    execution = wps.execute("echo", [("literalInput", "x")], output="literalOutput", mode=SYNC)

    assert execution.isSucceded()


@pytest.mark.parametrize("form", ["bearer", "header", "query"])
def test_every_form_of_the_token_is_taken(
    server: Server, tokens: dict[str, str], form: str
) -> None:
    token = tokens["bio"]
    headers = {
        "bearer": {"Authorization": f"Bearer {token}"},
        "header": {"gcube-token": token},
        "query": {},
    }[form]
    query = f"&gcube-token={token}" if form == "query" else ""

    answer = requests.get(f"{server.url}{CAPABILITIES}{query}", headers=headers, timeout=30)

    assert answer.ok
    assert faults_of(answer.content) == []
    assert token not in answer.text


@pytest.mark.parametrize("path", [CAPABILITIES, "/api/computations", "/api/items", "/"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer dm_wrong"},
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_nobody_else_is_let_in(server: Server, path: str, headers: dict[str, str]) -> None:
    answer = requests.get(f"{server.url}{path}", headers=headers, timeout=30)

    assert answer.status_code == 401


def test_no_tenant_sees_anothers_computations_items_or_methods(
    server: Server, tokens: dict[str, str]
) -> None:
    bio = {"Authorization": f"Bearer {tokens['bio']}"}
    geo = {"Authorization": f"Bearer {tokens['geo']}"}
    requests.put(f"{server.url}/api/items/secret.txt", data=b"x", headers=bio, timeout=30)
    wps = signed_in(server, tokens["bio"])
    wps.execute("echo", [("literalInput", "x")], output="literalOutput", mode=SYNC)
    mine = requests.get(f"{server.url}/api/computations", headers=bio, timeout=30).json()
    computation = mine["computations"][0]["id"]

    assert requests.get(f"{server.url}/api/items", headers=geo, timeout=30).json()["items"] == []
    for path in (
        "/api/items/secret.txt",
        f"/api/computations/{computation}",
        f"/api/computations/{computation}/log",
        f"/api/computations/{computation}/files/provenance.xml",
    ):
        assert requests.get(f"{server.url}{path}", headers=bio, timeout=30).ok
        assert requests.get(f"{server.url}{path}", headers=geo, timeout=30).status_code == 404
    for verb in ("resubmit", "dismiss"):
        address = f"{server.url}/api/computations/{computation}/{verb}"
        assert requests.post(address, headers=geo, timeout=30).status_code == 404


def test_a_planted_token_is_found_in_no_file_record_or_document(
    server: Server, tokens: dict[str, str]
) -> None:
    token = tokens["geo"]
    query = (
        f"/wps?service=WPS&version=1.0.0&request=Execute&identifier=echo"
        f"&DataInputs=literalInput=x&storeExecuteResponse=true&lineage=true&gcube-token={token}"
    )
    answer = requests.get(f"{server.url}{query}", timeout=30)

    assert token not in answer.text
    files = [path for path in server.home.rglob("*") if path.is_file()]
    assert len(files) > 10
    assert [path for path in files if token.encode() in path.read_bytes()] == []


def test_json_is_not_taken_where_xml_is_expected(server: Server) -> None:
    answer = requests.post(f"{server.url}/wps", json={"identifier": "echo"}, timeout=30)

    assert answer.status_code == 415


def test_a_foreign_page_cannot_run_anything(server: Server) -> None:
    """What a browser sends without asking first: a form or plain text."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = requests.post(
            f"{server.url}/wps", data=b"<x/>", headers={"Content-Type": kind}, timeout=30
        )
        assert answer.status_code == 415
