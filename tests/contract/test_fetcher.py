"""Getting the content of references: what holds for every fetcher."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest

from dataminer.adapters.fetcher import HttpFetcher
from dataminer.adapters.memory import MemoryBlobs, MemoryFetcher
from dataminer.domain.errors import InputTooLarge, ReferenceFailed
from dataminer.domain.orders import OfferedReference
from dataminer.ports import Fetcher
from tests.contract.servers import Site, a_site

TABLE = b"a,b\n1,2\n"


@pytest.fixture
def blobs() -> MemoryBlobs:
    return MemoryBlobs()


@pytest.fixture
def site() -> Iterator[Site]:
    with a_site() as site:
        yield site


@pytest.fixture(params=["memory", "http"])
def fetcher(request: pytest.FixtureRequest, blobs: MemoryBlobs, site: Site) -> Fetcher:
    site.serves("/data/a%20table.csv", TABLE, Content_Type="text/CSV; charset=utf-8")
    if request.param == "memory":
        return MemoryFetcher({site.url("/data/a%20table.csv"): TABLE}, blobs)
    return HttpFetcher(blobs, allowed=["127.0.0.0/8"])


def test_the_content_comes_into_the_store(fetcher: Fetcher, blobs: MemoryBlobs, site: Site) -> None:
    reference = OfferedReference(href=site.url("/data/a%20table.csv"))

    fetched = fetcher.fetch("table", reference, 1000)

    assert fetched.digest == hashlib.sha256(TABLE).hexdigest()
    assert fetched.size_bytes == len(TABLE)
    assert fetched.media_type == "text/csv"
    assert fetched.name == "a table.csv"
    assert blobs.open(fetched.digest).read() == TABLE


def test_what_is_not_there_fails_and_names_the_input(fetcher: Fetcher, site: Site) -> None:
    with pytest.raises(ReferenceFailed, match="'table'"):
        fetcher.fetch("table", OfferedReference(href=site.url("/other")), 1000)


def test_what_is_too_large_is_refused_and_not_kept(
    fetcher: Fetcher, blobs: MemoryBlobs, site: Site
) -> None:
    reference = OfferedReference(href=site.url("/data/a%20table.csv"))

    with pytest.raises(InputTooLarge, match="'table'"):
        fetcher.fetch("table", reference, len(TABLE) - 1)

    assert not blobs.exists(hashlib.sha256(TABLE).hexdigest())
    assert fetcher.fetch("table", reference, len(TABLE)).size_bytes == len(TABLE)
