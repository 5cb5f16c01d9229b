"""A learner's awards, and one of them with its story."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from microcred_plugin import decisions
from microcred_plugin.awards import api as awards
from microcred_plugin.awards.models import Award
from tests.factories import LONG_AGO, course, publish
from tests.learner.conftest import A, B, C, Someone, settle
from tests.rest_api.conftest import LMS, ask, read

NOW = LONG_AGO + timedelta(days=200)


def test_every_award_is_there_the_newest_first(ada: Someone) -> None:
    for days, (name, run) in enumerate((("first", A), ("last", C), ("middle", B))):
        publish(name, course(run), policy="revoke" if name == "middle" else "keep")
        ada.passes(run, on=LONG_AGO + timedelta(days=(0, 30, 20)[days]))
    settle()
    ada.host.fail_course(ada.id, B)
    settle()
    found = read(ada.client, "awards/")
    assert [(one["title"], one["state"]) for one in found["results"]] == [
        ("Last", "active"),
        ("Middle", "revoked"),
        ("First", "active"),
    ]
    assert found["count"] == 3


def test_what_pages_leave_aside_is_there_and_says_so(ada: Someone) -> None:
    lower = publish("lower", course(A))
    higher = publish("higher", course(B), supersedes=lower)
    ada.passes(A)
    ada.passes(B, on=LONG_AGO + timedelta(days=90))
    settle()
    awards.set_hidden(ada.award(higher).uuid, learner_id=ada.id, is_hidden=True)
    top, below = read(ada.client, "awards/")["results"]
    assert (top["title"], top["is_hidden"], top["superseded_by"]) == ("Higher", True, None)
    assert (below["title"], below["is_hidden"]) == ("Lower", False)
    assert below["superseded_by"] == str(ada.award(higher).uuid)


def test_award_is_all_there(ada: Someone) -> None:
    made = publish("literacy", course(A), level="5", level_framework="EQF", language="de")
    ada.passes(A)
    settle()
    award = ada.award(made)
    assert read(ada.client, "awards/")["results"] == [
        {
            "uuid": str(award.uuid),
            "title": "Literacy",
            "organization": "NordU",
            "state": "active",
            "state_text": "Active",
            "met_on": "2026-03-02T00:00:00Z",
            "expires_at": None,
            "url": f"{LMS}/microcredentials/awards/{award.uuid}",
            "image_url": f"{LMS}/microcredentials/m/{made.uuid}/1/badge.svg",
            "microcredential_url": f"{LMS}/microcredentials/m/{made.uuid}/",
            "microcredential": str(made.uuid),
            "version": 1,
            "level_text": "EQF 5",
            "language": "de",
            "valid_from": "2026-03-02T00:00:00Z",
            "is_hidden": False,
            "superseded_by": None,
        }
    ]


def test_award_of_which_nobody_knows_when_it_was_met_says_so(ada: Someone) -> None:
    publish("literacy", course(A))
    ada.passes(A)
    settle()
    Award.objects.update(met_on=None)
    (found,) = read(ada.client, "awards/")["results"]
    assert found["met_on"] is None
    assert found["valid_from"] == "2026-03-02T00:00:00Z"


def test_expired_award_says_so_whatever_its_row_says(ada: Someone) -> None:
    publish("first-aid", course(A), validity_months=120)
    ada.passes(A)
    settle()
    Award.objects.update(state="active", slot=1, expires_at=LONG_AGO)
    assert read(ada.client, "awards/")["results"][0]["state"] == "expired"


def test_one_award_tells_what_was_met_and_what_happened(ada: Someone) -> None:
    made = publish("literacy", course(A), policy="suspend")
    ada.passes(A, percent="0.83")
    settle()
    ada.host.fail_course(ada.id, A)
    settle()
    found = read(ada.client, f"awards/{ada.award(made).uuid}/")
    assert found["state"] == "suspended"
    assert "superseded_by" not in found
    assert found["notice"].startswith("It is suspended, because what it asks for is not met")
    assert found["next_step"] == {
        "text": "Pass Course A: you have 40 % so far.",
        "url": f"{LMS}/courses/{A}/home",
    }
    assert found["receipt"]["text"] == "You passed Course A on March 2, 2026; your grade is 83 %."
    assert [(one["kind"], one["kind_text"], one["why"]) for one in found["history"]] == [
        ("earned", "Earned", "Everything that it asks for was met on March 2, 2026."),
        ("suspended", "Suspended", "What it asks for was no longer met."),
    ]


def test_what_a_person_wrote_is_told(ada: Someone) -> None:
    made = publish("literacy", course(A))
    ada.passes(A)
    settle()
    uuid = ada.award(made).uuid
    decisions.revoke(
        learner_id=ada.id, microcredential_id=made.pk, by_id=None, reason="It was copied.", now=NOW
    )
    found = read(ada.client, f"awards/{uuid}/")
    assert found["history"][-1]["reason"] == "It was copied."


def test_award_that_there_is_not_is_not_found(ada: Someone) -> None:
    uuid = uuid4()
    response = ask(ada.client, f"awards/{uuid}/")
    assert response.status_code == 404
    assert response.json() == {  # type: ignore[attr-defined]
        "detail": f"There is no award {uuid} here: it does not exist, or is somebody else's. The "
        "list of awards has all that there are."
    }


# --- pages -------------------------------------------------------------------------------------


@pytest.fixture
def twelve(ada: Someone) -> Someone:
    for number in range(12):
        publish(f"badge-{number:02}", course(A))
    ada.passes(A)
    settle()
    return ada


def test_ten_are_on_a_page_with_links_to_the_others(twelve: Someone) -> None:
    first = read(twelve.client, "awards/")
    assert len(first["results"]) == 10
    assert {name: first[name] for name in first if name != "results"} == {
        "count": 12,
        "num_pages": 2,
        "current_page": 1,
        "start": 0,
        "previous": None,
        "next": f"{LMS}/microcredentials/api/v1/awards/?page=2",
    }
    second = read(twelve.client, "awards/", page=2)
    assert len(second["results"]) == 2
    assert second["next"] is None
    assert second["previous"] == f"{LMS}/microcredentials/api/v1/awards/?page=1"
    uuids = [one["uuid"] for page in (first, second) for one in page["results"]]
    assert len(set(uuids)) == 12


@pytest.mark.parametrize(
    ("size", "found"), [("5", 5), ("100", 12), ("100000", 12), ("0", 10), ("-1", 10), ("x", 10)]
)
def test_size_of_a_page_is_bounded(twelve: Someone, size: str, found: int) -> None:
    assert len(read(twelve.client, "awards/", page_size=size)["results"]) == found


def test_no_page_is_longer_than_a_hundred(twelve: Someone) -> None:
    for number in range(12, 105):
        publish(f"badge-{number:02}", course(A))
    settle()
    assert len(read(twelve.client, "awards/", page_size=1000)["results"]) == 100


@pytest.mark.parametrize("page", ["3", "0", "-1", "x"])
def test_page_that_there_is_not_is_an_error(twelve: Someone, page: str) -> None:
    response = ask(twelve.client, "awards/", page=page)
    assert response.status_code == 404
    assert response.json() == {  # type: ignore[attr-defined]
        "detail": f"There is no page “{page}” of this list. Begin with page 1 and follow “next”."
    }


# The session and the user; the awards with what they are of.
@pytest.mark.parametrize("count", [1, 30, 300])
def test_queries_do_not_grow(ada: Someone, count: int) -> None:
    for number in range(count):
        publish(f"badge-{number:03}", course(A))
    ada.passes(A)
    settle()
    read(ada.client, "awards/")
    with CaptureQueriesContext(connection) as queries:
        assert read(ada.client, "awards/", page_size=100)["count"] == count
    assert len(queries) == 2 + 1


# The session and the user; the award, its history with receipts.
def test_one_award_costs_two_queries(ada: Someone) -> None:
    made = publish("literacy", course(A))
    ada.passes(A)
    settle()
    with CaptureQueriesContext(connection) as queries:
        read(ada.client, f"awards/{ada.award(made).uuid}/")
    assert len(queries) - 1 == 2 + 2  # one is the test's own, for the uuid
