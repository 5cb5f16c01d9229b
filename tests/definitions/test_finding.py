"""Microcredentials that an author can stack on."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import Microcredential, Visibility
from tests.factories import LONG_AGO, course, publish
from tests.fakes import FakeHost

pytestmark = pytest.mark.django_db

A = "course-v1:NordU+A+1"


@pytest.fixture(autouse=True)
def _published(host: FakeHost) -> None:
    host.add_run(A)
    publish("algebra-one", course(A), organization="NordU")
    publish("algebra-two", course(A), organization="Harbor")
    hidden = publish("algebra-inside", course(A), organization="Harbor")
    Microcredential.objects.filter(pk=hidden.pk).update(visibility=Visibility.ORGANIZATION)
    unlisted = publish("algebra-unlisted", course(A), organization="NordU")
    Microcredential.objects.filter(pk=unlisted.pk).update(visibility=Visibility.UNLISTED)
    definitions.create_microcredential(slug="algebra-draft", organization="NordU", title="Algebra")


def found(text: str, organizations: list[str] | None = None, limit: int = 10) -> list[str]:
    return [
        one.slug
        for one in definitions.search_published(text, organizations=organizations, limit=limit)
    ]


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("algebra", ["algebra-inside", "algebra-one", "algebra-two", "algebra-unlisted"]),
        ("HARBOR alg", ["algebra-inside", "algebra-two"]),
        ("two", ["algebra-two"]),
        ("algebra botany", []),
        ("%", []),
        ("\x00", []),
        (" ", []),
    ],
)
def test_published_ones_are_found_by_every_word(text: str, slugs: list[str]) -> None:
    assert found(text) == slugs
    assert found(text, limit=1) == slugs[:1]


@pytest.mark.parametrize(
    ("organizations", "slugs"),
    [
        ([], ["algebra-one", "algebra-two"]),
        (["Harbor"], ["algebra-inside", "algebra-one", "algebra-two"]),
        (["NordU"], ["algebra-one", "algebra-two", "algebra-unlisted"]),
    ],
)
def test_what_is_not_public_is_found_by_its_own(organizations: list[str], slugs: list[str]) -> None:
    assert found("algebra", organizations) == slugs


def test_closed_one_is_not_found() -> None:
    one = Microcredential.objects.get(slug="algebra-one")
    (version,) = definitions.published_versions(one.uuid)
    type(version).objects.filter(pk=version.pk).update(state="closed", closes_at=LONG_AGO)
    assert found("one") == []


def test_titles_are_found_by_uuid_in_one_query() -> None:
    by_slug = {one.slug: one for one in Microcredential.objects.all()}
    wanted = [str(by_slug["algebra-one"].uuid), str(by_slug["algebra-draft"].uuid), "x"]
    with CaptureQueriesContext(connection) as queries:
        assert definitions.microcredentials_by_uuid(wanted) == {
            wanted[0]: by_slug["algebra-one"], wanted[1]: by_slug["algebra-draft"],
        }  # fmt: skip
        assert definitions.microcredentials_by_uuid(["x"]) == {}
    assert len(queries) == 1
