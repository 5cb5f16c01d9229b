"""The keys of issuers: of which kind, under which name, and as they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from microcred_plugin.credentials import keys

ED25519, RSA = "ed25519", "rsa"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half of a key. `name` ends its verification method's id, and never changes."""

    kind: str
    name: str
    kept: Mapping[str, Any]

    @classmethod
    def of(cls, key: Ed25519PublicKey | RSAPublicKey) -> PublicKey:
        """A key as it is kept: Ed25519 as Multikey, RSA as JWK."""
        if isinstance(key, Ed25519PublicKey):
            multibase = keys.to_multikey(key)
            return cls(ED25519, multibase, {"publicKeyMultibase": multibase})
        jwk = keys.to_jwk(key)
        return cls(RSA, jwk["kid"], jwk)

    @classmethod
    def from_json(cls, kind: str, kept: Mapping[str, Any]) -> PublicKey:
        """The key that `to_json` gave."""
        return cls(kind, kept["publicKeyMultibase" if kind == ED25519 else "kid"], kept)

    def to_json(self) -> dict[str, Any]:
        """The key as the database keeps it."""
        return dict(self.kept)

    @property
    def multibase(self) -> str:
        return str(self.kept["publicKeyMultibase"])

    @property
    def jwk(self) -> dict[str, Any]:
        return dict(self.kept)

    @property
    def ed25519(self) -> Ed25519PublicKey:
        """What verifies Data Integrity proofs."""
        return keys.from_multikey(self.multibase)

    @property
    def rsa(self) -> RSAPublicKey:
        """What verifies JWTs."""
        key = keys.from_jwk(self.kept)
        if not isinstance(key, RSAPublicKey):
            raise ValueError("This is no key of RSA.")
        return key


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key with its public half."""

    private: keys.PrivateKey
    public: PublicKey

    @classmethod
    def made(cls, kind: str) -> KeyPair:
        """A new key of this kind."""
        key = keys.generate_ed25519() if kind == ED25519 else keys.generate_rsa()
        return cls(key, PublicKey.of(key.public_key()))

    @classmethod
    def read(cls, data: bytes) -> KeyPair:
        """The key in PKCS #8, as PEM or as `to_bytes` gave it. Raises ValueError."""
        key = keys.from_pkcs8(data)
        return cls(key, PublicKey.of(key.public_key()))

    def to_bytes(self) -> bytes:
        """The private key in PKCS #8, not encrypted."""
        return keys.to_pkcs8(self.private)

    def sign(self, data: bytes, /) -> bytes:
        """The raw signature: of Ed25519, or of RSA by PKCS #1 v1.5 with SHA-256."""
        if isinstance(self.private, Ed25519PrivateKey):
            return self.private.sign(data)
        return self.private.sign(data, PKCS1v15(), SHA256())
