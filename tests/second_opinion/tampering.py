"""
What a verifier must not accept: copies of genuine documents, each with one thing wrong.

A function here makes one such copy of a World. Its name is the fault. `blind` names the verifiers
that cannot see this fault, and says why; they have to be blind indeed, or the test fails.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

from microcred_plugin.credentials.multibase import base64url
from microcred_plugin.credentials.signing import sign_document, sign_jwt
from microcred_plugin.credentials.status_list import SIZE, encode
from tests.second_opinion.issuers import (
    NOW,
    Issuer,
    Json,
    Served,
    identifier,
    page,
    stamp,
)

OPENBADGESLIB = "openbadgeslib"
OPENVC = "openvc"
DIGITALBAZAAR = "digitalbazaar"


@dataclass(frozen=True)
class World:
    """An issuer and somebody else, who has keys and a did.json too."""

    issuer: Issuer
    stranger: Issuer

    @cached_property
    def _signed(self) -> Json:
        return self.issuer.sign(self.issuer.badge())

    @property
    def signed(self) -> Json:
        """The genuine badge, to be altered."""
        return deepcopy(self._signed)

    @cached_property
    def token(self) -> str:
        """The genuine badge as a JWT."""
        return self.issuer.token(self.issuer.badge())

    def served(self) -> Served:
        """The web, as it is."""
        return self.issuer.served() | self.stranger.served()


@dataclass(frozen=True)
class Case:
    """A document as text or as a picture, and where its web differs from everybody's."""

    content: str | bytes
    served: Served = field(default_factory=dict)

    @property
    def suffix(self) -> str:
        if isinstance(self.content, bytes):
            return ".png"
        return ".json" if self.content.startswith("{") else ".jwt"


Made = Case | Json | str


@dataclass(frozen=True)
class Tampering:
    """A fault, and who can't see it for what reason."""

    make: Callable[[World], Made]
    blind: dict[str, str]

    def case(self, world: World) -> Case:
        """The faulty copy."""
        made = self.make(world)
        if isinstance(made, Case):
            return made
        return Case(made if isinstance(made, str) else json.dumps(made))


TAMPERINGS: dict[str, Tampering] = {}


def tampering(**blind: str) -> Callable[[Callable[[World], Made]], Callable[[World], Made]]:
    """Enter a function into the table."""

    def enter(make: Callable[[World], Made]) -> Callable[[World], Made]:
        assert make.__name__ not in TAMPERINGS, make.__name__
        TAMPERINGS[make.__name__] = Tampering(make, blind)
        return make

    return enter


# What a badge says, altered after it was signed.

