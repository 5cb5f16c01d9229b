"""The learners of a course run, each with what they have earned and what they are close to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.utils.translation import gettext as _
from opaque_keys import InvalidKeyError

from microcred_plugin import progress
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Definition, Stack
from microcred_plugin.host import get_host
from microcred_plugin.host.interface import CourseRun, CourseSelection, Learner, course_of
from microcred_plugin.planning import ask
from microcred_plugin.presenting.course import counted_towards
from microcred_plugin.presenting.parts import Badge, Earned, badge, earned
from microcred_plugin.progress import Progress, organizations_of, runs_of

# So many learners are on a page.
PAGE = 50
# So many are read at a time, and at most so many for one page: a page that looks for few among
# many says where it stopped.
BATCH = 200
LOOKED_AT = 1000


class Only(str, Enum):
    """Which learners are listed."""

    ALL = ""
    EARNED = "earned"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Standing:
    """One microcredential, as a learner of the course stands in it; `step` is what is left."""

    badge: Badge
    award: Earned | None
    progress: Progress

    @property
    def is_close(self) -> bool:
        """Met and not written yet, or a single step away."""
        return self.progress.is_nearly_earned

    @property
    def is_under_way(self) -> bool:
        return self.award is None and not self.is_close and self.progress.is_under_way

    @property
    def left(self) -> str:
        """
        What the next step is about, by its name; empty where nothing is left.

        Not how far the learner is in it: it may be a course whose grades the reader may not see.
        """
        steps = (self.progress.eligibility or self.progress.explanation).steps
        if not steps:
            return ""
        keys = (*runs_of(steps[0]), steps[0].params.get("microcredential"))
        names = (self.progress.names.get(str(key)) for key in keys if key)
        return ", ".join(dict.fromkeys(name for name in names if name)) or _("What people confirm")


@dataclass(frozen=True, slots=True)
class Row:
    """A learner, and the microcredentials that have something to say of them."""

    learner: Learner
    standings: tuple[Standing, ...]

    @property
    def earned(self) -> list[Standing]:
        return [one for one in self.standings if one.award is not None]

    @property
    def close(self) -> list[Standing]:
        return [one for one in self.standings if one.is_close]

    @property
    def under_way(self) -> list[Standing]:
        return [one for one in self.standings if one.is_under_way]

    def is_among(self, only: Only) -> bool:
        if only is Only.EARNED:
            return bool(self.earned)
        return only is Only.ALL or bool(self.close)


@dataclass(frozen=True, slots=True)
class ClassList:
    """
    A page of the list. `next_after` is where the next one starts; None: there are no more.

    `is_cut` says that the page is not full because it looked at as many learners as it may.
    """

    run: CourseRun
    badges: tuple[Badge, ...]
    only: Only
    rows: tuple[Row, ...]
    next_after: int | None
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """A course run, and what it counts towards."""

    run: CourseRun
    definitions: tuple[Definition, ...]
    stack: Stack

    @property
    def badges(self) -> tuple[Badge, ...]:
        return tuple(_badge(definition) for definition in self.definitions)


def find_subject(key: str, *, now: datetime) -> Subject | None:
    """The course run; None where there is none. Raises `HostFailed`."""
    try:
        course_of(key)
    except InvalidKeyError:
        return None
    run = ask(get_host().course_runs, CourseSelection(runs=frozenset([key]))).get(key)
    if run is None:
        return None
    counted = counted_towards([key], organizations=organizations_of([key]), now=now).get(key, [])
    ids = [definition.id for definition in counted]
    return Subject(run, tuple(counted), definitions.load_stack(ids) if ids else Stack(()))


def read_class(subject: Subject, *, only: Only, after: int, now: datetime) -> ClassList:
    """The learners behind the id `after`, as far as a page goes. Raises `HostFailed`."""
    rows: list[Row] = []
    looked_at, size = 0, PAGE + 1 if only is Only.ALL else BATCH
    while subject.definitions and looked_at < LOOKED_AT and len(rows) <= PAGE:
        ids = _enrolled(subject, after, size)
        if not ids:
            break
        rows += [row for row in _rows(subject, ids, now) if row.is_among(only)]
        after, looked_at = ids[-1], looked_at + len(ids)
        if len(ids) < size:
            break
    is_full = len(rows) > PAGE
    if is_full:
        after = rows[PAGE - 1].learner.id
    has_more = is_full or bool(subject.definitions and _enrolled(subject, after, 1))
    return ClassList(
        run=subject.run,
        badges=subject.badges,
        only=only,
        rows=tuple(rows[:PAGE]),
        next_after=after if has_more else None,
        is_cut=has_more and len(rows) < PAGE and only is not Only.ALL,
    )


def read_everybody(subject: Subject, *, now: datetime) -> Iterator[Row]:
    """Every learner of the course of whom there is something to say. Raises `HostFailed`."""
    after = 0
    while subject.definitions and (ids := _enrolled(subject, after, BATCH)):
        yield from (row for row in _rows(subject, ids, now) if row.standings)
        after = ids[-1]


def _enrolled(subject: Subject, after: int, limit: int) -> Sequence[int]:
    return ask(get_host().enrolled_learner_ids, subject.run.run, after=after, limit=limit)


def _rows(subject: Subject, learner_ids: Sequence[int], now: datetime) -> Iterator[Row]:
    people = ask(get_host().learners, learner_ids)
    present = [pk for pk in learner_ids if pk in people and not people[pk].is_retired]
    standing = progress.of_many(present, subject.stack, now=now)
    for learner_id in present:
        standings = (
            _standing(definition, standing[learner_id].get(definition.uuid), now)
            for definition in subject.definitions
        )
        yield Row(people[learner_id], tuple(one for one in standings if one is not None))


def _standing(definition: Definition, found: Progress | None, now: datetime) -> Standing | None:
    if found is None:
        return None
    standing = Standing(
        badge=_badge(definition),
        award=earned(found.award, now=now) if found.award else None,
        progress=found,
    )
    return standing if standing.award or standing.is_close or standing.is_under_way else None


def _badge(definition: Definition) -> Badge:
    assert definition.face is not None  # else it would not be listed
    return badge(definition.face)
