"""Offers as authors and course teams see and answer them in Studio."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import Offer
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Microcredential
from tests.factories import all_of, any_of, any_run, course, holds, publish, publish_many
from tests.fakes import FakeHost
from tests.studio.conftest import ELSEWHERE, NOW, A, B, Person
from tests.studio.test_courses import main_of, text_of

OFFERS = "/microcredentials/offers/"
RERUN = "course-v1:Harbor+H+2027"


@pytest.fixture(autouse=True)
def runs(host: FakeHost) -> None:
    host.add_run(ELSEWHERE, title="Harbour safety")
    host.add_run(A, title="Statistics")
    host.add_run(B, title="Probability")


@pytest.fixture
def teacher(person: Callable[..., Person]) -> Person:
    return person("teacher", of=(ELSEWHERE,))


@pytest.fixture
def analyst() -> Microcredential:
    return publish("analyst", all_of(course(A), any_of(course(B), course(A))))


def rights(of: Person) -> authoring.Rights:
    return authoring.rights_of(get_user_model().objects.get(pk=of.id))


def propose(found: Microcredential, node: dict[str, Any], by: Person, note: str = "") -> Offer:
    return authoring.propose(
        microcredential=found, requirement=node, by=rights(by), note=note, now=NOW
    )


@pytest.fixture
def offered(analyst: Microcredential, teacher: Person) -> Offer:
    """By the course's team, to NordU."""
    return propose(analyst, course(ELSEWHERE, minimum_grade=70), teacher, "Please.")


def path_of(offer: Offer) -> str:
    return f"{OFFERS}{offer.uuid}/"


def state(offer: Offer) -> str:
    return Offer.objects.get(pk=offer.pk).state


# --- who sees what -------------------------------------------------------------------------------


def test_both_sides_open_an_offer_and_nobody_else(
    offered: Offer, teacher: Person, author: Person, person: Callable[..., Person], visitor: Client
) -> None:
    seeing = (teacher, author, person("viewer", NordU="viewer"), person("boss", is_staff=True))
    for who in seeing:
        said = main_of(who.client.get(path_of(offered)))
        assert "Harbour safety for Analyst" in said
        assert "Teacher has offered Harbour safety Please." in said
    for other in (
        person("limited", of=(ELSEWHERE,), course_role="limited_staff"),
        person("elsewhere", of=(A,)),
        person("harbor", Harbor="admin"),
    ):
        assert other.client.get(path_of(offered)).status_code == 404
        for does in ("accept", "decline", "withdraw"):
            response = other.client.post(path_of(offered), {"do": does, "reason": "x"})
            assert response.status_code == 404
    assert visitor.get(path_of(offered)).status_code == 302
    assert state(offered) == "to_owner"


def test_offer_that_there_is_not_is_not_found(author: Person) -> None:
    response = author.client.get(f"{OFFERS}7d0cbbf6-9d4d-4e8c-a3a3-3f4f6a8a3b51/")
    assert response.status_code == 404


def test_list_has_what_concerns_the_readers_organisations(
    offered: Offer, author: Person, person: Callable[..., Person], teacher: Person
) -> None:
    harbor = publish("harbor-badge", course(B), organization="Harbor")
    propose(harbor, course(ELSEWHERE), teacher)
    said = main_of(author.client.get(OFFERS))
    assert "Analyst" in said
    assert "Harbor Badge" not in said
    everything = main_of(person("boss", is_staff=True).client.get(OFFERS))
    assert "Analyst" in everything
    assert "Harbor Badge" in everything
    assert "You write for no organisation yet" in main_of(teacher.client.get(OFFERS))


def test_lists_are_by_what_is_waited_for(
    analyst: Microcredential, offered: Offer, author: Person, person: Callable[..., Person]
) -> None:
    asked = propose(publish("asks", course(A)), course(ELSEWHERE), author)
    both = person("both", of=(ELSEWHERE,), NordU="author")
    propose(publish("agrees", course(A)), course(ELSEWHERE), both)
    authoring.withdraw(
        offer=propose(publish("ends", course(A)), course(ELSEWHERE), both), by=rights(both)
    )
    found = {}
    for which in ("", "there", "agreed", "ended"):
        page = text_of(author.client.get(OFFERS, {"list": which}))
        found[which] = {slug for slug in ("Analyst", "Asks", "Agrees", "Ends") if slug in page}
    assert found == {"": {"Analyst"}, "there": {"Asks"}, "agreed": {"Agrees"}, "ended": {"Ends"}}
    assert author.client.get(OFFERS, {"list": "nonsense"}).status_code == 404
    assert asked.state == "to_other"


