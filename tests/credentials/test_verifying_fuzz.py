"""
Whatever is brought to the verifier: it answers, in time, and never calls valid what was changed.

A few examples of each by default; `MICROCRED_FUZZ=20000` tries as many, which takes minutes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from time import monotonic
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from microcred_plugin.credentials import keys, status_list
from microcred_plugin.credentials.api import (
    NotReached,
    NotReadable,
    Report,
    Verdict,
    bake,
    read_presented,
    verify,
)
from microcred_plugin.credentials.multibase import base64url
from microcred_plugin.credentials.open_badges import (
    Achievement,
    Alignment,
    Badge,
    Evidence,
    Profile,
    Recipient,
    Status,
    credential,
    did_document,
    identity_hash,
)
from microcred_plugin.credentials.open_badges import status_list as status_list_json
from microcred_plugin.credentials.signers import signing_with
from microcred_plugin.credentials.signing import sign_document, sign_jwt

Json = Any

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
BASE = "https://badges.example.org/microcredentials"
DID = "did:web:badges.example.org:microcredentials:issuers:nordu"
LIST = f"{BASE}/issuers/nordu/status/1"
EMAIL = "grace@example.org"
# Far more than one takes; a busy machine is slow.
MOST_SECONDS = 30

EXAMPLES = int(os.environ.get("MICROCRED_FUZZ", "0"))


def many(few: int) -> Any:
    return settings(max_examples=EXAMPLES or few, deadline=None, print_blob=True)


# --- a small world, made once --------------------------------------------------------------------


class Web:
    """What there is to be fetched; `asked` says how often anything was."""

    def __init__(self, dids: Mapping[str, Json], pages: Mapping[str, bytes]) -> None:
        self.dids, self.pages, self.asked = dids, pages, 0

    def did_document(self, did: str) -> Any:
        return self._get(self.dids, did)

    def get(self, url: str) -> bytes:
        return self._get(self.pages, url)

    def _get(self, where: Mapping[str, Any], name: str) -> Any:
        self.asked += 1
        if name not in where:
            raise NotReached("It is not there.")
        return where[name]


@dataclass(frozen=True)
class World:
    document: Json
    token: str
    did: Json
    listed: Json

    def web(self) -> Web:
        return Web({DID: self.did}, {LIST: json.dumps(self.listed).encode()})


def _make() -> World:
    ed25519, rsa = keys.generate_ed25519(), keys.generate_rsa()
    methods = [
        {
            "id": f"{DID}#{keys.to_multikey(ed25519.public_key())}", "type": "Multikey",
            "publicKeyMultibase": keys.to_multikey(ed25519.public_key()),
        },
        {
            "id": f"{DID}#rsa", "type": "JsonWebKey",
            "publicKeyJwk": keys.to_jwk(rsa.public_key()),
        },
    ]  # fmt: skip
    school = Profile(DID, "NordU", "https://nordu.example.org", "A school.", "x@nordu.example.org")
    badge = Badge(
        id=f"{BASE}/awards/0b7f3c3e-2f6a-4d0c-9f51-4ad9c1d3a001",
        name="Data literacy",
        issuer=school,
        recipient=Recipient("urn:uuid:c3b4ad31-5f4e-4fb4-9ab1-7b3d1d7fd41b", EMAIL, "salt"),
        achievement=Achievement(
            id=f"{BASE}/m/5b0f7e0c-98a1-4c5f-9a75-4b8d5f8a9d11/", name="Data literacy",
            description="Reads data.", narrative="Pass both.", image=f"{BASE}/badge.png",
            language="en", version="1", creator=school, credits=None, tags=("data", "literacy"),
            alignments=(
                Alignment("Statistics", "https://skills.example.org/1", code="S1"),
                Alignment("Reading", "https://skills.example.org/2", "ESCO:Skill", "ESCO", "S2"),
            ),
        ),
        valid_from=NOW - timedelta(days=9),
        valid_until=NOW + timedelta(days=900),
        awarded=NOW - timedelta(days=9),
        met_on=NOW - timedelta(days=10),
        status=Status(LIST, 77),
        evidence=(Evidence("Course A", "Passed.", "Course"), Evidence("B", "Passed.", "Course")),
    )  # fmt: skip
    unsigned = credential(badge)
    listed = status_list_json(
        url=LIST, issuer_id=DID, encoded=status_list.encode([78]),
        valid_from=NOW - timedelta(days=1), valid_until=NOW + timedelta(days=1),
    )  # fmt: skip

    def prove(document: Json) -> Json:
        return sign_document(
            document, verification_method=methods[0]["id"], created=NOW, sign=ed25519.sign
        )

    return World(
        document=prove(unsigned),
        token=sign_jwt(unsigned, key_id=f"{DID}#rsa", sign=signing_with(rsa)),
        did=did_document(did=DID, keys=methods),
        listed=prove(listed),
    )


WORLD = _make()
_PICTURE = BytesIO()
Image.new("RGB", (8, 8)).save(_PICTURE, "PNG")
PAYLOAD = dict(read_presented(WORLD.token.encode()).document)
PNG = bake(_PICTURE.getvalue(), json.dumps(WORLD.document))


def look(content: bytes, web: Web | None = None, email: str = "") -> Report | None:
    """What comes of it; None for what is no credential at all."""
    web, before = web or WORLD.web(), monotonic()
    try:
        report = verify(read_presented(content), web=web, now=NOW, email=email)
    except NotReadable:
        report = None
    assert web.asked <= 3
    assert monotonic() - before < MOST_SECONDS
    assert report is None or all(check.said for check in report.checks)
    return report


def is_valid(content: bytes, web: Web | None = None) -> bool:
    report = look(content, web)
    return report is not None and report.verdict is Verdict.VALID


def written(document: Json) -> bytes:
    return json.dumps(document).encode()


def test_world_is_as_it_should_be() -> None:
    for content in (written(WORLD.document), WORLD.token.encode(), PNG):
        report = look(content, email=EMAIL)
        assert report is not None
        assert report.verdict is Verdict.VALID
    assert identity_hash(EMAIL, "salt") in json.dumps(WORLD.document)


# --- changes, at any place of a document ---------------------------------------------------------

_WORDS = (
    "", "x", "id", "type", DID, LIST, EMAIL, "did:key:z6Mk", "did:web:a", "true", "VALID",
    "VerifiableCredential", "OpenBadgeCredential", "AchievementCredential", "DataIntegrityProof",
    "assertionMethod", "eddsa-rdfc-2022", "2026-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59",
    "https://www.w3.org/ns/credentials/v2", "\ud7ff\u0000\u202e", "u", "z", "_:b0", "urn:x:y",
    "https://[::1", "https://badges.example.org:99999/", "BitstringStatusListEntry", "revocation",
)  # fmt: skip
_NAMES = (
    "@context", "id", "type", "name", "issuer", "validFrom", "validUntil", "credentialSubject",
    "credentialStatus", "achievement", "identifier", "hashed", "identityHash", "salt", "proof",
    "statusListIndex", "statusListCredential", "statusPurpose", "statusSize", "encodedList",
    "verificationMethod", "assertionMethod", "controller", "publicKeyMultibase", "publicKeyJwk",
    "kid", "n", "e", "exp", "nbf", "iss", "sub", "jti", "expires", "created", "proofValue",
    "previousProof", "@graph", "@id", "@value", "@set", "motto", "__proto__",
)  # fmt: skip
scalars = (
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False)
    | st.sampled_from(_WORDS) | st.text(max_size=20)
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(_NAMES) | st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)


def places(value: Json, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    inner = (
        value.items() if isinstance(value, dict)
        else enumerate(value) if isinstance(value, list) else ()
    )  # fmt: skip
    return [way, *(place for key, one in inner for place in places(one, (*way, key)))]


def at(value: Json, way: tuple[Any, ...]) -> Json:
    for key in way:
        value = value[key]
    return value


@st.composite
def changed(draw: Any, original: Json) -> Json:
    """A document, changed in one to three places."""
    document = deepcopy(original)
    for _time in range(draw(st.integers(1, 3))):
        ways = places(document)[1:]
        assume(ways)
        way = draw(st.sampled_from(ways))
        holder, key, value = at(document, way[:-1]), way[-1], at(document, way)
        kind = draw(
            st.sampled_from(
                ("take", "put", "swap", "double", "wrap", "unwrap", "add", "rename", "turn", "type")
            )
        )
        if kind == "take":
            del holder[key]
        elif kind == "put":
            holder[key] = draw(values)
        elif kind == "swap":
            other = draw(st.sampled_from(ways))
            if other[: len(way)] != way and way[: len(other)] != other:
                holder[key] = deepcopy(at(document, other))
                at(document, other[:-1])[other[-1]] = value
        elif kind == "double":
            holder[key] = [value, deepcopy(value)]
        elif kind == "wrap":
            holder[key] = [value]
        elif kind == "unwrap" and isinstance(value, list) and value:
            holder[key] = value[0]
        elif kind == "add" and isinstance(value, dict):
            value[draw(st.sampled_from(_NAMES))] = draw(values)
        elif kind == "rename" and isinstance(holder, dict):
            holder[draw(st.sampled_from(_NAMES))] = holder.pop(key)
        elif kind == "turn" and isinstance(value, list):
            value.reverse()
        elif kind == "type":
            holder[key] = draw(st.sampled_from((str(value), [str(value)], {"id": value}, 0, None)))
    return document


# --- what may differ without a difference --------------------------------------------------------

# Two names of one type, and two ways to write a truth.
_SAME = {"AchievementCredential": "OpenBadgeCredential"}
_TRUTHS = {True: "true", False: "false"}


def meaning(document: Json) -> Json:
    """
    What a document says, without what JSON-LD takes for the same; all else has to be refused.

    1. `null` and an empty array say nothing.
    2. One value is the same as an array of it; arrays have no order, and literals and addresses in
       them count once. The only exceptions are `allowedValue`, which is not in these documents,
       and the first context, which has to stay the first.
    3. Known contexts say no more when they are named twice, or besides.
    4. Two types are one (`_SAME`), and a boolean is the same as its text, since it has a datatype.
    5. An object with an id and nothing else is the same as the id; where one thing is described
       twice, as the issuer that also created the achievement, only both together count.
    6. Of the proofs, the first one of the known kind counts.
    """
    document = deepcopy(document)
    proofs = document.pop("proof", None)
    named = [
        proof for proof in (proofs if isinstance(proofs, list) else [proofs])
        if isinstance(proof, dict)
        and (proof.get("type"), proof.get("cryptosuite"), proof.get("proofPurpose"))
        == ("DataIntegrityProof", "eddsa-rdfc-2022", "assertionMethod")
        and isinstance(proof.get("verificationMethod"), str)
    ]  # fmt: skip
    nodes: dict[str, set[Any]] = {}
    root = _meant(document, nodes)
    found = _meant((named or [{}])[0], {})
    return root, {name: frozenset(said) for name, said in nodes.items() if said}, found


def _meant(value: Json, nodes: dict[str, set[Any]]) -> Any:
    if isinstance(value, dict):
        said = set()
        for key, inner in value.items():
            if key in ("@context", "id") or inner is None:
                continue
            said |= {
                (key, _meant(one, nodes))
                for one in (inner if isinstance(inner, list) else [inner])
                if one is not None
            }
        if isinstance(value.get("id"), str):
            nodes.setdefault(value["id"], set()).update(said)
            return value["id"]
        return frozenset(said)
    if isinstance(value, list):
        return tuple(_meant(one, nodes) for one in value)
    if isinstance(value, bool):
        return _TRUTHS[value]
    return _SAME.get(value, value) if isinstance(value, str) else value


GENUINE = meaning(WORLD.document)


# --- laws ----------------------------------------------------------------------------------------


@many(60)
@given(changed(WORLD.document))
def test_document_that_says_something_else_is_never_valid(document: Json) -> None:
    if is_valid(written(document)):
        assert meaning(document) == GENUINE


@many(60)
@given(changed(PAYLOAD))
def test_token_that_says_something_else_is_never_valid(payload: Json) -> None:
    header, _payload, signature = WORLD.token.split(".")
    token = f"{header}.{base64url(written(payload))}.{signature}"
    assert not is_valid(token.encode()) or payload == PAYLOAD


@many(100)
@given(st.integers(0, len(WORLD.token) - 1), st.text(min_size=0, max_size=3))
def test_token_with_other_letters_is_never_valid_unless_it_is_the_same(
    place: int, letters: str
) -> None:
    token = f"{WORLD.token[:place]}{letters}{WORLD.token[place + 1 :]}"
    if is_valid(token.encode()):
        # The last letter of base64url has bits that say nothing.
        same = read_presented(token.encode()).document
        assert same == read_presented(WORLD.token.encode()).document
        assert token[:-1] == WORLD.token[:-1]


@many(100)
@given(
    st.dictionaries(
        st.sampled_from(("alg", "kid", "typ", "jwk", "jku", "x5c", "crit", "b64")),
        st.sampled_from(("none", "HS256", "RS256", "ES256", "EdDSA", "JWT", f"{DID}#rsa", DID))
        | values,
        max_size=4,
    )
)
def test_token_with_another_header_is_never_valid(header: Json) -> None:
    _header, payload, signature = WORLD.token.split(".")
    assert not is_valid(f"{base64url(written(header))}.{payload}.{signature}".encode())


@many(100)
@given(st.integers(0, len(PNG) - 1), st.integers(0, 255), st.sampled_from(("set", "cut", "put")))
def test_picture_with_another_byte_holds_the_same_or_nothing_valid(
    place: int, byte: int, kind: str
) -> None:
    changed = {
        "set": PNG[:place] + bytes([byte]) + PNG[place + 1 :],
        "cut": PNG[:place],
        "put": PNG[:place] + bytes([byte]) + PNG[place:],
    }[kind]
    if is_valid(changed):
        assert meaning(dict(read_presented(changed).document)) == GENUINE


@many(60)
@given(changed(WORLD.did))
def test_whatever_the_issuers_document_says_it_is_answered(did: Json) -> None:
    web = WORLD.web()
    web.dids = {DID: did}
    for content in (written(WORLD.document), WORLD.token.encode()):
        look(content, web=Web({DID: did}, web.pages))


@many(60)
@given(changed(WORLD.listed))
def test_list_that_says_something_else_is_never_relied_on(listed: Json) -> None:
    if is_valid(written(WORLD.document), Web({DID: WORLD.did}, {LIST: written(listed)})):
        assert meaning(listed) == meaning(WORLD.listed)


@many(60)
@given(values, values, values)
def test_whatever_is_brought_and_fetched_it_is_answered(
    document: Json, did: Json, listed: Json
) -> None:
    web = Web({DID: did if isinstance(did, dict) else {}}, {LIST: written(listed)})
    assert not is_valid(written(document), web)
    assert not is_valid(written(WORLD.document), web)


@many(100)
@given(st.binary(max_size=300))
def test_whatever_bytes_are_brought_they_are_answered(content: bytes) -> None:
    for begin in (b"", b"{", b"\x89PNG\r\n\x1a\n", b"eyJ", PNG[:40], b"\xef\xbb\xbf{"):
        assert not is_valid(begin + content)


@many(60)
@given(changed(WORLD.document), st.text(max_size=40))
def test_whatever_address_is_given_it_is_answered(document: Json, email: str) -> None:
    look(written(document), email=email)


# --- bombs ---------------------------------------------------------------------------------------

_MB = 1024 * 1024
_HEAD = {**WORLD.document, "evidence": []}


def _clique(size: int) -> Json:
    """Objects that all name each other can't be written as a tree; these look alike instead."""
    return [{"type": ["Evidence"], "name": "x", "audience": "y"} for _ in range(size)]


