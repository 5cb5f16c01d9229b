"""Laws that hold for every tree and every record."""

from __future__ import annotations

import calendar
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from microcred_plugin.evaluation.checks import problems_before_publication
from microcred_plugin.evaluation.evaluate import Truth, evaluate
from microcred_plugin.evaluation.explain import explain
from microcred_plugin.evaluation.message import Message
from microcred_plugin.evaluation.receipt import to_json
from microcred_plugin.evaluation.record import CourseResult, LearnerRecord, Unknown
from microcred_plugin.evaluation.requirements import (
    AnyOf,
    Assessment,
    AtLeast,
    Attestation,
    Completion,
    Course,
    Credits,
    Evidence,
    Grant,
    Group,
    MicrocredentialHeld,
    Node,
    Program,
    read_tree,
    walk,
    write_tree,
)
from microcred_plugin.evaluation.verdict import Result, Terms, judge, still_met
from microcred_plugin.evaluation.windows import after
from tests import strategies as my
from tests.evaluation import NOW, at

RANK = {Truth.NOT_MET: 0, Truth.UNKNOWN: 1, Truth.MET: 2}
LATER_THAN_ALL = datetime.max.replace(tzinfo=UTC)


# --- a second evaluator, as simple as can be --------------------------------------------------
#
# It tries every subset of a group's children and every window, and knows nothing of the first.


@dataclass(frozen=True)
class Facts:
    """What the record says about one requirement: dates on which it was met, and what is open."""

    dates: tuple[datetime, ...] = ()
    is_met_undated: bool = False
    is_unknown: bool = False


pytestmark = pytest.mark.slow

# Most records earn nothing, and a law about those that do has to pass over the others.
where_somebody_earns = settings(
    max_examples=50, suppress_health_check=[HealthCheck.filter_too_much]
)


def naive(tree: Node, record: LearnerRecord, now: datetime) -> tuple[Truth, datetime | None]:
    on = earliest(tree, record, now, [], with_unknown=False)
    if on is not None:
        return Truth.MET, None if on == LATER_THAN_ALL else on
    if earliest(tree, record, now, [], with_unknown=True) is not None:
        return Truth.UNKNOWN, None
    return Truth.NOT_MET, None


def earliest(
    node: Node,
    record: LearnerRecord,
    now: datetime,
    windows: list[tuple[datetime, datetime]],
    with_unknown: bool,
) -> datetime | None:
    """When the node was met by facts that lie in all these windows; None: it was not."""
    if not isinstance(node, Group):
        facts = facts_of(node, record, now)
        found = [on for on in facts.dates if all(start <= on <= end for start, end in windows)]
        if facts.is_met_undated and (with_unknown or not windows):
            found.append(LATER_THAN_ALL)
        if facts.is_unknown and with_unknown:
            found.append(LATER_THAN_ALL)
        return min(found, default=None)
    found = []
    for span in spans(node, record, now, windows):
        met = [earliest(child, record, now, span, with_unknown) for child in node.of]
        for size in range(1, len(node.of) + 1):
            for subset in itertools.combinations(range(len(node.of)), size):
                dates = [on for position in subset if (on := met[position]) is not None]
                if suffices(node, subset) and len(dates) == size:
                    found.append(max(dates))
    return min(found, default=None)


def spans(
    node: Group, record: LearnerRecord, now: datetime, windows: list[tuple[datetime, datetime]]
) -> Iterator[list[tuple[datetime, datetime]]]:
    """The windows around the node with each of its own, if it has one."""
    if node.within_months is None:
        yield windows
        return
    leaves = (leaf for _path, leaf in walk(node) if not isinstance(leaf, Group))
    dates = {on for leaf in leaves for on in facts_of(leaf, record, now).dates}
    # A window may as well begin late on the day before: with a short month, it then ends later.
    evenings = {datetime.combine(on.date() - timedelta(days=1), time.max, UTC) for on in dates}
    for start in dates | evenings | {now}:
        yield [*windows, (start, plus_months(start, node.within_months))]


def suffices(node: Group, subset: tuple[int, ...]) -> bool:
    if isinstance(node, Credits):
        return sum(node.of[position].credits or 0 for position in subset) >= node.minimum
    if isinstance(node, AtLeast):
        return len(subset) >= node.n
    return isinstance(node, AnyOf) or len(subset) == len(node.of)


