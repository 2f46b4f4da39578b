"""What the service says about itself, and its addresses."""

from __future__ import annotations

from dataclasses import dataclass

from dataminer.domain.addresses import Addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One WPS service."""

    base_url: str  #: heads every address; without a slash at the end
    title: str = "DataMiner"
    abstract: str = (
        "Methods of scientists as processes. Every execution is recorded and can be repeated."
    )
    provider: str = "DataMiner"
    maximum_megabytes: int = 2000  #: of a single complex input
    request_bytes: int = 256_000_000  #: of the body of one request

    @property
    def url(self) -> str:
        """Where requests go."""
        return f"{self.base_url}/wps"

    @property
    def capabilities_url(self) -> str:
        """Where the service describes itself."""
        return f"{self.url}?service=WPS&version=1.0.0&request=GetCapabilities"

    def status_url(self, address_key: str) -> str:
        """Where a job tells how far it is."""
        return f"{self.url}/computations/{address_key}"

    def output_url(self, address_key: str, identifier: str) -> str:
        """Where an output of a job lies."""
        return Addresses(base_url=self.base_url).output(address_key, identifier)
