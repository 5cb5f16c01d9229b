"""Trees from JSON and back: what is understood, and how what is not is told."""

from __future__ import annotations

import json
import math
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from microcred_plugin.evaluation.requirements import (
    KINDS,
    MAX_DEPTH,
    MAX_NODES,
    AllOf,
    Assessment,
    AtLeast,
    Course,
    Credits,
    Grant,
    Group,
    InvalidTree,
    read_tree,
    walk,
    write_tree,
)
from tests.evaluation import COURSE, RUN, course, grant, group


def problems(data: Any) -> list[tuple[str, str]]:
    """The path and the key of everything that is wrong with the tree."""
    with pytest.raises(InvalidTree) as caught:
        read_tree(data)
    return [(problem.path, problem.message.key) for problem in caught.value.problems]


EVERY_KIND = {
    "all_of": group("all_of", grant("a"), title="Both", credits=2, within_months=6),
    "any_of": group("any_of", grant("a"), grant("b")),
    "at_least": group("at_least", grant("a"), grant("b"), n=1),
    "credits": group("credits", grant("a", credits=2.5), minimum=2.5),
    "course": {
        "kind": "course",
        "title": "Basics",
        "runs": [RUN, "course-v1:NordU+DL101+2"],
        "minimum_grade": 70,
        "modes": ["verified", "audit"],
        "certificate": True,
        "not_before": "2026-01-01",
        "not_after": "2026-12-31",
    },
    "assessment": {"kind": "assessment", "course": COURSE, "block": "exam", "minimum_grade": 1},
    "completion": {"kind": "completion", "runs": [RUN], "minimum_percent": 100},
    "microcredential": {"kind": "microcredential", "microcredential": "uuid"},
    "program": {"kind": "program", "program": "uuid"},
    "evidence": {"kind": "evidence", "key": "portfolio"},
    "attestation": {"kind": "attestation", "key": "employer"},
    "grant": {"kind": "grant", "key": "member", "credits": 1},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_written_as_it_was_read(kind: str) -> None:
    data = EVERY_KIND[kind]
    tree = read_tree(data)
    assert tree is not None
    assert tree.kind == kind
    assert json.loads(json.dumps(write_tree(tree))) == data


def test_values_become_what_they_mean() -> None:
    tree = read_tree(EVERY_KIND["course"])
    assert isinstance(tree, Course)
    assert (tree.not_before, tree.not_after) == (date(2026, 1, 1), date(2026, 12, 31))
    assert (tree.minimum_grade, tree.certificate) == (70, True)
    worth = read_tree(EVERY_KIND["credits"])
    assert isinstance(worth, Credits)
    assert (worth.minimum, worth.of[0].credits) == (Decimal("2.5"), Decimal("2.5"))


def test_what_is_at_its_default_is_left_out() -> None:
    assert write_tree(read_tree(course(title="", certificate=False))) == course()
    assert write_tree(read_tree({"kind": "all_of"})) == {"kind": "all_of", "of": []}


def test_spaces_around_texts_and_repetitions_in_lists_are_dropped() -> None:
    data = course(runs=[f" {RUN} ", RUN], title=" Basics ", modes=["verified", "verified"])
    assert write_tree(read_tree(data)) == course(runs=[RUN], title="Basics", modes=["verified"])


def test_whole_amounts_are_written_as_whole_numbers() -> None:
    written = write_tree(read_tree(grant("a", credits=2.0)))
    assert json.dumps(written["credits"]) == "2"


@pytest.mark.parametrize("data", [None, {}])
def test_nothing_is_the_empty_tree(data: Any) -> None:
    assert read_tree(data) is None
    assert write_tree(None) is None


def test_draft_with_an_empty_group_can_be_read() -> None:
    assert read_tree(group("any_of")) == KINDS["any_of"]()


def test_paths_name_every_node_from_the_root_on() -> None:
    tree = read_tree(group("all_of", grant("a"), group("any_of", grant("b"))))
    assert [path for path, _node in walk(tree, "renewal")] == [
        "renewal",
        "renewal.of[0]",
        "renewal.of[1]",
        "renewal.of[1].of[0]",
    ]


# --- what is wrong, and where ----------------------------------------------------------------

ROOT = "requirements"


@pytest.mark.parametrize("data", [[], "course", 7, True, 0.5, [course()]])
def test_root_that_is_no_mapping(data: Any) -> None:
    assert problems(data) == [(ROOT, "tree.not_a_node")]


@pytest.mark.parametrize("child", [None, "course", 7, [], [grant("a")]])
def test_child_that_is_no_mapping(child: Any) -> None:
    assert problems({"kind": "all_of", "of": [grant("a"), child]}) == [
        (f"{ROOT}.of[1]", "tree.not_a_node")
    ]


@pytest.mark.parametrize("kind", [None, 7, "", "badge", ["course"], {"course": 1}, True])
def test_kind_that_is_unknown_or_missing(kind: Any) -> None:
    assert problems({"kind": kind, "course": COURSE}) == [(ROOT, "tree.unknown_kind")]
    assert problems({"course": COURSE}) == [(ROOT, "tree.unknown_kind")]


@pytest.mark.parametrize(
    ("kind", "near"),
    [("cuorse", "course"), ("allof", "all_of"), ("at_last", "at_least"), ("Grant", "grant")],
)
def test_kind_that_is_nearly_right_gets_a_suggestion(kind: str, near: str) -> None:
    with pytest.raises(InvalidTree) as caught:
        read_tree({"kind": kind})
    (problem,) = caught.value.problems
    assert problem.message.key == "tree.unknown_kind_near"
    assert problem.message.params["near"] == near


def test_field_that_is_nearly_right_gets_a_suggestion() -> None:
    with pytest.raises(InvalidTree) as caught:
        read_tree(course(minimum_grad=70))
    (problem,) = caught.value.problems
    assert (problem.path, problem.message.key) == (
        f"{ROOT}.minimum_grad",
        "tree.unknown_field_near",
    )
    assert problem.message.params["near"] == "minimum_grade"


@pytest.mark.parametrize("name", ["zzz", "7", ""])
def test_field_that_no_kind_has(name: str) -> None:
    assert problems(grant("a", **{name: 1})) == [(f"{ROOT}.{name}", "tree.unknown_field")]


def test_requirement_has_no_children_and_a_group_no_course() -> None:
    assert problems(course(of=[]))[0][0] == f"{ROOT}.of"
    assert problems(group("all_of", course=COURSE))[0][0] == f"{ROOT}.course"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (group("at_least"), "n"),
        (group("credits"), "minimum"),
        ({"kind": "assessment", "course": COURSE, "minimum_grade": 1}, "block"),
        ({"kind": "assessment", "course": COURSE, "block": "b"}, "minimum_grade"),
        ({"kind": "completion", "course": COURSE}, "minimum_percent"),
        ({"kind": "microcredential"}, "microcredential"),
        ({"kind": "program"}, "program"),
        ({"kind": "evidence"}, "key"),
        ({"kind": "attestation"}, "key"),
        ({"kind": "grant"}, "key"),
    ],
)
def test_missing_field(data: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidTree) as caught:
        read_tree(data)
    (problem,) = caught.value.problems
    assert (problem.path, problem.message.key) == (ROOT, "tree.missing_field")
    assert problem.message.params == {"kind": data["kind"], "field": field}


