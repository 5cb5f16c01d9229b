"""Who may read what: every endpoint, for every kind of reader, about every kind of subject."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from microcred_plugin.urls import api
from tests.factories import all_of, course, publish
from tests.learner.conftest import A, B, Someone, settle
from tests.rest_api.conftest import ROOT, ask, out_of_order, with_token

NAMES = [endpoint.name for endpoint in api.endpoints]
NOBODY = "nobody-has-this-name"
HERS = "lovelace1815"

READERS = (
    "visitor", "learner", "other learner", "staff of another course", "staff of her course",
    "limited staff", "superuser", "staff",
)  # fmt: skip

# By endpoint and reader: the status if nobody is named, if she is, and if a user is that there is
# not. "others" stands for every reader who has no line.
OWN = (200, 403, 403)
PUBLIC = {"others": (200, 200, 200)}
ABOUT_A_LEARNER = {
    "visitor": (401, 401, 401),
    "learner": (200, 200, 403),
    "staff": (200, 200, 404),
    "others": OWN,
}
EXPECTED: dict[str, dict[str, tuple[int, int, int]]] = {
    "api_overview": ABOUT_A_LEARNER,
    "api_awards": ABOUT_A_LEARNER,
    "api_progress": ABOUT_A_LEARNER,
    "api_award": {**ABOUT_A_LEARNER, "staff": (404, 200, 404), "others": (404, 403, 403)},
    "api_course": PUBLIC,
    "api_courses": PUBLIC,
    "api_microcredentials": PUBLIC,
    "api_microcredential": PUBLIC,
}

# What is hers, and comes about by no chance. Staff learn it where they name her, and nowhere else.
SECRETS = ("37 %", "83 %", "suspended", HERS, HERS.title())


@pytest.fixture
def ada(someone: Callable[..., Someone]) -> Someone:
    """With something in every endpoint."""
    return someone(HERS)


@pytest.fixture
def addresses(ada: Someone) -> dict[str, str]:
    """Every address there is, about something of hers where it can be about somebody."""
    made = publish("literacy", course(A), policy="suspend")
    publish("series", all_of(course(A), course(B)))
    ada.passes(A, percent="0.83")
    settle()
    ada.host.grade(ada.id, A, "0.37")
    settle()
    about: dict[str, dict[str, Any]] = {
        "api_award": {"uuid": ada.award(made).uuid},
        "api_course": {"course_key": A},
        "api_microcredential": {"uuid": made.uuid},
    }
    found = {name: reverse(f"microcred:{name}", kwargs=about.get(name)) for name in NAMES}
    found["api_courses"] += f"?course_key={A.replace('+', '%2B')}"
    return found


@pytest.fixture
def client_of(ada: Someone, someone: Callable[..., Someone]) -> Callable[[str], Client]:
    def make(who: str) -> Client:
        if who == "visitor":
            return Client()
        if who == "learner":
            return ada.client
        values = {"staff": {"is_staff": True}, "superuser": {"is_superuser": True}}.get(who, {})
        reader = someone("bob", **values)
        role = {
            "staff of another course": (B, "staff"),
            "staff of her course": (A, "instructor"),
            "limited staff": (A, "limited_staff"),
        }.get(who)
        if role:
            reader.host.give_role(reader.id, *role)
        return reader.client

    return make


def named(path: str, username: str | None) -> str:
    if username is None:
        return path
    return f"{path}{'&' if '?' in path else '?'}username={username}"


def test_every_endpoint_has_its_line() -> None:
    assert set(EXPECTED) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("who", READERS)
def test_who_may_read_what(
    addresses: dict[str, str], client_of: Callable[[str], Client], name: str, who: str
) -> None:
    client = client_of(who)
    line = EXPECTED[name]
    for username, status in zip((None, HERS, NOBODY), line.get(who, line["others"]), strict=True):
        response = client.get(named(addresses[name], username))
        assert response.status_code == status, username
        if status != 200:
            assert set(response.json()) == {"detail"}
        is_about_her = who == "learner" or (
            who == "staff" and username == HERS and line is not PUBLIC
        )
        text = response.content.decode() + str(response.headers)
        for secret in SECRETS:
            if not (is_about_her and status == 200):
                assert secret not in text, (username, secret)


@pytest.mark.parametrize("name", ["api_overview", "api_awards", "api_award", "api_progress"])
def test_staff_read_of_a_learner_what_the_learner_reads(
    addresses: dict[str, str], client_of: Callable[[str], Client], name: str
) -> None:
    of_her = client_of("learner").get(addresses[name])
    of_staff = client_of("staff").get(named(addresses[name], HERS))
    assert of_staff.json() == of_her.json()
    assert any(secret in of_her.content.decode() for secret in SECRETS)


@pytest.mark.parametrize("name", ["api_overview", "api_awards", "api_award", "api_progress"])
@pytest.mark.parametrize("who", [one for one in READERS if one not in ("visitor", "staff")])
def test_refusal_is_the_same_whether_or_not_there_is_such_a_user(
    addresses: dict[str, str],
    ada: Someone,
    someone: Callable[..., Someone],
    client_of: Callable[[str], Client],
    name: str,
    who: str,
) -> None:
    client, asked = client_of(who), ada.host.calls["learner_ids_by_username"]
    someone("charles")
    refused = [client.get(named(addresses[name], user)) for user in ("charles", NOBODY, "%00")]
    assert {response.status_code for response in refused} == {403}
    assert {response.content for response in refused} == {refused[0].content}
    assert ada.host.calls["learner_ids_by_username"] == asked


@pytest.mark.parametrize("username", [NOBODY, HERS.upper(), "\x00", "", " "])
def test_staff_who_name_nobody_are_told_so(
    ada: Someone, client_of: Callable[[str], Client], username: str
) -> None:
    response = ask(client_of("staff"), "awards/", username=username)
    if username == "":
        assert response.json()["count"] == 0  # type: ignore[attr-defined]
        return
    assert response.status_code == 404
    assert response.json() == {  # type: ignore[attr-defined]
        "detail": f"There is no learner “{username}”. Look for a typing error."
    }


def test_staff_are_told_when_learners_can_not_be_looked_up(
    ada: Someone, client_of: Callable[[str], Client]
) -> None:
    client = client_of("staff")
    with out_of_order(ada.host):
        assert ask(client, "awards/", username=HERS).status_code == 503


# --- who is no learner any more ----------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_who_is_not_active_or_was_retired_has_nothing_of_their_own(
    addresses: dict[str, str], ada: Someone, name: str, settings: Any
) -> None:
    # As in the platform, where an account that is not active may log in, and one that was retired
    # is not active either.
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.AllowAllUsersModelBackend"]
    user = get_user_model().objects.get(pk=ada.id)
    user.is_active = False
    user.save()
    session = Client()
    session.force_login(user)
    for client in (session, with_token(ada.id)):
        response = client.get(addresses[name])
        assert response.status_code == (200 if EXPECTED[name] is PUBLIC else 403)
        assert not any(secret in response.content.decode() for secret in SECRETS)
    if EXPECTED[name] is not PUBLIC:
        assert response.json()["detail"].startswith("This account is not active, so nothing")


def test_staff_find_nobody_who_was_retired_or_deleted(
    addresses: dict[str, str], ada: Someone, client_of: Callable[[str], Client]
) -> None:
    client = client_of("staff")
    ada.host.retire(ada.id)
    for username in (HERS, f"retired__user_{ada.id}"):
        assert ask(client, "awards/", username=username).status_code == 404


def test_staff_who_are_not_active_are_no_staff(
    ada: Someone, client_of: Callable[[str], Client]
) -> None:
    client_of("staff")
    user = get_user_model().objects.get(username="bob")
    user.is_active = False
    user.save()
    assert ask(with_token(user.pk), "awards/", username=HERS).status_code == 403


# --- only read ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "trace"])
def test_nothing_but_reading_is_possible(
    addresses: dict[str, str], ada: Someone, name: str, method: str
) -> None:
    response = getattr(ada.client, method)(addresses[name])
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD"
    assert response.json() == {
        "detail": f"This address can only be read, so there is no “{method.upper()}”. Use GET."
    }


@pytest.mark.parametrize("name", NAMES)
def test_head_is_the_answer_without_its_body(
    addresses: dict[str, str], ada: Someone, name: str
) -> None:
    response = ada.client.head(addresses[name])
    assert response.status_code == 200
    assert response.content == b""


def test_what_can_only_be_had_as_json_says_so(ada: Someone) -> None:
    response = ada.client.get(f"{ROOT}awards/", headers={"Accept": "application/xml"})
    assert response.status_code == 406
