"""When to look again, and how far the platform has been read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeAlias

from django.db import connection

from microcred_plugin.awards.models import (
    Due,
    Watermark,
)
from microcred_plugin.awards.reading import Place

Why: TypeAlias = Due.Why


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


def watermark() -> str:
    """How far the platform's changes have been read; "" at first."""
    return Watermark.objects.filter(name="changes").values_list("value", flat=True).first() or ""


def set_watermark(value: str) -> None:
    """Note how far the platform's changes have been read."""
    Watermark.objects.update_or_create(name="changes", defaults={"value": value})
