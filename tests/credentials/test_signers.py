"""Where private keys are: encrypted in the database, or in files and the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials import issuers, keys, signers
from microcred_plugin.credentials.api import IssuerKey, NotConfigured
from microcred_plugin.credentials.signers import ConfiguredSigner, DatabaseSigner, name_of
from tests.credentials.conftest import NOW

MESSAGE = b"something to sign"


def new_key() -> str:
    return Fernet.generate_key().decode()


# --- in the database -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_key_in_the_database_signs_and_is_encrypted(kind: str) -> None:
    signer = DatabaseSigner()
    made = signer.new_key("NordU", kind)
    signature = signer.sign("NordU", kind, name_of(made.public), made.private)(MESSAGE)
    if kind == "ed25519":
        made.public.verify(signature, MESSAGE)  # type: ignore[call-arg,union-attr]
    assert len(signature) == (64 if kind == "ed25519" else 256)
    with pytest.raises(ValueError, match=r".+"):
        keys.from_pkcs8(made.private)


def test_without_an_encryption_key_nothing_is_made_and_the_way_out_is_said(settings: Any) -> None:
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = []
    with pytest.raises(NotConfigured, match="Run `microcred keys new`"):
        DatabaseSigner().new_key("NordU", "ed25519")


@pytest.mark.parametrize("wrong", [["short"], [None], "abc", [""], [new_key(), "x" * 44]])
def test_encryption_key_that_is_none_is_not_repeated(settings: Any, wrong: Any) -> None:
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = wrong
    with pytest.raises(NotConfigured, match="something in it is none") as error:
        signers.encryption()
    assert "x" * 44 not in str(error.value)


def test_key_that_no_encryption_key_decrypts_is_named(settings: Any) -> None:
    made = DatabaseSigner().new_key("NordU", "ed25519")
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = [new_key()]
    with pytest.raises(NotConfigured, match=r"The key z6Mk.* of NordU was encrypted with none of"):
        DatabaseSigner().sign("NordU", "ed25519", name_of(made.public), made.private)


@pytest.mark.django_db
def test_encryption_key_is_replaced_in_three_steps(settings: Any) -> None:
    [old], new = settings.MICROCRED_KEY_ENCRYPTION_KEYS, new_key()
    issuer = credentials.ensure_issuer("NordU", now=NOW)
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = [new, old]
    assert credentials.reencrypt() == (2, [])
    assert credentials.reencrypt() == (2, [])
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = [new]
    found = issuers.signing_for(["NordU"], now=NOW)["NordU"]
    assert not isinstance(found, NotConfigured)
    public = keys.from_multikey(found.keys["ed25519"].public["publicKeyMultibase"])
    public.verify(found.signs["ed25519"](MESSAGE), MESSAGE)
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = [old]
    assert isinstance(issuers.signing_for(["NordU"], now=NOW)["NordU"], NotConfigured)
    assert credentials.find_issuer("NordU") == issuer


@pytest.mark.django_db
def test_keys_that_cannot_be_encrypted_anew_are_named_and_left_alone(settings: Any) -> None:
    credentials.ensure_issuer("NordU", now=NOW)
    before = set(IssuerKey.objects.values_list("name", "private"))
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = [new_key()]
    done, unreadable = credentials.reencrypt()
    assert (done, set(unreadable)) == (0, {name for name, _private in before})
    assert set(IssuerKey.objects.values_list("name", "private")) == before


# --- in files and the environment ----------------------------------------------------------------


@pytest.fixture
def configured(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """An Ed25519 key in a file and an RSA key in the environment; none for any other."""
    made: dict[str, Any] = {"ed25519": keys.generate_ed25519(), "rsa": keys.generate_rsa()}
    path = tmp_path / "nordu.pem"
    path.write_bytes(keys.to_pkcs8(made["ed25519"], as_text=True))
    monkeypatch.setenv("NORDU_RSA", keys.to_pkcs8(made["rsa"], as_text=True).decode())
    settings.MICROCRED_SIGNER = "microcred_plugin.credentials.signers.ConfiguredSigner"
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = []
    settings.MICROCRED_SIGNING_KEYS = {"NordU": {"ed25519": f"file:{path}", "rsa": "env:NORDU_RSA"}}
    return made


@pytest.mark.django_db
def test_configured_keys_sign_and_never_reach_the_database(configured: dict[str, Any]) -> None:
    credentials.ensure_issuer("NordU", now=NOW)
    assert set(IssuerKey.objects.values_list("name", "private")) == {
        (name_of(key.public_key()), b"") for key in configured.values()
    }
    found = issuers.signing_for(["NordU"], now=NOW)["NordU"]
    assert not isinstance(found, NotConfigured)
    configured["ed25519"].public_key().verify(found.signs["ed25519"](MESSAGE), MESSAGE)


def test_configured_key_may_be_the_text_itself(configured: Any, settings: Any) -> None:
    pem = keys.to_pkcs8(configured["rsa"], as_text=True).decode()
    settings.MICROCRED_SIGNING_KEYS = {"NordU": {"rsa": pem}}
    made = ConfiguredSigner().new_key("NordU", "rsa")
    assert name_of(made.public) == name_of(configured["rsa"].public_key())


@pytest.mark.parametrize(
    ("organization", "kind", "named", "said"),
    [
        ("Harbor", "rsa", None, r'MICROCRED_SIGNING_KEYS\["Harbor"\]\["rsa"\] is missing'),
        ("NordU", "rsa", "", "is missing"),
        ("NordU", "rsa", 7, "is missing"),
        ("NordU", "rsa", "env:NOT_THERE", "the variable 'NOT_THERE' of the environment"),
        ("NordU", "rsa", "file:/nowhere/at/all.pem", "can't be read: No such file"),
        ("NordU", "rsa", "-----BEGIN secret-----", "can't be read: it is no key in PEM"),
        ("NordU", "ed25519", "env:NORDU_RSA", "is a key of another kind"),
    ],
)
def test_configured_key_that_is_none_is_named_and_not_repeated(
    configured: Any, settings: Any, organization: str, kind: str, named: Any, said: str
) -> None:
    if named is not None:
        settings.MICROCRED_SIGNING_KEYS["NordU"][kind] = named
    with pytest.raises(NotConfigured, match=said) as error:
        ConfiguredSigner().new_key(organization, kind)
    assert "secret" not in str(error.value)


@pytest.mark.django_db
def test_configured_key_that_was_replaced_signs_after_a_rotation(
    configured: Any, settings: Any
) -> None:
    issuer = credentials.ensure_issuer("NordU", now=NOW)
    with pytest.raises(NotConfigured, match="has been used before"):
        credentials.rotate(issuer, "ed25519", now=NOW)
    assert credentials.signing_key(issuer, "ed25519") is not None
    fresh = keys.generate_ed25519()
    settings.MICROCRED_SIGNING_KEYS["NordU"]["ed25519"] = keys.to_pkcs8(
        fresh, as_text=True
    ).decode()
    refused = issuers.signing_for(["NordU"], now=NOW)["NordU"]
    assert "issuer rotate NordU --kind ed25519" in str(refused)
    credentials.rotate(issuer, "ed25519", now=NOW)
    assert not isinstance(issuers.signing_for(["NordU"], now=NOW)["NordU"], NotConfigured)


@pytest.mark.django_db
def test_stolen_key_that_is_still_configured_never_signs_again(configured: Any) -> None:
    issuer = credentials.ensure_issuer("NordU", now=NOW)
    key = credentials.signing_key(issuer, "ed25519")
    assert key is not None
    assert "has been used before" in str(credentials.compromise(key, now=NOW))
    assert credentials.signing_key(issuer, "ed25519") is None
    assert isinstance(issuers.signing_for(["NordU"], now=NOW)["NordU"], NotConfigured)


@pytest.mark.parametrize(
    ("signer", "said"),
    [("nowhere.Signer", "can't be imported"), ("builtins.dict", "lacks the methods new_key, sign")],
)
def test_signer_that_is_none_is_named(settings: Any, signer: str, said: str) -> None:
    settings.MICROCRED_SIGNER = signer
    with pytest.raises(NotConfigured, match=said):
        signers.check_signer()
