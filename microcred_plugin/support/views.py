"""
The pages of support, for the global staff of the site; to everybody else they are not there.

An address holds ids only, so that neither logs nor histories of browsers hold a name: what was
typed is posted, and answered with the address of what was found.
"""

from __future__ import annotations

from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from microcred_plugin import monitoring
from microcred_plugin.awards import api as awards
from microcred_plugin.definitions import api as definitions
from microcred_plugin.explaining import LearnerGone, explain, present_learner
from microcred_plugin.health import check_health
from microcred_plugin.pages.api import View, page, show
from microcred_plugin.support.explained import as_page
from microcred_plugin.support.finding import Sought, find

# Beyond that it is no id, and no database can be asked for it.
_LARGEST_ID = 2**63 - 1


def _for_staff(view: View) -> View:
    """A page for whoever is staff of the whole site. Others can't tell it from one that is not."""

    @wraps(view)
    def looked_at(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not _is_staff(request):
            raise Http404(_("There is no such page."))
        monitoring.note(monitoring.TASK, f"support.{view.__name__}")
        return view(request, *args, **kwargs)

    return login_required(page(looked_at))


def _is_staff(request: HttpRequest) -> bool:
    return request.user.is_active and bool(getattr(request.user, "is_staff", False))


@require_http_methods(["GET", "HEAD", "POST"])
@_for_staff
def support(request: HttpRequest) -> HttpResponse:
    """Ask who and what it is about."""
    if request.method != "POST":
        return _show(request, "support.html", sought=Sought())
    found = find(request.POST)
    if found.learner_id is None or found.sought.has_error:
        return _show(request, "support.html", sought=found.sought, status=422)
    if not found.choices:
        return redirect("microcred:support_learner", found.learner_id)
    if len(found.choices) == 1:
        uuid = found.choices[0].uuid
        return redirect("microcred:support_explain", found.learner_id, uuid)
    return _show(
        request, "support.html",
        sought=found.sought, choices=found.choices, learner_id=found.learner_id,
    )  # fmt: skip


@require_safe
@_for_staff
def learner(request: HttpRequest, learner_id: int) -> HttpResponse:
    """One learner: what they have been awarded, and a field for what they have not."""
    try:
        person = present_learner(_checked(learner_id))
    except LearnerGone as error:
        return _nobody(request, learner_id, str(error))
    held = list(awards.awards_of(learner_ids=[learner_id]))
    now = timezone.now()
    return _show(
        request, "learner.html",
        person=person,
        held=[(award, awards.shown_state(award, now=now)) for award in held],
        sought=Sought(learner=person.username),
    )  # fmt: skip


@require_safe
@_for_staff
def explained(request: HttpRequest, learner_id: int, uuid: UUID) -> HttpResponse:
    """Where a learner stands in one microcredential, and why."""
    monitoring.note(monitoring.LEARNER_ID, learner_id)
    try:
        found = definitions.find_microcredential(str(uuid))
        shown = as_page(explain(_checked(learner_id), found.id, now=timezone.now()))
    except LearnerGone as error:
        return _nobody(request, learner_id, str(error))
    except definitions.NotFound as error:
        sought = Sought(learner=str(learner_id), microcredential_error=str(error))
        return _show(request, "support.html", sought=sought, status=404)
    return _show(request, "explained.html", shown=shown, one=shown.explained)


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """
    Whether everything works, for machines: 200 or 503, and what was found.

    For staff who are logged in, and for whoever has the token; anybody else could only make the
    site work.
    """
    if not (_has_token(request) or _is_staff(request)):
        return _json({"detail": "For staff of the site, or with MICROCRED_HEALTH_TOKEN."}, 403)
    found = check_health(now=timezone.now())
    return _json(found.as_json(), 200 if found.is_healthy else 503)


def _has_token(request: HttpRequest) -> bool:
    token = settings.MICROCRED_HEALTH_TOKEN
    given = request.headers.get("Authorization", "")
    return bool(token) and constant_time_compare(given, f"Bearer {token}")


def _json(content: dict[str, Any], status: int) -> HttpResponse:
    response = JsonResponse(content, status=status, json_dumps_params={"indent": 2})
    patch_cache_control(response, private=True, no_store=True)
    return response


def _show(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    return show(request, f"support/{template}", "support", **context)


def _checked(learner_id: int) -> int:
    if learner_id > _LARGEST_ID:
        raise LearnerGone(_("There is no such user."))
    return learner_id


def _nobody(request: HttpRequest, learner_id: int, sentence: str) -> HttpResponse:
    sought = Sought(learner=str(learner_id), learner_error=sentence)
    return _show(request, "support.html", sought=sought, status=404)
