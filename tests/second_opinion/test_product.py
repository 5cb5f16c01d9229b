"""Other people's software accepts what the site serves, as long as it holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.test import Client
from django.utils import timezone

from microcred_plugin import decisions, earning
from microcred_plugin.awards.models import Award
from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.models import IssuerKey, StatusList
from tests.factories import all_of, course, holds, publish
from tests.fakes import FakeHost
from tests.second_opinion.install import HERE, PYTHON
from tests.second_opinion.programs import STANDARDS, Verdicts, needs_verifiers, run, verdicts_of
from tests.second_opinion.tampering import DIGITALBAZAAR, OPENBADGESLIB, OPENVC

pytestmark = [
    pytest.mark.second_opinion, pytest.mark.xdist_group("second_opinion"), needs_verifiers,
]  # fmt: skip

A, B = "course-v1:NordU+A+2026", "course-v1:NordU+B+2026"

# Where the host of the tests says that the site is.
SITE = "https://lms.example.org"
READERS = {
    "document.json": {OPENBADGESLIB, OPENVC, DIGITALBAZAAR},
    "token.jwt": {OPENBADGESLIB, DIGITALBAZAAR},
    "picture.png": {OPENBADGESLIB},
}

NOBODY: dict[str, set[str]] = {name: set() for name in READERS}

Asked = Callable[..., Verdicts]


@pytest.fixture
def award(host: FakeHost, db: None, settings: Any) -> Award:
    """A stacked award that its holder shares, with everything in it that there can be."""
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    settings.MICROCRED_STATUS_SECONDS = 0
    host.add_learner(1, "ada")
    for key in (A, B):
        host.add_run(key, title=f"“{key[-6]}” أساسيات & more")
        host.pass_course(1, key, percent="0.87")
    base = publish("base", course(A))
    top = publish(
        "top",
        all_of(holds(base), course(B, minimum_grade=60), title="All of it"),
        description='Said "so" \\ 👩🏽‍🔬',
        skills=[
            {"name": "Data", "url": "https://example.org/s", "target_type": "ceasn:Competency"}
        ],
        credit_value=3,
        credit_kind="ECTS",
        workload_hours=75.5,
        level="6",
        level_framework="EQF",
        validity_months=24,
        policy="suspend",
    )
    for key in (A, B):
        earning.follow_hint(1, key)
    made = Award.objects.get(microcredential=top)
    credentials.choose(made.uuid, learner_id=1, now=timezone.now(), state=credentials.Shared.SHARED)
    issuer = credentials.ensure_issuer("NordU", now=timezone.now())
    credentials.change_profile(
        issuer, name="Nordisk universitet", country="NO", email="b@example.org", url=SITE
    )
    return made


@pytest.fixture
def ask(award: Award, tmp_path: Path) -> Asked:
    """Have all verifiers look at what the site serves now, as they would over HTTP."""

    def asked(later: timedelta = timedelta(), **cases: bytes) -> Verdicts:
        found = cases or {
            name: fetch(f"/microcredentials/awards/{award.uuid}.{name.rpartition('.')[2]}").content
            for name in READERS
        }
        return verdicts_of(tmp_path, found, served(), timezone.now() + later)

    return asked


def fetch(path: str) -> Any:
    response = Client().get(path)
    assert response.status_code == 200, (path, response.status_code, response.content[:300])
    return response


def served() -> dict[str, Any]:
    """All that verifiers may ask of the site, at the addresses where documents say that it is."""
    paths = ["/microcredentials/issuers/nordu/did.json"]
    paths += [
        f"/microcredentials/issuers/nordu/keys/{name}"
        for name in IssuerKey.objects.filter(kind="rsa", compromised_at=None).values_list(
            "name", flat=True
        )
    ]
    paths += [
        f"/microcredentials/issuers/nordu/status/{number}"
        for number in StatusList.objects.values_list("number", flat=True)
    ]
    answers = {path: fetch(path) for path in paths}
    return {
        f"{SITE}{path}": {
            "status": answer.status_code,
            "content_type": answer["Content-Type"],
            "body": json.loads(answer.content),
        }
        for path, answer in answers.items()
    }


def accepting(verdicts: Verdicts, name: str) -> set[str]:
    return {verifier for verifier, (yes, _) in verdicts[name].items() if yes}


def readers(verdicts: Verdicts) -> dict[str, set[str]]:
    """Who accepts what the site serves."""
    return {name: accepting(verdicts, name) for name in READERS}


def refusals(verdicts: Verdicts) -> dict[str, Any]:
    return {
        name: {who: reason for who, (yes, reason) in verdicts[name].items() if not yes}
        for name in verdicts
    }


def test_everything_that_is_served_about_an_award_is_accepted(ask: Asked) -> None:
    verdicts = ask()
    assert readers(verdicts) == READERS, refusals(verdicts)


@pytest.mark.parametrize("schema", ["achievementcredential", "achievementcredential.strict"])
def test_award_is_as_the_official_schemas_say(award: Award, schema: str, tmp_path: Path) -> None:
    content = fetch(f"/microcredentials/awards/{award.uuid}.json").content
    kind, _dot, strict = schema.partition(".")
    name = f"ob_v3p0_{kind}_schema{'.strict' if strict else ''}.json"
    assert faults(name, content, tmp_path) == []


def test_issuer_is_as_the_official_schema_says(award: Award, tmp_path: Path) -> None:
    page = "/microcredentials/issuers/nordu/"
    response = Client().get(page, HTTP_ACCEPT="application/ld+json")
    assert response.json()["name"] == "Nordisk universitet"
    assert faults("ob_v3p0_profile_schema.json", response.content, tmp_path) == []


def faults(schema: str, content: bytes, folder: Path) -> list[str]:
    """What an official JSON Schema has against a document."""
    document = folder / "document.json"
    document.write_bytes(content)
    command = [PYTHON, HERE / "python" / "schemas.py", STANDARDS / "schemas" / schema, document]
    found: list[str] = json.loads(run(command))["errors"]
    return found


def test_suspended_award_is_refused_and_a_reinstated_one_is_not(
    ask: Asked, award: Award, host: FakeHost
) -> None:
    before = fetch(f"/microcredentials/awards/{award.uuid}.json").content
    host.fail_course(1, B)
    earning.follow_hint(1, B)
    verdicts = ask()
    assert readers(verdicts) == NOBODY
    host.grade(1, B, "0.90")
    earning.follow_hint(1, B)
    verdicts = ask()
    assert readers(verdicts) == READERS
    assert accepting(ask(**{"before.json": before}), "before.json") == set()


def test_revoked_award_is_refused(ask: Asked, award: Award) -> None:
    fetch(f"/microcredentials/awards/{award.uuid}.json")
    decisions.revoke(
        learner_id=1, microcredential_id=award.microcredential_id, by_id=None, reason="a mistake"
    )
    verdicts = ask()
    assert readers(verdicts) == NOBODY


def test_expired_award_is_refused(ask: Asked) -> None:
    verdicts = ask(later=timedelta(days=3 * 366))
    assert readers(verdicts) == NOBODY


def test_what_a_stolen_key_signed_is_refused_and_signed_anew(ask: Asked, award: Award) -> None:
    before = fetch(f"/microcredentials/awards/{award.uuid}.json").content
    key = IssuerKey.objects.get(kind="ed25519", slot=1)
    credentials.compromise(key, now=timezone.now())
    verdicts = ask()
    assert readers(verdicts) == READERS
    # One of the three takes the key from the id itself; the status list tells it as well.
    assert accepting(ask(**{"before.json": before}), "before.json") == set()


def test_rotated_key_is_still_relied_on(ask: Asked, award: Award) -> None:
    before = fetch(f"/microcredentials/awards/{award.uuid}.json").content
    issuer = credentials.find_issuer("NordU")
    assert issuer is not None
    for kind in credentials.KeyKind:
        credentials.rotate(issuer, kind, now=timezone.now())
    assert accepting(ask(**{"before.json": before}), "before.json") == READERS["document.json"]


def test_declined_award_is_refused(ask: Asked, award: Award) -> None:
    before = fetch(f"/microcredentials/awards/{award.uuid}.json").content
    credentials.choose(
        award.uuid, learner_id=1, now=timezone.now(), state=credentials.Shared.DECLINED
    )
    assert accepting(ask(**{"before.json": before}), "before.json") == set()
