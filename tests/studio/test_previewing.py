"""The pages of previews: asked for by authors and course teams, worked out elsewhere, shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags

from microcred_plugin import previewing
from microcred_plugin.authoring.models import Preview
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import Microcredential
from microcred_plugin.studio.previewing import preview_part
from tests.factories import all_of, any_of, course, holds, publish
from tests.fakes import FakeHost
from tests.studio.conftest import ELSEWHERE, A, B, Person

PART = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _runs(host: FakeHost) -> None:
    for run in (A, B, ELSEWHERE):
        host.add_run(run, title=f"Course {run[-6]}")


@pytest.fixture
def drafted(host: FakeHost) -> Microcredential:
    """Something with a draft that asks for A and B: one has done both, one has done A."""
    found = definitions.create_microcredential(
        slug="data-literacy", organization="NordU", title="Data Literacy"
    )
    write(found, all_of(course(A), course(B)))
    host.pass_course(1001, A)
    host.pass_course(1001, B)
    host.pass_course(1002, A)
    return found


def write(found: Microcredential, requirements: dict[str, Any], **content: Any) -> None:
    """Begin a draft, or change it."""
    content["requirements"] = requirements
    draft = definitions.draft_of(found)
    if draft is None:
        definitions.create_draft(microcredential=found, content=content)
    else:
        definitions.change_draft(version=draft, content=content)


def at(found: Microcredential) -> str:
    return f"/microcredentials/m/{found.uuid}/preview/"


def ask(person: Person, found: Microcredential, **typed: str) -> str:
    """Ask for a preview; the address of its page."""
    response = person.client.post(at(found), typed)
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])


def work() -> None:
    """What the LMS does."""
    for preview in Preview.objects.filter(state__in=("waiting", "running")):
        while previewing.advance(str(preview.uuid)):
            pass


def read(person: Person, url: str, **headers: Any) -> str:
    response = person.client.get(url, **headers)
    assert response.status_code == 200
    return response.content.decode()


def text(page: str) -> str:
    return " ".join(strip_tags(page).split())


# --- asking, waiting, reading --------------------------------------------------------------------


def test_author_asks_waits_and_reads_the_numbers(
    author: Person, drafted: Microcredential
) -> None:
    url = ask(author, drafted)
    page = read(author, url)
    assert "Waiting for the learning site to begin." in page
    assert f'hx-get="{url}" hx-trigger="every 2s"' in page
    assert "<progress" in page
    work()
    page = text(read(author, url))
    assert "1 learner would get it at once" in page
    assert "1 learner would be one step away" in page
    assert "2 learners were looked at." in page
    assert "not the draft" not in page  # there is nothing to compare it with
    assert "hx-trigger" not in read(author, url)
