"""Groups that ask for everything within some months."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from microcred_plugin.evaluation.evaluate import Truth, _Evaluation, evaluate
from microcred_plugin.evaluation.record import CourseResult, LearnerRecord, Unknown
from microcred_plugin.evaluation.requirements import MAX_DEPTH, MAX_NODES, AllOf, Course, Node, walk
from microcred_plugin.evaluation.windows import END, add_months, after, months_from
from tests.evaluation import (
    CCX_RUN,
    NOW,
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


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-15 08:30", 1, "2026-02-15 08:30"),
        ("2026-01-31 08:30", 1, "2026-02-28 08:30"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2026-12-31 23:59", 1, "2027-01-31 23:59"),
        ("2026-03-31", 1, "2026-04-30"),
    ],
)
def test_calendar_months(start: str, months: int, end: str) -> None:
    assert add_months(at(start), months) == at(end)


def test_months_are_counted_in_utc() -> None:
    # The evening of 31 January in New York is already February in UTC.
    evening = datetime.fromisoformat("2026-01-31T22:00-05:00")
    assert add_months(evening, 1) == datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


def test_months_beyond_the_end_of_time_end_there() -> None:
    assert add_months(at("9999-06-01"), 7) == END
    assert months_from(END, 1).end == END


def test_window_ends_with_the_month_where_it_has_no_such_day() -> None:
    assert months_from(at("2026-01-31 08:30"), 1).end == at("2026-02-28 23:59:59.999999")
    assert months_from(at("2026-01-28 08:30"), 1).end == at("2026-02-28 08:30")


A, B, C = grant("a"), grant("b"), grant("c")


@pytest.mark.parametrize(
    ("first", "second", "months", "met"),
    [
        ("2026-01-15 08:30", "2026-02-15 08:30", 1, True),
        ("2026-01-15 08:30", "2026-02-15 08:30:00.000001", 1, False),
        ("2026-01-31", "2026-02-28 23:59:59.999999", 1, True),
        ("2026-01-31", "2026-03-01", 1, False),
        ("2024-01-31", "2024-02-29", 1, True),
        ("2024-02-29", "2025-02-28", 12, True),
        ("2024-02-29", "2025-03-01", 12, False),
        # The month that begins on 30 January at 23:00 holds both, so they are within a month.
        ("2026-01-31 01:00", "2026-02-28 12:00", 1, True),
        ("2026-03-01", "2026-03-01", 1, True),
    ],
)
def test_both_within_months_ends_included(first: str, second: str, months: int, met: bool) -> None:
    tree = group("all_of", A, B, within_months=months)
    for record in (granted(a=first, b=second), granted(a=second, b=first)):
        outcome = outcome_of(tree, record)
        assert outcome.is_met is met
        assert outcome.met_on == (at(second) if met else None)


def test_of_several_windows_that_work_the_one_met_first_is_taken() -> None:
    tree = group("at_least", A, B, C, grant("d"), n=2, within_months=1)
    record = granted(a="2025-01-01", b="2025-03-01", c="2025-03-20", d="2026-01-01")
    assert outcome_of(tree, record).met_on == at("2025-03-20")


def test_earlier_pass_outside_gives_way_to_a_later_one_inside() -> None:
    tree = group("all_of", course(), A, within_months=2)
    record = in_courses(passed(OTHER_RUN, on="2024-01-01"), passed(RUN, on="2026-03-01"))
    record = LearnerRecord(record.course_results, grants=granted(a="2026-04-01").grants)
    assert outcome_of(tree, record).met_on == at("2026-04-01")


def test_what_lies_outside_says_so() -> None:
    tree = group("all_of", A, course(), B, within_months=6)
    record = LearnerRecord({RUN: passed(on="2024-01-01")}, grants=granted(a="2026-03-01").grants)
    reasons = [child.reason.key for child in outcome_of(tree, record).children]
    assert reasons == ["grant.met", "window.outside", "grant.missing"]


def test_of_windows_that_do_not_work_the_one_that_holds_most_is_told() -> None:
    tree = group("all_of", A, B, C, within_months=3)
    record = granted(a="2026-03-01", b="2026-04-01", c="2026-06-10")
    assert outcome_of(tree, record).reason.params["met"] == 2


def test_window_that_is_over_does_not_count_as_progress() -> None:
    tree = group("all_of", A, B, within_months=6)
    record = granted(a="2020-01-01")
    assert outcome_of(tree, record, now=at("2020-07-01")).reason.params["met"] == 1
    assert outcome_of(tree, record, now=at("2020-07-02")).reason.params["met"] == 0


# --- facts without a date, and unknown ones --------------------------------------------------


def test_fact_without_a_date_is_unknown_in_a_window() -> None:
    outcome = outcome_of(group("all_of", A, within_months=6), granted(a=None))
    assert outcome.truth is Truth.UNKNOWN
    assert outcome.children[0].reason.key == "window.undated"


def test_fact_without_a_date_leaves_a_window_open_beside_a_dated_one() -> None:
    tree = group("all_of", A, B, within_months=6)
    assert outcome_of(tree, granted(a="2020-01-01", b=None)).truth is Truth.UNKNOWN


def test_dated_facts_that_suffice_meet_a_window_whatever_else_has_no_date() -> None:
    tree = group("at_least", A, B, C, n=2, within_months=6)
    record = granted(a="2026-01-01", b=None, c="2026-02-01")
    assert outcome_of(tree, record).met_on == at("2026-02-01")


def test_unknown_fact_leaves_a_window_open() -> None:
    tree = group("all_of", A, B, within_months=6)
    assert outcome_of(tree, granted(a="2020-01-01", b=Unknown())).truth is Truth.UNKNOWN
    assert outcome_of(tree, granted(a=Unknown())).truth is Truth.NOT_MET


def test_unknown_fact_cannot_bring_two_others_into_one_window() -> None:
    tree = group("all_of", A, B, C, within_months=1)
    record = granted(a="2025-01-01", b="2026-01-01", c=Unknown())
    assert outcome_of(tree, record).truth is Truth.NOT_MET


# --- windows in windows ----------------------------------------------------------------------

INNER = group("all_of", A, B, within_months=1)
NESTED = group("all_of", INNER, C, within_months=6)


@pytest.mark.parametrize(
    ("facts", "on"),
    [
        ({"a": "2026-01-01", "b": "2026-02-01", "c": "2026-07-01"}, "2026-07-01"),
        ({"a": "2026-01-01", "b": "2026-02-01", "c": "2026-07-01 00:01"}, None),
        ({"a": "2026-01-01", "b": "2026-02-02", "c": "2026-03-01"}, None),
        ({"c": "2026-01-01", "a": "2026-06-15", "b": "2026-07-01"}, "2026-07-01"),
        ({"c": "2026-01-01", "a": "2026-06-15", "b": "2026-07-02"}, None),
    ],
)
def test_inner_window_has_to_lie_in_the_outer_one(facts: dict[str, str], on: str | None) -> None:
    outcome = outcome_of(NESTED, granted(**facts), now=at("2026-12-01"))
    assert outcome.met_on == (at(on) if on else None)


def test_inner_window_moves_for_the_sake_of_the_outer_one() -> None:
    # The first two runs are together, but only the later two are near to C.
    tree = group("all_of", group("all_of", course(), A, within_months=1), C, within_months=2)
    record = LearnerRecord(
        {
            OTHER_RUN: passed(OTHER_RUN, on="2025-01-01"),
            RUN: passed(RUN, on="2026-01-01"),
        },
        grants={
            **granted(a="2026-01-20").grants,
            **granted(c="2026-02-20").grants,
        },
    )
    assert outcome_of(tree, record).met_on == at("2026-02-20")


def test_window_of_one_child_leaves_its_siblings_alone() -> None:
    tree = group("all_of", INNER, C)
    record = granted(a="2026-01-01", b="2026-02-01", c="2019-01-01")
    assert outcome_of(tree, record).met_on == at("2026-02-01")


def test_newer_facts_alone_count_after_an_instant() -> None:
    tree = group("any_of", course(), A)
    record = LearnerRecord({RUN: passed(on="2026-01-01")}, grants=granted(a="2026-02-01").grants)
    since = after(at("2026-01-01"))
    assert outcome_of(tree, record, window=since).met_on == at("2026-02-01")
    assert outcome_of(tree, record, window=after(at("2026-02-01"))).truth is Truth.NOT_MET


def test_window_of_a_group_is_within_the_one_it_is_asked_for() -> None:
    tree = group("all_of", A, B, within_months=6)
    record = granted(a="2026-01-01", b="2026-02-01")
    assert outcome_of(tree, record, window=after(at("2025-12-31"))).is_met
    assert not outcome_of(tree, record, window=after(at("2026-01-01"))).is_met


def test_ccx_run_counts_in_a_window_where_it_is_listed() -> None:
    tree = group("all_of", course(runs=[CCX_RUN]), A, within_months=1)
    record = LearnerRecord({CCX_RUN: passed(CCX_RUN)}, grants=granted(a="2026-03-10").grants)
    assert outcome_of(tree, record).met_on == at("2026-03-10")


# --- the work that it takes ------------------------------------------------------------------


def deepest_tree() -> AllOf:
    """As many nodes in as many windows, each a little narrower, as a tree may have."""
    leaves = tuple(Course(course=f"NordU+C{i}") for i in range(MAX_NODES - MAX_DEPTH + 1))
    tree = AllOf(of=leaves, within_months=1)
    for months in range(2, MAX_DEPTH):
        tree = AllOf(of=(tree,), within_months=months)
    return tree


def one_pass_a_day(tree: AllOf) -> LearnerRecord:
    results: dict[str, Any] = {}
    for _path, node in walk(tree):
        if isinstance(node, Course):
            run = f"course-v1:{node.course}+1"
            on = at("2020-01-01") + timedelta(days=len(results))
            results[run] = CourseResult(
                run, node.course, Decimal("0.8"), "Pass", on, enrollment_mode="verified"
            )
    return LearnerRecord(results)


class CountedEvaluation(_Evaluation):
    """Counts how often a node is asked when it is met, remembered or not."""

    asked = 0

    def _first_met(self, node: Node, path: str, start: datetime, hopeful: bool) -> datetime | None:
        self.asked += 1
        return super()._first_met(node, path, start, hopeful)


def test_deepest_nest_of_windows_takes_a_bounded_number_of_steps() -> None:
    tree = deepest_tree()
    assert len(list(walk(tree))) == MAX_NODES
    evaluation = CountedEvaluation(one_pass_a_day(tree), NOW)
    assert evaluation.judge(tree, "requirements", None).truth is Truth.NOT_MET
    # For each node and each date that a window may begin with once if it is met then, and once if
    # it might be; never for each pair of dates.
    assert evaluation.asked <= 2 * MAX_NODES * MAX_NODES


def test_deepest_nest_of_windows_is_met_by_facts_that_lie_together() -> None:
    tree = deepest_tree()
    record = LearnerRecord(
        {
            run: passed(run, on="2026-03-01", course=result.course)
            for run, result in one_pass_a_day(tree).course_results.items()
        }
    )
    assert evaluate(tree, record, now=NOW).met_on == at("2026-03-01")
