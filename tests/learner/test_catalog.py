"""The catalogue's page: who finds what, what is remembered in addresses, and what it costs."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from microcred_plugin.definitions.models import Microcredential
from tests.factories import any_run, course, publish, publish_many
from tests.learner.conftest import A, B, Someone, settle


def text_of(client: Client, **query: str) -> str:
    response = client.get("/microcredentials/catalog/", query)
    assert response.status_code == 200
    return response.content.decode()


def test_visitor_finds_what_is_public(someone: object, visitor: Client) -> None:
    publish("data-literacy", course(A), description="Reads tables.", level="5",
            level_framework="EQF", workload_hours=75, credit_value=1.5, credit_kind="CEU",
            skills=[{"name": f"Skill {number}"} for number in range(5)])  # fmt: skip
    page = text_of(visitor)
    for text in ("Data Literacy", "NordU", "EQF 5", "75 hours", "1.5 CEU", "Reads tables.", "+2"):
        assert text in page
    assert "Counts courses I am in" not in page


def test_empty_catalogue_says_so(someone: object, visitor: Client) -> None:
    assert "Nothing can be earned yet" in text_of(visitor)


def test_search_without_a_hit_offers_a_way_back(someone: object, visitor: Client) -> None:
    publish("data-literacy", course(A))
    page = text_of(visitor, q="zebra")
    assert "Nothing fits" in page
    assert 'value="zebra"' in page


def test_what_is_asked_for_is_kept_from_page_to_page(someone: object, visitor: Client) -> None:
    publish_many(30, lambda position: [A])
    page = text_of(visitor, q="Bulk", organization="NordU")
    assert "Page 1 of 2" in page
    assert 'href="?q=Bulk&amp;organization=NordU&amp;page=2"' in page
    assert "Page 2 of 2" in text_of(visitor, q="Bulk", page="2")


@pytest.mark.parametrize(
    "query", ["\x00", "%", "'; DROP TABLE", "<script>alert(1)</script>", "é" * 500]
)
def test_whatever_is_searched_for_is_searched_for(
    someone: object, visitor: Client, query: str
) -> None:
    publish("data-literacy", course(A))
    page = text_of(visitor, q=query, skill=query, level=query, organization=query, page=query)
    assert "<script>alert" not in page


def test_courses_that_one_is_in_narrow_it_down(ada: Someone) -> None:
    publish("one", course(A))
    publish("two", any_run("NordU+B"))
    publish("three", course("course-v1:NordU+C+1"))
    ada.host.enroll(ada.id, A)
    ada.host.enroll(ada.id, B)
    ada.passes("course-v1:NordU+C+1")
    ada.host.unenroll(ada.id, "course-v1:NordU+C+1")
    page = ada.page("catalog/", mine="1")
    assert "2 microcredentials" in page
    assert "Three" not in page


def test_what_is_for_an_organisation_is_found_by_who_studies_there(
    ada: Someone, visitor: Client
) -> None:
    made = publish("ours", course(A))
    Microcredential.objects.filter(pk=made.pk).update(visibility="organization")
    assert "Ours" not in text_of(visitor)
    assert "Ours" not in ada.page("catalog/")
    ada.host.enroll(ada.id, B)
    assert "Ours" in ada.page("catalog/")
    assert "Ours" not in text_of(visitor)


def test_what_one_holds_says_so(ada: Someone) -> None:
    publish("data-literacy", course(A))
    assert "Earned" not in ada.page("catalog/")
    ada.passes(A)
    settle()
    assert "Earned" in ada.page("catalog/")


def test_platform_that_can_not_be_asked_leaves_the_catalogue(ada: Someone) -> None:
    publish("data-literacy", course(A))
    ada.host.course_results = _fail  # type: ignore[method-assign]
    try:
        page = ada.page("catalog/")
    finally:
        del ada.host.course_results
    assert "Data Literacy" in page
    assert "can't be read just now" in page


def _fail(*_args: object) -> None:
    raise RuntimeError("down")


@pytest.mark.parametrize("offers", [1, 30, 2000])
def test_queries_do_not_grow_with_the_catalogue(ada: Someone, offers: int) -> None:
    publish_many(offers, lambda position: [A])
    ada.page("catalog/")
    with CaptureQueriesContext(connection) as queries:
        ada.page("catalog/", q="Bulk", mine="1")
    # The session, the user; how many, these, what of them one holds, three kinds of facets. Nobody
    # is in a course here, and then nothing can count one.
    assert len(queries) == 2 + 3
    ada.host.enroll(ada.id, A)
    with CaptureQueriesContext(connection) as queries:
        ada.page("catalog/", q="Bulk", mine="1")
    assert len(queries) == 2 + 6
