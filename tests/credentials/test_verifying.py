"""What the verifier says of a genuine credential, and of every copy of it that is not."""

from __future__ import annotations

import hmac
import json
import zlib
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from django.core.management import call_command

from microcred_plugin import decisions
from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials import keys, status_list
from microcred_plugin.credentials.api import KeyKind, NotReached, Report, Seen, Verdict
from microcred_plugin.credentials.issuers import did_of, method_id, sign_with
from microcred_plugin.credentials.models import StatusEntry, StatusList
from microcred_plugin.credentials.multibase import (
    base58btc,
    base64url,
    from_base58btc,
    from_base64url,
)
from microcred_plugin.credentials.open_badges import instant
from microcred_plugin.credentials.open_badges import status_list as status_list_json
from microcred_plugin.credentials.signing import sign_document, sign_jwt
from tests.credentials.conftest import ISSUED_RUN, Issued
from tests.factories import course, publish

Document = dict[str, Any]

LONG_AGO = "2026-01-01T00:00:00Z"


def seen(report: Report) -> dict[str, str]:
    return {check.of: check.seen.value for check in report.checks}


def signed(issued: Issued, document: Document, *, by: str = "NordU", **changes: Any) -> Document:
    """The document with these values instead, really signed; None takes one away."""
    issuer = credentials.find_issuer(by)
    assert issuer is not None
    key = credentials.signing_key(issuer, KeyKind.ED25519)
    unsigned = {**document, **changes}
    unsigned.pop("proof", None)
    return sign_document(
        {name: value for name, value in unsigned.items() if value is not None},
        verification_method=method_id(issuer, key), created=issued.now, sign=sign_with(issuer, key),
    )  # fmt: skip


class Elsewhere:
    """Another web in place of the site's: what is not in it can't be had."""

    def __init__(self, dids: dict[str, Any], pages: dict[str, bytes]) -> None:
        self.dids, self.pages, self.asked = dids, pages, []

    def did_document(self, did: str) -> Any:
        return self._get(self.dids, did)

    def get(self, url: str) -> bytes:
        return self._get(self.pages, url)

    def _get(self, where: dict[str, Any], name: str) -> Any:
        self.asked.append(name)
        if name not in where:
            raise NotReached(f"{name} is not there.")
        return where[name]


def web_of(issued: Issued) -> Elsewhere:
    """What the site serves: to be changed by tests."""
    issuer, url = issued.issuer, issued.document["credentialStatus"]["statusListCredential"]
    page = credentials.served_list(issuer.slug, 1, now=issued.now, is_looked_at=True)
    return Elsewhere({did_of(issuer): credentials.did_document_of(issuer)}, {url: page.encode()})


def checked(
    issued: Issued, document: Document | str, web: Elsewhere, *, now: datetime | None = None
) -> Report:
    text = document if isinstance(document, str) else json.dumps(document)
    presented = credentials.read_presented(text.encode())
    return credentials.verify(presented, web=web, now=now or issued.now)


# --- genuine ones --------------------------------------------------------------------------------


def test_genuine_ones_are_valid_in_every_form(issued: Issued) -> None:
    for brought in (issued.document, issued.token, issued.png):
        report = issued.checked(brought)
        assert report.verdict is Verdict.VALID
        assert set(seen(report).values()) == {"good"}
        assert report.told is not None
        assert report.told.achievement == "Signed"


def test_byte_order_mark_and_spaces_do_not_matter(issued: Issued) -> None:
    assert issued.checked("\ufeff \n" + json.dumps(issued.document)).verdict is Verdict.VALID


def _put(document: Document, path: str, value: Any) -> Document:
    changed = deepcopy(document)
    *way, last = path.split("/")
    inner: Any = changed
    for part in way:
        inner = inner[int(part) if part.isdigit() else part]
    inner[int(last) if last.isdigit() else last] = value
    return changed


