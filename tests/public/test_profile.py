"""The public profile: what a learner chose to show together, for as long as they want one."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from microcred_plugin.awards.models import Award
from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.api import Shared
from tests.factories import LONG_AGO, course, publish, publish_many
from tests.learner.conftest import A, Someone, settle
from tests.public.conftest import name, read, share, share_id


@pytest.fixture
def public(ada: Someone, award: Award) -> str:
    """The path of Ada's profile, with a badge on it."""
    share(ada, award, profile="1")
    name(ada, is_profile_public="1")
    return f"people/{share_id(ada)}/"


def test_profile_has_the_name_and_the_chosen_badges(
    ada: Someone, visitor: Client, public: str, award: Award
) -> None:
    other = publish("other", course(A))
    settle()
    share(ada, ada.award(other))
    page = unescape(read(visitor, public))
    assert '<h1 dir="auto">Ada</h1>' in page
    assert "1 badge from" in page
    assert f"/microcredentials/awards/{award.uuid}" in page
    assert "Other" not in page
    assert '<meta property="og:title" content="Ada">' in page


def test_nameless_profile_is_one(ada: Someone, visitor: Client, public: str) -> None:
    name(ada, name_choice="none", is_profile_public="1")
    page = read(visitor, public)
    assert "A collection of badges" in page
    assert "Ada" not in page


def test_name_is_no_markup(ada: Someone, visitor: Client, public: str) -> None:
    name(ada, name_choice="other", own_name='"><img src=x>', is_profile_public="1")
    page = read(visitor, public)
    assert "<img src=x>" not in page
    assert "&quot;&gt;&lt;img src=x&gt;" in page


def test_states_are_said(ada: Someone, visitor: Client, public: str) -> None:
    ada.host.fail_course(ada.id, A)
    settle()
    assert "Revoked" in read(visitor, public)


def test_expired_one_is_said_to_be(visitor: Client, public: str) -> None:
    Award.objects.update(expires_at=LONG_AGO)
    assert "Expired" in read(visitor, public)


def test_empty_profile_says_so(ada: Someone, visitor: Client, award: Award) -> None:
    share(ada, award)
    name(ada, is_profile_public="1")
    path = f"people/{share_id(ada)}/"
    assert "Nothing has been put on this profile so far." in read(visitor, path)
    assert "tick “On my public profile”" in read(ada.client, path)


def test_search_engines_are_asked_to_leave_it_out(
    ada: Someone, visitor: Client, public: str
) -> None:
    assert 'content="noindex"' in read(visitor, public)
    name(ada, is_profile_public="1", may_be_indexed="1")
    assert 'content="noindex"' not in read(visitor, public)


@pytest.mark.parametrize("count", [1, 30, 300])
def test_queries_do_not_grow(ada: Someone, visitor: Client, count: int) -> None:
    name(ada, is_profile_public="1")
    now = timezone.now()
    made = publish_many(count, lambda _position: [A])
    Award.objects.bulk_create(
        Award(
            learner_id=ada.id, microcredential=one, version=one.versions.get(), state="active",
            valid_from=now - timedelta(days=place), cause="event", created=now, modified=now,
        )
        for place, one in enumerate(made)
    )  # fmt: skip
    for award in Award.objects.all():
        credentials.choose(
            award.uuid, learner_id=ada.id, now=now, state=Shared.SHARED, is_on_profile=True
        )
    path = f"people/{share_id(ada)}/"
    with CaptureQueriesContext(connection) as queries:
        page = read(visitor, path)
    # The holder, how many there are, and those on the page.
    assert len(queries) == 3
    assert page.count('class="earned"') == min(count, 48)
