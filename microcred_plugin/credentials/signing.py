"""
Credentials signed, and signatures verified.

Data Integrity proofs by `eddsa-rdfc-2022` (W3C Data Integrity EdDSA Cryptosuites 1.0, section 3.2),
and VC-JWT (Open Badges 3.0, section 8.2). Whether the key is the issuer's, and whether a credential
holds at this time, is asked elsewhere.

A private key may be somewhere else: what signs is a function from bytes to a raw signature.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWS
from jwt.exceptions import PyJWTError

from microcred_plugin.credentials.canonical import canonical
from microcred_plugin.credentials.errors import InvalidProof, NotJson
from microcred_plugin.credentials.multibase import (
    base58btc,
    base64url,
    from_base58btc,
    from_base64url,
)
from microcred_plugin.credentials.strict_json import MOST_BYTES, read_json

Sign = Callable[[bytes], bytes]

CRYPTOSUITE: Final = "eddsa-rdfc-2022"
_PURPOSE = "assertionMethod"
_ED25519_BYTES = 64
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_COMPACT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
_HEADER = frozenset(("alg", "kid", "typ"))


def sign_document(
    document: Mapping[str, Any], *, verification_method: str, created: datetime, sign: Sign
) -> dict[str, Any]:
    """
    The document with a Data Integrity proof, which `sign` makes by an Ed25519 key.

    `verification_method` is the key's id, `created` an aware instant, of which the whole seconds
    count. Raises ValueError if there is a proof already, and `NotCanonical`.
    """
    if "proof" in document:
        raise ValueError("The document has a proof already.")
    proof = {
        "type": "DataIntegrityProof",
        "created": _written(created),
        "verificationMethod": verification_method,
        "cryptosuite": CRYPTOSUITE,
        "proofPurpose": _PURPOSE,
    }
    signature = sign(_hashes(document, proof, canonical))
    if len(signature) != _ED25519_BYTES:
        raise ValueError("What signs has to give the 64 bytes of an Ed25519 signature.")
    return {**document, "proof": [{**proof, "proofValue": base58btc(signature)}]}


def proof_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """
    The proof that `verify_document` verifies: the first one of its kind that asserts the document.

    Raises `InvalidProof` if there is none. It says whose key it is by: `verificationMethod`.
    """
    proofs = document.get("proof")
    for proof in proofs if isinstance(proofs, list) else [proofs]:
        if (
            isinstance(proof, dict)
            and proof.get("type") == "DataIntegrityProof"
            and proof.get("cryptosuite") == CRYPTOSUITE
            and proof.get("proofPurpose") == _PURPOSE
            and isinstance(proof.get("verificationMethod"), str)
        ):
            return proof
    raise InvalidProof(f"There is no proof by {CRYPTOSUITE} for {_PURPOSE}.")


def verify_document(
    document: Mapping[str, Any],
    public_key: Ed25519PublicKey,
    *,
    canonicalise: Callable[[Mapping[str, Any]], bytes] = canonical,
) -> dict[str, Any]:
    """
    The document's proof, if its signature is by this key; its `expires` is still to be looked at.

    For documents of others, `canonicalise` is `canonical_isolated`. Raises `InvalidProof`, and
    `NotCanonical` where nothing can be said about the proof.
    """
    proof = proof_of(document)
    for name in ("created", "expires"):
        if name in proof and not is_date_time(proof[name]):
            raise InvalidProof(f"`{name}` is no instant with a time zone.")
    if "previousProof" in proof:
        raise InvalidProof("Chains of proofs are not known here.")
    try:
        signature = from_base58btc(str(proof.get("proofValue")), length=_ED25519_BYTES)
    except ValueError as error:
        raise InvalidProof(f"`proofValue` is no signature: {error}") from error
    options = {key: value for key, value in proof.items() if key != "proofValue"}
    unsigned = {key: value for key, value in document.items() if key != "proof"}
    if "@context" in options:
        unsigned["@context"] = _context_of_proof(options, document)
    try:
        public_key.verify(signature, _hashes(unsigned, options, canonicalise))
    except InvalidSignature as error:
        raise InvalidProof("The signature is not of this document, or not by this key.") from error
    return proof


def _context_of_proof(proof: Mapping[str, Any], document: Mapping[str, Any]) -> Any:
    """The proof's own contexts, which have to be those that the document's begin with."""
    own, whole = (
        value if isinstance(value, list) else [value]
        for value in (proof["@context"], document.get("@context"))
    )
    if whole[: len(own)] != own:
        raise InvalidProof("The proof's contexts are not those of the document.")
    return proof["@context"]


def _hashes(
    document: Mapping[str, Any],
    proof: Mapping[str, Any],
    canonicalise: Callable[[Mapping[str, Any]], bytes],
) -> bytes:
    """What is signed (section 3.2.4): the hash of the proof, then that of the document."""
    options = {**proof, "@context": document.get("@context")}
    # The document first: it is what there can be something wrong with.
    hash_of_document = sha256(canonicalise(document)).digest()
    return sha256(canonicalise(options)).digest() + hash_of_document


def sign_jwt(document: Mapping[str, Any], *, key_id: str, sign: Sign) -> str:
    """
    The credential as a compact JWS with RS256, which `sign` makes: PKCS #1 v1.5 with SHA-256.

    Raises ValueError if it has a proof, or lacks what a JWT has to say: the ids of the credential,
    its issuer and its subject, and from when it holds.
    """
    if "proof" in document:
        raise ValueError("A credential with a proof is not signed as a JWT as well.")
    claims = _claims(document)
    for name, of in (("iss", "issuer"), ("jti", "credential"), ("sub", "subject")):
        if not isinstance(claims.get(name), str):
            raise ValueError(f"A JWT needs the id of its {of}.")
    if "nbf" not in claims:
        raise ValueError("A JWT needs `validFrom`, an instant with a time zone.")
    header = {"alg": "RS256", "kid": key_id, "typ": "JWT"}
    signed = f"{_encoded(header)}.{_encoded({**document, **claims})}"
    return f"{signed}.{base64url(sign(signed.encode()))}"


def verify_jwt(
    token: str,
    public_key: RSAPublicKey | EllipticCurvePublicKey,
    *,
    most_characters: int = MOST_BYTES,
) -> dict[str, Any]:
    """
    The payload, if the token is signed by this key and says the same twice: as claims, and inside.

    RS256 for a key of RSA, ES256 for one of P-256, whatever the token says. What holds only for a
    time is still to be looked at. Raises `InvalidProof`.
    """
    header = header_of(token, most_characters=most_characters)
    if isinstance(public_key, RSAPublicKey):
        algorithm = "RS256"
    elif isinstance(public_key.curve, SECP256R1):
        algorithm = "ES256"
    else:
        raise InvalidProof("The key is none of P-256.")
    if header.get("alg") != algorithm:
        raise InvalidProof(f"It is not signed with {algorithm}, which the key is for.")
    try:
        payload = read_json(PyJWS().decode(token, public_key, algorithms=[algorithm]))
    except (PyJWTError, NotJson) as error:
        raise InvalidProof(str(error)) from error
    if not isinstance(payload, dict):
        raise InvalidProof("Its payload is no object.")
    claims = _claims(payload)
    for name in ("iss", "jti", "sub", "nbf", "exp"):
        if payload.get(name) != claims.get(name) and (name in payload or name == "iss"):
            raise InvalidProof(f"`{name}` is not what the credential itself says.")
    return payload


def header_of(token: str, *, most_characters: int = MOST_BYTES) -> dict[str, Any]:
    """
    What a token says of its key, before anything is verified: `alg`, `kid`, `typ`.

    Raises `InvalidProof` for a header with more than these: a key or an address that a token brings
    along says nothing of who signed it, and a `crit` says that there is more to understand.
    """
    if len(token) > most_characters or not _COMPACT.fullmatch(token):
        raise InvalidProof("It is no JWT, or too long.")
    try:
        header = read_json(from_base64url(token.partition(".")[0]))
    except (ValueError, NotJson) as error:
        raise InvalidProof(f"Its header can't be read: {error}") from error
    if not isinstance(header, dict) or not all(isinstance(value, str) for value in header.values()):
        raise InvalidProof("Its header is no object of texts.")
    if more := sorted(header.keys() - _HEADER):
        raise InvalidProof(f"Its header has what it must not have: {', '.join(more)[:200]}.")
    if header.get("typ", "JWT") != "JWT":
        raise InvalidProof("It is another kind of token.")
    return header


def _claims(document: Mapping[str, Any]) -> dict[str, Any]:
    """What a JWT says in its own words, as far as the credential has it."""
    issuer, subject = document.get("issuer"), document.get("credentialSubject")
    claims: dict[str, Any] = {
        "iss": issuer.get("id") if isinstance(issuer, dict) else issuer,
        "jti": document.get("id"),
        "sub": subject.get("id") if isinstance(subject, dict) else None,
    }
    for claim, name in (("nbf", "validFrom"), ("exp", "validUntil")):
        if is_date_time(document.get(name)):
            claims[claim] = int(datetime.fromisoformat(document[name]).timestamp())
    return claims


def is_date_time(value: object) -> bool:
    """Whether it is XML Schema's dateTimeStamp, of a day that there is."""
    if not isinstance(value, str) or not _DATE_TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _encoded(value: Mapping[str, Any]) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return base64url(text.encode())


def _written(instant: datetime) -> str:
    if instant.utcoffset() is None:
        raise ValueError("An instant needs a time zone.")
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
