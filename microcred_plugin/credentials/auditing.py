"""Whether everything that is served holds: verified from what is stored, as others verify it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import SystemRandom
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.db.models import QuerySet

from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Award
from microcred_plugin.credentials import addresses, status_list
from microcred_plugin.credentials.errors import InvalidProof, NotAStatusList, NotCanonical
from microcred_plugin.credentials.issuers import (
    did_document_of,
    did_of,
    method_id,
    public_of,
    sign_with,
)
from microcred_plugin.credentials.models import (
    Credential,
    Holder,
    Issuer,
    IssuerKey,
    KeyKind,
    StatusList,
)
from microcred_plugin.credentials.signers import NotConfigured, name_of
from microcred_plugin.credentials.signing import (
    header_of,
    proof_of,
    verify_document,
    verify_jwt,
)
from microcred_plugin.credentials.statuses import LENGTH, list_url, revoked_among

AUDITED: Final = ("issuers", "status lists", "credentials")
BATCH = 100

_RANDOM = SystemRandom()


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is served and does not hold: which, and why."""

    what: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Looked:
    """So many of one kind were looked at, and these faults found."""

    kind: str
    count: int
    faults: tuple[Fault, ...]


def audit(*, organization: str = "", sample: int | None = None) -> Iterator[Looked]:
    """
    Verify what is served: issuers and their status lists, and of credentials a random sample.

    Without `sample`, every credential. It changes nothing, and signs nothing. Queries per batch of
    a hundred are always the same number.
    """
    issuers = Issuer.objects.prefetch_related("keys")
    if organization:
        issuers = issuers.filter(organization=organization)
    trusted: dict[int, _Trusted] = {}
    for issuer in issuers:
        trusted[issuer.pk] = _Trusted(issuer)
        yield Looked("issuers", 1, tuple(_of_issuer(issuer)))
    lists = StatusList.objects.filter(issuer__in=trusted).exclude(document="").order_by("pk")
    for found in lists.iterator(chunk_size=10):
        faults = (Fault(_name_of(found, trusted), why) for why in _of_list(found, trusted))
        yield Looked("status lists", 1, tuple(faults))
    served = Credential.objects.filter(slot=1, entry__status_list__issuer__in=trusted)
    for batch in _batches(served, sample):
        yield Looked("credentials", len(batch), tuple(_of_credentials(batch, trusted)))


class _Trusted:
    """An issuer with the keys that its DID document has, by their ids."""

    def __init__(self, issuer: Issuer) -> None:
        self.issuer = issuer
        self.did = did_of(issuer)
        keys = [key for key in issuer.keys.all() if key.compromised_at is None]
        self.methods = {method_id(issuer, key): public_of(key) for key in keys}
        self.urls = {
            addresses.key_url(issuer.base_url, issuer.slug, key.name): public
            for key in keys
            if isinstance(public := public_of(key), RSAPublicKey)
        }


def _batches(served: QuerySet[Credential], sample: int | None) -> Iterator[list[Credential]]:
    whole = served.select_related("entry__status_list__issuer", "key", "jwt_key")
    if sample is None:
        after = 0
        while batch := list(whole.filter(pk__gt=after).order_by("pk")[:BATCH]):
            yield batch
            after = batch[-1].pk
        return
    pks = list(served.values_list("pk", flat=True))
    chosen = sorted(_RANDOM.sample(pks, min(sample, len(pks))))
    for start in range(0, len(chosen), BATCH):
        yield list(whole.filter(pk__in=chosen[start : start + BATCH]).order_by("pk"))


# --- issuers -------------------------------------------------------------------------------------


def _of_issuer(issuer: Issuer) -> Iterator[Fault]:
    def fault(sentence: str) -> Fault:
        return Fault(f"issuer {issuer.organization}", sentence)

    named = {method["id"] for method in did_document_of(issuer)["verificationMethod"]}
    for kind in KeyKind:
        signing = [key for key in issuer.keys.all() if key.kind == kind and key.slot == 1]
        if not signing:
            yield fault(f"No key of {kind.value} signs. {_rotate(issuer, kind)}")
        for key in signing:
            if method_id(issuer, key) not in named:
                yield fault(f"The key {key.name} signs and is not in the DID document.")
            try:
                sign_with(issuer, key)
            except NotConfigured as error:
                yield fault(str(error))
    for key in issuer.keys.all():
        if _name_by(key) != key.name:
            yield fault(f"The public key {key.name} is stored damaged. {_rotate(issuer, key.kind)}")


def _rotate(issuer: Issuer, kind: str) -> str:
    return f"Run: microcred issuer rotate {issuer.organization} --kind {kind}"


def _name_by(key: IssuerKey) -> str:
    """The name that a key has by what it is, whatever the row says."""
    try:
        public = public_of(key)
    except (KeyError, TypeError, ValueError):
        return ""
    return name_of(public) if isinstance(public, Ed25519PublicKey | RSAPublicKey) else ""


# --- documents -----------------------------------------------------------------------------------


def _proof(document: Any, trusted: _Trusted) -> Iterator[str]:
    """What is wrong with a document's proof."""
    try:
        method = proof_of(document)["verificationMethod"]
        key = trusted.methods.get(method)
        if key is None:
            yield f"It is signed with {method}, which is not in the DID document."
        elif not isinstance(key, Ed25519PublicKey):
            yield f"Its proof is by {method}, which is no key of Ed25519."
        else:
            verify_document(document, key)
    except (InvalidProof, NotCanonical) as error:
        yield f"Its signature does not hold: {error}"
    if isinstance(document, dict) and document.get("issuer") is not None:
        issuer = document["issuer"]
        did = issuer.get("id") if isinstance(issuer, dict) else issuer
        if did != trusted.did:
            yield f"Its issuer is {did}, and not {trusted.did}."


