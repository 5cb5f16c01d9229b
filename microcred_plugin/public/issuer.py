"""The page of an issuer: who it is, what it awards, and with which keys it signs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.api import IssuerKey, KeyKind
from microcred_plugin.host import get_host
from microcred_plugin.pages.api import page, show
from microcred_plugin.presenting.catalog import offers_of
from microcred_plugin.public import documents
from microcred_plugin.public.documents import find_issuer
from microcred_plugin.public.negotiation import prefers_json
from microcred_plugin.public.status import day


@dataclass(frozen=True, slots=True)
class Key:
    """A key in plain words; `mark` is "good", "open" or "bad"."""

    mark: str
    text: str
    name: str


@require_safe
def issuer(request: HttpRequest, slug: str) -> HttpResponseBase:
    """An issuer: to a program its profile, to a person a page."""
    view = documents.issuer_json if prefers_json(request) else _page
    response = view(request, slug)
    patch_vary_headers(response, ("Accept", "Cookie"))
    return response


@page
def _page(request: HttpRequest, slug: str) -> HttpResponse:
    found = find_issuer(slug)
    now: datetime = timezone.now()
    offers: Any = offers_of(found.organization, now=now, page=request.GET.get("page", "1"))
    url = reverse("microcred:issuer", args=[slug])
    return show(
        request, "public/issuer.html",
        issuer=found,
        did=credentials.did_of(found),
        keys=[_in_words(key) for key in sorted(found.keys.all(), key=_newest_first)],
        offers=offers,
        canonical_url=get_host().absolute_url(url),
    )  # fmt: skip


def _newest_first(key: IssuerKey) -> tuple[bool, str, int]:
    return (key.slot is None, key.kind, -key.pk)


def _in_words(key: IssuerKey) -> Key:
    if key.compromised_at is not None:
        text = _("Not to be relied on since {day}: others may have it.").format(
            day=day(key.compromised_at)
        )
        return Key("bad", text, key.name)
    if key.retired_at is not None:
        text = _("Signed until {day}. What it signed stays valid.").format(day=day(key.retired_at))
        return Key("open", text, key.name)
    since = day(key.created)
    if key.kind == KeyKind.RSA:
        return Key("good", _("Signs credentials as JWT since {day}.").format(day=since), key.name)
    return Key("good", _("Signs credentials since {day}.").format(day=since), key.name)
