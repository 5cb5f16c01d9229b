"""What the verifier fetches: from whom, how much, and how."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from microcred_plugin.credentials import fetching
from microcred_plugin.credentials.fetching import BoundedWeb, NotReached, SiteWeb

NOW = datetime(2026, 9, 1, tzinfo=UTC)
Answer = Callable[[str], tuple[int, bytes, dict[str, str]]]


class Network:
    """Other hosts, as requests finds them: `answer` gives status, content and headers."""

    def __init__(self) -> None:
        self.sent: list[tuple[requests.PreparedRequest, dict[str, Any]]] = []
        self.answer: Answer = lambda _url: (200, b"{}", {})

    def send(
        self, _adapter: HTTPAdapter, request: requests.PreparedRequest, **options: Any
    ) -> requests.Response:
        self.sent.append((request, options))
        status, content, headers = self.answer(str(request.url))
        response = requests.Response()
        response.status_code, response.request, response.url = status, request, str(request.url)
        response.headers.update(headers)
        response.raw = HTTPResponse(
            BytesIO(content), headers=headers, status=status, preload_content=False
        )
        return response

    @property
    def urls(self) -> list[str]:
        return [str(request.url) for request, _options in self.sent]


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch, settings: Any, db: None) -> Network:
    settings.MICROCRED_VERIFIER_HOSTS = ["badges.example.org", "other.example.org:8443"]
    made = Network()
    monkeypatch.setattr(
        HTTPAdapter, "send", lambda self, request, **options: made.send(self, request, **options)
    )
    return made


@pytest.fixture
def web() -> SiteWeb:
    return SiteWeb(now=NOW)


@pytest.mark.parametrize(
    "url",
    [
        "https://badges.example.org/x",
        "https://BADGES.example.org/x",
        "https://badges.example.org:443/x?y=z",
        "https://other.example.org:8443/",
        "https://badges.example.org",
    ],
)
def test_named_hosts_are_asked(network: Network, web: SiteWeb, url: str) -> None:
    assert web.get(url) == b"{}"
    assert len(network.sent) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://badges.example.org/x",
        "ftp://badges.example.org/x",
        "file:///etc/passwd",
        "https://evil.example.org/x",
        "https://badges.example.org.evil.org/x",
        "https://evilbadges.example.org/",
        "https://badges.example.org./x",
        "https://badges.example.org:8443/x",
        "https://badges.example.org:99999/x",
        "https://badges.example.org:/x",
        "https://other.example.org/x",
        "https://user@badges.example.org/x",
        "https://badges.example.org@evil.example.org/x",
        "https://badges.example.org:x@evil.example.org/",
        "https://evil.example.org#@badges.example.org/",
        "https://badges.example.org\\@evil.example.org/",
        "https://badges.example.org\\evil",
        "https://badges.example.org/x y",
        "https://badges.example.org/x\r\nHost: evil",
        "https://badges.example.org/\u00fc",
        "https://badg\u212fs.example.org/x",
        "https://\u24d1adges.example.org/x",
        "https://badges\u3002example\u3002org/x",
        "https://[::1]/x",
        "https://[::1",
        "https://127.0.0.1/x",
        "https://2130706433/x",
        "//badges.example.org/x",
        "https://",
        "",
        "x" * 100_000,
        "https://badges.example.org/" + "x" * 100_000,
    ],
)
def test_whatever_else_is_not_asked(network: Network, web: SiteWeb, url: str) -> None:
    with pytest.raises(NotReached):
        web.get(url)
    assert network.sent == []


def test_nobody_is_asked_where_no_host_is_named(
    network: Network, web: SiteWeb, settings: Any
) -> None:
    settings.MICROCRED_VERIFIER_HOSTS = []
    for url in ("https://badges.example.org/x", "https:///x"):
        with pytest.raises(NotReached):
            web.get(url)
    assert network.sent == []


@pytest.mark.parametrize(
    ("did", "url"),
    [
        ("did:web:badges.example.org", "https://badges.example.org/.well-known/did.json"),
        ("did:web:badges.example.org:a:b", "https://badges.example.org/a/b/did.json"),
        ("did:web:other.example.org%3A8443:a", "https://other.example.org:8443/a/did.json"),
    ],
)
def test_did_document_is_where_its_method_says(
    network: Network, web: SiteWeb, did: str, url: str
) -> None:
    network.answer = lambda _url: (200, json.dumps({"id": did}).encode(), {})
    assert web.did_document(did) == {"id": did}
    assert network.urls == [url]


@pytest.mark.parametrize(
    "did",
    [
        "did:web:evil.example.org",
        "did:web:badges.example.org%3A8443",
        "did:web:badges.example.org:..:secret",
        "did:web:badges.example.org:.",
        "did:web:badges.example.org:a%2Fb",
        "did:web:badges.example.org:%2e%2e:b",
        "did:web:badges.example.org%2Fa",
        "did:web:badges.example.org%40evil.example.org",
        "did:web:user%40badges.example.org",
        "did:web:badges.example.org::a",
        "did:web:badges.example.org:a?x",
        "did:web:badges.example.org#x",
        "did:web:badges.example.org:\x00",
        "did:web:x:\x00",
        "did:web:",
        "did:key:z6Mk",
        "did:web:badges.example.org" + ":a" * 100_000,
    ],
)
def test_did_that_could_be_read_in_two_ways_is_not_looked_up(
    network: Network, web: SiteWeb, did: str
) -> None:
    with pytest.raises(NotReached):
        web.did_document(did)
    assert network.sent == []


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"id": "did:web:other"}', b"<html>", b'{"id": 1, "id": 2}', b"\xff"],
)
def test_document_about_something_else_is_none(
    network: Network, web: SiteWeb, content: bytes
) -> None:
    network.answer = lambda _url: (200, content, {})
    with pytest.raises(NotReached):
        web.did_document("did:web:badges.example.org")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(network: Network, web: SiteWeb, status: int) -> None:
    network.answer = lambda _url: (status, b"", {"Location": "https://badges.example.org/y"})
    with pytest.raises(NotReached, match=f"answers {status}"):
        web.get("https://badges.example.org/x")
    assert len(network.sent) == 1


def test_too_much_is_not_read_to_its_end(network: Network, web: SiteWeb) -> None:
    whole = BytesIO(b" " * 5 * fetching.LARGEST_BYTES)
    network.answer = lambda _url: (200, whole.getvalue(), {})
    with pytest.raises(NotReached, match="too much"):
        web.get("https://badges.example.org/x")


@pytest.mark.parametrize("packing", ["gzip", "br", "deflate", "zstd", "gzip, gzip"])
def test_nothing_is_unpacked(network: Network, web: SiteWeb, packing: str) -> None:
    network.answer = lambda _url: (200, b"\x1f\x8b", {"Content-Encoding": packing})
    with pytest.raises(NotReached):
        web.get("https://badges.example.org/x")
    assert network.sent[0][0].headers["Accept-Encoding"] == "identity"


def test_neither_proxies_nor_cookies_nor_passwords_of_the_site_are_used(
    network: Network, web: SiteWeb, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / "netrc").write_text("machine badges.example.org login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.org:3128")
    network.answer = lambda _url: (200, b"{}", {"Set-Cookie": "a=b"})
    for _time in range(2):
        web.get("https://badges.example.org/x")
    for request, options in network.sent:
        assert not options["proxies"]
        assert options["verify"] is True
        assert {"Cookie", "Authorization"}.isdisjoint(request.headers)


def test_answer_that_takes_for_ever_is_not_waited_for(
    network: Network, web: SiteWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.2)

    def slowly(_url: str) -> tuple[int, bytes, dict[str, str]]:
        time.sleep(1)
        return 200, b"{}", {}

    network.answer = slowly
    before = time.monotonic()
    with pytest.raises(NotReached, match="too slowly"):
        web.get("https://badges.example.org/x")
    assert time.monotonic() - before < 0.8


@pytest.mark.parametrize(
    "error", [requests.ConnectionError("no"), requests.Timeout("no"), ValueError("no"), OSError()]
)
def test_whatever_goes_wrong_is_said(network: Network, web: SiteWeb, error: Exception) -> None:
    def fail(_url: str) -> Any:
        raise error

    network.answer = fail
    with pytest.raises(NotReached, match="could not be reached"):
        web.get("https://badges.example.org/x")


def test_the_same_is_asked_once_whether_it_is_there_or_not(network: Network, web: SiteWeb) -> None:
    bounded = BoundedWeb(web, most=2)
    network.answer = lambda url: (404 if url.endswith("/no") else 200, b"{}", {})
    for _time in range(3):
        assert bounded.get("https://badges.example.org/yes") == b"{}"
        with pytest.raises(NotReached, match="answers 404"):
            bounded.get("https://badges.example.org/no")
    with pytest.raises(NotReached, match="more than is fetched"):
        bounded.get("https://badges.example.org/more")
    assert len(network.sent) == 2
