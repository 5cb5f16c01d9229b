"""The learner's own page: what it shows, what it costs, and what it leaves to others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from microcred_plugin import decisions
from microcred_plugin.awards import api as awards
from microcred_plugin.awards.models import Award
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import Microcredential
from microcred_plugin.learner.home import Home, read_home
from tests.factories import LONG_AGO, all_of, any_of, at_least, course, holds, publish
from tests.learner.conftest import A, B, C, Someone, settle

NOW = LONG_AGO + timedelta(days=200)


def home(someone: Someone, **options: object) -> Home:
    return read_home(someone.id, now=NOW, **options)  # type: ignore[arg-type]


def titles(items: object) -> list[str]:
    return [item.badge.title for item in items]  # type: ignore[attr-defined]


def test_visitor_is_asked_to_log_in(visitor: Client, db: None) -> None:
    response = visitor.get("/microcredentials/")
    assert response.status_code == 302
    assert response["Location"] == "/login/?next=/microcredentials/"


def test_learner_without_anything_sees_a_way_to_begin(ada: Someone) -> None:
    page = ada.page("")
    assert "Your first badge will appear here by itself" in page
    assert 'href="/microcredentials/catalog/"' in page


def test_learner_in_a_course_is_shown_what_it_counts_towards(ada: Someone) -> None:
    ada.host.enroll(ada.id, A)
    assert 'href="/microcredentials/catalog/?mine=1"' in ada.page("")


def test_badge_is_shown_with_picture_title_date_and_issuer(ada: Someone) -> None:
    made = publish("data-literacy", course(A))
    ada.passes(A)
    settle()
    page = ada.page("")
    assert f'href="/microcredentials/awards/{ada.award(made).uuid}"' in page
    assert f'src="/microcredentials/m/{made.uuid}/1/badge.svg"' in page
    for text in ("Data Literacy", "NordU", "March 2, 2026"):
        assert text in page


def test_states_are_told_apart_and_what_has_ended_stands_by_itself(ada: Someone) -> None:
    kept = publish("kept", course(A))
    suspended = publish("suspended", course(B), policy="suspend")
    revoked = publish("revoked", course(C), policy="revoke")
    ada.passes(A, B, C)
    settle()
    ada.host.fail_course(ada.id, B)
    ada.host.fail_course(ada.id, C)
    settle()
    found = home(ada)
    assert {(one.badge.title, one.label) for one in found.badges} == {
        ("Kept", "Active"),
        ("Suspended", "Suspended"),
    }
    assert [(one.badge.title, one.label) for one in found.over] == [("Revoked", "Revoked")]
    assert {kept, suspended, revoked} == set(Microcredential.objects.all())


def test_suspended_one_says_what_brings_it_back(ada: Someone) -> None:
    publish("literacy", course(A), policy="suspend")
    publish("nearer", all_of(course(A), course(B)))
    ada.passes(A)
    settle()
    ada.host.fail_course(ada.id, A)
    settle()
    first = home(ada).under_way[0]
    assert first.badge.title == "Literacy"
    assert first.progress.next_step is not None
    assert first.progress.next_step.sentence == "Pass Course A: you have 40 % so far."


def test_what_is_under_way_comes_nearest_first_with_the_next_step(ada: Someone) -> None:
    publish("far", all_of(course(A), course(B), course(C)))
    publish("near", all_of(course(A), course(B)))
    publish("not-begun", all_of(course(C), course(B)))
    ada.passes(A)
    found = home(ada)
    assert titles(found.under_way) == ["Near", "Far"]
    near = found.under_way[0].progress
    assert (near.done, near.total, near.remaining) == (1, 2, 1)
    assert near.next_step is not None
    assert near.next_step.sentence == "Enroll in Course B and pass it."
    assert near.next_step.url == f"/courses/{B}/about"


def test_next_step_in_a_course_that_one_is_in_opens_it(ada: Someone) -> None:
    publish("literacy", course(A))
    ada.host.enroll(ada.id, A)
    (item,) = home(ada).under_way
    assert item.progress.next_step is not None
    assert item.progress.next_step.url == f"/courses/{A}/home"


def test_next_step_to_another_badge_leads_to_its_page(ada: Someone) -> None:
    low = publish("low", course(B))
    publish("high", all_of(course(A), holds(low)))
    ada.passes(A)
    (item,) = home(ada).under_way
    assert item.progress.next_step is not None
    assert item.progress.next_step.url == f"/microcredentials/m/{low.uuid}/"


def test_what_can_no_longer_be_met_is_not_under_way(ada: Someone) -> None:
    publish("lost", all_of(course(A), course(B, not_after="2026-01-31")))
    ada.passes(A)
    found = home(ada)
    assert titles(found.under_way) == []
    assert titles(found.out_of_reach) == ["Lost"]
    assert "Can no longer be met" in ada.page("")


def test_badges_come_by_the_day_on_which_they_were_met(ada: Someone) -> None:
    publish("first", course(A))
    publish("last", course(B), policy="suspend")
    publish("middle", course(C))
    for days, run in ((10, A), (30, B), (20, C)):
        ada.passes(run, on=LONG_AGO + timedelta(days=days))
    settle()
    assert titles(home(ada).badges) == ["Last", "Middle", "First"]
    assert home(ada).active == 3
    ada.passes(A, on=LONG_AGO + timedelta(days=10))
    ada.host.fail_course(ada.id, B)
    settle()
    assert titles(home(ada).badges) == ["Last", "Middle", "First"]
    assert home(ada).active == 2


def test_twelve_are_shown_and_the_rest_on_request(ada: Someone) -> None:
    for number in range(14):
        publish(f"way-{number:02}", all_of(course(A), course(B)))
    ada.passes(A)
    assert len(home(ada).under_way) == 12
    assert home(ada).more_under_way == 2
    assert "Show 2 more" in ada.page("")
    page = ada.page("", **{"under-way": "all"})
    assert "Show 2 more" not in page
    assert "Way 13" in page


def test_what_is_one_step_away_without_having_begun(ada: Someone) -> None:
    low = publish("low", course(A))
    beside = publish("beside", course(B))
    publish("high", all_of(holds(low), holds(beside)))
    ada.passes(A)
    settle()
    found = home(ada)
    assert titles(found.close) == ["Beside"]
    assert titles(found.under_way) == ["High"]


def test_what_is_met_and_not_written_is_being_awarded(ada: Someone) -> None:
    publish("literacy", course(A))
    ada.passes(A)
    found = home(ada)
    assert titles(found.arriving) == ["Literacy"]
    assert not Award.objects.exists()
    assert "It is being awarded." in ada.page("")
    assert not Award.objects.exists()


def test_met_but_not_eligible_is_under_way_and_says_what_it_waits_for(ada: Someone) -> None:
    publish("literacy", course(A), eligibility=course(B))
    ada.passes(A)
    page = ada.page("")
    assert "It waits until you are eligible." in page
    assert "Enroll in Course B and pass it." in page


@pytest.mark.parametrize("switch", ["off", "observe"])
def test_what_is_not_switched_on_is_not_spoken_of(ada: Someone, switch: str) -> None:
    made = publish("literacy", all_of(course(A), course(B)))
    definitions.set_switch(microcredential=made, switch=switch)
    ada.passes(A)
    assert not home(ada).under_way
    assert "Literacy" not in ada.page("")


def test_unlisted_one_comes_as_a_surprise_and_stays(ada: Someone) -> None:
    made = publish("surprise", all_of(course(A), course(B)))
    Microcredential.objects.filter(pk=made.pk).update(visibility="unlisted")
    ada.passes(A)
    assert "Surprise" not in ada.page("")
    ada.passes(B)
    settle()
    assert "Surprise" in ada.page("")


def test_who_was_refused_by_a_person_is_not_told_to_go_on(ada: Someone) -> None:
    made = publish("literacy", course(A))
    ada.passes(A)
    settle()
    decisions.revoke(learner_id=ada.id, microcredential_id=made.pk, by_id=None, reason="", now=NOW)
    found = home(ada)
    assert not found.under_way
    assert not found.arriving
    assert titles(found.over) == ["Literacy"]


def test_higher_level_takes_the_place_of_the_lower_one(ada: Someone) -> None:
    lower = publish("statistics", course(A))
    publish("distinction", course(A, minimum_grade=80), supersedes=lower)
    ada.passes(A, percent="0.90")
    settle()
    found = home(ada)
    assert titles(found.badges) == ["Distinction"]
    assert titles(found.earlier) == ["Statistics"]


def test_expired_award_is_over_whatever_its_row_says(ada: Someone) -> None:
    publish("first-aid", course(A), validity_months=120)
    ada.passes(A)
    settle()
    Award.objects.update(state="active", slot=1, expires_at=datetime(2026, 4, 2, tzinfo=UTC))
    found = home(ada)
    assert titles(found.badges) == []
    assert [one.label for one in found.over] == ["Expired"]


def test_platform_that_can_not_be_asked_leaves_the_badges(ada: Someone) -> None:
    publish("literacy", course(A))
    ada.passes(A)
    settle()
    ada.host.fail_with(RuntimeError("down"))
    found = read_home(ada.id, now=NOW)
    ada.host.fail_with(None)
    assert titles(found.badges) == ["Literacy"]
    assert not found.is_complete


def test_page_of_badges_that_is_none_is_the_nearest(ada: Someone) -> None:
    for number in range(30):
        publish(f"badge-{number:02}", course(A))
    ada.passes(A)
    settle()
    assert home(ada).badges.paginator.num_pages == 2
    assert home(ada, page="99").badges.number == 2
    assert home(ada, page="x").badges.number == 1
    assert len(home(ada, page="2").badges.object_list) == 6


def test_map_shows_the_stacks_that_the_learner_has_a_part_in(ada: Someone) -> None:
    low = publish("low", course(A))
    publish("high", at_least(2, holds(low), course(B), course(C)))
    elsewhere = publish("elsewhere", any_of(course("course-v1:NordU+C+1"), course(B)))
    publish("above-elsewhere", holds(elsewhere))
    ada.passes(A)
    settle()
    (drawn,) = home(ada).maps
    assert [(card.station.title, card.station.state) for card in drawn.cards] == [
        ("High", "under_way"),
        ("Low", "earned"),
    ]
    assert drawn.cards[0].station.standing == "1 of 2 steps"


# --- what it costs -----------------------------------------------------------------------------

# Of the platform: the session and the user. Of ours: awards, index, the stack's two, decisions.
OF_THE_PLATFORM, OURS = 2, 5


def queries_of(someone: Someone, path: str = "") -> int:
    someone.page(path)
    with CaptureQueriesContext(connection) as queries:
        someone.page(path)
    return len(queries)


@pytest.mark.parametrize("badges", [1, 30, 300])
def test_queries_do_not_grow_with_the_badges(ada: Someone, badges: int) -> None:
    for number in range(badges):
        publish(f"badge-{number:03}", course(A))
    ada.passes(A)
    settle()
    assert home(ada).badges.paginator.count == badges
    assert queries_of(ada) == OF_THE_PLATFORM + OURS


@pytest.mark.parametrize("courses", [1, 100])
def test_queries_do_not_grow_with_the_courses(ada: Someone, courses: int) -> None:
    for number in range(courses):
        run = f"course-v1:NordU+X{number}+1"
        ada.host.add_run(run)
        publish(f"badge-{number:03}", all_of(course(run), course(A)))
        ada.passes(run)
    assert queries_of(ada) == OF_THE_PLATFORM + OURS


def test_queries_do_not_grow_with_the_depth_of_the_stack(ada: Someone) -> None:
    below = publish("level-1", course(A))
    for level in range(2, 7):
        below = publish(f"level-{level}", all_of(holds(below), course(A)))
    ada.passes(A)
    settle()
    assert len(home(ada).maps[0].cards) == 6
    assert queries_of(ada) == OF_THE_PLATFORM + OURS


def test_page_with_300_badges_is_less_than_200_kilobytes(ada: Someone) -> None:
    for number in range(300):
        publish(f"badge-{number:03}", course(A), title=f"A rather long title of badge {number}")
    ada.passes(A)
    settle()
    assert len(ada.page("").encode()) < 200_000


def test_nobody_sees_the_page_of_another(ada: Someone, someone: Callable[..., Someone]) -> None:
    publish("literacy", all_of(course(A), course(B)))
    publish("statistics", course(A))
    ada.passes(A)
    settle()
    bob = someone("bob")
    page = bob.page("")
    assert "Literacy" not in page
    assert "Statistics" not in page


# --- e-mails -----------------------------------------------------------------------------------


def test_learner_chooses_whether_to_be_written_to(ada: Someone, settings: Any) -> None:
    settings.MICROCRED_EMAIL = "on"
    assert "You get an e-mail when you earn a badge." in ada.page("")
    response = ada.client.post("/microcredentials/mail", {"wanted": "0"})
    assert response["Location"] == "/microcredentials/#mail"
    assert not awards.wants_mail(ada.id)
    assert "You get no e-mail when you earn a badge." in ada.page("")
    ada.client.post("/microcredentials/mail", {"wanted": "1"})
    assert awards.wants_mail(ada.id)


def test_choice_is_offered_only_where_e_mails_are_sent(ada: Someone) -> None:
    assert 'id="mail"' not in ada.page("")


def test_choice_asks_for_a_token_and_a_login(ada: Someone, visitor: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = ada.client.cookies
    assert strict.post("/microcredentials/mail", {"wanted": "0"}).status_code == 403
    assert visitor.post("/microcredentials/mail", {"wanted": "0"}).status_code == 302
    assert ada.client.get("/microcredentials/mail").status_code == 405
    assert awards.wants_mail(ada.id)


def test_choice_costs_one_query(ada: Someone, settings: Any) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            ada.page("")
        return len(queries)

    without = count()
    settings.MICROCRED_EMAIL = "on"
    assert count() == without + 1
