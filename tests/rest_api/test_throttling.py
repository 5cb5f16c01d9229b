"""How often one may ask; nothing of it is set in REST_FRAMEWORK."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client

from tests.learner.conftest import Someone
from tests.rest_api.conftest import ask, with_token


def test_site_has_no_rates_of_its_own() -> None:
    assert not hasattr(site, "REST_FRAMEWORK")


def test_user_who_asks_too_often_is_told_when_to_ask_again(
    ada: Someone, someone: Callable[..., Someone], settings: Any
) -> None:
    settings.MICROCRED_API_USER_RATE = "3/minute"
    bob = someone("bob")
    assert [ask(ada.client, "overview/").status_code for _ in range(4)] == [200, 200, 200, 429]
    response = ask(ada.client, "microcredentials/")
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 60
    assert "Expected available in" in response.json()["detail"]  # type: ignore[attr-defined]
    # The same user, in another way; others are not concerned.
    assert ask(with_token(ada.id), "awards/").status_code == 429
    assert ask(bob.client, "overview/").status_code == 200


def test_visitors_are_counted_by_their_address(
    ada: Someone, visitor: Client, settings: Any
) -> None:
    settings.MICROCRED_API_VISITOR_RATE = "2/hour"
    answers = [ask(visitor, "microcredentials/").status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert ask(elsewhere, "microcredentials/").status_code == 200
    assert ask(ada.client, "microcredentials/").status_code == 200


def test_site_may_do_without(ada: Someone, visitor: Client, settings: Any) -> None:
    settings.MICROCRED_API_USER_RATE = None
    settings.MICROCRED_API_VISITOR_RATE = None
    for client in (ada.client, visitor):
        assert {ask(client, "microcredentials/").status_code for _ in range(130)} == {200}


@pytest.mark.parametrize("rate", ["2/second", "2/minute", "2/hour", "2/day"])
def test_every_rate_that_the_check_accepts_can_be_counted_by(
    ada: Someone, settings: Any, rate: str
) -> None:
    settings.MICROCRED_API_USER_RATE = rate
    assert ask(ada.client, "awards/").status_code == 200