# --- tampered ones -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name", "Something better"),
        ("id", "https://lms.example.org/microcredentials/awards/another"),
        ("credentialSubject/achievement/name", "Something better"),
        ("credentialSubject/achievement/id", "https://lms.example.org/m/another"),
        ("credentialSubject/achievement/criteria/narrative", "Nothing was asked."),
        ("credentialSubject/id", "urn:uuid:c3b4ad31-5f4e-4fb4-9ab1-7b3d1d7fd41b"),
        ("credentialSubject/identifier/0/identityHash", "sha256$" + 64 * "0"),
        ("credentialSubject/identifier/0/salt", "x"),
        ("validFrom", "2020-01-01T00:00:00Z"),
        ("validUntil", "2099-01-01T00:00:00Z"),
        ("awardedDate", "2020-01-01T00:00:00Z"),
        ("issuer/name", "A better school"),
        ("credentialStatus/statusListIndex", "1"),
        ("credentialStatus", None),
        ("proof/0/created", "2020-01-01T00:00:00Z"),
        ("proof/0/proofValue", base58btc(bytes(64))),
        ("proof/0/proofValue", "z"),
        ("proof/0/expires", "2099-01-01T00:00:00Z"),
        ("proof/0/challenge", "x"),
        ("proof", []),
        ("proof", None),
        ("issuer", ""),
        ("credentialSubject", {}),
        ("validFrom", "yesterday"),
    ],
)
def test_copy_with_one_other_value_is_invalid(issued: Issued, path: str, value: Any) -> None:
    assert issued.checked(_put(issued.document, path, value)).verdict is Verdict.INVALID


