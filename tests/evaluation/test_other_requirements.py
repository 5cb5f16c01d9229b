"""Assessments, completion, stacked microcredentials, and what people hand in, confirm and grant."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from microcred_plugin.evaluation.evaluate import Truth
from microcred_plugin.evaluation.record import (
    AssessmentResult,
    AwardFact,
    AwardState,
    CompletionResult,
    CourseResult,
    DatedFact,
    LearnerRecord,
    Unknown,
)
from tests.evaluation import (
    CCX_RUN,
    COURSE,
    NOW,
    OTHER_RUN,
    RUN,
    SECOND_RUN,
    at,
    in_courses,
    outcome_of,
    passed,
)

BLOCK = "exam"
ASSESSMENT = {"kind": "assessment", "course": COURSE, "block": BLOCK, "minimum_grade": 70}
COMPLETION = {"kind": "completion", "course": COURSE, "minimum_percent": 90}
STACKED = "6d1f0f5e-0000-4000-8000-000000000001"
STACK = {"kind": "microcredential", "microcredential": STACKED}


# --- assessments -----------------------------------------------------------------------------


def assessed(
    percent: str = "0.8", run: str = RUN, block: str = BLOCK, on: str | None = "2026-03-01"
) -> LearnerRecord:
    course = COURSE if run in (RUN, OTHER_RUN) else None
    result = AssessmentResult(run, course, block, Decimal(percent), at(on) if on else None)
    return LearnerRecord(assessments={(run, block): result})


@pytest.mark.parametrize(
    ("percent", "truth"),
    [("0.695", Truth.MET), ("0.6949", Truth.NOT_MET), ("0.70", Truth.MET), ("0", Truth.NOT_MET)],
)
def test_assessment_compares_whole_percent_half_up(percent: str, truth: Truth) -> None:
    assert outcome_of(ASSESSMENT, assessed(percent)).truth is truth


def test_assessment_is_met_on_its_own_date_and_in_any_run_of_the_course() -> None:
    outcome = outcome_of(ASSESSMENT, assessed(run=OTHER_RUN))
    assert (outcome.truth, outcome.met_on) == (Truth.MET, at("2026-03-01"))


def test_assessment_without_a_date_is_met_without_a_date() -> None:
    outcome = outcome_of(ASSESSMENT, assessed(on=None))
    assert (outcome.truth, outcome.met_on) == (Truth.MET, None)


def test_assessment_below_says_what_was_reached_and_what_is_needed() -> None:
    outcome = outcome_of(ASSESSMENT, assessed("0.5"))
    assert outcome.reason.key == "assessment.below"
    assert outcome.reason.params == {"run": RUN, "percent": 50, "needed": 70}


@pytest.mark.parametrize(
    "record", [assessed(block="quiz"), assessed(run=SECOND_RUN), assessed(run=CCX_RUN)]
)
def test_other_block_other_course_and_ccx_run_do_not_count_for_an_assessment(
    record: LearnerRecord,
) -> None:
    outcome = outcome_of(ASSESSMENT, record)
    assert (outcome.truth, outcome.reason.key) == (Truth.NOT_MET, "assessment.missing")


def test_assessment_counts_only_in_the_listed_runs() -> None:
    listed = {**ASSESSMENT, "runs": [CCX_RUN]}
    del listed["course"]
    assert outcome_of(listed, assessed(run=CCX_RUN)).is_met
    assert not outcome_of(listed, assessed()).is_met


@pytest.mark.parametrize("key", [RUN, COURSE])
@pytest.mark.parametrize("where", [{"course": COURSE}, {"runs": [RUN]}])
def test_unknown_assessment_is_unknown_under_the_run_and_under_its_course(
    key: str, where: dict[str, Any]
) -> None:
    tree = {"kind": "assessment", "block": BLOCK, "minimum_grade": 70, **where}
    assert outcome_of(tree, LearnerRecord(assessments={(key, BLOCK): Unknown()})).truth is (
        Truth.UNKNOWN
    )
    assert outcome_of(tree, LearnerRecord(assessments={(key, "quiz"): Unknown()})).truth is (
        Truth.NOT_MET
    )
    assert outcome_of(tree, LearnerRecord(assessments={(SECOND_RUN, BLOCK): Unknown()})).truth is (
        Truth.NOT_MET
    )


# --- completion ------------------------------------------------------------------------------


def completed(percent: str, run: str = RUN, on: str | None = "2026-03-01") -> LearnerRecord:
    course = COURSE if run in (RUN, OTHER_RUN) else None
    result = CompletionResult(run, course, Decimal(percent), at(on) if on else None)
    return LearnerRecord(completions={run: result})


@pytest.mark.parametrize(
    ("percent", "truth"),
    [("0.895", Truth.MET), ("0.8949", Truth.NOT_MET), ("0.9", Truth.MET), ("1", Truth.MET)],
)
def test_completion_compares_whole_percent_half_up(percent: str, truth: Truth) -> None:
    assert outcome_of(COMPLETION, completed(percent)).truth is truth


def test_completion_is_met_on_its_own_date() -> None:
    assert outcome_of(COMPLETION, completed("1", OTHER_RUN)).met_on == at("2026-03-01")
    assert outcome_of(COMPLETION, completed("1", on=None)).met_on is None


def test_completion_below_says_how_far_it_is() -> None:
    outcome = outcome_of(COMPLETION, completed("0.404"))
    assert outcome.reason.key == "completion.below"
    assert outcome.reason.params == {"run": RUN, "percent": 40, "needed": 90}


def test_completion_of_another_course_or_a_ccx_run_does_not_count() -> None:
    for run in (SECOND_RUN, CCX_RUN):
        outcome = outcome_of(COMPLETION, completed("1", run))
        assert (outcome.truth, outcome.reason.key) == (Truth.NOT_MET, "completion.missing")


@pytest.mark.parametrize("key", [RUN, COURSE])
def test_completion_is_unknown_where_the_site_does_not_count_it(key: str) -> None:
    outcome = outcome_of(COMPLETION, LearnerRecord(completions={key: Unknown()}))
    assert (outcome.truth, outcome.reason.key) == (Truth.UNKNOWN, "completion.unknown")


# --- stacking --------------------------------------------------------------------------------


def awarded(
    state: AwardState, on: str | None = "2026-02-01", expires: str | None = None
) -> LearnerRecord:
    fact = AwardFact("award", state, at(on) if on else None, at(expires) if expires else None)
    return LearnerRecord(awards={STACKED: fact})


def test_active_award_meets_it_on_the_awards_own_date() -> None:
    outcome = outcome_of(STACK, awarded(AwardState.ACTIVE))
    assert (outcome.truth, outcome.met_on) == (Truth.MET, at("2026-02-01"))


def test_active_award_without_a_date_meets_it_without_a_date() -> None:
    outcome = outcome_of(STACK, awarded(AwardState.ACTIVE, on=None))
    assert (outcome.truth, outcome.met_on) == (Truth.MET, None)
    assert outcome.reason.key == "microcredential.met_undated"


@pytest.mark.parametrize("state", [state for state in AwardState if state != AwardState.ACTIVE])
def test_award_in_any_other_state_does_not_meet_it(state: AwardState) -> None:
    outcome = outcome_of(STACK, awarded(state))
    assert (outcome.truth, outcome.reason.key) == (
        Truth.NOT_MET,
        f"microcredential.{state.value}",
    )


def test_award_that_has_run_out_is_expired_whatever_its_row_says() -> None:
    record = awarded(AwardState.ACTIVE, expires="2026-06-15 12:00")
    last_moment = outcome_of(STACK, record, now=at("2026-06-15 11:59:59.999999"))
    assert last_moment.is_met
    assert last_moment.changes_at == at("2026-06-15 12:00")
    outcome = outcome_of(STACK, record, now=at("2026-06-15 12:00"))
    assert (outcome.truth, outcome.reason.key) == (Truth.NOT_MET, "microcredential.expired")


def test_no_award_is_not_met_and_an_unknown_one_is_unknown() -> None:
    missing = outcome_of(STACK, LearnerRecord())
    assert (missing.truth, missing.reason.key) == (Truth.NOT_MET, "microcredential.missing")
    unknown = outcome_of(STACK, LearnerRecord(awards={STACKED: Unknown()}))
    assert (unknown.truth, unknown.reason.key) == (Truth.UNKNOWN, "microcredential.unknown")


def test_award_of_another_microcredential_does_not_count() -> None:
    other = AwardFact("award", AwardState.ACTIVE, at("2026-01-01"))
    assert not outcome_of(STACK, LearnerRecord(awards={"other": other})).is_met


# --- program, evidence, attestation, grant ---------------------------------------------------

DATED = {
    "program": ({"kind": "program", "program": "it"}, "programs"),
    "evidence": ({"kind": "evidence", "key": "it"}, "evidence"),
    "attestation": ({"kind": "attestation", "key": "it"}, "attestations"),
    "grant": ({"kind": "grant", "key": "it"}, "grants"),
}


def dated(mapping: str, fact: DatedFact | Unknown, key: str = "it") -> LearnerRecord:
    return LearnerRecord(**{mapping: {key: fact}})


@pytest.mark.parametrize(("kind", "tree", "mapping"), [(k, t, m) for k, (t, m) in DATED.items()])
class TestDatedFacts:
    def test_fact_meets_it_from_its_start(self, kind: str, tree: Any, mapping: str) -> None:
        outcome = outcome_of(tree, dated(mapping, DatedFact(at("2026-06-15 12:00"))))
        assert (outcome.truth, outcome.met_on) == (Truth.MET, NOW)
        assert outcome.reason.key == f"{kind}.met"

    def test_fact_that_has_not_begun_does_not_count_yet(
        self, kind: str, tree: Any, mapping: str
    ) -> None:
        begins = at("2026-06-15 12:00:00.000001")
        outcome = outcome_of(tree, dated(mapping, DatedFact(begins)))
        assert (outcome.truth, outcome.reason.key) == (Truth.NOT_MET, f"{kind}.not_yet")
        assert outcome.changes_at == begins

    def test_fact_that_has_ended_counts_no_more(self, kind: str, tree: Any, mapping: str) -> None:
        fact = DatedFact(at("2026-01-01"), until=at("2026-06-15 12:00"))
        outcome = outcome_of(tree, dated(mapping, fact))
        assert (outcome.truth, outcome.reason.key) == (Truth.NOT_MET, f"{kind}.ended")
        before = outcome_of(tree, dated(mapping, fact), now=at("2026-06-15 11:59"))
        assert (before.truth, before.changes_at) == (Truth.MET, at("2026-06-15 12:00"))

    def test_fact_without_a_date_is_met_without_a_date(
        self, kind: str, tree: Any, mapping: str
    ) -> None:
        outcome = outcome_of(tree, dated(mapping, DatedFact(None)))
        assert (outcome.truth, outcome.met_on) == (Truth.MET, None)
        assert outcome.reason.key == f"{kind}.met_undated"

    def test_no_fact_is_not_met(self, kind: str, tree: Any, mapping: str) -> None:
        outcome = outcome_of(tree, dated(mapping, DatedFact(at("2026-01-01")), key="another"))
        assert (outcome.truth, outcome.reason.key) == (Truth.NOT_MET, f"{kind}.missing")

    def test_fact_that_the_platform_could_not_say_is_unknown(
        self, kind: str, tree: Any, mapping: str
    ) -> None:
        outcome = outcome_of(tree, dated(mapping, Unknown()))
        assert (outcome.truth, outcome.reason.key) == (Truth.UNKNOWN, f"{kind}.unknown")


def test_evidence_is_named_by_its_title_where_it_has_one() -> None:
    tree = {"kind": "evidence", "key": "it", "title": "Portfolio"}
    for record in (LearnerRecord(), dated("evidence", DatedFact(at("2026-01-01")))):
        assert outcome_of(tree, record).reason.params["name"] == "Portfolio"


def test_enrollment_puts_a_learner_under_way_towards_an_assessment() -> None:
    enrolled = CourseResult(run=RUN, course=COURSE, is_enrolled=True)
    assert outcome_of(ASSESSMENT, in_courses(enrolled)).is_enrolled
    assert outcome_of(COMPLETION, in_courses(enrolled)).is_enrolled
    assert not outcome_of(ASSESSMENT, in_courses(passed(is_enrolled=False))).is_enrolled
