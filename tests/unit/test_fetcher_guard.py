"""Which addresses references may lead to."""

from __future__ import annotations

import pytest

from dataminer.adapters.fetcher.guard import Guard


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - nothing is bound to it
        "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1",
        "127.255.0.1", "168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255",
        "192.0.0.192", "192.0.2.1", "192.168.1.1", "198.18.0.1", "203.0.113.1", "224.0.0.1",
        "239.1.1.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1",
        "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1", "4000::1", "fc00::1", "fd00:ec2::254",
        "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    assert not Guard([]).allows("host", 80, address)


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "8.8.8.8", "151.101.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808",
     "2002:808:808::1"],
)  # fmt: skip
def test_public_addresses_are_allowed(address: str) -> None:
    assert Guard([]).allows("host", 80, address)


@pytest.mark.parametrize(
    ("entry", "host", "port", "address"),
    [
        ("127.0.0.1", "a", 80, "127.0.0.1"),
        ("127.0.0.1", "a", 80, "::ffff:127.0.0.1"),
        ("127.0.0.1:8080", "a", 8080, "127.0.0.1"),
        ("10.1.0.0/16", "a", 80, "10.1.2.3"),
        ("10.1.2.3/16", "a", 80, "10.1.9.9"),
        ("::1", "a", 80, "::1"),
        ("[::1]:8080", "a", 8080, "::1"),
        ("fd00::/8", "a", 80, "fd00::1"),
        ("maps.example", "maps.example", 80, "10.0.0.1"),
        ("Maps.Example", "MAPS.example", 8080, "10.0.0.1"),
        ("maps.example:8080", "maps.example", 8080, "10.0.0.1"),
    ],
)
def test_what_the_operator_lists_is_allowed(entry: str, host: str, port: int, address: str) -> None:
    assert Guard([entry]).allows(host, port, address)


@pytest.mark.parametrize(
    ("entry", "host", "port", "address"),
    [
        ("127.0.0.1", "a", 80, "127.0.0.2"),
        ("127.0.0.1:8080", "a", 80, "127.0.0.1"),
        ("10.1.0.0/16", "a", 80, "10.2.0.1"),
        ("maps.example", "evil.maps.example", 80, "10.0.0.1"),
        ("maps.example", "maps.example.evil", 80, "10.0.0.1"),
        ("maps.example:8080", "maps.example", 80, "10.0.0.1"),
    ],
)
def test_nothing_beside_it_is_allowed(entry: str, host: str, port: int, address: str) -> None:
    assert not Guard([entry]).allows(host, port, address)