@pytest.mark.parametrize("bit", [0, 255, 511])
def test_copy_with_one_other_bit_in_the_proof_is_invalid(issued: Issued, bit: int) -> None:
    document = issued.document
    value = bytearray(from_base58btc(document["proof"][0]["proofValue"], length=64))
    value[bit // 8] ^= 0x80 >> bit % 8
    tampered = _put(document, "proof/0/proofValue", base58btc(bytes(value)))
    assert issued.checked(tampered).verdict is Verdict.INVALID


@pytest.mark.parametrize(
    ("path", "value"),
    [
        # What is not in the table of terms, JSON-LD would read in a way that is not known here.
        ("motto", "Something better"),
        ("credentialSubject/achievement/motto", "Something better"),
        ("type", ["VerifiableCredential", "OpenBadgeCredential", "Diploma"]),
        ("@context/1", "https://example.org/another-context"),
        ("proof/0/cryptosuite", "ecdsa-rdfc-2019"),
        ("proof/0/motto", "x"),
        ("issuer/id", "https://lms.example.org/microcredentials/issuers/nordu/"),
        ("issuer/id", "did:web:other.example.org"),
        ("issuer/id", "did:example:123"),
        # Badges of other kinds.
        ("type", "Assertion"),
        ("@context", "https://w3id.org/openbadges/v2"),
    ],
)
def test_what_is_not_known_here_can_not_be_checked(issued: Issued, path: str, value: Any) -> None:
    document = _put(issued.document, path, value)
    if path == "issuer/id":
        document = _put(document, "proof/0/verificationMethod", f"{value}#key")
    report = issued.checked(document)
    assert report.verdict is Verdict.UNCHECKED
    assert Seen.BAD not in {check.seen for check in report.checks}


def test_contexts_in_another_order_can_not_be_checked(issued: Issued) -> None:
    document = issued.document
    document["@context"].reverse()
    assert issued.checked(document).verdict is Verdict.UNCHECKED


def test_older_badge_is_not_called_invalid(issued: Issued) -> None:
    badge = {"@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": "x"}
    report = issued.checked(badge)
    assert (report.verdict, seen(report)) == (Verdict.UNCHECKED, {"structure": "unknown"})


def test_own_limits_can_not_be_moved_to_where_nobody_looks(issued: Issued) -> None:
    """To RDF, an object with the credential's own id is the credential, wherever it stands."""
    document = issued.document
    document["evidence"] = [{"id": document["id"], "type": ["Evidence"], "name": "All of it"}]
    honest = signed(issued, document, validUntil="2026-02-01T00:00:00Z")
    assert issued.checked(honest).verdict is not Verdict.VALID
    moved = deepcopy(honest)
    kept = moved["evidence"][0]
    kept["type"] = [*moved["type"], "Evidence"]
    kept["validUntil"] = moved.pop("validUntil")
    report = issued.checked(moved)
    assert seen(report)["signature"] == "good"
    assert report.verdict is Verdict.UNCHECKED


# --- who signed it -------------------------------------------------------------------------------


def test_copy_signed_by_somebody_else_is_invalid(issued: Issued) -> None:
    document, key = issued.document, keys.generate_ed25519()
    method = document["proof"][0]["verificationMethod"]
    theirs = f"did:key:{keys.to_multikey(key.public_key())}"
    for name in (method, f"{did_of(issued.issuer)}#{theirs[8:]}", f"{theirs}#{theirs[8:]}"):
        forged = sign_document(
            {name: value for name, value in document.items() if name != "proof"},
            verification_method=name, created=issued.now, sign=key.sign,
        )  # fmt: skip
        assert issued.checked(forged).verdict is Verdict.INVALID


def test_key_that_anybody_can_make_says_nothing_of_who_made_it(issued: Issued) -> None:
    """A good signature, under the name of the school."""
    key = keys.generate_ed25519()
    did = f"did:key:{keys.to_multikey(key.public_key())}"
    document = {**issued.document, "issuer": {**issued.document["issuer"], "id": did}}
    del document["proof"], document["credentialStatus"]
    forged = sign_document(
        document, verification_method=f"{did}#{did[8:]}", created=issued.now, sign=key.sign
    )
    report = issued.checked(forged)
    assert report.verdict is Verdict.UNCHECKED
    assert seen(report)["signature"] == "good"
    forged["name"] = "Something better"
    assert issued.checked(forged).verdict is Verdict.INVALID


def test_another_issuer_of_the_site_can_not_sign_for_this_one(issued: Issued) -> None:
    credentials.ensure_issuer("Harbor", now=issued.now)
    forged = signed(issued, issued.document, by="Harbor")
    assert issued.checked(forged).verdict is Verdict.INVALID


def test_key_that_was_stolen_is_not_relied_on_any_more(issued: Issued) -> None:
    document, token = issued.document, issued.token
    for kind in KeyKind:
        credentials.compromise(credentials.signing_key(issued.issuer, kind), now=issued.now)
    for brought in (document, token):
        report = issued.checked(brought)
        assert report.verdict is Verdict.INVALID
        assert "no such key" in report.checks[1].said
    assert issued.checked(issued.document).verdict is Verdict.VALID


def test_key_that_was_replaced_is_still_relied_on(issued: Issued) -> None:
    brought = (issued.document, issued.token)
    for kind in KeyKind:
        credentials.rotate(issued.issuer, kind, now=issued.now)
    assert {issued.checked(one).verdict for one in brought} == {Verdict.VALID}


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (lambda did: did.update(assertionMethod=[]), Verdict.INVALID),
        (lambda did: did.update(verificationMethod=[]), Verdict.INVALID),
        (
            lambda did: [m.update(controller="did:web:other") for m in did["verificationMethod"]],
            Verdict.INVALID,
        ),
        (
            lambda did: [m.update(revoked=LONG_AGO) for m in did["verificationMethod"]],
            Verdict.INVALID,
        ),
        (
            lambda did: [m.update(id="#" + m["id"].partition("#")[2])
                         for m in did["verificationMethod"]],
            Verdict.VALID,
        ),
        (
            lambda did: did.update(assertionMethod=did.pop("verificationMethod")),
            Verdict.VALID,
        ),
        (
            lambda did: [m.update(id={"id": []}) for m in did["verificationMethod"]],
            Verdict.INVALID,
        ),
        (
            lambda did: [m.pop("publicKeyMultibase", 0) for m in did["verificationMethod"]],
            Verdict.UNCHECKED,
        ),
    ],
)  # fmt: skip
def test_did_document_decides_which_keys_count(
    issued: Issued, change: Callable[[Document], Any], verdict: Verdict
) -> None:
    web = web_of(issued)
    change(next(iter(web.dids.values())))
    assert checked(issued, issued.document, web).verdict is verdict


