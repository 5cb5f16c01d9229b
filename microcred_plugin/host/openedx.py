"""
The adapter for Open edX: the plugin's questions, answered from the platform's own tables.

It is the only module that names the platform. Models are found by their app and name, and what
has to be imported is imported inside the method that needs it: grades and certificates are not
installed in Studio, and modules move from one release to the next.

A question about learners is a fixed number of queries, each along an index of the learners' ids or
of the runs' keys, whatever the number of learners (up to a few thousand) and of runs.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from heapq import merge
from itertools import groupby, islice
from typing import Any
from urllib.parse import quote, urlencode

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Lower
from opaque_keys.edx.keys import CourseKey

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
    course_of,
)
from microcred_plugin.host.openedx_changes import changes_since
from microcred_plugin.host.rows import chunks, maybe_selected

log = logging.getLogger(__name__)

# The roles in a course run that let somebody write it; limited staff see the LMS's side alone.
_AUTHORS = ("instructor", "staff")


class OpenEdxHost:
    """An Open edX site. Satisfies `microcred_plugin.host.interface.Host`."""

    # --- learners --------------------------------------------------------------------------------

    def learners(self, learner_ids: Collection[int]) -> Mapping[int, Learner]:
        preferences = _model("user_api", "UserPreference").objects.filter(
            user=OuterRef("pk"), key="pref-lang"
        )
        users = get_user_model().objects.select_related("profile")
        users = users.annotate(language=Subquery(preferences.values("value")[:1]))
        return {
            user.pk: Learner(
                id=user.pk,
                username=user.username,
                email=user.email,
                name=user.profile.name if hasattr(user, "profile") else "",
                is_active=user.is_active,
                # From the request for deletion on: the platform hashes the address first.
                is_retired=user.email.startswith(_retired_email_prefix()),
                language=user.language or "",
            )
            for chunk in chunks(learner_ids)
            for user in users.filter(pk__in=chunk)
        }

    def learner_ids_by_username(self, usernames: Collection[str]) -> Mapping[str, int]:
        return rows.learner_ids_by_username(usernames)

    def learner_ids_by_email(self, emails: Collection[str]) -> Mapping[str, int]:
        """
        One query along the index, which MySQL keeps without regard to case; and for whomever that
        does not find, one for a database that does not.
        """
        users = get_user_model().objects.exclude(email="").order_by()
        ids: dict[str, int] = {}
        for chunk in chunks({*emails, *(email.lower() for email in emails)}):
            for email, pk in users.filter(email__in=chunk).values_list("email", "pk"):
                ids[email.lower()] = pk
        missing = {email.lower() for email in emails if email} - ids.keys()
        for chunk in chunks(missing):
            others = users.annotate(lower=Lower("email")).filter(lower__in=chunk)
            ids.update(others.values_list("lower", "pk"))
        return {email: ids[email.lower()] for email in emails if email.lower() in ids}

    # --- results ---------------------------------------------------------------------------------

    def course_results(
        self, learner_ids: Collection[int], selection: CourseSelection
    ) -> Mapping[int, Mapping[str, CourseResult | Unknown]]:
        """Three queries: grades, certificates with their invalidations, enrollments."""
        parts = (
            part for chunk in chunks(learner_ids) for part in _parts_of_results(chunk, selection)
        )
        return rows.course_results(parts, selection)

    def assessment_results(
        self, learner_ids: Collection[int], selection: CourseSelection, blocks: Collection[str]
    ) -> Mapping[int, Mapping[tuple[str, str], AssessmentResult | Unknown]]:
        """One query, and one for the runs of courses."""
        selection = self._by_run(selection)
        grades = _model("grades", "PersistentSubsectionGrade").objects.filter(
            maybe_selected(selection, "course_id")
        )
        found = (
            grade
            for chunk in chunks(learner_ids)
            for grade in grades.filter(user_id__in=chunk).select_related("override")
        )
        return rows.assessment_results(found, selection, blocks)

    def completions(
        self, learner_ids: Collection[int], selection: CourseSelection
    ) -> Mapping[int, Mapping[str, CompletionResult | Unknown]]:
        """
        One query where the completion aggregator is installed; else nothing can be said.

        A share's date is that of the last completion that it counts.
        """
        if not apps.is_installed("completion_aggregator"):
            unknown = Unknown("The completion aggregator is not installed on this site.")
            keys = selection.runs | selection.courses
            return dict.fromkeys(learner_ids, dict.fromkeys(keys, unknown))
        results: dict[int, dict[str, CompletionResult | Unknown]] = {}
        for chunk in chunks(learner_ids):
            shares = _model("completion_aggregator", "Aggregator").objects.filter(
                maybe_selected(selection, "course_key"),
                user_id__in=chunk,
                aggregation_name="course",
            )
            for learner_id, key, percent, completed_on in shares.values_list(
                "user_id", "course_key", "percent", "last_modified"
            ):
                run = str(key)
                if selection.includes(run):
                    results.setdefault(learner_id, {})[run] = CompletionResult(
                        run, course_of(run), Decimal(str(percent)), completed_on
                    )
        return results

    # --- course runs and who is in them ----------------------------------------------------------

    def course_runs(self, selection: CourseSelection) -> Mapping[str, CourseRun]:
        overviews = _model("course_overviews", "CourseOverview").objects
        return rows.course_runs(overviews.filter(maybe_selected(selection, "id")), selection)

    def search_runs(self, text: str, *, limit: int) -> Sequence[CourseRun]:
        """One query over the overviews, of which there is one for each run."""
        return rows.search_runs(_model("course_overviews", "CourseOverview").objects, text, limit)

    def learner_ids_with_results(
        self, selection: CourseSelection, *, after: int, limit: int
    ) -> Sequence[int]:
        """
        Two queries, each for a page of one table, and one for the runs of courses.

        The subsections' grades are not looked at: the platform grades the course after each.
        """
        selection = self._by_run(selection)
        tables = (("grades", "PersistentCourseGrade"), ("certificates", "GeneratedCertificate"))
        pages = [
            _user_ids(_model(*table), "course_id", selection, after, limit) for table in tables
        ]
        return [learner_id for learner_id, _same in islice(groupby(merge(*pages)), limit)]

    def _by_run(self, selection: CourseSelection) -> CourseSelection:
        """
        The selection with every run by its key, along which the large tables have their indexes.

        A run that has been deleted is none of a course's any more.
        """
        if not selection.courses or selection.is_every_run:
            return selection
        found = self.course_runs(CourseSelection(courses=selection.courses))
        return CourseSelection(runs=selection.runs | frozenset(found))

    def enrolled_learner_ids(self, run: str, *, after: int, limit: int) -> Sequence[int]:
        selection = CourseSelection(runs=frozenset([run]))
        enrollments = _model("student", "CourseEnrollment")
        return _user_ids(enrollments, "course_id", selection, after, limit, is_active=True)

    def enrolled_runs(self, learner_id: int) -> frozenset[str]:
        mine = _model("student", "CourseEnrollment").objects.filter(
            user_id=learner_id, is_active=True
        )
        return frozenset(str(key) for key in mine.order_by().values_list("course_id", flat=True))

    # --- who may what ----------------------------------------------------------------------------

    def may_see_grades(self, user_id: int, run: str) -> bool:
        """Course staff (limited staff too), course admins, data researchers, the site's staff."""
        user = _active_user(user_id)
        if user is None:
            return False
        from lms.djangoapps.courseware.access import has_access  # noqa: PLC0415

        key = CourseKey.from_string(run)
        return bool(has_access(user, "staff", key)) or user.has_perm("instructor.research", key)

    def may_author(self, user_id: int, runs: Collection[str]) -> frozenset[str]:
        user = _active_user(user_id)
        if user is None or not runs:
            return frozenset()
        return frozenset(run for run in runs if _may_write(user, CourseKey.from_string(run)))

    def course_author_ids(self, run: str) -> Sequence[int]:
        """One query."""
        roles = _model("student", "CourseAccessRole").objects.filter(
            course_id=CourseKey.from_string(run), role__in=_AUTHORS, user__is_active=True
        )
        return rows.user_ids(roles, run)

    # --- the rest --------------------------------------------------------------------------------

    def changes_since(self, watermark: str, *, limit: int) -> Changes:
        return changes_since(watermark, limit=limit)

    def absolute_url(self, path: str) -> str:
        return f"{settings.LMS_ROOT_URL.rstrip('/')}/{path.lstrip('/')}"

    def studio_url(self, path: str) -> str:
        """Where CMS_ROOT_URL is not set, as it need not be in the LMS, by the host's name."""
        root = getattr(settings, "CMS_ROOT_URL", "") or f"https://{_host_of_studio()}"
        return f"{root.rstrip('/')}/{path.lstrip('/')}"

    def course_url(self, key: str, *, is_enrolled: bool) -> str:
        """The course's home in the learning MFE, its about page, or the search for its runs."""
        if not key.startswith(("course-v1:", "ccx-v1:")) and key.count("/") != 2:
            return f"/courses?{urlencode({'search_query': key.replace('+', ' ')})}"
        run = quote(key, safe=":+/@")
        learning = getattr(settings, "LEARNING_MICROFRONTEND_URL", None)
        if not is_enrolled:
            return f"/courses/{run}/about"
        return f"{learning.rstrip('/')}/course/{run}/home" if learning else f"/courses/{run}/"

    def site(self) -> Site:
        """As the site's configuration says, where a host name has one of its own."""
        from openedx.core.djangoapps.site_configuration.helpers import get_value  # noqa: PLC0415

        return Site(
            name=str(get_value("platform_name", getattr(settings, "PLATFORM_NAME", ""))),
            home_url="/",
            dashboard_url="/dashboard",
            from_address=str(get_value("email_from_address", "") or ""),
        )

    def connect_retirement(self, receiver: Callable[[int], None]) -> None:
        try:
            from openedx.core.djangoapps.user_api.accounts.signals import (  # noqa: PLC0415
                USER_RETIRE_LMS_MISC,
            )
        except ImportError:
            # Said aloud, since what is personal would otherwise stay after a retirement.
            log.error("microcredentials: this platform does not say when a user is retired")
            return

        def on_retirement(*, user: Any, **_kwargs: Any) -> None:
            receiver(user.pk)

        USER_RETIRE_LMS_MISC.connect(
            on_retirement,
            weak=False,
            dispatch_uid=f"{receiver.__module__}.{receiver.__qualname__}",
        )


