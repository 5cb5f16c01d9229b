"""What readers would still ask of a definition: what is asked when, and what answers it."""

from __future__ import annotations

from typing import Any

import pytest
from django.template.loader import render_to_string

from microcred_plugin.definitions.api import Completeness, Question, asked_by_readers
from microcred_plugin.definitions.content import FIELDS
from tests.factories import course

RUN = "course-v1:NordU+A+2026"
DESCRIPTION = "The holder cleans a table of measurements, says what it shows, and what it does not."
FULL: dict[str, Any] = {
    "title": "Data Literacy",
    "description": DESCRIPTION,
    "skills": [{"name": "Reading tables", "url": "https://data.europa.eu/esco/skill/1"}],
    "workload_hours": 60,
    "credit_value": 2,
    "credit_kind": "ECTS",
    "level": "5",
    "level_framework": "EQF",
    "assessment_type": "Written examination",
    "supervision": "On site, with a look at a passport",
    "participation": "Online",
    "quality_assurance": "Accredited by the national agency",
    "prerequisites": "School mathematics",
    "requirements": course(RUN),
}


def question(content: dict[str, Any], key: str) -> Question | None:
    return next((one for one in asked_by_readers(content).questions if one.key == key), None)


def without(*names: str, **others: Any) -> dict[str, Any]:
    return {**{name: value for name, value in FULL.items() if name not in names}, **others}


def test_nothing_is_left_to_ask_where_everything_is_said() -> None:
    found = asked_by_readers(FULL)
    assert found.share == 100
    assert found.open == []
    assert len(found.answered) == len(found.questions) == 14


def test_everything_is_left_to_ask_of_a_title() -> None:
    found = asked_by_readers({"title": "Data Literacy"})
    assert found.share == 0
    assert found.answered == []
    # What matters most is asked first.
    assert [one.key for one in found.open][:3] == ["meaning", "requirements", "skills"]


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (without("description"), "meaning"),
        (without(description="Data Literacy."), "meaning"),
        (without(description="  \n" * 100), "meaning"),
        (without("requirements"), "requirements"),
        (without(requirements={"kind": "all_of", "of": []}), "requirements"),
        (
            without(requirements={"kind": "all_of", "of": [{"kind": "any_of", "of": []}]}),
            "requirements",
        ),
        (without("skills"), "skills"),
        (without(skills=[{"name": " "}]), "skills"),
        (without(skills=[*FULL["skills"], {"name": "Drawing charts"}]), "skills_linked"),
        (without("workload_hours", "credit_value", "credit_kind"), "workload"),
        (without("credit_value"), "credit_value"),
        (without("credit_kind"), "credit_kind"),
        (without("level", "level_framework"), "level"),
        (without("level_framework"), "level_framework"),
        (without("assessment_type"), "assessment"),
        (without("supervision"), "supervision"),
        (without("participation"), "participation"),
        (without("quality_assurance"), "quality"),
        (without("prerequisites"), "prerequisites"),
    ],
)
def test_what_is_not_said_is_asked(content: dict[str, Any], key: str) -> None:
    found = asked_by_readers(content)
    assert [one.key for one in found.open] == [key]
    assert found.share < 100


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (without("credit_value", "credit_kind"), "credit_value"),
        (without("credit_value", "credit_kind"), "credit_kind"),
        (without("level", "level_framework"), "level_framework"),
        (without("skills"), "skills_linked"),
    ],
)
def test_what_would_mean_nothing_is_not_asked(content: dict[str, Any], key: str) -> None:
    assert question(content, key) is None


def test_one_answer_may_do_for_another() -> None:
    credit = question(without("workload_hours"), "workload")
    assert credit is not None
    assert credit.is_answered
    eligibility = question(without("prerequisites", eligibility=course(RUN)), "prerequisites")
    assert eligibility is not None
    assert eligibility.is_answered


@pytest.mark.parametrize(
    "content",
    [
        {"skills": "Reading"},
        {"skills": [None, 7, {"name": None}]},
        {"requirements": [1, {"of": 3}]},
        {"requirements": "x", "description": None, "level": 5, "title": None},
    ],
)
def test_content_that_could_not_be_saved_is_looked_at_as_well(content: dict[str, Any]) -> None:
    assert 0 <= asked_by_readers(content).share < 100


def test_every_question_leads_to_a_field() -> None:
    questions = [*asked_by_readers(FULL).questions, *asked_by_readers({}).questions]
    assert {one.field for one in questions} <= set(FIELDS)
    assert all(one.asked_by for one in questions)


def test_every_answer_makes_it_more_complete() -> None:
    content: dict[str, Any] = {}
    shares = [0]
    for name in (
        "description",
        "requirements",
        "skills",
        "level",
        "level_framework",
        "supervision",
    ):
        content[name] = FULL[name]
        shares.append(asked_by_readers(content).share)
    assert shares == sorted(set(shares))


# --- the part of the page ----------------------------------------------------------------------


def rendered(completeness: Completeness) -> str:
    template = "microcred_plugin/studio/completeness.html"
    return render_to_string(template, {"completeness": completeness})


def test_part_links_what_is_open_to_its_field_and_says_who_asks() -> None:
    page = rendered(asked_by_readers(without("assessment_type")))
    is_open, _details, is_answered = page.partition("<details>")
    assert '<a href="#id_assessment_type">How was it assessed?</a>' in is_open
    assert "Other schools, Employers" in is_open
    assert "#id_quality_assurance" not in is_open
    assert "13 questions answered" in is_answered
    assert 'value="91"' in page
    assert "91 % answered" in page


def test_part_says_so_when_nothing_is_open() -> None:
    page = rendered(asked_by_readers(FULL))
    assert "Nothing of what readers usually ask is left open." in page
    assert 'value="100"' in page
