"""The page of an award: its holder's own, and the one that everybody sees if they share it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe

from microcred_plugin.awards import api as awards
from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.api import (
    SIGNED_STATES,
    NotConfigured,
    NotSigned,
    Shared,
    SigningFailed,
    Why,
)
from microcred_plugin.host import get_host
from microcred_plugin.pages.api import show
from microcred_plugin.presenting.award import award_page
from microcred_plugin.public import documents
from microcred_plugin.public.framing import public_page
from microcred_plugin.public.negotiation import prefers_json
from microcred_plugin.public.reading import nothing_here, read
from microcred_plugin.public.shown import read_card, read_public
from microcred_plugin.public.structured_data import award_json_ld


@require_safe
def award(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """An award: to a program its credential, to a person a page."""
    view = documents.award_json if prefers_json(request) else _page
    response = view(request, uuid)
    patch_vary_headers(response, ("Accept", "Cookie"))
    return response


@public_page
def _page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    readable = read(request, uuid)
    now = timezone.now()
    is_asked = request.GET.get("as") == "public" and readable.award.state in SIGNED_STATES
    if readable.is_holder and not is_asked:
        return show(
            request, "public/own_award.html", "home",
            page=award_page(readable.award, now=now), sharing=read_card(readable, now=now),
        )  # fmt: skip
    found = read_public(readable, now=now)
    version = found.version
    image = reverse(
        "microcred:badge_png", args=[readable.award.microcredential.uuid, version.number]
    )
    image_url = get_host().absolute_url(f"{image}?size=512")
    return show(
        request, "public/award.html",
        page=found, version=version, image_url=image_url,
        json_ld=award_json_ld(found, image_url=image_url) if found.is_shared else "",
    )  # fmt: skip


@require_POST
@public_page
def share(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """
    Do with an award what its holder chose: share it, or change how; stop that; decline it, or take
    that back. What is shared is signed at once, where the site can.
    """
    readable = read(request, uuid)
    if not readable.is_holder or readable.award.state not in SIGNED_STATES:
        raise nothing_here()
    state = _STATES.get(request.POST.get("do", ""))
    if state is None:
        return HttpResponse(status=400)
    now = timezone.now()
    is_shared = state == Shared.SHARED
    credentials.choose(
        uuid,
        learner_id=readable.award.learner_id,
        now=now,
        state=state,
        has_results="results" in request.POST if is_shared else readable.choice.has_results,
        is_on_profile=is_shared and "profile" in request.POST,
    )
    if is_shared:
        _sign(uuid, readable.learner.email)
    if request.POST.get("from") == "sharing":
        return redirect("microcred:sharing")
    return redirect(f"{reverse('microcred:award', args=[uuid])}#sharing")


_STATES = {
    "share": Shared.SHARED,
    "stop": Shared.PRIVATE,
    "decline": Shared.DECLINED,
    "undecline": Shared.PRIVATE,
}


def _sign(uuid: UUID, email: str) -> None:
    """
    Have what is shared signed; where that can't be, the page says so.

    Signed anew where it is about an address that the holder has no more.
    """
    award = awards.find_any_award(uuid)
    if award is None:
        return
    try:
        signed = credentials.served(award, now=timezone.now())
        if email and not credentials.is_addressed_to(signed, email):
            credentials.resign(award, Why.CHOSEN, now=timezone.now())
    except (NotConfigured, NotSigned, SigningFailed):
        return
