"""A learner's public profile: the awards that they chose to show together."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from microcred_plugin.credentials import api as credentials
from microcred_plugin.host import get_host
from microcred_plugin.pages.api import show
from microcred_plugin.planning import ask
from microcred_plugin.presenting.parts import earned
from microcred_plugin.public.framing import public_page
from microcred_plugin.public.reading import nothing_here

BADGES_ON_A_PAGE = 48


@require_safe
@public_page
def profile(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """The profile at an address; one that is off is not there."""
    found = credentials.profile_at(share_id)
    if found is None:
        raise nothing_here()
    holder, chosen = found
    learner = ask(get_host().learners, [holder.learner_id]).get(holder.learner_id)
    if learner is None or learner.is_retired:
        raise nothing_here()
    now = timezone.now()
    badges: Page[Any] = Paginator(chosen, BADGES_ON_A_PAGE).get_page(request.GET.get("page", "1"))
    badges.object_list = [earned(award, now=now) for award in badges]
    url = reverse("microcred:profile", args=[share_id])
    return show(
        request, "public/profile.html",
        name=credentials.shown_name(holder, learner),
        badges=badges,
        is_indexed=holder.may_be_indexed,
        is_own=request.user.is_authenticated and request.user.pk == holder.learner_id,
        canonical_url=get_host().absolute_url(url),
    )  # fmt: skip
