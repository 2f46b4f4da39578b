"""References over HTTP, with every guard. May import domain, ports, urllib3 and certifi."""

from dataminer.adapters.fetcher.references import HttpFetcher

__all__ = ["HttpFetcher"]
