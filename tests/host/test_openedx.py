"""
The adapter for Open edX keeps the contract, inside a platform.

docs/how-to/test-in-a-platform.md says how these tests are run there; anywhere else they are
skipped, since there are no tables to read.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from importlib.util import find_spec
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now
from opaque_keys.edx.keys import CourseKey

from microcred_plugin.evaluation.record import CompletionResult
from microcred_plugin.host.openedx import OpenEdxHost
from microcred_plugin.host.openedx_changes import OVERLAP
from tests.host.contract import (
    AUTUMN,
    MARCH,
    OTHER,
    SPRING,
    Stage,
    TableContract,
    courses,
    runs,
)

if find_spec("lms") is None:
    pytest.skip(
        "needs an Open edX platform around it: docs/how-to/test-in-a-platform.md",
        allow_module_level=True,
    )

pytestmark = pytest.mark.django_db


class OpenEdxStage(Stage):
    """Puts facts into the platform's tables."""

    queries = {
        "learners": 1,
        "learner_ids_by_username": 1,
        "learner_ids_by_email": 2,
        "course_results": 3,
        "assessment_results": 2,
        "completions": 1,
        "course_runs": 1,
        "search_runs": 1,
        "learner_ids_with_results": 3,
        "enrolled_learner_ids": 1,
        "enrolled_runs": 1,
        # The user, and all of their roles.
        "may_author": 2,
        "course_author_ids": 1,
        # One for each table that is read; and for a table without an end, where it ends.
        "changes_since": 8,
    }

    def __init__(self) -> None:
        self.host = OpenEdxHost()
        self.counts_completion = apps.is_installed("completion_aggregator")

    def add_learner(
        self, username: str, *, email: str = "", name: str = "", language: str = ""
    ) -> int:
        # The platform lets no two users have the same address.
        email = email or f"{username}@example.com"
        user = get_user_model().objects.create(username=username, email=email)
        _model("student", "UserProfile").objects.create(user=user, name=name)
        if language:
            _model("user_api", "UserPreference").objects.create(
                user=user, key="pref-lang", value=language
            )
        return user.pk

    def add_run(self, run: str, *, title: str = "", **values: Any) -> None:
        key = CourseKey.from_string(run)
        _model("course_overviews", "CourseOverview").objects.create(
            id=key, org=key.org, display_name=title, version=1,
            _location=key.make_usage_key("course", "course"),
            visible_to_staff_only=False, has_any_active_web_certificate=False,
            cert_name_short="", cert_name_long="", mobile_available=False,
            days_early_for_beta=None, **values,
        )  # fmt: skip

    def enroll(
        self, learner_id: int, run: str, *, mode: str = "honor", is_active: bool = True
    ) -> None:
        _model("student", "CourseEnrollment").objects.update_or_create(
            user_id=learner_id,
            course_id=CourseKey.from_string(run),
            defaults={"mode": mode, "is_active": is_active},
        )

    def grade(
        self,
        learner_id: int,
        run: str,
        percent: float,
        letter: str = "",
        *,
        passed: datetime | None = None,
        modified: datetime = MARCH,
    ) -> None:
        grades = _model("grades", "PersistentCourseGrade").objects
        grade, _made = grades.update_or_create(
            user_id=learner_id,
            course_id=CourseKey.from_string(run),
            defaults={
                "percent_grade": percent,
                "letter_grade": letter,
                "passed_timestamp": passed,
                "grading_policy_hash": "",
            },
        )
        grades.filter(pk=grade.pk).update(modified=modified)

    def certificate(
        self,
        learner_id: int,
        run: str,
        *,
        status: str = "downloadable",
        mode: str = "honor",
        created: datetime = MARCH,
    ) -> None:
        certificates = _model("certificates", "GeneratedCertificate").objects
        certificate, _made = certificates.update_or_create(
            user_id=learner_id,
            course_id=CourseKey.from_string(run),
            defaults={"status": status, "mode": mode},
        )
        certificates.filter(pk=certificate.pk).update(created_date=created)

    def invalidate(self, learner_id: int, run: str, *, active: bool = True) -> None:
        certificate = _model("certificates", "GeneratedCertificate").objects.get(
            user_id=learner_id, course_id=CourseKey.from_string(run)
        )
        _model("certificates", "CertificateInvalidation").objects.update_or_create(
            generated_certificate=certificate,
            defaults={"active": active, "invalidated_by_id": learner_id},
        )

    def grade_subsection(
        self,
        learner_id: int,
        run: str,
        block: str,
        earned: float,
        possible: float,
        *,
        attempted: datetime | None = MARCH,
        override: tuple[float, float] | None = None,
    ) -> None:
        key = CourseKey.from_string(run)
        visible, _made = _model("grades", "VisibleBlocks").objects.get_or_create(
            course_id=key, hashed=f"hash of {run}", defaults={"blocks_json": "[]"}
        )
        grade, _made = _model("grades", "PersistentSubsectionGrade").objects.update_or_create(
            user_id=learner_id,
            course_id=key,
            usage_key=key.make_usage_key("sequential", block),
            defaults={
                "earned_all": earned, "possible_all": possible, "earned_graded": earned,
                "possible_graded": possible, "first_attempted": attempted,
                "visible_blocks": visible,
            },
        )  # fmt: skip
        # As in the platform, where the course is graded after each of its subsections.
        _model("grades", "PersistentCourseGrade").objects.get_or_create(
            user_id=learner_id, course_id=key, defaults={"percent_grade": 0.0, "letter_grade": ""}
        )
        if override is not None:
            _model("grades", "PersistentSubsectionGradeOverride").objects.update_or_create(
                grade=grade,
                defaults={
                    "earned_graded_override": override[0],
                    "possible_graded_override": override[1],
                },
            )

    def give_role(self, user_id: int, run: str, role: str) -> None:
        key = CourseKey.from_string(run)
        _model("student", "CourseAccessRole").objects.create(
            user_id=user_id, course_id=key, org=key.org, role=role
        )

    def make_staff(self, user_id: int) -> None:
        get_user_model().objects.filter(pk=user_id).update(is_staff=True)

    def retire(self, learner_id: int) -> None:
        from openedx.core.djangoapps.user_api.accounts.signals import (  # noqa: PLC0415
            USER_RETIRE_LMS_MISC,
        )

        # As the platform's retirement view does.
        with transaction.atomic():
            user = get_user_model().objects.get(pk=learner_id)
            USER_RETIRE_LMS_MISC.send(sender=type(self), user=user)
            user.username = f"retired__user_{learner_id}"
            user.email = f"retired__user_{learner_id}@retired.invalid"
            user.is_active = False
            user.save()
            _model("student", "UserProfile").objects.filter(user=user).update(name="")

    def delete(self, learner_id: int) -> None:
        get_user_model().objects.get(pk=learner_id).delete()