# --- tokens --------------------------------------------------------------------------------------


def _parts(token: str) -> tuple[Document, Document, str]:
    header, payload, signature = token.split(".")
    return (
        json.loads(from_base64url(header)), json.loads(from_base64url(payload)), signature,
    )  # fmt: skip


def _token(header: Document, payload: Document, signature: str) -> str:
    head, body = (base64url(json.dumps(one).encode()) for one in (header, payload))
    return f"{head}.{body}.{signature}"


def _mine(payload: Document, header: Document, algorithm: str, key: Any) -> str:
    return jwt.encode(payload, key, algorithm=algorithm, headers=header)


@pytest.mark.parametrize("name", ["name", "validFrom", "nbf", "sub", "jti", "iss", "extra"])
def test_token_that_says_something_else_is_invalid(issued: Issued, name: str) -> None:
    header, payload, signature = _parts(issued.token)
    payload[name] = 1 if name == "nbf" else "2020-01-01T00:00:00Z"
    assert issued.checked(_token(header, payload, signature)).verdict is Verdict.INVALID


def test_token_without_a_signature_or_by_a_public_key_is_refused(issued: Issued) -> None:
    header, payload, _signature = _parts(issued.token)
    did = credentials.did_document_of(issued.issuer)
    public = json.dumps(did["verificationMethod"][1]["publicKeyJwk"])
    unsigned = _token({**header, "alg": "HS256"}, payload, "")
    by_public_key = hmac.digest(public.encode(), unsigned[:-1].encode(), "sha256")
    hs256 = f"{unsigned}{base64url(by_public_key)}"
    assert issued.checked(hs256).verdict is Verdict.INVALID
    for signature in ("AA", _signature):
        none = _token({**header, "alg": "none"}, payload, signature)
        assert issued.checked(none).verdict is Verdict.INVALID
    with pytest.raises(credentials.NotReadable):
        issued.checked(_token({**header, "alg": "none"}, payload, ""))


@pytest.mark.parametrize("brings", ["jwk", "jku", "x5c", "crit"])
def test_token_that_brings_its_own_key_is_refused(issued: Issued, brings: str) -> None:
    header, payload, _signature = _parts(issued.token)
    key = generate_private_key(public_exponent=65537, key_size=2048)
    brought = {
        "jwk": keys.to_jwk(key.public_key()), "jku": "https://evil.example.org/keys",
        "x5c": ["MIIB"], "crit": ["b64"],
    }[brings]  # fmt: skip
    token = _mine(payload, {"kid": header["kid"], brings: brought}, "RS256", key)
    with pytest.raises(credentials.NotReadable):
        issued.checked(token)


def test_token_by_a_key_of_another_issuer_is_invalid(issued: Issued) -> None:
    harbor = credentials.ensure_issuer("Harbor", now=issued.now)
    key = credentials.signing_key(harbor, KeyKind.RSA)
    _header, payload, _signature = _parts(issued.token)
    unsigned = {name: value for name, value in payload.items() if name not in ("iss", "jti")}
    kid = f"https://lms.example.org/microcredentials/issuers/harbor/keys/{key.name}"
    forged = sign_jwt(unsigned, key_id=kid, sign=sign_with(harbor, key))
    assert issued.checked(forged).verdict is Verdict.INVALID


