"""Settings, and the places that tell of them."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from dataminer.domain.errors import InvalidSettings
from dataminer.settings import PREFIX, Settings, child_environment, read_settings

ROOT = Path(__file__).parents[2]
NAMES = {PREFIX + setting.name.upper() for setting in fields(Settings)}


def test_the_defaults_are_good_without_any_setting() -> None:
    settings = read_settings({})

    assert settings.base_url == "http://127.0.0.1:8080"
    assert settings.home.is_absolute()
    assert not settings.anonymous


def test_all_faults_are_reported_together() -> None:
    environment = {
        "DATAMINER_PORT": "http",
        "DATAMINER_ANONYMOUS": "perhaps",
        "DATAMINER_HOEM": "/data",
        "DATAMINER_FETCH_ALLOW": "10.0.0.0/99",
    }

    with pytest.raises(InvalidSettings) as caught:
        read_settings(environment)

    assert all(name in str(caught.value) for name in environment)


def test_requests_without_a_token_are_for_loopback_alone() -> None:
    with pytest.raises(InvalidSettings, match="loopback"):
        read_settings({"DATAMINER_ANONYMOUS": "1", "DATAMINER_HOST": "0.0.0.0"})  # noqa: S104


def test_the_engines_parts_have_the_same_settings() -> None:
    settings = read_settings(
        {"DATAMINER_FETCH_ALLOW": "127.0.0.1,data.example", "DATAMINER_ANONYMOUS": "1"}
    )

    assert read_settings(child_environment(settings)) == settings


def test_every_setting_is_in_the_example_and_nothing_else() -> None:
    text = (ROOT / "deploy" / "example.env").read_text()

    assert set(re.findall(r"^#?(DATAMINER_\w+)=", text, re.MULTILINE)) == NAMES


def test_every_setting_is_in_the_readmes_table_and_nothing_else() -> None:
    text = (ROOT / "README.md").read_text()

    assert set(re.findall(r"^\| `(DATAMINER_\w+)` ", text, re.MULTILINE)) == NAMES
