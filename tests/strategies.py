"""
Hypothesis strategies for requirement trees, learner records and versions.

They draw from a small pool of runs, keys and instants, so that trees and facts meet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

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
from microcred_plugin.evaluation.requirements import (
    AllOf,
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
    Tree,
)
from microcred_plugin.evaluation.verdict import Terms
from tests.evaluation import NOW, at

COURSES = ("NordU+A", "NordU+B", "NordU+C")
RUNS = {
    **{f"course-v1:{course}+{run}": course for course in COURSES for run in (1, 2)},
    "ccx-v1:NordU+A+1+ccx@7": None,
}
BLOCKS = ("exam", "quiz")
KEYS = ("x", "y")
MODES = ("audit", "verified", "honor")

# Close enough for windows of a few months, with the ends of months among them. All are past.
INSTANTS = (
    at("2024-02-29 10:00"),
    at("2025-08-31 23:59:59.999999"),
    at("2025-12-01"),
    at("2026-01-15 12:00"),
    at("2026-01-30 23:00"),
    at("2026-01-31 01:00"),
    at("2026-02-28 01:00"),
    at("2026-02-28 12:00"),
    at("2026-03-01"),
    at("2026-04-30 08:00"),
    at("2026-06-01"),
)

instants = st.sampled_from(INSTANTS)
days = st.sampled_from([date(2025, 12, 1), date(2026, 1, 31), date(2026, 3, 1), date(2026, 7, 1)])
percentages = st.sampled_from([Decimal(text) for text in ("0.8", "1", "0.695", "0.694", "0.30")])
whole_percentages = st.sampled_from([31, 70, 80])
amounts = st.sampled_from([Decimal(text) for text in ("1", "0.5", "2", "2.5")])

seldom = st.sampled_from([False] * 7 + [True])


def mostly(common: st.SearchStrategy, rare: st.SearchStrategy) -> st.SearchStrategy:
    """Mostly the first, so that trees and facts meet."""
    return seldom.flatmap(lambda is_rare: rare if is_rare else common)


def most_of(keys: Iterable[Any]) -> st.SearchStrategy[list]:
    """At least half of the keys, in any order."""
    pool = list(keys)
    return st.lists(st.sampled_from(pool), unique=True, min_size=(len(pool) + 1) // 2)


# --- trees -----------------------------------------------------------------------------------


@st.composite
def leaves(draw: st.DrawFn) -> Node:
    common: dict[str, Any] = {
        "credits": draw(mostly(amounts, st.none())),
        "title": draw(st.sampled_from(["", "Title"])),
    }
    kind = draw(
        st.sampled_from(
            [Course] * 4
            + [Assessment, Completion, MicrocredentialHeld, Program, Evidence, Attestation, Grant]
        )
    )
    if kind in (Course, Assessment, Completion):
        if draw(st.booleans()):
            common["course"] = draw(st.sampled_from(COURSES))
        else:
            runs = st.lists(st.sampled_from(list(RUNS)), min_size=1, max_size=3, unique=True)
            common["runs"] = tuple(draw(runs))
    if kind is Course:
        return draw(courses(common))
    if kind is Assessment:
        block = draw(st.sampled_from(BLOCKS))
        return Assessment(**common, block=block, minimum_grade=draw(whole_percentages))
    if kind is Completion:
        return Completion(**common, minimum_percent=draw(whole_percentages))
    key = draw(st.sampled_from(KEYS))
    if kind is MicrocredentialHeld:
        return MicrocredentialHeld(**common, microcredential=key)
    if kind is Program:
        return Program(**common, program=key)
    return kind(**common, key=key)


@st.composite
def courses(draw: st.DrawFn, common: dict[str, Any]) -> Course:
    return Course(
        **common,
        minimum_grade=draw(whole_percentages) if draw(seldom) else None,
        modes=tuple(draw(st.lists(st.sampled_from(MODES), min_size=1, unique=True)))
        if draw(seldom)
        else (),
        certificate=draw(seldom),
        not_before=draw(days) if draw(seldom) else None,
        not_after=draw(days) if draw(seldom) else None,
    )


def groups(
    children: st.SearchStrategy[Node], *, smallest: int = 1, largest: int = 3
) -> st.SearchStrategy[Group]:
    fields = {
        "of": st.lists(children, min_size=smallest, max_size=largest).map(tuple),
        "within_months": st.none() | st.sampled_from([1, 2, 6]),
        "credits": mostly(amounts, st.none()),
        "title": st.sampled_from(["", "Title"]),
    }
    return st.one_of(
        st.builds(AllOf, **fields),
        st.builds(AnyOf, **fields),
        st.builds(AtLeast, n=mostly(st.integers(1, 2), st.just(3)), **fields),
        st.builds(Credits, minimum=amounts, **fields),
    )


def trees(*, largest: int = 6) -> st.SearchStrategy[Node]:
    """Trees of up to so many requirements; a group is seldom empty, or asks for too much."""
    ends = mostly(leaves(), st.sampled_from([AllOf(), AnyOf(), AtLeast(n=1)]))
    return st.recursive(ends, groups, max_leaves=largest)


# --- records ---------------------------------------------------------------------------------


def course_results(run: str, *, is_passing: bool = False) -> st.SearchStrategy[CourseResult]:
    passing, failing = st.just("Pass"), st.just("")
    return st.builds(
        CourseResult,
        run=st.just(run),
        course=st.just(RUNS[run]),
        percent_grade=mostly(percentages, st.none()),
        letter_grade=passing if is_passing else mostly(passing, failing),
        passed_timestamp=mostly(instants, st.none()),
        enrollment_mode=mostly(st.sampled_from(MODES), st.none()),
        is_enrolled=st.booleans(),
        certificate_status=st.sampled_from(["downloadable", "generating", None]),
        certificate_mode=st.sampled_from([*MODES, None]),
        certificate_created=st.none() | instants,
        certificate_invalidated=st.just(False) if is_passing else seldom,
    )


unknowns = st.just(Unknown("timeout"))

# Facts that begin and run out; `lasting` ones hold from the past on and for ever.
dated_facts = st.builds(
    DatedFact,
    since=mostly(instants, st.sampled_from([None, NOW + timedelta(days=30)])),
    until=mostly(st.none(), st.sampled_from([at("2026-05-01"), NOW + timedelta(days=60)])),
)
lasting_facts = st.builds(DatedFact, since=mostly(instants, st.none()))
lasting_awards = st.builds(
    AwardFact,
    uuid=st.just("award"),
    state=mostly(st.just(AwardState.ACTIVE), st.sampled_from(AwardState)),
    met_on=mostly(instants, st.none()),
)
award_facts = st.builds(
    lambda award, expires_at: replace(award, expires_at=expires_at),
    lasting_awards,
    mostly(st.none(), st.sampled_from([at("2026-05-01"), NOW + timedelta(days=60)])),
)


@st.composite
def records(
    draw: st.DrawFn, *, with_unknowns: bool = True, is_lasting: bool = False
) -> LearnerRecord:
    """A record; `is_lasting`: with no fact that begins or runs out."""
    dated = lasting_facts if is_lasting else dated_facts
    awards = lasting_awards if is_lasting else award_facts

    def known(fact: st.SearchStrategy) -> Any:
        return draw(mostly(fact, unknowns) if with_unknowns else fact)

    results = {run: known(course_results(run)) for run in draw(most_of(RUNS))}
    if with_unknowns and draw(seldom):
        results[draw(st.sampled_from(COURSES))] = draw(unknowns)
    return LearnerRecord(
        course_results=results,
        assessments={
            (run, block): known(
                st.builds(
                    AssessmentResult,
                    run=st.just(run),
                    course=st.just(RUNS[run]),
                    block=st.just(block),
                    percent_grade=percentages,
                    graded_on=mostly(instants, st.none()),
                )
            )
            for run in draw(most_of(tuple(RUNS)[::3]))
            for block in BLOCKS
        },
        completions={
            run: known(
                st.builds(
                    CompletionResult,
                    run=st.just(run),
                    course=st.just(RUNS[run]),
                    percent=percentages,
                    completed_on=mostly(instants, st.none()),
                )
            )
            for run in draw(most_of(tuple(RUNS)[::2]))
        },
        awards={key: known(awards) for key in draw(most_of(KEYS))},
        programs={key: known(dated) for key in draw(most_of(KEYS))},
        evidence={key: known(dated) for key in draw(most_of(KEYS))},
        attestations={key: known(dated) for key in draw(most_of(KEYS))},
        grants={key: known(dated) for key in draw(most_of(KEYS))},
    )


# --- versions --------------------------------------------------------------------------------


@st.composite
def versions(
    draw: st.DrawFn, *, largest: int = 3, may_expire: bool = True, may_close: bool = True
) -> list[Terms]:
    """Versions as they are published: each later than the one before, which may then close."""
    found: list[Terms] = []
    published_at: datetime = at("2025-06-01")
    for number in range(1, draw(st.integers(1, largest)) + 1):
        following = published_at + timedelta(days=draw(st.integers(0, 200)))
        found.append(
            Terms(
                number=number,
                published_at=published_at,
                closes_at=draw(st.none() | st.just(following)) if may_close else None,
                requirements=draw(_small_trees),
                eligibility=draw(mostly(st.none(), _small_trees)),
                renewal=draw(mostly(st.none(), _small_trees)),
                validity_months=draw(st.none() | st.sampled_from([1, 12])) if may_expire else None,
            )
        )
        published_at = following
    return found


_small_trees: st.SearchStrategy[Tree] = trees(largest=3)