def _deep(depth: int) -> Json:
    value: Json = "x"
    for _ in range(depth):
        value = {"type": ["Achievement"], "related": [value, value]} if depth < 12 else [value]
    return value


BOMBS = {
    "deep arrays": b'{"a":' + b"[" * 400_000 + b"]" * 400_000 + b"}",
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a text that does not end": b'{"' + b'\\"' * 500_000,
    "many quotes": b'{"a":' + b'"' * 1_000_000,
    "many keys": written({f"k{number}": 1 for number in range(60_000)}),
    "one key many times": b"{" + b'"a":1,' * 150_000 + b'"a":1}',
    "a long number": b'{"a":' + b"9" * 1_000_000 + b"}",
    "a long fraction": b'{"a":0.' + b"9" * 1_000_000 + b"}",
    "a large exponent": b'{"a":1e' + b"9" * 1000 + b"}",
    "too large": b"{" + b" " * (2 * _MB) + b"}",
    "a token of dots": b"." * _MB,
    "a token of one letter": b"a" * (_MB // 2) + b"." + b"a" * (_MB // 4) + b".a",
    "the same many times": written({**_HEAD, "evidence": _clique(4000)}),
    "the same within the same": written({**_HEAD, "evidence": [{"type": ["Evidence"],
        "description": "x", "related": _clique(9)}] * 9}),
    "twins of twins": written({**_HEAD, "credentialSubject": {
        **WORLD.document["credentialSubject"], "achievement": _deep(10)}}),
    "many types": written({**_HEAD, "type": ["VerifiableCredential", "OpenBadgeCredential"]
        + ["Image", "Evidence", "Alignment"] * 25_000}),
    "other types in each": written({**_HEAD, "evidence": [
        {"type": ["Evidence", "Image", "Address", "Result", "Related", "Profile"][
            number % 5 : number % 5 + 2] * (number % 3 + 1)} for number in range(6000)]}),
    "many contexts": written({**_HEAD, "@context": WORLD.document["@context"] * 6000}),
    "a long text": written({**_HEAD, "name": "x" * 900_000}),
    "a long address": written({**_HEAD, "id": "https://x/" + "x" * 900_000}),
    "a long identifier of an issuer": written({**_HEAD, "issuer": "did:web:a" + ":a" * 200_000}),
    "many entries": written({**_HEAD, "credentialStatus":
        [WORLD.document["credentialStatus"]] * 3000}),
    "many proofs": written({**_HEAD, "proof": [{"type": "x"}] * 50_000 + WORLD.document["proof"]}),
    "an endorsement in an endorsement": written({**_HEAD, "endorsement": [
        {**_HEAD, "endorsement": [{**_HEAD, "evidence": _clique(50)}] * 20}] * 5}),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_bomb_is_answered_in_time(name: str) -> None:
    before = monotonic()
    assert not is_valid(BOMBS[name])
    assert monotonic() - before < MOST_SECONDS / 2


def test_keys_that_take_long_are_refused() -> None:
    jwk = keys.to_jwk(keys.generate_rsa().public_key())
    for name, value in (
        ("n", base64url(b"\xff" * 2048)), ("e", base64url(b"\x7f" + b"\xff" * 255)),
        ("e", "A" * 500_000), ("n", "A" * 500_000), ("e", "Ag"), ("e", "AQ"), ("n", ""), ("e", ""),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"\w"):
            keys.from_jwk({**jwk, name: value})
    with pytest.raises(ValueError, match=r"\w"):
        keys.from_multikey("z" + "1" * 900_000)
