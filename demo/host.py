"""
The demo's adapter of the port: the plugin's questions, answered from the demo's tables.

A question about learners is a fixed number of queries that fetch these learners' rows; which runs
were meant is decided in Python. A database may compare course keys without regard to case, and
the answer must not depend on that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from heapq import merge
from itertools import groupby, islice
from typing import Any
from urllib.parse import quote

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Model, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext
from opaque_keys.edx.keys import CourseKey

from demo.changes import changes_since
from demo.courses.models import CourseAccessRole, CourseEnrollment, CourseOverview
from demo.signals import USER_RETIRE_LMS_MISC
from microcred_plugin.evaluation.record import (
    AssessmentResult,
    CompletionResult,
    CourseResult,
    Unknown,
)
from microcred_plugin.host import rows
from microcred_plugin.host.interface import (
    Changes,
    CourseRun,
    CourseSelection,
    Learner,
    Site,
)
from microcred_plugin.host.rows import chunks, maybe_selected

# As in the platform: limited staff see the LMS's side of a course and not Studio's.
_SEES_GRADES = frozenset({"instructor", "staff", "limited_staff", "data_researcher"})
_AUTHORS = frozenset({"instructor", "staff"})


class DemoHost:
    """The demo site, as the plugin sees it. Satisfies `microcred_plugin.host.interface.Host`."""

    def learners(self, learner_ids: Collection[int]) -> Mapping[int, Learner]:
        users = get_user_model().objects.select_related("profile")
        return {
            user.pk: Learner(
                id=user.pk,
                username=user.username,
                email=user.email,
                name=user.profile.name if hasattr(user, "profile") else "",
                is_active=user.is_active,
                is_retired=user.email.startswith("retired__user_"),
                language=user.profile.language if hasattr(user, "profile") else "",
            )
            for chunk in chunks(learner_ids)
            for user in users.filter(pk__in=chunk)
        }

    def learner_ids_by_username(self, usernames: Collection[str]) -> Mapping[str, int]:
        return rows.learner_ids_by_username(usernames)

    def learner_ids_by_email(self, emails: Collection[str]) -> Mapping[str, int]:
        users = get_user_model().objects.exclude(email="").annotate(lower=Lower("email"))
        ids = {
            email: pk
            for chunk in chunks({email.lower() for email in emails})
            for email, pk in users.filter(lower__in=chunk).values_list("lower", "pk")
        }
        return {email: ids[email.lower()] for email in emails if email.lower() in ids}

    def course_results(
        self, learner_ids: Collection[int], selection: CourseSelection
    ) -> Mapping[int, Mapping[str, CourseResult | Unknown]]:
        """Three queries: grades, certificates with their invalidations, enrollments."""
        parts = (part for chunk in chunks(learner_ids) for part in _parts_of_results(chunk))
        return rows.course_results(parts, selection)

    def assessment_results(
        self, learner_ids: Collection[int], selection: CourseSelection, blocks: Collection[str]
    ) -> Mapping[int, Mapping[tuple[str, str], AssessmentResult | Unknown]]:
        """One query."""
        grades = _model("PersistentSubsectionGrade").objects.select_related("override")
        found = (
            grade for chunk in chunks(learner_ids) for grade in grades.filter(user_id__in=chunk)
        )
        return rows.assessment_results(found, selection, blocks)

    def completions(
        self, learner_ids: Collection[int], selection: CourseSelection
    ) -> Mapping[int, Mapping[str, CompletionResult | Unknown]]:
        """The demo has no completion aggregator, so it says of everything that it can't say."""
        unknown = Unknown("The demo does not count completion.")
        return dict.fromkeys(
            learner_ids, dict.fromkeys(selection.runs | selection.courses, unknown)
        )

    def course_runs(self, selection: CourseSelection) -> Mapping[str, CourseRun]:
        overviews = CourseOverview.objects.filter(maybe_selected(selection, "id"))
        return rows.course_runs(overviews, selection)

    def search_runs(self, text: str, *, limit: int) -> Sequence[CourseRun]:
        return rows.search_runs(CourseOverview.objects, text, limit)

    def learner_ids_with_results(
        self, selection: CourseSelection, *, after: int, limit: int
    ) -> Sequence[int]:
        """Three queries, each read only as far as the page needs it."""
        tables = ("PersistentCourseGrade", "GeneratedCertificate", "PersistentSubsectionGrade")
        found = merge(*(self._with_rows(_model(table), selection, after) for table in tables))
        return [learner_id for learner_id, _same in islice(groupby(found), limit)]

    def _with_rows(
        self, model: type[Model], selection: CourseSelection, after: int
    ) -> Iterator[int]:
        """Ids of those who have a row in a selected run, ascending, perhaps several times."""
        found: QuerySet[Any] = model.objects.filter(
            maybe_selected(selection, "course_id"), user_id__gt=after
        )
        pairs = found.order_by("user_id").values_list("user_id", "course_id").iterator()
        return (learner_id for learner_id, key in pairs if selection.includes(str(key)))

    def enrolled_learner_ids(self, run: str, *, after: int, limit: int) -> Sequence[int]:
        found = CourseEnrollment.objects.filter(
            course_id=CourseKey.from_string(run), is_active=True, user_id__gt=after
        )
        pairs = found.order_by("user_id").values_list("user_id", "course_id").iterator()
        return list(islice((user_id for user_id, key in pairs if str(key) == run), limit))

    def enrolled_runs(self, learner_id: int) -> frozenset[str]:
        mine = CourseEnrollment.objects.filter(user_id=learner_id, is_active=True)
        return frozenset(str(key) for key in mine.values_list("course_id", flat=True))

    def may_see_grades(self, user_id: int, run: str) -> bool:
        return bool(_runs_of(user_id, [run], _SEES_GRADES))

    def may_author(self, user_id: int, runs: Collection[str]) -> frozenset[str]:
        return _runs_of(user_id, runs, _AUTHORS)

    def course_author_ids(self, run: str) -> Sequence[int]:
        roles = CourseAccessRole.objects.filter(
            course_id=CourseKey.from_string(run), role__in=_AUTHORS, user__is_active=True
        )
        return rows.user_ids(roles, run)

    def changes_since(self, watermark: str, *, limit: int) -> Changes:
        return changes_since(watermark, limit=limit)

    def absolute_url(self, path: str) -> str:
        return f"{settings.LMS_ROOT_URL.rstrip('/')}/{path.lstrip('/')}"

    def studio_url(self, path: str) -> str:
        return f"{settings.CMS_ROOT_URL.rstrip('/')}/{path.lstrip('/')}"

    def course_url(self, key: str, *, is_enrolled: bool) -> str:
        return f"/courses/{quote(key, safe=':+')}/"

    def site(self) -> Site:
        return Site(name=gettext("Microcredentials demo"), home_url="/", dashboard_url="/")

    def connect_retirement(self, receiver: Callable[[int], None]) -> None:
        def on_retirement(*, user: Any, **_kwargs: Any) -> None:
            receiver(user.pk)

        USER_RETIRE_LMS_MISC.connect(
            on_retirement,
            weak=False,
            dispatch_uid=f"{receiver.__module__}.{receiver.__qualname__}",
        )


def _model(name: str) -> Any:
    """A model of grades or certificates. Raises `LookupError` in Studio, which has none."""
    return apps.get_model("demo_results", name)


def _parts_of_results(learner_ids: Sequence[int]) -> rows.Parts:
    """All rows of these learners; which runs were meant is decided later."""
    yield from rows.grades(_model("PersistentCourseGrade").objects.filter(user_id__in=learner_ids))
    yield from rows.certificates(
        _model("GeneratedCertificate").objects.filter(user_id__in=learner_ids),
        _model("CertificateInvalidation").objects,
    )
    yield from rows.enrollments(CourseEnrollment.objects.filter(user_id__in=learner_ids))


def _runs_of(user_id: int, runs: Collection[str], roles: Collection[str]) -> frozenset[str]:
    """Those of the runs in which the user has one of the roles; for the site's staff, all."""
    user = get_user_model().objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return frozenset()
    if user.is_staff:
        return frozenset(runs)
    held = CourseAccessRole.objects.filter(user_id=user_id, role__in=roles)
    return frozenset(runs) & {str(key) for key in held.values_list("course_id", flat=True)}
