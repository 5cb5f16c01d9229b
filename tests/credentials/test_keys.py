"""Keys come back as they were written, and nothing else is taken for one."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from microcred_plugin.credentials.keys import (
    from_jwk,
    from_multikey,
    from_pkcs8,
    generate_ed25519,
    generate_rsa,
    thumbprint,
    to_jwk,
    to_multikey,
    to_pkcs8,
)
from microcred_plugin.credentials.multibase import (
    base58btc,
    base64url,
    from_base58btc,
    from_base64url,
)
from tests.credentials import needs_standards, vector


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize("generate_key", [generate_ed25519, generate_rsa])
def test_private_key_comes_back(generate_key: Any, as_text: bool) -> None:
    key = generate_key()
    data = to_pkcs8(key, as_text=as_text)
    assert data.startswith(b"-----BEGIN PRIVATE KEY") is as_text
    assert from_pkcs8(data).public_key() == key.public_key()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"-----BEGIN PRIVATE KEY-----",
        to_pkcs8(generate_ed25519())[:-1],
        X25519PrivateKey.generate().private_bytes(
            Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
        ),
        generate(65537, 1024).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        Ed25519PrivateKey.generate().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")
        ),
    ],
    ids=["empty", "no PEM", "cut short", "another kind", "too short", "encrypted"],
)
def test_what_is_no_private_key_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what the library says of it
        from_pkcs8(data)


def test_public_key_comes_back_as_multikey() -> None:
    key = generate_ed25519().public_key()
    text = to_multikey(key)
    assert text.startswith("z6Mk")
    assert from_multikey(text) == key


@needs_standards
def test_published_key_pair_belongs_together() -> None:
    keys = vector("w3c-vc-di-eddsa/keyPair.json")
    seed = from_base58btc(keys["privateKeyMultibase"], length=34)[2:]
    private = Ed25519PrivateKey.from_private_bytes(seed)
    assert to_multikey(private.public_key()) == keys["publicKeyMultibase"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "z",
        "6Mk",
        "z6Mk0",
        "z" + "2" * 10_000,
        base58btc(b"\xe7\x01" + bytes(32)),
        base58btc(b"\xed\x01" + bytes(31)),
        base58btc(b"\xed\x01" + bytes(33)),
        base58btc(b"\xed\x01" + bytes(range(32))) + "1",
    ],
    ids=range(9),
)
def test_what_is_no_multikey_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="This"):
        from_multikey(text)


def test_rsa_key_comes_back_as_jwk() -> None:
    key = generate_rsa().public_key()
    jwk = to_jwk(key)
    assert jwk["kid"] == thumbprint(jwk)
    assert from_jwk(jwk) == key
    assert not {"d", "p", "q"} & jwk.keys()


def test_thumbprint_is_that_of_the_specification() -> None:
    # RFC 7638, section 3.1.
    jwk = {
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tS"
        "oc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQ"
        "R0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTW"
        "hAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        "e": "AQAB",
        "alg": "RS256",
        "kid": "2011-04-29",
    }
    assert thumbprint(jwk) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    assert from_jwk(jwk).key_size == 2048


def test_p256_key_of_somebody_else_is_read() -> None:
    key = generate_private_key(SECP256R1()).public_key()
    numbers = key.public_numbers()
    jwk = {
        "kty": "EC",
        "crv": "P-256",
        "x": base64url(numbers.x.to_bytes(32)),
        "y": base64url(numbers.y.to_bytes(32)),
    }
    read = from_jwk(jwk)
    formats = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert read.public_bytes(*formats) == key.public_bytes(*formats)
    with pytest.raises(ValueError):  # noqa: PT011 - what the library says of it
        from_jwk({**jwk, "y": jwk["x"]})


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "RSA", "n": 5, "e": "AQAB"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": "RSA", "n": "_" * 20_000, "e": "AQAB"},
        {"kty": "RSA", "n": "é" * 400, "e": "AQAB"},
        {"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"},
    ],
)
def test_what_is_no_jwk_of_a_key_is_refused(jwk: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what the library says of it
        from_jwk(jwk)


@given(st.binary(max_size=70))
def test_bytes_come_back(data: bytes) -> None:
    assert from_base58btc(base58btc(data), length=len(data)) == data
    assert from_base64url(base64url(data)) == data


def test_base58_is_bitcoins() -> None:
    # draft-msporny-base58, section 5.
    assert base58btc(b"Hello World!") == "z2NEpo7TZRRrLZSi2U"
    assert base58btc(bytes.fromhex("0000287fb4cd")) == "z11233QC4"
