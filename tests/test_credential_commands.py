"""`manage.py lms microcred keys | issuer | resign | verify-served`, from the outside."""

from __future__ import annotations

import base64
import json
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from microcred_plugin.awards.models import Award
from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.api import Credential, IssuerKey, Why
from microcred_plugin.credentials.models import StatusEntry
from tests.credentials.conftest import NOW, Earned, earned, encryption_keys
from tests.factories import png_data_url
from tests.test_command import refused, run

pytestmark = pytest.mark.django_db

__all__ = ["earned", "encryption_keys"]  # fixtures


def current() -> dict[int, Credential]:
    found = Credential.objects.filter(slot=1).select_related("award", "key", "jwt_key")
    return {one.award.learner_id: one for one in found}


# --- keys ----------------------------------------------------------------------------------------


def test_new_encryption_key_is_printed_as_a_setting(settings: Any) -> None:
    line = run("keys", "new").strip().splitlines()[-1]
    name, _, value = line.partition(" = ")
    assert name == "MICROCRED_KEY_ENCRYPTION_KEYS"
    [key] = json.loads(value)
    Fernet(key)


def test_private_keys_are_encrypted_anew(settings: Any) -> None:
    run("issuer", "make", "NordU")
    old, new = settings.MICROCRED_KEY_ENCRYPTION_KEYS, credentials.new_encryption_key()
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = [new, *old]
    assert run("keys", "reencrypt") == "Encrypted with the first key: 2.\n"
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = [new]
    assert "1 issuers" in run("verify-served")
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = old
    with pytest.raises(CommandError, match="Put the key back that they were encrypted with"):
        run("keys", "reencrypt")


# --- issuers -------------------------------------------------------------------------------------


def test_issuer_is_made_changed_and_shown(tmp_path: Path) -> None:
    assert "No issuer yet" in run("issuer", "list")
    logo = tmp_path / "logo.png"
    logo.write_bytes(base64.b64decode(png_data_url().partition(",")[2]))
    told = run("issuer", "make", "NordU", "--name", "Nord University", "--country", "no")
    assert "country: NO" in told
    told = run(
        "issuer", "set", "NordU", "--logo", logo, "--linkedin-id", "12", "--url", "https://n.eu"
    )
    assert "logo: image/png" in told
    assert told == run("issuer", "show", "NordU")
    assert "NordU  Nord University  did:web:" in run("issuer", "list")
    assert "is an issuer already" in run("issuer", "make", "NordU")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["issuer", "show", "NordU"], "NordU is no issuer yet."),
        (["issuer", "set", "NordU", "--name", "x"], "microcred issuer make NordU"),
        (["issuer", "rotate", "NordU"], "NordU is no issuer yet."),
        (["resign", "--issuer", "NordU", "--why", "corrected"], "NordU is no issuer yet."),
        (["resign", "--key", "z6", "--why", "corrected"], "No issuer has a key “z6”"),
        (["resign", "--award", "x", "--why", "corrected"], "“x” is no uuid of an award."),
        (["resign", "--award", uuid4(), "--why", "corrected"], "There is no award"),
        (["resign", "--issuer", "NordU", "--why", "first"], "invalid choice: 'first'"),
        (["resign", "--why", "corrected"], "one of the arguments"),
        (
            ["resign", "--issuer", "N", "--why", "corrected", "--signed-before", "then"],
            "“then” is no instant.",
        ),
        (["verify-served", "--sample", "0"], "0 is no whole number above 0"),
        (["verify-served", "--issuer", "NordU"], "NordU is no issuer yet."),
    ],
)
def test_what_cannot_be_done_is_said(arguments: list[Any], says: str) -> None:
    assert says in refused(*arguments)


def test_profile_that_cannot_be_signed_is_refused_whole() -> None:
    run("issuer", "make", "NordU")
    said = refused("issuer", "set", "NordU", "--name", "Nord", "--country", "XX")
    assert "--country: “XX” is not one of" in said
    assert "NordU: NordU" in run("issuer", "show", "NordU")


def test_without_an_encryption_key_the_way_out_is_said(settings: Any) -> None:
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = []
    assert "Run `microcred keys new`" in refused("issuer", "make", "NordU")


def test_theft_is_confirmed_and_then_heals(earned: Earned) -> None:
    signed = credentials.served(earned(1), now=NOW)
    said = refused("issuer", "compromised", "NordU", signed.key.name)
    assert "Nothing was done." in said
    assert "signs 1 credentials again" in said
    assert not IssuerKey.objects.exclude(compromised_at=None).exists()
    told = run("issuer", "compromised", "NordU", signed.key.name, "--yes")
    assert "To be signed again: 1" in told
    call_command("microcred", "sweep")
    assert current()[1].why == Why.COMPROMISED
    assert run("verify-served", "--all").endswith("1 credentials.\n")