def plus_months(start: datetime, months: int) -> datetime:
    year, month = start.year, start.month + months
    while month > 12:
        year, month = year + 1, month - 12
    day = min(start.day, calendar.monthrange(year, month)[1])
    return start.replace(year=year, month=month, day=day)


def facts_of(node: Node, record: LearnerRecord, now: datetime) -> Facts:
    if isinstance(node, Course):
        return course_facts(node, record)
    if isinstance(node, Assessment):
        return results_facts(
            node,
            {run: r for (run, block), r in record.assessments.items() if block == node.block},
            lambda r: percent(r.percent_grade) >= node.minimum_grade,
            lambda r: r.graded_on,
        )
    if isinstance(node, Completion):
        return results_facts(
            node,
            record.completions,
            lambda r: percent(r.percent) >= node.minimum_percent,
            lambda r: r.completed_on,
        )
    if isinstance(node, MicrocredentialHeld):
        award = record.awards.get(node.microcredential)
        if award is None or isinstance(award, Unknown):
            return Facts(is_unknown=award is not None)
        active = award.state.value == "active" and (not award.expires_at or award.expires_at > now)
        return dated(award.met_on) if active else Facts()
    if isinstance(node, Program):
        fact = record.programs.get(node.program)
    elif isinstance(node, Evidence):
        fact = record.evidence.get(node.key)
    elif isinstance(node, Attestation):
        fact = record.attestations.get(node.key)
    else:
        assert isinstance(node, Grant)
        fact = record.grants.get(node.key)
    if fact is None or isinstance(fact, Unknown):
        return Facts(is_unknown=fact is not None)
    holds = (fact.since is None or fact.since <= now) and (fact.until is None or fact.until > now)
    return dated(fact.since) if holds else Facts()


def dated(on: datetime | None) -> Facts:
    return Facts(is_met_undated=True) if on is None else Facts(dates=(on,))


def percent(fraction: Decimal) -> Decimal:
    return (fraction * 100 + Decimal("0.5")).to_integral_value(ROUND_FLOOR)


def named(node: Any, key: str, course: str | None) -> bool:
    return course == node.course if node.course else key in node.runs


def results_facts(node: Any, results: Mapping[str, Any], counts: Any, date_of: Any) -> Facts:
    dates, undated, unknown = [], False, False
    for key, result in results.items():
        if isinstance(result, Unknown):
            # The key is a run or a course; what might be meant by the node is open.
            course = my.RUNS.get(key, key)
            about_all_runs = key in my.COURSES
            unknown |= named(node, key, course) or (
                about_all_runs and any(my.RUNS[run] == key for run in node.runs)
            )
        elif named(node, key, result.course) and counts(result):
            on = date_of(result)
            undated |= on is None
            dates += [on] if on else []
    return Facts(tuple(dates), undated, unknown)


def course_facts(node: Course, record: LearnerRecord) -> Facts:
    known = {
        key: result
        for key, result in record.course_results.items()
        if isinstance(result, Unknown) or passes(node, result)
    }
    facts = results_facts(node, known, lambda result: True, lambda result: result.passed_on)
    if node.not_before is None and node.not_after is None:
        return facts
    first = node.not_before or datetime.min.date()
    last = node.not_after or datetime.max.date()
    return Facts(
        tuple(on for on in facts.dates if first <= on.date() <= last),
        is_unknown=facts.is_unknown or facts.is_met_undated,
    )


def passes(node: Course, result: CourseResult) -> bool:
    """Everything but the dates."""
    certified = result.certificate_status == "downloadable"
    modes = {result.enrollment_mode, result.certificate_mode if certified else None} - {None}
    return (
        not result.certificate_invalidated
        and (bool(result.letter_grade) or certified)
        and (
            node.minimum_grade is None
            or (
                result.percent_grade is not None
                and percent(result.percent_grade) >= node.minimum_grade
            )
        )
        and bool(modes & set(node.modes) if node.modes else modes - {"audit"})
        and (certified or not node.certificate)
    )