_SUBJECT = "credentialSubject"
_ACHIEVEMENT = (_SUBJECT, "achievement")
_ALTERED: dict[str, tuple[tuple[str | int, ...], Any]] = {
    "credential_id": (("id",), "https://lms.example/microcredentials/awards/other"),
    "credential_name": (("name",), "Shipping and sustainability"),
    "credential_type": (
        ("type",),
        ["VerifiableCredential", "OpenBadgeCredential", "EndorsementCredential"],
    ),
    "issuer_name": (("issuer", "name"), "Another university"),
    "issuer_url": (("issuer", "url"), "https://elsewhere.example/"),
    "valid_from": (("validFrom",), stamp(NOW - timedelta(days=400))),
    "valid_until": (("validUntil",), stamp(NOW + timedelta(days=4000))),
    "awarded_date": (("awardedDate",), stamp(NOW - timedelta(days=400))),
    "recipient_id": ((_SUBJECT, "id"), "urn:uuid:11111111-1111-4111-8111-111111111111"),
    "recipient_identifier": ((_SUBJECT, "identifier", 0), identifier("eve@example.com", "1")),
    "recipient_salt": ((_SUBJECT, "identifier", 0, "salt"), "another"),
    "achievement_id": ((*_ACHIEVEMENT, "id"), "https://lms.example/microcredentials/m/other/"),
    "achievement_name": ((*_ACHIEVEMENT, "name"), "Doctor of everything"),
    "achievement_type": ((*_ACHIEVEMENT, "achievementType"), "DoctoralDegree"),
    "description": ((*_ACHIEVEMENT, "description"), "Thirty courses."),
    "criteria": ((*_ACHIEVEMENT, "criteria", "narrative"), "Nothing to be done."),
    "alignment_url": (
        (*_ACHIEVEMENT, "alignment", 0, "targetUrl"),
        "http://data.europa.eu/snb/eqf/8",
    ),
    "image": ((*_ACHIEVEMENT, "image", "id"), "https://elsewhere.example/badge.png"),
    "required_value": ((*_ACHIEVEMENT, "resultDescription", 0, "requiredValue"), "10"),
    "result_value": ((_SUBJECT, "result", 0, "value"), "100"),
    "credits_earned": ((_SUBJECT, "creditsEarned"), 60),
    "evidence_narrative": (("evidence", 0, "narrative"), "Passed with 100 %."),
    "status_index": (("credentialStatus", "statusListIndex"), "1"),
    "proof_created": (("proof", 0, "created"), stamp(NOW - timedelta(days=400))),
    "proof_purpose": (("proof", 0, "proofPurpose"), "authentication"),
    "proof_cryptosuite": (("proof", 0, "cryptosuite"), "eddsa-jcs-2022"),
    "proof_type": (("proof", 0, "type"), "Ed25519Signature2020"),
}


def _alters(path: tuple[str | int, ...], value: Any) -> Callable[[World], Json]:
    def make(world: World) -> Json:
        document: Any = world.signed
        *above, last = path
        inner = document
        for step in above:
            inner = inner[step]
        assert inner[last] != value
        inner[last] = value
        return document

    return make


for _name, (_path, _value) in _ALTERED.items():
    TAMPERINGS[f"{_name}_altered"] = Tampering(_alters(_path, _value), {})


@tampering()
def validity_removed(world: World) -> Made:
    document = world.signed
    del document["validUntil"]
    return document


@tampering()
def status_removed(world: World) -> Made:
    document = world.signed
    del document["credentialStatus"]
    return document


@tampering()
def status_moved_to_another_list(world: World) -> Made:
    return world.signed | {"credentialStatus": world.issuer.entry(4242, number=2)}


@tampering()
def evidence_added(world: World) -> Made:
    document = world.signed
    document["evidence"].append({"type": ["Evidence"], "narrative": "A thesis."})
    return document


@tampering()
def result_added(world: World) -> Made:
    document = world.signed
    document[_SUBJECT]["result"].append({"type": ["Result"], "value": "A"})
    return document


@tampering()
def name_given_twice(world: World) -> Made:
    return json.dumps(world.signed)[:-1] + ', "name": "Doctor of everything"}'


@tampering()
def undefined_term_added(world: World) -> Made:
    """JSON-LD drops it silently: what is signed is as before."""
    return world.signed | {"gradedBy": "Nobody"}


@tampering()
def undefined_term_added_below(world: World) -> Made:
    document = world.signed
    document[_SUBJECT]["achievement"]["distinction"] = "summa cum laude"
    return document


@tampering()
def contexts_swapped(world: World) -> Made:
    document = world.signed
    return document | {"@context": document["@context"][::-1]}


@tampering()
def context_replaced(world: World) -> Made:
    """By one that is served, and defines the same terms otherwise."""
    url = "https://elsewhere.example/context.json"
    context = {"@context": {"@vocab": "https://elsewhere.example/#"}}
    document = world.signed
    copy = document | {"@context": [document["@context"][0], url]}
    return Case(json.dumps(copy), {url: page(context, "application/ld+json")})


