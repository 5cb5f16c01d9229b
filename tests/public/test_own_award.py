"""The page of an award as its holder sees it, with what happened to it and why."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from microcred_plugin import decisions
from microcred_plugin.awards.models import Award, AwardEvent
from microcred_plugin.definitions.models import Microcredential
from tests.factories import LONG_AGO, all_of, course, publish
from tests.learner.conftest import A, B, Someone, settle

NOW = LONG_AGO

# Differs each time that a page is made.
TOKEN = re.compile(r'(?<=name="csrfmiddlewaretoken" value=")\w+')


def page_of(someone: Someone, made: Microcredential) -> str:
    return unescape(someone.page(f"awards/{someone.award(made).uuid}"))


@pytest.fixture
def literacy(ada: Someone) -> Microcredential:
    """Something that Ada has earned."""
    made = publish("literacy", all_of(course(A), course(B)), policy="suspend")
    ada.passes(A, B)
    settle()
    return made


def test_owner_sees_what_was_met_and_when(ada: Someone, literacy: Microcredential) -> None:
    page = page_of(ada, literacy)
    assert "You passed Course A on March 2, 2026; your grade is 80 %." in page
    assert "2 of 2 requirements met." in page
    assert "Everything that it asks for was met on March 2, 2026." in page


def test_receipt_stays_as_it_was_when_the_facts_change(
    ada: Someone, literacy: Microcredential
) -> None:
    ada.host.grade(ada.id, A, "0.95")
    settle()
    assert "your grade is 80 %" in page_of(ada, literacy)


def test_suspended_one_says_why_and_where_to_go_on(ada: Someone, literacy: Microcredential) -> None:
    ada.host.fail_course(ada.id, A)
    settle()
    page = page_of(ada, literacy)
    assert "Suspended" in page
    assert "As soon as everything is met again, it comes back by itself." in page
    assert "You have 40 % in Course A, which is not enough to pass." in page
    assert "Pass Course A: you have 40 % so far." in page
    assert f"/microcredentials/m/{literacy.uuid}/#mine" in page
    ada.host.grade(ada.id, A, "0.70")
    settle()
    page = page_of(ada, literacy)
    assert "What was no longer met" not in page
    assert page.index("Suspended") < page.index("Reinstated")


def test_suspension_by_a_person_is_not_said_to_end_by_itself(
    ada: Someone, literacy: Microcredential
) -> None:
    decisions.suspend(
        learner_id=ada.id, microcredential_id=literacy.pk, by_id=None, reason="", now=NOW
    )
    ada.host.fail_course(ada.id, A)
    settle()
    page = page_of(ada, literacy)
    assert "A person has suspended it. It comes back when they lift that." in page
    assert "it comes back by itself" not in page


def test_revoked_one_says_why_and_does_not_disappear(ada: Someone) -> None:
    made = publish("strict", course(A), policy="revoke")
    ada.passes(A)
    settle()
    ada.host.fail_course(ada.id, A)
    settle()
    page = page_of(ada, made)
    assert "It was revoked, because what it asks for is no longer met." in page
    assert "You have 40 % in Course A" in page


def test_reason_that_a_person_gave_is_shown_and_is_no_markup(
    ada: Someone, literacy: Microcredential
) -> None:
    decisions.revoke(
        learner_id=ada.id, microcredential_id=literacy.pk, by_id=None,
        reason="<b>Copied</b> the exam.", now=NOW,
    )  # fmt: skip
    page = ada.page(f"awards/{ada.award(literacy).uuid}")
    assert "A person has revoked it." in page
    assert "&lt;b&gt;Copied&lt;/b&gt; the exam." in page


def test_award_by_hand_says_that_it_is_one(ada: Someone) -> None:
    made = publish("honour", course(A))
    decisions.award_by_hand(
        learner_id=ada.id, microcredential_id=made.pk, by_id=None, reason="Well done", now=NOW
    )
    page = page_of(ada, made)
    assert "A person has awarded it to you by hand." in page
    assert "Well done" in page


def test_waiting_one_says_what_it_waits_for(ada: Someone) -> None:
    made = publish("checked", course(A), needs_approval=True)
    ada.passes(A)
    settle()
    assert "Somebody has to approve it before it is yours." in page_of(ada, made)


def test_expired_one_says_until_when_it_was_valid(ada: Someone) -> None:
    made = publish("first-aid", course(A), validity_months=12)
    ada.passes(A)
    settle()
    Award.objects.update(expires_at=LONG_AGO)
    page = page_of(ada, made)
    assert "was valid until Jan. 1, 2026" in page
    assert "You can earn it again" in page


# --- hiding it ---------------------------------------------------------------------------------


def test_owner_hides_it_from_their_page_and_shows_it_again(
    ada: Someone, literacy: Microcredential
) -> None:
    award = ada.award(literacy)
    events = AwardEvent.objects.count()
    path = f"/microcredentials/awards/{award.uuid}/page"
    response = ada.client.post(path, {"hidden": "1"})
    assert response["Location"] == f"/microcredentials/awards/{award.uuid}"
    assert "Hidden from this page" in ada.page("")
    assert "You have hidden this award" in page_of(ada, literacy)
    ada.client.post(path, {"hidden": "0"})
    assert "Hidden from this page" not in ada.page("")
    assert AwardEvent.objects.count() == events
    assert ada.award(literacy).modified == award.modified


def test_hidden_award_stays_hidden_when_something_happens_to_it(
    ada: Someone, literacy: Microcredential
) -> None:
    ada.client.post(f"/microcredentials/awards/{ada.award(literacy).uuid}/page", {"hidden": "1"})
    ada.host.fail_course(ada.id, A)
    settle()
    assert ada.award(literacy).state == "suspended"
    assert ada.award(literacy).is_hidden


def test_hiding_asks_for_a_token(ada: Someone, literacy: Microcredential) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = ada.client.cookies
    path = f"/microcredentials/awards/{ada.award(literacy).uuid}/page"
    assert strict.post(path, {"hidden": "1"}).status_code == 403
    assert ada.client.get(path).status_code == 405
    assert not ada.award(literacy).is_hidden


# --- whose it is -------------------------------------------------------------------------------


@pytest.mark.parametrize("values", [{}, {"is_superuser": True}])
def test_nobody_else_can_tell_it_from_one_that_does_not_exist(
    ada: Someone,
    literacy: Microcredential,
    someone: Callable[..., Someone],
    visitor: Client,
    values: dict[str, bool],
) -> None:
    bob = someone("bob", **values)
    there, missing = ada.award(literacy).uuid, uuid4()
    for suffix in ("", "/page"):
        for client in (bob.client, visitor):
            method = client.post if suffix else client.get
            answers = [
                method(
                    f"/microcredentials/awards/{uuid}{suffix}", {"hidden": "1"} if suffix else {}
                )
                for uuid in (there, missing)
            ]
            bodies = [
                TOKEN.sub("", one.content.decode()).replace(str(uuid), "")
                for one, uuid in zip(answers, (there, missing), strict=True)
            ]
            assert answers[0].status_code == answers[1].status_code in (302, 404)
            assert bodies[0] == bodies[1]
    assert not ada.award(literacy).is_hidden


def test_queries_do_not_grow_with_the_history(ada: Someone, literacy: Microcredential) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            page_of(ada, literacy)
        return len(queries) - 1  # the test's own

    # The session and the user; the award, its history with receipts; what is chosen and signed,
    # who issues it, and how its holder is named.
    assert count() == 2 + 2 + 4
    for percent in ("0.40", "0.80") * 3:
        ada.host.grade(ada.id, A, percent)
        settle()
    assert count() == 2 + 2 + 4