@pytest.mark.parametrize("exp", [1, 99_999_999_999, "soon", 10**30, True, [1]])
def test_token_can_not_end_when_the_credential_in_it_does_not(issued: Issued, exp: Any) -> None:
    """It has to say the same twice; what says it once alone could be read in two ways."""
    key = credentials.signing_key(issued.issuer, KeyKind.RSA)
    header, payload, _signature = _parts(issued.token)
    token = sign_jwt(
        {**payload, "exp": exp}, key_id=header["kid"], sign=sign_with(issued.issuer, key)
    )
    assert issued.checked(token).verdict is Verdict.INVALID


# --- dates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begins", "ends", "verdict"),
    [
        (-2, 2, Verdict.VALID),
        (-2, 0, Verdict.EXPIRED),
        (-2, -1, Verdict.EXPIRED),
        (1, 2, Verdict.NOT_YET),
        (0.01, 2, Verdict.VALID),  # clocks differ
        (0, None, Verdict.VALID),
    ],
)
def test_credential_holds_from_its_first_instant_up_to_its_last(
    issued: Issued, begins: float, ends: int | None, verdict: Verdict
) -> None:
    now = issued.now.replace(microsecond=0)
    document = signed(
        issued, issued.document, validFrom=instant(now + timedelta(hours=begins)),
        validUntil=None if ends is None else instant(now + timedelta(hours=ends)),
    )  # fmt: skip
    web = web_of(issued)
    assert checked(issued, document, web, now=now).verdict is verdict


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-01-01T00:00:00.123Z"]
)
def test_earliest_and_latest_dates_are_read(issued: Issued, at: str) -> None:
    for name in ("validFrom", "validUntil"):
        issued.checked(signed(issued, issued.document, **{name: at}))


def test_proof_that_has_run_out_is_invalid(issued: Issued) -> None:
    """`expires` is signed, too; nothing of ours writes one."""
    document = issued.document
    past = instant(issued.now - timedelta(days=1))
    assert issued.checked(_put(document, "proof/0/expires", past)).verdict is Verdict.INVALID


# --- status --------------------------------------------------------------------------------------


def test_revoked_one_is_revoked_in_every_form(issued: Issued) -> None:
    brought = (issued.document, issued.token, issued.png)
    decisions.revoke(
        learner_id=issued.award.learner_id, microcredential_id=issued.award.microcredential_id,
        by_id=None, reason="", now=issued.now,
    )  # fmt: skip
    assert {issued.checked(one).verdict for one in brought} == {Verdict.REVOKED}


def test_suspended_one_is_good_again_when_it_is_reinstated(
    make_issued: Callable[..., Issued],
) -> None:
    issued = make_issued(policy="suspend")
    before = issued.document
    issued.host.fail_course(issued.award.learner_id, ISSUED_RUN)
    call_command("microcred", "reconcile", "--all", verbosity=0)
    assert issued.checked(before).verdict is Verdict.REVOKED
    issued.host.pass_course(issued.award.learner_id, ISSUED_RUN)
    call_command("microcred", "reconcile", "--all", verbosity=0)
    assert issued.checked(issued.document).verdict is Verdict.VALID


