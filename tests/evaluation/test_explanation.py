"""What an outcome means to the learner: where they stand, and what to do next."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from microcred_plugin.evaluation.evaluate import Truth
from microcred_plugin.evaluation.explain import Explanation, explain
from microcred_plugin.evaluation.record import (
    AssessmentResult,
    AwardFact,
    AwardState,
    CompletionResult,
    DatedFact,
    LearnerRecord,
    Unknown,
)
from microcred_plugin.evaluation.windows import after
from tests.evaluation import (
    COURSE,
    OTHER_RUN,
    RUN,
    at,
    course,
    grant,
    granted,
    group,
    in_courses,
    outcome_of,
    passed,
)


def explained(data: dict[str, Any] | None, record: LearnerRecord, **kwargs: Any) -> Explanation:
    return explain(outcome_of(data, record, **kwargs))


def steps(data: dict[str, Any] | None, record: LearnerRecord, **kwargs: Any) -> list[str]:
    return [step.key for step in explained(data, record, **kwargs).steps]


NO_GRADE = {"letter_grade": "", "percent_grade": None, "passed_timestamp": None}
STACK = {"kind": "microcredential", "microcredential": "m"}
EVIDENCE = {"kind": "evidence", "key": "e"}
ATTESTATION = {"kind": "attestation", "key": "e"}
PROGRAM = {"kind": "program", "program": "p"}
ASSESSMENT = {"kind": "assessment", "course": COURSE, "block": "exam", "minimum_grade": 70}
COMPLETION = {"kind": "completion", "course": COURSE, "minimum_percent": 90}
NOTHING = LearnerRecord()


def award(state: AwardState) -> LearnerRecord:
    return LearnerRecord(awards={"m": AwardFact("award", state, at("2026-01-01"))})


def future(mapping: str, key: str) -> LearnerRecord:
    return LearnerRecord(**{mapping: {key: DatedFact(at("2027-01-01"))}})


def ended(mapping: str, key: str) -> LearnerRecord:
    return LearnerRecord(**{mapping: {key: DatedFact(at("2025-01-01"), at("2026-01-01"))}})


STEPS = {
    "unknown result": (course(), LearnerRecord({COURSE: Unknown()}), "step.wait"),
    "pass without a date where one matters": (
        course(not_before="2020-01-01"),
        in_courses(passed(on=None)),
        "step.wait",
    ),
    "certificate missing": (
        course(certificate=True),
        in_courses(passed()),
        "step.get_certificate",
    ),
    "mode not accepted": (
        course(modes=["masters"]),
        in_courses(passed()),
        "step.change_mode",
    ),
    "audit": (course(), in_courses(passed(enrollment_mode="audit")), "step.leave_audit"),
    "no mode": (course(), in_courses(passed(enrollment_mode=None)), "step.enroll"),
    "below the minimum": (course(minimum_grade=90), in_courses(passed()), "step.raise_grade"),
    "no grade row": (
        course(minimum_grade=90),
        in_courses(
            passed(
                **NO_GRADE,
                certificate_status="downloadable",
                certificate_mode="verified",
            )
        ),
        "step.get_grade",
    ),
    "below the pass mark": (
        course(),
        in_courses(passed(letter_grade="")),
        "step.pass_course_from",
    ),
    "enrolled": (course(), in_courses(passed(**NO_GRADE)), "step.pass_course"),
    "left": (course(), in_courses(passed(**NO_GRADE, is_enrolled=False)), "step.enroll_and_pass"),
    "not started": (course(), NOTHING, "step.enroll_and_pass"),
    "certificate invalidated": (
        course(),
        in_courses(passed(certificate_invalidated=True)),
        "step.ask_course_team",
    ),
    "passed too early in one of several runs": (
        course(not_before="2026-04-01"),
        in_courses(passed()),
        "step.another_run",
    ),
    "assessment not taken": (ASSESSMENT, NOTHING, "step.take_assessment"),
    "assessment below": (
        ASSESSMENT,
        LearnerRecord(
            assessments={(RUN, "exam"): AssessmentResult(RUN, COURSE, "exam", Decimal(0), None)}
        ),
        "step.raise_assessment",
    ),
    "completion not begun": (COMPLETION, NOTHING, "step.take_course"),
    "completion below": (
        COMPLETION,
        LearnerRecord(completions={RUN: CompletionResult(RUN, COURSE, Decimal(0), None)}),
        "step.complete",
    ),
    "stacked one missing": (STACK, NOTHING, "step.earn_microcredential"),
    "stacked one held": (STACK, award(AwardState.HELD), "step.wait_for_approval"),
    "stacked one suspended": (
        STACK,
        award(AwardState.SUSPENDED),
        "step.restore_microcredential",
    ),
    "stacked one revoked": (STACK, award(AwardState.REVOKED), "step.earn_microcredential"),
    "program missing": (PROGRAM, NOTHING, "step.earn_program"),
    "evidence missing": (EVIDENCE, NOTHING, "step.hand_in"),
    "evidence not yet": (EVIDENCE, future("evidence", "e"), "step.wait_until"),
    "evidence ended": (EVIDENCE, ended("evidence", "e"), "step.hand_in"),
    "attestation missing": (ATTESTATION, NOTHING, "step.ask_attestation"),
    "attestation ended": (ATTESTATION, ended("attestations", "e"), "step.ask_attestation"),
    "grant missing": (grant("e"), NOTHING, "step.ask_grant"),
    "grant ended": (grant("e"), ended("grants", "e"), "step.ask_grant"),
}


@pytest.mark.parametrize(("data", "record", "step"), STEPS.values(), ids=STEPS)
def test_next_step_of_a_requirement(data: dict, record: LearnerRecord, step: str) -> None:
    explanation = explained(data, record)
    assert [each.key for each in explanation.steps] == [step]
    assert explanation.remaining == 1


NO_WAY = {
    "empty tree": (None, NOTHING),
    "empty group": (group("any_of"), NOTHING),
    "the last day is over": (
        course(not_after="2026-06-14"),
        in_courses(passed(letter_grade="", passed_timestamp=None)),
    ),
    "the last day is over and nothing was begun": (course(not_after="2026-06-14"), NOTHING),
    "passed too late": (course(not_after="2026-02-01"), in_courses(passed())),
    "passed too early in the only run": (
        course(runs=[RUN], not_before="2026-04-01"),
        in_courses(passed()),
    ),
    "more credits than there are": (
        group("credits", grant("a", credits=1), grant("b"), minimum=2),
        NOTHING,
    ),
    "more than the group has": (group("at_least", grant("a"), n=2), granted(a="2026-01-01")),
}


@pytest.mark.parametrize(("data", "record"), NO_WAY.values(), ids=NO_WAY)
def test_no_way_is_left(data: dict | None, record: LearnerRecord) -> None:
    explanation = explained(data, record)
    assert (explanation.steps, explanation.remaining) == ((), None)
    assert explanation.next_step is None
    assert explanation.summary.key == ("verdict.empty" if data is None else "verdict.no_way")


def test_step_carries_what_is_needed_to_say_it() -> None:
    record = in_courses(passed(percent_grade=Decimal("0.61")))
    step = explained(course(minimum_grade=70), record).next_step
    assert step is not None
    assert (step.key, step.params) == (
        "step.raise_grade",
        {"run": RUN, "percent": 61, "needed": 70},
    )


def test_met_tree_has_no_step_left() -> None:
    explanation = explained(group("any_of", course(), grant("g")), in_courses(passed()))
    assert (explanation.steps, explanation.remaining) == ((), 0)
    assert explanation.summary.key == "verdict.met"
    assert explanation.summary.params == {"on": at("2026-03-01")}


def test_met_tree_without_a_date_says_so_without_one() -> None:
    assert explained(course(), in_courses(passed(on=None))).summary.key == "verdict.met_undated"


def test_summary_counts_the_steps_that_are_left() -> None:
    explanation = explained(group("all_of", course(), grant("g"), EVIDENCE), NOTHING)
    assert explanation.summary.key == "verdict.not_met"
    assert explanation.summary.params == {"remaining": 3}


@pytest.mark.parametrize(
    ("tree", "done"),
    [
        (course(), 1),
        (grant("g"), 0),
        (group("all_of", course(), course(), grant("g")), 2),
        (group("any_of", course(), course(), grant("g")), 1),
        (group("at_least", course(), course(), course(), n=2), 2),
        (group("all_of", grant("g"), group("any_of", course(), course())), 1),
        (group("credits", course(credits=2), course(credits=2), grant("g"), minimum=9), 2),
        (None, 0),
    ],
)
def test_what_is_done_counts_what_is_needed_and_not_what_is_to_spare(
    tree: dict[str, Any] | None, done: int
) -> None:
    assert explained(tree, in_courses(passed())).done == done


def test_unknown_tree_says_that_something_could_not_be_read() -> None:
    explanation = explained(group("all_of", course(), grant("g")), granted(g=Unknown()))
    assert (explanation.truth, explanation.summary.key) == (Truth.NOT_MET, "verdict.not_met")
    explanation = explained(grant("g"), granted(g=Unknown()))
    assert (explanation.truth, explanation.summary.key) == (Truth.UNKNOWN, "verdict.unknown")
    assert [step.key for step in explanation.steps] == ["step.wait"]


# --- the shortest way ------------------------------------------------------------------------


def test_steps_come_easiest_first() -> None:
    tree = group("all_of", grant("g"), EVIDENCE, course(certificate=True))
    assert steps(tree, in_courses(passed())) == [
        "step.get_certificate",
        "step.hand_in",
        "step.ask_grant",
    ]


def test_any_of_asks_for_the_easiest_alone() -> None:
    assert steps(group("any_of", PROGRAM, EVIDENCE, grant("g")), NOTHING) == ["step.hand_in"]


def test_at_least_asks_only_for_what_is_still_lacking() -> None:
    tree = group("at_least", grant("a"), EVIDENCE, PROGRAM, n=2)
    assert steps(tree, granted(a="2026-01-01")) == ["step.hand_in"]


def test_any_of_prefers_one_hard_step_to_many() -> None:
    tree = group("any_of", group("all_of", EVIDENCE, ATTESTATION), PROGRAM)
    assert steps(tree, NOTHING) == ["step.earn_program"]


def test_way_that_is_closed_is_not_taken() -> None:
    tree = group("any_of", course(not_after="2020-01-01"), PROGRAM)
    assert steps(tree, NOTHING) == ["step.earn_program"]


def test_credits_count_what_is_earned_already() -> None:
    tree = group(
        "credits", grant("a", credits=3), {**EVIDENCE, "credits": 1}, {**PROGRAM, "credits": 2},
        minimum=4,
    )  # fmt: skip
    assert steps(tree, granted(a="2026-01-01")) == ["step.hand_in"]


def test_credits_ask_for_no_step_that_could_be_spared() -> None:
    # The program alone is worth enough, and the easier evidence would not be.
    tree = group("credits", {**EVIDENCE, "credits": 1}, {**PROGRAM, "credits": 2}, minimum=2)
    assert steps(tree, NOTHING) == ["step.earn_program"]


def test_credits_ask_for_nothing_that_is_worth_nothing() -> None:
    tree = group("credits", EVIDENCE, {**PROGRAM, "credits": 2}, minimum=2)
    assert steps(tree, NOTHING) == ["step.earn_program"]


# --- windows ---------------------------------------------------------------------------------


def test_work_outside_the_window_has_to_be_done_again_in_another_run() -> None:
    tree = group("all_of", course(), grant("g"), within_months=6)
    record = LearnerRecord({RUN: passed(on="2020-01-01")}, grants=granted(g="2026-05-01").grants)
    explanation = explained(tree, record)
    assert [step.key for step in explanation.steps] == ["step.another_run"]
    assert explanation.steps[0].params["course"] == COURSE


def test_work_in_a_window_that_is_over_has_to_be_done_again() -> None:
    tree = group("all_of", course(), EVIDENCE, within_months=6)
    record = in_courses(passed(on="2025-12-01"))
    assert steps(tree, record, now=at("2026-06-01")) == ["step.hand_in"]
    assert steps(tree, record, now=at("2026-06-02")) == ["step.hand_in", "step.another_run"]


def test_no_way_is_left_where_the_only_run_was_passed_in_a_window_that_is_over() -> None:
    tree = group("all_of", course(runs=[RUN]), EVIDENCE, within_months=6)
    explanation = explained(tree, in_courses(passed(on="2020-01-01")))
    assert explanation.remaining is None


def test_listed_runs_that_are_several_leave_another_one() -> None:
    tree = group("all_of", course(runs=[RUN, OTHER_RUN]), EVIDENCE, within_months=6)
    record = in_courses(passed(on="2020-01-01"))
    assert steps(tree, record) == ["step.hand_in", "step.another_run"]


@pytest.mark.parametrize(
    ("data", "mapping", "step"),
    [
        (EVIDENCE, "evidence", "step.hand_in"),
        (ATTESTATION, "attestations", "step.ask_attestation"),
        (grant("e"), "grants", "step.ask_grant"),
    ],
)
def test_renewal_asks_for_newer_evidence(data: dict, mapping: str, step: str) -> None:
    record = LearnerRecord(**{mapping: {"e": DatedFact(at("2025-01-01"))}})
    assert steps(data, record, window=after(at("2025-06-01"))) == [step]


# --- under way, and the lines ----------------------------------------------------------------

BOTH = group("all_of", course(), grant("g"))


@pytest.mark.parametrize(
    ("record", "under_way"),
    [
        (NOTHING, False),
        (in_courses(passed(**NO_GRADE)), True),
        (in_courses(passed(**NO_GRADE, is_enrolled=False)), False),
        (in_courses(passed(is_enrolled=False)), True),
        (granted(g="2026-01-01"), True),
        (granted(g=Unknown()), False),
        (LearnerRecord({RUN: passed()}, grants=granted(g="2026-01-01").grants), False),
    ],
)
def test_under_way_with_a_requirement_met_or_an_enrollment_that_counts(
    record: LearnerRecord, under_way: bool
) -> None:
    assert explained(BOTH, record).is_under_way is under_way


def test_lines_are_the_tree_with_its_titles_and_windows() -> None:
    tree = group(
        "all_of",
        course(title="Basics"),
        group("any_of", grant("g"), EVIDENCE, title="Practice", within_months=6),
        title="Data literacy",
    )
    lines = explained(tree, in_courses(passed())).lines
    assert [(line.depth, line.title, line.is_group, line.within_months) for line in lines] == [
        (0, "Data literacy", True, None),
        (1, "Basics", False, None),
        (1, "Practice", True, 6),
        (2, "", False, None),
        (2, "", False, None),
    ]
    assert [line.truth for line in lines[:3]] == [Truth.NOT_MET, Truth.MET, Truth.NOT_MET]
    assert [line.path for line in lines][-1] == "requirements.of[1].of[1]"


def test_empty_tree_has_one_line() -> None:
    (line,) = explained(None, NOTHING).lines
    assert (line.message.key, line.truth, line.is_group) == ("tree.empty", Truth.NOT_MET, False)
