"""
Events per second and queries per event, by the number of published microcredentials.

Each microcredential asks for three course runs of its own. A learner's grade changes and the
platform sends its real event; what is counted and timed is everything from there until the award is
written and announced: the receiver, the task, the evaluation, and the host's own queries over the
demo's tables. Statements that begin and end transactions count too.

    irrelevant   a run that no microcredential names
    fulfilling   a run that meets the first of three requirements
    completing   a run that meets the last of three: an award is made
    duplicate    the event of a run, once more, of somebody who has the award
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from opaque_keys.edx.keys import CourseKey

from demo import events, lms
from demo.results.models import PersistentCourseGrade
from microcred_plugin.awards.models import Award
from tests.factories import publish_many

SIZES = (1, 10, 100, 1_000, 5_000)
REPEATS = 30
REQUIREMENTS = 3
PASSED = datetime(2026, 6, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Measured:
    """One cell of the table."""

    queries: int
    seconds: float


def run_of(microcredential: int, place: int) -> str:
    """The key of the course run that a microcredential asks for at this place."""
    return f"course-v1:Bench+C{microcredential}x{place}+1"


def measure() -> Iterable[tuple[int, dict[str, Measured]]]:
    """The table, a row at a time, from few microcredentials to many."""
    published = 0
    for size in SIZES:
        publish_many(
            size - published,
            lambda position: [run_of(position, place) for place in range(REQUIREMENTS)],
            start=published,
        )
        published = size
        learners = [_learner(f"b{size}-{number}") for number in range(REPEATS)]
        last = size - 1
        row = {"irrelevant": _of_each(learners, "course-v1:Bench+Unused+1")}
        row["fulfilling"] = _of_each(learners, run_of(last, 0))
        _of_each(learners, run_of(last, 1))
        row["completing"] = _of_each(learners, run_of(last, 2))
        row["duplicate"] = _of_each(learners, run_of(last, 2))
        assert Award.objects.filter(learner__in=learners).count() == REPEATS
        yield size, row


def _of_each(learners: list[int], run: str) -> Measured:
    """Every learner passes the run; the number of queries must be the same for all."""
    grades = [_pass(learner_id, run) for learner_id in learners]
    with CaptureQueriesContext(connection) as captured:
        events.grade_changed(grades[0])
    seconds = [_timed(lambda grade=grade: events.grade_changed(grade)) for grade in grades[1:]]
    return Measured(len(captured), median(seconds))


def _pass(learner_id: int, run: str) -> PersistentCourseGrade:
    key = CourseKey.from_string(run)
    lms.enroll(learner_id, key, mode="honor", modified=PASSED)
    lms.grade(
        learner_id,
        key,
        percent_grade=0.9,
        letter_grade="Pass",
        passed_timestamp=PASSED,
        modified=PASSED,
    )
    return PersistentCourseGrade.objects.get(user_id=learner_id, course_id=key)


def _timed(action: Callable[[], None]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def _learner(username: str) -> int:
    return get_user_model().objects.create(username=username, email=f"{username}@example.org").pk
