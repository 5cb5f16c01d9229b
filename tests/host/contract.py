"""
What every adapter of the port has to do, whatever platform is behind it.

`HostContract` holds the tests. To run them against an adapter, subclass it and give it a `stage`:
a fixture that yields a `Stage`, which puts facts into that platform the way it keeps them.
"""

from __future__ import annotations

import abc
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from microcred_plugin.evaluation.record import AssessmentResult, CourseResult, Unknown
from microcred_plugin.host.interface import EVERY_RUN, Changes, CourseSelection, Host, course_of

SPRING = "course-v1:Org+C1+Spring"
AUTUMN = "course-v1:Org+C1+Autumn"
OTHER = "course-v1:Org+C2+Spring"
LONGER = "course-v1:Org+C10+Spring"  # its course's name begins like C1's
OTHER_CASE = "course-v1:org+c1+spring"
CCX = "ccx-v1:Org+C1+Spring+ccx@1"
OLD_STYLE = "Org/C1/2012"

JANUARY = datetime(2026, 1, 5, 10, tzinfo=UTC)
MARCH = datetime(2026, 3, 2, 9, 30, 15, 123456, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Stage(abc.ABC):
    """
    A platform to put facts into. Course keys are strings, grades fractions.

    `counts_completion`: whether the platform knows about completion. `queries` is how many
    queries each method of the port may make at most; empty where there is no database.
    """

    host: Host
    counts_completion: ClassVar[bool] = False
    queries: ClassVar[dict[str, int]] = {}

    @abc.abstractmethod
    def add_learner(
        self, username: str, *, email: str = "", name: str = "", language: str = ""
    ) -> int:
        """Make a user; their id. `language` is what they have chosen to read the platform in."""

    @abc.abstractmethod
    def add_run(
        self,
        run: str,
        *,
        title: str = "",
        start: datetime | None = None,
        end: datetime | None = None,
        lowest_passing_grade: Decimal | None = None,
    ) -> None:
        """Make a course run."""

    @abc.abstractmethod
    def enroll(
        self, learner_id: int, run: str, *, mode: str = "honor", is_active: bool = True
    ) -> None:
        """Write an enrollment."""

    @abc.abstractmethod
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
        """Write a course grade."""

    @abc.abstractmethod
    def certificate(
        self,
        learner_id: int,
        run: str,
        *,
        status: str = "downloadable",
        mode: str = "honor",
        created: datetime = MARCH,
    ) -> None:
        """Write a certificate."""

    @abc.abstractmethod
    def invalidate(self, learner_id: int, run: str, *, active: bool = True) -> None:
        """Write an invalidation of a certificate that is there, active or lifted."""

    @abc.abstractmethod
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
        """Write a subsection's points, and the points that override them."""

    @abc.abstractmethod
    def give_role(self, user_id: int, run: str, role: str) -> None:
        """Give a user a role in a course run, by the platform's name for it."""

    @abc.abstractmethod
    def make_staff(self, user_id: int) -> None:
        """Make a user staff of the whole site."""

    @abc.abstractmethod
    def retire(self, learner_id: int) -> None:
        """Retire a user as the platform does, telling everybody."""

    @abc.abstractmethod
    def delete(self, learner_id: int) -> None:
        """Delete a user, with what the platform deletes with them."""

    def count(self, method: str) -> AbstractContextManager[Any]:
        """A context in which at most as many queries may be made as `queries` allows."""
        return at_most(self.queries[method]) if self.queries else nullcontext()


@contextmanager
def at_most(queries: int) -> Iterator[None]:
    """Fails if more queries than these are made in it."""
    with CaptureQueriesContext(connection) as made:
        yield
    assert len(made) <= queries, [query["sql"] for query in made]


def runs(*keys: str) -> CourseSelection:
    return CourseSelection(runs=frozenset(keys))


def courses(*names: str) -> CourseSelection:
    return CourseSelection(courses=frozenset(names))


class HostContract:
    """The tests. A subclass gives the fixture `stage`."""

    # --- learners --------------------------------------------------------------------------------

    def test_learners_are_named_as_they_are_now(self, stage: Stage) -> None:
        ana = stage.add_learner("ana", email="ana@example.org", name="Ana Conceição")
        learner = stage.host.learners([ana])[ana]
        assert (learner.id, learner.username, learner.email, learner.name) == (
            ana,
            "ana",
            "ana@example.org",
            "Ana Conceição",
        )
        assert learner.is_active
        assert not learner.is_retired

    def test_learner_has_the_language_that_they_read(self, stage: Stage) -> None:
        ana, bo = stage.add_learner("ana", language="pt-br"), stage.add_learner("bo")
        learners = stage.host.learners([ana, bo])
        assert [learners[ana].language, learners[bo].language] == ["pt-br", ""]

    def test_emails_are_found_in_capitals_or_not(self, stage: Stage) -> None:
        ana = stage.add_learner("ana", email="Ana@example.org")
        stage.add_learner("bo")
        asked = ["ana@example.org", "Ana@Example.org", "an", "", "nobody@example.org"]
        assert stage.host.learner_ids_by_email(asked) == dict.fromkeys(asked[:2], ana)
        assert stage.host.learner_ids_by_email([]) == {}

    def test_learner_who_does_not_exist_is_absent(self, stage: Stage) -> None:
        ana = stage.add_learner("ana")
        assert set(stage.host.learners([ana, ana + 1000])) == {ana}

    def test_deleted_learner_is_absent(self, stage: Stage) -> None:
        ana, bo = stage.add_learner("ana"), stage.add_learner("bo")
        stage.grade(ana, SPRING, 0.8, "Pass", passed=MARCH)
        stage.delete(ana)
        assert set(stage.host.learners([ana, bo])) == {bo}
        assert stage.host.learner_ids_by_username(["ana", "bo"]) == {"bo": bo}

    def test_retired_learner_says_so(self, stage: Stage) -> None:
        ana, bo = stage.add_learner("ana", name="Ana"), stage.add_learner("bo", name="Bo")
        stage.retire(ana)
        learners = stage.host.learners([ana, bo])
        assert learners[ana].is_retired
        assert learners[ana].name == ""
        assert not learners[bo].is_retired

    def test_nobody_asked_for_nobody_found(self, stage: Stage) -> None:
        stage.add_learner("ana")
        assert stage.host.learners([]) == {}
        assert stage.host.learner_ids_by_username([]) == {}
        assert stage.host.course_results([], runs(SPRING)) == {}

    def test_usernames_are_found_as_they_are_spelt(self, stage: Stage) -> None:
        ana = stage.add_learner("ana")
        assert stage.host.learner_ids_by_username(["ana", "Ana", "nobody"]) == {"ana": ana}

    # --- course results --------------------------------------------------------------------------

    def test_a_result_has_grade_certificate_and_enrollment(self, stage: Stage) -> None:
        ana = stage.add_learner("ana")
        stage.enroll(ana, SPRING, mode="verified")
        stage.grade(ana, SPRING, 0.63, "Pass", passed=MARCH)
        stage.certificate(ana, SPRING, mode="honor", created=JUNE)
        assert stage.host.course_results([ana], runs(SPRING)) == {
            ana: {
                SPRING: CourseResult(
                    run=SPRING,
                    course="Org+C1",
                    percent_grade=Decimal("0.63"),
                    letter_grade="Pass",
                    passed_timestamp=MARCH,
                    enrollment_mode="verified",
                    is_enrolled=True,
                    certificate_status="downloadable",
                    certificate_mode="honor",
                    certificate_created=JUNE,
                    certificate_invalidated=False,
                )
            }
        }

    def test_each_part_of_a_result_may_be_the_only_one(self, stage: Stage) -> None:
        ana = stage.add_learner("ana")
        stage.enroll(ana, SPRING, mode="honor")
        stage.grade(ana, AUTUMN, 0.25)
        stage.certificate(ana, OTHER, mode="verified", created=JUNE)
        results = stage.host.course_results([ana], runs(SPRING, AUTUMN, OTHER))[ana]
        assert results == {
            SPRING: CourseResult(SPRING, "Org+C1", enrollment_mode="honor", is_enrolled=True),
            AUTUMN: CourseResult(AUTUMN, "Org+C1", percent_grade=Decimal("0.25")),
            OTHER: CourseResult(
                OTHER,
                "Org+C2",
                certificate_status="downloadable",
                certificate_mode="verified",
                certificate_created=JUNE,
            ),
        }

    def test_learner_without_any_of_the_three_is_absent(self, stage: Stage) -> None:
        ana, bo = stage.add_learner("ana"), stage.add_learner("bo")
        stage.grade(ana, SPRING, 0.8, "Pass", passed=MARCH)
        stage.grade(bo, OTHER, 0.8, "Pass", passed=MARCH)
        assert set(stage.host.course_results([ana, bo], runs(SPRING))) == {ana}

    def test_each_learner_gets_their_own_results(self, stage: Stage) -> None:
        ana, bo, cy = (stage.add_learner(name) for name in ("ana", "bo", "cy"))
        for learner_id, percent in ((ana, 0.7), (bo, 0.8), (cy, 0.9)):
            stage.grade(learner_id, SPRING, percent, "Pass", passed=MARCH)
        results = stage.host.course_results([ana, bo], runs(SPRING))
        assert {key: found[SPRING].percent_grade for key, found in results.items()} == {
            ana: Decimal("0.7"),
            bo: Decimal("0.8"),
        }

    def test_nothing_selected_nothing_found(self, stage: Stage) -> None:
        ana = stage.add_learner("ana")
        stage.grade(ana, SPRING, 0.8, "Pass", passed=MARCH)
        assert stage.host.course_results([ana], CourseSelection()) == {}

    def test_learner_who_left_is_no_longer_enrolled_but_keeps_the_mode(self, stage: Stage) -> None:
        ana = stage.add_learner("ana")
        stage.enroll(ana, SPRING, mode="verified", is_active=False)
        stage.grade(ana, SPRING, 0.95, "A", passed=MARCH)
        result = stage.host.course_results([ana], runs(SPRING))[ana][SPRING]
        assert (result.enrollment_mode, result.is_enrolled) == ("verified", False)
        assert result.is_passed

    def test_first_pass_stays_when_the_learner_falls_below(self, stage: Stage) -> None:
        ana = stage.add_learner("ana")
        stage.grade(ana, SPRING, 0.55, "", passed=MARCH)
        result = stage.host.course_results([ana], runs(SPRING))[ana][SPRING]
        assert result.passed_timestamp == MARCH
        assert not result.is_passed

    @pytest.mark.parametrize("status", ["notpassing", "unavailable", "generating", "audit_passing"])
    def test_a_certificate_has_the_platforms_own_status(self, stage: Stage, status: str) -> None:
        ana = stage.add_learner("ana")
        stage.certificate(ana, SPRING, status=status)
        result = stage.host.course_results([ana], runs(SPRING))[ana][SPRING]
        assert result.certificate_status == status
        assert not result.has_certificate

    def test_invalidated_certificate_defeats_a_passing_grade(self, stage: Stage) -> None:
        ana = stage.add_learner("ana")
        stage.grade(ana, SPRING, 1.0, "A", passed=MARCH)
        stage.certificate(ana, SPRING)
        stage.invalidate(ana, SPRING)
        result = stage.host.course_results([ana], runs(SPRING))[ana][SPRING]
        assert result.certificate_invalidated
        assert not result.is_passed

    def test_invalidation_that_was_lifted_is_none(self, stage: Stage) -> None:
        ana = stage.add_learner("ana")
        stage.grade(ana, SPRING, 1.0, "A", passed=MARCH)
        stage.certificate(ana, SPRING)
        stage.invalidate(ana, SPRING, active=True)
        stage.invalidate(ana, SPRING, active=False)
        result = stage.host.course_results([ana], runs(SPRING))[ana][SPRING]
        assert not result.certificate_invalidated

    def test_retired_learner_keeps_grades(self, stage: Stage) -> None:
        ana = stage.add_learner("ana")
        stage.grade(ana, SPRING, 0.8, "Pass", passed=MARCH)
        stage.retire(ana)
        assert stage.host.course_results([ana], runs(SPRING))[ana][SPRING].is_passed

    # --- which runs are meant --------------------------------------------------------------------

    @pytest.fixture
    def ana_everywhere(self, stage: Stage) -> int:
        """Somebody with a grade in every kind of run, save those that differ by case alone."""
        ana = stage.add_learner("ana")
        for run in (SPRING, AUTUMN, OTHER, LONGER, CCX, OLD_STYLE):
            stage.grade(ana, run, 0.8, "Pass", passed=MARCH)
        return ana

    @pytest.mark.parametrize(
        ("selection", "found"),
        [
            (runs(SPRING), {SPRING}),
            (runs(SPRING, OTHER), {SPRING, OTHER}),
            (courses("Org+C1"), {SPRING, AUTUMN, OLD_STYLE}),
            (courses("Org+C1", "Org+C2"), {SPRING, AUTUMN, OLD_STYLE, OTHER}),
            (runs(OTHER) | courses("Org+C1"), {SPRING, AUTUMN, OLD_STYLE, OTHER}),
            (runs(SPRING) | courses("Org+C1"), {SPRING, AUTUMN, OLD_STYLE}),
            (runs(CCX), {CCX}),
            (runs(CCX) | courses("Org+C1"), {SPRING, AUTUMN, OLD_STYLE, CCX}),
            (runs(OTHER_CASE), set()),
            (courses("org+c1"), set()),
            (courses("Org+C"), set()),
            (runs("course-v1:Org+C1+None"), set()),
            (EVERY_RUN, {SPRING, AUTUMN, OTHER, LONGER, CCX, OLD_STYLE}),
            (runs(SPRING) | EVERY_RUN, {SPRING, AUTUMN, OTHER, LONGER, CCX, OLD_STYLE}),
        ],
    )
    def test_runs_are_selected_by_key_or_by_course(
        self, stage: Stage, ana_everywhere: int, selection: CourseSelection, found: set[str]
    ) -> None:
        results = stage.host.course_results([ana_everywhere], selection)
        assert set(results.get(ana_everywhere, {})) == found
        for run, result in results.get(ana_everywhere, {}).items():
            assert (result.run, result.course) == (run, course_of(run))

    def test_runs_that_differ_by_case_are_two(self, stage: Stage) -> None:
        ana, bo = stage.add_learner("ana"), stage.add_learner("bo")
        stage.grade(ana, SPRING, 0.8, "Pass", passed=MARCH)
        stage.grade(bo, OTHER_CASE, 0.7, "Pass", passed=MARCH)
        both = [ana, bo]
        assert {ana: {SPRING}} == _keys(stage.host.course_results(both, runs(SPRING)))
        assert {bo: {OTHER_CASE}} == _keys(stage.host.course_results(both, runs(OTHER_CASE)))
        assert {ana: {SPRING}} == _keys(stage.host.course_results(both, courses("Org+C1")))
        assert stage.host.learner_ids_with_results(runs(SPRING), after=0, limit=9) == [ana]

    # --- assessments -----------------------------------------------------------------------------

    def test_subsection_is_the_share_of_its_graded_points(self, stage: Stage) -> None:
        ana = stage.add_learner("ana")
        stage.grade_subsection(ana, SPRING, "exam", 2.5, 4.0, attempted=MARCH)
        results = stage.host.assessment_results([ana], runs(SPRING), ["exam"])
        result = results[ana][SPRING, "exam"]
        assert (result.run, result.course, result.block) == (SPRING, "Org+C1", "exam")
        assert result.percent_grade == Decimal("0.625")
        assert result.graded_on == MARCH

    @pytest.mark.parametrize(("earned", "percent"), [(0.0, "0"), (4.0, "1"), (3.0, "0.75")])
    def test_override_wins(self, stage: Stage, earned: float, percent: str) -> None:
        ana = stage.add_learner("ana")
        stage.grade_subsection(ana, SPRING, "exam", 2.5, 4.0, override=(earned, 4.0))
        result = stage.host.assessment_results([ana], runs(SPRING), ["exam"])[ana][SPRING, "exam"]
        assert result.percent_grade == Decimal(percent)

    def test_block_is_found_in_every_run_that_is_meant(self, stage: Stage) -> None:
        for run in (SPRING, AUTUMN, OTHER, LONGER, CCX):
            stage.add_run(run, title=run)
        ana = stage.add_learner("ana")
        for run in (SPRING, AUTUMN, OTHER):
            stage.grade_subsection(ana, run, "exam", 3.0, 4.0)
            stage.grade_subsection(ana, run, "homework", 1.0, 4.0)
        found = stage.host.assessment_results([ana], courses("Org+C1"), ["exam"])
        assert set(found[ana]) == {(SPRING, "exam"), (AUTUMN, "exam")}
        found = stage.host.assessment_results([ana], runs(SPRING), ["exam", "homework", "none"])
        assert set(found[ana]) == {(SPRING, "exam"), (SPRING, "homework")}

    def test_subsection_without_points_or_without_a_row_is_absent(self, stage: Stage) -> None:
        ana, bo = stage.add_learner("ana"), stage.add_learner("bo")
        stage.grade_subsection(ana, SPRING, "exam", 0.0, 0.0)
        found = stage.host.assessment_results([ana, bo], runs(SPRING), ["exam"])
        assert not found.get(ana)
        assert bo not in found

    # --- completion ------------------------------------------------------------------------------

    def test_completion_that_the_platform_does_not_count_is_unknown(self, stage: Stage) -> None:
        ana, bo = stage.add_learner("ana"), stage.add_learner("bo")
        found = stage.host.completions([ana, bo], runs(SPRING) | courses("Org+C2"))
        # Where it is counted, who has completed nothing is absent.
        assert set(found) == (set() if stage.counts_completion else {ana, bo})
        for answer in found.values():
            assert set(answer) == {SPRING, "Org+C2"}
            assert all(isinstance(completion, Unknown) for completion in answer.values())

    # --- course runs -----------------------------------------------------------------------------

    def test_course_runs_that_exist_describe_themselves(self, stage: Stage) -> None:
        stage.add_run(
            SPRING, title="Statistics", start=JANUARY, end=JUNE,
            lowest_passing_grade=Decimal("0.60"),
        )  # fmt: skip
        stage.add_run(AUTUMN, title="Statistics")
        stage.add_run(OTHER, title="Probability")
        stage.add_run(CCX, title="Statistics, with a coach")
        found = stage.host.course_runs(courses("Org+C1"))
        assert set(found) == {SPRING, AUTUMN}
        spring = found[SPRING]
        assert (spring.run, spring.course, spring.organization) == (SPRING, "Org+C1", "Org")
        assert (spring.title, spring.start, spring.end) == ("Statistics", JANUARY, JUNE)
        assert spring.lowest_passing_grade == Decimal("0.6")
        assert found[AUTUMN].start is None
        assert set(stage.host.course_runs(runs(CCX, OTHER, OTHER_CASE))) == {CCX, OTHER}
        assert stage.host.course_runs(runs(CCX))[CCX].course is None
        assert stage.host.course_runs(CourseSelection()) == {}

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("statistics", [AUTUMN, SPRING]),
            ("STATIS spring", [SPRING]),
            ("spring statis", [SPRING]),
            ("c1+aut", [AUTUMN]),
            ("ORG", [OTHER, AUTUMN, SPRING, CCX]),
            (OTHER, [OTHER]),
            ("statistics chemistry", []),
            ("100% _", []),
            ("_", []),
            ("\x00", []),
            ("  ", []),
            ("", []),
        ],
    )
    def test_runs_are_found_by_words_of_title_or_key_newest_first(
        self, stage: Stage, text: str, found: list[str]
    ) -> None:
        stage.add_run(SPRING, title="Statistics", start=JANUARY)
        stage.add_run(AUTUMN, title="Statistics", start=MARCH)
        stage.add_run(OTHER, title="Probability", start=JUNE)
        stage.add_run(CCX, title="With a coach")
        assert [one.run for one in stage.host.search_runs(text, limit=10)] == found
        assert [one.run for one in stage.host.search_runs(text, limit=1)] == found[:1]

    def test_run_that_is_found_describes_itself(self, stage: Stage) -> None:
        stage.add_run(SPRING, title="Statistics", start=JANUARY, end=JUNE)
        (spring,) = stage.host.search_runs("statistics", limit=10)
        assert stage.host.course_runs(runs(SPRING)) == {SPRING: spring}
        assert (spring.title, spring.organization, spring.start) == ("Statistics", "Org", JANUARY)

    # --- who has results -------------------------------------------------------------------------

    def test_learners_with_a_grade_a_certificate_or_a_subsections_grade(self, stage: Stage) -> None:
        ana, bo, cy, di = (stage.add_learner(name) for name in ("ana", "bo", "cy", "di"))
        for run in (SPRING, AUTUMN):
            stage.add_run(run, title="Statistics")
        stage.grade(ana, SPRING, 0.1)
        stage.certificate(bo, AUTUMN)
        stage.grade_subsection(cy, SPRING, "exam", 1.0, 4.0)
        stage.enroll(di, SPRING)
        found = stage.host.learner_ids_with_results(courses("Org+C1"), after=0, limit=10)
        assert list(found) == [ana, bo, cy]

    def test_learners_with_results_come_in_pages(self, stage: Stage) -> None:
        ids = [stage.add_learner(f"learner{number}") for number in range(7)]
        for run in (SPRING, AUTUMN):
            stage.add_run(run, title="Statistics")
        for learner_id in ids:
            stage.grade(learner_id, SPRING, 0.5)
            stage.certificate(learner_id, SPRING)
            stage.grade(learner_id, AUTUMN, 0.7, "Pass", passed=MARCH)
        stage.grade(stage.add_learner("elsewhere"), OTHER, 0.5)
        pages, after = [], 0
        while page := list(
            stage.host.learner_ids_with_results(courses("Org+C1"), after=after, limit=3)
        ):
            pages.append(page)
            after = page[-1]
        assert pages == [sorted(ids)[0:3], sorted(ids)[3:6], sorted(ids)[6:]]

    def test_learners_who_are_enrolled_come_in_pages(self, stage: Stage) -> None:
        ids = [stage.add_learner(f"learner{number}") for number in range(5)]
        for learner_id in ids:
            stage.enroll(learner_id, SPRING)
        stage.enroll(stage.add_learner("left"), SPRING, is_active=False)
        stage.enroll(stage.add_learner("elsewhere"), AUTUMN)
        stage.enroll(stage.add_learner("case"), OTHER_CASE)
        assert list(stage.host.enrolled_learner_ids(SPRING, after=0, limit=3)) == ids[:3]
        assert list(stage.host.enrolled_learner_ids(SPRING, after=ids[2], limit=3)) == ids[3:]
        assert list(stage.host.enrolled_learner_ids(SPRING, after=ids[4], limit=3)) == []

    def test_runs_that_a_learner_is_enrolled_in(self, stage: Stage) -> None:
        ana, bo = stage.add_learner("ana"), stage.add_learner("bo")
        for run in (SPRING, CCX):
            stage.enroll(ana, run)
        stage.enroll(ana, OTHER, is_active=False)
        stage.grade(ana, AUTUMN, 0.8, "Pass", passed=MARCH)
        stage.enroll(bo, OTHER_CASE)
        assert stage.host.enrolled_runs(ana) == {SPRING, CCX}
        assert stage.host.enrolled_runs(bo) == {OTHER_CASE}
        assert stage.host.enrolled_runs(ana + bo + 1000) == frozenset()

    # --- who may what ----------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("role", "sees_grades", "authors"),
        [
            ("instructor", True, True),
            ("staff", True, True),
            ("limited_staff", True, False),
            ("data_researcher", True, False),
            ("beta_testers", False, False),
        ],
    )
    def test_a_role_in_a_run_is_for_that_run(
        self, stage: Stage, role: str, sees_grades: bool, authors: bool
    ) -> None:
        for run in (SPRING, OTHER):
            stage.add_run(run, title=run)
        ana = stage.add_learner("ana")
        stage.give_role(ana, SPRING, role)
        assert stage.host.may_see_grades(ana, SPRING) is sees_grades
        assert stage.host.may_author(ana, [SPRING, OTHER]) == ({SPRING} if authors else set())
        assert not stage.host.may_see_grades(ana, OTHER)

    def test_staff_of_the_site_may_everything(self, stage: Stage) -> None:
        for run in (SPRING, OTHER):
            stage.add_run(run, title=run)
        ana = stage.add_learner("ana")
        stage.make_staff(ana)
        assert stage.host.may_see_grades(ana, SPRING)
        assert stage.host.may_author(ana, [SPRING, OTHER]) == {SPRING, OTHER}

    def test_whoever_has_no_role_may_nothing(self, stage: Stage) -> None:
        stage.add_run(SPRING, title="Statistics")
        ana = stage.add_learner("ana")
        stage.enroll(ana, SPRING)
        assert not stage.host.may_see_grades(ana, SPRING)
        assert stage.host.may_author(ana, [SPRING]) == frozenset()
        assert stage.host.may_author(ana, []) == frozenset()
        stage.delete(ana)
        assert not stage.host.may_see_grades(ana, SPRING)
        assert stage.host.may_author(ana, [SPRING]) == frozenset()

    def test_team_of_a_run_are_those_who_have_a_role_in_it_that_writes(self, stage: Stage) -> None:
        for run in (SPRING, OTHER):
            stage.add_run(run, title=run)
        people = {
            name: stage.add_learner(name)
            for name in ("bo", "ana", "cem", "dan", "eve", "fay", "operator")
        }
        stage.give_role(people["bo"], SPRING, "instructor")
        stage.give_role(people["ana"], SPRING, "staff")
        stage.give_role(people["cem"], SPRING, "limited_staff")
        stage.give_role(people["dan"], OTHER, "staff")
        stage.give_role(people["fay"], OTHER_CASE, "staff")
        stage.make_staff(people["operator"])
        found = stage.host.course_author_ids(SPRING)
        assert found == sorted([people["bo"], people["ana"]])
        assert stage.host.course_author_ids(AUTUMN) == []

    # --- what changed ----------------------------------------------------------------------------

    def test_everything_has_changed_since_the_beginning(self, stage: Stage) -> None:
        ana, bo = stage.add_learner("ana"), stage.add_learner("bo")
        stage.grade(ana, SPRING, 0.5)
        stage.certificate(bo, SPRING)
        stage.enroll(bo, AUTUMN)
        stage.grade_subsection(bo, OTHER, "exam", 1.0, 4.0)
        hints, _watermark = _read_all(stage.host, "", limit=100)
        assert {(ana, SPRING), (bo, SPRING), (bo, AUTUMN), (bo, OTHER)} <= hints

    @pytest.mark.parametrize("limit", [1, 2, 3, 100])
    def test_rows_of_one_instant_are_all_seen(self, stage: Stage, limit: int) -> None:
        ids = [stage.add_learner(f"learner{number}") for number in range(5)]
        for learner_id in ids:
            stage.grade(learner_id, SPRING, 0.5, modified=MARCH)
        hints, _watermark = _read_all(stage.host, "", limit=limit)
        assert {(learner_id, SPRING) for learner_id in ids} <= hints

    def test_row_of_an_instant_that_was_seen_already_is_seen(self, stage: Stage) -> None:
        ana, bo = stage.add_learner("ana"), stage.add_learner("bo")
        stage.grade(bo, SPRING, 0.5, modified=MARCH)
        _hints, watermark = _read_all(stage.host, "", limit=100)
        stage.grade(ana, SPRING, 0.5, modified=MARCH)
        hints, _watermark = _read_all(stage.host, watermark, limit=100)
        assert (ana, SPRING) in hints

    def test_later_change_of_the_same_row_is_seen(self, stage: Stage) -> None:
        ana = stage.add_learner("ana")
        stage.grade(ana, SPRING, 0.5, modified=MARCH)
        _hints, watermark = _read_all(stage.host, "", limit=100)
        stage.grade(ana, SPRING, 0.8, "Pass", passed=JUNE, modified=JUNE)
        hints, _watermark = _read_all(stage.host, watermark, limit=100)
        assert (ana, SPRING) in hints

    def test_reading_goes_on_behind_the_page(self, stage: Stage) -> None:
        ids = [stage.add_learner(f"learner{number}") for number in range(6)]
        for number, learner_id in enumerate(ids):
            stage.grade(learner_id, SPRING, 0.5, modified=MARCH + timedelta(days=number))
        first = stage.host.changes_since("", limit=2)
        second = stage.host.changes_since(first.watermark, limit=2)
        assert first.has_more
        assert set(first.hints).isdisjoint(second.hints)

    def test_a_platform_where_nothing_happens_has_an_end(self, stage: Stage) -> None:
        changes = stage.host.changes_since("", limit=10)
        assert (changes.hints, changes.has_more) == ((), False)
        changes = stage.host.changes_since(changes.watermark, limit=10)
        assert (changes.hints, changes.has_more) == ((), False)

    def test_changes_that_come_while_pages_are_read_are_seen(self, stage: Stage) -> None:
        ids = [stage.add_learner(f"learner{number}") for number in range(6)]
        watermark, seen = "", set()
        for learner_id in ids:
            stage.certificate(learner_id, SPRING)
            stage.enroll(learner_id, AUTUMN)
            changes = stage.host.changes_since(watermark, limit=2)
            watermark = changes.watermark
            seen |= set(changes.hints)
        rest, watermark = _read_all(stage.host, watermark, limit=2)
        seen |= rest
        # What came behind the place where a table had been read to its end is in the next round.
        rest, watermark = _read_all(stage.host, watermark, limit=2)
        assert {(learner_id, run) for learner_id in ids for run in (SPRING, AUTUMN)} <= seen | rest

    # --- the rest --------------------------------------------------------------------------------

    def test_absolute_url_joins_with_one_slash(self, stage: Stage) -> None:
        url = stage.host.absolute_url("/microcredentials/m/1/")
        assert url.startswith(("http://", "https://"))
        assert url.endswith("/microcredentials/m/1/")
        assert "//" not in url.split("://", 1)[1]

    def test_studio_has_an_address_of_its_own(self, stage: Stage) -> None:
        url = stage.host.studio_url("/microcredentials/offers/")
        assert url.startswith(("http://", "https://"))
        assert url.endswith("/microcredentials/offers/")
        assert "//" not in url.split("://", 1)[1]
        assert url != stage.host.absolute_url("/microcredentials/offers/")

    @pytest.mark.parametrize("key", [SPRING, CCX, OLD_STYLE, "Org+C1"])
    @pytest.mark.parametrize("is_enrolled", [True, False])
    def test_course_has_an_address_that_a_page_can_link_to(
        self, stage: Stage, key: str, is_enrolled: bool
    ) -> None:
        url = stage.host.course_url(key, is_enrolled=is_enrolled)
        assert url.startswith(("/", "http://", "https://"))
        assert not set(url) & set(" \"'<>")

    def test_site_has_a_name_and_addresses(self, stage: Stage) -> None:
        site = stage.host.site()
        assert site.name
        assert site.home_url.startswith(("/", "http"))
        assert site.dashboard_url.startswith(("/", "http"))

    def test_retirement_is_told_once(self, stage: Stage) -> None:
        ana = stage.add_learner("ana")
        told: list[int] = []

        def receiver(learner_id: int) -> None:
            told.append(learner_id)

        stage.host.connect_retirement(receiver)
        stage.host.connect_retirement(receiver)
        stage.retire(ana)
        assert told == [ana]

    def test_what_a_receiver_of_retirements_raises_reaches_the_platform(self, stage: Stage) -> None:
        ana = stage.add_learner("ana", name="Ana")

        def receiver(learner_id: int) -> None:
            raise RuntimeError("not yet")

        stage.host.connect_retirement(receiver)
        with pytest.raises(RuntimeError, match="not yet"):
            stage.retire(ana)
        assert stage.host.learners([ana])[ana].name == "Ana"

    # --- how much it costs -----------------------------------------------------------------------

    @pytest.mark.parametrize(("learners", "of_each"), [(1, 1), (30, 1), (3, 8)])
    def test_queries_do_not_depend_on_the_number_of_learners_or_runs(
        self, stage: Stage, learners: int, of_each: int
    ) -> None:
        every_run = [f"course-v1:Org+C{number}+Spring" for number in range(of_each)]
        ids = [stage.add_learner(f"learner{number}") for number in range(learners)]
        for run in every_run:
            stage.add_run(run)
            for learner_id in ids:
                stage.enroll(learner_id, run)
                stage.grade(learner_id, run, 0.8, "Pass", passed=MARCH)
                stage.certificate(learner_id, run)
                stage.grade_subsection(learner_id, run, "exam", 3.0, 4.0, override=(4.0, 4.0))
        host, some = stage.host, runs(*every_run) | courses("Org+C1")
        with stage.count("learners"):
            assert len(host.learners(ids)) == learners
        with stage.count("learner_ids_by_username"):
            host.learner_ids_by_username([f"learner{number}" for number in range(learners)])
        with stage.count("learner_ids_by_email"):
            host.learner_ids_by_email([f"learner{number}@x.org" for number in range(learners)])
        with stage.count("course_results"):
            assert len(host.course_results(ids, some)) == learners
        with stage.count("assessment_results"):
            assert len(host.assessment_results(ids, some, ["exam"])) == learners
        with stage.count("completions"):
            host.completions(ids, some)
        with stage.count("course_runs"):
            assert len(host.course_runs(some)) == of_each
        with stage.count("search_runs"):
            assert len(host.search_runs("org spring", limit=100)) == of_each
        with stage.count("learner_ids_with_results"):
            host.learner_ids_with_results(some, after=0, limit=100)
        with stage.count("enrolled_learner_ids"):
            assert len(host.enrolled_learner_ids(every_run[0], after=0, limit=100)) == learners
        with stage.count("enrolled_runs"):
            assert len(host.enrolled_runs(ids[0])) == of_each
        with stage.count("may_author"):
            host.may_author(ids[0], every_run)
        with stage.count("course_author_ids"):
            host.course_author_ids(every_run[0])
        with stage.count("changes_since"):
            host.changes_since("", limit=1000)


