"""What course runs count towards: one of them, and as many as a dashboard lists."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import Microcredential
from tests.factories import all_of, any_run, course, publish
from tests.learner.conftest import A, B, C, Someone, settle
from tests.rest_api.conftest import LMS, ROOT, ask, out_of_order, read

CCX = "ccx-v1:NordU+A+1+ccx@7"


def test_visitor_reads_what_it_counts_towards(someone: object, visitor: Client) -> None:
    made = publish("literacy", course(A, minimum_grade=70, certificate=True))
    publish("elsewhere", course(B))
    assert read(visitor, f"courses/{A}/") == {
        "course_key": A,
        "title": "Course A",
        "organization": "NordU",
        "url": f"{LMS}/courses/{A}/about",
        "is_enrolled": False,
        "is_complete": True,
        "microcredentials": [
            {
                "uuid": str(made.uuid),
                "title": "Literacy",
                "organization": "NordU",
                "level_text": "",
                "url": f"{LMS}/microcredentials/m/{made.uuid}/",
                "image_url": f"{LMS}/microcredentials/m/{made.uuid}/1/badge.svg",
                "asked": [
                    {
                        "title": "",
                        "text": "Pass Course A",
                        "options": ["grade of 70 % or more", "with its certificate"],
                    }
                ],
                "progress": None,
                "award": None,
            }
        ],
    }


def test_learner_reads_where_they_stand(ada: Someone) -> None:
    made = publish("literacy", course(A))
    publish("series", all_of(course(A), course(B)))
    ada.passes(A)
    settle()
    found = read(ada.client, f"courses/{A}/")
    assert found["is_enrolled"] is True
    assert found["url"] == f"{LMS}/courses/{A}/home"
    literacy, series = found["microcredentials"]
    assert literacy["award"]["uuid"] == str(ada.award(made).uuid)
    assert literacy["award"]["state"] == "active"
    assert literacy["progress"] is None
    assert series["award"] is None
    assert series["progress"] == {
        "done": 1,
        "total": 2,
        "summary": series["progress"]["summary"],
        "is_under_way": True,
        "is_being_awarded": False,
        "is_blocked": False,
        "next_step": {
            "text": "Enroll in Course B and pass it.",
            "url": f"{LMS}/courses/{B}/about",
        },
    }


def test_nothing_is_left_to_do_for_an_award_that_is_kept(ada: Someone) -> None:
    kept = publish("kept", course(A))
    publish("suspended", course(A), policy="suspend")
    ada.passes(A)
    settle()
    ada.host.fail_course(ada.id, A)
    settle()
    one, other = read(ada.client, f"courses/{A}/")["microcredentials"]
    assert (one["award"]["state"], one["progress"]) == ("active", None)
    assert other["award"]["state"] == "suspended"
    assert other["progress"]["next_step"]["text"] == "Pass Course A: you have 40 % so far."
    assert read(ada.client, f"microcredentials/{kept.uuid}/")["progress"] is None


def test_run_of_a_coach_counts_only_where_it_is_named(ada: Someone) -> None:
    ada.host.add_run(CCX, title="Coached")
    publish("any", any_run("NordU+A"))
    publish("named", course(CCX))
    found = read(ada.client, f"courses/{CCX}/")
    assert [one["title"] for one in found["microcredentials"]] == ["Named"]


@pytest.mark.parametrize("key", ["course-v1:NordU+Nowhere+1", "NordU/Nowhere/1", "library-v1:N+L"])
def test_course_that_there_is_not_is_not_found(visitor: Client, db: None, key: str) -> None:
    response = ask(visitor, f"courses/{key}/")
    assert response.status_code == 404
    assert response.json() == {  # type: ignore[attr-defined]
        "detail": f"There is no course run “{key}”. Look for a typing error."
    }


@pytest.mark.parametrize("key", ["nonsense", "a b", "course-v1:A+B", "\x00", "<b>", "é" * 300])
def test_what_is_no_key_is_refused(visitor: Client, db: None, key: str) -> None:
    response = ask(visitor, f"courses/{key.replace(chr(0), '%00')}/")
    assert response.status_code == 400
    assert response.json() == {  # type: ignore[attr-defined]
        "detail": f"This is not the key of a course run: {key}. One looks like "
        "course-v1:Org+Course+Run."
    }


@pytest.mark.parametrize("state", ["off", "observe", "draft", "unlisted", "organization"])
def test_what_is_not_for_everybody_is_not_named(
    someone: object, visitor: Client, state: str
) -> None:
    made = publish("literacy", course(A))
    if state in ("off", "observe"):
        definitions.set_switch(microcredential=made, switch=state)
    elif state == "draft":
        definitions.create_microcredential(slug="draft", organization="NordU", title="Draft")
        Microcredential.objects.filter(pk=made.pk).update(visibility="unlisted")
    else:
        Microcredential.objects.filter(pk=made.pk).update(visibility=state)
    assert read(visitor, f"courses/{A}/")["microcredentials"] == []


def test_what_is_for_an_organisation_is_named_to_who_studies_there(ada: Someone) -> None:
    made = publish("ours", course(A))
    Microcredential.objects.filter(pk=made.pk).update(visibility="organization")
    assert read(ada.client, f"courses/{A}/")["microcredentials"] == []
    ada.host.enroll(ada.id, B)
    assert len(read(ada.client, f"courses/{A}/")["microcredentials"]) == 1


def test_platform_that_can_not_be_asked_is_an_error(ada: Someone) -> None:
    with out_of_order(ada.host):
        responses = [ask(ada.client, f"courses/{A}/"), ask(ada.client, "courses/", course_key=A)]
    assert [response.status_code for response in responses] == [503, 503]


# --- several -----------------------------------------------------------------------------------


def test_several_are_answered_in_the_order_in_which_they_are_asked_for(ada: Someone) -> None:
    publish("literacy", course(A))
    publish("series", all_of(course(A), course(B)))
    ada.passes(A)
    nowhere = "course-v1:NordU+Nowhere+1"
    found = read(ada.client, "courses/", course_key=[B, nowhere, A, B])
    assert [
        (one["course_key"], [counts["title"] for counts in one["microcredentials"]])
        for one in found["results"]
    ] == [(B, ["Series"]), (A, ["Literacy", "Series"])]
    assert found["unknown"] == [nowhere]
    assert found["results"][1] == read(ada.client, f"courses/{A}/")


def test_plus_that_is_not_encoded_is_one_all_the_same(ada: Someone) -> None:
    response = ada.client.get(f"{ROOT}courses/?course_key={A}")
    assert [one["course_key"] for one in response.json()["results"]] == [A]


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ([], "No course is named. Add “?course_key=…”, once for each."),
        ([A, "x", "y"], "These are not keys of course runs: x, y. One looks like "
         "course-v1:Org+Course+Run."),
        ([f"course-v1:NordU+X{number}+1" for number in range(101)],
         "101 courses are too many at once. Ask for up to 100 at a time."),
    ],
)  # fmt: skip
def test_what_can_not_be_answered_is_refused(
    visitor: Client, db: None, keys: list[str], reason: str
) -> None:
    response = ask(visitor, "courses/", course_key=keys)
    assert response.status_code == 400
    assert response.json() == {"detail": reason}  # type: ignore[attr-defined]


# The session and the user; the index, awards, the stack's two, decisions.
@pytest.mark.parametrize("count", [1, 30, 100])
def test_queries_do_not_grow_with_the_courses(ada: Someone, count: int) -> None:
    runs = [f"course-v1:NordU+X{number}+1" for number in range(count)]
    for number, run in enumerate(runs):
        ada.host.add_run(run)
        publish(f"badge-{number:03}", all_of(course(run), course(C)))
        ada.passes(run)
    read(ada.client, "courses/", course_key=runs)
    with CaptureQueriesContext(connection) as queries:
        found = read(ada.client, "courses/", course_key=runs)
    assert len(found["results"]) == count
    assert len(queries) == 2 + 5


@pytest.mark.parametrize("count", [1, 30, 300])
def test_queries_do_not_grow_with_what_it_counts_towards(ada: Someone, count: int) -> None:
    for number in range(count):
        publish(f"badge-{number:03}", all_of(course(A), course(B)))
    ada.passes(A)
    read(ada.client, f"courses/{A}/")
    with CaptureQueriesContext(connection) as queries:
        assert len(read(ada.client, f"courses/{A}/")["microcredentials"]) == count
    assert len(queries) == 2 + 5
