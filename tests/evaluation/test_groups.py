"""Groups: three-valued truth after Kleene, and the date on which a group came to be met."""

from __future__ import annotations

from typing import Any

import pytest

from microcred_plugin.evaluation.evaluate import Outcome, Truth
from microcred_plugin.evaluation.record import LearnerRecord, Unknown
from tests.evaluation import at, grant, granted, group, outcome_of

# One letter for each child: met, not met, unknown.
FACTS: dict[str, dict[str, Any]] = {"M": {"since": "2026-01-01"}, "U": {"since": Unknown()}}
TRUTHS = {"M": Truth.MET, "N": Truth.NOT_MET, "U": Truth.UNKNOWN}


def judged(kind: str, children: str, credits: tuple[str, ...] = (), **fields: Any) -> Outcome:
    """The outcome of a group over grants that are met, not met or unknown as the letters say."""
    facts = {
        f"g{position}": FACTS[letter]["since"]
        for position, letter in enumerate(children)
        if letter in FACTS
    }
    worth = credits or ("1",) * len(children)
    of = (grant(f"g{position}", credits=worth[position]) for position in range(len(children)))
    return outcome_of(group(kind, *of, **fields), granted(**facts))


@pytest.mark.parametrize(
    ("children", "truth"),
    [
        ("MM", "M"), ("MU", "U"), ("MN", "N"),
        ("UM", "U"), ("UU", "U"), ("UN", "N"),
        ("NM", "N"), ("NU", "N"), ("NN", "N"),
        ("M", "M"), ("U", "U"), ("N", "N"), ("MMU", "U"), ("MUN", "N"),
    ],
)  # fmt: skip
def test_all_of(children: str, truth: str) -> None:
    assert judged("all_of", children).truth is TRUTHS[truth]


@pytest.mark.parametrize(
    ("children", "truth"),
    [
        ("MM", "M"), ("MU", "M"), ("MN", "M"),
        ("UM", "M"), ("UU", "U"), ("UN", "U"),
        ("NM", "M"), ("NU", "U"), ("NN", "N"),
        ("M", "M"), ("U", "U"), ("N", "N"), ("NNU", "U"), ("NUM", "M"),
    ],
)  # fmt: skip
def test_any_of(children: str, truth: str) -> None:
    assert judged("any_of", children).truth is TRUTHS[truth]


@pytest.mark.parametrize(
    ("children", "truth"),
    [
        ("MMM", "M"), ("MMU", "M"), ("MMN", "M"), ("MUU", "U"), ("MUN", "U"),
        ("MNN", "N"), ("UUU", "U"), ("UUN", "U"), ("UNN", "N"), ("NNN", "N"), ("UM", "U"),
    ],
)  # fmt: skip
def test_at_least_two(children: str, truth: str) -> None:
    assert judged("at_least", children, n=2).truth is TRUTHS[truth]


@pytest.mark.parametrize(
    ("children", "credits", "truth"),
    [
        ("MM", ("2", "3"), "M"), ("MN", ("5", "1"), "M"), ("MN", ("4.99", "1"), "N"),
        ("MU", ("4.99", "0.01"), "U"), ("MU", ("3", "1"), "N"), ("UU", ("2.5", "2.5"), "U"),
        ("UN", ("4", "9"), "N"), ("NN", ("9", "9"), "N"), ("MUU", ("5", "1", "1"), "M"),
        ("MMM", ("2.5", "1.25", "1.25"), "M"),
    ],
)  # fmt: skip
def test_five_credits(children: str, credits: tuple[str, ...], truth: str) -> None:
    assert judged("credits", children, credits, minimum=5).truth is TRUTHS[truth]


def test_one_of_two_groups_is_not_enough_for_all_of() -> None:
    tree = group(
        "all_of", group("any_of", grant("a"), grant("b")), group("any_of", grant("c"), grant("d"))
    )
    assert outcome_of(tree, granted(a="2026-01-01", b="2026-01-01")).truth is Truth.NOT_MET
    assert outcome_of(tree, granted(b="2026-01-01", c="2026-01-01")).truth is Truth.MET


def test_b_still_counts_when_a_regresses() -> None:
    tree = group("any_of", grant("a"), grant("b"))
    assert outcome_of(tree, granted(a="2026-01-01", b="2026-02-01")).met_on == at("2026-01-01")
    assert outcome_of(tree, granted(b="2026-02-01")).met_on == at("2026-02-01")


@pytest.mark.parametrize(
    ("fields", "record"),
    [
        ({"kind": "all_of", "of": []}, granted(a="2026-01-01")),
        ({"kind": "any_of", "of": []}, granted(a="2026-01-01")),
        ({"kind": "at_least", "n": 1, "of": []}, granted(a="2026-01-01")),
        ({"kind": "credits", "minimum": 1, "of": []}, granted(a="2026-01-01")),
        ({"kind": "all_of", "of": [], "within_months": 1}, granted(a="2026-01-01")),
        ({"kind": "all_of"}, LearnerRecord()),
        ({}, granted(a="2026-01-01")),
        (None, granted(a="2026-01-01")),
    ],
)
def test_empty_group_and_empty_tree_are_never_met(
    fields: dict[str, Any] | None, record: LearnerRecord
) -> None:
    assert outcome_of(fields, record).truth is Truth.NOT_MET