@tampering(digitalbazaar="leaves to the relying party which contexts a credential may have")
def expired_and_end_respelt(world: World) -> Made:
    """What is signed is as before, but says when it ends under a name that nobody reads."""
    document = expired(world)
    assert isinstance(document, dict)
    term = {
        "@id": "https://www.w3.org/2018/credentials#validUntil",
        "@type": "http://www.w3.org/2001/XMLSchema#dateTime",
    }
    document["@context"] = [*document["@context"], {"until": term}]
    document["until"] = document.pop("validUntil")
    return document


# The proof.


@tampering()
def proof_removed(world: World) -> Made:
    document = world.signed
    del document["proof"]
    return document


@tampering()
def proof_value_flipped(world: World) -> Made:
    document = world.signed
    value = document["proof"][0]["proofValue"]
    document["proof"][0]["proofValue"] = value[:-1] + ("2" if value[-1] != "2" else "3")
    return document


@tampering()
def proof_of_another_badge(world: World) -> Made:
    other = world.issuer.sign(world.issuer.plain_badge())
    return world.signed | {"proof": other["proof"]}


@tampering()
def proof_names_the_older_key(world: World) -> Made:
    document = world.signed
    document["proof"][0]["verificationMethod"] = world.issuer.old_key.id
    return document


@tampering()
def strangers_key_in_the_issuers_name(world: World) -> Made:
    return sign_document(
        world.issuer.badge(),
        verification_method=world.issuer.key.id,
        created=NOW,
        sign=world.stranger.key.sign,
    )


@tampering()
def strangers_key_in_its_own_name(world: World) -> Made:
    """A sound proof, by somebody who is not the issuer."""
    return world.stranger.sign(world.issuer.badge())


@tampering()
def strangers_key_under_the_issuers_did(world: World) -> Made:
    """The method's id has the issuer's DID, and the stranger's key after it."""
    return sign_document(
        world.issuer.badge(),
        verification_method=f"{world.issuer.did}#{world.stranger.key.multibase}",
        created=NOW,
        sign=world.stranger.key.sign,
    )


def _with_did_document(world: World, document: Any, text: str = "", **options: Any) -> Case:
    served = {f"{world.issuer.url}/did.json": page(document, "application/did+json", **options)}
    return Case(text or json.dumps(world.signed), served)


@tampering(openbadgeslib="reads verificationMethod of did.json, and never assertionMethod")
def key_not_for_assertions(world: World) -> Made:
    issuer = world.issuer
    document = issuer.did_document()
    document["assertionMethod"].remove(issuer.key.id)
    case = _with_did_document(world, document)
    # Signed by the key that stays, so that the badge's own key is what is asked about.
    status_list = issuer.sign(issuer.status_list(), issuer.old_key)
    return Case(case.content, case.served | {issuer.list_url(): issuer.list_page(status_list)})


@tampering()
def key_withdrawn(world: World) -> Made:
    document = world.issuer.did_document()
    document["assertionMethod"].remove(world.issuer.key.id)
    document["verificationMethod"].remove(world.issuer.key.method())
    return _with_did_document(world, document)


@tampering()
def did_document_of_another(world: World) -> Made:
    return _with_did_document(world, world.issuer.did_document() | {"id": world.stranger.did})


@tampering()
def did_document_missing(world: World) -> Made:
    return _with_did_document(world, {}, status=404)


# When.


@tampering()
def expired(world: World) -> Made:
    validity = {"validUntil": stamp(NOW - timedelta(days=1))}
    return world.issuer.sign(world.issuer.badge() | validity)


@tampering()
def not_yet_valid(world: World) -> Made:
    validity = {"validFrom": stamp(NOW + timedelta(days=1))}
    return world.issuer.sign(world.issuer.badge() | validity)


# The status list. Documents and tokens have the same.


def _with_list(world: World, status_list: Any, *, index: int = 4242, **options: Any) -> Case:
    issuer = world.issuer
    document = world.signed if index == 4242 else issuer.sign(issuer.badge(index=index))
    served = page(status_list, "application/vc+ld+json", **options)
    return Case(json.dumps(document), {issuer.list_url(): served})


