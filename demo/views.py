"""
The demo's front page: what can be earned, who has earned it, and where one stands oneself.

Everything on it is read through the plugin's doors; nothing is recorded by looking at it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now

from demo.courses.models import UserProfile
from demo.describe import Sentence, describe
from demo.report import Earned, earned, titles
from microcred_plugin.definitions import api as definitions
from microcred_plugin.explaining import Explained, explain


@dataclass(frozen=True, slots=True)
class Offer:
    """A microcredential as the page shows it; `counts` are its awards by the state's name."""

    title: str
    slug: str
    organization: str
    about: dict[str, Any]
    asks: Sentence | None
    eligible: Sentence | None
    counts: dict[str, int]


def home(request: HttpRequest) -> HttpResponse:
    """The front page."""
    lines = earned(now=now())
    people = [
        (learner, list(theirs)) for learner, theirs in groupby(lines, key=lambda line: line.learner)
    ]
    with_awards = {learner.id for learner, _theirs in people}
    without = UserProfile.objects.filter(user__is_active=True, user__is_staff=False)
    context = {
        "offers": _offers(lines),
        "people": people,
        "without": without.exclude(user__in=with_awards).select_related("user"),
    }
    if request.user.is_authenticated:
        mine = [line for line in lines if line.learner.id == request.user.pk]
        held = {line.slug for line in mine if line.state in ("active", "suspended", "held")}
        context["mine"] = mine
        context["under_way"] = list(_under_way(request.user.pk, held))
    return render(request, "demo/home.html", context)


def _offers(lines: list[Earned]) -> list[Offer]:
    names = titles()
    abouts = {
        found.id: (found, definitions.content_of(version))
        for found in definitions.list_microcredentials()
        if (version := found.versions.filter(state="published").last()) is not None
    }
    stack = definitions.load_stack(abouts)
    terms = {definition.id: definition.versions[-1] for definition in stack.definitions}
    offers = []
    for key, (found, about) in abouts.items():
        asked = terms[key]
        offers.append(
            Offer(
                title=found.title,
                slug=found.slug,
                organization=found.organization,
                about=about,
                asks=describe(asked.requirements, names) if asked.requirements else None,
                eligible=describe(asked.eligibility, names) if asked.eligibility else None,
                counts=dict(Counter(line.state_name for line in lines if line.slug == found.slug)),
            )
        )
    return offers


def _under_way(learner_id: int, held: set[str]) -> Iterator[Explained]:
    """What the learner has begun and does not hold, as it stands at this moment."""
    for found in definitions.list_microcredentials():
        if found.slug in held:
            continue
        try:
            explained = explain(learner_id, found.id, now=now())
        except definitions.NotFound:
            continue
        if explained.is_under_way or explained.result == "waiting":
            yield explained