def _read(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _name_of(found: StatusList, trusted: dict[int, _Trusted]) -> str:
    return f"status list {trusted[found.issuer_id].issuer.organization} {found.number}"


def _of_list(found: StatusList, trusted: dict[int, _Trusted]) -> Iterator[str]:
    of = trusted[found.issuer_id]
    document = _read(found.document)
    if document is None:
        yield "It is stored damaged."
        return
    if found.key_id is not None and found.key is not None and found.key.compromised_at is not None:
        return  # it is signed anew as soon as somebody asks for it
    yield from _proof(document, of)
    if document.get("id") != list_url(of.issuer, found.number):
        yield f"Its id is {document.get('id')}."
    try:
        bits = status_list.decode(document["credentialSubject"]["encodedList"])
    except (KeyError, TypeError, NotAStatusList) as error:
        yield f"Its list can't be read: {error}"
        return
    if len(bits) * 8 != LENGTH:
        yield f"It has {len(bits) * 8} places, and not {LENGTH}."
    elif document["credentialSubject"]["encodedList"] != found.encoded:
        yield "It is not the list that was compared with the awards."


# --- credentials ---------------------------------------------------------------------------------


def _of_credentials(batch: Sequence[Credential], trusted: dict[int, _Trusted]) -> Iterator[Fault]:
    about = {
        award.uuid: award
        for award in awards.awards_of().filter(uuid__in=[one.award_id for one in batch])
    }
    learners = {award.learner_id for award in about.values()}
    holders = Holder.objects.in_bulk(list(learners))
    revoked = revoked_among([one.entry_id for one in batch])
    for one in batch:
        award = about[one.award_id]
        of = trusted[one.entry.status_list.issuer_id]
        faults = _of_credential(
            one, award, holders.get(award.learner_id), of, is_revoked=one.entry_id in revoked
        )
        yield from (Fault(f"credential {one.award_id}", sentence) for sentence in faults)


def _of_credential(
    one: Credential, award: Award, holder: Holder | None, of: _Trusted, *, is_revoked: bool
) -> Iterator[str]:
    if any(key.compromised_at is not None for key in (one.key, one.jwt_key)):
        yield "A key that signed it is compromised; the sweep signs it again."
        return
    document = _read(one.document)
    if document is None:
        yield "Its document is stored damaged, or missing."
        return
    yield from _proof(document, of)
    yield from _content(document, one, award, holder, of)
    yield from _jwt(document, one, of)
    has_ended = award.state in (awards.State.SUSPENDED, awards.State.REVOKED)
    if has_ended and not is_revoked:
        yield f"The award is {award.state}, and its place in the status list says nothing of it."


def _content(
    document: dict[str, Any], one: Credential, award: Award, holder: Holder | None, of: _Trusted
) -> Iterator[str]:
    issuer = of.issuer
    expected = {
        "id": addresses.award_url(issuer.base_url, award.uuid),
        "validFrom": one.valid_from,
        "validUntil": one.valid_until,
    }
    for name, value in expected.items():
        said = document.get(name)
        if isinstance(value, datetime) and isinstance(said, str):
            said, value = _instant(said), value.replace(microsecond=0)
        if said != value:
            yield f"`{name}` is {document.get(name)}, and not {value}."
    if one.valid_until != award.expires_at:
        yield f"The award ends {award.expires_at}, and the credential {one.valid_until}."
    subject = document.get("credentialSubject")
    subject = subject if isinstance(subject, dict) else {}
    if holder is None or subject.get("id") != f"urn:uuid:{holder.subject}":
        yield "It is not about the learner who holds the award."
    achievement = subject.get("achievement")
    page = addresses.microcredential_url(issuer.base_url, award.microcredential.uuid)
    if not isinstance(achievement, dict) or achievement.get("id") != page:
        yield f"It is not of {page}."
    yield from _status(document.get("credentialStatus"), one, issuer)


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(microsecond=0)
    except ValueError:
        return None


def _status(status: Any, one: Credential, issuer: Issuer) -> Iterator[str]:
    found = status[0] if isinstance(status, list) and status else status
    if not isinstance(found, dict):
        yield "It has no place in a status list."
        return
    place = (found.get("statusListCredential"), str(found.get("statusListIndex")))
    if place != (list_url(issuer, one.entry.status_list.number), str(one.entry.index)):
        yield f"Its place in the status list is {place[1]} of {place[0]}."


def _jwt(document: dict[str, Any], one: Credential, of: _Trusted) -> Iterator[str]:
    try:
        url = header_of(one.jwt).get("kid", "")
        key = of.urls.get(url)
        if key is None:
            yield f"Its JWT is signed with {url}, which is not to be relied on."
            return
        payload = verify_jwt(one.jwt, key)
    except InvalidProof as error:
        yield f"Its JWT does not hold: {error}"
        return
    differing: Iterable[str] = (
        name for name in document if name != "proof" and payload.get(name) != document[name]
    )
    if names := ", ".join(differing):
        yield f"Its JWT says something else: {names}."
