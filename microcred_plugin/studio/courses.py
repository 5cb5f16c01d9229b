"""A course in Studio: what it counts towards, for those who may write it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from microcred_plugin import tasks
from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import (
    COURSE,
    Known,
    NotPossible,
    Offer,
    OfferState,
    Rights,
    Subject,
)
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Microcredential, MicrocredentialVersion
from microcred_plugin.host.interface import CourseRun
from microcred_plugin.studio.access import for_course_team
from microcred_plugin.studio.course_figures import course_figures
from microcred_plugin.studio.course_page import SEARCHED_FROM, read_course, subjects_of_run
from microcred_plugin.studio.offering import (
    MODES,
    Typed,
    find_attachable,
    like_another_run,
    read_form,
)
from microcred_plugin.studio.previewing import detachment_part
from microcred_plugin.studio.showing import is_part, show_studio

FOUND_ON_A_PAGE = 12
SKILLS_SHOWN = 4


@require_safe
@for_course_team
def course(request: HttpRequest, rights: Rights, run: CourseRun) -> HttpResponse:
    """What the run counts towards, what waits for whose yes, and what was declined."""
    text = request.GET.get("q", "").strip()[:100]
    found = read_course(rights, run, text=text, page=request.GET.get("page", "1"))
    return show_studio(
        request, "course.html", "course", page=found, run=run, text=text,
        figures=course_figures(rights, run.run) if found.total else None,
        is_searched=bool(text) or found.total >= SEARCHED_FROM,
        query=f"{urlencode({'q': text})}&" if text else "",
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@for_course_team
def offer_course(request: HttpRequest, rights: Rights, run: CourseRun) -> HttpResponse:
    """Look for a microcredential, and offer it this run, chosen runs, or any run."""
    to = request.POST.get("to") if request.method == "POST" else request.GET.get("to")
    known = authoring.look_up(subjects_of_run(run), rights)
    if to is None:
        return _search(request, rights, run, known)
    microcredential = _to_which(rights, run, known, to)
    typed = Typed()
    wrong: dict[str, str] = {}
    if request.method == "POST":
        typed = Typed.from_form(request.POST)
        read = read_form(typed, run, known)
        requirements, wrong = read.requirements, dict(read.wrong)
        try:
            if "like" in request.POST:
                requirements = (like_another_run(microcredential, run, request.POST["like"]),)
            if requirements:
                offers = _offer(microcredential, requirements, rights, typed.note)
                messages.success(request, _said(offers, microcredential))
                return redirect("microcred:studio_course", run.run)
        except NotPossible as error:
            wrong = {"": str(error)}
    return show_studio(
        request, "course_offer.html", "course", status=422 if wrong else 200,
        run=run, to=microcredential, typed=typed, wrong=wrong, modes=MODES.items(),
        runs=[one for key, one in known.runs.items() if key in known.mine],
        may_offer_any=any(one.is_course and one in known.writable for one in subjects_of_run(run)),
    )  # fmt: skip


def _search(request: HttpRequest, rights: Rights, run: CourseRun, known: Known) -> HttpResponse:
    """Microcredentials by title, skill or organisation; of htmx only the list is wanted."""
    text = request.GET.get("q", "").strip()[:100]
    fitting = Paginator(find_attachable(rights, run, known, text), FOUND_ON_A_PAGE)
    found: Page[Any] = fitting.get_page(request.GET.get("page"))
    newest = definitions.newest_published_of([one.pk for one in found])
    found.object_list = [(one, _skills(newest.get(one.pk))) for one in found]
    template = "course_found.html" if is_part(request) else "course_search.html"
    return show_studio(
        request, template, "course", run=run, text=text,
        found=found,
        query=f"{urlencode({'q': text})}&" if text else "",
    )  # fmt: skip


def _skills(version: MicrocredentialVersion | None) -> list[str]:
    return [] if version is None else [skill["name"] for skill in version.skills[:SKILLS_SHOWN]]


def _to_which(rights: Rights, run: CourseRun, known: Known, uuid: str) -> Microcredential:
    try:
        wanted = UUID(uuid)
    except ValueError:
        wanted = None
    found = find_attachable(rights, run, known).filter(uuid=wanted).first() if wanted else None
    if found is None:
        raise Http404(_("There is no such microcredential, or nothing can be offered to it."))
    return found


@transaction.atomic
def _offer(
    microcredential: Microcredential,
    requirements: Iterable[Mapping[str, Any]],
    rights: Rights,
    note: str,
) -> list[Offer]:
    """Offer all of them, or none. Raises `NotPossible`."""
    offers = [
        authoring.propose(
            microcredential=microcredential, requirement=requirement, by=rights, note=note
        )
        for requirement in requirements
    ]
    tasks.send_offers()
    return offers


def _said(offers: list[Offer], microcredential: Microcredential) -> str:
    if all(offer.state == OfferState.ACCEPTED for offer in offers):
        return _("“{title}” counts it from its next version on: it is in the draft.").format(
            title=microcredential.title
        )
    return ngettext(
        "Offered. The authors of {organization} are told, and answer.",
        "Offered: {count} runs. The authors of {organization} are told, and answer.",
        len(offers),
    ).format(organization=microcredential.organization, count=len(offers))


@require_http_methods(["GET", "HEAD", "POST"])
@for_course_team
def withdraw_course(
    request: HttpRequest, rights: Rights, run: CourseRun, uuid: UUID
) -> HttpResponse:
    """What it means to withdraw the run, or its course, from a microcredential; and doing it."""
    page = read_course(rights, run, of=uuid)
    counted = next((one for one in page.counted if one.uuid == str(uuid)), None)
    if counted is None or counted.withdraws is None:
        raise Http404(_("There is nothing to withdraw here. Perhaps it has been withdrawn."))
    found = definitions.find_microcredential(counted.uuid)
    wrong, reason = "", ""
    if request.method == "POST":
        reason = request.POST.get("reason", "")
        try:
            authoring.withdraw_course(
                microcredential=found,
                key=counted.withdraws,
                by=rights,
                reason=reason,
            )
        except NotPossible as error:
            wrong = str(error)
        else:
            tasks.send_offers()
            messages.success(
                request,
                _("Withdrawn. The next version of “{title}” can't ask for it.").format(
                    title=counted.title
                ),
            )
            return redirect("microcred:studio_course", run.run)
    return show_studio(
        request, "course_withdraw.html", "course", status=422 if wrong else 200,
        run=run, counted=counted, wrong=wrong, reason=reason,
        is_course=Subject(COURSE, counted.withdraws).is_course, microcredential=found,
        preview=detachment_part(rights, found, run),
    )  # fmt: skip
