"""The page as a browser shows it."""

from __future__ import annotations

import shutil

import pytest

from tests.acceptance.conftest import Server
from tests.conformance.validation import prov_faults_of

CHROMIUM = shutil.which("chromium")

pytestmark = [
    pytest.mark.xdist_group("server"),
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
]


def test_the_home_page_shows_methods_and_computations_without_a_complaint(server: Server) -> None:
    from playwright.sync_api import sync_playwright

    server.dataminer("run", "echo", "literalInput=<b>seen</b>")
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(server.url)
        text = page.inner_text("body")
        with page.expect_download() as download:
            page.click("text=xml")
        provenance = download.value.path().read_bytes()
        browser.close()

    assert "SORTWORDS" in text
    assert "echo_ID_" in text
    assert "succeeded" in text
    assert prov_faults_of(provenance) == []
    assert complaints == []
