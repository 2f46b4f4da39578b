"""Addresses that we give out and record."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dataminer.domain.addresses import Addresses, without_credentials

ADDRESSES = Addresses(base_url="https://data.example/dm")


@example("//")
@given(st.text(min_size=1).filter(lambda text: max(text) < "\ud800"))
def test_an_items_address_leads_back_to_its_path(path: str) -> None:
    assert ADDRESSES.item_path(ADDRESSES.item(path)) == path


def test_an_outputs_address_leads_back_to_key_and_name() -> None:
    assert ADDRESSES.output_key(ADDRESSES.output("k_1", "my out")) == ("k_1", "my out")


@pytest.mark.parametrize(
    "href",
    ["https://data.example/other/api/items/x", "http://evil.example/?https://data.example/dm"],
)
def test_other_addresses_are_not_ours(href: str) -> None:
    assert ADDRESSES.item_path(href) is None
    assert ADDRESSES.output_key(href) is None


@pytest.mark.parametrize(
    ("href", "recorded"),
    [
        ("https://ada:secret@host/x?b=1", "https://host/x?b=1"),
        ("https://host/x?gcube-token=abc&b=1", "https://host/x?b=1"),
        ("https://host/x?X-Amz-Signature=abc", "https://host/x"),
        ("https://host/x?api_key=1&ACCESS_TOKEN=2&q=a%20b", "https://host/x?q=a+b"),
        ("https://host/x?q=a%20b#part", "https://host/x?q=a%20b"),
        ("data:text/plain,secret", ""),
    ],
)
def test_a_recorded_address_opens_nothing(href: str, recorded: str) -> None:
    assert without_credentials(href) == recorded
