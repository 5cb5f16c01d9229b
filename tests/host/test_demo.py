"""The demo's adapter keeps the contract."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.dispatch import Signal
from django.utils.timezone import now
from opaque_keys.edx.keys import CourseKey

from demo import lms
from demo import signals as demo_signals
from demo.changes import OVERLAP
from demo.courses.models import CourseAccessRole, CourseOverview, UserProfile
from demo.host import DemoHost
from tests.host.contract import MARCH, SPRING, Stage, TableContract

pytestmark = pytest.mark.django_db


class DemoStage(Stage):
    """Puts facts into the demo's tables."""

    queries = {
        "learners": 1,
        "learner_ids_by_username": 1,
        "learner_ids_by_email": 1,
        "course_results": 3,
        "assessment_results": 1,
        "completions": 0,
        "course_runs": 1,
        "search_runs": 1,
        "learner_ids_with_results": 3,
        "enrolled_learner_ids": 1,
        "enrolled_runs": 1,
        "may_author": 2,
        "course_author_ids": 1,
        "changes_since": 6,
    }

    def __init__(self) -> None:
        self.host = DemoHost()

    def add_learner(
        self, username: str, *, email: str = "", name: str = "", language: str = ""
    ) -> int:
        user = get_user_model().objects.create(username=username, email=email)
        UserProfile.objects.create(user=user, name=name, language=language)
        return user.pk

    def add_run(self, run: str, *, title: str = "", **values: Any) -> None:
        CourseOverview.objects.create(
            id=run, org=CourseKey.from_string(run).org, display_name=title, **values
        )

    def enroll(
        self, learner_id: int, run: str, *, mode: str = "honor", is_active: bool = True
    ) -> None:
        lms.enroll(learner_id, run, mode=mode, is_active=is_active)

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
        lms.grade(
            learner_id, run, percent_grade=percent, letter_grade=letter, passed_timestamp=passed,
            modified=modified,
        )  # fmt: skip

    def certificate(
        self,
        learner_id: int,
        run: str,
        *,
        status: str = "downloadable",
        mode: str = "honor",
        created: datetime = MARCH,
    ) -> None:
        lms.certify(
            learner_id, run, status=status, mode=mode, grade="0.8", name="", created=created
        )

    def invalidate(self, learner_id: int, run: str, *, active: bool = True) -> None:
        lms.invalidate_certificate(learner_id, run, active=active)

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
        usage_key = CourseKey.from_string(run).make_usage_key("sequential", block)
        lms.grade_subsection(
            learner_id, run, usage_key, earned=earned, possible=possible,
            first_attempted=attempted, override=override,
        )  # fmt: skip

    def give_role(self, user_id: int, run: str, role: str) -> None:
        CourseAccessRole.objects.create(user_id=user_id, course_id=run, role=role)

    def make_staff(self, user_id: int) -> None:
        get_user_model().objects.filter(pk=user_id).update(is_staff=True)

    def retire(self, learner_id: int) -> None:
        lms.retire(
            learner_id,
            username=f"retired__user_{learner_id}",
            email=f"retired__user_{learner_id}@retired.invalid",
        )

    def delete(self, learner_id: int) -> None:
        get_user_model().objects.get(pk=learner_id).delete()


class TestDemoHost(TableContract):
    """The contract."""

    overlap = OVERLAP

    @pytest.fixture
    def stage(self, monkeypatch: pytest.MonkeyPatch) -> DemoStage:
        # A signal of the test's own, so that its receivers are gone with it.
        signal = Signal()
        for module in ("demo.lms", "demo.host"):
            monkeypatch.setattr(f"{module}.USER_RETIRE_LMS_MISC", signal)
        return DemoStage()


@pytest.fixture
def stage() -> DemoStage:
    return DemoStage()


def test_retirement_is_told_inside_a_transaction(stage: DemoStage) -> None:
    ana = stage.add_learner("ana")
    inside: list[bool] = []

    def receiver(**_kwargs: Any) -> None:
        inside.append(len(connection.savepoint_ids) > before)

    demo_signals.USER_RETIRE_LMS_MISC.connect(receiver)
    before = len(connection.savepoint_ids)
    stage.retire(ana)
    demo_signals.USER_RETIRE_LMS_MISC.disconnect(receiver)
    assert inside == [True]


def test_lifted_invalidation_is_a_change(stage: DemoStage) -> None:
    ana = stage.add_learner("ana")
    long_ago = now() - timedelta(days=30)
    lms.certify(
        ana, SPRING, status="unavailable", mode="honor", grade="", name="", modified=long_ago
    )
    lms.invalidate_certificate(ana, SPRING, modified=long_ago)
    watermark = stage.host.changes_since("", limit=10).watermark
    lms.invalidate_certificate(ana, SPRING, active=False)
    changes = stage.host.changes_since(watermark, limit=10)
    assert (ana, SPRING) in changes.hints