@tampering()
def revoked(world: World) -> Made:
    return _with_list(world, world.issuer.sign(world.issuer.status_list(revoked=[4242])))


@tampering()
def revoked_at_the_first_bit(world: World) -> Made:
    return _with_list(world, world.issuer.sign(world.issuer.status_list(revoked=[0])), index=0)


@tampering()
def revoked_at_the_last_bit(world: World) -> Made:
    last = SIZE - 1
    status_list = world.issuer.sign(world.issuer.status_list(revoked=[last]))
    return _with_list(world, status_list, index=last)


@tampering()
def list_signed_by_a_stranger(world: World) -> Made:
    forged = sign_document(
        world.issuer.status_list(),
        verification_method=world.issuer.key.id,
        created=NOW,
        sign=world.stranger.key.sign,
    )
    return _with_list(world, forged)


@tampering()
def list_not_signed(world: World) -> Made:
    return _with_list(world, world.issuer.status_list())


@tampering()
def list_cleared(world: World) -> Made:
    """The bit was set, and is not after the list was signed."""
    status_list = world.issuer.sign(world.issuer.status_list(revoked=[4242]))
    status_list["credentialSubject"]["encodedList"] = encode([])
    return _with_list(world, status_list)


@tampering()
def list_missing(world: World) -> Made:
    return _with_list(world, "Not found", status=404)


@tampering()
def list_not_json(world: World) -> Made:
    return _with_list(world, "<!doctype html><title>Maintenance</title>")


@tampering()
def list_of_another_issuer(world: World) -> Made:
    """Sound, and at the issuer's address."""
    return _with_list(world, world.stranger.sign(world.stranger.status_list()))


@tampering()
def list_too_short_for_the_index(world: World) -> Made:
    return _with_list(world, world.issuer.sign(world.issuer.status_list(size=1024)))


@tampering()
def list_of_another_purpose(world: World) -> Made:
    status_list = world.issuer.status_list()
    status_list["credentialSubject"]["statusPurpose"] = "suspension"
    return _with_list(world, world.issuer.sign(status_list))


@tampering()
def list_expired(world: World) -> Made:
    status_list = world.issuer.status_list() | {"validUntil": stamp(NOW - timedelta(days=1))}
    return _with_list(world, world.issuer.sign(status_list))


# Tokens. openvc reads none of RS256, so that two verifiers are left.

_token = tampering(openvc="takes ES256 and EdDSA for a JWT, and no RS256")


def _parts(token: str) -> tuple[Json, Json, str]:
    header, payload, signature = token.split(".")
    read = [json.loads(base64.urlsafe_b64decode(part + "==")) for part in (header, payload)]
    return read[0], read[1], signature


def _message(header: Json, payload: Json) -> str:
    return ".".join(base64url(json.dumps(part).encode()) for part in (header, payload))


def _payload(world: World, **claims: Any) -> str:
    """The genuine token's, altered after it was signed."""
    header, payload, signature = _parts(world.token)
    return f"{_message(header, payload | claims)}.{signature}"


def _resigned(world: World, *, by: Issuer | None = None, **changed: Json) -> str:
    """The genuine token with another header or payload, and a sound signature."""
    header, payload, _ = _parts(world.token)
    message = _message(header | changed.get("header", {}), payload | changed.get("payload", {}))
    signature = (by or world.issuer).token_key.sign(message.encode())
    return f"{message}.{base64url(signature)}"


@_token
def token_payload_altered(world: World) -> Made:
    return _payload(world, name="Doctor of everything")


@_token
def token_subject_altered(world: World) -> Made:
    _, payload, _ = _parts(world.token)
    other = "urn:uuid:11111111-1111-4111-8111-111111111111"
    return _payload(world, sub=other, credentialSubject=payload[_SUBJECT] | {"id": other})


@_token
def token_signature_stripped(world: World) -> Made:
    return world.token.rpartition(".")[0] + "."


