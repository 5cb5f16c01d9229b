"""Issuers: made at first use, with keys that are replaced, and taken out when they are stolen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials import issuers
from microcred_plugin.credentials.api import Issuer, IssuerKey, NotConfigured
from tests.credentials.conftest import NOW

pytestmark = pytest.mark.django_db


def methods(organization: str = "NordU") -> list[str]:
    issuer = credentials.issuer_with_keys(organization)
    assert issuer is not None
    found = credentials.did_document_of(issuer)["verificationMethod"]
    return [one["id"].partition("#")[2] for one in found]


def test_issuer_is_made_once_with_a_key_of_each_kind() -> None:
    issuer = credentials.ensure_issuer("NordU", now=NOW)
    assert credentials.ensure_issuer("NordU", now=NOW) == issuer
    assert sorted(key.kind for key in issuer.keys.all()) == ["ed25519", "rsa"]
    assert issuer.base_url == "https://lms.example.org/microcredentials"
    assert credentials.did_of(issuer) == "did:web:lms.example.org:microcredentials:issuers:nordu"


def test_issuer_that_cannot_have_keys_is_not_made(settings: Any) -> None:
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = []
    with pytest.raises(NotConfigured):
        credentials.ensure_issuer("NordU", now=NOW)
    assert not Issuer.objects.exists()


@pytest.mark.parametrize(
    ("names", "slugs"),
    [
        (["Nord U", "nord-u", "Nord_U"], ["nord-u", "nord-u-2", "nord_u"]),
        (["大学", "学院"], ["issuer", "issuer-2"]),
        (["x" * 200, "x" * 201], ["x" * 90, "x" * 90 + "-2"]),
    ],
)
def test_every_organisation_has_an_address_of_its_own(names: list[str], slugs: list[str]) -> None:
    assert [issuers._make(name).slug for name in names] == slugs


def test_whoever_is_slower_gets_the_issuer_and_keys_of_who_was_faster(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    faster = credentials.ensure_issuer("NordU", now=NOW)
    seen = {"find_issuer": issuers.find_issuer, "signing_key": issuers.signing_key}

    def late(name: str) -> Callable[..., Any]:
        """Sees nothing the first time, as long as the other's transaction is not committed."""
        asked: set[Any] = set()

        def ask(*args: Any) -> Any:
            is_first = args not in asked
            asked.add(args)
            return None if is_first else seen[name](*args)

        return ask

    for name in seen:
        monkeypatch.setattr(issuers, name, late(name))
    assert issuers.ensure_issuer("NordU", now=NOW) == faster
    assert IssuerKey.objects.count() == 2


def test_old_key_stays_in_the_did_document_behind_the_new_one() -> None:
    issuer = credentials.ensure_issuer("NordU", now=NOW)
    old = credentials.signing_key(issuer, "ed25519")
    new = credentials.rotate(issuer, "ed25519", now=NOW)
    assert old is not None
    old.refresh_from_db()
    assert (old.slot, old.retired_at, old.compromised_at) == (None, NOW, None)
    assert methods()[0] == new.name
    assert methods()[-1] == old.name
    assert len(methods()) == 3


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_stolen_key_is_gone_from_everywhere_that_is_relied_on(kind: str) -> None:
    issuer = credentials.ensure_issuer("NordU", now=NOW)
    key = credentials.signing_key(issuer, kind)
    assert key is not None
    assert credentials.compromise(key, now=NOW) is None
    key.refresh_from_db()
    assert bytes(key.private) == b""
    assert key.name not in methods()
    assert credentials.jwk_at(issuer, key.name) is None
    new = credentials.signing_key(issuer, kind)
    assert new is not None
    assert new != key
    # Twice is once.
    assert credentials.compromise(key, now=NOW) is None
    assert credentials.signing_key(issuer, kind) == new


def test_old_key_that_was_stolen_leaves_the_one_that_signs_alone() -> None:
    issuer = credentials.ensure_issuer("NordU", now=NOW)
    old = credentials.signing_key(issuer, "ed25519")
    new = credentials.rotate(issuer, "ed25519", now=NOW)
    assert old is not None
    old.refresh_from_db()
    credentials.compromise(old, now=NOW)
    assert credentials.signing_key(issuer, "ed25519") == new
    assert old.name not in methods()


def test_profile_takes_what_can_be_signed_and_nothing_else() -> None:
    issuer = credentials.ensure_issuer("NordU", now=NOW)
    credentials.change_profile(issuer, name="Nord University", country="NO")
    issuer.refresh_from_db()
    assert (issuer.name, issuer.country) == ("Nord University", "NO")
    with pytest.raises(ValidationError) as error:
        credentials.change_profile(issuer, name="", country="XX", linkedin_id="x", url="ftp://x.y")
    assert set(error.value.message_dict) == {"name", "country", "linkedin_id", "url"}
    issuer.refresh_from_db()
    assert (issuer.name, issuer.country) == ("Nord University", "NO")
    with pytest.raises(ValueError, match="no field 'slug'"):
        credentials.change_profile(issuer, slug="other")


@pytest.mark.parametrize("organizations", [["NordU"], ["NordU", "Harbor", "Ümea"]])
def test_what_signs_is_read_with_two_queries_for_any_number(organizations: list[str]) -> None:
    for organization in organizations:
        credentials.ensure_issuer(organization, now=NOW)
    with CaptureQueriesContext(connection) as queries:
        found = issuers.signing_for(organizations, now=NOW)
    assert len(queries) == 2
    assert set(found) == set(organizations)
    assert not any(isinstance(one, NotConfigured) for one in found.values())
