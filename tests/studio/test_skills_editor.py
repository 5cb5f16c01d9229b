"""The skills in the editor's form: nothing typed is lost, whatever button is pressed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import ListedSkill
from microcred_plugin.definitions.api import TARGET_TYPES, Fault
from microcred_plugin.studio.skills_editor import (
    MOST_ROWS,
    apply_skill_operation,
    present_skills,
    read_skills,
)
from tests.studio.conftest import Person

PAGE = "/parts/"
SEARCH = "/microcredentials/skills/search/"
WELDING = {
    "name": "Welding",
    "framework": "ESCO",
    "code": "w1",
    "url": "https://data.europa.eu/esco/skill/w1",
    "target_type": "ceasn:Competency",
}
SOLDERING, CUTTING = {"name": "Soldering"}, {"name": "Cutting", "code": "c1"}


@pytest.fixture(autouse=True)
def _parts(_studio: None, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.studio.parts"


@pytest.fixture
def listed() -> ListedSkill:
    """Welding, in the list of the site; and one in that of another organisation."""
    row = ",".join(WELDING[name] for name in ("framework", "code", "name", "url", "target_type"))
    authoring.load_skills(f"framework,code,name,url,target_type\n{row}\n".encode())
    authoring.load_skills(b"framework,code,name\nX,1,Welding at sea\n", organization="Harbor")
    return ListedSkill.objects.get(organization="")


def posted(*skills: dict[str, str], **others: str) -> dict[str, str]:
    """A form with these skills, as a browser posts it: the empty fields, too."""
    names = ("name", "framework", "code", "url", "target_type")
    rows = {
        f"skill-{place}-{name}": skill.get(name, "")
        for place, skill in enumerate(skills)
        for name in names
    }
    return {**rows, **others}


def shown(page: str) -> list[dict[str, str]]:
    """The skills in the form of a page, as the next submission would have them."""
    found = dict(re.findall(r'name="(skill-\d+-\w+)" value="([^"]*)"', page))
    for select, options in re.findall(r'<select id="[^"]+" name="([^"]+)".*?>(.*?)</select>', page):
        chosen = re.search(r'value="([^"]+)" selected', options)
        found[select] = chosen[1] if chosen else ""
    return read_skills({name: unescape(value) for name, value in found.items()})


def after(operation: str, *skills: dict[str, str]) -> list[dict[str, str]]:
    post = posted(*skills)
    return apply_skill_operation(read_skills(post), operation, post, organization="NordU")


# --- the form ----------------------------------------------------------------------------------


def test_skills_are_read_in_the_order_of_their_rows() -> None:
    post = {"skill-10-name": " Welding ", "skill-9-name": "Soldering", "skill-9-code": "1"}
    assert read_skills(post) == [{"name": "Soldering", "code": "1"}, {"name": "Welding"}]


def test_row_without_text_is_no_skill_and_one_without_a_name_is_one_to_be_mended() -> None:
    assert read_skills(posted({}, {"url": "https://a.example"}, {"name": "  "})) == [
        {"url": "https://a.example"}
    ]


def test_what_is_no_field_of_a_skill_is_not_read() -> None:
    others = {"skill-x-name": "a", "skill-0-pk": "1", "skill-99999-name": "b", "skill-٣-name": "c"}
    assert read_skills({**others, "title": "Welding", "skill-1-name-2": "x"}) == []


def test_rows_beyond_all_measure_are_not_read() -> None:
    assert len(read_skills(posted(*[SOLDERING] * (MOST_ROWS + 50)))) == MOST_ROWS


@pytest.mark.parametrize(
    ("operation", "skills"),
    [
        ("skills:remove:1", [WELDING, CUTTING]),
        ("skills:up:1", [SOLDERING, WELDING, CUTTING]),
        ("skills:down:1", [WELDING, CUTTING, SOLDERING]),
        ("skills:up:0", [WELDING, SOLDERING, CUTTING]),
        ("skills:down:2", [WELDING, SOLDERING, CUTTING]),
        ("skills:add", [WELDING, SOLDERING, CUTTING, {}]),
        ("skills:search", [WELDING, SOLDERING, CUTTING]),
        ("skills:remove:3", [WELDING, SOLDERING, CUTTING]),
        ("skills:remove:-1", [WELDING, SOLDERING, CUTTING]),
        ("skills:remove:", [WELDING, SOLDERING, CUTTING]),
        ("skills:remove:²", [WELDING, SOLDERING, CUTTING]),
        ("skills:explode:1", [WELDING, SOLDERING, CUTTING]),
        ("skills:pick:999999999999999999999999", [WELDING, SOLDERING, CUTTING]),
        ("skills:", [WELDING, SOLDERING, CUTTING]),
    ],
)
def test_operation_does_what_it_says_and_keeps_the_rest(
    operation: str, skills: list[dict[str, str]]
) -> None:
    assert after(operation, WELDING, SOLDERING, CUTTING) == skills


def test_button_of_a_row_below_an_empty_one_is_about_its_own_row() -> None:
    post = posted({}, WELDING, {}, SOLDERING)
    skills = read_skills(post)
    for operation, left in (("remove:1", [SOLDERING]), ("remove:3", [WELDING])):
        assert (
            apply_skill_operation(skills, f"skills:{operation}", post, organization="NordU") == left
        )
    assert apply_skill_operation(skills, "skills:remove:0", post, organization="NordU") == skills


def test_skill_of_a_list_is_added_whole_and_once(listed: ListedSkill) -> None:
    operation = f"skills:pick:{listed.pk}"
    assert after(operation, SOLDERING) == [SOLDERING, WELDING]
    assert after(operation, WELDING) == [WELDING]


def test_skill_of_another_organizations_list_is_not_to_be_had(listed: ListedSkill) -> None:
    other = ListedSkill.objects.get(organization="Harbor")
    assert after(f"skills:pick:{other.pk}", SOLDERING) == [SOLDERING]


def test_fault_stands_at_its_field() -> None:
    faults = [
        Fault("skills[1].url", "No address."),
        Fault("skills[1]", "A skill needs a name."),
        Fault("skills", "This must be a list."),
        Fault("skills[7].url", "Of a row that is not there."),
        Fault("title", "Not ours."),
    ]
    part = present_skills([WELDING, {"url": "x"}], organization="NordU", faults=faults)
    first, second = part.rows
    assert [one.sentence for one in first.inputs.values()] == [""] * 5
    assert second.inputs["url"].sentence == "No address."
    assert second.inputs["name"].sentence == "A skill needs a name."
    assert part.sentences == ["This must be a list.", "Of a row that is not there."]
    assert [row.is_open for row in part.rows] == [False, True]


def test_type_that_is_not_one_of_ours_is_not_lost() -> None:
    skill = {**WELDING, "target_type": "ext:House"}
    (row,) = present_skills([skill], organization="NordU").rows
    assert ("ext:House", "ext:House") in row.types
    assert len(row.types) == len(TARGET_TYPES) + 1


@pytest.mark.parametrize(
    ("operation", "focus"),
    [
        ("", ""),
        ("requirements:add:", ""),
        ("skills:add", "id_skill-2-name"),
        ("skills:up:2", "id_skill-1-name"),
        ("skills:down:0", "id_skill-1-name"),
        ("skills:remove:9", "id_skill-2-name"),
        ("skills:search", "id_skill-search"),
    ],
)
def test_reader_goes_on_where_something_happened(operation: str, focus: str) -> None:
    skills = [WELDING, SOLDERING, CUTTING]
    assert present_skills(skills, organization="NordU", operation=operation).focus == focus


def test_after_the_last_skill_is_removed_the_reader_is_at_the_skills() -> None:
    assert (
        present_skills([], organization="NordU", operation="skills:remove:0").focus == "id_skills"
    )


# --- in a page ---------------------------------------------------------------------------------


def test_without_scripts_the_page_comes_back_with_everything(
    author: Person, listed: ListedSkill
) -> None:
    typed = {"name": '"Cutting" <b>', "url": "not yet", "target_type": "ext:House"}
    post = posted(typed, WELDING, title="Metal <work>", **{"skill-search": "weld"})
    for operation, skills in [
        ("skills:up:1", [WELDING, typed]),
        ("skills:search", [typed, WELDING]),
        ("skills:add", [typed, WELDING]),
        ("skills:remove:1", [typed]),
    ]:
        response = author.client.post(PAGE, {**post, "op": operation})
        page = response.content.decode()
        assert shown(page) == skills
        assert 'value="Metal &lt;work&gt;"' in page
        assert 'name="skill-search" value="weld"' in page
        assert "<b>" not in page


def test_search_without_scripts_shows_buttons_that_add(author: Person, listed: ListedSkill) -> None:
    page = author.client.post(
        PAGE, posted(SOLDERING, op="skills:search", **{"skill-search": "weld"})
    ).content.decode()
    assert re.findall(r'value="(skills:pick:\d+)"', page) == [f"skills:pick:{listed.pk}"]
    page = author.client.post(
        PAGE, posted(SOLDERING, op=f"skills:pick:{listed.pk}")
    ).content.decode()
    assert shown(page) == [SOLDERING, WELDING]


def test_with_scripts_only_the_part_comes_back(author: Person) -> None:
    response = author.client.post(
        PAGE, posted(WELDING, op="skills:add"), headers={"HX-Request": "true"}
    )
    part = response.content.decode()
    assert part.lstrip().startswith('<fieldset class="skills-editor" id="id_skills"')
    assert part.rstrip().endswith("</fieldset>")
    assert shown(part) == [WELDING]
    assert 'name="skill-1-name" value=""' in part
    assert re.search(r'id="id_skill-1-name"[^>]* autofocus', part)


def test_wrong_field_is_marked_and_described(author: Person) -> None:
    page = author.client.post(PAGE, posted({"name": "x", "url": "nowhere"}, op="save")).content
    field = re.search(rb'<input[^>]+name="skill-0-url"[^>]*>', page)
    assert field is not None
    assert b'aria-invalid="true" aria-describedby="wrong_skill-0-url"' in field[0]
    assert b'id="wrong_skill-0-url">This is no address.' in page


def test_saved_skills_are_those_of_a_definition(author: Person) -> None:
    page = author.client.post(PAGE, posted(WELDING, {}, SOLDERING, op="save")).content.decode()
    saved = re.search(r'id="saved">(.*?)</pre>', page)
    assert saved is not None
    assert json.loads(unescape(saved[1])) == [WELDING, SOLDERING]


def test_form_without_lists_has_no_search(author: Person) -> None:
    assert "skill-search" not in author.client.get(PAGE).content.decode()


@pytest.mark.parametrize("count", [1, 3, 100])
def test_part_takes_one_query_however_many_skills_there_are(count: int) -> None:
    skills = [{**WELDING, "code": str(number)} for number in range(count)]
    with CaptureQueriesContext(connection) as captured:
        present_skills(skills, organization="NordU")
    assert len(captured) == 1


# --- the search --------------------------------------------------------------------------------


def found(client: Client, text: str, organization: str = "NordU") -> str:
    response = client.get(SEARCH, {"skill-search": text, "organization": organization})
    assert response.status_code == 200
    return response.content.decode()


def test_author_finds_what_is_in_their_lists(author: Person, listed: ListedSkill) -> None:
    part = found(author.client, "weld")
    assert "Welding" in part
    assert "at sea" not in part
    assert f'value="skills:pick:{listed.pk}"' in part
    assert "<html" not in part


def test_search_says_so_where_it_shows_nothing(author: Person, listed: ListedSkill) -> None:
    assert "No skill in the lists fits" in found(author.client, "zzz")
    assert "at least two letters" in found(author.client, "w")


def test_search_is_for_those_who_write_for_the_organization(
    author: Person, person: Callable[..., Person], visitor: Client, listed: ListedSkill
) -> None:
    query = {"skill-search": "weld", "organization": "Harbor"}
    assert author.client.get(SEARCH, query).status_code == 404
    assert person("viewer", Harbor="viewer").client.get(SEARCH, query).status_code == 404
    assert author.client.get(SEARCH, {"skill-search": "weld"}).status_code == 404
    assert visitor.get(SEARCH, query).status_code == 302


def test_search_takes_five_queries(author: Person, listed: ListedSkill) -> None:
    found(author.client, "weld")
    with CaptureQueriesContext(connection) as captured:
        found(author.client, "weld")
    # The session, the user, their roles, and the two of the search.
    assert len(captured) == 5
