"""Offers to the microcredentials of an organisation, and one offer, for both of its sides."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from microcred_plugin import tasks
from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import (
    Known,
    Missing,
    NotPossible,
    Offer,
    OfferState,
    Rights,
    Side,
)
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Microcredential
from microcred_plugin.studio.access import for_authors, for_everybody
from microcred_plugin.studio.cards import asked_in_draft, cards_of
from microcred_plugin.studio.showing import show_studio

ON_A_PAGE = 20

# By the name in the address: what is listed, and in which states it is.
LISTS = {
    "": (gettext_lazy("Waiting for you"), (OfferState.TO_OWNER,)),
    "there": (gettext_lazy("Waiting for others"), (OfferState.TO_OTHER,)),
    "agreed": (gettext_lazy("Agreed"), (OfferState.ACCEPTED,)),
    "ended": (gettext_lazy("Declined and withdrawn"), authoring.ENDED),
}


@require_safe
@for_everybody
def offers(request: HttpRequest, rights: Rights) -> HttpResponse:
    """What is offered to the microcredentials of the reader's organisations, and what was asked."""
    if not rights.is_anybody:
        return show_studio(request, "nobody.html", "offers")
    which = request.GET.get("list", "")
    if which not in LISTS:
        raise Http404(_("There is no such list of offers."))
    mine = None if rights.is_operator else rights.organizations
    found = authoring.offers_to(mine, LISTS[which][1])
    page: Page[Any] = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    page.object_list = cards_of(list(page), rights)
    return show_studio(
        request, "offers.html", "offers", page=page, which=which, label=LISTS[which][0],
        lists=[(name, label) for name, (label, _states) in LISTS.items()],
        query=f"{urlencode({'list': which})}&" if which else "",
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@for_everybody
def offer(request: HttpRequest, rights: Rights, uuid: UUID) -> HttpResponse:
    """One offer with everything that was done about it; what its reader says goes here, too."""
    found = authoring.find_offer(uuid)
    known = None if found is None else authoring.look_up([authoring.subject_of(found)], rights)
    if found is None or known is None or not _may_read(found, known, rights):
        raise Http404(_("There is no such offer, or you may not see it."))
    wrong = ""
    if request.method == "POST":
        wrong = _act(request, found, rights)
        if not wrong:
            return redirect(_back(request) or request.path)
        found = authoring.find_offer(uuid)
        assert found is not None
    [card] = cards_of([found], rights, known=known)
    return show_studio(
        request, "offer.html", "offers", status=422 if wrong else 200, one=card, wrong=wrong,
        did=request.POST.get("do", ""), reason=request.POST.get("reason", ""),
        place=request.POST.get("place", ""), back=_back(request),
        in_draft=asked_in_draft(found, known),
        course_key=next(iter(sorted(known.mine)), ""),
        is_member=rights.may_view(found.microcredential.organization),
    )  # fmt: skip


def _may_read(found: Offer, known: Known, rights: Rights) -> bool:
    """Both sides read it: of a course, whoever writes any of its runs."""
    if rights.may_view(found.microcredential.organization) or known.mine:
        return True
    return authoring.subject_of(found) in known.writable


@transaction.atomic
def _act(request: HttpRequest, found: Offer, rights: Rights) -> str:
    """Do what the form says; what is wrong with it, if anything is."""
    does, reason = request.POST.get("do"), request.POST.get("reason", "")
    try:
        if does == "accept":
            place = request.POST.get("place", "")
            authoring.accept(offer=found, by=rights, place=place, note=reason)
            said = _("Agreed. It is in the draft, and counts from the next version on.")
        elif does == "decline":
            authoring.decline(offer=found, by=rights, reason=reason)
            said = _("Declined. The other side is told why.")
        elif does == "withdraw":
            side = Side.OWNER if request.POST.get("side") == Side.OWNER else Side.OTHER
            authoring.withdraw(offer=found, by=rights, side=side, reason=reason)
            said = _("Withdrawn.")
        else:
            return _("Choose what to do: accept, decline or withdraw.")
    except NotPossible as error:
        return str(error)
    tasks.send_offers()
    messages.success(request, said)
    return ""


def _back(request: HttpRequest) -> str:
    """The page of ours that the reader came from, if they came from one."""
    to = request.POST.get("back") or request.GET.get("back") or ""
    is_ours = to.startswith("/") and url_has_allowed_host_and_scheme(to, allowed_hosts=None)
    return to if is_ours else ""


@require_http_methods(["GET", "HEAD", "POST"])
@for_authors
def ask_others(
    request: HttpRequest, rights: Rights, microcredential: Microcredential
) -> HttpResponse:
    """What a draft names that others have to agree to; and asking them."""
    draft = definitions.draft_of(microcredential)
    missing = authoring.missing_agreements(draft, rights) if draft is not None else []
    chosen = request.POST.getlist("key")
    wrong = ""
    if request.method == "POST" and draft is not None:
        wanted = [one for one in missing if one.can_be_asked and one.subject.key in chosen]
        wrong = _ask(draft, wanted, rights, request.POST.get("note", ""))
        if not wrong:
            messages.success(request, _("Asked. They are told, and answer."))
            return redirect(request.path)
    return show_studio(
        request, "offer_ask.html", "offers", status=422 if wrong else 200,
        microcredential=microcredential, missing=_once(missing), wrong=wrong,
        chosen=chosen, note=request.POST.get("note", ""),
    )  # fmt: skip


@transaction.atomic
def _ask(
    draft: definitions.MicrocredentialVersion, wanted: list[Missing], rights: Rights, note: str
) -> str:
    """Ask for all of them; what is wrong, if anything is."""
    if not wanted:
        return _("Choose at least one that is to be asked for.")
    try:
        for one in _once(wanted):
            authoring.ask_for(missing=one, version=draft, by=rights, note=note)
    except NotPossible as error:
        transaction.set_rollback(True)
        return str(error)
    tasks.send_offers()
    return ""


def _once(missing: list[Missing]) -> list[Missing]:
    """Each thing once, however often the trees name it; with the first node that does."""
    found: dict[authoring.Subject, Missing] = {}
    for one in missing:
        found.setdefault(one.subject, one)
    return list(found.values())