@pytest.mark.parametrize("index", [0, status_list.SIZE - 1])
def test_first_and_last_place_of_a_list_count(issued: Issued, index: int) -> None:
    document = issued.document
    entry = StatusEntry.objects.get(award=issued.award)
    StatusEntry.objects.filter(pk=entry.pk).update(index=index)
    url = document["credentialStatus"]["statusListCredential"]
    status = {**document["credentialStatus"], "statusListIndex": str(index), "id": f"{url}#{index}"}
    document = signed(issued, document, credentialStatus=status)
    assert issued.checked(document).verdict is Verdict.VALID
    StatusEntry.objects.filter(pk=entry.pk).update(is_withdrawn=True)
    assert issued.checked(document).verdict is Verdict.REVOKED


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ({"statusListIndex": str(status_list.SIZE)}, Verdict.INVALID),
        ({"statusListIndex": "-1"}, Verdict.INVALID),
        ({"statusListIndex": "٣"}, Verdict.INVALID),
        ({"statusListIndex": 13 * "9"}, Verdict.INVALID),
        ({"statusPurpose": "message"}, Verdict.UNCHECKED),
        ({"statusPurpose": "suspension"}, Verdict.UNCHECKED),
        ({"statusSize": 2}, Verdict.UNCHECKED),
        ({"statusListCredential": "https://elsewhere.example.org/1"}, Verdict.UNCHECKED),
        ({"statusListCredential": "http://[::1"}, Verdict.UNCHECKED),
    ],
)
def test_status_that_says_something_else(
    issued: Issued, status: Document, verdict: Verdict
) -> None:
    document = issued.document
    try:
        document = signed(
            issued, document, credentialStatus={**document["credentialStatus"], **status}
        )
    except Exception:  # what can't be signed as a document can be as a token
        payload = _parts(issued.token)[1]
        payload["credentialStatus"] = {**payload["credentialStatus"], **status}
        key = credentials.signing_key(issued.issuer, KeyKind.RSA)
        kid = _parts(issued.token)[0]["kid"]
        token = sign_jwt(payload, key_id=kid, sign=sign_with(issued.issuer, key))
        assert issued.checked(token).verdict is verdict
        return
    assert issued.checked(document).verdict is verdict


def _listed(issued: Issued, by: str = "NordU", **changes: Any) -> Document:
    """A list of the issuer's, really signed, with these values instead."""
    url = issued.document["credentialStatus"]["statusListCredential"]
    document = status_list_json(
        url=url, issuer_id=did_of(credentials.find_issuer(by)), encoded=status_list.encode([]),
        valid_from=issued.now - timedelta(days=2), valid_until=issued.now + timedelta(days=2),
    )  # fmt: skip
    subject = {**document["credentialSubject"], **changes.pop("credentialSubject", {})}
    return signed(issued, {**document, "credentialSubject": subject}, by=by, **changes)


def _packed(bits: bytes) -> str:
    packing = zlib.compressobj(level=9, wbits=31)
    return "u" + base64url(packing.compress(bits) + packing.flush())


@pytest.mark.parametrize(
    "change",
    [
        {"validUntil": "2026-01-01T00:00:00Z"},
        {"validFrom": "2999-01-01T00:00:00Z"},
        {"id": "https://lms.example.org/microcredentials/issuers/nordu/status/2"},
        {"type": ["VerifiableCredential"]},
        {"credentialSubject": {"statusPurpose": "suspension"}},
        {"credentialSubject": {"encodedList": _packed(bytes(16_383))}},
        {"credentialSubject": {"encodedList": _packed(bytes(16 * 1024 * 1024))}},
        {"credentialSubject": {"encodedList": "uH4sIAAAA"}},
        {"credentialSubject": {"encodedList": "zzzz"}},
    ],
)
def test_list_that_can_not_be_relied_on_says_nothing(issued: Issued, change: Document) -> None:
    web = web_of(issued)
    web.pages = {url: json.dumps(_listed(issued, **change)).encode() for url in web.pages}
    report = checked(issued, issued.document, web)
    assert (report.verdict, seen(report)["status"]) == (Verdict.UNCHECKED, "unknown")


