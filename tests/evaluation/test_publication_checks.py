"""What forbids publishing a tree: that nobody could ever meet it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from microcred_plugin.evaluation.checks import _Possible, problems_before_publication
from microcred_plugin.evaluation.requirements import (
    MAX_DEPTH,
    MAX_NODES,
    AllOf,
    Course,
    Node,
    Problem,
    read_tree,
)
from microcred_plugin.evaluation.windows import BEGINNING
from tests.evaluation import course, grant, group


def problems(data: dict[str, Any] | None, **kwargs: Any) -> tuple[Problem, ...]:
    return problems_before_publication(read_tree(data), **kwargs)


def found(data: dict[str, Any] | None) -> list[tuple[str, str]]:
    return [(problem.path, problem.message.key) for problem in problems(data)]


FINE = {
    "a requirement alone": course(),
    "every one of a group": group("at_least", grant("a"), grant("b"), n=2),
    "exactly the credits that there are": group(
        "credits", grant("a", credits="1.5"), grant("b", credits="0.5"), minimum=2
    ),
    "one day alone": course(not_before="2026-03-01", not_after="2026-03-01"),
    "a first day without a last": course(not_before="2026-03-01"),
    "dates that do not meet, without a window": group(
        "all_of", course(not_after="2020-01-01"), course(not_before="2026-01-01")
    ),
}


@pytest.mark.parametrize("data", FINE.values(), ids=FINE)
def test_tree_that_somebody_can_meet(data: dict[str, Any]) -> None:
    assert found(data) == []


WRONG: dict[str, tuple[dict[str, Any] | None, list[tuple[str, str]]]] = {
    "the empty tree": (None, [("requirements", "tree.empty")]),
    "an empty group": (group("all_of"), [("requirements", "tree.empty_group")]),
    "an empty group in a group": (
        group("any_of", grant("a"), group("credits", minimum=2)),
        [("requirements.of[1]", "tree.empty_group")],
    ),
    "more than the group holds": (
        group("at_least", grant("a"), n=2),
        [("requirements", "tree.too_few")],
    ),
    "more credits than the group is worth": (
        group("credits", grant("a", credits=1), grant("b"), minimum=2),
        [("requirements", "tree.too_few_credits")],
    ),
    "dates that cross": (
        group("all_of", course(not_before="2026-03-02", not_after="2026-03-01")),
        [("requirements.of[0]", "tree.dates_crossed")],
    ),
    "several at once": (
        group("all_of", group("any_of"), group("at_least", grant("a"), n=2)),
        [("requirements.of[0]", "tree.empty_group"), ("requirements.of[1]", "tree.too_few")],
    ),
}


@pytest.mark.parametrize(("data", "expected"), WRONG.values(), ids=WRONG)
def test_problem_with_its_node(
    data: dict[str, Any] | None, expected: list[tuple[str, str]]
) -> None:
    assert found(data) == expected


def test_problem_says_the_numbers() -> None:
    (problem,) = problems(group("at_least", grant("a"), n=3))
    assert problem.message.params == {"n": 3, "of": 1}
    (problem,) = problems(group("credits", grant("a", credits="0.5"), minimum=3))
    assert {name: str(value) for name, value in problem.message.params.items()} == {
        "needed": "3",
        "worth": "0.5",
    }


def test_problem_lies_under_the_path_of_its_tree() -> None:
    assert [problem.path for problem in problems(None, path="renewal")] == ["renewal"]
    (problem,) = problems(group("all_of", group("any_of")), path="eligibility")
    assert problem.path == "eligibility.of[0]"


# --- a tree nobody can meet because of a window ----------------------------------------------

JANUARY = {"not_before": "2026-01-01", "not_after": "2026-01-31"}
MARCH = {"not_before": "2026-03-01", "not_after": "2026-03-31"}


def days(**bounds: str) -> dict[str, Any]:
    return course(**bounds)


@pytest.mark.parametrize(
    ("data", "possible"),
    [
        (group("all_of", days(**JANUARY), days(**MARCH), within_months=1), False),
        (group("all_of", days(**JANUARY), days(**MARCH), within_months=2), True),
        (group("any_of", days(**JANUARY), days(**MARCH), within_months=1), True),
        (group("all_of", days(**JANUARY), grant("g"), within_months=1), True),
        # The last day of January and the first of March are a month and a day apart.
        (
            group(
                "all_of",
                days(not_after="2026-01-31"),
                days(not_before="2026-02-28"),
                within_months=1,
            ),
            True,
        ),
        (
            group(
                "all_of",
                days(not_after="2026-01-30"),
                days(not_before="2026-03-01"),
                within_months=1,
            ),
            False,
        ),
        (
            group(
                "at_least",
                days(**JANUARY),
                days(**MARCH),
                days(not_before="2026-04-01"),
                n=2,
                within_months=1,
            ),
            True,
        ),
        (
            group(
                "credits",
                days(**JANUARY, credits=1),
                days(**MARCH, credits=1),
                minimum=2,
                within_months=1,
            ),
            False,
        ),
        # The window of a group holds for the groups in it.
        (
            group("all_of", group("all_of", days(**JANUARY), days(**MARCH)), within_months=1),
            False,
        ),
        # Each fits into its own window, and both windows do not fit into the one around them.
        (
            group(
                "all_of",
                group("all_of", days(**JANUARY), grant("a"), within_months=1),
                group("all_of", days(**MARCH), grant("b"), within_months=1),
                within_months=1,
            ),
            False,
        ),
        (
            group(
                "all_of",
                group("all_of", days(**JANUARY), grant("a"), within_months=1),
                group("all_of", days(**MARCH), grant("b"), within_months=1),
            ),
            True,
        ),
        (
            group(
                "all_of",
                group("any_of", days(**JANUARY), days(not_before="2027-01-01"), within_months=1),
                days(**MARCH),
                within_months=1,
            ),
            False,
        ),
    ],
)
def test_days_and_windows_that_fit_together_or_not(data: dict[str, Any], possible: bool) -> None:
    assert found(data) == ([] if possible else [("requirements", "tree.impossible")])


class CountedPossible(_Possible):
    """Counts how often a node is asked, remembered or not."""

    asked = 0

    def first(self, node: Node, start: datetime) -> datetime | None:
        self.asked += 1
        return super().first(node, start)


def test_deepest_nest_of_windows_takes_a_bounded_number_of_steps() -> None:
    tree = AllOf(
        of=tuple(
            Course(course=f"NordU+C{number}", not_before=day, not_after=day)
            for number in range(MAX_NODES - MAX_DEPTH + 1)
            for day in (date(2020, 1, 1) + timedelta(days=number),)
        ),
        within_months=1,
    )
    for months in range(2, MAX_DEPTH):
        tree = AllOf(of=(tree,), within_months=months)
    possible = CountedPossible()
    assert possible.first(tree, BEGINNING) is None
    # A few times for each node and each last day; never for each pair of days.
    assert possible.asked <= 4 * MAX_NODES * MAX_NODES
