"""The course requirement: when a run counts as passed, and what is said when it does not."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from microcred_plugin.evaluation.evaluate import Truth
from microcred_plugin.evaluation.record import CourseResult, LearnerRecord, Unknown, whole_percent
from tests.evaluation import (
    CCX_RUN,
    COURSE,
    NOW,
    OTHER_RUN,
    RUN,
    SECOND_RUN,
    at,
    course,
    in_courses,
    outcome_of,
    passed,
)

NO_GRADE = {"letter_grade": "", "percent_grade": None, "passed_timestamp": None}
CERTIFICATE = {
    "certificate_status": "downloadable",
    "certificate_mode": "verified",
    "certificate_created": at("2026-04-01"),
}
INVALIDATED = {**CERTIFICATE, "certificate_invalidated": True}


@pytest.mark.parametrize(
    ("fraction", "percent"),
    [
        ("0", 0), ("0.004999", 0), ("0.005", 1), ("0.145", 15), ("0.155", 16), ("0.6949", 69),
        ("0.695", 70), ("0.6950", 70), ("0.9949", 99), ("0.995", 100), ("1", 100), ("1.05", 105),
    ],
)  # fmt: skip
def test_fractions_are_shown_as_whole_percent_half_up(fraction: str, percent: int) -> None:
    assert whole_percent(Decimal(fraction)) == percent


NOT_MET = {
    "enrolled without a grade": ({}, NO_GRADE, "course.enrolled"),
    "left without a grade": ({}, {**NO_GRADE, "is_enrolled": False}, "course.left"),
    "grade below the pass mark": ({}, {"letter_grade": ""}, "course.below_pass_mark"),
    "grade below the pass mark, once passed": (
        {},
        {"letter_grade": "", "passed_timestamp": at("2026-01-01")},
        "course.below_pass_mark",
    ),
    "certificate that is not downloadable": (
        {},
        {**NO_GRADE, **CERTIFICATE, "certificate_status": "generating"},
        "course.enrolled",
    ),
    "invalidation of the certificate, in spite of a grade": (
        {},
        INVALIDATED,
        "course.certificate_invalidated",
    ),
    "invalidation of the certificate, without a grade": (
        {},
        {**NO_GRADE, **INVALIDATED},
        "course.certificate_invalidated",
    ),
    "invalidation where a certificate is required": (
        {"certificate": True},
        INVALIDATED,
        "course.certificate_invalidated",
    ),
    "no certificate where one is required": ({"certificate": True}, {}, "course.no_certificate"),
    "certificate being generated where one is required": (
        {"certificate": True},
        {**CERTIFICATE, "certificate_status": "generating"},
        "course.no_certificate",
    ),
    "passed with less than the minimum grade": (
        {"minimum_grade": 81},
        {},
        "course.below_minimum",
    ),
    "a hair below the minimum grade": (
        {"minimum_grade": 70},
        {"percent_grade": Decimal("0.6949")},
        "course.below_minimum",
    ),
    "minimum grade, but a certificate and no grade row": (
        {"minimum_grade": 1},
        {**NO_GRADE, **CERTIFICATE},
        "course.no_grade",
    ),
    "minimum grade reached, but below the pass mark": (
        {"minimum_grade": 50},
        {"letter_grade": "", "percent_grade": Decimal("0.55")},
        "course.below_pass_mark",
    ),
    "audit, unless named": ({}, {"enrollment_mode": "audit"}, "course.audit_not_accepted"),
    "audit enrollment and audit certificate": (
        {},
        {**CERTIFICATE, "enrollment_mode": "audit", "certificate_mode": "audit"},
        "course.audit_not_accepted",
    ),
    "a mode that is not among the named": (
        {"modes": ["professional", "masters"]},
        {},
        "course.mode_not_accepted",
    ),
    "no mode at all": ({}, {"enrollment_mode": None}, "course.no_mode"),
    "no mode at all, where modes are named": (
        {"modes": ["verified"]},
        {"enrollment_mode": None},
        "course.no_mode",
    ),
    "an empty mode": ({}, {"enrollment_mode": ""}, "course.no_mode"),
    "the mode of a certificate that is not there": (
        {"modes": ["verified"]},
        {"enrollment_mode": "audit", "certificate_mode": "verified"},
        "course.mode_not_accepted",
    ),
    "passed the instant before the first day": (
        {"not_before": "2026-03-02"},
        {"passed_timestamp": at("2026-03-01 23:59:59.999999")},
        "course.too_early",
    ),
    "passed the instant after the last day": (
        {"not_after": "2026-02-28"},
        {"passed_timestamp": at("2026-03-01")},
        "course.too_late",
    ),
    "passed too late, whatever else is missing": (
        {"not_after": "2026-02-28", "certificate": True, "minimum_grade": 90},
        {"enrollment_mode": "audit"},
        "course.too_late",
    ),
    "below the pass mark after a first pass in time, and the last day is over": (
        {"not_after": "2026-06-14"},
        {"letter_grade": ""},
        "course.below_pass_mark",
    ),
    "below the pass mark after a first pass that came too early": (
        {"not_before": "2026-03-02"},
        {"letter_grade": ""},
        "course.too_early",
    ),
    "not passed, and the last day is over": (
        {"not_after": "2026-06-14"},
        {"letter_grade": "", "passed_timestamp": None},
        "course.deadline_passed",
    ),
}


@pytest.mark.parametrize(("fields", "changes", "key"), NOT_MET.values(), ids=NOT_MET)
def test_run_is_not_met(fields: dict, changes: dict, key: str) -> None:
    outcome = outcome_of(course(**fields), in_courses(passed(**changes)))
    assert (outcome.truth, outcome.reason.key) == (Truth.NOT_MET, key)
    assert outcome.met_on is None


MET = {
    "letter grade alone": ({}, {}, "2026-03-01"),
    "certificate alone": ({}, {**NO_GRADE, **CERTIFICATE}, "2026-04-01"),
    "certificate alone, of a learner who was never enrolled": (
        {"modes": ["verified"], "certificate": True},
        {**NO_GRADE, **CERTIFICATE, "enrollment_mode": None, "is_enrolled": False},
        "2026-04-01",
    ),
    "grade and certificate: the first pass is the date": ({}, CERTIFICATE, "2026-03-01"),
    "certificate, where one is required": ({"certificate": True}, CERTIFICATE, "2026-03-01"),
    "unenrolled after passing": ({}, {"is_enrolled": False}, "2026-03-01"),
    "exactly the minimum grade": ({"minimum_grade": 80}, {}, "2026-03-01"),
    "minimum grade reached by rounding half up": (
        {"minimum_grade": 70},
        {"percent_grade": Decimal("0.695")},
        "2026-03-01",
    ),
    "audit, when named": ({"modes": ["audit"]}, {"enrollment_mode": "audit"}, "2026-03-01"),
    "one of the modes that are named": (
        {"modes": ["masters", "verified"]},
        {},
        "2026-03-01",
    ),
    "any mode but audit": ({}, {"enrollment_mode": "honor"}, "2026-03-01"),
    "the certificate's mode suffices": (
        {"modes": ["verified"]},
        {**CERTIFICATE, "enrollment_mode": "audit"},
        "2026-03-01",
    ),
    "the enrollment's mode suffices": (
        {"modes": ["verified"]},
        {**CERTIFICATE, "certificate_mode": "audit"},
        "2026-03-01",
    ),
    "the first instant of the first day": (
        {"not_before": "2026-03-01"},
        {"passed_timestamp": at("2026-03-01 00:00")},
        "2026-03-01",
    ),
    "the last instant of the last day": (
        {"not_after": "2026-03-01"},
        {"passed_timestamp": at("2026-03-01 23:59:59.999999")},
        "2026-03-01 23:59:59.999999",
    ),
    "passed in time, although the last day is over by now": (
        {"not_before": "2026-03-01", "not_after": "2026-03-01"},
        {},
        "2026-03-01",
    ),
}


@pytest.mark.parametrize(("fields", "changes", "on"), MET.values(), ids=MET)
def test_run_is_met(fields: dict, changes: dict, on: str) -> None:
    outcome = outcome_of(course(**fields), in_courses(passed(**changes)))
    assert (outcome.truth, outcome.met_on) == (Truth.MET, at(on))


def test_days_are_those_of_utc_whatever_the_zone_of_the_fact() -> None:
    late_evening_in_new_york = datetime.fromisoformat("2026-03-01T22:00-05:00")
    result = passed(passed_timestamp=late_evening_in_new_york)
    assert outcome_of(course(not_after="2026-03-01"), in_courses(result)).truth is Truth.NOT_MET
    assert outcome_of(course(not_before="2026-03-02"), in_courses(result)).truth is Truth.MET


def test_without_any_row_the_course_is_not_met_rather_than_unknown() -> None:
    outcome = outcome_of(course(), LearnerRecord())
    assert (outcome.truth, outcome.reason.key) == (Truth.NOT_MET, "course.not_started")


def test_without_any_row_and_after_the_last_day_the_deadline_is_what_is_told() -> None:
    tree = course(not_after="2026-06-15")
    assert outcome_of(tree, LearnerRecord(), now=at("2026-06-15 23:59")).reason.key == (
        "course.not_started"
    )
    assert outcome_of(tree, LearnerRecord(), now=at("2026-06-16")).reason.key == (
        "course.deadline_passed"
    )


def test_pass_without_a_date_is_met_without_a_date() -> None:
    outcome = outcome_of(course(), in_courses(passed(on=None)))
    assert (outcome.truth, outcome.met_on) == (Truth.MET, None)
    assert outcome.reason.key == "course.met_undated"


@pytest.mark.parametrize("bound", [{"not_before": "2020-01-01"}, {"not_after": "2030-01-01"}])
def test_pass_without_a_date_is_unknown_where_a_date_is_asked_for(bound: dict) -> None:
    outcome = outcome_of(course(**bound), in_courses(passed(on=None)))
    assert (outcome.truth, outcome.reason.key) == (Truth.UNKNOWN, "course.undated")


def test_pass_without_a_date_that_fails_otherwise_is_not_met() -> None:
    result = passed(on=None, enrollment_mode="audit")
    assert outcome_of(course(not_before="2020-01-01"), in_courses(result)).truth is Truth.NOT_MET


def test_reason_says_what_was_read_and_what_is_needed() -> None:
    result = passed(percent_grade=Decimal("0.614"))
    outcome = outcome_of(course(minimum_grade=70), in_courses(result))
    assert outcome.reason.params == {"run": RUN, "percent": 61, "needed": 70}


def test_result_is_met_with_its_percentage_and_without_one() -> None:
    graded = outcome_of(course(), in_courses(passed()))
    assert graded.reason.params == {"run": RUN, "on": at("2026-03-01"), "percent": 80}
    ungraded = outcome_of(course(), in_courses(passed(percent_grade=None)))
    assert ungraded.reason.key == "course.met_ungraded"


# --- which runs count ------------------------------------------------------------------------


@pytest.mark.parametrize("run", [RUN, OTHER_RUN])
def test_every_run_of_a_course_counts_for_it(run: str) -> None:
    assert outcome_of(course(), in_courses(passed(run))).is_met


def test_result_says_which_course_its_run_belongs_to() -> None:
    assert outcome_of(course(), in_courses(passed("an older key", course=COURSE))).is_met
    assert not outcome_of(course(), in_courses(passed(RUN, course=None))).is_met


def test_run_of_another_course_does_not_count() -> None:
    assert not outcome_of(course(), in_courses(passed(SECOND_RUN))).is_met


def test_only_the_listed_runs_count_where_runs_are_listed() -> None:
    tree = course(runs=[OTHER_RUN, SECOND_RUN])
    assert not outcome_of(tree, in_courses(passed(RUN))).is_met
    assert outcome_of(tree, in_courses(passed(SECOND_RUN))).is_met


def test_ccx_run_does_not_count_for_its_masters_course() -> None:
    assert not outcome_of(course(), in_courses(passed(CCX_RUN))).is_met


def test_ccx_run_does_not_count_for_its_masters_run() -> None:
    assert not outcome_of(course(runs=[RUN]), in_courses(passed(CCX_RUN))).is_met


def test_ccx_run_counts_where_it_is_listed() -> None:
    assert outcome_of(course(runs=[CCX_RUN]), in_courses(passed(CCX_RUN))).is_met


def test_any_passed_run_meets_it_whatever_happened_in_the_others() -> None:
    record = in_courses(
        passed(RUN, certificate_invalidated=True), passed(OTHER_RUN, on="2025-12-01")
    )
    assert outcome_of(course(), record).met_on == at("2025-12-01")


def test_of_two_passed_runs_the_earlier_pass_is_the_date() -> None:
    record = in_courses(passed(RUN, on="2026-03-01"), passed(OTHER_RUN, on="2025-12-01"))
    assert outcome_of(course(), record).met_on == at("2025-12-01")


def test_dated_pass_comes_before_one_without_a_date() -> None:
    record = in_courses(passed(RUN, on="2026-03-01"), passed(OTHER_RUN, on=None))
    assert outcome_of(course(), record).met_on == at("2026-03-01")


def test_of_several_runs_that_are_not_met_the_closest_is_told() -> None:
    record = in_courses(
        passed(OTHER_RUN, letter_grade="", percent_grade=Decimal("0.30")),
        passed(RUN, letter_grade="", percent_grade=Decimal("0.55")),
    )
    assert outcome_of(course(), record).reason.params == {"run": RUN, "percent": 55}
    missing_only_the_certificate = in_courses(
        passed(OTHER_RUN), passed(RUN, letter_grade="", percent_grade=Decimal("0.55"))
    )
    outcome = outcome_of(course(certificate=True), missing_only_the_certificate)
    assert outcome.reason.key == "course.no_certificate"


# --- what the platform could not say ---------------------------------------------------------


@pytest.mark.parametrize("fields", [{}, {"runs": [RUN]}])
@pytest.mark.parametrize("key", [RUN, COURSE])
def test_unknown_result_is_unknown_under_the_run_and_under_its_course(
    fields: dict, key: str
) -> None:
    record = LearnerRecord(course_results={key: Unknown("timeout")})
    outcome = outcome_of(course(**fields), record)
    assert (outcome.truth, outcome.reason.key) == (Truth.UNKNOWN, "course.unknown")


@pytest.mark.parametrize("key", [SECOND_RUN, "NordU+DL102", "NordU+DL10", CCX_RUN])
@pytest.mark.parametrize("fields", [{}, {"runs": [RUN]}])
def test_what_is_unknown_of_another_course_or_of_a_ccx_run_does_not_matter(
    fields: dict, key: str
) -> None:
    record = LearnerRecord(course_results={key: Unknown()})
    assert outcome_of(course(**fields), record).truth is Truth.NOT_MET


def test_unknown_ccx_run_is_unknown_where_it_is_listed() -> None:
    record = LearnerRecord(course_results={CCX_RUN: Unknown()})
    assert outcome_of(course(runs=[CCX_RUN]), record).truth is Truth.UNKNOWN


def test_passed_run_is_met_whatever_is_unknown_of_another() -> None:
    record = LearnerRecord(course_results={RUN: passed(), OTHER_RUN: Unknown()})
    assert outcome_of(course(), record).truth is Truth.MET


def test_run_that_is_not_passed_leaves_an_unknown_one_open() -> None:
    record = LearnerRecord(course_results={RUN: passed(letter_grade=""), OTHER_RUN: Unknown()})
    assert outcome_of(course(), record).truth is Truth.UNKNOWN


def test_learner_is_under_way_in_a_run_that_counts_only() -> None:
    assert outcome_of(course(), in_courses(passed(**NO_GRADE))).is_enrolled
    assert not outcome_of(course(), in_courses(passed(SECOND_RUN))).is_enrolled
    assert not outcome_of(course(), in_courses(passed(is_enrolled=False))).is_enrolled


def test_empty_result_fails_every_condition() -> None:
    # A missing field must never be read as "not the wrong value".
    empty = in_courses(CourseResult(run=RUN, course=COURSE))
    for fields in ({}, {"modes": ["audit"]}, {"minimum_grade": 1}, {"certificate": True}):
        assert outcome_of(course(**fields), empty, now=NOW).truth is Truth.NOT_MET