@given(my.trees(largest=5), my.records())
@settings(max_examples=150)
def test_truth_and_date_are_those_of_a_naive_evaluation(tree: Node, record: LearnerRecord) -> None:
    outcome = evaluate(tree, record, now=NOW)
    assert (outcome.truth, outcome.met_on) == naive(tree, record, NOW)


@given(my.groups(my.leaves(), smallest=2), my.records())
@settings(max_examples=150)
def test_truth_and_date_of_one_group_are_those_of_a_naive_evaluation(
    tree: Group, record: LearnerRecord
) -> None:
    outcome = evaluate(tree, record, now=NOW)
    assert (outcome.truth, outcome.met_on) == naive(tree, record, NOW)


@given(my.trees(), my.records(), my.instants)
def test_every_group_agrees_with_the_children_it_shows(
    tree: Node, record: LearnerRecord, since: datetime
) -> None:
    """The window was chosen by another way of reckoning than the children were judged by."""
    stack = [evaluate(tree, record, now=NOW), evaluate(tree, record, now=NOW, window=after(since))]
    while stack:
        outcome = stack.pop()
        if isinstance(outcome.node, Group):
            met = tuple(i for i, child in enumerate(outcome.children) if child.is_met)
            possible = tuple(
                i for i, child in enumerate(outcome.children) if child.truth is not Truth.NOT_MET
            )
            assert outcome.is_met == (bool(met) and suffices(outcome.node, met))
            assert (outcome.truth is not Truth.NOT_MET) == (
                bool(possible) and suffices(outcome.node, possible)
            )
        stack += outcome.children


# --- facts that come, go and are not known ---------------------------------------------------


def without(record: LearnerRecord, mapping: str, key: Any) -> LearnerRecord:
    facts = {k: fact for k, fact in getattr(record, mapping).items() if k != key}
    return replace(record, **{mapping: facts})


def all_facts(record: LearnerRecord) -> Iterator[tuple[str, Any, Any]]:
    for spec in fields(record):
        for key, fact in getattr(record, spec.name).items():
            yield spec.name, key, fact


def is_no_later(on: datetime | None, other: datetime | None) -> bool:
    """None is the latest of all: met, and nobody knows when."""
    return (on or LATER_THAN_ALL) <= (other or LATER_THAN_ALL)


passing_results = st.sampled_from(list(my.RUNS)).flatmap(
    lambda run: my.course_results(run, is_passing=True)
)


@given(my.trees(), my.records(), passing_results)
def test_one_more_passed_course_never_takes_away(
    tree: Node, whole: LearnerRecord, result: CourseResult
) -> None:
    record = without(whole, "course_results", result.run)
    more = replace(record, course_results={**record.course_results, result.run: result})
    before, now = evaluate(tree, record, now=NOW), evaluate(tree, more, now=NOW)
    assert RANK[now.truth] >= RANK[before.truth]
    if before.is_met:
        assert is_no_later(now.met_on, before.met_on)


@given(my.trees(), my.records())
def test_one_fact_less_never_awards(tree: Node, record: LearnerRecord) -> None:
    whole = evaluate(tree, record, now=NOW)
    for mapping, key, _fact in all_facts(record):
        less = evaluate(tree, without(record, mapping, key), now=NOW)
        assert RANK[less.truth] <= RANK[whole.truth]
        if less.is_met:
            assert is_no_later(whole.met_on, less.met_on)


def with_something_unknown(record: LearnerRecord) -> Iterator[LearnerRecord]:
    """The record with one fact unknown, and with all runs of one course unknown."""
    for mapping, key, _fact in all_facts(record):
        yield replace(record, **{mapping: {**getattr(record, mapping), key: Unknown()}})
    for course in my.COURSES:
        yield replace(
            record,
            course_results={
                **{
                    run: result
                    for run, result in record.course_results.items()
                    if my.RUNS.get(run) != course
                },
                course: Unknown(),
            },
            completions={
                **{
                    run: result
                    for run, result in record.completions.items()
                    if my.RUNS.get(run) != course
                },
                course: Unknown(),
            },
            assessments={
                **{
                    (run, block): result
                    for (run, block), result in record.assessments.items()
                    if my.RUNS.get(run) != course
                },
                **{(course, block): Unknown() for block in my.BLOCKS},
            },
        )