@_token
def token_without_algorithm(world: World) -> Made:
    header, payload, _ = _parts(world.token)
    return _message(header | {"alg": "none"}, payload) + "."


@_token
def token_with_the_public_key_as_secret(world: World) -> Made:
    """HS256, with the JWK that everybody can read."""
    header, payload, _ = _parts(world.token)
    message = _message(header | {"alg": "HS256"}, payload)
    secret = base64.urlsafe_b64decode(world.issuer.token_key.jwk()["n"] + "==")
    mac = hmac.new(secret, message.encode(), hashlib.sha256).digest()
    return f"{message}.{base64url(mac)}"


@_token
def token_brings_its_own_key(world: World) -> Made:
    header = {"jwk": world.stranger.token_key.jwk()}
    return _resigned(world, by=world.stranger, header=header)


@_token
def token_brings_its_own_key_and_no_other(world: World) -> Made:
    _, payload, _ = _parts(world.token)
    header = {"alg": "RS256", "typ": "JWT", "jwk": world.stranger.token_key.jwk()}
    message = _message(header, payload)
    return f"{message}.{base64url(world.stranger.token_key.sign(message.encode()))}"


@_token
def token_names_a_strangers_key(world: World) -> Made:
    """A sound signature, by somebody who is not the issuer."""
    return _resigned(world, by=world.stranger, header={"kid": world.stranger.token_key.url})


@_token
def token_of_a_stranger_in_the_issuers_name(world: World) -> Made:
    key_id = world.issuer.token_key.url
    return sign_jwt(world.issuer.badge(), key_id=key_id, sign=world.stranger.token_key.sign)


@_token
def token_key_exchanged(world: World) -> Made:
    """Who serves the keys puts another in its place; did.json does not know it."""
    url = world.issuer.token_key.url
    text = _resigned(world, by=world.stranger)
    return Case(text, {url: page(world.stranger.token_key.jwk(), "application/jwk+json")})


@_token
def token_key_missing(world: World) -> Made:
    return Case(world.token, {world.issuer.token_key.url: page("Not found", status=404)})


@_token
def token_key_not_for_assertions(world: World) -> Made:
    document = world.issuer.did_document()
    document["assertionMethod"].remove(world.issuer.token_key.method()["id"])
    return _with_did_document(world, document, text=world.token)


@_token
def token_claims_another_issuer(world: World) -> Made:
    return _resigned(world, payload={"iss": world.stranger.did})


@_token
def token_claims_another_subject(world: World) -> Made:
    return _resigned(world, payload={"sub": "urn:uuid:11111111-1111-4111-8111-111111111111"})


@_token
def token_claims_another_id(world: World) -> Made:
    return _resigned(world, payload={"jti": "https://lms.example/microcredentials/awards/other"})


@_token
def token_expired(world: World) -> Made:
    validity = {"validUntil": stamp(NOW - timedelta(days=1))}
    return world.issuer.token(world.issuer.badge() | validity)


@_token
def token_expired_by_exp_alone(world: World) -> Made:
    return _resigned(world, payload={"exp": int((NOW - timedelta(days=1)).timestamp())})


@_token
def token_not_yet_valid(world: World) -> Made:
    validity = {"validFrom": stamp(NOW + timedelta(days=1))}
    return world.issuer.token(world.issuer.badge() | validity)


@_token
def token_not_before_tomorrow(world: World) -> Made:
    return _resigned(world, payload={"nbf": int((NOW + timedelta(days=1)).timestamp())})


def _as_token(name: str) -> Callable[[World], Made]:
    """A fault of the status list, for the badge as a token."""

    def make(world: World) -> Made:
        case = TAMPERINGS[name].case(world)
        badge = json.loads(case.content)
        del badge["proof"]
        return Case(world.issuer.token(badge), case.served)

    make.__name__ = f"token_{name}"
    return make


for _name in [name for name in TAMPERINGS if name.startswith(("revoked", "list_"))]:
    _token(_as_token(_name))
