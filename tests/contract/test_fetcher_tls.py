"""References over HTTPS: the host's name is what counts, whatever address it has."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dataminer.adapters.fetcher import HttpFetcher
from dataminer.adapters.memory import MemoryBlobs
from dataminer.domain.errors import ReferenceFailed
from dataminer.domain.orders import OfferedReference
from tests.contract.servers import Site, a_site

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of data.example, signed by itself, with its key."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=data.example", "-addext", "subjectAltName=DNS:data.example",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


@pytest.fixture
def asked() -> list[str | None]:
    """The names that clients asked the server for."""
    return []


@pytest.fixture
def site(certificate: Path, asked: list[str | None]) -> Iterator[Site]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")

    def note(_connection: object, name: str | None, _context: object) -> None:
        asked.append(name)

    context.sni_callback = note
    with a_site(context) as site:
        site.serves("/", b"secure")
        yield site


def here(_host: str, port: int) -> Any:
    return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))]


def fetch(site: Site, host: str, **options: Any) -> bytes:
    blobs = MemoryBlobs()
    fetcher = HttpFetcher(blobs, ["127.0.0.1"], resolve=here, **options)
    reference = OfferedReference(href=f"https://{host}:{site.port}/")
    return blobs.open(fetcher.fetch("data", reference, 1000).digest).read()


def test_the_certificate_is_checked_against_the_name(
    site: Site, certificate: Path, asked: list[str | None]
) -> None:
    def trust() -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(certificate / "cert.pem"))

    assert fetch(site, "data.example", trust=trust) == b"secure"
    assert asked == ["data.example"]
    with pytest.raises(ReferenceFailed, match="certificate is not trusted"):
        fetch(site, "other.example", trust=trust)


def test_an_unknown_certificate_is_not_trusted(site: Site) -> None:
    with pytest.raises(ReferenceFailed, match="certificate is not trusted"):
        fetch(site, "data.example")

    assert site.seen == []