@given(my.trees(), my.records(with_unknowns=False))
def test_what_is_decided_without_a_fact_stays_decided_when_it_is_known(
    tree: Node, record: LearnerRecord
) -> None:
    known = evaluate(tree, record, now=NOW)
    assert with_something_unknown(record)
    for unknown in with_something_unknown(record):
        guess = evaluate(tree, unknown, now=NOW)
        assert guess.truth in (known.truth, Truth.UNKNOWN)


@given(my.versions(), my.records(with_unknowns=False))
def test_no_verdict_is_turned_around_by_what_is_unknown(
    versions: list[Terms], record: LearnerRecord
) -> None:
    known = judge(versions, record, now=NOW).result
    for unknown in with_something_unknown(record):
        guess = judge(versions, unknown, now=NOW).result
        if known is Result.EARNED:
            assert guess is not Result.NOT_MET
        # A period that is known to have run out may have been followed by one that is not known.
        if guess is Result.EARNED and not any(terms.validity_months for terms in versions):
            assert known is Result.EARNED


@given(my.trees(), my.records(is_lasting=True))
def test_truth_and_date_do_not_depend_on_when_one_looks(tree: Node, record: LearnerRecord) -> None:
    early = evaluate(tree, record, now=NOW)
    late = evaluate(tree, record, now=NOW + timedelta(days=4000))
    assert (early.truth, early.met_on) == (late.truth, late.met_on)


@given(my.trees(), my.records(), st.randoms(use_true_random=False))
def test_order_of_the_facts_does_not_matter(tree: Node, record: LearnerRecord, random: Any) -> None:
    def shuffled(facts: Mapping[Any, Any]) -> dict[Any, Any]:
        items = list(facts.items())
        random.shuffle(items)
        return dict(items)

    other = LearnerRecord(
        **{spec.name: shuffled(getattr(record, spec.name)) for spec in fields(record)}
    )
    first, second = evaluate(tree, record, now=NOW), evaluate(tree, other, now=NOW)
    assert json.dumps(to_json(first)) == json.dumps(to_json(second))
    assert explain(first) == explain(second)


# --- the explanation -------------------------------------------------------------------------


@given(my.trees(), my.records())
def test_explanation_agrees_with_the_verdict(tree: Node, record: LearnerRecord) -> None:
    outcome = evaluate(tree, record, now=NOW)
    explanation = explain(outcome)
    key = explanation.summary.key
    assert explanation.truth is outcome.truth
    assert (key in ("verdict.met", "verdict.met_undated")) == outcome.is_met
    assert (key == "verdict.unknown") == (outcome.truth is Truth.UNKNOWN)
    assert (explanation.remaining == 0) == outcome.is_met
    assert (explanation.remaining or 0) == len(explanation.steps)
    assert 0 <= explanation.done <= sum(leaf.is_met for leaf in outcome.leaves())
    assert explanation.done or not outcome.is_met
    if outcome.truth is Truth.NOT_MET:
        assert (key == "verdict.no_way") == (explanation.remaining is None)
    if outcome.truth is Truth.UNKNOWN:
        assert explanation.remaining
    assert [line.path for line in explanation.lines] == [path for path, _node in walk(tree)]


