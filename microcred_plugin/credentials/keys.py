"""
Keys that credentials are signed with, and how they are written down.

Private keys as PKCS #8, Ed25519 public keys as Multikey (W3C Controlled Identifiers 1.0, section
2.2.2), RSA and P-256 public keys as JWK (RFC 7517). Each `from_` raises ValueError for what it is
not made for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    RSAPublicNumbers,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)

from microcred_plugin.credentials.multibase import (
    base58btc,
    base64url,
    from_base58btc,
    from_base64url,
)

PrivateKey = Ed25519PrivateKey | RSAPrivateKey
PublicKey = Ed25519PublicKey | RSAPublicKey | EllipticCurvePublicKey

# Multicodec's code of Ed25519 public keys, as a varint.
_ED25519 = b"\xed\x01"
_RSA_BITS = 2048
# Of keys of others: a longer one takes long to verify with, and nobody has one.
_MOST_RSA_BITS = 8192
# So many letters of base64url are 64 bits. Nearly everybody's exponent has 17.
_LONGEST_EXPONENT = 11


def generate_ed25519() -> Ed25519PrivateKey:
    """A new key for Data Integrity proofs."""
    return Ed25519PrivateKey.generate()


def generate_rsa() -> RSAPrivateKey:
    """A new key of 2048 bits for JWTs with RS256."""
    return generate_private_key(public_exponent=65537, key_size=_RSA_BITS)


def to_pkcs8(key: PrivateKey, *, as_text: bool = False) -> bytes:
    """The private key in PKCS #8, not encrypted: DER, or PEM as a text."""
    encoding = Encoding.PEM if as_text else Encoding.DER
    return key.private_bytes(encoding, PrivateFormat.PKCS8, NoEncryption())


def from_pkcs8(data: bytes, *, is_known: bool = False) -> PrivateKey:
    """
    The private key that stands in PKCS #8, in DER or PEM, not encrypted.

    The numbers of an RSA key are looked into, which takes a hundred times as long as signing,
    unless the key `is_known`: it was written by ourselves, and nobody can have changed it.
    """
    load = load_pem_private_key if data.lstrip().startswith(b"-----") else load_der_private_key
    try:
        key = load(data, password=None, unsafe_skip_rsa_key_validation=is_known)
    except (TypeError, UnsupportedAlgorithm) as error:  # TypeError: a password is needed
        raise ValueError(str(error)) from error
    if isinstance(key, RSAPrivateKey):
        _check_size(key.key_size)
    elif not isinstance(key, Ed25519PrivateKey):
        raise ValueError("A key has to be of Ed25519 or RSA.")
    return key


def to_multikey(key: Ed25519PublicKey) -> str:
    """The public key as `z6Mk…`."""
    return base58btc(_ED25519 + key.public_bytes(Encoding.Raw, PublicFormat.Raw))


def from_multikey(text: str) -> Ed25519PublicKey:
    """The public key that `z6Mk…` stands for."""
    data = from_base58btc(text, length=34)
    if not data.startswith(_ED25519):
        raise ValueError("This is no public key of Ed25519.")
    return Ed25519PublicKey.from_public_bytes(data[2:])


def to_jwk(key: RSAPublicKey) -> dict[str, str]:
    """The public key as a JWK, with its thumbprint as `kid`."""
    numbers = key.public_numbers()
    members = {"kty": "RSA", "n": _of_integer(numbers.n), "e": _of_integer(numbers.e)}
    return {**members, "alg": "RS256", "use": "sig", "kid": thumbprint(members)}


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """What the key is named by (RFC 7638), in base64url: SHA-256 of what makes it this key."""
    names = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y")}.get(str(jwk.get("kty")))
    if names is None or not all(isinstance(jwk.get(name), str) for name in names):
        raise ValueError("This is no JWK of RSA or EC.")
    members = {name: jwk[name] for name in names}
    text = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return base64url(sha256(text.encode()).digest())


def from_jwk(jwk: Mapping[str, Any]) -> RSAPublicKey | EllipticCurvePublicKey:
    """The public key of RSA, from 2048 bits, or of P-256 that a JWK holds."""
    match jwk:
        case {"kty": "RSA", "n": str(n), "e": str(e)} if (
            len(n) <= _MOST_RSA_BITS // 6 + 2 and len(e) <= _LONGEST_EXPONENT
        ):
            key = RSAPublicNumbers(n=_to_integer(n), e=_to_integer(e)).public_key()
            _check_size(key.key_size)
            return key
        case {"kty": "EC", "crv": "P-256", "x": str(x), "y": str(y)} if len(x + y) <= 2 * 43:
            numbers = EllipticCurvePublicNumbers(_to_integer(x), _to_integer(y), SECP256R1())
            return numbers.public_key()
    raise ValueError("This is no public key of RSA or P-256.")


def _check_size(bits: int) -> None:
    if not _RSA_BITS <= bits <= _MOST_RSA_BITS:
        raise ValueError(f"A key of RSA has to have {_RSA_BITS} to {_MOST_RSA_BITS} bits.")


def _of_integer(number: int) -> str:
    return base64url(number.to_bytes((number.bit_length() + 7) // 8))


def _to_integer(text: str) -> int:
    return int.from_bytes(from_base64url(text))
