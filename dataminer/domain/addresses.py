"""The addresses that the engine gives out, and what they lead to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

_CREDENTIAL = re.compile(
    r"token|secret|password|passwd|signature|credential|api[_-]?key|^key$|^sig$|^x-amz-",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Makes and reads addresses below one base."""

    base_url: str  #: without a slash at the end

    def item(self, path: str) -> str:
        """Of a workspace item; the caller's own workspace is meant."""
        return f"{self.base_url}/api/items/{quote(path)}"

    def computation(self, computation_id: str) -> str:
        """Of a computation's record."""
        return f"{self.base_url}/api/computations/{quote(computation_id)}"

    def file(self, computation_id: str, path: str) -> str:
        """Of a file in a computation's folder, for those who may see it."""
        return f"{self.computation(computation_id)}/files/{quote(path)}"

    def output(self, address_key: str, identifier: str) -> str:
        """Of an output, for whoever holds the key."""
        return f"{self.base_url}/wps/computations/{address_key}/outputs/{quote(identifier)}"

    def item_path(self, href: str) -> str | None:
        """The path of the workspace item that an address leads to, or None."""
        return self._below("/api/items/", href)

    def output_key(self, href: str) -> tuple[str, str] | None:
        """Key and identifier of the output that an address leads to, or None."""
        key, separator, identifier = (self._below("/wps/computations/", href) or "").partition(
            "/outputs/"
        )
        return (key, identifier) if separator else None

    def _below(self, prefix: str, href: str) -> str | None:
        if not href.startswith(self.base_url + prefix):
            return None
        path = href[len(self.base_url) + len(prefix) :]
        return unquote(path.partition("#")[0].partition("?")[0])


def without_credentials(href: str) -> str:
    """The address as it may be recorded: no user, password, or parameter that opens something.

    Empty for an address that is itself the data.
    """
    parts = urlsplit(href)
    if parts.scheme == "data":
        return ""
    query = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True)
             if not _CREDENTIAL.search(k)]  # fmt: skip
    host = parts.netloc.rpartition("@")[2]
    kept = parts.query if len(query) == parts.query.count("&") + 1 else urlencode(query)
    return urlunsplit((parts.scheme, host, parts.path, kept, ""))
