"""History, what differs, and bringing something back; and the draft as YAML."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Microcredential
from tests import factories
from tests.factories import all_of, course, holds
from tests.fakes import FakeHost
from tests.studio.conftest import A, B, Person


@pytest.fixture
def skill(host: FakeHost, author: Person) -> Microcredential:
    """Version 1 asks for Algebra; the draft for Botany too, and it has another level."""
    host.add_run(A, title="Algebra")
    host.add_run(B, title="Botany")
    made = factories.publish("skill", course(A), level="5", skills=[{"name": "Counting"}])
    definitions.create_draft(
        microcredential=made,
        content={
            "level": "6",
            "description": "One <i>line</i>\nanother line",
            "requirements": all_of(course(A), course(B, minimum_grade=80)),
        },
        by_id=author.id,
    )
    return made


def url(made: Microcredential, rest: str) -> str:
    return f"/microcredentials/m/{made.uuid}/{rest}"


def states(made: Microcredential) -> dict[tuple[int | None, str], int]:
    return {(one.number, one.kind): one.pk for one in definitions.changes_of(made)}


def without_tokens(page: str) -> str:
    """The page from its heading on, without what every answer has anew."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.split("<h1>")[1])


def text_of(response: Any) -> str:
    return response.content.decode().replace("\u2068", "").replace("\u2069", "")


def test_history_says_who_did_what_when(
    author: Person, person: Callable[..., Person], skill: Microcredential
) -> None:
    boss = person("boss", NordU="admin")
    definitions.set_switch(microcredential=skill, switch="observe", by_id=boss.id)
    page = text_of(author.client.get(url(skill, "history/")))
    for said in ("Draft begun", "Published", "Boss", "Author", "Whether it is evaluated"):
        assert said in page


def test_name_of_who_has_left_is_not_told(
    author: Person, person: Callable[..., Person], skill: Microcredential, host: FakeHost
) -> None:
    gone = person("lovelace", NordU="admin")
    definitions.set_switch(microcredential=skill, switch="off", by_id=gone.id)
    assert "Lovelace" in text_of(author.client.get(url(skill, "history/")))
    host.retire(gone.id)
    assert "Lovelace" not in text_of(author.client.get(url(skill, "history/")))


def test_two_versions_are_compared_field_by_field_and_tree_by_line(
    author: Person, skill: Microcredential
) -> None:
    found = states(skill)
    query = f"?before={found[1, 'published']}&after={found[2, 'draft_begun']}"
    page = text_of(author.client.get(url(skill, f"history/compare/{query}")))
    assert '<del dir="auto">5</del>' in page
    assert '<ins dir="auto">6</ins>' in page
    assert '<ins dir="auto">Pass Botany (grade of 80 % or more)</ins>' in page
    assert "Pass Algebra" in page
    assert '<del dir="auto">Counting</del>' in page
    assert "One &lt;i&gt;line&lt;/i&gt;" in page
    # Whichever is marked first, the earlier one is on the left.
    query = f"?after={found[1, 'published']}&before={found[2, 'draft_begun']}"
    again = text_of(author.client.get(url(skill, f"history/compare/{query}")))
    assert without_tokens(again) == without_tokens(page)


@pytest.mark.parametrize(
    "query", ["", "?before=1", "?before=x&after=y", "?before=-1&after=" + "9" * 50]
)
def test_states_that_there_are_none_of_are_not_found(
    author: Person, skill: Microcredential, query: str
) -> None:
    assert author.client.get(url(skill, f"history/compare/{query}")).status_code == 404


def test_state_of_another_microcredential_is_neither_shown_nor_restored(
    author: Person, skill: Microcredential, host: FakeHost
) -> None:
    foreign = factories.publish("foreign", course(A), organization="Harbor", level="secret")
    [pk] = [pk for (_number, kind), pk in states(foreign).items() if kind == "published"]
    mine = states(skill)[1, "published"]
    path = url(skill, f"history/compare/?before={mine}&after={pk}")
    assert author.client.get(path).status_code == 404
    assert author.client.post(url(skill, "history/restore/"), {"state": pk}).status_code == 404


