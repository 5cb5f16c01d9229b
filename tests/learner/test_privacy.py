"""Nobody learns anything about another learner, whatever address they try."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from microcred_plugin.credentials import api as credentials
from microcred_plugin.messages import api as messages
from microcred_plugin.pages import serving
from microcred_plugin.urls import lms
from tests.factories import all_of, course, publish
from tests.learner.conftest import A, B, Someone, settle

# The API, which is included, has tests/rest_api/test_access.py.
OF_AN_AWARD = ("award_json", "award_jwt", "award_png", "award_qr", "share")
NAMES = [pattern.name for pattern in lms.urlpatterns if isinstance(pattern, URLPattern)]


@pytest.fixture
def ada(someone: Callable[..., Someone]) -> Someone:
    """With a name that does not come about by chance."""
    return someone("lovelace1815")


@pytest.fixture
def addresses(ada: Someone) -> dict[str, str]:
    """Every address there is, about something of Ada's where it can be about somebody."""
    made = publish("literacy", course(A), policy="suspend")
    publish("series", all_of(course(A), course(B)))
    ada.passes(A, percent="0.83")
    settle()
    ada.host.grade(ada.id, A, "0.37")
    settle()
    about: dict[str, dict[str, Any]] = {
        "microcredential": {"uuid": made.uuid},
        "version": {"uuid": made.uuid, "number": 1},
        "badge_svg": {"uuid": made.uuid, "number": 1},
        "badge_png": {"uuid": made.uuid, "number": 1},
        "award": {"uuid": ada.award(made).uuid},
        "place_award": {"uuid": ada.award(made).uuid},
        **{name: {"uuid": ada.award(made).uuid} for name in OF_AN_AWARD},
        "profile": {"share_id": credentials.holder_of(ada.id).share_id},
        "issuer_key": {"slug": "nordu", "name": "key"},
        "status_list": {"slug": "nordu", "number": 1},
        **{name: {"slug": "nordu"} for name in ("issuer", "did_json", "issuer_logo")},
        "course": {"key": A},
        "class_list": {"key": A},
        "class_csv": {"key": A},
        "asset": {"digest": serving.digest_of("microcred.css"), "name": "microcred.css"},
    }
    about["mail"] = {"token": messages.choice_token(ada.id)}
    about["support_learner"] = {"learner_id": ada.id}
    about["support_explain"] = {"learner_id": ada.id, "uuid": made.uuid}
    return {name: reverse(f"microcred:{name}", kwargs=about.get(name)) for name in NAMES}


def answer(client: Client, name: str, path: str) -> bytes:
    response = client.post(path) if name in POSTED else client.get(path)
    return response.content + str(response.headers).encode()


POSTED = ("place_award", "mail_choice", "share")
# What the staff of the site is there to see; `tests/support` and `tests/public` say who is not.
FOR_STAFF = {"support", "support_learner", "support_explain", "award", *OF_AN_AWARD}


@pytest.mark.parametrize(
    ("who", "name"),
    [
        (who, name)
        for who in ("visitor", "learner", "staff", "superuser")
        for name in NAMES
        if not (who == "staff" and name in FOR_STAFF)
    ],
)
def test_nothing_of_a_learner_is_told_to_anybody_else(
    ada: Someone,
    someone: Callable[..., Someone],
    visitor: Client,
    addresses: dict[str, str],
    name: str,
    who: str,
) -> None:
    values = {"staff": {"is_staff": True}, "superuser": {"is_superuser": True}}.get(who, {})
    client = visitor if who == "visitor" else someone("bob", **values).client
    said = answer(client, name, addresses[name]).decode(errors="replace")
    # The address itself is known to who asks for it.
    said = said.replace(addresses[name], "").replace(addresses["award"], "")
    for secret in ("83 %", "37 %", "Suspended", "lovelace1815", "Lovelace1815"):
        assert secret not in said


def test_she_herself_sees_it_there(ada: Someone, addresses: dict[str, str]) -> None:
    said = answer(ada.client, "award", addresses["award"]).decode()
    assert "83 %" in said
    assert "37 %" in said
    assert "Suspended" in said
