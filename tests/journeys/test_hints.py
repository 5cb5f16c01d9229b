"""With a fixed truth, any hints, in any order and number, end in the same awards."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from demo import replay
from demo.truth import truth as final_rows
from microcred_plugin import earning, tasks
from microcred_plugin.definitions import api as definitions
from tests.journeys import site

pytestmark = pytest.mark.slow

# `make test` tries 200; a run by hand tries fewer unless it is told otherwise.
ORDERS = int(os.environ.get("MICROCRED_ORDERS", "20"))
AT_A_TIME = 10


@pytest.fixture(scope="module")
def rows() -> list[replay.Row]:
    return [row for row in replay.load_recording() if row.course_key is not None]


_expected: dict[tuple[int, str], list[site.Held]] = {}


@pytest.fixture
def expected(demo_site: None, rows: list[replay.Row]) -> dict[tuple[int, str], list[site.Held]]:
    """
    The demo with the recording's final rows, and no awards yet.

    Gives what the hints in recorded order lead to, which is worked out only once.
    """
    replay.load_truth()
    if not _expected:
        for row in rows:
            replay.hint(row)
        _expected.update(site.holdings())
        site.forget_awards()
    return _expected


def test_recorded_order_awards_what_an_independent_reading_of_the_rows_gives(
    expected: dict[Any, Any],
) -> None:
    facts = final_rows()
    passed: dict[int, dict[str, dict[str, Any]]] = {}
    invalidated = {
        (row["user_id"], row["course"]) for row in facts["certificates"] if row["invalidated"]
    }
    certified = {
        (row["user_id"], row["course"])
        for row in facts["certificates"]
        if row["status"] == "downloadable"
    }
    for row in facts["course_grades"]:
        if row["letter_grade"] and (row["user_id"], row["course"]) not in invalidated:
            passed.setdefault(row["user_id"], {})[row["course"].split("+")[1]] = row
    retired = {row["id"] for row in facts["users"] if row["username"].startswith("retired__")}

    due = set()
    for learner_id, by_course in passed.items():
        if learner_id in retired:
            continue
        for slug, courses in {
            "statistics-for-decisions": {"ST201"},
            "visual-analytics": {"VA210"},
            "chemical-hazards": {"CH210"},
            "safe-at-work": {"WS100"},
        }.items():
            if courses <= set(by_course):
                due.add((learner_id, slug))
        dl101 = "course-v1:NordU+DL101+2026_Spring"
        if (learner_id, dl101) in certified and "DL101" in by_course:
            due.add((learner_id, "data-literacy"))
        if {"WS100", "II310"} <= set(by_course):
            due.add((learner_id, "incident-investigator"))
        fields = {"WS100", "CH210", "FA120"} & set(by_course)
        if len(fields) >= 2 and "II310" in by_course:
            due.add((learner_id, "safety-representative"))
        worth = {"DL101": 3, "ST201": 5, "VA210": 4, "SQ110": 4, "ML301": 6}
        if sum(value for course, value in worth.items() if course in by_course) >= 12:
            due.add((learner_id, "data-studies"))
        st201 = by_course.get("ST201")
        if st201 and st201["percent_grade"] >= 0.8:
            due.add((learner_id, "statistics-with-distinction"))
        crafts = {"ST201", "VA210", "SQ110"} & set(by_course)
        if (learner_id, "data-literacy") in due and len(crafts) >= 2:
            due.add((learner_id, "data-analyst"))
        modes = {
            row["mode"]
            for kind in ("enrollments", "certificates")
            for row in facts[kind]
            if row["user_id"] == learner_id and "+ML301+" in row["course"]
        }
        if "ML301" in by_course and "verified" in modes:
            due.add((learner_id, "machine-learning-practitioner"))
    checked = {slug for _learner, slug in due}
    found = {
        key for key, held in expected.items() if key[1] in checked and held[-1].state == "active"
    }
    # The practitioner also asks for 60 % in one exam, which the course's grade does not say.
    practitioners = {key for key in due if key[1] == "machine-learning-practitioner"}
    assert found - practitioners == due - practitioners
    assert {key for key in found if key[1] == "machine-learning-practitioner"} <= practitioners
    assert {slug for _learner, slug in expected} >= {
        "data-science-mastery",
        "machine-learning-practitioner",
        "data-quick-start",
    }


def test_recorded_order_five_times_ends_in_the_same_awards(
    expected: dict[Any, Any], rows: list[replay.Row]
) -> None:
    with site.queue() as run_tasks:
        for _time in range(5):
            for row in rows:
                tasks.send_hint(row.learner_id, str(row.course_key))
            assert 0 < run_tasks() < len(rows)
            assert site.holdings() == expected


@pytest.mark.parametrize("first", range(0, ORDERS, AT_A_TIME))
def test_any_order_ends_in_the_same_awards(
    first: int, expected: dict[Any, Any], rows: list[replay.Row]
) -> None:
    with site.queue() as run_tasks:
        for seed in range(first, first + AT_A_TIME):
            site.forget_awards()
            shuffled = list(rows)
            random.Random(seed).shuffle(shuffled)
            for row in shuffled:
                tasks.send_hint(row.learner_id, str(row.course_key))
            # Hints that came before their task began share it, as they would with any broker.
            assert 0 < run_tasks() < len(rows)
            assert site.holdings() == expected, f"order {seed}"


def test_reconcile_from_an_empty_awards_table_ends_in_the_same_awards(
    expected: dict[Any, Any],
) -> None:
    for _plan in earning.reconcile(microcredential_ids=definitions.all_ids()):
        pass
    assert site.holdings() == expected


def test_the_sweep_alone_ends_in_the_same_awards(expected: dict[Any, Any]) -> None:
    while earning.follow_changes():
        pass
    assert site.holdings() == expected
