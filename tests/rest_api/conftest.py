"""A site with learners, and the API as they see it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import time
from typing import Any

import jwt
from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.test import Client

from tests.fakes import FakeHost
from tests.learner.conftest import ada, host, someone, visitor

__all__ = ["ada", "host", "someone", "visitor"]

ROOT = "/microcredentials/api/v1/"
LMS = "https://lms.example.org"


def ask(client: Client, path: str, **query: Any) -> HttpResponse:
    """What an endpoint answers, whatever it is."""
    return client.get(ROOT + path, query)


def read(client: Client, path: str, **query: Any) -> Any:
    """The JSON of an endpoint that answers."""
    response = ask(client, path, **query)
    assert response.status_code == 200, response.content
    return response.json()  # type: ignore[attr-defined]


def token(user_id: int, **claims: Any) -> str:
    """A token as the LMS issues it for a user, with other claims where they are given."""
    user = get_user_model().objects.get(pk=user_id)
    issuer = settings.JWT_AUTH["JWT_ISSUERS"][0]
    now = int(time())
    payload = {
        "iss": issuer["ISSUER"],
        "aud": issuer["AUDIENCE"],
        "preferred_username": user.username,
        "email": user.email,
        "administrator": user.is_staff,
        "iat": now,
        "exp": now + 600,
        "version": "1.2.0",
        "scopes": ["read", "profile"],
        "filters": [],
        "is_restricted": False,
    }
    return jwt.encode({**payload, **claims}, issuer["SECRET_KEY"], algorithm="HS256")


def with_token(user_id: int, **claims: Any) -> Client:
    """A client without a cookie, that has nothing but a token."""
    return Client(headers={"Authorization": f"JWT {token(user_id, **claims)}"})


@contextmanager
def out_of_order(host: FakeHost) -> Iterator[None]:
    """The platform's tables can't be read for a while."""

    def fail(*_args: object) -> None:
        raise RuntimeError("down")

    questions = ("course_results", "course_runs", "learners", "learner_ids_by_username")
    for question in questions:
        setattr(host, question, fail)
    try:
        yield
    finally:
        for question in questions:
            delattr(host, question)
