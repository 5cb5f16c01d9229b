"""
What adapters share that read the platform's tables, or tables shaped like them: rows in, the
port's dataclasses out.

A database may compare course keys without regard to case. So a query fetches every row that may
be meant, and which of them are is decided in Python: by `CourseSelection.includes`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Any, TypeAlias, TypeVar

from django.contrib.auth import get_user_model
from django.db.models import Exists, F, OuterRef, Q
from opaque_keys.edx.keys import CourseKey

from microcred_plugin.evaluation.record import AssessmentResult, CourseResult, Unknown
from microcred_plugin.host.interface import CourseRun, CourseSelection, course_of

# A list this long is still one query; databases limit how many parameters a query may have.
CHUNK = 5_000

_T = TypeVar("_T")

# Row by row: whose, in which run, and these fields of a `CourseResult`.
Parts: TypeAlias = Iterator[tuple[int, str, dict[str, Any]]]


def chunks(values: Iterable[_T]) -> Iterator[list[_T]]:
    """The values in lists that a query can take."""
    remaining = iter(values)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk


def maybe_selected(selection: CourseSelection, column: str) -> Q:
    """Rows whose run may be selected: all that are, and perhaps some more."""
    if selection.is_every_run:
        return Q()
    meant = Q(**{f"{column}__in": [CourseKey.from_string(run) for run in selection.runs]})
    for course in selection.courses:
        for start in (f"course-v1:{course}+", f"{course.replace('+', '/', 1)}/"):
            meant |= Q(**{f"{column}__startswith": start})
    return meant


def learner_ids_by_username(usernames: Collection[str]) -> dict[str, int]:
    """The ids of the users who are called exactly that. One query."""
    users, wanted = get_user_model().objects, set(usernames)
    return {
        username: pk
        for chunk in chunks(usernames)
        for username, pk in users.filter(username__in=chunk).values_list("username", "pk")
        if username in wanted
    }


def user_ids(rows: Any, run: str) -> list[int]:
    """Of rows that say what somebody is in a run: who they are, each once, ascending."""
    pairs = rows.order_by("user_id").values_list("user_id", "course_id")
    return list(dict.fromkeys(user_id for user_id, key in pairs if str(key) == run))


# --- course results ------------------------------------------------------------------------------


def grades(rows: Any) -> Parts:
    """Of rows of `PersistentCourseGrade`."""
    for learner_id, key, percent, letter, passed in rows.values_list(
        "user_id", "course_id", "percent_grade", "letter_grade", "passed_timestamp"
    ):
        values = {
            "percent_grade": Decimal(str(percent)),
            "letter_grade": letter or "",
            "passed_timestamp": passed,
        }
        yield learner_id, str(key), values


def certificates(rows: Any, invalidations: Any) -> Parts:
    """
    Of rows of `GeneratedCertificate`, each with whether staff have invalidated it.

    Whoever is on the platform's allow-list has a certificate without a passing grade; the list says
    nothing beyond that, so it is not asked.
    """
    active = invalidations.filter(generated_certificate=OuterRef("pk"), active=True)
    for learner_id, key, status, mode, created, invalidated in rows.annotate(
        invalidated=Exists(active)
    ).values_list("user_id", "course_id", "status", "mode", "created_date", "invalidated"):
        values = {
            "certificate_status": status,
            "certificate_mode": mode,
            "certificate_created": created,
            "certificate_invalidated": invalidated,
        }
        yield learner_id, str(key), values


def enrollments(rows: Any) -> Parts:
    """Of rows of `CourseEnrollment`."""
    # Their own order would have the database sort what needs no order.
    for learner_id, key, mode, is_active in rows.order_by().values_list(
        "user_id", "course_id", "mode", "is_active"
    ):
        yield learner_id, str(key), {"enrollment_mode": mode, "is_enrolled": is_active}


def course_results(
    parts: Iterable[tuple[int, str, dict[str, Any]]], selection: CourseSelection
) -> dict[int, dict[str, CourseResult | Unknown]]:
    """The parts put together, by learner and run, as far as the runs are selected."""
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for learner_id, run, values in parts:
        if selection.includes(run):
            found.setdefault((learner_id, run), {}).update(values)
    results: dict[int, dict[str, CourseResult | Unknown]] = {}
    for (learner_id, run), values in found.items():
        result = CourseResult(run=run, course=course_of(run), **values)
        results.setdefault(learner_id, {})[run] = result
    return results


# --- subsections, runs ---------------------------------------------------------------------------


def assessment_results(
    rows: Iterable[Any], selection: CourseSelection, blocks: Collection[str]
) -> dict[int, dict[tuple[str, str], AssessmentResult | Unknown]]:
    """
    Of rows of `PersistentSubsectionGrade` with their overrides, as far as run and block are meant.

    A subsection's date is that of the first attempt, which does not move when it is graded again;
    where nobody attempted it, that of the override.
    """
    wanted = set(blocks)
    results: dict[int, dict[tuple[str, str], AssessmentResult | Unknown]] = {}
    for grade in rows:
        run, block = str(grade.course_id), grade.usage_key.block_id
        share = _graded_share(grade)
        if block in wanted and share is not None and selection.includes(run):
            override = getattr(grade, "override", None)
            graded_on = grade.first_attempted or (override.created if override else None)
            results.setdefault(grade.user_id, {})[run, block] = AssessmentResult(
                run, course_of(run), block, share, graded_on
            )
    return results


def course_runs(rows: Any, selection: CourseSelection) -> dict[str, CourseRun]:
    """Of rows of `CourseOverview`, those that are selected."""
    return {about.run: about for about in _described(rows) if selection.includes(about.run)}


def search_runs(rows: Any, text: str, limit: int) -> list[CourseRun]:
    """Of rows of `CourseOverview`, the first so many whose title or key has every word."""
    words = text.split()
    # What can't be printed is in no title, and some of it no database can be asked for.
    if not words or not all(word.isprintable() for word in words):
        return []
    for word in words:
        rows = rows.filter(Q(display_name__icontains=word) | Q(id__icontains=word))
    return list(_described(rows.order_by(F("start").desc(nulls_last=True), "id")[:limit]))


def _described(rows: Any) -> Iterator[CourseRun]:
    for key, organization, title, start, end, lowest in rows.values_list(
        "id", "org", "display_name", "start", "end", "lowest_passing_grade"
    ):
        run = str(key)
        yield CourseRun(
            run=run,
            course=course_of(run),
            organization=organization,
            title=title or run,
            start=start,
            end=end,
            lowest_passing_grade=lowest,
        )


def _graded_share(grade: Any) -> Decimal | None:
    """
    The share of graded points in a subsection's grade; None if there are none to be had.

    An override's points stand in place of the others, each where it has them.
    """
    override = getattr(grade, "override", None)
    earned, possible = grade.earned_graded, grade.possible_graded
    if override is not None:
        if override.earned_graded_override is not None:
            earned = override.earned_graded_override
        if override.possible_graded_override is not None:
            possible = override.possible_graded_override
    return Decimal(str(earned)) / Decimal(str(possible)) if possible else None