def test_empty_group_inside_keeps_all_of_from_being_met() -> None:
    tree = group("all_of", grant("a"), group("any_of"))
    assert outcome_of(tree, granted(a="2026-01-01")).truth is Truth.NOT_MET


def test_more_than_the_group_holds_is_never_met() -> None:
    assert judged("at_least", "MM", n=3).truth is Truth.NOT_MET


def test_node_without_credits_is_worth_nothing_in_a_credits_group() -> None:
    tree = group("credits", grant("a"), grant("b", credits=2), minimum=2)
    assert outcome_of(tree, granted(a="2026-01-01")).truth is Truth.NOT_MET
    assert outcome_of(tree, granted(b="2026-01-01")).truth is Truth.MET


def test_group_counts_with_its_own_credits_and_not_with_those_in_it() -> None:
    inner = group("any_of", grant("a", credits=9), grant("b", credits=9), credits=2)
    tree = group("credits", inner, grant("c", credits=1), minimum=3)
    assert outcome_of(tree, granted(a="2026-01-01", b="2026-01-01")).truth is Truth.NOT_MET
    assert outcome_of(tree, granted(a="2026-01-01", c="2026-01-01")).truth is Truth.MET


# --- met on ----------------------------------------------------------------------------------

DATES = granted(a="2026-03-01", b="2026-01-01", c="2026-02-01", undated=None)
A, B, C, UNDATED, MISSING = (grant(key) for key in ("a", "b", "c", "undated", "missing"))


@pytest.mark.parametrize(
    ("tree", "on"),
    [
        (group("all_of", A, B, C), "2026-03-01"),
        (group("all_of", B, UNDATED), None),
        (group("any_of", A, B, C), "2026-01-01"),
        (group("any_of", A, UNDATED), "2026-03-01"),
        (group("any_of", UNDATED, MISSING), None),
        (group("at_least", A, B, C, n=1), "2026-01-01"),
        (group("at_least", A, B, C, n=2), "2026-02-01"),
        (group("at_least", A, B, C, MISSING, n=3), "2026-03-01"),
        (group("at_least", A, UNDATED, B, n=2), "2026-03-01"),
        (group("at_least", A, UNDATED, MISSING, n=2), None),
        (group("any_of", group("all_of", A, B), group("all_of", B, C)), "2026-02-01"),
        (group("all_of", group("any_of", A, C), B), "2026-02-01"),
    ],
)
def test_met_on_of_groups(tree: dict[str, Any], on: str | None) -> None:
    outcome = outcome_of(tree, DATES)
    assert outcome.is_met
    assert outcome.met_on == (at(on) if on else None)


@pytest.mark.parametrize(
    ("minimum", "on"), [(1, "2026-01-01"), (2, "2026-02-01"), (3, "2026-02-01"), (4, "2026-03-01")]
)
def test_credits_are_met_when_the_sum_is_reached(minimum: int, on: str) -> None:
    of = (grant("a", credits=1), grant("b", credits=1), grant("c", credits=2))
    assert outcome_of(group("credits", *of, minimum=minimum), DATES).met_on == at(on)


def test_credits_that_need_a_fact_without_a_date_are_met_without_a_date() -> None:
    of = (grant("undated", credits=1), grant("b", credits=1))
    assert outcome_of(group("credits", *of, minimum=1), DATES).met_on == at("2026-01-01")
    outcome = outcome_of(group("credits", *of, minimum=2), DATES)
    assert (outcome.truth, outcome.met_on) == (Truth.MET, None)


def test_what_is_not_met_or_unknown_has_no_date() -> None:
    assert outcome_of(group("all_of", A, MISSING), DATES).met_on is None
    unknown = granted(a="2026-03-01", missing=Unknown())
    outcome = outcome_of(group("all_of", A, MISSING), unknown)
    assert (outcome.truth, outcome.met_on) == (Truth.UNKNOWN, None)


# --- what a group says -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "fields", "params"),
    [
        ("all_of", {}, {"met": 1, "needed": 3, "of": 3}),
        ("any_of", {}, {"met": 1, "needed": 1, "of": 3}),
        ("at_least", {"n": 2}, {"met": 1, "needed": 2, "of": 3}),
    ],
)
def test_group_says_how_many_are_met_and_needed(
    kind: str, fields: dict[str, Any], params: dict[str, int]
) -> None:
    reason = judged(kind, "MNU", **fields).reason
    assert (reason.key, reason.params) == (f"group.{kind}", params)


def test_credits_group_says_how_many_are_earned_and_needed() -> None:
    reason = judged("credits", "MNU", ("2.5", "1", "1"), minimum=4).reason
    assert reason.key == "group.credits"
    assert {name: str(value) for name, value in reason.params.items()} == {
        "earned": "2.5",
        "needed": "4",
    }


def test_outcome_has_the_path_of_every_node() -> None:
    tree = group("all_of", A, group("any_of", B, C))
    leaves = list(outcome_of(tree, DATES).leaves())
    assert [leaf.path for leaf in leaves] == [
        "requirements.of[0]",
        "requirements.of[1].of[0]",
        "requirements.of[1].of[1]",
    ]


def test_next_change_is_the_earliest_of_those_below() -> None:
    tree = group("all_of", grant("later"), grant("soon"), grant("past"))
    record = granted(later="2026-09-01", soon="2026-07-01", past="2026-01-01")
    assert outcome_of(tree, record).changes_at == at("2026-07-01")
