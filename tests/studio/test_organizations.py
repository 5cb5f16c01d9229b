"""Who is what in an organisation, and who may say so."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from microcred_plugin.authoring import api as authoring
from tests.fakes import FakeHost
from tests.studio.conftest import NOW, Person

PEOPLE = "/microcredentials/organizations/NordU/"


def roles(organization: str = "NordU") -> set[tuple[int, str]]:
    return {(row.user_id, row.role) for row in authoring.roles_in(organization)}


def test_admin_makes_somebody_an_author_by_name_or_address(
    person: Callable[..., Person], host: FakeHost
) -> None:
    admin, ada, ben = person("boss", NordU="admin"), person("ada"), person("ben")
    for one, text in ((ada, "ada"), (ben, " ben@example.org ")):
        response = admin.client.post(PEOPLE, {"person": text, "role": "author"})
        assert (response.status_code, response["Location"]) == (302, PEOPLE)
        assert (one.id, "author") in roles()
    page = admin.client.get(PEOPLE).content.decode()
    assert "ada" in page
    assert "ben is now" not in page  # it was said for the name that was written
    assert authoring.roles_in("NordU")[-1].given_by_id == admin.id


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"person": "nobody", "role": "author"}, "nobody with the user name or e-mail address"),
        ({"person": "", "role": "author"}, "nobody with the user name or e-mail address"),
        ({"person": "a\0b", "role": "author"}, "nobody with the user name or e-mail address"),
        ({"person": "ada", "role": "king"}, "Choose what they are to be."),
        ({"person": "ada"}, "Choose what they are to be."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    person: Callable[..., Person], typed: dict[str, str], said: str
) -> None:
    admin = person("boss", NordU="admin")
    person("ada")
    response = admin.client.post(PEOPLE, typed)
    assert response.status_code == 422
    page = response.content.decode()
    assert said in page
    if typed["person"].isalpha():
        assert f'value="{typed["person"]}"' in page
    assert roles() == {(admin.id, "admin")}


def test_admin_takes_a_role_away(person: Callable[..., Person]) -> None:
    admin = person("boss", NordU="admin")
    ada = person("ada", NordU="viewer")
    [_boss, row] = authoring.roles_in("NordU")
    admin.client.post(PEOPLE, {"take": row.pk})
    assert roles() == {(admin.id, "admin")}
    assert ada.client.get("/microcredentials/").status_code == 200


def test_last_admin_cannot_lock_everybody_out(person: Callable[..., Person]) -> None:
    admin = person("boss", NordU="admin")
    [row] = authoring.roles_in("NordU")
    response = admin.client.post(PEOPLE, {"take": row.pk})
    assert response.status_code == 422
    assert "This is the last admin of NordU." in response.content.decode()
    assert roles() == {(admin.id, "admin")}
    operator = person("operator", is_staff=True)
    operator.client.post(PEOPLE, {"take": row.pk})
    assert roles() == set()


def test_role_of_another_organisation_is_not_taken(person: Callable[..., Person]) -> None:
    admin = person("boss", NordU="admin")
    other = person("other", Harbor="author")
    [row] = authoring.roles_in("Harbor")
    admin.client.post(PEOPLE, {"take": row.pk})
    assert roles("Harbor") == {(other.id, "author")}


@pytest.mark.parametrize("number", ["", "x", "-1", "9" * 40, "٣"])
def test_role_that_there_is_no_such_changes_nothing(
    person: Callable[..., Person], number: str
) -> None:
    admin = person("boss", NordU="admin")
    response = admin.client.post(PEOPLE, {"take": number})
    assert response.status_code in (302, 422)
    assert roles() == {(admin.id, "admin")}


def test_retired_member_is_not_listed(person: Callable[..., Person], host: FakeHost) -> None:
    admin, ada = person("boss", NordU="admin"), person("lovelace", NordU="author")
    assert "lovelace" in admin.client.get(PEOPLE).content.decode()
    host.retire(ada.id)
    assert "lovelace" not in admin.client.get(PEOPLE).content.decode()


def test_operator_opens_any_organisation(person: Callable[..., Person]) -> None:
    operator = person("operator", is_staff=True)
    response = operator.client.post("/microcredentials/organizations/", {"organization": "Ümea"})
    assert response.status_code == 302
    assert operator.client.get(response["Location"]).status_code == 200
    for wrong in ("", "a/b", "x" * 300, "a\nb"):
        response = operator.client.post("/microcredentials/organizations/", {"organization": wrong})
        assert response.status_code == 422


@pytest.mark.parametrize("members", [1, 3])
def test_people_of_an_organisation_cost_the_same_however_many(
    person: Callable[..., Person], members: int
) -> None:
    admin = person("boss", NordU="admin")
    for position in range(members):
        person(f"author{position}", NordU="author")
    with CaptureQueriesContext(connection) as queries:
        assert admin.client.get(PEOPLE).status_code == 200
    assert len(queries) == 4  # session, user, their roles, the organisation's


def test_giving_a_role_twice_is_giving_it_once(person: Callable[..., Person]) -> None:
    ada = person("ada", NordU="author")
    authoring.give_role(user_id=ada.id, organization="NordU", role="author", by_id=1, now=NOW)
    assert roles() == {(ada.id, "author")}
