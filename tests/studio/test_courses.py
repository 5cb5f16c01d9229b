"""The page of a course in Studio: what it counts towards, and offering it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import Offer
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Microcredential
from tests.factories import all_of, any_run, course, publish, publish_many
from tests.fakes import FakeHost
from tests.studio.conftest import ELSEWHERE, NOW, A, Person

RERUN = "course-v1:Harbor+H+2027"
OTHER = "course-v1:Harbor+I+2026"
PAGE = f"/microcredentials/course/{ELSEWHERE}/"
OFFERING = f"{PAGE}offer/"


@pytest.fixture(autouse=True)
def runs(host: FakeHost) -> None:
    host.add_run(ELSEWHERE, title="Harbour safety")
    host.add_run(A, title="Statistics")


@pytest.fixture
def teacher(person: Callable[..., Person]) -> Person:
    """Writes the course, and nothing else."""
    return person("teacher", of=(ELSEWHERE,))


def text_of(response: HttpResponse) -> str:
    assert response.status_code == 200, response.content
    return response.content.decode()


def main_of(response: HttpResponse) -> str:
    """What is read on a page, without markup, in one line."""
    page = response.content.decode()
    main = re.sub(r"<[^>]+>", " ", page[page.index("<main") : page.index("</main>")])
    return " ".join(main.split())


def propose(found: Microcredential, node: dict[str, Any], by: Person, **values: Any) -> Offer:
    rights = authoring.rights_of(get_user_model().objects.get(pk=by.id))
    return authoring.propose(
        microcredential=found, requirement=node, by=rights, **{"now": NOW, **values}
    )


# --- who opens it --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", [PAGE, OFFERING, f"{PAGE}withdraw/7d0cbbf6-9d4d-4e8c-a3a3-3f4f6a8a3b51/"]
)
def test_only_who_may_write_the_course_opens_its_pages(
    path: str, person: Callable[..., Person], visitor: Client
) -> None:
    for other in (
        person("limited", of=(ELSEWHERE,), course_role="limited_staff"),
        person("elsewhere", of=(A,)),
        person("author", NordU="author"),
        person("admin", Harbor="admin"),
    ):
        assert other.client.get(path).status_code == 404
        assert other.client.post(path, {"to": "x"}).status_code in (404, 405)
    response = visitor.get(path)
    assert response.status_code == 302
    assert "/login/" in response["Location"]


@pytest.mark.parametrize("key", ["nonsense", "course-v1:No+Such+Run", "course-v1:Harbor+H+2026x"])
def test_course_that_does_not_exist_is_not_found(key: str, person: Callable[..., Person]) -> None:
    operator = person("operator", is_staff=True)
    assert operator.client.get(f"/microcredentials/course/{key}/").status_code == 404
    assert operator.client.get(f"/microcredentials/api/v1/courses/{key}/").status_code == 404


def test_platform_that_does_not_answer_is_said(teacher: Person, host: FakeHost) -> None:
    host.fail_with(RuntimeError("down"))
    host.site = lambda: type("Site", (), {"name": "x", "home_url": "/"})()  # type: ignore
    try:
        response = teacher.client.get(PAGE)
    finally:
        del host.site
    assert response.status_code == 503
    assert "Nothing is lost; try again later." in response.content.decode()


# --- what it counts towards ----------------------------------------------------------------------


def test_page_says_what_counts_the_course_and_on_what_condition(teacher: Person) -> None:
    publish("first-aid", course(ELSEWHERE, minimum_grade=70, modes=["verified"]))
    publish("wide", all_of(course(A), any_run("Harbor+H")))
    publish("unrelated", course(A))
    said = main_of(teacher.client.get(PAGE))
    assert "Counts towards 2" in said
    assert (
        "First Aid Version 1 can be earned NordU Pass Harbour safety grade of 70 % or more "
        "enrollment mode: verified" in said
    )
    assert "Wide Version 1 can be earned NordU Pass Harbour safety in any run" in said
    assert "Unrelated" not in said


def test_course_that_counts_towards_nothing_is_offered(teacher: Person) -> None:
    response = teacher.client.get(PAGE)
    assert "It counts towards no microcredential yet" in main_of(response)
    assert f'href="{OFFERING}"' in text_of(response)


def test_version_that_is_closed_or_was_followed_by_one_without_the_course_says_so(
    teacher: Person,
) -> None:
    publish("dropped", course(ELSEWHERE))
    publish("dropped", course(A), now=NOW)
    said = main_of(teacher.client.get(PAGE))
    assert "Dropped Version 1 is closed Not in the newest version" in said
    assert "Withdraw" not in said


def test_draft_that_took_the_course_up_is_marked(teacher: Person, author: Person) -> None:
    found = publish("first-aid", course(A))
    offer = propose(found, course(ELSEWHERE, minimum_grade=60), teacher)
    author.client.post(f"/microcredentials/offers/{offer.uuid}/", {"do": "accept"})
    said = main_of(teacher.client.get(PAGE))
    assert "First Aid In the draft, not published NordU Pass Harbour safety" in said
    assert "grade of 60 % or more" in said


def test_conditions_that_the_draft_has_and_those_that_were_agreed_on_are_both_shown(
    teacher: Person, author: Person
) -> None:
    found = definitions.create_microcredential(slug="next", organization="NordU", title="Next")
    definitions.create_draft(
        microcredential=found, content={"requirements": course(ELSEWHERE, minimum_grade=90)}
    )
    offer = propose(found, course(ELSEWHERE, minimum_grade=60), teacher)
    author.client.post(f"/microcredentials/offers/{offer.uuid}/", {"do": "accept"})
    said = main_of(teacher.client.get(PAGE))
    assert (
        "Pass Harbour safety grade of 90 % or more Agreed on: Pass Harbour safety grade of 60 % "
        "or more" in said
    )
    said = main_of(author.client.get(f"/microcredentials/offers/{offer.uuid}/"))
    assert "What the draft asks for now Pass Harbour safety grade of 90 % or more" in said


def test_drafts_of_others_that_nobody_was_asked_about_are_not_told(
    teacher: Person, person: Callable[..., Person]
) -> None:
    found = publish("secret", course(ELSEWHERE))
    definitions.create_draft(
        microcredential=found,
        content={"requirements": course(ELSEWHERE, minimum_grade=99), "title": "Secret plan"},
    )
    for writer, is_told in (
        (teacher, False),
        (person("both", of=(ELSEWHERE,), NordU="viewer"), True),
    ):
        said = main_of(writer.client.get(PAGE))
        assert ("99" in said) is is_told
        assert "Secret plan" not in said


def test_unpublished_microcredential_that_drafted_the_course_in_is_not_told(
    teacher: Person,
) -> None:
    found = definitions.create_microcredential(
        slug="hidden", organization="NordU", title="Hidden thing"
    )
    definitions.create_draft(microcredential=found, content={"requirements": course(ELSEWHERE)})
    assert "Hidden thing" not in text_of(teacher.client.get(PAGE))
    assert "Hidden thing" not in text_of(teacher.client.get(f"{OFFERING}?q=Hidden"))
    assert teacher.client.get(f"{OFFERING}?to={found.uuid}").status_code == 404


def test_many_are_on_pages_and_can_be_searched(teacher: Person) -> None:
    publish_many(45, lambda _position: [ELSEWHERE])
    first = teacher.client.get(PAGE)
    assert "Counts towards 45" in main_of(first)
    assert text_of(first).count('class="card agreement"') == 20
    assert text_of(teacher.client.get(f"{PAGE}?page=3")).count('class="card agreement"') == 5
    found = text_of(teacher.client.get(f"{PAGE}?q=nordu+BULK+44"))
    assert found.count('class="card agreement"') == 1
    assert "Nothing fits" in text_of(teacher.client.get(f"{PAGE}?q=zzz"))
    assert "&lt;b&gt;" in text_of(teacher.client.get(f"{PAGE}?q=%3Cb%3E"))


@pytest.mark.parametrize("count", [1, 30, 300])
def test_page_costs_the_same_however_much_it_counts_towards(
    teacher: Person, author: Person, count: int
) -> None:
    found = publish_many(count, lambda _position: [ELSEWHERE])
    for one in [*found[:40], publish("other", course(A)), publish("another", course(A))]:
        propose(one, course(ELSEWHERE), teacher)
    with CaptureQueriesContext(connection) as queries:
        assert teacher.client.get(PAGE).status_code == 200
    # Session, user, their roles; offers and their steps; the index, versions and drafts.
    assert len(queries) == 10  # three of them ask for the figures of its learners


# --- runs of the same course ---------------------------------------------------------------------


def test_rerun_inherits_what_names_the_course_and_is_offered_for_the_rest_in_one_click(
    host: FakeHost, person: Callable[..., Person]
) -> None:
    host.add_run(RERUN, title="Harbour safety")
    both = person("both", of=(ELSEWHERE, RERUN))
    publish("wide", any_run("Harbor+H"))
    narrow = publish("narrow", course(ELSEWHERE, minimum_grade=80))
    page = f"/microcredentials/course/{RERUN}/"
    said = main_of(both.client.get(page))
    assert "Counts towards 1 Wide" in said
    assert "these ask for other runs by name" in said.lower()
    assert f"Narrow NordU · {ELSEWHERE} Offer this run, too" in said
    assert f'href="{PAGE}"' in text_of(both.client.get(page))
    response = both.client.post(f"{page}offer/", {"to": narrow.uuid, "like": ELSEWHERE})
    assert (response.status_code, response["Location"]) == (302, page)
    offer = Offer.objects.get()
    assert offer.requirement == course(RERUN, minimum_grade=80)
    assert offer.state == "to_owner"
    assert "Offer this run, too" not in main_of(both.client.get(page))


def test_rerun_is_offered_to_what_is_listed_nowhere_but_counts_an_earlier_run(
    host: FakeHost, person: Callable[..., Person]
) -> None:
    host.add_run(RERUN)
    both = person("both", of=(ELSEWHERE, RERUN))
    found = publish("narrow", course(ELSEWHERE))
    definitions.change_microcredential(microcredential=found, visibility="unlisted")
    page = f"/microcredentials/course/{RERUN}/"
    assert "Narrow" in main_of(both.client.get(page))
    response = both.client.post(f"{page}offer/", {"to": found.uuid, "like": ELSEWHERE})
    assert response.status_code == 302
    assert Offer.objects.get().object_key == RERUN


def test_runs_that_the_reader_may_not_write_are_not_linked(host: FakeHost, teacher: Person) -> None:
    host.add_run(RERUN)
    assert RERUN not in text_of(teacher.client.get(PAGE))


@pytest.mark.parametrize("like", [A, OTHER, "nonsense", ""])
def test_one_click_takes_no_run_of_another_course(
    teacher: Person, host: FakeHost, like: str
) -> None:
    host.add_run(OTHER)
    found = publish("several", all_of(course(A), course(OTHER)))
    response = teacher.client.post(OFFERING, {"to": found.uuid, "like": like})
    assert response.status_code == 422
    assert "does not name that run" in response.content.decode()
    assert not Offer.objects.exists()


# --- offering ------------------------------------------------------------------------------------


@pytest.fixture
def analyst() -> Microcredential:
    return publish("analyst", course(A), skills=[{"name": "Regression"}])


@pytest.mark.parametrize("query", ["analyst", "REGRESSION", "nordu analyst"])
def test_microcredential_is_found_by_title_skill_or_organisation(
    teacher: Person, analyst: Microcredential, query: str
) -> None:
    publish("unlike", course(A))
    page = text_of(teacher.client.get(OFFERING, {"q": query}))
    assert f"?to={analyst.uuid}" in page
    assert "Unlike" not in page
    part = text_of(teacher.client.get(OFFERING, {"q": query}, headers={"HX-Request": "true"}))
    assert f"?to={analyst.uuid}" in part
    assert "<html" not in part


def test_what_may_not_be_seen_is_not_found(teacher: Person, person: Callable[..., Person]) -> None:
    made = {}
    for visibility, organization in (
        ("unlisted", "NordU"), ("organization", "NordU"), ("organization", "Harbor"),
    ):  # fmt: skip
        found = publish(
            f"{visibility}-{organization}".lower(), course(A), organization=organization
        )
        definitions.change_microcredential(microcredential=found, visibility=visibility)
        made[visibility, organization] = found
    seen = {
        "teacher": (teacher, {("organization", "Harbor")}),
        "viewer": (
            person("viewer", of=(ELSEWHERE,), NordU="viewer"),
            {("unlisted", "NordU"), ("organization", "NordU"), ("organization", "Harbor")},
        ),
        "operator": (person("operator", is_staff=True), set(made)),
    }
    for who, may_see in seen.values():
        page = text_of(who.client.get(OFFERING))
        for key, found in made.items():
            assert (str(found.uuid) in page) is (key in may_see)
            status = who.client.get(OFFERING, {"to": found.uuid}).status_code
            assert status == (200 if key in may_see else 404)


@pytest.mark.parametrize("to", ["", "x", "7d0cbbf6-9d4d-4e8c-a3a3-3f4f6a8a3b51"])
def test_offer_to_nothing_is_not_found(teacher: Person, to: str) -> None:
    assert teacher.client.post(OFFERING, {"to": to, "which": "this"}).status_code == 404


def test_course_is_offered_on_conditions(teacher: Person, analyst: Microcredential) -> None:
    form = {
        "to": analyst.uuid, "which": "this", "minimum_grade": " 70 ", "certificate": "1",
        "modes": ["verified", "honor"], "note": "Please.",
    }  # fmt: skip
    response = teacher.client.post(OFFERING, form, follow=True)
    offer = Offer.objects.get()
    assert offer.requirement == course(
        ELSEWHERE, minimum_grade=70, modes=["verified", "honor"], certificate=True
    )
    assert (offer.state, offer.steps.get().reason) == ("to_owner", "Please.")
    said = main_of(response)
    assert "Offered. The authors of NordU are told, and answer." in said
    assert "Waiting for others 1" in said
    assert "Waits for: Authors of NordU." in said


def test_chosen_runs_are_an_offer_each(
    analyst: Microcredential, host: FakeHost, person: Callable[..., Person]
) -> None:
    host.add_run(RERUN)
    both = person("both", of=(ELSEWHERE, RERUN))
    form = {"to": analyst.uuid, "which": "chosen", "runs": [ELSEWHERE, RERUN]}
    both.client.post(OFFERING, form)
    offers = Offer.objects.order_by("object_key")
    assert [one.requirement for one in offers] == [course(ELSEWHERE), course(RERUN)]


def test_any_run_is_offered_by_whoever_writes_every_run(
    teacher: Person, analyst: Microcredential, host: FakeHost
) -> None:
    teacher.client.post(OFFERING, {"to": analyst.uuid, "which": "any"})
    assert Offer.objects.get().object_key == "Harbor+H"
    host.add_run(RERUN)
    page = text_of(teacher.client.get(OFFERING, {"to": analyst.uuid}))
    assert "Only whoever writes every run can offer that." in page
    response = teacher.client.post(OFFERING, {"to": analyst.uuid, "which": "any"})
    assert response.status_code == 422
    assert "You can only offer runs that you write." in response.content.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"minimum_grade": "170"}, "whole number from 1 to 100"),
        ({"minimum_grade": "\N{ARABIC-INDIC DIGIT SEVEN}"}, "whole number from 1 to 100"),
        ({"minimum_grade": "0"}, "whole number from 1 to 100"),
        ({"which": "chosen"}, "Choose at least one run."),
        ({"which": "chosen", "runs": [A]}, "only offer runs that you write"),
        ({"which": "nonsense"}, "Choose which runs you offer."),
        ({"modes": ["<script>"]}, "Choose from the modes"),
        ({"note": "x" * 2001}, "at most 2000 characters"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    teacher: Person, analyst: Microcredential, typed: dict[str, Any], said: str
) -> None:
    form = {"to": analyst.uuid, "which": "this", "note": "<i>Mine</i>", **typed}
    response = teacher.client.post(OFFERING, form)
    assert response.status_code == 422
    page = response.content.decode()
    assert said in page
    assert "<script>" not in page.replace('<script src="', "")
    if "note" not in typed:
        assert "&lt;i&gt;Mine&lt;/i&gt;</textarea>" in page
    if "minimum_grade" in typed:
        assert f'value="{typed["minimum_grade"]}"' in page
    assert not Offer.objects.exists()


def test_offering_again_what_waits_for_oneself_is_refused_with_a_way_out(
    teacher: Person, author: Person, analyst: Microcredential
) -> None:
    propose(analyst, course(ELSEWHERE, minimum_grade=90), author)
    response = teacher.client.post(OFFERING, {"to": analyst.uuid, "which": "this"})
    assert response.status_code == 422
    assert "Accept or decline that first." in response.content.decode()


def test_whoever_may_do_both_agrees_with_themselves(
    analyst: Microcredential, person: Callable[..., Person]
) -> None:
    both = person("both", of=(ELSEWHERE,), NordU="author")
    response = both.client.post(OFFERING, {"to": analyst.uuid, "which": "this"}, follow=True)
    assert "counts it from its next version on: it is in the draft." in main_of(response)
    assert Offer.objects.get().state == "accepted"


@pytest.mark.parametrize("path", [OFFERING, "withdraw"])
def test_form_of_another_site_does_nothing(
    teacher: Person, analyst: Microcredential, path: str
) -> None:
    found = publish("counted", course(ELSEWHERE))
    if path == "withdraw":
        path = f"{PAGE}withdraw/{found.uuid}/"
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = teacher.client.cookies
    response = strict.post(path, {"to": analyst.uuid, "which": "this"})
    assert response.status_code == 403
    assert not Offer.objects.exists()


def test_titles_names_and_reasons_are_no_markup(
    person: Callable[..., Person], host: FakeHost, analyst: Microcredential
) -> None:
    evil = "<script>alert(1)</script>"
    host.add_run(ELSEWHERE, title=evil)
    teacher = person("teacher", of=(ELSEWHERE,))
    host.add_learner(teacher.id, "teacher", name=evil)
    found = publish("evil", course(A), title=evil)
    publish("counting", course(ELSEWHERE), title=evil)
    propose(found, course(ELSEWHERE), teacher, note=evil)
    author = person("author", NordU="author")
    offer = Offer.objects.get()
    for who, path in (
        (teacher, PAGE),
        (teacher, OFFERING),
        (teacher, f"{OFFERING}?to={found.uuid}"),
        (author, "/microcredentials/offers/"),
        (author, f"/microcredentials/offers/{offer.uuid}/"),
    ):
        page = text_of(who.client.get(path))
        assert evil not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


# --- withdrawing ---------------------------------------------------------------------------------


def test_withdrawing_a_published_course_says_first_what_that_means(teacher: Person) -> None:
    found = publish("counted", course(ELSEWHERE))
    path = f"{PAGE}withdraw/{found.uuid}/"
    assert f'href="{path}"' in text_of(teacher.client.get(PAGE))
    said = main_of(teacher.client.get(path))
    assert "Withdraw this run from “Counted” of NordU?" in said
    assert "What learners hold stays." in said
    assert "Version 1 goes on counting the course" in said
    assert not Offer.objects.exists()
    response = teacher.client.post(path, {"reason": "We close it."}, follow=True)
    offer = Offer.objects.get()
    assert (offer.state, offer.steps.get().reason) == ("withdrawn", "We close it.")
    said = main_of(response)
    assert "Withdrawn: not in the next version" in said
    assert teacher.client.get(path).status_code == 404


def test_any_run_is_withdrawn_by_whoever_writes_every_run(teacher: Person, host: FakeHost) -> None:
    found = publish("wide", any_run("Harbor+H"))
    path = f"{PAGE}withdraw/{found.uuid}/"
    assert "Withdraw every run of this course" in main_of(teacher.client.get(path))
    host.add_run(RERUN)
    assert teacher.client.get(path).status_code == 404
    assert teacher.client.post(path).status_code == 404


def test_reason_that_is_too_long_stays_in_the_form(teacher: Person) -> None:
    found = publish("counted", course(ELSEWHERE))
    response = teacher.client.post(f"{PAGE}withdraw/{found.uuid}/", {"reason": "x" * 2001})
    assert response.status_code == 422
    assert "x" * 2001 in response.content.decode()
    assert not Offer.objects.exists()


# --- the card of the micro-frontend --------------------------------------------------------------

API = f"/microcredentials/api/v1/courses/{ELSEWHERE}/"


def test_card_says_what_counts_and_what_waits(teacher: Person, author: Person) -> None:
    found = [publish(slug, course(ELSEWHERE)) for slug in ("delta", "beta", "alpha", "gamma")]
    publish("dropped", course(ELSEWHERE))
    publish("dropped", course(A), now=NOW)
    asked = publish("asks", course(A))
    propose(asked, course(ELSEWHERE), author)
    propose(found[0], course(ELSEWHERE), teacher)
    response = teacher.client.get(API)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    answer = response.json()
    assert answer["url"] == f"https://studio.example.org/microcredentials/course/{ELSEWHERE}/"
    assert answer["counts_towards"]["count"] == 4
    assert [one["title"] for one in answer["counts_towards"]["first"]] == ["Alpha", "Beta", "Delta"]
    assert answer["counts_towards"]["first"][0] == {
        "uuid": str(found[2].uuid),
        "title": "Alpha",
        "organization": "NordU",
        "url": f"https://lms.example.org/microcredentials/m/{found[2].uuid}/",
    }
    assert (answer["waiting"], answer["may_write"]) == (1, True)


def test_card_tells_others_nothing(
    person: Callable[..., Person], visitor: Client, host: FakeHost, teacher: Person
) -> None:
    publish("alpha", course(ELSEWHERE))
    assert visitor.get(API).status_code == 401
    for other in (
        person("limited", of=(ELSEWHERE,), course_role="limited_staff"),
        person("author", NordU="admin"),
    ):
        response = other.client.get(API)
        assert response.status_code == 404
        assert "Alpha" not in response.content.decode()
    assert teacher.client.post(API).status_code in (403, 405)
    host.fail_with(RuntimeError("down"))
    assert teacher.client.get(API).status_code == 503


@pytest.mark.parametrize("count", [1, 30])
def test_card_costs_the_same_however_much_counts(teacher: Person, count: int) -> None:
    for one in publish_many(count, lambda _position: [ELSEWHERE]):
        propose(one, course(ELSEWHERE), teacher)
    with CaptureQueriesContext(connection) as queries:
        assert teacher.client.get(API).status_code == 200
    assert len(queries) == 6  # session, user, their roles; the index; offers and their steps


def test_key_is_an_address_as_it_stands_and_as_it_is_quoted(teacher: Person) -> None:
    quoted = f"/microcredentials/course/{quote(ELSEWHERE, safe='')}/"
    assert teacher.client.get(quoted).status_code == 200