def follow(step: Message, record: LearnerRecord, now: datetime) -> LearnerRecord | None:
    """The record of a learner who did just what the step asks for; None if that is no course."""
    params = step.params
    run = params.get("run")
    results = dict(record.course_results)
    if step.key in ("step.enroll_and_pass", "step.another_run"):
        run = run if step.key == "step.enroll_and_pass" else None
        if run is None:
            runs = params.get("runs") or [f"course-v1:{params['course']}+new"]
            run = next((each for each in runs if each not in results), None)
        if not isinstance(run, str):
            return None
        results.setdefault(
            run,
            CourseResult(run=run, course=my.RUNS.get(run, params.get("course"))),  # type: ignore[arg-type]
        )
    assert isinstance(run, str | None)
    if run is None:
        return None
    result = results[run]
    if isinstance(result, Unknown):
        return None
    mark = max(result.percent_grade or Decimal(0), Decimal("0.6"))
    certificate = {"certificate_status": "downloadable", "certificate_created": now}
    changes: dict[str, Any] = {
        "step.enroll_and_pass": {"letter_grade": "Pass", "passed_timestamp": now},
        "step.another_run": {"letter_grade": "Pass", "passed_timestamp": now},
        "step.pass_course": {"letter_grade": "Pass", "passed_timestamp": now},
        "step.pass_course_from": {"letter_grade": "Pass", "passed_timestamp": now},
        "step.enroll": {"enrollment_mode": "verified"},
        "step.leave_audit": {"enrollment_mode": "verified"},
        "step.change_mode": {"enrollment_mode": "verified"},
        "step.get_certificate": certificate,
        "step.raise_grade": {"percent_grade": Decimal(params.get("needed", 0)) / 100},  # type: ignore[arg-type]
        "step.get_grade": {"percent_grade": Decimal(params.get("needed", 0)) / 100},  # type: ignore[arg-type]
    }.get(step.key)
    if changes is None:
        return None
    if "passed_timestamp" in changes:
        changes |= {
            "percent_grade": mark,
            "passed_timestamp": result.passed_timestamp or now,
            "is_enrolled": True,
            "enrollment_mode": result.enrollment_mode or "verified",
        }
    return replace(record, course_results={**results, run: replace(result, **changes)})


course_trees = st.recursive(
    st.builds(
        Course,
        course=st.sampled_from(my.COURSES),
        minimum_grade=st.none() | my.whole_percentages,
        modes=st.sampled_from([(), ("verified",), ("honor", "verified")]),
        certificate=st.booleans(),
        not_before=st.none() | st.sampled_from([at("2026-03-01").date()]),
        not_after=st.none() | st.sampled_from([at("2026-03-01").date(), at("2027-01-01").date()]),
        credits=st.none() | my.amounts,
    ),
    my.groups,
    max_leaves=5,
)


@given(course_trees, my.records(with_unknowns=False))
@settings(max_examples=100)
def test_who_follows_the_steps_gets_there(tree: Node, record: LearnerRecord) -> None:
    # Nobody can know whether a pass without a date was in time: a certificate may date it late.
    results = record.course_results.values()
    dated = (
        replace(result, passed_timestamp=NOW)
        if result.is_passed and not result.passed_on
        else result
        for result in results
        if isinstance(result, CourseResult)
    )
    record = replace(record, course_results={result.run: result for result in dated})
    explanation = explain(evaluate(tree, record, now=NOW))
    assume(explanation.steps)
    # More than once: that audit does not count is told to those who have passed in audit mode.
    for _round in range(30):
        if not explanation.steps:
            break
        followed = follow(explanation.steps[0], record, NOW)
        assume(followed is not None)
        assert followed is not None
        assert followed != record
        record = followed
        explanation = explain(evaluate(tree, record, now=NOW))
    assert explanation.truth is Truth.MET


# --- versions --------------------------------------------------------------------------------


@given(my.versions(), my.records(), st.randoms(use_true_random=False))
def test_order_of_the_versions_does_not_matter(
    versions: list[Terms], record: LearnerRecord, random: Any
) -> None:
    shuffled = random.sample(versions, len(versions))
    assert judge(shuffled, record, now=NOW) == judge(versions, record, now=NOW)


@given(my.versions(may_expire=False), my.records())
@where_somebody_earns
def test_award_is_valid_from_when_its_open_version_was_met(
    versions: list[Terms], record: LearnerRecord
) -> None:
    verdict = judge(versions, record, now=NOW)
    assume(verdict.result is Result.EARNED)
    assert verdict.terms is not None
    assert verdict.outcome is not None
    assert verdict.valid_from is not None
    assert verdict.outcome.is_met
    assert verdict.terms.counts_for(verdict.met_on)
    assert verdict.valid_from >= max(verdict.terms.published_at, verdict.met_on or at("0001-01-01"))
    assert still_met(versions, verdict.terms.number, record, now=NOW)[0] is Truth.MET


