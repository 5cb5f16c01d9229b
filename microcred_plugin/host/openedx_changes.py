"""
What changed in the platform's tables, page by page: what the sweep reads.

Each table is read on from where the last page ended, along an index that it has:

- grades by when they were modified;
- certificates and invalidations by the history that the platform keeps of them, in the order in
  which it was written, because the tables themselves have no index on a date;
- enrollments as they are made. Nothing dates their changes; a change of the enrollment mode has
  the platform grade the learner again, and so is seen among the grades;
- completion by its primary key, a stretch at a time, over and over: its date has no index either.

A row is dated when it is written and seen when its transaction commits, so whoever writes first
may be seen last. Therefore the last minutes are read again each time, and no change is missed.
Rows that the platform updates in bulk, without a date or a history, are left to `reconcile`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.apps import apps
from django.utils.timezone import now

from microcred_plugin.host.interface import Changes

# Longer than any of the platform's requests or tasks keeps a transaction open.
OVERLAP = timedelta(minutes=5)
# How many rows of a table without a date's index are looked through at a time.
STRETCH = 20_000

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_AN_INSTANT = timedelta(microseconds=1)

# Where the watermark has the tables that have been read to their end in this round.
_DONE = "done"

Hint = tuple[int, str]


@dataclass(frozen=True, slots=True)
class _Page:
    """What was found in one table, where to read on, and whether there is more to read at once."""

    hints: list[Hint]
    place: Any
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class _Dated:
    """
    A table with an index that starts with the date.

    Its place is two instants: up to the first everything has been read for good; between the two
    a row with an earlier date may still be committed, so it is read again, once the end was
    reached.
    """

    app: str
    model: str
    date: str
    learner: str = "user_id"
    run: str = "course_id"

    def read(self, rows: Any, place: Any, limit: int) -> _Page:
        settled, behind = map(datetime.fromisoformat, place) if place else (_BEGINNING, _BEGINNING)
        columns = (self.date, self.learner, self.run)
        wanted = rows.filter(**{f"{self.date}__gt": behind}).order_by(self.date)
        page = list(wanted.values_list(*columns)[:limit])
        has_more = len(page) == limit
        if has_more:
            # All rows of an instant are on one page, since an instant is where it ends.
            page = [row for row in page if row[0] != page[-1][0]] + list(
                rows.filter(**{self.date: page[-1][0]}).values_list(*columns)
            )
        last = page[-1][0] if page else behind
        if settled == behind:
            settled = max(settled, min(last, now() - OVERLAP))
        hints = [(learner_id, str(key)) for _date, learner_id, key in page]
        if has_more:
            return _Page(hints, (settled.isoformat(), last.isoformat()), has_more=True)
        # The last instant may get another row.
        start = max(_BEGINNING, settled - _AN_INSTANT).isoformat()
        return _Page(hints, (start, start))


@dataclass(frozen=True, slots=True)
class _Numbered:
    """
    A table whose rows are only added, numbered as they are.

    Its place is two numbers: up to the first everything has been read for good; between the two a
    row with a lower number may still be committed, so it is read again, once the end was reached.
    """

    app: str
    model: str
    number: str
    date: str
    learner: str = "user_id"
    run: str = "course_id"

    def read(self, rows: Any, place: Any, limit: int) -> _Page:
        settled, behind = place or (0, 0)
        wanted = rows.filter(**{f"{self.number}__gt": behind}).order_by(self.number)
        page = list(wanted.values_list(self.number, self.date, self.learner, self.run)[:limit])
        still_open = now() - OVERLAP
        if settled == behind:
            for number, date, _learner_id, _key in page:
                if date is not None and date > still_open:
                    break
                settled = number
        hints = [
            (learner_id, str(key))
            for _number, _date, learner_id, key in page
            # What was deleted since has nobody.
            if learner_id is not None and key is not None
        ]
        if len(page) == limit:
            return _Page(hints, (settled, page[-1][0]), has_more=True)
        return _Page(hints, (settled, settled))


@dataclass(frozen=True, slots=True)
class _Circled:
    """
    A table with a date that has no index: looked through from end to end, a stretch at a time.

    Its place is the number of the last row that was looked at, when this round began, and when the
    one before it did: what changed since then counts.
    """

    app: str
    model: str
    date: str
    learner: str
    run: str
    only: tuple[tuple[str, str], ...] = ()

    def read(self, rows: Any, place: Any, limit: int) -> _Page:
        begun = now().isoformat()
        row, this_round, last_round = place or (0, begun, _BEGINNING.isoformat())
        stretch = rows.filter(pk__gt=row, pk__lte=row + STRETCH)
        changed = stretch.filter(
            **dict(self.only), **{f"{self.date}__gt": datetime.fromisoformat(last_round) - OVERLAP}
        )
        hints = [
            (learner_id, str(key))
            for learner_id, key in changed.values_list(self.learner, self.run)
        ]
        if rows.filter(pk__gt=row + STRETCH).exists():
            return _Page(hints, (row + STRETCH, this_round, last_round))
        return _Page(hints, (0, begun, this_round))


_Source = _Dated | _Numbered | _Circled

# Under their names the places are kept.
_SOURCES: dict[str, _Source] = {
    "grades": _Dated("grades", "PersistentCourseGrade", "modified"),
    "subsections": _Dated("grades", "PersistentSubsectionGrade", "modified"),
    "overrides": _Dated(
        "grades", "PersistentSubsectionGradeOverride", "modified",
        "grade__user_id", "grade__course_id",
    ),
    "certificates": _Numbered(
        "certificates", "HistoricalGeneratedCertificate", "history_id", "history_date"
    ),
    "invalidations": _Numbered(
        "certificates", "HistoricalCertificateInvalidation", "history_id", "history_date",
        "generated_certificate__user_id", "generated_certificate__course_id",
    ),
    "enrollments": _Numbered("student", "CourseEnrollment", "pk", "created"),
    "completions": _Circled(
        "completion_aggregator", "Aggregator", "modified", "user_id", "course_key",
        (("aggregation_name", "course"),),
    ),
}  # fmt: skip


def changes_since(watermark: str, *, limit: int) -> Changes:
    """
    The next changed rows of every table, about `limit` of them; one or two queries for each.

    A table that has been read to its end waits until all others have been, too: else it would give
    its last minutes again with every page of theirs. Raises `ValueError` for a watermark that is
    none.
    """
    places: dict[str, Any] = json.loads(watermark) if watermark else {}
    done = set(places.pop(_DONE, ()))
    hints: dict[Hint, None] = {}
    has_more = False
    for name, source, rows in _installed():
        if name in done:
            continue
        # Those that come last get something as well.
        page = source.read(rows, places.get(name), max(limit - len(hints), limit // 10, 1))
        places[name] = page.place
        hints.update(dict.fromkeys(page.hints))
        if page.has_more:
            has_more = True
        else:
            done.add(name)
    if has_more:
        places[_DONE] = sorted(done)
    return Changes(tuple(hints), json.dumps(places), has_more)


def _installed() -> Iterator[tuple[str, _Source, Any]]:
    """The tables that this site has: completion is counted on some only."""
    for name, source in _SOURCES.items():
        try:
            model = apps.get_model(source.app, source.model)
        except LookupError:
            continue
        yield name, source, model.objects.order_by()
