"""A site that can sign, and awards to sign something about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from microcred_plugin import earning
from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Award
from microcred_plugin.credentials import api as credentials
from tests.factories import course, publish
from tests.fakes import FakeHost

RUN = "course-v1:NordU+A+2026"
ELSEWHERE = "course-v1:Harbor+H+2026"
NOW = datetime(2026, 6, 1, 12, 30, tzinfo=UTC)

Earned = Callable[..., Award]


@pytest.fixture(autouse=True)
def encryption_keys(settings: Any) -> list[str]:
    """The site can keep private keys."""
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = [credentials.new_encryption_key()]
    return list(settings.MICROCRED_KEY_ENCRYPTION_KEYS)


@pytest.fixture
def earned(host: FakeHost, db: None) -> Earned:
    """The award of the skill of an organisation that a learner has earned, with its history."""
    host.add_run(RUN)
    host.add_run(ELSEWHERE, organization="Harbor")

    def made(learner_id: int = 1, *, organization: str = "NordU", **content: Any) -> Award:
        run = RUN if organization == "NordU" else ELSEWHERE
        slug = f"{organization.lower()}-skill"
        skill = publish(slug, course(run), organization=organization, **content)
        host.pass_course(learner_id, run)
        earning.follow_hint(learner_id, run, now=NOW)
        [award] = awards.awards_of(learner_ids=[learner_id], microcredential_ids=[skill.pk])
        found = awards.find_any_award(award.uuid)
        assert found is not None
        return found

    return made
