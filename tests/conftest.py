"""What every test can ask for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, settings
from openedx_events.learning.signals import BADGE_AWARDED, BADGE_REVOKED

from microcred_plugin import broker, tasks
from microcred_plugin.host import get_host
from tests.fakes import FakeHost

# Every run tries other examples, but those in CI: a change should not fail there by chance.
settings.register_profile(
    "tests",
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("tests")


@pytest.fixture(autouse=True)
def _clean_cache() -> None:
    """Markers and locks of one test are none of the next."""
    cache.clear()
    tasks._used_until.clear()
    broker.forget()


@pytest.fixture
def host() -> FakeHost:
    """The platform that the plugin reads in tests, without any fact in it."""
    found = get_host()
    assert isinstance(found, FakeHost)
    found.clear()
    return found


@pytest.fixture
def announced() -> Iterator[list[tuple[str, str]]]:
    """What the world is told, in order: ("awarded" or "revoked", the award's uuid)."""
    heard: list[tuple[str, str]] = []

    def receiver(name: str) -> Callable[..., None]:
        return lambda badge, **_kwargs: heard.append((name, badge.uuid))

    connected: list[tuple[Any, Callable[..., None]]] = [
        (BADGE_AWARDED, receiver("awarded")),
        (BADGE_REVOKED, receiver("revoked")),
    ]
    for signal, function in connected:
        signal.connect(function)
    yield heard
    for signal, function in connected:
        signal.disconnect(function)
