"""An award that was earned and signed on a site with keys, as it comes into somebody's hands."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.utils import timezone
from PIL import Image

from microcred_plugin.awards import api as awards
from microcred_plugin.awards.models import Award
from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.api import Report, Shared, SiteWeb
from tests.factories import LONG_AGO, course, publish
from tests.fakes import FakeHost

RUN = "course-v1:NordU+Issued+1"
PASSED = LONG_AGO + timedelta(days=60)


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
def make_issued(db: None, host: FakeHost, settings: Any) -> Callable[..., Issued]:
    """Has somebody earn something; other names of learners and microcredentials make others."""
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    def make(username: str = "grace", slug: str = "signed", **content: Any) -> Issued:
        host.add_run(RUN, title="Issued")
        user = get_user_model().objects.create_user(username)
        host.add_learner(user.pk, username)
        made = publish(slug, course(RUN), **content)
        host.pass_course(user.pk, RUN, on=PASSED)
        call_command("microcred", "reconcile", "--all", verbosity=0)
        award = Award.objects.get(learner=user.pk, microcredential=made)
        return Issued(award, host, timezone.now())

    return make


@pytest.fixture
def issued(make_issued: Callable[..., Issued]) -> Issued:
    return make_issued()
