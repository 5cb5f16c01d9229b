"""The steps of offers that the other side has still to be told of: a queue, by their rows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from microcred_plugin.authoring.models import Offer, OfferState, OfferStep, Role, Side
from microcred_plugin.authoring.roles import people_in
from microcred_plugin.authoring.sides import Known
from microcred_plugin.authoring.standing import subject_of
from microcred_plugin.authoring.subjects import MICROCREDENTIAL
from microcred_plugin.host import get_host
from microcred_plugin.host.asking import ask

# After a failure it is tried again so much later; after the last nobody tries any more.
_LATER = (timedelta(0), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=3))
ATTEMPTS = len(_LATER)
# What could not be told for so long is no news any more.
TOO_LATE = timedelta(days=14)

_WRITERS = (Role.ADMIN, Role.AUTHOR)

# What a step has made of its offer: if it is something else by now, the step is no news.
_STILL = {
    OfferStep.Kind.OFFERED: OfferState.TO_OWNER,
    OfferStep.Kind.ASKED: OfferState.TO_OTHER,
    OfferStep.Kind.ACCEPTED: OfferState.ACCEPTED,
    OfferStep.Kind.DECLINED: OfferState.DECLINED,
    OfferStep.Kind.WITHDRAWN: OfferState.WITHDRAWN,
}


def steps_to_tell(*, now: datetime, limit: int) -> list[OfferStep]:
    """The first of those that are to be told now, each with its offer. One query."""
    return list(_due(now).select_related("offer__microcredential")[:limit])


def has_steps_to_tell(*, now: datetime) -> bool:
    """Whether there are any. One query."""
    return _due(now).exists()


def claim_steps(steps: Collection[OfferStep], *, now: datetime) -> list[OfferStep]:
    """
    Those of these that nobody else tells. They are told then: whatever happens, not twice.

    `give_back` is for the failure that is noticed.
    """
    waiting = OfferStep.objects.filter(told_at=None)
    return [step for step in steps if waiting.filter(pk=step.pk).update(told_at=now)]


def give_back(steps: Collection[OfferStep]) -> list[OfferStep]:
    """Have these tried again later; gives those for which that was the last time."""
    ids = [step.pk for step in steps]
    OfferStep.objects.filter(pk__in=ids).update(told_at=None, attempts=F("attempts") + 1)
    return [step for step in steps if step.attempts + 1 >= ATTEMPTS]


def is_news(step: OfferStep, *, now: datetime) -> bool:
    """Whether the step still is what was done last about its offer, and not long ago."""
    is_last = step.offer.state == _STILL[OfferStep.Kind(step.kind)]
    return is_last and step.at > now - TOO_LATE


def told_side(step: OfferStep) -> Side:
    """The side that hears of a step: the other one."""
    return Side.OTHER if step.side == Side.OWNER else Side.OWNER


def people_of(offer: Offer, side: Side, known: Known) -> list[int]:
    """The ids of those who speak for a side, ascending. Raises `HostFailed`."""
    subject = subject_of(offer)
    if side == Side.OWNER:
        return people_in(offer.microcredential.organization, _WRITERS)
    if subject.kind == MICROCREDENTIAL:
        component = known.components.get(subject.key)
        return people_in(component.organization, _WRITERS) if component else []
    runs = [run.run for run in known.runs.values() if run.course == subject.key]
    runs = runs if subject.is_course else [subject.key]
    return sorted({user for run in runs for user in ask(get_host().course_author_ids, run)})


def _due(now: datetime) -> QuerySet[OfferStep]:
    due = Q(pk__in=[])
    for attempts, later in enumerate(_LATER):
        due |= Q(attempts=attempts, at__lte=now - later)
    return OfferStep.objects.filter(due, told_at=None).order_by("id")
