"""What the world has still to be told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from microcred_plugin.awards.clock import Backlog
from microcred_plugin.awards.models import (
    Announcement,
    AwardEvent,
)

# So long a worker has to tell an event; then it is taken to be gone.
CLAIM = timedelta(minutes=5)


def unannounced(*, limit: int, now: datetime) -> list[AwardEvent]:
    """
    Award events that the world has still to be told, in the order in which they happened.

    What somebody is telling at the moment is left out, and what follows for the same award.
    """
    waiting = _waiting()
    claimed = waiting.filter(claimed_at__gte=now - CLAIM)
    blocked = claimed.filter(award=OuterRef("award"), id__lte=OuterRef("id"))
    return list(
        waiting.exclude(Exists(blocked))
        .select_related("award__microcredential", "award__version")
        .order_by("id")[:limit]
    )


def outbox_backlog() -> Backlog:
    """How many award events have still to be told."""
    return Backlog(**_waiting().aggregate(count=Count("id"), since=Min("at")))


def _waiting() -> QuerySet[AwardEvent]:
    return AwardEvent.objects.filter(
        announced_at=None, announcement__in=(Announcement.AWARDED, Announcement.REVOKED)
    )


def claim(event: AwardEvent, *, now: datetime) -> bool:
    """Take an event for telling; False if somebody else has it, or has told it."""
    return bool(
        AwardEvent.objects.filter(
            Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM), pk=event.pk, announced_at=None
        ).update(claimed_at=now)
    )


def mark_announced(event: AwardEvent, *, now: datetime) -> None:
    """Note that an event has been told."""
    AwardEvent.objects.filter(pk=event.pk).update(announced_at=now)


def keep_quiet(events: Collection[AwardEvent]) -> None:
    """Strike events from the outbox: nobody is told about people who have left."""
    AwardEvent.objects.filter(pk__in=[event.pk for event in events]).update(
        announcement=Announcement.NONE
    )
