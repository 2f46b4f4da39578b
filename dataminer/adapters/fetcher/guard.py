"""Which addresses may be connected to: the public ones, and those that the operator lists."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: IPv6 addresses that stand for an IPv4 one in their last 32 bits. Source: RFC 6052, RFC 4291.
_EMBEDDING = (ip_network("64:ff9b::/96"), ip_network("::/96"))
_UNICAST = ip_network("2000::/3")  #: all of IPv6 that was ever given out. Source: RFC 4291.
#: Not for the public, whatever `is_global` of this Python says. Source: IANA's registries of
#: special-purpose addresses; the last serves a machine's secrets in one cloud.
_SPECIAL = tuple(
    ip_network(network)
    for network in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "3fff::/20", "168.63.129.16")
)


class Guard:
    """Knows what the operator lists: networks, and hosts with or without a port."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self._networks: list[tuple[Network, int | None]] = []
        self._hosts: set[tuple[str, int | None]] = set()
        for entry in allowed:
            self._list(entry)

    def allows(self, host: str, port: int, address: str) -> bool:
        """Whether a connection may go to this address, which the host's name led to."""
        if not self._hosts.isdisjoint({(host.lower(), None), (host.lower(), port)}):
            return True
        found = _essence(ip_address(address.partition("%")[0]))
        listed = any(found in network and of in (None, port) for network, of in self._networks)
        return listed or _is_public(found)

    def _list(self, entry: str) -> None:
        if "/" in entry:
            self._networks.append((ip_network(entry, strict=False), None))
            return
        try:
            host, port = str(ip_address(entry)), None
        except ValueError:
            parts = urlsplit(f"//{entry}")
            host, port = parts.hostname or "", parts.port
        try:
            self._networks.append((ip_network(host), port))
        except ValueError:
            self._hosts.add((host, port))


def _essence(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(address, IPv4Address):
        return address
    embedded = address.ipv4_mapped or address.sixtofour
    if embedded is None and any(address in network for network in _EMBEDDING):
        embedded = IPv4Address(int(address) & 0xFFFFFFFF)
    return address if embedded is None or int(address) <= 1 else embedded


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _UNICAST:
        return False
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not any(address in network for network in _SPECIAL)
    )