@pytest.mark.parametrize("where", [{}, {"runs": [RUN], "course": COURSE}], ids=["neither", "both"])
@pytest.mark.parametrize(
    "what",
    [
        {"kind": "course"},
        {"kind": "assessment", "block": "b", "minimum_grade": 1},
        {"kind": "completion", "minimum_percent": 1},
    ],
    ids=lambda what: what["kind"],
)
def test_runs_and_course_both_or_neither(what: dict[str, Any], where: dict[str, Any]) -> None:
    assert problems({**what, **where}) == [(ROOT, "tree.runs_or_course")]


HUGE = 16**10_000  # has more digits than Python is willing to print

WRONG_VALUES = {
    "tree.not_text": [
        ({"kind": "grant"}, "key", [None, 7, True, "", "  ", ["a"], {}, HUGE]),
        ({"kind": "course"}, "course", [None, 7, "", [COURSE]]),
        (grant("a"), "title", [None, 7, ["a"]]),
    ],
    "tree.not_a_list": [
        ({"kind": "course"}, "runs", [RUN, None, {}, 7, HUGE]),
        (course(), "modes", ["verified", [], None]),
        ({"kind": "all_of"}, "of", [None, {}, "a", 7, grant("a"), HUGE]),
    ],
    "tree.not_a_flag": [(course(), "certificate", [1, 0, "true", None, HUGE])],
    "tree.not_whole": [
        (course(), "minimum_grade", [0, 101, -1, 70.0, "70", True, None, math.nan, HUGE]),
        ({"kind": "all_of"}, "within_months", [0, 1201, 1.5, True, "6", -HUGE]),
        ({"kind": "at_least"}, "n", [0, -1, True, False, "2", 501, math.inf]),
    ],
    "tree.not_an_amount": [
        (
            {"kind": "credits"},
            "minimum",
            [0, -1, True, None, "", "many", [], {}, 0.001, 2.345, 10_000.01, HUGE, -HUGE],
        ),
        (grant("a"), "credits", [math.nan, math.inf, "NaN", "sNaN", "1e999999", "1e-999999", "∞"]),
    ],
    "tree.not_a_day": [
        (
            course(),
            "not_before",
            ["", "31.12.2026", "2026-02-30", "2026-1-1", "2026-01-01T00:00", 20260101, None, True],
        ),
        (course(), "not_after", ["9999999-01-01", HUGE, ["2026-01-01"]]),
    ],
}


