"""The receipt: the outcome and the facts it read, as JSON that lasts."""

from __future__ import annotations

import json
from decimal import Decimal

from microcred_plugin.evaluation.receipt import to_json
from microcred_plugin.evaluation.record import AwardFact, AwardState, DatedFact, LearnerRecord
from tests.evaluation import (
    OTHER_RUN,
    RUN,
    at,
    course,
    grant,
    group,
    in_courses,
    outcome_of,
    passed,
)


def test_receipt_of_a_passed_course_holds_what_was_read() -> None:
    outcome = outcome_of(
        course(title="Data literacy", certificate=True),
        in_courses(
            passed(
                percent_grade=Decimal("0.8150"),
                certificate_status="downloadable",
                certificate_mode="verified",
                certificate_created=at("2026-03-02"),
            )
        ),
    )
    assert to_json(outcome) == {
        "path": "requirements",
        "kind": "course",
        "title": "Data literacy",
        "truth": "met",
        "met_on": "2026-03-01T00:00:00+00:00",
        "reason": {
            "key": "course.met",
            "params": {"run": RUN, "on": "2026-03-01T00:00:00+00:00", "percent": 82},
        },
        "fact": {
            "run": RUN,
            "percent_grade": "0.8150",
            "letter_grade": "Pass",
            "passed_timestamp": "2026-03-01T00:00:00+00:00",
            "enrollment_mode": "verified",
            "certificate_status": "downloadable",
            "certificate_mode": "verified",
            "certificate_created": "2026-03-02T00:00:00+00:00",
        },
    }


def test_receipt_of_a_group_holds_those_of_its_children() -> None:
    record = LearnerRecord(
        awards={"m": AwardFact("award-1", AwardState.ACTIVE, at("2026-02-01"))},
        grants={"g": DatedFact(None, until=at("2027-01-01"))},
    )
    tree = group(
        "credits",
        {"kind": "microcredential", "microcredential": "m", "credits": "2.5"},
        grant("g", credits=1),
        grant("missing", credits=1),
        minimum=3,
    )
    receipt = to_json(outcome_of(tree, record))
    assert receipt["met_on"] is None
    assert receipt["reason"] == {
        "key": "group.credits",
        "params": {"earned": "3.5", "needed": "3"},
    }
    stacked, given, missing = receipt["of"]
    assert stacked["fact"] == {
        "award": "award-1",
        "state": "active",
        "met_on": "2026-02-01T00:00:00+00:00",
        "microcredential": "m",
    }
    assert given["fact"] == {"name": "g", "since": None, "until": "2027-01-01T00:00:00+00:00"}
    assert "fact" not in missing
    assert [child["path"] for child in receipt["of"]] == [
        f"requirements.of[{position}]" for position in range(3)
    ]


def test_receipt_of_the_empty_tree_says_that_it_is_empty() -> None:
    assert to_json(outcome_of(None, LearnerRecord())) == {
        "path": "requirements",
        "kind": None,
        "truth": "not_met",
        "met_on": None,
        "reason": {"key": "tree.empty", "params": {}},
    }


def test_receipt_is_plain_json() -> None:
    tree = group(
        "all_of", course(not_before="2026-04-01"), course(modes=["masters", "honor"]), grant("g")
    )
    receipt = to_json(outcome_of(tree, in_courses(passed())))
    assert json.loads(json.dumps(receipt)) == receipt


def test_receipt_is_the_same_whatever_the_order_of_the_facts() -> None:
    results = [passed(RUN), passed(OTHER_RUN)]
    receipts = [
        json.dumps(to_json(outcome_of(course(), in_courses(*order))))
        for order in (results, results[::-1])
    ]
    assert receipts[0] == receipts[1]


def test_receipt_of_a_met_tree_is_the_same_whenever_it_is_looked_at() -> None:
    tree = group("all_of", course(), grant("g"), within_months=6)
    record = LearnerRecord({RUN: passed()}, grants={"g": DatedFact(at("2026-04-01"))})
    early, late = (
        to_json(outcome_of(tree, record, now=at(now))) for now in ("2026-04-02", "2036-04-02")
    )
    assert early == late
