"""The page of one microcredential: what it says to whom, in which version, and what it costs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import Microcredential
from tests.factories import LONG_AGO, all_of, any_run, at_least, course, holds, publish
from tests.learner.conftest import A, B, Someone, settle

CONTENT: dict[str, Any] = {
    "description": "Reads tables.",
    "workload_hours": 75,
    "credit_value": 3,
    "credit_kind": "ECTS",
    "level": "5",
    "level_framework": "EQF",
    "assessment_type": "An exam.",
    "supervision": "Proctored.",
    "participation": "Online.",
    "quality_assurance": "Reviewed yearly.",
    "prerequisites": "Arithmetic.",
    "validity_months": 24,
    "policy": "suspend",
    "skills": [
        {"name": "Reading tables", "framework": "ESCO", "code": "S1", "url": "https://x.example/s1"}
    ],
}


def text_of(client: Client, path: str) -> str:
    response = client.get(f"/microcredentials/{path}")
    assert response.status_code == 200
    return unescape(response.content.decode())


def page_of(microcredential: Microcredential) -> str:
    return f"m/{microcredential.uuid}/"


def test_everything_that_a_reader_may_ask_is_said(someone: object, visitor: Client) -> None:
    made = publish("data-literacy", course(A), **CONTENT)
    page = text_of(visitor, page_of(made))
    for text in (
        "Data Literacy", "Reads tables.", "75 hours", "3 ECTS", "EQF", "An exam.", "Proctored.",
        "Online.", "Reviewed yearly.", "Arithmetic.", "24 months from when it is earned",
        "An award is suspended until it is met again.", "Reading tables", "https://x.example/s1",
        "ESCO S1", "Version 1, published on Jan. 1, 2026",
    ):  # fmt: skip
        assert text in page


def test_tree_is_readable_without_logging_in(someone: object, visitor: Client) -> None:
    low = publish("low", course(A))
    made = publish(
        "high",
        all_of(
            holds(low),
            at_least(1, any_run("NordU+B", minimum_grade=70), course(A), title="Crafts"),
        ),
    )
    page = text_of(visitor, page_of(made))
    for text in (
        "All 2 of these", "Earn Low", "Crafts", "At least 1 of these 2", "Pass Course B",
        "in any run", "grade of 70 % or more",
    ):  # fmt: skip
        assert text in page
    assert "Where you stand" not in page


def test_learner_sees_where_they_stand_in_every_requirement(ada: Someone) -> None:
    made = publish("literacy", all_of(course(A), course(B)))
    ada.passes(A)
    page = ada.page(page_of(made))
    assert "You passed Course A on March 2, 2026; your grade is 80 %." in page
    assert "You have not started Course B." in page
    assert "1 of 2 requirements met." in page
    assert "1 step to go." in page
    assert "Enroll in Course B and pass it." in page


def test_holder_is_led_to_the_award(ada: Someone) -> None:
    made = publish("literacy", course(A))
    ada.passes(A)
    settle()
    page = ada.page(page_of(made))
    assert f"/microcredentials/awards/{ada.award(made).uuid}" in page
    assert "Next step" not in page


def test_what_it_stacks_on_and_towards_is_linked(someone: object, visitor: Client) -> None:
    low = publish("low", course(A))
    middle = publish("middle", holds(low))
    high = publish("high", all_of(holds(middle), course(B)))
    page = text_of(visitor, page_of(middle))
    on, towards = page.index("Stacks on"), page.index("Counts towards")
    assert on < page.index(f"/m/{low.uuid}/", on) < towards
    assert page.index(f"/m/{high.uuid}/", towards) > towards


@pytest.mark.parametrize("visibility", ["organization", "unlisted"])
def test_what_is_kept_off_the_lists_is_not_named_by_others(
    ada: Someone, visitor: Client, visibility: str
) -> None:
    low = publish("low", course(A))
    high = publish("high", holds(low))
    Microcredential.objects.filter(pk=high.pk).update(visibility=visibility)
    assert "High" not in text_of(visitor, page_of(low))
    assert "High" not in ada.page(page_of(low))
    # Its own page answers to whoever has its address.
    assert "High" in text_of(visitor, page_of(high))


def test_older_version_has_an_address_of_its_own_and_says_that_it_is_older(
    someone: object, visitor: Client
) -> None:
    made = publish("literacy", course(A), title="Before")
    publish("literacy", course(B), title="After", now=LONG_AGO + timedelta(days=9))
    page = text_of(visitor, page_of(made))
    assert "After" in page
    assert f"/microcredentials/m/{made.uuid}/1/" in page
    older = text_of(visitor, f"m/{made.uuid}/1/")
    assert "This is version 1, an older one." in older
    assert "Before" in older
    assert visitor.get(f"/microcredentials/m/{made.uuid}/9/").status_code == 404


def test_closed_one_stays_readable_and_says_that_it_is_closed(
    someone: object, visitor: Client
) -> None:
    made = publish("literacy", course(A))
    made.versions.update(state="closed", closes_at=LONG_AGO + timedelta(days=3))
    assert "It can't be earned at present." in text_of(visitor, page_of(made))


def test_what_was_never_published_is_not_there(someone: object, visitor: Client) -> None:
    made = definitions.create_microcredential(slug="a", organization="NordU", title="Secret plan")
    definitions.create_draft(microcredential=made, content={"requirements": course(A)})
    for uuid in (made.uuid, uuid4()):
        response = visitor.get(f"/microcredentials/m/{uuid}/")
        assert response.status_code == 404
        assert "Secret plan" not in response.content.decode()


def test_observed_one_is_shown_to_staff_alone_until_somebody_holds_it(
    ada: Someone, visitor: Client
) -> None:
    made = publish("literacy", course(A))
    definitions.set_switch(microcredential=made, switch="observe")
    path = f"/microcredentials/{page_of(made)}"
    assert visitor.get(path).status_code == 404
    assert ada.client.get(path).status_code == 404
    staff = Client()
    staff.force_login(get_user_model().objects.create_user("boss", is_staff=True))
    assert staff.get(path).status_code == 200
    definitions.set_switch(microcredential=made, switch="on")
    ada.passes(A)
    settle()
    definitions.set_switch(microcredential=made, switch="observe")
    assert visitor.get(path).status_code == 200


def test_switched_off_one_stays_readable(someone: object, visitor: Client) -> None:
    made = publish("literacy", course(A))
    definitions.set_switch(microcredential=made, switch="off")
    assert "It can't be earned at present." in text_of(visitor, page_of(made))


# --- for machines ------------------------------------------------------------------------------


def json_ld(client: Client, made: Microcredential) -> Any:
    page = client.get(f"/microcredentials/{page_of(made)}").content.decode()
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_search_engines_read_a_credential(someone: object, visitor: Client) -> None:
    made = publish("data-literacy", course(A), **CONTENT)
    data = json_ld(visitor, made)
    assert data["@type"] == "EducationalOccupationalCredential"
    assert data["url"] == f"https://lms.example.org/microcredentials/m/{made.uuid}/"
    assert data["name"] == "Data Literacy"
    assert data["recognizedBy"] == {"@type": "Organization", "name": "NordU"}
    assert data["competencyRequired"] == [
        {"@type": "DefinedTerm", "name": "Reading tables", "inDefinedTermSet": "ESCO",
         "termCode": "S1", "url": "https://x.example/s1"}
    ]  # fmt: skip
    assert data["educationalLevel"]["inDefinedTermSet"] == "EQF"
    assert data["validFor"] == "P24M"


AWKWARD = '</script><script>alert("1")</script> & "quotes" <!-- \u2028 ü'


def test_no_text_breaks_out_of_the_page(someone: object, visitor: Client) -> None:
    made = publish(
        "awkward", course(A, title=AWKWARD), title=AWKWARD, description=AWKWARD,
        skills=[{"name": AWKWARD}], assessment_type=AWKWARD,
    )  # fmt: skip
    assert json_ld(visitor, made)["name"] == AWKWARD
    page = visitor.get(f"/microcredentials/{page_of(made)}").content.decode()
    assert '<script>alert("1")' not in page


def test_those_who_share_it_get_a_picture_and_a_title(someone: object, visitor: Client) -> None:
    made = publish("data-literacy", course(A), **CONTENT)
    page = text_of(visitor, page_of(made))
    image = f"https://lms.example.org/microcredentials/m/{made.uuid}/1/badge.png?size=512"
    assert f'<meta property="og:image" content="{image}">' in page
    assert '<meta property="og:title" content="Data Literacy">' in page
    assert 'name="robots"' not in page


# --- what it costs -----------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [1, 6])
@pytest.mark.parametrize("versions", [1, 5])
def test_queries_do_not_grow_with_the_stack_or_the_versions(
    ada: Someone, someone: Callable[..., Someone], depth: int, versions: int
) -> None:
    made = publish("level-1", course(A))
    for level in range(2, depth + 1):
        made = publish(f"level-{level}", all_of(holds(made), course(B)))
    for number in range(1, versions):
        publish(made.slug, course(B), now=LONG_AGO + timedelta(days=number))
    ada.page(page_of(made))
    with CaptureQueriesContext(connection) as queries:
        ada.page(page_of(made))
    # The session and the user; the versions, awards, the stack's two, decisions.
    assert len(queries) == 2 + 5
