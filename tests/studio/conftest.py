"""People of Studio: authors, admins and viewers of an organisation, and teams of courses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from microcred_plugin.authoring import api as authoring
from tests.fakes import FakeHost

NOW = datetime(2026, 6, 1, tzinfo=UTC)
A, B, C = (f"course-v1:NordU+{name}+2026" for name in "ABC")
ELSEWHERE = "course-v1:Harbor+H+2026"


@dataclass(frozen=True)
class Person:
    """Somebody who is logged in."""

    id: int
    username: str
    client: Client


@pytest.fixture(autouse=True)
def _studio(settings: Any, db: None) -> None:
    """As Studio: its addresses, and no evaluation in its own process."""
    settings.ROOT_URLCONF = "tests.studio.urls"
    settings.MICROCRED_EVALUATES = False


@pytest.fixture
def person(host: FakeHost) -> Callable[..., Person]:
    """Somebody, by their name; `NordU="author"` makes them that, `of=[run]` course staff."""

    def made(
        username: str,
        *,
        of: tuple[str, ...] = (),
        course_role: str = "staff",
        is_staff: bool = False,
        **roles: str,
    ) -> Person:
        user = get_user_model().objects.create(username=username, is_staff=is_staff)
        host.add_learner(user.pk, username)
        for organization, role in roles.items():
            authoring.give_role(
                user_id=user.pk, organization=organization, role=role, by_id=None, now=NOW
            )
        for run in of:
            host.roles[user.pk, run] = course_role
        if is_staff:
            host.staff.add(user.pk)
        client = Client()
        client.force_login(user)
        return Person(user.pk, username, client)

    return made


@pytest.fixture
def author(person: Callable[..., Person]) -> Person:
    """An author of NordU."""
    return person("author", NordU="author")


@pytest.fixture
def visitor() -> Client:
    """Somebody who is not logged in."""
    return Client()
