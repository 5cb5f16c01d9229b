"""
Where the verifier gets keys, status lists and credentials from: this site, without a request; and
hosts that the operator named, over HTTPS. Nothing else is ever asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Thread
from typing import Any, Protocol

import requests
from django.conf import settings
from django.utils.translation import gettext as _

from microcred_plugin.credentials import addresses
from microcred_plugin.credentials.errors import NotJson
from microcred_plugin.credentials.issuers import did_document_of, did_of, jwk_at
from microcred_plugin.credentials.models import Issuer, StatusList
from microcred_plugin.credentials.signers import NotConfigured
from microcred_plugin.credentials.statuses import served_list
from microcred_plugin.credentials.strict_json import read_json

LARGEST_BYTES = 1024 * 1024
_CONNECT_SECONDS, _READ_SECONDS = 3, 5
# From the name of the host to the last byte, however slowly it comes.
SECONDS = 8
_LONGEST = 2000
# Hosts that answer too slowly are left to themselves, and no more than so many of them.
_AT_ONCE = BoundedSemaphore(8)

_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
# Nothing that two programs could read differently: no user, no backslash, nothing but ASCII.
_URL = re.compile(rf"https://(?P<host>{_HOST})(?::(?P<port>[0-9]{{1,5}}))?(?:/[!-\[\]-~]*)?")
# Without percent signs in the path, so that a part of it is a part of the address, too.
_DID_WEB = re.compile(
    rf"did:web:(?P<host>{_HOST})(?:%3[Aa](?P<port>[0-9]{{1,5}}))?(?P<path>(?::[A-Za-z0-9._~-]+)*)"
)
_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,100}")


class NotReached(Exception):
    """Something that is needed could not be had; the sentence says what, and why."""


class Web(Protocol):
    """What a verifier asks for."""

    def did_document(self, did: str) -> Mapping[str, Any]:
        """The DID document. Raises `NotReached`."""

    def get(self, url: str) -> bytes:
        """What is at an address. Raises `NotReached`."""


class BoundedWeb:
    """Asks another one the same thing once, and only so many things: for one credential."""

    def __init__(self, web: Web, *, most: int) -> None:
        self._web, self._left = web, most
        self._known: dict[tuple[str, str], Any] = {}

    def did_document(self, did: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._once("did", did, self._web.did_document)
        return found

    def get(self, url: str) -> bytes:
        found: bytes = self._once("url", url, self._web.get)
        return found

    def _once(self, kind: str, name: str, ask: Callable[[str], Any]) -> Any:
        if (kind, name) not in self._known:
            if self._left <= 0:
                raise NotReached(_("It needs more than is fetched for one credential."))
            self._left -= 1
            try:
                self._known[kind, name] = ask(name)
            except NotReached as error:
                self._known[kind, name] = error
        found = self._known[kind, name]
        if isinstance(found, NotReached):
            raise found
        return found


class SiteWeb:
    """The issuers of this site, and those hosts that the operator named."""

    def __init__(self, *, now: datetime) -> None:
        self._now = now

    def did_document(self, did: str) -> Mapping[str, Any]:
        issuer = issuer_with_did(did)
        if issuer is not None:
            return did_document_of(issuer)
        url = _url_of_did(did)
        try:
            document: Any = read_json(_fetch(url))
        except NotJson as error:
            raise NotReached(_("What {url} answers is no DID document.").format(url=url)) from error
        if not isinstance(document, dict) or document.get("id") != did:
            raise NotReached(_("What {url} answers is about something else.").format(url=url))
        return document

    def get(self, url: str) -> bytes:
        found = self._own(url)
        return found if found is not None else _fetch(url)

    def _own(self, url: str) -> bytes | None:
        """A status list or a key of this site's, without asking for it by HTTP."""
        listed = StatusList.objects.select_related("issuer").filter(
            issuer__slug=_slug_in(url), number=_number_in(url)
        )
        for one in listed:
            issuer = one.issuer
            if addresses.status_list_url(issuer.base_url, issuer.slug, one.number) == url:
                try:
                    found = served_list(issuer.slug, one.number, now=self._now, is_looked_at=True)
                    return (found or "").encode()
                except NotConfigured as error:
                    raise NotReached(_("This site can't sign its status list.")) from error
        for issuer in Issuer.objects.filter(slug=_slug_in(url)):
            name = url.rpartition("/")[2]
            if addresses.key_url(issuer.base_url, issuer.slug, name) == url:
                key = jwk_at(issuer, name)
                return None if key is None else json.dumps(key).encode()
        return None


