"""The page with the lists of skills: who changes which, and what a wrong file is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import SkillList
from tests.studio.conftest import Person

PAGE = "/microcredentials/skills/"
FILE = b"framework,code,name\nOwn,1,Welding\nOwn,2,Soldering\n"


@pytest.fixture
def operator(person: Callable[..., Person]) -> Person:
    return person("operator", is_staff=True)


@pytest.fixture
def admin(person: Callable[..., Person]) -> Person:
    return person("admin", NordU="admin")


def upload(who: Person, content: bytes = FILE, organization: str = "") -> HttpResponse:
    file = SimpleUploadedFile("skills.csv", content)
    return who.client.post(PAGE, {"file": file, "organization": organization})  # type: ignore[return-value]


def test_operator_loads_a_list_for_all(operator: Person) -> None:
    response = upload(operator)
    assert response.status_code == 302
    page = operator.client.get(PAGE).content.decode()
    assert "New: 2, changed: 0, as before: 0." in page
    assert "For all organisations" in page
    assert "2 skills" in page
    assert authoring.skill_lists() == [SkillList("", "Own", 2)]


def test_admin_loads_and_sees_the_list_of_their_own_organization(
    operator: Person, admin: Person
) -> None:
    upload(operator)
    upload(admin, FILE.replace(b"Own", b"House"), "NordU")
    page = admin.client.get(PAGE).content.decode()
    assert "House" in page
    assert "For all organisations" not in page
    assert SkillList("NordU", "House", 2) in authoring.skill_lists()


@pytest.mark.parametrize("organization", ["", "Harbor", "nordu"])
def test_admin_changes_no_other_list(admin: Person, operator: Person, organization: str) -> None:
    upload(operator, organization=organization)
    before = authoring.skill_lists()
    assert upload(admin, FILE + b"Own,3,More\n", organization).status_code == 404
    removal = {"remove": "Own", "organization": organization}
    assert admin.client.post(PAGE, removal).status_code == 404
    assert authoring.skill_lists() == before


def test_page_is_for_operators_and_admins(
    person: Callable[..., Person], visitor: Client, admin: Person
) -> None:
    assert visitor.get(PAGE).status_code == 302
    for role in ("author", "reviewer", "viewer"):
        one = person(role, NordU=role)
        assert one.client.get(PAGE).status_code == 404
        assert upload(one, organization="NordU").status_code == 404
        assert PAGE not in one.client.get("/microcredentials/organizations/").content.decode()
    assert admin.client.get(PAGE).status_code == 200
    assert PAGE in admin.client.get("/microcredentials/organizations/").content.decode()
    assert authoring.skill_lists() == []


def test_wrong_lines_are_listed_and_nothing_is_loaded(operator: Person) -> None:
    response = upload(operator, FILE + b"Own,,<b>Nothing</b>\n" * 25, "NordU")
    assert response.status_code == 422
    page = response.content.decode()
    assert "Line 4: “code” is empty." in page
    assert "and 5 more" in page
    assert "<b>" not in page
    assert 'value="NordU"' in page
    assert authoring.skill_lists() == []


def test_file_that_is_missing_or_too_large_is_said_so(operator: Person) -> None:
    response = operator.client.post(PAGE, {})
    assert response.status_code == 422
    assert "Choose a file." in response.content.decode()
    response = upload(operator, b"x" * 20_000_001)
    assert response.status_code == 422
    assert "larger than 20 MB" in response.content.decode()


def test_framework_is_taken_out(operator: Person) -> None:
    upload(operator)
    upload(operator, organization="NordU")
    operator.client.post(PAGE, {"remove": "Own", "organization": "NordU"})
    assert authoring.skill_lists() == [SkillList("", "Own", 2)]
    page = operator.client.get(PAGE).content.decode()
    assert "2 skills were taken out." in page


def test_form_of_another_site_changes_nothing(operator: Person) -> None:
    upload(operator)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = operator.client.cookies
    assert strict.post(PAGE, {"remove": "Own", "organization": ""}).status_code == 403
    assert authoring.skill_lists() == [SkillList("", "Own", 2)]


def test_page_takes_as_many_queries_with_one_list_as_with_three(operator: Person) -> None:
    counted = []
    for name in (b"A", b"B", b"C"):
        upload(operator, FILE.replace(b"Own", name))
        operator.client.get(PAGE)
        with CaptureQueriesContext(connection) as captured:
            operator.client.get(PAGE)
        counted.append(len(captured))
    # The session, the user and their roles, and the lists.
    assert counted == [4, 4, 4]
