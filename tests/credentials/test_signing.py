"""Signatures that hold, and everything that must not."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from hashlib import sha256
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256K1,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from microcred_plugin.credentials.canonical import canonical_isolated
from microcred_plugin.credentials.errors import InvalidProof, UnknownTerm
from microcred_plugin.credentials.keys import from_multikey, generate_rsa, to_jwk
from microcred_plugin.credentials.multibase import base64url, from_base58btc
from microcred_plugin.credentials.signing import (
    _hashes,
    header_of,
    proof_of,
    sign_document,
    sign_jwt,
    verify_document,
    verify_jwt,
)
from microcred_plugin.credentials.terms import VOCABULARY
from tests.credentials import V2, documents, needs_standards, vector
from tests.credentials.test_canonical import EXAMPLES

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
METHOD = f"{documents.ISSUER}#key"

Change = Callable[[dict[str, Any]], object]


@cache
def rsa() -> RSAPrivateKey:
    return generate_rsa()


def signed(document: dict[str, Any] | None = None) -> dict[str, Any]:
    return sign_document(
        document or documents.full(), verification_method=METHOD, created=NOW, sign=KEY.sign
    )


def by_rsa(data: bytes) -> bytes:
    return rsa().sign(data, PKCS1v15(), SHA256())


def token(document: dict[str, Any] | None = None) -> str:
    return sign_jwt(document or documents.full(), key_id="https://a.example/k", sign=by_rsa)


def compact(header: Any, payload: Any, sign: Callable[[bytes], bytes]) -> str:
    parts = ".".join(base64url(json.dumps(part).encode()) for part in (header, payload))
    return f"{parts}.{base64url(sign(parts.encode()))}"


# --- Data Integrity ---------------------------------------------------------------------------


@needs_standards
def test_w3c_vector_is_signed_byte_for_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    from microcred_plugin.credentials.canonical import canonical  # noqa: PLC0415

    folder = "w3c-vc-di-eddsa/eddsa-rdfc-2022"
    vocabulary = VOCABULARY.with_contexts(EXAMPLES)
    expected = vector(f"{folder}/signedDataInt.json")
    keys = vector("w3c-vc-di-eddsa/keyPair.json")
    seed = from_base58btc(keys["privateKeyMultibase"], length=34)[2:]
    unsigned = {key: value for key, value in expected.items() if key != "proof"}
    options = {key: value for key, value in expected["proof"].items() if key != "proofValue"}

    def canonicalise(document: Any) -> bytes:
        return canonical(document, vocabulary=vocabulary)

    hashes = _hashes(unsigned, options, canonicalise)
    assert hashes.hex().encode() == vector(f"{folder}/combinedHashDataInt.txt")
    assert sha256(canonicalise(unsigned)).hexdigest().encode() == vector(
        f"{folder}/docHashDataInt.txt"
    )
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(hashes)
    assert signature.hex().encode() == vector(f"{folder}/sigHexDataInt.txt")
    key = from_multikey(keys["publicKeyMultibase"])
    assert verify_document(expected, key, canonicalise=canonicalise) == expected["proof"]
    expected["name"] += "!"
    with pytest.raises(InvalidProof):
        verify_document(expected, key, canonicalise=canonicalise)


@needs_standards
def test_badge_of_the_implementation_guide_verifies_and_a_changed_one_does_not() -> None:
    document = vector("1edtech-impl/ob3-impl-guide-signed.json")
    key = from_multikey(document["proof"]["verificationMethod"].split("#")[1])
    assert verify_document(document, key)
    document["credentialSubject"]["achievement"]["name"] = "Leadership"
    with pytest.raises(InvalidProof):
        verify_document(document, key)


def test_signed_document_verifies_and_is_otherwise_as_it_was() -> None:
    document = documents.full()
    before = copy.deepcopy(document)
    result = signed(document)
    assert document == before
    assert {key: value for key, value in result.items() if key != "proof"} == before
    proof = verify_document(result, KEY.public_key())
    assert result["proof"] == [proof]
    assert proof["verificationMethod"] == METHOD
    assert proof["created"] == "2026-07-01T12:00:00Z"
    assert verify_document(result, KEY.public_key(), canonicalise=canonical_isolated) == proof


def test_same_document_and_instant_give_the_same_signature() -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5)))
    again = sign_document(
        documents.full(), verification_method=METHOD, created=elsewhere, sign=KEY.sign
    )
    assert again == signed()


def test_document_in_another_order_still_verifies() -> None:
    result = signed()
    turned = {key: result[key] for key in reversed(result)}
    turned["evidence"] = turned["evidence"][::-1]
    turned["proof"] = turned["proof"][0]
    assert verify_document(json.loads(json.dumps(turned)), KEY.public_key())


def test_proof_of_another_kind_does_not_keep_ours_from_being_found() -> None:
    result = signed()
    other = {**result["proof"][0], "cryptosuite": "ecdsa-rdfc-2019"}
    result["proof"].insert(0, other)
    assert verify_document(result, KEY.public_key())["cryptosuite"] == "eddsa-rdfc-2022"


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Any:
    if isinstance(value, dict | list):
        for key, below in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(below, (*path, key))
    else:
        yield path


FORGERIES = [
    path
    for path in leaves(signed())
    # What a context, a type or an id may be is said by other errors; the proof has its own tests.
    if not {"@context", "type", "proof", "associationType"} & set(path)
]


@pytest.mark.parametrize("path", FORGERIES, ids=lambda path: ".".join(map(str, path)))
def test_no_value_can_be_changed_or_taken_out(path: tuple[Any, ...]) -> None:
    changed, without = signed(), signed()
    for document in (changed, without):
        at: Any = document
        for key in path[:-1]:
            at = at[key]
        if document is without:
            # Of two that are alike and mean the same, one may go.
            if isinstance(at, list) and at.count(at[path[-1]]) > 1 and path[-2] == "tag":
                continue
            del at[path[-1]]
        else:
            value = at[path[-1]]
            at[path[-1]] = (
                not value
                if isinstance(value, bool)
                else (value + 1 if isinstance(value, int | float) else value + "0")
            )
        with pytest.raises(InvalidProof):
            verify_document(document, KEY.public_key())


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p.update(created="2026-07-02T12:00:00Z"),
        lambda p: p.update(created="yesterday"),
        lambda p: p.update(created="2026-07-01T12:00:00"),
        lambda p: p.update(expires="2099-01-01T00:00:00Z"),
        lambda p: p.update(expires=5),
        lambda p: p.update(previousProof="urn:a"),
        lambda p: p.update(verificationMethod=METHOD + "2"),
        lambda p: p.update(verificationMethod=[METHOD]),
        lambda p: p.update(proofPurpose="authentication"),
        lambda p: p.update(cryptosuite="eddsa-jcs-2022"),
        lambda p: p.update(type="Ed25519Signature2020"),
        lambda p: p.update(nonce="x"),
        lambda p: p.update(proofValue=p["proofValue"][:-1]),
        lambda p: p.update(proofValue=p["proofValue"] + "1"),
        lambda p: p.update(proofValue="z1" + p["proofValue"][1:]),
        lambda p: p.update(proofValue="u" + p["proofValue"][1:]),
        lambda p: p.update(proofValue="z" + "2" * 88),
        lambda p: p.update(proofValue="z0OIl"),
        lambda p: p.update(proofValue=["z"]),
        lambda p: p.pop("proofValue"),
        lambda p: p.update({"@context": ["https://purl.imsglobal.org/spec/ob/v3p0/x"]}),
    ],
)  # fmt: skip
def test_proof_that_was_changed_does_not_hold(change: Change) -> None:
    document = signed(documents.status_list() | {"@context": [V2, documents.OB]})
    change(document["proof"][0])
    with pytest.raises((InvalidProof, UnknownTerm)):
        verify_document(document, KEY.public_key())


def test_proof_may_name_the_contexts_of_the_document() -> None:
    # Data Integrity EdDSA Cryptosuites 1.0, section 3.2.2.
    document = signed()
    document["proof"][0]["@context"] = document["@context"]
    assert verify_document(document, KEY.public_key())
    # Without them, what the document says would mean nothing.
    document["proof"][0]["@context"] = document["@context"][:1]
    with pytest.raises(UnknownTerm):
        verify_document(document, KEY.public_key())


def test_every_bit_of_a_signature_counts() -> None:
    document = signed(documents.minimal())
    signature = from_base58btc(document["proof"][0]["proofValue"], length=64)
    from microcred_plugin.credentials.multibase import base58btc  # noqa: PLC0415

    for bit in range(0, 512, 7):
        flipped = bytearray(signature)
        flipped[bit // 8] ^= 1 << bit % 8
        document["proof"][0]["proofValue"] = base58btc(bytes(flipped))
        with pytest.raises(InvalidProof):
            verify_document(document, KEY.public_key())


def test_signature_of_another_key_does_not_hold() -> None:
    with pytest.raises(InvalidProof):
        verify_document(signed(), Ed25519PrivateKey.generate().public_key())


@pytest.mark.parametrize("proof", [None, [], {}, "z", [[]], 5])
def test_document_without_a_proof_has_none(proof: Any) -> None:
    with pytest.raises(InvalidProof):
        proof_of({**documents.minimal(), "proof": proof})


def test_what_nobody_would_see_is_not_signed() -> None:
    with pytest.raises(UnknownTerm):
        signed({**documents.minimal(), "honours": "summa cum laude"})


@pytest.mark.parametrize(
    "arguments",
    [
        {"document": {**documents.minimal(), "proof": []}},
        {"created": datetime(2026, 7, 1)},
        {"sign": lambda data: b"short"},
    ],
)
def test_what_can_not_be_signed_is_refused(arguments: dict[str, Any]) -> None:
    document = arguments.pop("document", documents.minimal())
    with pytest.raises(ValueError, match=r"proof already|time zone|64 bytes"):
        sign_document(
            document,
            **{"verification_method": METHOD, "created": NOW, "sign": KEY.sign, **arguments},
        )


# --- JWT --------------------------------------------------------------------------------------


def test_jwt_holds_the_credential_and_says_it_again_in_its_own_words() -> None:
    document = documents.full()
    payload = verify_jwt(token(document), rsa().public_key())
    assert payload == {
        **document,
        "iss": documents.ISSUER,
        "jti": document["id"],
        "sub": document["credentialSubject"]["id"],
        "nbf": 1782907200,
        "exp": 1846058400,
    }
    assert header_of(token(document)) == {
        "alg": "RS256",
        "kid": "https://a.example/k",
        "typ": "JWT",
    }


def test_jwt_of_a_credential_that_does_not_end_has_no_end() -> None:
    assert "exp" not in verify_jwt(token(documents.minimal()), rsa().public_key())


def test_other_software_reads_our_jwt() -> None:
    options = {"verify_nbf": False, "verify_exp": False}
    key = jwt.PyJWK(to_jwk(rsa().public_key())).key
    assert jwt.decode(token(), key, algorithms=["RS256"], options=options)["iss"]


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["credentialSubject"].pop("id"),
        lambda d: d["issuer"].pop("id"),
        lambda d: d.pop("id"),
        lambda d: d.pop("validFrom"),
        lambda d: d.update(validFrom="2026-07-01T12:00:00"),
        lambda d: d.update(proof=[]),
    ],
)
def test_credential_that_can_be_no_jwt_is_refused(change: Change) -> None:
    document = documents.minimal()
    change(document)
    with pytest.raises(ValueError, match=r"JWT"):
        token(document)


def by_curve(key: EllipticCurvePrivateKey) -> Callable[[bytes], bytes]:
    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(data, ECDSA(SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)

    return sign


def test_jwt_of_somebody_else_may_be_by_p256() -> None:
    key = generate_private_key(SECP256R1())
    payload = {**documents.minimal(), "iss": documents.ISSUER}
    foreign = compact({"alg": "ES256", "kid": "k"}, payload, by_curve(key))
    assert verify_jwt(foreign, key.public_key()) == payload
    with pytest.raises(InvalidProof):
        verify_jwt(foreign, rsa().public_key())


def test_jwt_by_another_curve_is_refused() -> None:
    key = generate_private_key(SECP256K1())
    payload = {**documents.minimal(), "iss": documents.ISSUER}
    foreign = compact({"alg": "ES256", "kid": "k"}, payload, by_curve(key))
    with pytest.raises(InvalidProof, match="P-256"):
        verify_jwt(foreign, key.public_key())


PUBLIC_PEM = rsa().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
GOOD = {"alg": "RS256", "kid": "k", "typ": "JWT"}


def hs256(data: bytes) -> bytes:
    import hmac  # noqa: PLC0415

    return hmac.digest(PUBLIC_PEM, data, "sha256")


@pytest.mark.parametrize(
    ("header", "sign"),
    [
        pytest.param({"alg": "none"}, lambda data: b"x", id="none"),
        pytest.param({"alg": "NONE", "typ": "JWT"}, by_rsa, id="none, signed"),
        pytest.param({"alg": "HS256"}, hs256, id="public key as a secret"),
        pytest.param({"alg": "RS256"}, hs256, id="HMAC as RS256"),
        pytest.param({"alg": "RS512"}, by_rsa, id="another hash"),
        pytest.param({"kid": "k"}, by_rsa, id="no algorithm"),
        pytest.param({**GOOD, "jwk": to_jwk(rsa().public_key())}, by_rsa, id="key brought along"),
        pytest.param({**GOOD, "jku": "https://evil.example"}, by_rsa, id="address of keys"),
        pytest.param({**GOOD, "x5u": "https://evil.example"}, by_rsa, id="address of certificate"),
        pytest.param({**GOOD, "crit": ["b64"], "b64": False}, by_rsa, id="critical"),
        pytest.param({**GOOD, "typ": "at+jwt"}, by_rsa, id="another kind"),
        pytest.param([GOOD], by_rsa, id="no object"),
    ],
)
def test_jwt_with_a_header_that_it_must_not_have_is_refused(
    header: Any, sign: Callable[[bytes], bytes]
) -> None:
    payload = {**documents.minimal(), "iss": documents.ISSUER}
    assert verify_jwt(compact(GOOD, payload, by_rsa), rsa().public_key()) == payload
    with pytest.raises(InvalidProof):
        verify_jwt(compact(header, payload, sign), rsa().public_key())


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p.pop("iss"),
        lambda p: p.update(iss="did:web:evil.example"),
        lambda p: p.update(jti="urn:uuid:other"),
        lambda p: p.update(sub="urn:uuid:other"),
        lambda p: p.update(nbf=0),
        lambda p: p.update(exp=4102444800),
        lambda p: p.update(validUntil="2020-01-01T00:00:00Z", exp=4102444800),
    ],
)
def test_jwt_that_contradicts_itself_is_refused(change: Change) -> None:
    payload = {**documents.minimal(), "iss": documents.ISSUER}
    change(payload)
    with pytest.raises(InvalidProof):
        verify_jwt(compact(GOOD, payload, by_rsa), rsa().public_key())


def test_payload_with_a_key_twice_is_refused() -> None:
    text = json.dumps({**documents.minimal(), "iss": documents.ISSUER})
    doubled = text[:-1] + ', "iss": "did:web:lms.example.edu:microcredentials:issuers:nordu"}'
    parts = ".".join(map(base64url, (json.dumps(GOOD).encode(), doubled.encode())))
    with pytest.raises(InvalidProof, match="twice"):
        verify_jwt(f"{parts}.{base64url(by_rsa(parts.encode()))}", rsa().public_key())


@pytest.mark.parametrize("part", [0, 1, 2])
def test_jwt_with_a_changed_part_is_refused(part: int) -> None:
    parts = token(documents.minimal()).split(".")
    for position in range(0, len(parts[part]) - 1, 37):
        changed = list(parts[part])
        changed[position] = "A" if changed[position] != "A" else "B"
        with pytest.raises(InvalidProof):
            verify_jwt(
                ".".join([*parts[:part], "".join(changed), *parts[part + 1 :]]), rsa().public_key()
            )


@pytest.mark.parametrize(
    "text", ["", "a.b", "a.b.c.d", "a.b.c\n", "é.b.c", "....", "a.b.c=", " a.b.c"]
)
def test_what_is_no_jwt_is_refused(text: str) -> None:
    with pytest.raises(InvalidProof):
        verify_jwt(text, rsa().public_key())


def test_jwt_that_is_too_long_is_refused() -> None:
    whole = token()
    with pytest.raises(InvalidProof):
        verify_jwt(whole, rsa().public_key(), most_characters=len(whole) - 1)


def test_jwt_of_another_key_is_refused() -> None:
    with pytest.raises(InvalidProof):
        verify_jwt(token(), generate_rsa().public_key())
