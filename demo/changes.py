"""
What changed in the demo's tables, page by page: the demo's answer to the plugin's sweep.

A watermark is either a place within a scan (`time|table|id`, read on behind it) or the end of one
(`time`, read on from it, itself included). The end of a scan is never later than a few minutes ago,
because a row is stamped when it is written and seen when its transaction commits: whoever stamps
first may commit last. So the last minutes are read again, and no change is missed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import islice
from typing import Any

from django.apps import apps
from django.db.models import Q
from django.utils.timezone import now

from microcred_plugin.host.interface import Changes

# Longer than any transaction of the demo.
OVERLAP = timedelta(minutes=5)

# Table, when it was changed, whose row, in which run. Their order is part of the watermark.
_SOURCES = (
    ("demo_results", "PersistentCourseGrade", "modified", "user_id", "course_id"),
    ("demo_results", "GeneratedCertificate", "modified_date", "user_id", "course_id"),
    (
        "demo_results", "CertificateInvalidation", "modified",
        "generated_certificate__user_id", "generated_certificate__course_id",
    ),
    ("demo_results", "PersistentSubsectionGrade", "modified", "user_id", "course_id"),
    (
        "demo_results", "PersistentSubsectionGradeOverride", "modified",
        "grade__user_id", "grade__course_id",
    ),
    ("demo_courses", "CourseEnrollment", "modified", "user_id", "course_id"),
)  # fmt: skip

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    """Where a row stands among all that changed. Behind it is everything that is greater."""

    at: datetime
    table: int = -1
    row: int = 0

    @classmethod
    def read(cls, watermark: str) -> _Place:
        if not watermark:
            return cls(_BEGINNING)
        at, *place = watermark.split("|")
        return cls(datetime.fromisoformat(at), *map(int, place))

    def __str__(self) -> str:
        return f"{self.at.isoformat()}|{self.table}|{self.row}"


def changes_since(watermark: str, *, limit: int) -> Changes:
    """The next `limit` changed rows; one query for each table, whatever the number of rows."""
    start = _Place.read(watermark)
    tables = (_changed(number, start, limit + 1) for number in range(len(_SOURCES)))
    rows = list(islice(merge(*tables), limit + 1))
    page = rows[:limit]
    hints = tuple(dict.fromkeys(hint for _place, hint in page))
    if len(rows) > limit:
        return Changes(hints, str(page[-1][0]), has_more=True)
    last = page[-1][0].at if page else start.at
    return Changes(hints, min(last, now() - OVERLAP).isoformat())


def _changed(number: int, start: _Place, limit: int) -> Iterator[tuple[_Place, tuple[int, str]]]:
    """Rows of one table behind the place, in the order in which they were changed."""
    app, name, stamp, learner, run = _SOURCES[number]
    model: Any = apps.get_model(app, name)
    if number > start.table:
        behind = Q(**{f"{stamp}__gte": start.at})
    elif number == start.table:
        behind = Q(**{f"{stamp}__gt": start.at}) | Q(**{stamp: start.at, "pk__gt": start.row})
    else:
        behind = Q(**{f"{stamp}__gt": start.at})
    rows = model.objects.filter(behind).order_by(stamp, "pk")[:limit]
    for at, row, learner_id, key in rows.values_list(stamp, "pk", learner, run):
        yield _Place(at, number, row), (learner_id, str(key))