def issuer_with_did(did: str) -> Issuer | None:
    """The issuer of this site that has this id."""
    slug = did.rpartition(":")[2]
    if not _SLUG.fullmatch(slug):
        return None
    found = Issuer.objects.filter(slug=slug).prefetch_related("keys").first()
    return found if found is not None and did_of(found) == did else None


def _slug_in(url: str) -> str:
    match = re.search(r"/issuers/([-a-zA-Z0-9_]{1,100})/", url[:_LONGEST])
    return match[1] if match else ""


def _number_in(url: str) -> int:
    match = re.search(r"/status/([0-9]{1,9})\Z", url)
    return int(match[1]) if match else 0


def _url_of_did(did: str) -> str:
    """Where a did:web document is (did:web method specification, "Read")."""
    match = _DID_WEB.fullmatch(did) if len(did) <= _LONGEST else None
    parts = match["path"].split(":")[1:] if match else []
    if match is None or {".", ".."}.intersection(parts):
        raise NotReached(
            _("The issuer “{did}” is named in a way that can't be looked up here.").format(
                did=did[:200]
            )
        )
    port = f":{match['port']}" if match["port"] else ""
    return f"https://{match['host']}{port}/{'/'.join(parts or ['.well-known'])}/did.json"


def may_be_asked(host: str, port: int = 443) -> bool:
    """Whether the operator named this host; with its port, if that is not the usual one."""
    named = {name.casefold() for name in settings.MICROCRED_VERIFIER_HOSTS}
    return (host if port == 443 else f"{host}:{port}").casefold() in named


# --- asking others -------------------------------------------------------------------------------


def _fetch(url: str) -> bytes:
    """
    What is at an address of a host that may be asked.

    A thread waits for the host, since no timeout of a socket bounds an answer that comes byte by
    byte. Whatever is said to people is said here, in their language.
    """
    host = _may_fetch(url)
    if not _AT_ONCE.acquire(blocking=False):
        raise NotReached(_("Too many other hosts are being asked at the moment. Try again later."))
    answers: SimpleQueue[tuple[int, bytes] | Exception] = SimpleQueue()

    def wait() -> None:
        try:
            answers.put(_get(url))
        except Exception as error:  # whatever it is, the thread that waits has to know
            answers.put(error)
        finally:
            _AT_ONCE.release()

    Thread(target=wait, daemon=True).start()
    try:
        answer = answers.get(timeout=SECONDS)
    except Empty as error:
        raise NotReached(_("“{host}” answers too slowly.").format(host=host)) from error
    if isinstance(answer, Exception):
        raise NotReached(_("“{host}” could not be reached.").format(host=host)) from answer
    status, content = answer
    if status != 200:
        raise NotReached(_("“{host}” answers {status}.").format(host=host, status=status))
    if len(content) > LARGEST_BYTES:
        raise NotReached(_("“{host}” answers with too much.").format(host=host))
    return content


def _may_fetch(url: str) -> str:
    """The host, if it may be asked for this address."""
    match = _URL.fullmatch(url) if len(url) <= _LONGEST else None
    if match is not None and may_be_asked(match["host"], int(match["port"] or 443)):
        return match["host"]
    raise NotReached(
        _("This site does not fetch anything from “{host}”.").format(
            host=(match["host"] if match else url)[:200]
        )
    )


def _get(url: str) -> tuple[int, bytes]:
    """Status and content, of which no more is read, or unpacked, than it takes to know."""
    with requests.Session() as session:
        # No proxy, no password file, no cookie, and no other address than this one.
        session.trust_env = False
        answer = session.get(
            url,
            headers={"Accept": "application/json, */*;q=0.1", "Accept-Encoding": "identity"},
            timeout=(_CONNECT_SECONDS, _READ_SECONDS),
            allow_redirects=False,
            stream=True,
        )
        with answer:
            if answer.status_code != 200:
                return answer.status_code, b""
            packing = answer.headers.get("Content-Encoding", "identity")
            if packing.strip().lower() not in ("", "identity"):
                raise requests.exceptions.ContentDecodingError("It was asked not to be packed.")
            return 200, bytes(answer.raw.read(LARGEST_BYTES + 1, decode_content=False))