@given(my.versions(largest=2, may_expire=False), my.trees(largest=3), my.records())
@where_somebody_earns
def test_newer_version_never_robs_and_never_delays(
    versions: list[Terms], stricter: Node, record: LearnerRecord
) -> None:
    before = judge(versions, record, now=NOW)
    assume(before.result is Result.EARNED)
    newer = Terms(number=9, published_at=at("2026-05-01"), requirements=stricter)
    after_it = judge([*versions, newer], record, now=NOW)
    assert after_it.result is Result.EARNED
    assert after_it.valid_from is not None
    assert before.valid_from is not None
    assert after_it.valid_from <= before.valid_from


@given(my.versions(may_close=False, may_expire=False), my.records(), my.instants)
@where_somebody_earns
def test_closing_a_version_takes_nothing_from_who_had_met_it(
    versions: list[Terms], record: LearnerRecord, closes_at: datetime
) -> None:
    before = judge(versions, record, now=NOW)
    assume(before.result is Result.EARNED and before.met_on and before.met_on < closes_at)
    closed = [replace(terms, closes_at=closes_at) for terms in versions]
    verdict = judge(closed, record, now=NOW)
    assert (verdict.result, verdict.valid_from) == (Result.EARNED, before.valid_from)


@given(my.versions(), my.records(is_lasting=True))
@where_somebody_earns
def test_period_that_was_earned_is_the_same_whenever_one_looks_within_it(
    versions: list[Terms], record: LearnerRecord
) -> None:
    verdict = judge(versions, record, now=NOW)
    assume(verdict.result is Result.EARNED)
    end = verdict.expires_at or NOW + timedelta(days=9999)
    later = judge(versions, record, now=end - timedelta.resolution)
    assert (later.result, later.valid_from) == (Result.EARNED, verdict.valid_from)


# --- definitions -----------------------------------------------------------------------------


@given(my.trees(largest=12))
def test_tree_is_read_as_it_was_written(tree: Node) -> None:
    data = write_tree(tree)
    assert read_tree(json.loads(json.dumps(data))) == tree
    assert write_tree(read_tree(data)) == data


dated_courses = st.builds(
    Course,
    course=st.just("NordU+A"),
    not_before=st.none() | my.days,
    not_after=st.none() | my.days,
    credits=st.none() | my.amounts,
)


def meeting_records(tree: Node) -> Iterable[LearnerRecord]:
    """A record for each way to pass each course on a day that some course names, or never."""
    courses = [node for _path, node in walk(tree) if isinstance(node, Course)]
    dates = {NOW}
    for course in courses:
        if course.not_before:
            dates.add(datetime.combine(course.not_before, time.min, UTC))
        if course.not_after:
            dates.add(datetime.combine(course.not_after, time.max, UTC))
    for chosen in itertools.product(sorted(dates), repeat=len(courses)):
        yield LearnerRecord(
            {
                f"r{position}": CourseResult(
                    f"r{position}", letter_grade="A", passed_timestamp=on,
                    enrollment_mode="verified",
                )
                for position, on in enumerate(chosen)
            }
        )  # fmt: skip


def with_own_runs(tree: Node, numbers: Iterator[int]) -> Node:
    """The tree with a run of its own in each course requirement."""
    if isinstance(tree, Group):
        return replace(tree, of=tuple(with_own_runs(child, numbers) for child in tree.of))
    assert isinstance(tree, Course)
    return replace(tree, course=None, runs=(f"r{next(numbers)}",))


@given(my.groups(dated_courses | my.groups(dated_courses, largest=2), smallest=1, largest=3))
@settings(max_examples=150)
def test_tree_may_be_published_if_and_only_if_some_record_meets_it(tree: Group) -> None:
    courses = [node for _path, node in walk(tree) if isinstance(node, Course)]
    assume(len(courses) <= 4)
    tree = with_own_runs(tree, itertools.count())  # type: ignore[assignment]
    crossed = any(c.not_before and c.not_after and c.not_before > c.not_after for c in courses)
    # These are refused for a node of theirs, even where the rest would do.
    refused = {problem.message.key for problem in problems_before_publication(tree)}
    assume(not crossed and not refused - {"tree.impossible"})
    can_be_met = any(evaluate(tree, record, now=NOW).is_met for record in meeting_records(tree))
    assert bool(refused) is not can_be_met