def test_list_that_is_missing_forged_or_of_somebody_else_says_nothing(issued: Issued) -> None:
    genuine = json.dumps(_listed(issued))
    credentials.ensure_issuer("Harbor", now=issued.now)
    key = keys.generate_ed25519()
    unsigned = {name: value for name, value in _listed(issued).items() if name != "proof"}
    method = _listed(issued)["proof"][0]["verificationMethod"]
    by_another_key = sign_document(
        unsigned, verification_method=method, created=issued.now, sign=key.sign
    )
    other_bits = status_list.encode([int(issued.document["credentialStatus"]["statusListIndex"])])
    tampered = genuine.replace(status_list.encode([]), other_bits)
    assert tampered != genuine
    pages: list[str | None] = [
        None, "", "{}", "[]", "not even this", tampered, json.dumps(by_another_key),
        json.dumps(unsigned), json.dumps(_listed(issued, by="Harbor")),
    ]  # fmt: skip
    url = issued.document["credentialStatus"]["statusListCredential"]
    for page in pages:
        web = web_of(issued)
        web.pages = {} if page is None else {url: page.encode()}
        assert checked(issued, issued.document, web).verdict is Verdict.UNCHECKED, page
    web.pages = {url: genuine.encode()}
    assert checked(issued, issued.document, web).verdict is Verdict.VALID


def test_what_is_revoked_in_one_place_is_revoked_whatever_the_others_say(issued: Issued) -> None:
    status = issued.document["credentialStatus"]
    other = {**status, "type": "BitstringStatusListEntry", "id": "urn:x:1",
             "statusListCredential": "https://elsewhere.example.org/1"}  # fmt: skip
    document = signed(issued, issued.document, credentialStatus=[other, status])
    assert issued.checked(document).verdict is Verdict.UNCHECKED
    StatusEntry.objects.update(is_withdrawn=True)
    assert issued.checked(document).verdict is Verdict.REVOKED


def test_only_a_few_things_are_fetched_for_one_credential(issued: Issued) -> None:
    status = issued.document["credentialStatus"]
    entries = [
        {
            **status,
            "id": f"urn:x:{number}",
            "statusListCredential": f"https://a.example.org/{number}",
        }
        for number in range(100)
    ]
    web = web_of(issued)
    report = checked(issued, signed(issued, issued.document, credentialStatus=entries), web)
    assert report.verdict is Verdict.UNCHECKED
    assert len(web.asked) == 3
    same = [{**status, "id": f"urn:x:{number}"} for number in range(4)]
    web = web_of(issued)
    report = checked(issued, signed(issued, issued.document, credentialStatus=same), web)
    assert (report.verdict, len(web.asked)) == (Verdict.VALID, 2)


def test_nothing_is_asked_for_what_nobody_signed(issued: Issued) -> None:
    web = web_of(issued)
    checked(issued, _put(issued.document, "name", "Something better"), web)
    assert web.asked == [did_of(issued.issuer)]


def test_looking_leaves_nothing_behind(issued: Issued) -> None:
    """The list is looked at anew, since a page of the site must not be behind the site."""
    document = issued.document
    issued.checked(document)
    lists = StatusList.objects.values_list("document", flat=True)
    before = list(lists)
    assert issued.checked(document).verdict is Verdict.VALID
    assert list(lists) == before


# --- whom it is about ----------------------------------------------------------------------------


@pytest.mark.parametrize("email", ["grace@example.org", "Grace@Example.ORG", " grace@example.org "])
def test_address_of_the_holder_is_recognised_however_it_is_written(
    issued: Issued, email: str
) -> None:
    for brought in (issued.document, issued.token):
        report = issued.checked(brought, email=email)
        assert (report.verdict, seen(report)["recipient"]) == (Verdict.VALID, "good")


def test_address_with_capitals_on_the_platform_is_recognised(
    make_issued: Callable[..., Issued],
) -> None:
    issued = make_issued("Grace")
    assert issued.email == "Grace@example.org"
    for email in ("Grace@example.org", "grace@example.org"):
        assert issued.checked(issued.document, email=email).verdict is Verdict.VALID


