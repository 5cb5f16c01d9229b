"""The site of the learner's pages, with somebody of its staff."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.learner.conftest import Someone, ada, host, someone, visitor

__all__ = ["ada", "boss", "host", "someone", "visitor"]


@pytest.fixture
def boss(someone: Callable[..., Someone]) -> Someone:
    return someone("boss", is_staff=True)
