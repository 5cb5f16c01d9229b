"""A requirement tree without a course."""

from __future__ import annotations

from typing import Any

import pytest

from microcred_plugin.evaluation.requirements import read_tree, write_tree
from microcred_plugin.evaluation.taking_out import take_out
from tests.factories import all_of, any_of, any_run, at_least, course

A, AGAIN, B = (f"course-v1:NordU+{name}" for name in ("A+2026", "A+2027", "B+2026"))
EXAM = {"kind": "assessment", "runs": [A], "block": "exam", "minimum_grade": 50}
THROUGH = {"kind": "completion", "course": "NordU+A", "minimum_percent": 90}
GRANT = {"kind": "grant", "key": "k"}


@pytest.mark.parametrize(
    ("tree", "left"),
    [
        (None, None),
        (course(A), None),
        (any_run("NordU+A"), None),
        (EXAM, None),
        (THROUGH, None),
        (course(B), course(B)),
        (any_run("NordU+B"), any_run("NordU+B")),
        (GRANT, GRANT),
        (course(A, B), course(B)),
        (course(AGAIN), course(AGAIN)),
        (course(A, AGAIN, minimum_grade=70), course(AGAIN, minimum_grade=70)),
        (all_of(course(A), course(B)), all_of(course(B))),
        (all_of(any_of(EXAM, THROUGH), GRANT), all_of(GRANT)),
        (all_of(any_of(course(A)), all_of(any_run("NordU+A"))), None),
        (at_least(2, course(A), course(B), GRANT), at_least(2, course(B), GRANT)),
        (at_least(2, course(A), course(B)), at_least(2, course(B))),
        (all_of(course(B), any_of()), all_of(course(B), any_of())),
        (
            any_of(course(A), course(B), title="One", within_months=3),
            any_of(course(B), title="One", within_months=3),
        ),
    ],
)
def test_everything_that_asks_for_the_run_goes_and_nothing_else(
    tree: dict[str, Any] | None, left: dict[str, Any] | None
) -> None:
    found = take_out(read_tree(tree), A, "NordU+A")
    assert found == read_tree(left)
    assert write_tree(found) == write_tree(read_tree(left))


def test_run_that_stands_only_for_itself_leaves_its_master_alone() -> None:
    ccx = "ccx-v1:NordU+A+2026+ccx@7"
    tree = read_tree(all_of(course(ccx), any_run("NordU+A")))
    assert take_out(tree, ccx, None) == read_tree(all_of(any_run("NordU+A")))