def _model(app: str, name: str) -> Any:
    return apps.get_model(app, name)


@pytest.fixture
def stage() -> Iterator[OpenEdxStage]:
    from openedx.core.djangoapps.user_api.accounts.signals import (  # noqa: PLC0415
        USER_RETIRE_LMS_MISC,
    )

    # What a test connects is gone with it.
    receivers = list(USER_RETIRE_LMS_MISC.receivers)
    yield OpenEdxStage()
    USER_RETIRE_LMS_MISC.receivers = receivers
    USER_RETIRE_LMS_MISC.sender_receivers_cache.clear()


class TestOpenEdxHost(TableContract):
    """The contract."""

    overlap = OVERLAP


def test_reading_comes_to_an_end_however_much_changed_just_now(stage: OpenEdxStage) -> None:
    """Tables that end at different times don't give their last minutes again with every page."""
    ids = [stage.add_learner(f"learner{number}") for number in range(23)]
    for number, learner_id in enumerate(ids):
        stage.grade(learner_id, SPRING, 0.5, modified=now() - timedelta(seconds=number))
        if number % 2:
            stage.certificate(learner_id, SPRING)
        if number % 3:
            stage.enroll(learner_id, AUTUMN)
    for limit in (1, 3, 7):
        watermark, pages, found = "", 0, 0
        while True:
            changes = stage.host.changes_since(watermark, limit=limit)
            watermark, pages, found = changes.watermark, pages + 1, found + len(changes.hints)
            if not changes.has_more:
                break
        assert pages <= 60
        assert found <= 3 * len(ids)


