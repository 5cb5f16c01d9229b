"""
Who holds the private keys, behind a port: a site may have them in a vault of its own.

`MICROCRED_SIGNER` names the class. Two come with the plugin: keys in the database, encrypted with
a key of the operator's; and keys in files or in the environment, which never reach the database.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.conf import settings
from django.utils.module_loading import import_string

from microcred_plugin.credentials import keys
from microcred_plugin.credentials.keys import PrivateKey
from microcred_plugin.credentials.signing import Sign

ED25519, RSA = "ed25519", "rsa"


# The one that a site has which says nothing.
DATABASE_SIGNER = "microcred_plugin.credentials.signers.DatabaseSigner"


class NotConfigured(Exception):
    """What a signer needs is missing; the sentence says what an operator has to do."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that signs from now on; `private` is what the database keeps of it, if anything."""

    public: Ed25519PublicKey | RSAPublicKey
    private: bytes = b""


class Signer(Protocol):
    """Where private keys are, and who signs with them."""

    def new_key(self, organization: str, kind: str) -> NewKey:
        """
        A key pair of this kind ("ed25519", "rsa") for an organisation that has none, or a new one.

        Raises `NotConfigured`.
        """

    def sign(self, organization: str, kind: str, name: str, kept: bytes) -> Sign:
        """
        What signs with the key of this name: bytes in, the raw signature out.

        `kept` is what `new_key` had the database keep. Raises `NotConfigured`.
        """


def get_signer() -> Signer:
    """The signer of this site."""
    try:
        signer: Signer = import_string(settings.MICROCRED_SIGNER)()
    except ImportError as error:
        raise NotConfigured(
            f"MICROCRED_SIGNER is {settings.MICROCRED_SIGNER!r}, which can't be imported: {error}"
        ) from error
    return signer


def can_sign() -> bool:
    """Whether the site has set up what signs, as far as can be told without signing."""
    try:
        signer = get_signer()
        if isinstance(signer, DatabaseSigner):
            encryption()
    except NotConfigured:
        return False
    return True


class DatabaseSigner:
    """Keys are made here and kept in the database, encrypted."""

    def new_key(self, organization: str, kind: str) -> NewKey:
        key: PrivateKey = keys.generate_ed25519() if kind == ED25519 else keys.generate_rsa()
        return NewKey(key.public_key(), encryption().encrypt(keys.to_pkcs8(key)))

    def sign(self, organization: str, kind: str, name: str, kept: bytes) -> Sign:
        try:
            private = encryption().decrypt(bytes(kept))
        except InvalidToken as error:
            raise NotConfigured(
                f"The key {name} of {organization} was encrypted with none of "
                "MICROCRED_KEY_ENCRYPTION_KEYS. Put the key back that it was encrypted with."
            ) from error
        return signing_with(keys.from_pkcs8(private, is_known=True))


class ConfiguredSigner:
    """
    Keys are named by `MICROCRED_SIGNING_KEYS`, as {"Org": {"ed25519": …, "rsa": …}}.

    Each is a PEM text (PKCS #8), or "file:" and a path, or "env:" and the name of a variable of
    the environment that holds the text.
    """

    def new_key(self, organization: str, kind: str) -> NewKey:
        return NewKey(_configured(organization, kind).public_key())

    def sign(self, organization: str, kind: str, name: str, kept: bytes) -> Sign:
        private = _configured(organization, kind)
        if name_of(private.public_key()) != name:
            raise NotConfigured(
                f"The {kind} key of {organization} in MICROCRED_SIGNING_KEYS is not the one that "
                f"signs. Run `microcred issuer rotate {organization} --kind {kind}` to have it "
                "sign."
            )
        return signing_with(private)


def signing_with(key: PrivateKey) -> Sign:
    """What signs with a private key: as EdDSA, or as RS256 (RFC 7518, section 3.3)."""
    if isinstance(key, Ed25519PrivateKey):
        return key.sign
    return lambda data: key.sign(data, PKCS1v15(), hashes.SHA256())


def name_of(key: Ed25519PublicKey | RSAPublicKey) -> str:
    """What a public key is named by: its multibase, or the thumbprint of its JWK."""
    return keys.to_multikey(key) if isinstance(key, Ed25519PublicKey) else keys.to_jwk(key)["kid"]


def _configured(organization: str, kind: str) -> PrivateKey:
    configured: Mapping[str, Any] = settings.MICROCRED_SIGNING_KEYS
    where = f'MICROCRED_SIGNING_KEYS["{organization}"]["{kind}"]'
    named = configured.get(organization, {}).get(kind, "")
    if not named or not isinstance(named, str):
        raise NotConfigured(
            f"{where} is missing. Put there the PEM of the key that signs, or “file:” and its "
            "path, or “env:” and the name of a variable that holds it."
        )
    try:
        if named.startswith("file:"):
            named = Path(named.removeprefix("file:")).read_text(encoding="ascii")
        elif named.startswith("env:"):
            named = os.environ[named.removeprefix("env:")]
        private = _read(named)
    except KeyError as error:
        raise NotConfigured(
            f"{where} names the variable {error} of the environment, which is not set."
        ) from error
    except (OSError, ValueError) as error:
        # What can't be read may be the key itself, so that it is not repeated.
        reason = error.strerror if isinstance(error, OSError) else "it is no key in PEM (PKCS #8)"
        raise NotConfigured(f"{where} can't be read: {reason or 'nothing is there'}.") from error
    if isinstance(private, Ed25519PrivateKey) != (kind == ED25519):
        raise NotConfigured(f"{where} is a key of another kind.")
    return private


@lru_cache(maxsize=64)
def _read(pem: str) -> PrivateKey:
    """A key that the operator names: looked into once, since that takes longer than signing."""
    return keys.from_pkcs8(pem.encode())


def new_encryption_key() -> str:
    """A new entry of MICROCRED_KEY_ENCRYPTION_KEYS."""
    return Fernet.generate_key().decode()


def encryption() -> MultiFernet:
    """
    What private keys are encrypted with. The first key encrypts, each of them decrypts.

    Raises `NotConfigured`.
    """
    found = settings.MICROCRED_KEY_ENCRYPTION_KEYS
    if not found:
        raise NotConfigured(
            "MICROCRED_KEY_ENCRYPTION_KEYS is empty, so that no signing key can be kept. Run "
            "`microcred keys new`, and put what it prints into the settings of the LMS and of "
            "Studio."
        )
    try:
        if isinstance(found, str):
            raise TypeError("it has to be a list")
        return MultiFernet([Fernet(key) for key in found])
    except (ValueError, TypeError, AttributeError) as error:
        # The error itself may repeat the key.
        raise NotConfigured(
            "MICROCRED_KEY_ENCRYPTION_KEYS has to be a list of keys such as `microcred keys new` "
            "prints, and something in it is none."
        ) from error


def check_signer() -> None:
    """Raises `NotConfigured` if MICROCRED_SIGNER names nothing that could sign."""
    signer = get_signer()
    missing = [name for name in ("new_key", "sign") if not callable(getattr(signer, name, None))]
    if missing:
        raise NotConfigured(
            f"MICROCRED_SIGNER names {settings.MICROCRED_SIGNER!r}, which lacks the methods "
            f"{', '.join(missing)}."
        )
