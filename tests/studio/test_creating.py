"""A new microcredential: from every beginning that there is."""

from __future__ import annotations

from typing import Any

import pytest

from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Microcredential
from tests import factories
from tests.factories import course
from tests.fakes import FakeHost
from tests.studio.conftest import A, Person

NEW = "/microcredentials/new/"


def create(author: Person, **typed: Any) -> Any:
    values = {"template": "skill", "title": "Data literacy", "organization": "NordU", **typed}
    return author.client.post(NEW, values)


def made(response: Any) -> Microcredential:
    assert response.status_code == 302, response.content.decode()
    return definitions.find_microcredential(response["Location"].split("/")[3])


def content(found: Microcredential) -> dict[str, Any]:
    draft = definitions.draft_of(found)
    assert draft is not None
    return definitions.content_of(draft)


@pytest.mark.parametrize(
    ("template", "kinds"),
    [
        ("skill", ["any_of"]),
        ("series", ["all_of"]),
        ("capstone", ["all_of", "at_least", "all_of"]),
    ],
)
def test_template_gives_groups_to_fill(author: Person, template: str, kinds: list[str]) -> None:
    found = made(create(author, template=template))
    assert (found.organization, found.title, found.slug) == (
        "NordU",
        "Data literacy",
        "nordu-data-literacy",
    )
    tree = content(found)["requirements"]
    assert [tree["kind"], *(node["kind"] for node in tree["of"])] == kinds
    [begun, created] = definitions.changes_of(found)
    assert (begun.by_id, created.by_id) == (author.id, author.id)


def test_second_of_the_same_title_gets_a_slug_of_its_own(author: Person) -> None:
    assert [made(create(author)).slug for _time in range(3)] == [
        "nordu-data-literacy",
        "nordu-data-literacy-2",
        "nordu-data-literacy-3",
    ]


def test_title_without_a_letter_of_the_alphabet_can_be_made(author: Person) -> None:
    assert made(create(author, title="数据素养")).slug == "nordu"


def test_next_level_asks_for_the_one_before_and_takes_its_place(
    author: Person, host: FakeHost
) -> None:
    host.add_run(A)
    base = factories.publish("base", course(A))
    found = made(create(author, template="ladder", base=str(base.uuid)))
    saved = content(found)
    assert saved["supersedes"] == base
    assert saved["requirements"]["of"][0]["microcredential"] == str(base.uuid)


def test_copy_says_what_the_other_says(author: Person, host: FakeHost) -> None:
    host.add_run(A)
    base = factories.publish("base", course(A), level="6", validity_months=12)
    saved = content(made(create(author, template="copy", base=str(base.uuid))))
    assert (saved["title"], saved["level"], saved["validity_months"]) == ("Data literacy", "6", 12)
    assert saved["requirements"] == course(A)


def test_file_of_another_site_becomes_a_draft(author: Person, host: FakeHost) -> None:
    host.add_run(A)
    exported = definitions.export_definitions([factories.publish("base", course(A), level="6")])
    text = exported.replace("slug: base", "slug: again").replace("title: Base", "title: Again")
    text = "\n".join(line for line in text.splitlines() if "uuid:" not in line)
    found = made(create(author, template="file", yaml=text, title="", organization=""))
    assert (found.slug, found.title, content(found)["level"]) == ("again", "Again", "6")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"title": ""}, "Give it a title."),
        ({"title": " "}, "Give it a title."),
        ({"title": "x" * 300}, "255"),
        ({"organization": ""}, "Choose an organisation that you write for."),
        ({"organization": "Harbor"}, "Choose an organisation that you write for."),
        ({"template": "dragon"}, "Choose what it begins with."),
        ({"template": "copy"}, "Choose the microcredential that it begins with."),
        ({"template": "copy", "base": "x"}, "Choose the microcredential that it begins with."),
        ({"template": "file", "yaml": ""}, "format"),
        ({"template": "file", "yaml": "a: [1"}, "line"),
        ({"template": "file", "yaml": "format: microcredentials/1"}, "list of definitions"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(
    author: Person, typed: dict[str, str], said: str
) -> None:
    response = create(author, **typed)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert definitions.list_microcredentials() == []


def test_copy_of_what_one_may_not_see_is_refused(author: Person, host: FakeHost) -> None:
    host.add_run(A)
    foreign = factories.publish("foreign", course(A), organization="Harbor")
    response = create(author, template="copy", base=str(foreign.uuid))
    assert response.status_code == 422
    assert len(definitions.list_microcredentials()) == 1


FILE = """format: microcredentials/1
microcredentials:
- slug: {slug}
  organization: {organization}
  title: Taken
{more}"""


@pytest.mark.parametrize(
    ("slug", "organization", "more", "said"),
    [
        ("free", "Harbor", "", "You do not write for “Harbor”."),
        ("base", "NordU", "", "There is a microcredential “base” on this site."),
        ("free", "NordU", "  uuid: {uuid}\n", "There is a microcredential"),
        ("free", "NordU", "  uuid: nonsense\n", "nonsense"),
        ("free", "NordU", "  colour: red\n", "There is no field “colour”"),
        ("free", "NordU", "  level: [1]\n", "level"),
        ("not a slug", "NordU", "", "slug"),
    ],
)
def test_file_cannot_take_what_is_somebody_elses(
    author: Person, host: FakeHost, slug: str, organization: str, more: str, said: str
) -> None:
    host.add_run(A)
    base = factories.publish("base", course(A))
    before = definitions.content_of(definitions.versions_of(base)[0])
    text = FILE.format(slug=slug, organization=organization, more=more.format(uuid=base.uuid))
    response = create(author, template="file", yaml=text)
    assert response.status_code == 422
    page = response.content.decode()
    assert said in page
    assert "Taken" in page  # what was typed
    [only] = definitions.list_microcredentials()
    assert definitions.content_of(definitions.versions_of(only)[0]) == before


def test_file_that_names_several_is_refused(author: Person) -> None:
    text = FILE.format(slug="a", organization="NordU", more="") + (
        "- slug: b\n  organization: NordU\n  title: B\n"
    )
    response = create(author, template="file", yaml=text)
    assert response.status_code == 422
    assert "This must be one definition; there are 2." in response.content.decode()