# --- answering -----------------------------------------------------------------------------------


def test_author_accepts_into_the_group_that_they_choose(offered: Offer, author: Person) -> None:
    page = text_of(author.client.get(OFFERS))
    for option in ("With everything else: All 2 of these", "\N{EN DASH} One of these"):
        assert option in page
    form = {"do": "accept", "place": "requirements.of[1]", "back": OFFERS}
    response = author.client.post(path_of(offered), form, follow=True)
    assert response.redirect_chain == [(OFFERS, 302)]
    assert "Agreed. It is in the draft" in main_of(response)
    draft = definitions.draft_of(offered.microcredential)
    assert draft is not None
    assert draft.requirements["of"][1] == any_of(
        course(B), course(A), course(ELSEWHERE, minimum_grade=70)
    )


def test_viewer_reads_and_changes_nothing(offered: Offer, person: Callable[..., Person]) -> None:
    viewer = person("viewer", NordU="viewer")
    page = text_of(viewer.client.get(path_of(offered)))
    assert 'name="do"' not in page
    response = viewer.client.post(path_of(offered), {"do": "accept"})
    assert response.status_code == 422
    assert "The other side has to answer this." in response.content.decode()
    assert state(offered) == "to_owner"


def test_declining_without_a_reason_is_refused_and_with_one_is_read_by_the_other_side(
    offered: Offer, author: Person, teacher: Person
) -> None:
    response = author.client.post(path_of(offered), {"do": "decline", "reason": " "})
    assert response.status_code == 422
    assert "Say why" in response.content.decode()
    author.client.post(path_of(offered), {"do": "decline", "reason": "Too <b>short</b>."})
    assert state(offered) == "declined"
    page = text_of(teacher.client.get(f"/microcredentials/course/{ELSEWHERE}/"))
    assert "Author of NordU has declined" in " ".join(page.split())
    assert "Too &lt;b&gt;short&lt;/b&gt;." in page


def test_reason_that_is_too_long_stays_in_its_form(offered: Offer, author: Person) -> None:
    response = author.client.post(path_of(offered), {"do": "decline", "reason": "x" * 2001})
    assert response.status_code == 422
    assert f">{'x' * 2001}</textarea>" in response.content.decode()


def test_course_team_answers_what_an_author_has_asked(
    analyst: Microcredential, author: Person, teacher: Person
) -> None:
    asked = propose(analyst, course(ELSEWHERE), author, "May it?")
    page = f"/microcredentials/course/{ELSEWHERE}/"
    said = main_of(teacher.client.get(page))
    assert "Waiting for your answer 1" in said
    assert "Author of NordU has asked for it" in said
    assert "May it?" in said
    response = teacher.client.post(path_of(asked), {"do": "accept", "back": page})
    assert response["Location"] == page
    assert state(asked) == "accepted"
    assert definitions.draft_of(analyst) is not None


def test_run_alone_does_not_answer_for_every_run(
    analyst: Microcredential, author: Person, teacher: Person, host: FakeHost
) -> None:
    host.add_run(RERUN)
    asked = propose(analyst, any_run("Harbor+H"), author)
    said = main_of(teacher.client.get(f"/microcredentials/course/{ELSEWHERE}/"))
    assert "Waiting for others 1" in said
    assert "Waits for: Whoever writes every run of Harbor+H." in said
    response = teacher.client.post(path_of(asked), {"do": "accept"})
    assert response.status_code == 422
    assert state(asked) == "to_other"


def test_proposal_is_taken_back(offered: Offer, teacher: Person) -> None:
    assert "Take it back" in text_of(teacher.client.get(path_of(offered)))
    teacher.client.post(path_of(offered), {"do": "withdraw", "side": "other"})
    assert state(offered) == "withdrawn"


@pytest.mark.parametrize(("who", "side"), [("author", "owner"), ("teacher", "other")])
def test_either_side_withdraws_what_was_agreed_on(
    offered: Offer, author: Person, teacher: Person, who: str, side: str
) -> None:
    authoring.accept(offer=offered, by=rights(author))
    speaking = {"author": author, "teacher": teacher}[who]
    form = {"do": "withdraw", "side": side, "reason": "It changes."}
    speaking.client.post(path_of(offered), form)
    assert state(offered) == "withdrawn"
    last = Offer.objects.get(pk=offered.pk).steps.last()
    assert (last.side, last.reason) == (side, "It changes.")


@pytest.mark.parametrize("does", ["", "explode"])
def test_nothing_that_can_be_done_is_said(offered: Offer, author: Person, does: str) -> None:
    response = author.client.post(path_of(offered), {"do": does})
    assert response.status_code == 422
    assert "Choose what to do" in response.content.decode()


