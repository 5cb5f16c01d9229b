"""The editor of a draft: what is saved, what is refused, and two people at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Microcredential, MicrocredentialVersion
from tests import factories
from tests.factories import all_of, course
from tests.fakes import FakeHost
from tests.studio.conftest import A, B, Person

REQUIREMENTS = all_of(course(A), course(B))


@pytest.fixture
def skill(host: FakeHost) -> Microcredential:
    """A microcredential of NordU with a draft and nothing published."""
    host.add_run(A, title="Algebra")
    host.add_run(B, title="Botany")
    made = definitions.create_microcredential(slug="skill", organization="NordU", title="Skill")
    definitions.create_draft(
        microcredential=made, content={"requirements": REQUIREMENTS, "level": "5"}
    )
    return made


def draft_of(made: Microcredential) -> MicrocredentialVersion:
    draft = definitions.draft_of(made)
    assert draft is not None
    return draft


def content(made: Microcredential) -> dict[str, Any]:
    return definitions.content_of(draft_of(made))


def form(made: Microcredential, **changes: Any) -> dict[str, Any]:
    """What a browser posts after these changes to what the page shows; None takes a field out."""
    draft = draft_of(made)
    fields: dict[str, Any] = {
        "token": f"{draft.pk}.{draft.revision}",
        "op": "save",
        "title": draft.title,
        "level": draft.level,
        "language": draft.language,
        "policy": draft.policy,
        "grace_days": "0",
        "requirements": json.dumps(draft.requirements),
    }
    fields.update(changes)
    return {name: value for name, value in fields.items() if value is not None}


def url(made: Microcredential, rest: str = "edit/") -> str:
    return f"/microcredentials/m/{made.uuid}/{rest}"


def test_every_field_is_saved_and_shown_again(author: Person, skill: Microcredential) -> None:
    other = factories.publish("lower", course(A))
    typed = {
        "title": "Data literacy",
        "description": "Reads a chart.\r\nDraws one.",
        "language": "de",
        "workload_hours": "12,5",
        "credit_value": "3",
        "credit_kind": "ECTS",
        "level": "6",
        "level_framework": "EQF",
        "assessment_type": "Project",
        "supervision": "Unsupervised",
        "participation": "Online",
        "quality_assurance": "Senate",
        "prerequisites": "None at all",
        "validity_months": "24",
        "grace_days": "30",
        "policy": "suspend",
        "needs_approval": "on",
        "supersedes": str(other.uuid),
    }
    response = author.client.post(url(skill), form(skill, **typed))
    assert (response.status_code, response["Location"]) == (302, url(skill))
    saved = content(skill)
    assert saved.pop("supersedes") == other
    del typed["supersedes"]
    assert saved == {
        **typed,
        "description": "Reads a chart.\nDraws one.",
        "workload_hours": 12.5,
        "credit_value": 3,
        "validity_months": 24,
        "grace_days": 30,
        "needs_approval": True,
        "requirements": REQUIREMENTS,
    }
    page = author.client.get(url(skill)).content.decode()
    for value in ("Data literacy", "Draws one.", "12.5", "ECTS", "Senate", "None at all"):
        assert value in page


def test_field_that_is_emptied_is_gone(author: Person, skill: Microcredential) -> None:
    author.client.post(url(skill), form(skill, level=""))
    assert "level" not in content(skill)


def test_saving_writes_history_with_who_and_what(author: Person, skill: Microcredential) -> None:
    author.client.post(url(skill), form(skill, level="7", credit_kind="CEU"))
    [change, begun, created] = definitions.changes_of(skill)
    assert (change.kind, change.by_id, change.fields) == (
        "draft_changed",
        author.id,
        ["credit_kind", "level"],
    )
    assert (begun.kind, created.kind) == ("draft_begun", "created")


def test_saving_what_is_there_already_is_no_change(author: Person, skill: Microcredential) -> None:
    before = draft_of(skill).revision
    assert author.client.post(url(skill), form(skill)).status_code == 302
    assert draft_of(skill).revision == before
    assert len(definitions.changes_of(skill)) == 2


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"title": ""}, "title", "This must not be empty."),
        ({"title": "x" * 300}, "title", "at most 255 characters"),
        ({"workload_hours": "a lot"}, "workload_hours", "This must be a number"),
        ({"workload_hours": "-1"}, "workload_hours", "must not be less than 0"),
        ({"workload_hours": "1e9"}, "workload_hours", "no more than"),
        ({"validity_months": "2.5"}, "validity_months", "whole number"),
        ({"validity_months": "0"}, "validity_months", "from 1 to 1200"),
        ({"grace_days": "99999"}, "grace_days", "from 0 to 3660"),
        ({"policy": "shout"}, "policy", "This must be one of"),
        ({"description": "a\x00b"}, "description", "control character"),
        ({"supersedes": "7"}, "supersedes", "Choose one of those"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    author: Person, skill: Microcredential, typed: dict[str, str], field: str, said: str
) -> None:
    response = author.client.post(url(skill), form(skill, quality_assurance="Senate", **typed))
    assert response.status_code == 422
    page = response.content.decode()
    assert f'href="#id_{field}"' in page
    assert said in page.split(f'id="wrong_{field}"')[1][:200]
    assert 'value="Senate"' in page
    if "\x00" not in typed[field] and field not in ("policy", "supersedes"):
        assert f'value="{typed[field]}"' in page
    assert "quality_assurance" not in content(skill)


@pytest.mark.parametrize("tree", ["{", '"x"', "[]", '{"kind": "course"}', "1" * 5000])
def test_tree_that_is_none_is_refused(author: Person, skill: Microcredential, tree: str) -> None:
    response = author.client.post(url(skill), form(skill, requirements=tree, level="7"))
    assert response.status_code == 422
    assert content(skill)["requirements"] == REQUIREMENTS


def test_microcredential_of_another_organisation_cannot_be_superseded(
    author: Person, skill: Microcredential
) -> None:
    foreign = factories.publish("foreign", course(A), organization="Harbor")
    response = author.client.post(url(skill), form(skill, supersedes=str(foreign.uuid)))
    assert response.status_code == 422
    assert "supersedes" not in content(skill)


# --- two people at once --------------------------------------------------------------------------


def test_changes_to_different_fields_are_brought_together(
    author: Person, person: Callable[..., Person], skill: Microcredential
) -> None:
    other = person("other", NordU="admin")
    mine = form(skill, credit_kind="ECTS")
    assert other.client.post(url(skill), form(skill, level="7")).status_code == 302
    response = author.client.post(url(skill), mine)
    assert response.status_code == 409
    page = response.content.decode()
    assert "Other has saved this draft since you opened it" in page
    assert "Taken over from there, as you had not touched it: Level." in page
    assert 'id="id_credit_kind" name="credit_kind" value="ECTS"' in page
    assert 'id="id_level" name="level" value="7"' in page
    assert content(skill).get("credit_kind") is None  # nothing is saved before they have looked
    draft = draft_of(skill)
    again = form(skill, credit_kind="ECTS", level="7", token=f"{draft.pk}.{draft.revision}")
    assert f'value="{again["token"]}"' in page
    assert author.client.post(url(skill), again).status_code == 302
    assert {content(skill)["credit_kind"], content(skill)["level"]} == {"ECTS", "7"}


def test_field_that_both_changed_shows_theirs_and_keeps_mine(
    author: Person, person: Callable[..., Person], skill: Microcredential
) -> None:
    other = person("other", NordU="admin")
    mine = form(skill, description="My words")
    other.client.post(url(skill), form(skill, description="Their <b>words</b>"))
    response = author.client.post(url(skill), mine)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Changed by both of you, with theirs beside yours: Description." in page
    assert ">My words</textarea>" in page
    assert "Their &lt;b&gt;words&lt;/b&gt;" in page
    assert content(skill)["description"] == "Their <b>words</b>"


def test_both_changed_the_tree_and_both_are_shown(
    author: Person, person: Callable[..., Person], skill: Microcredential
) -> None:
    other = person("other", NordU="admin")
    mine = form(skill, requirements=json.dumps(all_of(course(B))))
    other.client.post(
        url(skill), form(skill, requirements=json.dumps(all_of(course(A, minimum_grade=80))))
    )
    response = author.client.post(url(skill), mine)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Pass Algebra" in page.replace("\u2068", "").replace("\u2069", "")
    assert content(skill)["requirements"] == all_of(course(A, minimum_grade=80))


def test_draft_that_was_begun_anew_meanwhile_is_not_overwritten(
    author: Person, skill: Microcredential
) -> None:
    mine = form(skill, description="Mine")
    definitions.discard_draft(version=draft_of(skill))
    definitions.create_draft(microcredential=skill, content={"description": "New"})
    response = author.client.post(url(skill), mine)
    assert response.status_code == 409
    assert ">Mine</textarea>" in response.content.decode()
    assert content(skill)["description"] == "New"


@pytest.mark.parametrize("token", ["", "x", "1", "1.x", ".", "9.9.9", "1." + "9" * 99, "٣.٣"])
def test_token_that_is_none_saves_nothing(
    author: Person, skill: Microcredential, token: str
) -> None:
    response = author.client.post(url(skill), form(skill, token=token, level="7"))
    assert response.status_code == 409
    assert content(skill)["level"] == "5"


def test_what_is_wrong_and_was_saved_meanwhile_is_both_said(
    author: Person, person: Callable[..., Person], skill: Microcredential
) -> None:
    other = person("other", NordU="admin")
    mine = form(skill, grace_days="99999")
    other.client.post(url(skill), form(skill, level="7"))
    response = author.client.post(url(skill), mine)
    assert response.status_code == 409
    page = response.content.decode()
    assert 'value="99999"' in page
    assert "from 0 to 3660" in page


def test_draft_that_was_published_meanwhile_is_said_to_be_gone(
    author: Person, skill: Microcredential
) -> None:
    mine = form(skill, level="7")
    definitions.publish(version=draft_of(skill))
    response = author.client.post(url(skill), mine, follow=True)
    assert "There is no draft any more." in response.content.decode()


# --- what it costs -------------------------------------------------------------------------------


@pytest.mark.parametrize("others", [1, 30])
def test_editor_costs_the_same_however_much_there_is(
    author: Person, skill: Microcredential, others: int
) -> None:
    factories.publish_many(others, lambda position: [A])
    with CaptureQueriesContext(connection) as queries:
        assert author.client.get(url(skill)).status_code == 200
    assert len(queries) == 6
