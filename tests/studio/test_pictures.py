"""Badges in Studio: who sees a draft's, and what is drawn for what is only typed so far."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from html import unescape
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Microcredential
from tests.definitions.drawings import svg, svg_data_url
from tests.factories import course, publish
from tests.fakes import FakeHost
from tests.studio.conftest import A, Person


def badge(made: Microcredential) -> str:
    return f"/microcredentials/m/{made.uuid}/badge.svg"


def preview(made: Microcredential) -> str:
    return f"/microcredentials/m/{made.uuid}/badge-preview/"


@pytest.fixture
def made(host: FakeHost) -> Microcredential:
    """Published as "Reading", with a draft called "Writing"."""
    host.add_run(A)
    found = publish("literacy", course(A), title="Reading")
    definitions.create_draft(
        microcredential=found, content={"title": "Writing", "requirements": course(A)}
    )
    return found


def drawings(page: str) -> list[str]:
    found = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', page)
    return [base64.b64decode(unescape(one)).decode() for one in found]


def test_author_sees_the_badge_of_the_draft(author: Person, made: Microcredential) -> None:
    response = author.client.get(badge(made))
    assert response["Content-Type"] == "image/svg+xml"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "Writing" in response.content.decode()
    assert "Reading" in author.client.get(badge(made), {"v": "1"}).content.decode()
    assert "Writing" in author.client.get(badge(made), {"v": "2"}).content.decode()


def test_others_see_what_is_published_and_no_draft(
    person: Callable[..., Person], made: Microcredential
) -> None:
    stranger = person("stranger", Harbor="author")
    assert stranger.client.get(badge(made), {"v": "1"}).status_code == 200
    assert stranger.client.get(badge(made), {"v": "2"}).status_code == 404
    assert stranger.client.get(badge(made)).status_code == 404
    viewer = person("viewer", NordU="viewer")
    assert viewer.client.get(badge(made)).status_code == 200


def test_visitor_is_asked_to_log_in(visitor: Client, made: Microcredential) -> None:
    assert visitor.get(badge(made)).status_code == 302
    assert visitor.post(preview(made)).status_code == 302


@pytest.mark.parametrize("number", ["0", "3", "-1", "x", "²", "99999999999999999999", "1.0"])
def test_version_that_is_not_there_is_not_found(
    author: Person, made: Microcredential, number: str
) -> None:
    assert author.client.get(badge(made), {"v": number}).status_code == 404


def test_microcredential_that_is_not_there_is_not_found(author: Person) -> None:
    assert author.client.get(f"/microcredentials/m/{uuid4()}/badge.svg").status_code == 404


def test_drawing_of_a_draft_is_shown_cleaned(author: Person) -> None:
    made = definitions.create_microcredential(slug="a", organization="NordU", title="A")
    image = svg_data_url(svg("<script>alert(1)</script>"))
    definitions.create_draft(microcredential=made, content={"image": image})
    content = author.client.get(badge(made)).content
    assert b"<circle" in content
    assert b"script" not in content


def test_badge_takes_as_many_queries_as_it_needs(author: Person, made: Microcredential) -> None:
    with CaptureQueriesContext(connection) as queries:
        author.client.get(badge(made))
    # The session, the user and their roles; the microcredential, by slug and by uuid; the version
    # with its image.
    assert len(queries) == 6


def test_preview_draws_what_is_typed_large_and_small(author: Person, made: Microcredential) -> None:
    response = author.client.post(
        preview(made), {"title": "Welding <i>", "level": "5", "level_framework": "EQF"}
    )
    assert response.status_code == 200
    large, small = drawings(response.content.decode())
    assert "Welding" in large
    assert "<i>" not in large
    assert "EQF 5" in large
    assert "Welding" in small.split("<title>")[1].split("</title>")[0]
    assert ">W" in small
    assert "EQF 5<" in large.replace("</title>", "<")
    assert definitions.content_of(definitions.draft_of(made))["title"] == "Writing"  # type: ignore[arg-type]


def test_preview_of_an_empty_form_has_the_title_that_there_is(
    author: Person, made: Microcredential
) -> None:
    large, _small = drawings(author.client.post(preview(made)).content.decode())
    assert made.title in large


def test_preview_of_too_long_a_title_is_drawn(author: Person, made: Microcredential) -> None:
    typed = {"title": "\U0001f600 W" * 5000, "level": "x" * 5000}
    response = author.client.post(preview(made), typed)
    assert response.status_code == 200
    assert len(response.content) < 100_000


def test_preview_is_for_those_who_may_write(
    person: Callable[..., Person], made: Microcredential
) -> None:
    for one in (person("viewer", NordU="viewer"), person("stranger", Harbor="admin")):
        assert one.client.post(preview(made)).status_code == 404


def test_preview_is_asked_for_by_posting(author: Person, made: Microcredential) -> None:
    assert author.client.get(preview(made)).status_code == 405