def test_place_that_is_gone_is_said(offered: Offer, author: Person) -> None:
    form = {"do": "accept", "place": "requirements.of[9]"}
    response = author.client.post(path_of(offered), form)
    assert response.status_code == 422
    assert "that place is gone" in response.content.decode()
    assert state(offered) == "to_owner"


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_nobody_is_led_to_another_site(offered: Offer, author: Person, back: str) -> None:
    page = text_of(author.client.get(path_of(offered), {"back": back}))
    assert "evil.example" not in page[page.index("<main") :]
    response = author.client.post(path_of(offered), {"do": "accept", "back": back})
    assert response["Location"] == path_of(offered)


@pytest.mark.parametrize("does", ["accept", "decline", "withdraw"])
def test_form_of_another_site_does_nothing(offered: Offer, author: Person, does: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = author.client.cookies
    response = strict.post(path_of(offered), {"do": does, "reason": "x"})
    assert response.status_code == 403
    assert state(offered) == "to_owner"


# --- asking --------------------------------------------------------------------------------------


def drafted(organization: str = "NordU") -> Microcredential:
    found = definitions.create_microcredential(
        slug=f"next-{organization}".lower(), organization=organization, title="Next"
    )
    tree = all_of(course(ELSEWHERE, minimum_grade=60), any_of(course(ELSEWHERE), course(A)))
    definitions.create_draft(microcredential=found, content={"requirements": tree})
    return found


def test_author_asks_for_what_the_draft_names(
    author: Person, host: FakeHost, person: Callable[..., Person]
) -> None:
    host.give_role(author.id, A, "staff")
    found = drafted()
    path = f"{OFFERS}ask/{found.uuid}/"
    page = text_of(author.client.get(path))
    assert page.count(f'value="{ELSEWHERE}"') == 1
    assert A not in page
    response = author.client.post(path, {"key": [ELSEWHERE, A], "note": "May it?"}, follow=True)
    assert "Asked. They are told, and answer." in main_of(response)
    offer = Offer.objects.get()
    assert (offer.state, offer.object_key) == ("to_other", ELSEWHERE)
    assert offer.requirement == course(ELSEWHERE, minimum_grade=60)
    assert f'href="{path_of(offer)}"' in response.content.decode()
    response = author.client.post(path, {"key": ELSEWHERE})
    assert response.status_code == 422
    assert Offer.objects.count() == 1


def test_nothing_has_to_be_asked_for(author: Person, person: Callable[..., Person]) -> None:
    found = publish("plain", course(A))
    page = author.client.get(f"{OFFERS}ask/{found.uuid}/")
    assert "Nothing has to be asked for" in main_of(page)
    operator = person("operator", is_staff=True)
    page = operator.client.get(f"{OFFERS}ask/{drafted().uuid}/")
    assert "Nothing has to be asked for" in main_of(page)


def test_only_its_authors_ask_for_a_microcredential(
    author: Person, teacher: Person, person: Callable[..., Person]
) -> None:
    path = f"{OFFERS}ask/{drafted('Harbor').uuid}/"
    for other in (author, teacher, person("viewer", Harbor="viewer")):
        assert other.client.get(path).status_code == 404
        assert other.client.post(path, {"key": ELSEWHERE}).status_code == 404
    assert not Offer.objects.exists()


def test_component_of_another_organisation_is_asked_for(
    author: Person, person: Callable[..., Person]
) -> None:
    component = publish("harbor-skill", course(ELSEWHERE), organization="Harbor")
    found = definitions.create_microcredential(slug="top", organization="NordU", title="Top")
    definitions.create_draft(microcredential=found, content={"requirements": holds(component)})
    author.client.post(f"{OFFERS}ask/{found.uuid}/", {"key": str(component.uuid)})
    offer = Offer.objects.get()
    owner = person("harbor", Harbor="author")
    said = main_of(owner.client.get(path_of(offer)))
    assert "Harbor Skill for Top" in said
    assert "Authors of Harbor" in said
    owner.client.post(path_of(offer), {"do": "accept"})
    assert state(offer) == "accepted"


# --- how much it costs ---------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 20])
def test_list_costs_the_same_however_many_offers(
    author: Person, teacher: Person, count: int
) -> None:
    for one in publish_many(count, lambda _position: [A]):
        propose(one, course(ELSEWHERE), teacher)
    with CaptureQueriesContext(connection) as queries:
        page = text_of(author.client.get(OFFERS))
    assert page.count('class="card agreement"') == count
    # Session, user, their roles; how many there are, the offers, their steps; the drafts.
    assert len(queries) == 7
