"""The catalog, and one microcredential with everything that may be asked of it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import Microcredential
from tests.factories import LONG_AGO, all_of, course, holds, publish, publish_many
from tests.learner.conftest import A, B, Someone, settle
from tests.rest_api.conftest import LMS, ROOT, ask, out_of_order, read

SKILL = {
    "name": "Read tables",
    "framework": "ESCO",
    "code": "S1.2",
    "url": "https://skills.example.org/s1.2",
    "target_type": "ext:ESCOSkill",
}


def titles(found: dict[str, object]) -> list[str]:
    return [one["title"] for one in found["results"]]  # type: ignore[attr-defined]


def test_visitor_finds_what_is_public(someone: object, visitor: Client) -> None:
    made = publish(
        "data-literacy", course(A), description="Reads tables.", level="5", level_framework="EQF",
        workload_hours=75, credit_value=1.5, credit_kind="CEU", skills=[SKILL, {"name": "Count"}],
    )  # fmt: skip
    found = read(visitor, "microcredentials/")
    assert (found["count"], found["is_complete"]) == (1, True)
    assert found["results"] == [
        {
            "uuid": str(made.uuid),
            "title": "Data Literacy",
            "organization": "NordU",
            "description": "Reads tables.",
            "language": "en",
            "version": 1,
            "level": "5",
            "level_framework": "EQF",
            "skills": [SKILL, {"name": "Count"}],
            "workload_hours": 75.0,
            "credit_value": 1.5,
            "credit_kind": "CEU",
            "url": f"{LMS}/microcredentials/m/{made.uuid}/",
            "image_url": f"{LMS}/microcredentials/m/{made.uuid}/1/badge.svg",
            "state": None,
        }
    ]


def test_learner_is_told_what_they_hold(ada: Someone) -> None:
    publish("one", course(A))
    publish("two", course(B))
    ada.passes(A)
    settle()
    found = read(ada.client, "microcredentials/")
    assert [(one["title"], one["state"]) for one in found["results"]] == [
        ("One", "active"),
        ("Two", None),
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["Cooking", "Data Literacy", "Statistics"]),
        ({"q": "tables"}, ["Data Literacy"]),
        ({"organization": "Harbor"}, ["Cooking"]),
        ({"skill": "Count"}, ["Data Literacy", "Statistics"]),
        ({"level": "5"}, ["Statistics"]),
        ({"skill": "Count", "q": "zebra"}, []),
        ({"mine": "1"}, ["Data Literacy"]),
    ],
)
def test_filters_are_those_of_the_page(
    ada: Someone, query: dict[str, str], expected: list[str]
) -> None:
    publish("data-literacy", course(A), description="Tables.", skills=[{"name": "Count"}])
    publish("statistics", course(B), level="5", skills=[{"name": "Count"}])
    publish("cooking", course(B), organization="Harbor")
    ada.host.enroll(ada.id, A)
    assert titles(read(ada.client, "microcredentials/", **query)) == expected


def test_pages_keep_what_is_asked_for(someone: object, visitor: Client) -> None:
    publish_many(30, lambda position: [A])
    found = read(visitor, "microcredentials/", q="Bulk", page_size=20)
    assert len(found["results"]) == 20
    assert found["next"] == f"{LMS}{ROOT}microcredentials/?page=2&page_size=20&q=Bulk"
    assert ask(visitor, "microcredentials/", page=9).status_code == 404


@pytest.mark.parametrize("query", ["\x00", "%", "'; DROP TABLE", "é" * 500])
def test_whatever_is_searched_for_is_searched_for(
    someone: object, visitor: Client, query: str
) -> None:
    publish("data-literacy", course(A))
    read(visitor, "microcredentials/", q=query, skill=query, level=query, organization=query)


def test_platform_that_can_not_be_asked_leaves_what_is_public(ada: Someone) -> None:
    publish("literacy", course(A))
    with out_of_order(ada.host):
        found = read(ada.client, "microcredentials/")
    assert titles(found) == ["Literacy"]
    assert found["is_complete"] is False


def test_one_says_everything_that_may_be_asked_of_it(someone: object, visitor: Client) -> None:
    low = publish("low", course(B))
    made = publish(
        "literacy", all_of(course(A), holds(low)), eligibility=course(B), description="Reads.",
        language="en", level="5", level_framework="EQF", workload_hours=10, credit_value=3,
        credit_kind="ECTS", assessment_type="Exam", supervision="None", participation="Online",
        quality_assurance="NordU", prerequisites="None", validity_months=24, needs_approval=True,
        skills=[SKILL],
    )  # fmt: skip
    publish("above", holds(made))
    found = read(visitor, f"microcredentials/{made.uuid}/")
    assert {name: found[name] for name in (
        "title", "version", "is_open", "published_at", "closes_at", "level", "level_framework",
        "workload_hours", "credit_value", "credit_kind", "assessment_type", "supervision",
        "participation", "quality_assurance", "prerequisites", "validity_months",
        "needs_approval", "skills", "progress", "award", "is_complete",
    )} == {
        "title": "Literacy", "version": 1, "is_open": True,
        "published_at": "2026-01-01T00:00:00Z", "closes_at": None, "level": "5",
        "level_framework": "EQF", "workload_hours": 10.0, "credit_value": 3.0,
        "credit_kind": "ECTS", "assessment_type": "Exam", "supervision": "None",
        "participation": "Online", "quality_assurance": "NordU", "prerequisites": "None",
        "validity_months": 24, "needs_approval": True, "skills": [SKILL], "progress": None,
        "award": None, "is_complete": True,
    }  # fmt: skip
    assert [one["title"] for one in found["stacks_on"]] == ["Low"]
    assert [one["title"] for one in found["stacks_towards"]] == ["Above"]
    assert found["eligibility"]["text"] == "Pass Course B"
    tree = found["requirements"]
    assert tree["is_group"] is True
    assert [(one["text"], one["mark"], one["url"]) for one in tree["of"]] == [
        ("Pass Course A", "", f"{LMS}/courses/{A}/about"),
        ("Earn Low", "", f"{LMS}/microcredentials/m/{low.uuid}/"),
    ]


def test_learner_reads_where_they_stand(ada: Someone) -> None:
    made = publish("series", all_of(course(A), course(B)))
    ada.passes(A)
    found = read(ada.client, f"microcredentials/{made.uuid}/")
    assert (found["progress"]["done"], found["progress"]["total"]) == (1, 2)
    assert [one["mark"] for one in found["requirements"]["of"]] == ["met", "not_met"]
    ada.passes(B)
    settle()
    found = read(ada.client, f"microcredentials/{made.uuid}/")
    assert found["award"]["uuid"] == str(ada.award(made).uuid)


def test_version_is_the_one_that_can_be_earned(someone: object, visitor: Client) -> None:
    made = publish("literacy", course(A))
    publish("literacy", course(B), now=LONG_AGO.replace(month=2))
    assert read(visitor, f"microcredentials/{made.uuid}/")["version"] == 2


def test_draft_is_not_there_to_anybody(ada: Someone) -> None:
    made = definitions.create_microcredential(slug="draft", organization="NordU", title="Draft")
    definitions.create_draft(microcredential=made, content={"requirements": course(A)})
    for uuid in (made.uuid, uuid4()):
        response = ask(ada.client, f"microcredentials/{uuid}/")
        assert response.status_code == 404
        assert response.json() == {  # type: ignore[attr-defined]
            "detail": f"There is no microcredential {uuid}, or it is not public yet. The "
            "catalog has all that can be earned."
        }
    assert read(ada.client, "microcredentials/")["count"] == 0


# Of the platform: the session and the user. Of ours: the count, the page, what the reader holds.
@pytest.mark.parametrize("count", [1, 30, 300])
def test_queries_of_the_catalogue_do_not_grow(ada: Someone, count: int) -> None:
    publish_many(count, lambda position: [A])
    read(ada.client, "microcredentials/")
    with CaptureQueriesContext(connection) as queries:
        assert read(ada.client, "microcredentials/", page_size=100)["count"] == count
    assert len(queries) == 2 + 3


# The session and the user; versions, awards, the stack's two, decisions.
@pytest.mark.parametrize("count", [1, 30])
def test_queries_of_one_do_not_grow_with_what_stacks_on_it(ada: Someone, count: int) -> None:
    made = publish("literacy", course(A))
    for number in range(count):
        publish(f"above-{number}", all_of(holds(made), course(B)))
    with CaptureQueriesContext(connection) as queries:
        found = read(ada.client, f"microcredentials/{made.uuid}/")
    assert len(found["stacks_towards"]) == count
    assert len(queries) == 2 + 5


@pytest.mark.parametrize("visibility", ["public", "organization", "unlisted"])
@pytest.mark.parametrize("switch", ["on", "off", "observe"])
@pytest.mark.parametrize("who", ["visitor", "learner", "member", "holder", "staff"])
def test_nothing_is_told_that_the_pages_do_not_tell(
    someone: object, visitor: Client, who: str, switch: str, visibility: str
) -> None:
    """Whatever its state, and whoever reads: the title is in both or in neither."""
    made = publish("surprise", course(A))
    client = visitor
    if who != "visitor":
        reader: Someone = someone("bob", is_staff=who == "staff")  # type: ignore[operator]
        client = reader.client
        if who == "member":
            reader.host.enroll(reader.id, A)
        if who == "holder":
            reader.passes(A)
            settle()
    Microcredential.objects.filter(pk=made.pk).update(visibility=visibility)
    definitions.set_switch(microcredential=made, switch=switch)
    pairs = {
        "microcredentials/": "catalog/",
        f"microcredentials/{made.uuid}/": f"m/{made.uuid}/",
        f"courses/{A}/": f"course/{A}/",
        f"courses/?course_key={A.replace('+', '%2B')}": f"course/{A}/",
    }
    if who != "visitor":
        pairs["overview/"] = ""
    for endpoint, page in pairs.items():
        answer = client.get(f"/microcredentials/api/v1/{endpoint}")
        shown = client.get(f"/microcredentials/{page}")
        assert answer.status_code == shown.status_code, endpoint
        assert (b"Surprise" in answer.content) is (b"Surprise" in shown.content), endpoint
