"""
Who holds the private keys, behind a port: a site may have them in a vault of its own.

`MICROCRED_SIGNER` names the class. Two come with the plugin: keys in the database, encrypted with
a key of the operator's; and keys in files or in the environment, which never reach the database.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.module_loading import import_string

from microcred_plugin.credentials.key_pairs import KeyPair, PublicKey

# The one that a site has which says nothing.
DATABASE_SIGNER = "microcred_plugin.credentials.signers.DatabaseSigner"


class NotConfigured(Exception):
    """What a signer needs is missing; the sentence says what an operator has to do."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that signs from now on; `private` is what the database keeps of it, if anything."""

    public: PublicKey
    private: bytes = b""


class Signer(Protocol):
    """Where private keys are, and who signs with them."""

    def new_key(self, organization: str, kind: str) -> NewKey:
        """
        A key pair of this kind ("ed25519", "rsa") for an organisation that has none, or a new one.

        Raises `NotConfigured`.
        """

    def sign(self, organization: str, kind: str, kept: bytes, public: PublicKey) -> _Sign:
        """What signs with this key: bytes in, the raw signature out. Raises `NotConfigured`."""


class _Sign(Protocol):
    def __call__(self, data: bytes, /) -> bytes: ...


def get_signer() -> Signer:
    """The signer of this site."""
    try:
        signer: Signer = import_string(settings.MICROCRED_SIGNER)()
    except ImportError as error:
        raise NotConfigured(
            f"MICROCRED_SIGNER is {settings.MICROCRED_SIGNER!r}, which can't be imported: {error}"
        ) from error
    return signer


class DatabaseSigner:
    """Keys are made here and kept in the database, encrypted."""

    def new_key(self, organization: str, kind: str) -> NewKey:
        key = KeyPair.made(kind)
        return NewKey(key.public, encryption().encrypt(key.to_bytes()))

    def sign(self, organization: str, kind: str, kept: bytes, public: PublicKey) -> _Sign:
        try:
            private = encryption().decrypt(bytes(kept))
        except InvalidToken as error:
            raise NotConfigured(
                f"The key {public.name} of {organization} was encrypted with none of "
                "MICROCRED_KEY_ENCRYPTION_KEYS. Put the key back that it was encrypted with."
            ) from error
        return KeyPair.read(private).sign


class ConfiguredSigner:
    """
    Keys are named by `MICROCRED_SIGNING_KEYS`, as {"Org": {"ed25519": …, "rsa": …}}.

    Each is a PEM text (PKCS #8), or "file:" and a path, or "env:" and the name of a variable of
    the environment that holds the text.
    """

    def new_key(self, organization: str, kind: str) -> NewKey:
        return NewKey(_configured(organization, kind).public)

    def sign(self, organization: str, kind: str, kept: bytes, public: PublicKey) -> _Sign:
        pair = _configured(organization, kind)
        if pair.public != public:
            raise NotConfigured(
                f"The {kind} key of {organization} in MICROCRED_SIGNING_KEYS is not the one that "
                f"signs. Run `microcred issuer rotate {organization} --kind {kind}` to have it "
                "sign."
            )
        return pair.sign


def _configured(organization: str, kind: str) -> KeyPair:
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
        pair = KeyPair.read(named.encode())
    except KeyError as error:
        raise NotConfigured(
            f"{where} names the variable {error} of the environment, which is not set."
        ) from error
    except (OSError, ValueError) as error:
        # What can't be read may be the key itself, so that it is not repeated.
        reason = error.strerror if isinstance(error, OSError) else "it is no key in PEM (PKCS #8)"
        raise NotConfigured(f"{where} can't be read: {reason or 'nothing is there'}.") from error
    if pair.public.kind != kind:
        raise NotConfigured(f"{where} is a key of {pair.public.kind}.")
    return pair


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
