"""References over HTTP: where they may lead, what may come, what is sent along."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from dataminer.adapters.fetcher import HttpFetcher
from dataminer.adapters.memory import MemoryBlobs
from dataminer.domain.errors import InputTooLarge, InvalidInput, ReferenceFailed
from dataminer.domain.orders import OfferedReference
from dataminer.ports import Fetched
from tests.contract.servers import Exchange, Site, a_silent_port, a_site

LIMIT = 100_000
SHORT = 0.5  #: seconds; long enough for what answers at once


@pytest.fixture
def blobs() -> MemoryBlobs:
    return MemoryBlobs()


@pytest.fixture
def site() -> Iterator[Site]:
    with a_site() as site:
        yield site


@pytest.fixture
def other() -> Iterator[Site]:
    with a_site() as site:
        yield site


class Fetching:
    """A fetcher that may go to some sites, and the store that it fills."""

    def __init__(self, *allowed: Site, **options: Any) -> None:
        self.blobs = MemoryBlobs()
        self._fetcher = HttpFetcher(self.blobs, [site.host for site in allowed], **options)

    def __call__(self, href: str, **how: Any) -> Fetched:
        return self._fetcher.fetch("data", OfferedReference(href=href, **how), LIMIT)

    def content(self, href: str, **how: Any) -> bytes:
        return self.blobs.open(self(href, **how).digest).read()

    def fault(self, href: str, **how: Any) -> str:
        """Why it failed; nothing came into the store."""
        with pytest.raises(InvalidInput) as caught:
            self(href, **how)
        assert caught.value.identifier == "data"
        assert not self.blobs._contents
        return str(caught.value)


def resolving_to(*answers: str) -> Any:
    """A resolver that gives the next of these addresses each time it is asked."""
    left = list(answers)

    def resolve(_host: str, port: int) -> Any:
        address = left.pop(0)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 0, "", (address, port))]

    resolve.left = left  # type: ignore[attr-defined]
    return resolve


# --- where it may lead ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]", "0"],
)
def test_no_way_of_writing_this_machine_leads_to_it(site: Site, host: str) -> None:
    site.serves("/", b"secret")

    fault = Fetching().fault(f"http://{host}:{site.port}/")

    assert "DATAMINER_FETCH_ALLOW" in fault
    assert site.seen == []


def test_only_the_listed_port_of_a_host_is_open(site: Site, other: Site) -> None:
    fetching = Fetching(site)

    assert fetching.content(site.serves("/", b"public")) == b"public"
    with pytest.raises(ReferenceFailed, match="DATAMINER_FETCH_ALLOW"):
        fetching(other.serves("/", b"secret"))
    assert other.seen == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_leads_nowhere_that_an_address_may_not(
    site: Site, other: Site, status: int
) -> None:
    other.serves("/", b"secret")
    site.redirects("/", other.url("/"), status)

    fault = Fetching(site).fault(site.url("/"))

    assert "DATAMINER_FETCH_ALLOW" in fault
    assert other.seen == []


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://host/a", "data:,x", "//", ""])
def test_a_redirect_leads_to_http_alone(site: Site, location: str) -> None:
    site.redirects("/", location)

    assert "data" in Fetching(site).fault(site.url("/"))


def test_redirects_are_followed_up_to_five(site: Site) -> None:
    for number in range(7):
        site.redirects(f"/{number}", f"/{number + 1}")
    site.serves("/7", b"at last")
    fetching = Fetching(site)

    assert fetching.content(site.url("/2")) == b"at last"
    with pytest.raises(ReferenceFailed, match="more than 5 times"):
        fetching(site.url("/1"))


def test_the_address_that_was_checked_is_the_one_connected_to(site: Site) -> None:
    site.serves("/", b"public")
    resolve = resolving_to("127.0.0.1", "10.0.0.1")

    content = Fetching(site, resolve=resolve).content(f"http://data.example:{site.port}/")

    assert content == b"public"
    assert resolve.left == ["10.0.0.1"]
    assert site.seen[0].headers["host"] == f"data.example:{site.port}"


def test_a_name_that_changes_between_redirects_is_checked_again(site: Site) -> None:
    here = f"http://data.example:{site.port}"
    site.redirects("/", f"{here}/again")
    site.serves("/again", b"secret")

    fault = Fetching(site, resolve=resolving_to("127.0.0.1", "127.0.0.2")).fault(f"{here}/")

    assert "DATAMINER_FETCH_ALLOW" in fault
    assert len(site.seen) == 1


def test_a_listed_name_may_lead_to_a_private_address(site: Site) -> None:
    site.serves("/", b"private")
    fetcher = HttpFetcher(blobs := MemoryBlobs(), ["Data.example"], 5, resolving_to("127.0.0.1"))

    fetched = fetcher.fetch(
        "data", OfferedReference(href=f"http://data.EXAMPLE:{site.port}/"), LIMIT
    )

    assert blobs.open(fetched.digest).read() == b"private"


@pytest.mark.parametrize(
    "href",
    ["file:///etc/passwd", "ftp://host/a", "gopher://host", "/etc", "", "http://", "http:///path",
     "http://[::1", "jar:http://a!/"],
)  # fmt: skip
def test_only_http_addresses_are_fetched(href: str) -> None:
    assert "Input 'data'" in Fetching().fault(href)


def test_a_host_that_does_not_exist_is_named() -> None:
    def resolve(_host: str, _port: int) -> Any:
        raise socket.gaierror

    fault = Fetching(resolve=resolve).fault("http://data.example/a")

    assert "'data.example' is not known" in fault


def test_a_place_where_nobody_answers_is_said_so() -> None:
    with a_silent_port() as port:
        pass

    with pytest.raises(ReferenceFailed, match="nobody answers"):
        HttpFetcher(MemoryBlobs(), ["127.0.0.1"]).fetch(
            "data", OfferedReference(href=f"http://127.0.0.1:{port}/"), LIMIT
        )


def test_proxies_of_the_environment_are_not_used(
    site: Site, other: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", other.url())
    monkeypatch.setenv("ALL_PROXY", other.url())

    assert Fetching(site).content(site.serves("/", b"direct")) == b"direct"
    assert other.seen == []


# --- what may come ----------------------------------------------------------------------------


@pytest.mark.parametrize("status", [304, 400, 401, 404, 500, 503])
def test_a_page_about_a_fault_is_no_content(site: Site, status: int) -> None:
    fault = Fetching(site).fault(site.serves("/", b"sorry", status))

    assert f"answered {status}" in fault
    assert "sorry" not in fault


def test_a_redirect_to_nowhere_is_a_fault(site: Site) -> None:
    assert "answered 302 Found" in Fetching(site).fault(site.serves("/", status=302))


def never_answer(exchange: Exchange) -> None:
    exchange.closing.wait()


def drip_status(exchange: Exchange) -> None:
    exchange.drip(b"H")


def drip_headers(exchange: Exchange) -> None:
    exchange.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    exchange.drip(b"x")


def drip_content(exchange: Exchange) -> None:
    exchange.begin()
    exchange.drip(b"x")


def drip_chunks(exchange: Exchange) -> None:
    exchange.handler.protocol_version = "HTTP/1.1"
    exchange.begin(Transfer_Encoding="chunked")
    exchange.drip(b"1\r\nx\r\n")


@pytest.mark.parametrize(
    "behaviour", [never_answer, drip_status, drip_headers, drip_content, drip_chunks]
)
def test_however_slowly_it_comes_the_time_is_limited(site: Site, behaviour: Any) -> None:
    site.behaviours["/"] = behaviour

    fault = Fetching(site, timeout_seconds=SHORT).fault(site.url("/"))

    assert "took longer than 0.5 s" in fault


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_who_takes_the_connection_and_is_silent_is_left(scheme: str) -> None:
    with a_silent_port() as port, pytest.raises(ReferenceFailed, match="took longer"):
        HttpFetcher(MemoryBlobs(), ["127.0.0.1"], timeout_seconds=SHORT).fetch(
            "data", OfferedReference(href=f"{scheme}://127.0.0.1:{port}/"), LIMIT
        )


def test_redirects_share_the_time(site: Site) -> None:
    site.redirects("/", "/slow")
    site.behaviours["/slow"] = drip_content

    assert "took longer" in Fetching(site, timeout_seconds=SHORT).fault(site.url("/"))


def endless(exchange: Exchange) -> None:
    exchange.begin()
    while not exchange.closing.is_set():
        exchange.write(bytes(65536))


def test_content_without_end_is_refused_at_the_limit(site: Site) -> None:
    site.behaviours["/"] = endless

    assert "100,000 bytes" in Fetching(site).fault(site.url("/"))


def test_content_that_is_announced_as_too_large_is_not_even_read(site: Site) -> None:
    site.behaviours["/"] = lambda exchange: exchange.begin(Content_Length=str(LIMIT + 1))

    with pytest.raises(InputTooLarge):
        Fetching(site)(site.url("/"))


def test_compressed_content_is_unpacked(site: Site) -> None:
    packed = gzip.compress(b"words" * 1000) + gzip.compress(b"more")

    content = Fetching(site).content(site.serves("/", packed, Content_Encoding="GZIP"))

    assert content == b"words" * 1000 + b"more"
    assert site.seen[0].headers["accept-encoding"] == "gzip"


def test_a_small_answer_that_unpacks_to_too_much_is_refused(site: Site) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < LIMIT

    fault = Fetching(site).fault(site.serves("/", bomb, Content_Encoding="gzip"))

    assert "100,000 bytes" in fault


def test_what_is_not_compressed_as_it_says_is_refused(site: Site) -> None:
    fetching, packed = Fetching(site), gzip.compress(b"words" * 100)

    for content in (b"x", b"no gzip at all", packed[:-9], packed[:20], packed + b"garbage"):
        fault = fetching.fault(site.serves("/", content, Content_Encoding="gzip"))
        assert "not compressed" in fault
    for encoding in ("br", "deflate", "gzip, gzip"):
        fault = fetching.fault(site.serves("/", packed, Content_Encoding=encoding))
        assert f"'{encoding}'" in fault


def end_early(exchange: Exchange) -> None:
    exchange.begin(Content_Length="10")
    exchange.write(b"half")


def test_content_that_ends_early_is_not_taken_for_whole(site: Site) -> None:
    site.behaviours["/"] = end_early

    assert "broke" in Fetching(site).fault(site.url("/"))


def test_what_is_not_http_is_a_broken_connection(site: Site) -> None:
    site.behaviours["/"] = lambda exchange: exchange.write(b"SSH-2.0\r\n")

    assert "broke" in Fetching(site).fault(site.url("/"))


def test_media_type_and_name_are_empty_when_nothing_tells(site: Site) -> None:
    fetched = Fetching(site)(site.serves("/", b"x"))

    assert (fetched.media_type, fetched.name) == ("", "")


# --- what is sent along -----------------------------------------------------------------------


def echo(exchange: Exchange) -> None:
    exchange.answer(exchange.body, Content_Type=exchange.headers.get("content-type", ""))


def test_a_post_sends_its_body_and_headers(site: Site) -> None:
    site.behaviours["/"] = echo
    fetching = Fetching(site)

    fetched = fetching(
        site.url("/"),
        method="POST",
        body=b"<query/>",
        headers=(("Content-Type", "application/xml"), ("X-Key", "opensesame")),
    )

    assert fetching.blobs.open(fetched.digest).read() == b"<query/>"
    assert fetched.media_type == "application/xml"
    assert site.seen[0].method == "POST"
    assert site.seen[0].headers["x-key"] == "opensesame"


def test_a_body_is_xml_unless_it_says_otherwise(site: Site) -> None:
    site.behaviours["/"] = echo

    assert Fetching(site)(site.url("/"), method="POST", body=b"<a/>").media_type == "text/xml"


def test_a_body_may_lie_at_an_address(site: Site, other: Site) -> None:
    site.behaviours["/"] = echo
    href = other.serves("/body", b"<query/>")

    content = Fetching(site, other).content(site.url("/"), method="POST", body_href=href)

    assert content == b"<query/>"


def test_the_address_of_a_body_has_the_same_guards(site: Site, other: Site) -> None:
    site.behaviours["/"] = echo
    href = other.serves("/body", b"secret")

    fault = Fetching(site).fault(site.url("/"), method="POST", body_href=href)

    assert "DATAMINER_FETCH_ALLOW" in fault
    assert other.seen == []
    assert site.seen == []


@pytest.mark.parametrize(("status", "method"), [(303, "GET"), (302, "GET"), (307, "POST")])
def test_a_redirected_post_is_what_the_status_says(site: Site, status: int, method: str) -> None:
    site.redirects("/", "/there", status)
    site.behaviours["/there"] = echo

    Fetching(site)(site.url("/"), method="POST", body=b"x")

    assert [exchange.method for exchange in site.seen] == ["POST", method]


def test_headers_go_to_the_same_place_and_to_no_other(site: Site, other: Site) -> None:
    site.redirects("/", "/same")
    site.redirects("/same", other.url("/"))
    other.serves("/", b"x")
    secrets = (("Authorization", "Bearer opensesame"), ("X-Key", "opensesame"))

    Fetching(site, other)(site.url("/"), headers=secrets)

    assert [exchange.headers.get("x-key") for exchange in site.seen] == ["opensesame"] * 2
    assert "opensesame" not in str(other.seen[0].headers)


def test_user_and_password_in_an_address_are_sent_and_never_shown(site: Site, other: Site) -> None:
    site.redirects("/", other.url("/"))
    href = site.url("/?token=opensesame").replace("http://", "http://ada:opens%2Fesame@")

    fault = Fetching(site, other).fault(href)

    assert site.seen[0].headers["authorization"] == "Basic YWRhOm9wZW5zL2VzYW1l"
    assert "authorization" not in other.seen[0].headers
    assert "esame" not in fault


@pytest.mark.parametrize(
    ("name", "value"),
    [("Host", "internal"), ("Content-Length", "3"), ("Transfer-Encoding", "chunked"),
     ("Proxy-Authorization", "opensesame"), ("X-A", "a\r\nHost: internal"), ("X A", "a"),
     ("X-A", "opensesame\x00"), ("X-A", "Ω")],
)  # fmt: skip
def test_headers_that_would_change_the_message_are_refused(
    site: Site, name: str, value: str
) -> None:
    fault = Fetching(site).fault(site.serves("/", b"x"), headers=((name, value),))

    assert "header" in fault
    assert "opensesame" not in fault
    assert site.seen == []


def test_an_address_cannot_bring_a_second_request(site: Site) -> None:
    Fetching(site).fault(site.url("/a\r\nX-Key: b\r\n\r\nGET /c HTTP/1.1"))

    assert [sorted(e.headers) for e in site.seen] in (
        [],
        [["accept-encoding", "connection", "host", "user-agent"]],
    )


@pytest.mark.parametrize("method", ["PUT", "DELETE", "get", "GET / HTTP/1.1\r\nX: "])
def test_only_get_and_post_are_sent(site: Site, method: str) -> None:
    assert "neither GET nor POST" in Fetching(site).fault(site.url("/"), method=method)


# --- addresses that are the data --------------------------------------------------------------


@pytest.mark.parametrize(
    ("href", "content", "media_type"),
    [
        ("data:,a%20b", b"a b", "text/plain"),
        ("data:text/csv;charset=utf-8,a%2Cb", b"a,b", "text/csv"),
        ("DATA:application/json;base64,e30=", b"{}", "application/json"),
    ],
)
def test_an_address_may_hold_the_data_itself(href: str, content: bytes, media_type: str) -> None:
    fetching = Fetching()

    assert fetching.content(href) == content
    assert fetching(href).media_type == media_type


def test_data_addresses_have_their_faults_too() -> None:
    fetching = Fetching()

    assert "comma" in fetching.fault("data:text/csv")
    assert "base64" in fetching.fault("data:;base64,!!!")
    assert "100,000 bytes" in fetching.fault("data:," + "x" * (LIMIT + 1))
