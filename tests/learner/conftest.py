"""A site with two learners, and the pages as they see them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client

from microcred_plugin.awards.models import Award
from microcred_plugin.definitions.models import Microcredential
from tests.factories import LONG_AGO
from tests.fakes import FakeHost

A, B, C = (f"course-v1:NordU+{name}+1" for name in "ABC")
MARCH = LONG_AGO + timedelta(days=60)


@dataclass
class Someone:
    """A learner with a browser."""

    id: int
    client: Client
    host: FakeHost

    def page(self, path: str, **query: str) -> str:
        """The text of a page that is there."""
        response = self.client.get(f"/microcredentials/{path}", query)
        assert response.status_code == 200, response.status_code
        return response.content.decode()

    def passes(self, *runs: str, on: datetime = MARCH, percent: str = "0.80") -> None:
        for run in runs:
            self.host.pass_course(self.id, run, on=on, percent=percent)

    def award(self, microcredential: Microcredential) -> Award:
        return Award.objects.get(learner=self.id, microcredential=microcredential)


@pytest.fixture
def host(host: FakeHost) -> FakeHost:
    for name, run in zip("ABC", (A, B, C), strict=True):
        host.add_run(run, title=f"Course {name}")
    return host


@pytest.fixture
def someone(db: None, host: FakeHost) -> Callable[..., Someone]:
    def make(username: str = "ada", **values: Any) -> Someone:
        user = get_user_model().objects.create_user(username, **values)
        host.add_learner(user.pk, username)
        client = Client()
        client.force_login(user)
        return Someone(user.pk, client, host)

    return make


@pytest.fixture
def ada(someone: Callable[..., Someone]) -> Someone:
    return someone("ada")


@pytest.fixture
def visitor() -> Client:
    return Client()


def settle() -> None:
    """Have everything awarded that is due."""
    call_command("microcred", "reconcile", "--all", verbosity=0)