@pytest.mark.parametrize("email", ["ada@example.org", "grace@example.or", "\ud800@x", "x" * 5000])
def test_address_of_somebody_else_is_a_verdict_of_its_own(issued: Issued, email: str) -> None:
    report = issued.checked(issued.document, email=email)
    assert (report.verdict, seen(report)["recipient"]) == (Verdict.OTHER_PERSON, "bad")


@pytest.mark.parametrize(
    ("identity", "verdict"),
    [
        ({"hashed": False, "identityHash": "Grace@example.org"}, Verdict.VALID),
        ({"hashed": "false", "identityHash": "grace@example.org"}, Verdict.VALID),
        ({"hashed": False, "identityHash": "ada@example.org"}, Verdict.OTHER_PERSON),
        ({"hashed": True, "identityHash": "md5$123"}, Verdict.UNCHECKED),
        ({"hashed": False, "identityHash": "grace", "identityType": "userName"}, Verdict.UNCHECKED),
    ],
)
def test_identifiers_of_other_kinds(issued: Issued, identity: Document, verdict: Verdict) -> None:
    named = {"type": "IdentityObject", "identityType": "emailAddress", **identity}
    subject = {**issued.document["credentialSubject"], "identifier": [named]}
    document = signed(issued, issued.document, credentialSubject=subject)
    assert issued.checked(document, email="grace@example.org").verdict is verdict


def test_revoked_one_is_revoked_before_it_is_somebody_elses(issued: Issued) -> None:
    document = issued.document
    StatusEntry.objects.update(is_withdrawn=True)
    assert issued.checked(document, email="ada@example.org").verdict is Verdict.REVOKED


# --- what is told --------------------------------------------------------------------------------


def test_what_would_turn_the_page_around_is_left_out(issued: Issued) -> None:
    document = {**issued.document, "name": "\u202eeman\u2066 \x00x\n", "validFrom": 3, "issuer": []}
    told = issued.checked(document).told
    assert told is not None
    assert (told.name, told.valid_from, told.issuer_id) == ("eman x", "", "")


def test_what_was_published_meanwhile_changes_nothing(issued: Issued) -> None:
    document = issued.document
    publish(
        "signed", course(ISSUED_RUN), title="Another title", now=datetime(2026, 5, 1, tzinfo=UTC)
    )
    assert issued.checked(document).verdict is Verdict.VALID


# --- a newer one ---------------------------------------------------------------------------------


def is_replaced(issued: Issued, brought: Document | str) -> bool:
    text = brought if isinstance(brought, str) else json.dumps(brought)
    presented = credentials.read_presented(text.encode())
    web = credentials.SiteWeb(now=issued.now)
    report = credentials.verify(presented, web=web, now=issued.now)
    return credentials.is_replaced(presented, report, now=issued.now)


def test_newer_one_is_told_of_what_was_really_signed_alone(issued: Issued) -> None:
    before, token = issued.document, issued.token
    assert not is_replaced(issued, before)
    credentials.resign(issued.award, credentials.Why.CORRECTED, now=issued.now)
    assert is_replaced(issued, before)
    assert is_replaced(issued, token)
    assert not is_replaced(issued, issued.document)
    assert not is_replaced(issued, {**before, "name": "Something better"})
    assert not is_replaced(issued, {**before, "proof": None})
    StatusEntry.objects.update(is_withdrawn=True)
    assert not is_replaced(issued, before)


def test_parts_of_a_second_make_nothing_newer(issued: Issued) -> None:
    """Documents have whole seconds, and awards by hand begin at any instant."""
    document = issued.document
    current = credentials.current_of(issued.award.uuid)
    assert current is not None
    current.valid_from += timedelta(microseconds=999_999)
    current.save()
    assert not is_replaced(issued, document)


def test_of_what_is_no_award_nothing_newer_is_told(issued: Issued) -> None:
    for name in ("https://lms.example.org/x", "urn:uuid:" + str(issued.award.uuid), None):
        assert not is_replaced(issued, signed(issued, issued.document, id=name))