def course_tab_base() -> Any:
    """The platform's own base of course tabs for those who are enrolled, and for course staff."""
    from lms.djangoapps.courseware.tabs import EnrolledTab  # noqa: PLC0415

    return EnrolledTab


def _model(app: str, name: str) -> Any:
    """A model of the platform. Raises `LookupError` where it is not installed, as in Studio."""
    return apps.get_model(app, name)


def _host_of_studio() -> str:
    return str(getattr(settings, "CMS_BASE", "") or "")


def _retired_email_prefix() -> str:
    return str(getattr(settings, "RETIRED_EMAIL_PREFIX", "retired__user_"))


def _parts_of_results(learner_ids: Sequence[int], selection: CourseSelection) -> rows.Parts:
    meant = maybe_selected(selection, "course_id")
    grades = _model("grades", "PersistentCourseGrade").objects
    certificates = _model("certificates", "GeneratedCertificate").objects
    enrollments = _model("student", "CourseEnrollment").objects
    yield from rows.grades(grades.filter(meant, user_id__in=learner_ids))
    yield from rows.certificates(
        certificates.filter(meant, user_id__in=learner_ids),
        _model("certificates", "CertificateInvalidation").objects,
    )
    # All of theirs: by its beginning a foreign key can't be looked up.
    yield from rows.enrollments(enrollments.filter(user_id__in=learner_ids))


