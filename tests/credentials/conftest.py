"""A site that can sign, and awards to sign something about."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.utils import timezone
from PIL import Image

from microcred_plugin import earning
from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Award
from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.api import Report, Shared, SiteWeb
from tests.factories import LONG_AGO, course, publish
from tests.fakes import FakeHost

RUN = "course-v1:NordU+A+2026"
ELSEWHERE = "course-v1:Harbor+H+2026"
ISSUED_RUN = "course-v1:NordU+Issued+1"
PASSED = LONG_AGO + timedelta(days=60)
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


@dataclass
class Issued:
    """An award with what is signed about it; `now` is when it is looked at."""

    award: Award
    host: FakeHost
    now: datetime

    @property
    def email(self) -> str:
        return self.host.people[self.award.learner_id].email

    @property
    def document(self) -> dict[str, Any]:
        return json.loads(self._served().document)

    @property
    def token(self) -> str:
        return self._served().jwt

    @property
    def png(self) -> bytes:
        picture = BytesIO()
        Image.new("RGB", (8, 8)).save(picture, "PNG")
        return credentials.bake(picture.getvalue(), self._served().document)

    @property
    def issuer(self) -> credentials.Issuer:
        self._served()
        found = credentials.find_issuer("NordU")
        assert found is not None
        return found

    def share(self, state: Shared = Shared.SHARED) -> None:
        credentials.choose(
            self.award.uuid, learner_id=self.award.learner_id, now=self.now, state=state
        )

    def checked(self, brought: dict[str, Any] | str | bytes, *, email: str = "") -> Report:
        """What the verifier says of a document, a token, or a file."""
        content = json.dumps(brought) if isinstance(brought, dict) else brought
        content = content.encode() if isinstance(content, str) else content
        presented = credentials.read_presented(content)
        return credentials.verify(presented, web=SiteWeb(now=self.now), now=self.now, email=email)

    def _served(self) -> credentials.Credential:
        award = awards.find_any_award(self.award.uuid)
        assert award is not None
        return credentials.served(award, now=self.now)


@pytest.fixture
def make_issued(db: None, host: FakeHost) -> Callable[..., Issued]:
    """Has somebody earn something; other names of learners and microcredentials make others."""

    def make(username: str = "grace", slug: str = "signed", **content: Any) -> Issued:
        host.add_run(ISSUED_RUN, title="Issued")
        user = get_user_model().objects.create_user(username)
        host.add_learner(user.pk, username)
        made = publish(slug, course(ISSUED_RUN), **content)
        host.pass_course(user.pk, ISSUED_RUN, on=PASSED)
        call_command("microcred", "reconcile", "--all", verbosity=0)
        award = Award.objects.get(learner=user.pk, microcredential=made)
        return Issued(award, host, timezone.now())

    return make


@pytest.fixture
def issued(make_issued: Callable[..., Issued]) -> Issued:
    return make_issued()