def test_certificate_that_is_committed_behind_a_later_one_is_seen(
    stage: OpenEdxStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers are given when a row is written, and rows are seen when they are committed."""
    ids = [stage.add_learner(f"learner{number}") for number in range(5)]
    for learner_id in ids:
        stage.certificate(learner_id, SPRING)
    history = _model("certificates", "HistoricalGeneratedCertificate").objects
    late = history.filter(user_id=ids[1]).get()
    late_number = late.history_id
    late.delete()  # not committed yet
    watermark = ""
    for _page in range(20):
        changes = stage.host.changes_since(watermark, limit=2)
        watermark = changes.watermark
        assert (ids[1], SPRING) not in changes.hints
        if not changes.has_more:
            break
    late.history_id = late_number
    late.save(force_insert=True)
    assert (ids[1], SPRING) in _all_hints(stage, watermark)
    monkeypatch.setattr("microcred_plugin.host.openedx_changes.OVERLAP", timedelta(0))
    watermark = stage.host.changes_since("", limit=100).watermark
    assert stage.host.changes_since(watermark, limit=100).hints == ()


def _all_hints(stage: OpenEdxStage, watermark: str) -> set[tuple[int, str]]:
    hints: set[tuple[int, str]] = set()
    for _page in range(20):
        changes = stage.host.changes_since(watermark, limit=2)
        watermark = changes.watermark
        hints |= set(changes.hints)
        if not changes.has_more:
            break
    return hints


def test_lifted_invalidation_is_a_change(
    stage: OpenEdxStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = stage.add_learner("ana")
    stage.certificate(ana, SPRING, status="unavailable")
    stage.invalidate(ana, SPRING)
    monkeypatch.setattr("microcred_plugin.host.openedx_changes.OVERLAP", timedelta(0))
    watermark = stage.host.changes_since("", limit=10).watermark
    assert stage.host.changes_since(watermark, limit=10).hints == ()
    stage.invalidate(ana, SPRING, active=False)
    assert (ana, SPRING) in stage.host.changes_since(watermark, limit=10).hints


def test_override_in_the_gradebook_is_a_change(stage: OpenEdxStage) -> None:
    ana = stage.add_learner("ana")
    stage.grade_subsection(ana, SPRING, "exam", 1.0, 4.0)
    _model("grades", "PersistentSubsectionGrade").objects.update(modified=MARCH)
    watermark = stage.host.changes_since("", limit=10).watermark
    stage.grade_subsection(ana, SPRING, "exam", 1.0, 4.0, override=(0.0, 4.0))
    assert (ana, SPRING) in stage.host.changes_since(watermark, limit=10).hints


@pytest.mark.parametrize("learners", [1, 100, 1000])
def test_a_thousand_learners_cost_as_many_queries_as_one(
    stage: OpenEdxStage, learners: int
) -> None:
    users = get_user_model().objects.bulk_create(
        get_user_model()(username=f"l{number}", email=f"l{number}@example.org")
        for number in range(learners)
    )
    names = [user.username for user in users]
    ids = sorted(get_user_model().objects.filter(username__in=names).values_list("pk", flat=True))
    stage.add_run(SPRING, title="Statistics")
    key = CourseKey.from_string(SPRING)
    visible = _model("grades", "VisibleBlocks").objects.create(
        course_id=key, hashed="hash", blocks_json="[]"
    )
    for app, name, values in (
        ("grades", "PersistentCourseGrade", {"percent_grade": 0.8, "letter_grade": "Pass"}),
        ("certificates", "GeneratedCertificate", {"status": "downloadable", "mode": "honor"}),
        ("student", "CourseEnrollment", {"mode": "honor"}),
        (
            "grades", "PersistentSubsectionGrade",
            {
                "usage_key": key.make_usage_key("sequential", "exam"), "earned_all": 3,
                "possible_all": 4, "earned_graded": 3, "possible_graded": 4,
                "visible_blocks": visible,
            },
        ),
    ):  # fmt: skip
        model = _model(app, name)
        model.objects.bulk_create(
            model(user_id=learner_id, course_id=key, **values) for learner_id in ids
        )
    host, selection = stage.host, runs(SPRING) | courses("Org+C1")
    # One of them is for the runs of the course, in these two.
    asked: dict[str, Any] = {
        "learners": lambda: host.learners(ids),
        "learner_ids_by_username": lambda: host.learner_ids_by_username(names),
        "course_results": lambda: host.course_results(ids, selection),
        "assessment_results": lambda: host.assessment_results(ids, selection, ["exam"]),
        "learner_ids_with_results": lambda: host.learner_ids_with_results(
            selection, after=0, limit=1000
        ),
        "enrolled_learner_ids": lambda: host.enrolled_learner_ids(SPRING, after=0, limit=1000),
    }
    made = {}
    for method, ask in asked.items():
        with CaptureQueriesContext(connection) as queries:
            assert len(ask()) == learners
        made[method] = len(queries)
    assert made == {
        "learners": 1,
        "learner_ids_by_username": 1,
        "course_results": 3,
        "assessment_results": 2,
        "learner_ids_with_results": 3,
        "enrolled_learner_ids": 1,
    }


def test_course_of_no_particular_run_is_searched_for(stage: OpenEdxStage) -> None:
    assert stage.host.course_url("Org+C1", is_enrolled=False) == "/courses?search_query=Org+C1"


def test_user_without_a_profile_has_no_name(stage: OpenEdxStage) -> None:
    """Such as the platform's own service users."""
    user = get_user_model().objects.create(username="service-user")
    assert stage.host.learners([user.pk])[user.pk].name == ""


@pytest.mark.skipif(
    not apps.is_installed("completion_aggregator"), reason="needs the completion aggregator"
)
def test_completion_is_what_the_aggregator_says_of_the_whole_course(stage: OpenEdxStage) -> None:
    ana, bo = stage.add_learner("ana"), stage.add_learner("bo")
    for learner_id, run, percent in ((ana, SPRING, 0.75), (ana, OTHER, 0.5), (bo, SPRING, 1.0)):
        key = CourseKey.from_string(run)
        for name, category in (("course", "course"), ("chapter", "chapter")):
            _model("completion_aggregator", "Aggregator").objects.create(
                user_id=learner_id,
                course_key=key,
                aggregation_name=name,
                block_key=key.make_usage_key(category, name),
                earned=percent * 4,
                possible=4,
                percent=percent if name == "course" else 0.1,
                last_modified=MARCH,
            )
    assert stage.host.completions([ana, bo], runs(SPRING)) == {
        ana: {SPRING: CompletionResult(SPRING, "Org+C1", Decimal("0.75"), MARCH)},
        bo: {SPRING: CompletionResult(SPRING, "Org+C1", Decimal("1.0"), MARCH)},
    }
    with stage.count("completions"):
        stage.host.completions([ana, bo], courses("Org+C1", "Org+C2"))
    changes = stage.host.changes_since("", limit=10)
    assert {(ana, SPRING), (ana, OTHER), (bo, SPRING)} <= set(changes.hints)
    again = stage.host.changes_since(changes.watermark, limit=10)
    # The first round saw everything; the next sees what changed since it began.
    assert set(stage.host.changes_since(again.watermark, limit=10).hints) <= set(changes.hints)
