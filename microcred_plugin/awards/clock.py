"""When to look again, and how far the platform has been read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from django.db import connection
from django.db.models import Count, Min
from django.utils import timezone

from microcred_plugin.awards.models import (
    Due,
    Watermark,
)
from microcred_plugin.awards.reading import Place

Why: TypeAlias = Due.Why

# Marks beside the watermark itself, each with the time at which it was set last.
READ = "changes"
READ_TO_THE_END = "changes-read-to-the-end"
SWEPT = "sweep"
WORKED = "worker"


@dataclass(frozen=True, slots=True)
class Mark:
    """When something happened last, and what there is to say about it."""

    at: datetime
    value: str


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much waits, and since when."""

    count: int
    since: datetime | None


def expect(dues: Iterable[tuple[Place, Why, datetime]]) -> None:
    """Note when to look again. Of two dates for the same reason, the later note wins."""
    rows = [
        Due(learner_id=learner_id, microcredential_id=microcredential_id, why=why, due_at=due_at)
        for (learner_id, microcredential_id), why, due_at in dues
    ]
    if not rows:
        return
    unique = ("learner", "microcredential", "why")
    Due.objects.bulk_create(
        rows,
        update_conflicts=True,
        update_fields=("due_at",),
        # MySQL finds the constraint by itself and refuses to be told.
        unique_fields=unique if connection.features.supports_update_conflicts_with_target else None,
    )


def due_before(now: datetime, *, limit: int) -> list[Due]:
    """What is due, the oldest first."""
    return list(Due.objects.filter(due_at__lte=now).order_by("due_at", "id")[:limit])


def settle_due(rows: Sequence[Due]) -> None:
    """Strike out what has been looked at; what was put off meanwhile stays."""
    for due_at in {row.due_at for row in rows}:
        ids = [row.pk for row in rows if row.due_at == due_at]
        Due.objects.filter(pk__in=ids, due_at=due_at).delete()


def dues_of(learner_id: int, microcredential_id: int) -> list[tuple[Why, datetime]]:
    """When this learner's standing here is looked at again, and why; the next first."""
    rows = Due.objects.filter(learner=learner_id, microcredential=microcredential_id)
    return [(Why(why), at) for why, at in rows.order_by("due_at").values_list("why", "due_at")]


def overdue(now: datetime) -> Backlog:
    """What is due and has not been looked at."""
    found = Due.objects.filter(due_at__lte=now).aggregate(count=Count("id"), since=Min("due_at"))
    return Backlog(**found)


def learners_unknown(*, before: datetime) -> int:
    """How many learners are to be asked about again by then, since the platform could not say."""
    rows = Due.objects.filter(why=Why.UNKNOWN, due_at__lte=before)
    return int(rows.aggregate(learners=Count("learner", distinct=True))["learners"])


def watermark() -> str:
    """How far the platform's changes have been read; "" at first."""
    return Watermark.objects.filter(name=READ).values_list("value", flat=True).first() or ""


def set_watermark(value: str) -> None:
    """Note how far the platform's changes have been read."""
    set_mark(READ, value)


def set_mark(name: str, value: str = "") -> None:
    """Note that something has just happened."""
    now = timezone.now()
    if not Watermark.objects.filter(name=name).update(value=value, modified=now):
        Watermark.objects.bulk_create([Watermark(name=name, value=value)], ignore_conflicts=True)


def marks() -> dict[str, Mark]:
    """Everything that has been noted, by name. One query."""
    rows = Watermark.objects.values_list("name", "modified", "value")
    return {name: Mark(at, value) for name, at, value in rows}
