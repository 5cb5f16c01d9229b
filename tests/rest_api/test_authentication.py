"""Sessions and tokens, as the platform has them."""

from __future__ import annotations

from collections.abc import Callable
from time import time
from typing import Any

import jwt
import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from microcred_plugin.definitions import api as definitions
from microcred_plugin.urls import api
from tests.factories import course, publish
from tests.learner.conftest import A, Someone, settle
from tests.rest_api.conftest import ROOT, ask, read, token, with_token

SCOPE = "microcredentials:read"
RESTRICTED = {"is_restricted": True, "scopes": [SCOPE]}


@pytest.fixture
def ada(someone: Callable[..., Someone]) -> Someone:
    """With an award."""
    made = someone("ada")
    publish("literacy", course(A))
    made.passes(A)
    settle()
    return made


def test_token_in_the_header_will_do(ada: Someone) -> None:
    assert read(with_token(ada.id), "awards/")["count"] == 1


# The user; the awards.
def test_token_costs_no_session(ada: Someone) -> None:
    client = with_token(ada.id)
    with CaptureQueriesContext(connection) as queries:
        read(client, "awards/")
    assert len(queries) == 1 + 1


def test_token_in_cookies_will_do(ada: Someone) -> None:
    """As micro-frontends have it: in two cookies, so that no script can read the whole."""
    head, payload, signature = token(ada.id).split(".")
    client = Client()
    client.cookies["edx-jwt-cookie-header-payload"] = f"{head}.{payload}"
    client.cookies["edx-jwt-cookie-signature"] = signature
    assert read(client, "overview/")["awards"]["count"] == 1


@pytest.mark.parametrize(
    "claims", [{"exp": int(time()) - 60}, {"aud": "somebody else"}, {"iss": "somewhere else"}]
)
def test_token_that_does_not_hold_is_refused(ada: Someone, claims: dict[str, Any]) -> None:
    response = ask(with_token(ada.id, **claims), "awards/")
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("JWT")
    assert set(response.json()) == {"detail"}  # type: ignore[attr-defined]


def test_token_that_somebody_else_signed_is_refused(ada: Someone) -> None:
    claims = jwt.decode(token(ada.id), options={"verify_signature": False})
    forged = jwt.encode(claims, "these words are not those that the site signs with", "HS256")
    response = ask(Client(headers={"Authorization": f"JWT {forged}"}), "awards/")
    assert response.status_code == 401


def test_token_of_staff_may_name_a_learner(ada: Someone, someone: Callable[..., Someone]) -> None:
    staff = someone("grace", is_staff=True)
    assert read(with_token(staff.id), "awards/", username="ada")["count"] == 1


def test_visitor_is_told_how_to_log_in(visitor: Client, db: None) -> None:
    response = ask(visitor, "overview/")
    assert response.status_code == 401
    assert response.json() == {  # type: ignore[attr-defined]
        "detail": "This is about a learner, and nobody is logged in. Log in, or send a token in "
        "the header “Authorization: JWT …”."
    }


def test_session_needs_its_csrf_token_for_whatever_is_no_reading(ada: Someone) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(get_user_model().objects.get(pk=ada.id))
    assert read(client, "awards/")["count"] == 1
    response = client.post(f"{ROOT}awards/")
    assert response.status_code == 403
    assert response.json()["detail"].startswith("CSRF Failed")


# --- applications that the platform calls restricted -------------------------------------------


def test_restricted_application_without_the_scope_reads_nothing(ada: Someone) -> None:
    client = with_token(ada.id, is_restricted=True, scopes=["read", "grades:read"])
    paths = [
        "overview/", "awards/", "progress/", "courses/", f"courses/{A}/", "microcredentials/",
    ]  # fmt: skip
    assert {ask(client, path).status_code for path in paths} == {403}


def test_restricted_application_with_the_scope_reads_of_its_user(ada: Someone) -> None:
    assert read(with_token(ada.id, **RESTRICTED), "awards/")["count"] == 1


def test_restricted_application_of_one_organisation_reads_nothing(ada: Someone) -> None:
    client = with_token(ada.id, **RESTRICTED, filters=["content_org:Harbor"])
    assert ask(client, "awards/").status_code == 403


def test_restricted_application_of_staff_reads_of_nobody_else(
    ada: Someone, someone: Callable[..., Someone]
) -> None:
    client = with_token(someone("grace", is_staff=True).id, **RESTRICTED, filters=["user:me"])
    assert ask(client, "awards/").status_code == 200
    assert ask(client, "awards/", username="ada").status_code == 403


def test_restricted_application_of_staff_sees_no_more_than_other_learners(
    ada: Someone, someone: Callable[..., Someone]
) -> None:
    made = publish("secret", course(A))
    definitions.set_switch(microcredential=made, switch="observe")
    grace = someone("grace", is_staff=True).id
    path = f"microcredentials/{made.uuid}/"
    assert ask(with_token(grace), path).status_code == 200
    restricted = with_token(grace, **RESTRICTED, filters=["user:me"])
    assert ask(restricted, path).status_code == 404


@pytest.mark.parametrize("endpoint", api.endpoints, ids=lambda endpoint: endpoint.name)
def test_platform_adds_no_permission_of_its_own(endpoint: Any) -> None:
    """Its middleware adds one where restricted applications are forgotten."""
    from edx_rest_framework_extensions.auth.jwt.middleware import (  # noqa: PLC0415 - of the test
        EnsureJWTAuthSettingsMiddleware,
    )

    view = endpoint.callback.view_class
    before = view.permission_classes
    middleware = EnsureJWTAuthSettingsMiddleware(lambda request: None)
    middleware.process_view(None, endpoint.callback, (), {})
    assert view.permission_classes is before
