"""The site of the learner's pages, with an award that is hers to share."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from microcred_plugin.awards.models import Award
from microcred_plugin.credentials.models import Holder
from microcred_plugin.definitions.models import Microcredential
from tests.factories import all_of, course, publish
from tests.learner.conftest import A, B, Someone, ada, host, settle, someone, visitor

__all__ = ["ada", "host", "someone", "visitor"]

AWARDS = "/microcredentials/awards"


def share(who: Someone, award: Award, *, do: str = "share", **choices: str) -> Any:
    """What pressing one of the buttons does."""
    response = who.client.post(f"{AWARDS}/{award.uuid}/share", {"do": do, **choices})
    assert response.status_code == 302, response.status_code
    return response


def name(who: Someone, **values: Any) -> Any:
    """What saving the settings does."""
    form = {"name_choice": "full_name", "own_name": "", **values}
    return who.client.post("/microcredentials/sharing/", form)


def share_id(who: Someone) -> UUID:
    return Holder.objects.get(learner=who.id).share_id


@pytest.fixture
def literacy(ada: Someone) -> Microcredential:
    """Something that Ada has earned."""
    made = publish(
        "literacy", all_of(course(A), course(B)), policy="revoke",
        description="Reads data.", skills=[{"name": "Statistics"}], workload_hours=30,
        assessment_type="Written exam",
    )  # fmt: skip
    ada.passes(A, B)
    settle()
    return made


@pytest.fixture
def award(ada: Someone, literacy: Microcredential) -> Award:
    return ada.award(literacy)


@pytest.fixture
def shared(ada: Someone, award: Award) -> Award:
    """The same, shared with grades."""
    share(ada, award, results="1")
    return award


def read(client: Client, path: str, **headers: str) -> str:
    """The text of a page of the plugin that is there."""
    response = client.get(f"/microcredentials/{path}", **headers)
    assert response.status_code == 200, response.status_code
    return response.content.decode()
