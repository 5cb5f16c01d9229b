"""One request has all that a dashboard shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from microcred_plugin.awards import api as awards
from microcred_plugin.definitions.models import Microcredential
from tests.factories import LONG_AGO, all_of, course, holds, publish
from tests.learner.conftest import A, B, C, Someone, settle
from tests.rest_api.conftest import LMS, out_of_order, read


def titles(part: dict[str, object]) -> list[str]:
    return [one["title"] for one in part["results"]]  # type: ignore[attr-defined]


def test_learner_without_anything_is_told_where_to_begin(ada: Someone) -> None:
    assert read(ada.client, "overview/") == {
        "home_url": f"{LMS}/microcredentials/",
        "catalog_url": f"{LMS}/microcredentials/catalog/",
        "is_complete": True,
        "awards": {"count": 0, "results": []},
        "under_way": {"count": 0, "results": []},
    }


def test_award_is_all_there(ada: Someone) -> None:
    made = publish("data-literacy", course(A), validity_months=120)
    ada.passes(A)
    settle()
    award = ada.award(made)
    assert read(ada.client, "overview/")["awards"] == {
        "count": 1,
        "results": [
            {
                "uuid": str(award.uuid),
                "title": "Data Literacy",
                "organization": "NordU",
                "state": "active",
                "state_text": "Active",
                "met_on": "2026-03-02T00:00:00Z",
                "expires_at": "2036-03-02T00:00:00Z",
                "url": f"{LMS}/microcredentials/awards/{award.uuid}",
                "image_url": f"{LMS}/microcredentials/m/{made.uuid}/1/badge.svg",
                "microcredential_url": f"{LMS}/microcredentials/m/{made.uuid}/",
            }
        ],
    }


def test_what_is_under_way_is_all_there(ada: Someone) -> None:
    made = publish("series", all_of(course(A), course(B)))
    ada.passes(A)
    assert read(ada.client, "overview/")["under_way"] == {
        "count": 1,
        "results": [
            {
                "uuid": str(made.uuid),
                "title": "Series",
                "organization": "NordU",
                "url": f"{LMS}/microcredentials/m/{made.uuid}/",
                "image_url": f"{LMS}/microcredentials/m/{made.uuid}/1/badge.svg",
                "done": 1,
                "total": 2,
                "summary": "1 step to go.",
                "is_being_awarded": False,
                "next_step": {
                    "text": "Enroll in Course B and pass it.",
                    "url": f"{LMS}/courses/{B}/about",
                },
            }
        ],
    }


def test_three_are_under_way_and_the_nearest_comes_first(ada: Someone) -> None:
    for number in range(3):
        publish(f"far-{number}", all_of(course(A), course(B), course(C)))
    publish("near", all_of(course(A), course(B)))
    ada.passes(A)
    found = read(ada.client, "overview/")["under_way"]
    assert titles(found) == ["Near", "Far 0", "Far 1"]
    assert found["count"] == 4


def test_what_is_being_awarded_comes_before_what_is_to_be_done(ada: Someone) -> None:
    publish("done", course(A))
    publish("begun", all_of(course(A), course(B)))
    ada.passes(A)
    found = read(ada.client, "overview/")["under_way"]
    assert [(one["title"], one["is_being_awarded"]) for one in found["results"]] == [
        ("Done", True),
        ("Begun", False),
    ]
    assert found["results"][0]["next_step"] is None


def test_step_towards_another_microcredential_leads_to_its_page(ada: Someone) -> None:
    low = publish("low", course(B))
    publish("high", all_of(course(A), holds(low)))
    ada.passes(A)
    (found,) = read(ada.client, "overview/")["under_way"]["results"]
    assert found["next_step"]["url"] == f"{LMS}/microcredentials/m/{low.uuid}/"


def test_address_that_the_host_gives_in_full_stays_as_it_is(ada: Someone) -> None:
    publish("series", all_of(course(A), course(B)))
    ada.passes(A)
    ada.host.course_url = lambda key, **_: f"https://mfe.example.org/{key}"  # type: ignore[method-assign]
    try:
        (found,) = read(ada.client, "overview/")["under_way"]["results"]
    finally:
        del ada.host.course_url
    assert found["next_step"]["url"] == f"https://mfe.example.org/{B}"


def test_six_awards_are_shown_and_the_newest_come_first(ada: Someone) -> None:
    for number in range(8):
        run = f"course-v1:NordU+X{number}+1"
        ada.host.add_run(run)
        publish(f"badge-{number}", course(run))
        ada.passes(run, on=LONG_AGO + timedelta(days=number))
    settle()
    found = read(ada.client, "overview/")["awards"]
    assert titles(found) == [f"Badge {number}" for number in (7, 6, 5, 4, 3, 2)]
    assert found["count"] == 8


def test_what_the_page_does_not_list_among_badges_is_left_out(ada: Someone) -> None:
    lower = publish("lower", course(A))
    publish("higher", course(A), supersedes=lower)
    hidden = publish("hidden", course(B))
    publish("revoked", course(C), policy="revoke")
    ada.passes(A, B, C)
    settle()
    awards.set_hidden(ada.award(hidden).uuid, learner_id=ada.id, is_hidden=True)
    ada.host.fail_course(ada.id, C)
    settle()
    found = read(ada.client, "overview/")["awards"]
    assert titles(found) == ["Higher"]
    assert found["count"] == 1


def test_suspended_award_says_so_first(ada: Someone) -> None:
    publish("kept", course(B))
    publish("lost", course(A), policy="suspend")
    ada.passes(A, on=LONG_AGO + timedelta(days=1))
    ada.passes(B)
    settle()
    ada.host.fail_course(ada.id, A)
    settle()
    found = read(ada.client, "overview/")
    assert [
        (one["title"], one["state"], one["state_text"]) for one in found["awards"]["results"]
    ] == [
        ("Lost", "suspended", "Suspended"),
        ("Kept", "active", "Active"),
    ]
    assert titles(found["under_way"]) == ["Lost"]


def test_unlisted_one_is_not_spoken_of_before_it_is_held(ada: Someone) -> None:
    made = publish("surprise", all_of(course(A), course(B)))
    Microcredential.objects.filter(pk=made.pk).update(visibility="unlisted")
    ada.passes(A)
    assert read(ada.client, "overview/")["under_way"]["count"] == 0
    ada.passes(B)
    settle()
    assert titles(read(ada.client, "overview/")["awards"]) == ["Surprise"]


def test_platform_that_can_not_be_asked_leaves_the_awards(ada: Someone) -> None:
    publish("literacy", course(A))
    publish("series", all_of(course(A), course(B)))
    ada.passes(A)
    settle()
    with out_of_order(ada.host):
        found = read(ada.client, "overview/")
    assert titles(found["awards"]) == ["Literacy"]
    assert found["is_complete"] is False
    assert found["under_way"] == {"count": 0, "results": []}


def test_texts_are_in_the_language_of_the_request(ada: Someone) -> None:
    publish("literacy", course(A))
    publish("series", all_of(course(A), course(B)))
    ada.passes(A)
    settle()
    response = ada.client.get(
        "/microcredentials/api/v1/overview/", headers={"Accept-Language": "de"}
    )
    found = response.json()
    assert found["awards"]["results"][0]["state_text"] == "Aktiv"
    assert "Schreiben Sie sich" in found["under_way"]["results"][0]["next_step"]["text"]
    assert response["Content-Language"] == "de"


def test_no_cache_keeps_it(ada: Someone) -> None:
    response = ada.client.get("/microcredentials/api/v1/overview/")
    assert set(response["Cache-Control"].split(", ")) == {"private", "no-store"}
    assert {"Accept-Language", "Authorization", "Cookie"} <= set(response["Vary"].split(", "))


# Of the platform: the session and the user. Of ours: awards, index, the stack's two, decisions.
@pytest.mark.parametrize("count", [1, 30, 300])
def test_queries_do_not_grow(ada: Someone, count: int) -> None:
    for number in range(count):
        publish(f"badge-{number:03}", course(A))
        publish(f"series-{number:03}", all_of(course(A), course(B)))
    ada.passes(A)
    settle()
    read(ada.client, "overview/")
    with CaptureQueriesContext(connection) as queries:
        found = read(ada.client, "overview/")
    assert (found["awards"]["count"], found["under_way"]["count"]) == (count, count)
    assert len(queries) == 2 + 5


def test_nobody_reads_of_another_learner(ada: Someone, someone: Callable[..., Someone]) -> None:
    publish("literacy", course(A))
    publish("series", all_of(course(A), course(B)))
    ada.passes(A)
    settle()
    found = read(someone("bob").client, "overview/")
    assert (found["awards"]["count"], found["under_way"]["count"]) == (0, 0)
