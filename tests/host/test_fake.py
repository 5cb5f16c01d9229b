"""The fake platform keeps the contract, so that what tests learn from it holds elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from microcred_plugin.evaluation.record import Unknown
from microcred_plugin.host.interface import CourseSelection
from tests.fakes import FakeHost
from tests.host.contract import AUTUMN, CCX, MARCH, OTHER, SPRING, HostContract, Stage


class FakeStage(Stage):
    """Puts facts into a `FakeHost`."""

    counts_completion = True

    def __init__(self) -> None:
        self.host: FakeHost = FakeHost()

    def add_learner(
        self, username: str, *, email: str = "", name: str = "", language: str = ""
    ) -> int:
        values = {"email": email, "name": name, "language": language}
        return self.host.add_learner(len(self.host.people) + 1, username, **values).id

    def add_run(self, run: str, **values: Any) -> None:
        self.host.add_run(run, organization="Org", **values)

    def enroll(
        self, learner_id: int, run: str, *, mode: str = "honor", is_active: bool = True
    ) -> None:
        self.host.enroll(learner_id, run, mode)
        if not is_active:
            self.host.unenroll(learner_id, run)

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
        self.host.put(
            learner_id,
            run,
            percent_grade=Decimal(str(percent)),
            letter_grade=letter,
            passed_timestamp=passed,
        )

    def certificate(
        self,
        learner_id: int,
        run: str,
        *,
        status: str = "downloadable",
        mode: str = "honor",
        created: datetime = MARCH,
    ) -> None:
        self.host.certificate(learner_id, run, status=status, mode=mode, on=created)

    def invalidate(self, learner_id: int, run: str, *, active: bool = True) -> None:
        self.host.put(learner_id, run, certificate_invalidated=active)

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
        earned, possible = override or (earned, possible)
        if possible:
            percent = Decimal(str(earned)) / Decimal(str(possible))
            self.host.assess(learner_id, run, block, percent, on=attempted)

    def give_role(self, user_id: int, run: str, role: str) -> None:
        self.host.give_role(user_id, run, role)

    def make_staff(self, user_id: int) -> None:
        self.host.make_staff(user_id)

    def retire(self, learner_id: int) -> None:
        self.host.retire(learner_id)

    def delete(self, learner_id: int) -> None:
        self.host.delete(learner_id)


class TestFakeHost(HostContract):
    """The contract."""

    @pytest.fixture
    def stage(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeStage]:
        monkeypatch.setattr(FakeHost, "retirement_receivers", [])
        return FakeStage()


@pytest.fixture
def host() -> FakeHost:
    return FakeHost()


def test_completion_is_counted(host: FakeHost) -> None:
    host.complete(1, SPRING, "0.75", on=MARCH)
    host.complete(1, OTHER, "1")
    found = host.completions([1, 2], CourseSelection(courses=frozenset({"Org+C1"})))
    assert {run: result.percent for run, result in found[1].items()} == {SPRING: Decimal("0.75")}
    assert 2 not in found


def test_completion_can_be_a_thing_that_nobody_counts(host: FakeHost) -> None:
    host.complete(1, SPRING, "0.75")
    host.counts_completion = False
    found = host.completions([1], CourseSelection(runs=frozenset({SPRING})))
    assert isinstance(found[1][SPRING], Unknown)


@pytest.mark.parametrize(
    ("said_of", "runs", "courses", "under"),
    [
        (SPRING, {SPRING}, set(), {SPRING}),
        (SPRING, {AUTUMN}, set(), set()),
        (SPRING, set(), {"Org+C1"}, {"Org+C1"}),
        ("Org+C1", {SPRING}, set(), {SPRING}),
        ("Org+C1", set(), {"Org+C1"}, {"Org+C1"}),
        ("Org+C1", {CCX}, {"Org+C2"}, set()),
    ],
)
def test_unknown_stands_under_what_was_asked_for(
    host: FakeHost, said_of: str, runs: set[str], courses: set[str], under: set[str]
) -> None:
    host.cannot_say(1, said_of)
    selection = CourseSelection(frozenset(runs), frozenset(courses))
    assert set(host.course_results([1], selection).get(1, {})) == under
    host.can_say(1, said_of)
    assert host.course_results([1], selection) == {}


def test_first_pass_keeps_its_date(host: FakeHost) -> None:
    later = datetime.fromisoformat("2026-05-01T00:00:00+00:00")
    host.pass_course(1, SPRING, on=MARCH)
    host.fail_course(1, SPRING)
    host.pass_course(1, SPRING, percent="0.9", on=later)
    result = host.course_results([1], CourseSelection(runs=frozenset({SPRING})))[1][SPRING]
    assert (result.is_passed, result.passed_on) == (True, MARCH)


def test_every_question_raises_what_it_was_told_to(host: FakeHost) -> None:
    host.pass_course(1, SPRING)
    host.fail_with(ConnectionError("the platform is away"))
    with pytest.raises(ConnectionError):
        host.course_results([1], CourseSelection(runs=frozenset({SPRING})))
    with pytest.raises(ConnectionError):
        host.learners([1])
    host.fail_with(None)
    assert set(host.learners([1])) == {1}
    assert host.calls["learners"] == 2