def test_old_version_comes_back_into_the_draft(author: Person, skill: Microcredential) -> None:
    state = states(skill)[1, "published"]
    response = author.client.post(url(skill, "history/restore/"), {"state": state}, follow=True)
    assert "The draft says again what version 1 said." in response.content.decode()
    draft = definitions.draft_of(skill)
    assert draft is not None
    assert (draft.number, draft.level, draft.requirements) == (2, "5", course(A))
    assert definitions.changes_of(skill)[0].by_id == author.id


def test_discarded_draft_comes_back_as_a_new_one_with_its_image(
    author: Person, skill: Microcredential
) -> None:
    draft = definitions.draft_of(skill)
    assert draft is not None
    content = {"image": factories.png_data_url(), "requirements": holds(skill)}
    definitions.change_draft(version=draft, content=content)
    author.client.post(url(skill, "discard/"))
    assert definitions.draft_of(skill) is None
    state = states(skill)[2, "draft_discarded"]
    author.client.post(url(skill, "history/restore/"), {"state": state})
    draft = definitions.draft_of(skill)
    assert draft is not None
    assert definitions.content_of(draft)["image"] == content["image"]


@pytest.mark.parametrize("changes", [1, 20])
def test_history_costs_the_same_however_long(
    author: Person, skill: Microcredential, changes: int
) -> None:
    draft = definitions.draft_of(skill)
    assert draft is not None
    for number in range(changes):
        definitions.change_draft(version=draft, content={"level": str(number)}, by_id=author.id)
    with CaptureQueriesContext(connection) as queries:
        assert author.client.get(url(skill, "history/")).status_code == 200
    assert len(queries) == 6  # session, user, roles, microcredential, count, changes


# --- as YAML -------------------------------------------------------------------------------------


def test_yaml_of_the_draft_is_shown_and_saved(author: Person, skill: Microcredential) -> None:
    page = author.client.get(url(skill, "yaml/"))
    text = definitions.export_definitions([skill])
    assert "level: &#x27;6&#x27;" in page.content.decode()
    draft = definitions.draft_of(skill)
    assert draft is not None
    response = author.client.post(
        url(skill, "yaml/"),
        {"yaml": text.replace("level: '6'", "level: '7'"), "token": f"{draft.pk}.{draft.revision}"},
    )
    assert response.status_code == 302
    draft = definitions.draft_of(skill)
    assert draft is not None
    assert draft.level == "7"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("level: '6'", "levle: '6'", "did you mean “level”?"),
        ("level: '6'", "level: [", "line"),
        ("slug: skill", "slug: other", "Here this is “skill”"),
        ("organization: NordU", "organization: Harbor", "Here this is “NordU”"),
        ("minimum_grade: 80", "minimum_grade: 800", "whole number from 1 to 100"),
    ],
)
def test_yaml_that_is_wrong_stays_in_the_field_and_says_where(
    author: Person, skill: Microcredential, before: str, after: str, said: str
) -> None:
    text = definitions.export_definitions([skill])
    assert before in text
    draft = definitions.draft_of(skill)
    assert draft is not None
    response = author.client.post(
        url(skill, "yaml/"),
        {"yaml": text.replace(before, after), "token": f"{draft.pk}.{draft.revision}"},
    )
    page = response.content.decode()
    assert response.status_code == 422
    assert said in page
    assert after.replace("'", "&#x27;") in page
    assert definitions.draft_of(skill).revision == draft.revision  # type: ignore[union-attr]


def test_yaml_that_somebody_else_overtook_is_shown_beside_theirs(
    author: Person, skill: Microcredential
) -> None:
    text = definitions.export_definitions([skill])
    draft = definitions.draft_of(skill)
    assert draft is not None
    token = f"{draft.pk}.{draft.revision}"
    definitions.change_draft(version=draft, content={"level": "theirs"})
    response = author.client.post(
        url(skill, "yaml/"), {"yaml": text.replace("level: '6'", "level: mine"), "token": token}
    )
    page = response.content.decode()
    assert response.status_code == 409
    assert "level: mine" in page
    assert "level: theirs" in page
    assert definitions.draft_of(skill).level == "theirs"  # type: ignore[union-attr]


def test_definition_is_downloaded_as_a_file(author: Person, skill: Microcredential) -> None:
    response = author.client.get(url(skill, "definition.yaml"))
    assert response["Content-Disposition"] == 'attachment; filename="skill.yaml"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response.content.decode() == definitions.export_definitions([skill])