def _user_ids(
    model: Any, column: str, selection: CourseSelection, after: int, limit: int, **values: Any
) -> list[int]:
    """
    The first `limit` ids above `after` of those who have a row in a selected run, ascending.

    One query, save where the database finds keys that differ by case alone.
    """
    found: list[int] = []
    while len(found) < limit:
        behind = model.objects.filter(
            maybe_selected(selection, column), user_id__gt=after, **values
        ).order_by("user_id")
        page = list(behind.values_list("user_id", column).distinct()[: limit + 1])
        # The last of a full page may have further rows behind it, so it is read again.
        is_full = len(page) > limit and page[0][0] != page[-1][0]
        sure = [row for row in page if row[0] != page[-1][0]] if is_full else page
        meant = (user_id for user_id, key in sure if selection.includes(str(key)))
        found += [user_id for user_id, _same in groupby(meant)]
        if len(page) <= limit:
            break
        after = sure[-1][0]
    return found[:limit]


def _active_user(user_id: int) -> Any | None:
    return get_user_model().objects.filter(pk=user_id, is_active=True).first()


def _may_write(user: Any, run: CourseKey) -> bool:
    """Whether Studio lets this user write the run, by whichever of its two systems is asked."""
    from common.djangoapps.student.auth import has_studio_write_access  # noqa: PLC0415

    try:
        from openedx.core.toggles import enable_authz_course_authoring  # noqa: PLC0415
    except ImportError:  # before Verawood
        pass
    else:
        if enable_authz_course_authoring(run):
            return _may_write_by_authz(user, run)
    # The LMS's own answer lets limited staff write.
    return bool(has_studio_write_access(user, run, service_variant="cms"))


def _may_write_by_authz(user: Any, run: CourseKey) -> bool:
    """Verawood's roles and permissions, where the site has switched them on for this course."""
    try:
        from openedx.core.djangoapps.authz.decorators import (  # noqa: PLC0415
            user_has_course_permission,
        )
    except ImportError:
        log.error("microcredentials: this platform's course permissions can't be asked")
        return False
    return bool(user_has_course_permission(user, "courses.edit_course_content", run))
