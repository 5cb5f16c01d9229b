"""What a learner has begun, the nearest first."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from microcred_plugin import decisions
from microcred_plugin.definitions import api as definitions
from tests.factories import LONG_AGO, all_of, course, publish
from tests.learner.conftest import A, B, C, Someone, settle
from tests.rest_api.conftest import ask, out_of_order, read


def titles(found: dict[str, object]) -> list[str]:
    return [one["title"] for one in found["results"]]  # type: ignore[attr-defined]


def test_nearest_comes_first(ada: Someone) -> None:
    publish("far", all_of(course(A), course(B), course(C)))
    publish("near", all_of(course(A), course(B)))
    publish("not-begun", all_of(course(B), course(C)))
    publish("arriving", course(A))
    publish("lost", all_of(course(A), course(B, not_after="2026-01-31")))
    ada.passes(A)
    found = read(ada.client, "progress/")
    assert titles(found) == ["Arriving", "Near", "Far"]
    assert [(one["done"], one["total"]) for one in found["results"]] == [(1, 1), (1, 2), (1, 3)]


def test_what_is_held_is_not_under_way(ada: Someone) -> None:
    publish("literacy", course(A))
    ada.passes(A)
    settle()
    assert read(ada.client, "progress/")["count"] == 0


@pytest.mark.parametrize("switch", ["off", "observe"])
def test_what_is_not_switched_on_is_not_spoken_of(ada: Someone, switch: str) -> None:
    made = publish("literacy", all_of(course(A), course(B)))
    definitions.set_switch(microcredential=made, switch=switch)
    ada.passes(A)
    assert read(ada.client, "progress/")["count"] == 0


def test_site_that_is_switched_off_speaks_of_nothing(ada: Someone, settings: object) -> None:
    publish("literacy", all_of(course(A), course(B)))
    ada.passes(A)
    settings.MICROCRED_SWITCH = "observe"  # type: ignore[attr-defined]
    assert read(ada.client, "progress/")["count"] == 0


def test_who_was_refused_by_a_person_is_not_told_to_go_on(ada: Someone) -> None:
    made = publish("literacy", course(A))
    ada.passes(A)
    settle()
    decisions.revoke(
        learner_id=ada.id, microcredential_id=made.pk, by_id=None, reason="", now=LONG_AGO
    )
    assert read(ada.client, "progress/")["count"] == 0


def test_platform_that_can_not_be_asked_is_an_error(ada: Someone) -> None:
    publish("literacy", all_of(course(A), course(B)))
    ada.passes(A)
    with out_of_order(ada.host):
        response = ask(ada.client, "progress/")
    assert response.status_code == 503
    assert response.json() == {  # type: ignore[attr-defined]
        "detail": "The course records could not be read. Nothing is lost; try again later."
    }


# The session and the user; awards, index, the stack's two, decisions.
@pytest.mark.parametrize("count", [1, 30, 300])
def test_queries_do_not_grow(ada: Someone, count: int) -> None:
    for number in range(count):
        publish(f"badge-{number:03}", all_of(course(A), course(B)))
    ada.passes(A)
    read(ada.client, "progress/")
    with CaptureQueriesContext(connection) as queries:
        assert read(ada.client, "progress/", page_size=100)["count"] == count
    assert len(queries) == 2 + 5
