"""The learner's pages: each view reads a page and shows it; only `place_award` changes anything."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from microcred_plugin.awards import api as awards
from microcred_plugin.host import get_host
from microcred_plugin.learner.home import read_home
from microcred_plugin.messages import api as messages
from microcred_plugin.pages.api import page, picture, show
from microcred_plugin.planning import ask
from microcred_plugin.presenting.catalog import Wanted, read_catalog
from microcred_plugin.presenting.course import read_course
from microcred_plugin.presenting.detail import read_detail
from microcred_plugin.presenting.pictures import SIZES, NotDrawn, png_of, svg_of
from microcred_plugin.presenting.structured_data import json_ld

# A badge may be drawn anew: in another colour of its organisation, or by a later release.
_FOR_A_DAY = {"public": True, "max_age": 24 * 3600}


@require_safe
@login_required
@page
def home(request: HttpRequest) -> HttpResponse:
    """What the learner holds and is on the way to."""
    found = read_home(
        _learner_id(request),
        now=timezone.now(),
        page=request.GET.get("page", "1"),
        is_all=request.GET.get("under-way") == "all",
    )
    wants_mail = awards.wants_mail(_learner_id(request)) if messages.is_mail_on() else None
    return _render(request, "home.html", "home", home=found, wants_mail=wants_mail)


@require_safe
@page
def catalog(request: HttpRequest) -> HttpResponse:
    """What can be earned."""
    found = read_catalog(
        _learner_id_or_none(request),
        Wanted.from_query(request.GET),
        now=timezone.now(),
        page=request.GET.get("page", "1"),
    )
    return _render(request, "catalog.html", "catalog", catalog=found)


@require_safe
@page
def microcredential(request: HttpRequest, uuid: UUID, number: int | None = None) -> HttpResponse:
    """One microcredential, as it can be earned now or in one of its versions."""
    found = read_detail(
        uuid,
        learner_id=_learner_id_or_none(request),
        is_staff=bool(getattr(request.user, "is_staff", False)),
        now=timezone.now(),
        number=number,
    )
    if found is None:
        raise Http404(_("There is no such microcredential, or it is not public yet."))
    host = get_host()
    url = host.absolute_url(reverse("microcred:microcredential", args=[uuid]))
    image = reverse("microcred:badge_png", args=[uuid, found.version.number])
    image_url = host.absolute_url(f"{image}?size=512")
    return _render(
        request, "microcredential.html", "catalog",
        detail=found, version=found.version, canonical_url=url, image_url=image_url,
        json_ld=json_ld(found.version, url=url, image_url=image_url),
    )  # fmt: skip


@require_POST
@login_required
@page
def place_award(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Hide an award from the learner's own page, or show it there again."""
    is_hidden = request.POST.get("hidden") == "1"
    if not awards.set_hidden(uuid, learner_id=_learner_id(request), is_hidden=is_hidden):
        raise Http404(_("You have no such award."))
    return redirect("microcred:award", uuid)


@require_POST
@login_required
@page
def mail_choice(request: HttpRequest) -> HttpResponse:
    """Have e-mails sent about what the learner earns, or none."""
    awards.set_wants_mail(_learner_id(request), request.POST.get("wanted") == "1")
    return redirect(f"{reverse('microcred:home')}#mail")


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@page
def mail(request: HttpRequest, token: str) -> HttpResponse:
    """
    The same from an e-mail's foot, without logging in: who has the link may choose.

    Opening it changes nothing, since programs open links before people do; a mail program's own
    button posts (RFC 8058), without a cookie. The page names nobody.
    """
    learner_id = messages.learner_of_token(token)
    if learner_id is None or not _is_present(learner_id):
        raise Http404(_("This link is not complete. Open it from the e-mail once more."))
    if request.method == "POST":
        awards.set_wants_mail(learner_id, request.POST.get("wanted") == "1")
    return _render(request, "mail.html", "", is_wanted=awards.wants_mail(learner_id))


@require_safe
@page
def course(request: HttpRequest, key: str) -> HttpResponse:
    """What a course run counts towards."""
    found = read_course(key, learner_id=_learner_id_or_none(request), now=timezone.now())
    if found is None:
        raise Http404(_("There is no such course."))
    return _render(request, "course.html", "catalog", page=found)


@require_safe
def badge_svg(request: HttpRequest, uuid: UUID, number: int) -> HttpResponse:
    """The badge of a version, drawn."""
    content = svg_of(uuid, number)
    if content is None:
        raise Http404
    return _picture(content, "image/svg+xml")


@require_safe
def badge_png(request: HttpRequest, uuid: UUID, number: int) -> HttpResponse:
    """The badge of a version as PNG, in one of a few sizes."""
    size = request.GET.get("size", "512")
    if size not in map(str, SIZES):
        raise Http404
    try:
        content = png_of(uuid, number, int(size))
    except NotDrawn:
        return HttpResponse(status=503, headers={"Retry-After": "60"})
    if content is None:
        raise Http404
    return _picture(content, "image/png")


def _picture(content: str | bytes, content_type: str) -> HttpResponse:
    response = picture(content, content_type)
    patch_cache_control(response, **_FOR_A_DAY)
    return response


def _render(request: HttpRequest, template: str, here: str, **context: Any) -> HttpResponse:
    return show(request, f"learner/{template}", here, **context)


def _is_present(learner_id: int) -> bool:
    """Whether somebody is still there: nothing is noted about who has left."""
    learner = ask(get_host().learners, [learner_id]).get(learner_id)
    return learner is not None and not learner.is_retired


def _learner_id(request: HttpRequest) -> int:
    assert request.user.pk is not None
    return int(request.user.pk)


def _learner_id_or_none(request: HttpRequest) -> int | None:
    return _learner_id(request) if request.user.is_authenticated else None
