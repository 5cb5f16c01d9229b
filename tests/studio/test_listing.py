"""The author's list, and the page of one microcredential."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from microcred_plugin import earning
from microcred_plugin.definitions import api as definitions
from tests import factories
from tests.factories import course
from tests.fakes import FakeHost
from tests.studio.conftest import A, Person

LIST = "/microcredentials/"


@pytest.fixture
def four(host: FakeHost) -> None:
    """One that is open, one with a draft only, one that is off, and one of another organisation."""
    host.add_run(A)
    factories.publish("open", course(A), title="Open waters", description="Of tides.")
    drafted = definitions.create_microcredential(
        slug="drafted", organization="NordU", title="Drafted"
    )
    definitions.create_draft(microcredential=drafted, content={"title": "Deep waters"})
    off = factories.publish("off", course(A), title="Silted lagoon")
    definitions.set_switch(microcredential=off, switch="off")
    factories.publish("foreign", course(A), title="Foreign waters", organization="Harbor")


def listed(person: Person, query: str = "") -> set[str]:
    page = person.client.get(f"{LIST}{query}").content.decode()
    known = {"Open waters", "Deep waters", "Silted lagoon", "Foreign waters"}
    return {title for title in known if title in page}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"Open waters", "Deep waters", "Silted lagoon"}),
        ("?q=WATERS", {"Open waters", "Deep waters"}),
        ("?q=tides", {"Open waters"}),
        ("?q=deep+waters", {"Deep waters"}),
        ("?q=drafted", {"Deep waters"}),
        ("?standing=draft", {"Deep waters"}),
        ("?standing=published", {"Open waters", "Silted lagoon"}),
        ("?standing=unpublished", {"Deep waters"}),
        ("?standing=off", {"Silted lagoon"}),
        ("?standing=nonsense&page=99", {"Open waters", "Deep waters", "Silted lagoon"}),
        ("?organization=Harbor", set()),
        ("?q=%00tides&organization=%00", {"Open waters"}),
    ],
)
def test_list_is_of_ones_organisations_and_can_be_narrowed(
    author: Person, four: None, query: str, found: set[str]
) -> None:
    assert listed(author, query) == found


def test_operator_sees_every_organisation(person: Callable[..., Person], four: None) -> None:
    operator = person("operator", is_staff=True)
    assert listed(operator) == {"Open waters", "Deep waters", "Silted lagoon", "Foreign waters"}
    assert listed(operator, "?organization=Harbor") == {"Foreign waters"}


def test_list_says_how_each_stands(author: Person, four: None) -> None:
    page = author.client.get(LIST).content.decode()
    for said in ("Version 1 can be earned", "Draft of version 1", "Switched off"):
        assert said in page


def test_nothing_yet_invites_to_begin(author: Person) -> None:
    page = author.client.get(LIST).content.decode()
    assert "Nothing here yet" in page
    assert 'href="/microcredentials/new/"' in page


def test_viewer_is_not_invited_to_write(person: Callable[..., Person], four: None) -> None:
    page = person("viewer", NordU="viewer").client.get(LIST).content.decode()
    assert "/microcredentials/new/" not in page


@pytest.mark.parametrize("more", [1, 20])
def test_list_costs_the_same_however_long(author: Person, four: None, more: int) -> None:
    factories.publish_many(more, lambda position: [A])
    with CaptureQueriesContext(connection) as queries:
        assert author.client.get(LIST).status_code == 200
    assert len(queries) == 5  # session, user, roles, count, page


# --- one of them ---------------------------------------------------------------------------------


def url(slug: str, rest: str = "") -> str:
    return f"/microcredentials/m/{definitions.find_microcredential(slug).uuid}/{rest}"


def test_holders_are_counted(author: Person, host: FakeHost) -> None:
    host.add_run(A)
    factories.publish("skill", course(A))
    for learner in (101, 102):
        host.pass_course(learner, A)
        earning.follow_hint(learner, A)
    page = author.client.get(url("skill")).content.decode()
    assert "2 learners hold it." in page


def test_settings_are_changed_and_written_down(author: Person, four: None) -> None:
    author.client.post(url("open", "settings/"), {"visibility": "unlisted", "switch": "observe"})
    found = definitions.find_microcredential("open")
    assert (found.visibility, found.switch) == ("unlisted", "observe")
    change = definitions.changes_of(found)[0]
    assert (change.kind, change.by_id, change.fields) == (
        "changed",
        author.id,
        ["visibility", "switch"],
    )


@pytest.mark.parametrize("values", [{"switch": "maybe"}, {"visibility": "all"}, {}])
def test_setting_that_is_none_changes_nothing(
    author: Person, four: None, values: dict[str, str]
) -> None:
    response = author.client.post(url("open", "settings/"), values, follow=True)
    assert response.status_code == 200
    found = definitions.find_microcredential("open")
    assert (found.visibility, found.switch) == ("public", "on")
    if values:
        assert "This must be one of" in response.content.decode()


def test_next_version_begins_with_what_the_newest_says(author: Person, four: None) -> None:
    response = author.client.post(url("open", "begin/"))
    assert response["Location"] == url("open", "edit/")
    draft = definitions.draft_of(definitions.find_microcredential("open"))
    assert draft is not None
    assert (draft.number, draft.description, draft.requirements) == (2, "Of tides.", course(A))


def test_second_draft_is_refused_with_the_way_out(author: Person, four: None) -> None:
    response: Any = author.client.post(url("drafted", "begin/"), follow=True)
    assert "has a draft already" in response.content.decode()


def test_discarded_draft_is_gone_and_the_published_version_stays(
    author: Person, four: None
) -> None:
    author.client.post(url("open", "begin/"))
    author.client.post(url("open", "discard/"))
    found = definitions.find_microcredential("open")
    assert definitions.draft_of(found) is None
    assert [version.state for version in definitions.versions_of(found)] == ["published"]


@pytest.mark.parametrize("versions", [1, 6])
def test_page_of_one_costs_the_same_however_many_versions(
    author: Person, host: FakeHost, versions: int
) -> None:
    host.add_run(A)
    made = factories.publish("skill", course(A))
    for _version in range(versions):
        definitions.publish(
            version=definitions.create_draft(
                microcredential=made, content={"requirements": course(A)}
            )
        )
    path = url("skill")
    with CaptureQueriesContext(connection) as queries:
        assert author.client.get(path).status_code == 200
    # Session, user, roles, it, versions, holders, publications, offers that wait.
    assert len(queries) == 8