@pytest.mark.parametrize(
    ("key", "data", "field", "value"),
    [
        pytest.param(key, data, field, value, id=f"{data['kind']}-{field}-{number}")
        for key, cases in WRONG_VALUES.items()
        for data, field, values in cases
        for number, value in enumerate(values)
    ],
)
def test_value_that_its_field_does_not_hold(
    key: str, data: dict[str, Any], field: str, value: Any
) -> None:
    found = problems({**data, field: value})
    assert (f"{ROOT}.{field}", key) in found


def test_item_of_a_list_that_is_no_text() -> None:
    assert problems(course(runs=[RUN, 7])) == [(f"{ROOT}.runs", "tree.not_text")]


def test_value_is_quoted_only_in_part() -> None:
    with pytest.raises(InvalidTree) as caught:
        read_tree(course(minimum_grade="9" * 10_000))
    value = caught.value.problems[0].message.params["value"]
    assert isinstance(value, str)
    assert len(value) == 80
    assert value.endswith("...")


def test_everything_that_is_wrong_is_told_at_once_in_the_order_of_the_tree() -> None:
    data = group(
        "at_least",
        course(minimum_grade=101, certificate=1),
        {"kind": "badge"},
        group("credits", grant(7), minimum=-1),
        n=0,
    )
    assert problems(data) == [
        (f"{ROOT}.n", "tree.not_whole"),
        (f"{ROOT}.of[0].minimum_grade", "tree.not_whole"),
        (f"{ROOT}.of[0].certificate", "tree.not_a_flag"),
        (f"{ROOT}.of[1]", "tree.unknown_kind"),
        (f"{ROOT}.of[2].minimum", "tree.not_an_amount"),
        (f"{ROOT}.of[2].of[0].key", "tree.not_text"),
    ]


def test_problems_lie_under_the_path_that_is_asked_for() -> None:
    with pytest.raises(InvalidTree) as caught:
        read_tree(group("all_of", 7), path="eligibility")  # type: ignore[arg-type]
    assert caught.value.problems[0].path == "eligibility.of[0]"


# --- too large -------------------------------------------------------------------------------


def nested(depth: int) -> dict[str, Any]:
    data = grant("a")
    for _level in range(depth - 1):
        data = group("all_of", data)
    return data


def test_as_deep_as_allowed_and_one_deeper() -> None:
    assert read_tree(nested(MAX_DEPTH)) is not None
    path = ROOT + ".of[0]" * MAX_DEPTH
    assert problems(nested(MAX_DEPTH + 1)) == [(path, "tree.too_deep")]


def test_endlessly_deep_is_refused_without_being_read() -> None:
    data: dict[str, Any] = {"kind": "all_of"}
    data["of"] = [data]
    assert problems(data) == [(ROOT + ".of[0]" * MAX_DEPTH, "tree.too_deep")]


def test_as_many_nodes_as_allowed_and_one_more() -> None:
    leaves = [grant(f"g{number}") for number in range(MAX_NODES)]
    tree = read_tree(group("all_of", *leaves[1:]))
    assert isinstance(tree, Group)
    assert len(list(walk(tree))) == MAX_NODES
    assert problems(group("all_of", *leaves)) == [(ROOT, "tree.too_many_nodes")]


def test_many_nodes_spread_over_groups_are_counted_together() -> None:
    half = group("any_of", *(grant(f"g{number}") for number in range(MAX_NODES // 2)))
    assert problems(group("all_of", half, half)) == [(ROOT, "tree.too_many_nodes")]


# --- what groups need ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tree", "needed"),
    [
        (AllOf(), 1),
        (AllOf(of=(Grant(key="a"), Grant(key="b"))), 2),
        (AtLeast(n=2, of=(Grant(key="a"),)), 2),
        (KINDS["any_of"](of=(Grant(key="a"), Grant(key="b"))), 1),  # type: ignore[call-arg]
    ],
)
def test_how_many_a_group_needs(tree: Group, needed: int) -> None:
    assert tree.needed == needed


def test_assessment_names_a_block() -> None:
    tree = read_tree(EVERY_KIND["assessment"])
    assert isinstance(tree, Assessment)
    assert (tree.course, tree.runs, tree.block) == (COURSE, (), "exam")
