"""The brief panel of the legacy dashboard: how many badges, the newest by name, and where to go."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import State

NEWEST = 3


@dataclass(frozen=True, slots=True)
class Panel:
    """What the panel says; `badges` are (title, address of the picture)."""

    title: str
    sentence: str
    badges: tuple[tuple[str, str], ...]
    link: str
    url: str


def read_panel(learner_id: int) -> Panel:
    """One query."""
    now = timezone.now()
    held = [
        award
        for award in awards.awards_of(learner_ids=[learner_id])
        if awards.shown_state(award, now=now) is State.ACTIVE and not award.is_hidden
    ]
    superseded = awards.superseding(held)
    held = [award for award in held if award.uuid not in superseded]
    sentence = _("What you earn in your courses appears here by itself.")
    if held:
        sentence = ngettext(
            "You hold {count} microcredential.", "You hold {count} microcredentials.", len(held)
        ).format(count=len(held))
    return Panel(
        title=_("Microcredentials"),
        sentence=sentence,
        badges=tuple(
            (
                award.version.title,
                reverse(
                    "microcred:badge_svg",
                    args=[award.microcredential.uuid, award.version.number],
                ),
            )
            for award in held[:NEWEST]
        ),
        link=_("See my microcredentials"),
        url=reverse("microcred:home"),
    )
