"""What a course counts towards: for a visitor, and for a learner."""

from __future__ import annotations

from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import Microcredential
from tests.factories import all_of, any_run, course, publish
from tests.learner.conftest import A, B, Someone, settle

CCX = "ccx-v1:NordU+A+1+ccx@7"


def text_of(client: Client, key: str) -> str:
    response = client.get(f"/microcredentials/course/{key}/")
    assert response.status_code == 200
    return unescape(response.content.decode())


def test_visitor_reads_what_it_counts_towards_and_how(someone: object, visitor: Client) -> None:
    publish("literacy", course(A, minimum_grade=70, certificate=True))
    publish("series", all_of(any_run("NordU+A"), course(B)))
    publish("elsewhere", course(B))
    page = text_of(visitor, A)
    assert "It counts towards 2 microcredentials" in page
    for text in ("Course A", "Literacy", "grade of 70 % or more", "with its certificate",
                 "Series", "in any run"):  # fmt: skip
        assert text in page
    assert "Elsewhere" not in page
    assert "Next step" not in page


def test_learner_reads_where_they_stand(ada: Someone) -> None:
    publish("literacy", course(A))
    publish("series", all_of(course(A), course(B)))
    ada.passes(A)
    settle()
    page = unescape(ada.page(f"course/{A}/"))
    assert "See your award" in page
    assert "1 of 2 steps" in page
    assert "Enroll in Course B and pass it." in page


def test_course_that_counts_towards_nothing_says_so(someone: object, visitor: Client) -> None:
    assert "It counts towards no microcredential yet" in text_of(visitor, B)


def test_run_of_a_coach_counts_only_where_it_is_named(ada: Someone, visitor: Client) -> None:
    ada.host.add_run(CCX, title="Coached")
    publish("any", any_run("NordU+A"))
    publish("named", course(CCX))
    page = text_of(visitor, CCX)
    assert "Named" in page
    assert "It counts towards 1 microcredential" in page


@pytest.mark.parametrize("key", ["course-v1:NordU+Nowhere+1", "nonsense", "a b", "%00", "<b>"])
def test_course_that_there_is_not_is_not_found(someone: object, visitor: Client, key: str) -> None:
    response = visitor.get(f"/microcredentials/course/{key}/")
    assert response.status_code == 404
    assert b"Not found" in response.content


@pytest.mark.parametrize("state", ["off", "observe"])
def test_what_is_not_on_offer_is_not_named(someone: object, visitor: Client, state: str) -> None:
    made = publish("literacy", course(A))
    definitions.set_switch(microcredential=made, switch=state)
    assert "Literacy" not in text_of(visitor, A)


@pytest.mark.parametrize("visibility", ["organization", "unlisted"])
def test_what_is_kept_off_the_lists_is_not_named(
    ada: Someone, visitor: Client, visibility: str
) -> None:
    made = publish("literacy", course(A))
    Microcredential.objects.filter(pk=made.pk).update(visibility=visibility)
    assert "Literacy" not in text_of(visitor, A)
    assert "Literacy" not in ada.page(f"course/{A}/")
    ada.host.enroll(ada.id, A)
    assert ("Literacy" in ada.page(f"course/{A}/")) is (visibility == "organization")


def test_platform_that_can_not_be_asked_is_said(ada: Someone) -> None:
    publish("literacy", course(A))
    ada.host.course_runs = _fail  # type: ignore[method-assign]
    try:
        response = ada.client.get(f"/microcredentials/course/{A}/")
    finally:
        del ada.host.course_runs
    assert response.status_code == 503
    assert b"Nothing is lost; try again later." in response.content


def _fail(*_args: object) -> None:
    raise RuntimeError("down")


@pytest.mark.parametrize("count", [1, 30, 300])
def test_queries_do_not_grow_with_what_it_counts_towards(ada: Someone, count: int) -> None:
    for number in range(count):
        publish(f"badge-{number:03}", all_of(course(A), course(B)))
    ada.passes(A)
    ada.page(f"course/{A}/")
    with CaptureQueriesContext(connection) as queries:
        ada.page(f"course/{A}/")
    # The session and the user; the index, awards, the stack's two, decisions.
    assert len(queries) == 2 + 5
