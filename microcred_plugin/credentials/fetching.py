"""
Where the verifier gets keys, status lists and credentials from: this site, without a request; and
hosts that the operator named, over HTTPS. Nothing else is ever asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from time import monotonic
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

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
_CONNECT_SECONDS, _READ_SECONDS, _ALTOGETHER = 3, 5, 10
_CHUNK = 64 * 1024

_DID_WEB = re.compile(
    r"did:web:(?P<host>[A-Za-z0-9.-]+(?:%3A[0-9]+)?)(?P<path>(?::[A-Za-z0-9._~%-]+)*)"
)


class NotReached(Exception):
    """Something that is needed could not be had; the sentence says what, and why."""


class Web(Protocol):
    """What a verifier asks for."""

    def did_document(self, did: str) -> Mapping[str, Any]:
        """The DID document. Raises `NotReached`."""

    def get(self, url: str) -> bytes:
        """What is at an address. Raises `NotReached`."""


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
    found = Issuer.objects.filter(slug=slug).prefetch_related("keys").first()
    return found if found is not None and did_of(found) == did else None


def _slug_in(url: str) -> str:
    match = re.search(r"/issuers/([-\w]+)/", url)
    return match[1] if match else ""


def _number_in(url: str) -> int:
    match = re.fullmatch(r".*/status/([0-9]{1,9})", url)
    return int(match[1]) if match else 0


def _url_of_did(did: str) -> str:
    """Where a did:web document is (did:web method specification, "Read")."""
    match = _DID_WEB.fullmatch(did)
    if match is None:
        raise NotReached(
            _("The issuer “{did}” is named in a way that can't be looked up here.").format(
                did=did[:200]
            )
        )
    path = match["path"].replace(":", "/") or "/.well-known"
    return f"https://{unquote(match['host'])}{path}/did.json"


def _fetch(url: str) -> bytes:
    """What is at an address of a host that may be asked; without cookies, and never elsewhere."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" or not may_be_asked(host) or parts.username is not None:
        raise NotReached(
            _("This site does not fetch anything from “{host}”.").format(
                host=host[:200] or url[:200]
            )
        )
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(
                url,
                headers={"Accept": "application/json, */*;q=0.1"},
                timeout=(_CONNECT_SECONDS, _READ_SECONDS),
                allow_redirects=False,
                stream=True,
            )
            with answer:
                if answer.status_code != 200:
                    raise NotReached(
                        _("“{host}” answers {status}.").format(host=host, status=answer.status_code)
                    )
                return _bounded(answer, host)
    except requests.RequestException as error:
        raise NotReached(_("“{host}” could not be reached.").format(host=host)) from error


def _bounded(answer: requests.Response, host: str) -> bytes:
    until = monotonic() + _ALTOGETHER
    content = bytearray()
    for chunk in answer.iter_content(_CHUNK):
        content += chunk
        if len(content) > LARGEST_BYTES or monotonic() > until:
            raise NotReached(_("“{host}” answers with too much, or too slowly.").format(host=host))
    return bytes(content)


def may_be_asked(host: str) -> bool:
    """Whether the operator named this host."""
    return host.casefold() in {name.casefold() for name in settings.MICROCRED_VERIFIER_HOSTS}