def test_rotation_leaves_what_is_signed_alone(earned: Earned) -> None:
    signed = credentials.served(earned(1), now=NOW)
    assert "ed25519: z6Mk" in run("issuer", "rotate", "NordU", "--kind", "ed25519")
    assert current()[1] == signed
    assert "still valid" in run("issuer", "show", "NordU")
    run("verify-served", "--all")


# --- signing again -------------------------------------------------------------------------------


def test_everything_of_an_issuer_a_microcredential_or_a_key_is_signed_again(
    earned: Earned,
) -> None:
    for learner in (1, 2):
        credentials.served(earned(learner), now=NOW)
    other = credentials.served(earned(3, organization="Harbor"), now=NOW)
    before = current()
    for chosen in (
        ("--issuer", "NordU"),
        ("--microcredential", "nordu-skill"),
        ("--key", before[1].key.name),
        ("--key", before[1].jwt_key.name),
    ):
        assert run("resign", *chosen, "--why", "corrected") == "Signed again: 2.\n"
        after = current()
        assert after[3] == other
        assert {after[one].why for one in (1, 2)} == {Why.CORRECTED}
        assert not {after[one].pk for one in (1, 2)} & {before[one].pk for one in (1, 2)}
        before = after
    assert StatusEntry.objects.filter(is_withdrawn=True).count() == 8


def test_interrupted_one_goes_on_where_it_was(earned: Earned) -> None:
    first = credentials.served(earned(1), now=NOW)
    run("resign", "--award", first.award_id, "--why", "corrected")
    credentials.served(earned(2), now=NOW)
    chosen = ("--issuer", "NordU", "--why", "corrected", "--signed-before", "2026-06-02T00:00Z")
    done = current()[1]
    assert run("resign", *chosen) == "Signed again: 1.\n"
    assert current()[1] == done
    assert run("resign", *chosen) == "Signed again: 0.\n"


def test_what_is_not_signed_again_is_counted_with_its_reason(earned: Earned) -> None:
    award = earned(1)
    credentials.served(award, now=NOW)
    credentials.choose(award.uuid, learner_id=1, now=NOW, state=credentials.Shared.DECLINED)
    told = run("resign", "--issuer", "NordU", "--why", "corrected")
    assert told.splitlines() == [
        "Signed again: 0.", "Left as it is: 1. The award … is declined by its holder.",
    ]  # fmt: skip


# --- what is served ------------------------------------------------------------------------------


def faults(*arguments: str) -> str:
    out = StringIO()
    with pytest.raises(CommandError) as error:
        call_command("microcred", "verify-served", *arguments, stdout=out)
    assert error.value.returncode == 1
    return out.getvalue()


def test_what_is_served_holds(earned: Earned) -> None:
    for learner in (1, 2, 3):
        credentials.served(earned(learner), now=NOW)
    credentials.served_list("nordu", 1, now=NOW)
    assert run("verify-served") == "Verified: 1 issuers, 1 status lists, 3 credentials.\n"
    assert json.loads(run("verify-served", "--sample", "2", "--json")) == {
        "holds": True,
        "verified": {"issuers": 1, "status lists": 1, "credentials": 2},
        "faults": [],
    }


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda one: one.document.replace("Nordu Skill", "Another"), "Its signature does not hold"),
        (lambda one: "not JSON", "stored damaged"),
        (lambda one: "", "stored damaged, or missing"),
    ],
)
def test_document_that_was_changed_is_found(earned: Earned, change: Any, says: str) -> None:
    signed = credentials.served(earned(1), now=NOW)
    Credential.objects.update(document=change(signed))
    told = faults("--all")
    assert f"credential {signed.award_id}: " in told
    assert says in told


def test_row_that_says_something_else_is_found(earned: Earned) -> None:
    one, two = (credentials.served(earned(learner), now=NOW) for learner in (1, 2))
    Credential.objects.filter(pk=one.pk).update(document=two.document, jwt=two.jwt)
    told = faults("--all")
    assert "It is not about the learner who holds the award." in told
    assert "`id` is" in told
    assert "Its place in the status list is" in told


def test_award_that_ended_and_is_not_revoked_is_found(earned: Earned) -> None:
    signed = credentials.served(earned(1), now=NOW)
    Award.objects.filter(uuid=signed.award_id).update(expires_at=NOW)
    assert "The award ends" in faults("--all")


def test_keys_that_nobody_can_use_are_found(earned: Earned, settings: Any) -> None:
    credentials.served(earned(1), now=NOW)
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = [credentials.new_encryption_key()]
    assert "was encrypted with none of MICROCRED_KEY_ENCRYPTION_KEYS" in faults("--json")


@pytest.mark.parametrize("count", [1, 4])
def test_verifying_costs_the_same_however_many(earned: Earned, count: int) -> None:
    for learner in range(1, count + 1):
        credentials.served(earned(learner), now=NOW)
    with CaptureQueriesContext(connection) as queries:
        run("verify-served", "--all")
    # Issuers, their keys, lists; the credentials, their awards, holders, who is revoked; the end.
    assert len(queries) == 8