class TableContract(HostContract):
    """What adapters do besides that read dated rows, and the last `overlap` of them again."""

    overlap: ClassVar[timedelta]

    def test_subsection_that_only_an_override_graded_has_the_overrides_date(
        self, stage: Stage
    ) -> None:
        ana = stage.add_learner("ana")
        stage.grade_subsection(ana, SPRING, "exam", 0.0, 4.0, attempted=None, override=(4.0, 4.0))
        found = stage.host.assessment_results([ana], runs(SPRING), ["exam"])[ana][SPRING, "exam"]
        assert isinstance(found, AssessmentResult)
        assert found.graded_on is not None
        assert found.percent_grade == Decimal(1)

    def test_row_that_was_stamped_before_the_watermark_and_committed_behind_it_is_seen(
        self, stage: Stage
    ) -> None:
        ana, bo = stage.add_learner("ana"), stage.add_learner("bo")
        stage.grade(bo, SPRING, 0.5, modified=now())
        watermark = stage.host.changes_since("", limit=10).watermark
        stage.grade(ana, SPRING, 0.5, modified=now() - self.overlap / 2)
        assert (ana, SPRING) in stage.host.changes_since(watermark, limit=10).hints

    def test_what_is_older_than_the_overlap_is_not_read_again(self, stage: Stage) -> None:
        ana, bo = stage.add_learner("ana"), stage.add_learner("bo")
        stage.grade(ana, SPRING, 0.5, modified=now() - self.overlap - timedelta(hours=1))
        stage.grade(bo, SPRING, 0.5, modified=now())
        watermark = stage.host.changes_since("", limit=10).watermark
        assert stage.host.changes_since(watermark, limit=10).hints == ((bo, SPRING),)


def _keys(results: Any) -> dict[int, set[str]]:
    return {learner_id: set(found) for learner_id, found in results.items()}


def _read_all(host: Host, watermark: str, *, limit: int) -> tuple[set[tuple[int, str]], str]:
    """Every page from the watermark on, as the sweep reads them."""
    hints: set[tuple[int, str]] = set()
    for _page in range(100):
        changes: Changes = host.changes_since(watermark, limit=limit)
        hints.update(changes.hints)
        watermark = changes.watermark
        if not changes.has_more:
            return hints, watermark
    raise AssertionError("there is always more")
