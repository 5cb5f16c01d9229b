"""
Whether a credential holds: ours, and others' as far as that can be said here.

Every check says what it saw. What can't be checked is never called invalid: a term that is not in
the table, a host that may not be asked, a kind of proof that is not known. What somebody brings is
bounded in size, depth and time, and canonicalised in a process of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from hmac import compare_digest
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from microcred_plugin.credentials import keys, status_list
from microcred_plugin.credentials.canonical import canonical_isolated
from microcred_plugin.credentials.errors import (
    InvalidProof,
    NotAStatusList,
    NotCanonical,
)
from microcred_plugin.credentials.fetching import NotReached, Web
from microcred_plugin.credentials.open_badges import identity_hash
from microcred_plugin.credentials.presented import (
    LARGEST_BYTES,
    NotReadable,
    Presented,
    read_presented,
)
from microcred_plugin.credentials.signing import (
    header_of,
    proof_of,
    verify_document,
    verify_jwt,
)

_ACHIEVEMENT_TYPES = frozenset({"OpenBadgeCredential", "AchievementCredential"})


class Seen(Enum):
    """What a check saw."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"  # it could not be checked here


class Verdict(Enum):
    """What all of it comes to."""

    VALID = "valid"
    REVOKED = "revoked"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    OTHER_PERSON = "other_person"  # it holds, and is not about whom it was said to be about
    INVALID = "invalid"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what was asked ("structure", "issuer", …), what was seen, and a sentence on it."""

    of: str
    seen: Seen
    said: str


@dataclass(frozen=True, slots=True)
class Told:
    """What the document itself says, for whoever reads it. None of it is checked by being here."""

    name: str
    issuer_id: str
    issuer_name: str
    achievement: str
    achievement_url: str
    valid_from: str
    valid_until: str


@dataclass(frozen=True, slots=True)
class Report:
    """What came of it; `told` is None where nothing could be read."""

    verdict: Verdict
    checks: tuple[Check, ...]
    told: Told | None = None


def verify(presented: Presented, *, web: Web, now: datetime, email: str = "") -> Report:
    """
    Check a credential. `email` is an address that it may be about, checked if it is given.

    Raises nothing for whatever was presented.
    """
    return _Verifying(presented, web, now, email).report()


# --- checking ------------------------------------------------------------------------------------


class _Stop(Exception):
    """A check that the rest depends on did not come out well."""

    def __init__(self, seen: Seen, said: str) -> None:
        self.seen, self.said = seen, said


class _Verifying:
    """One credential, and what has been seen of it so far."""

    def __init__(self, presented: Presented, web: Web, now: datetime, email: str) -> None:
        self._document = presented.document
        self._token = presented.token
        self._web = web
        self._now = now
        self._email = email.strip()
        self._states: set[Verdict] = set()

    def report(self) -> Report:
        checks = list(self._checks())
        return Report(self._verdict(checks), tuple(checks), told_by(self._document))

    def _checks(self) -> Iterator[Check]:
        steps: list[tuple[str, Callable[[], str]]] = [
            ("structure", self._structure),
            ("issuer", self._issuer),
            ("signature", self._signature),
            ("dates", self._dates),
            ("status", self._status),
        ]
        if self._email:
            steps.append(("recipient", self._recipient))
        for name, step in steps:
            try:
                yield Check(name, Seen.GOOD, step())
            except _Stop as stop:
                yield Check(name, stop.seen, stop.said)
                # Without a structure there is nothing that the rest could look at.
                if name == "structure" and stop.seen is Seen.BAD:
                    return

    def _verdict(self, checks: list[Check]) -> Verdict:
        seen = {check.of: check.seen for check in checks}
        if Seen.BAD in (seen.get("structure"), seen.get("issuer"), seen.get("signature")):
            return Verdict.INVALID
        if Seen.UNKNOWN in (seen.get("issuer"), seen.get("signature")):
            return Verdict.UNCHECKED
        for state in (Verdict.REVOKED, Verdict.EXPIRED, Verdict.NOT_YET):
            if state in self._states:
                return state
        if seen.get("recipient") is Seen.BAD:
            return Verdict.OTHER_PERSON
        if Seen.BAD in seen.values():
            return Verdict.INVALID
        return Verdict.UNCHECKED if Seen.UNKNOWN in seen.values() else Verdict.VALID

    # --- what it is ---

    def _structure(self) -> str:
        """VC Data Model 2.0, section 4; Open Badges 3.0, "AchievementCredential"."""
        document = self._document
        missing = [
            name
            for name in ("@context", "type", "issuer", "validFrom", "credentialSubject")
            if not document.get(name)
        ]
        if missing:
            raise _Stop(
                Seen.BAD,
                _("It lacks what a credential has: {names}.").format(names=", ".join(missing)),
            )
        types = _several(document["type"])
        if "VerifiableCredential" not in types or not _ACHIEVEMENT_TYPES.intersection(
            one for one in types if isinstance(one, str)
        ):
            raise _Stop(Seen.BAD, _("It is no Open Badge 3.0."))
        subject = document["credentialSubject"]
        achievement = subject.get("achievement") if isinstance(subject, dict) else None
        if not isinstance(achievement, dict) or not isinstance(achievement.get("name"), str):
            raise _Stop(Seen.BAD, _("It does not say what was achieved."))
        if not (subject.get("id") or subject.get("identifier")):
            raise _Stop(Seen.BAD, _("It does not say who achieved it."))
        if not self._issuer_id():
            raise _Stop(Seen.BAD, _("It does not say who issued it."))
        for name in ("validFrom", "validUntil"):
            if document.get(name) is not None and _instant(document[name]) is None:
                raise _Stop(
                    Seen.BAD, _("“{name}” is no instant with a time zone.").format(name=name)
                )
        return _("It has all that an Open Badge 3.0 has.")

    def _issuer_id(self) -> str:
        return _id_of(self._document.get("issuer"))

    # --- who signed it ---

    def _issuer(self) -> str:
        """The key is one that the issuer itself names, for just this."""
        did, method_id = self._issuer_id(), self._method_id()
        if did.startswith("did:") and method_id.partition("#")[0] != did and not self._token:
            raise _Stop(
                Seen.BAD,
                _("It says it is by {issuer}, but the key is somebody else's.").format(issuer=did),
            )
        self._key = self._find_key(did, method_id)
        return _("{issuer} names the key that signed it.").format(issuer=did)

    def _method_id(self) -> str:
        try:
            if self._token:
                return str(header_of(self._token).get("kid", ""))
            return str(proof_of(self._document)["verificationMethod"])
        except InvalidProof as error:
            seen = Seen.UNKNOWN if self._has_other_proof() else Seen.BAD
            raise _Stop(
                seen, _("No proof that can be checked here: {reason}").format(reason=error)
            ) from error

    def _has_other_proof(self) -> bool:
        """Whether there is a proof of a kind that is not known here, which may hold."""
        known = ("DataIntegrityProof", "eddsa-rdfc-2022", "assertionMethod")
        return any(
            isinstance(proof, dict)
            and (proof.get("type"), proof.get("cryptosuite"), proof.get("proofPurpose")) != known
            and proof.get("proofPurpose") == "assertionMethod"
            for proof in _several(self._document.get("proof"))
        )

    def _find_key(self, did: str, method_id: str) -> keys.PublicKey:
        """The key, from the issuer's own DID document: never from what was brought along."""
        if not did.startswith("did:"):
            raise _Stop(
                Seen.UNKNOWN,
                _(
                    "The issuer is no DID, so that its keys can't be looked up here: {issuer}"
                ).format(issuer=did[:200]),
            )
        if did.startswith("did:key:") and not self._token:
            return self._key_in_did(did)
        try:
            document = self._web.did_document(did)
        except NotReached as error:
            raise _Stop(
                Seen.UNKNOWN, _("The issuer's keys can't be had: {reason}").format(reason=error)
            ) from error
        asserting = {
            _id_of(method) if isinstance(method, dict) else method
            for method in _several(document.get("assertionMethod"))
            if isinstance(method, (dict, str))
        }
        for method in _methods(document):
            if self._is_meant(method, method_id):
                if method.get("id") not in asserting or _id_of(method.get("controller")) != did:
                    raise _Stop(Seen.BAD, _("The issuer does not let this key sign credentials."))
                return _key_of(method)
        raise _Stop(
            Seen.BAD,
            _("The issuer has no such key, or does not rely on it any more: {key}").format(
                key=method_id[:300]
            ),
        )

    def _is_meant(self, method: Mapping[str, Any], method_id: str) -> bool:
        """A JWT names its key by an address; the end of it is the key's name in the JWK."""
        if method.get("id") == method_id:
            return True
        jwk = method.get("publicKeyJwk")
        if not self._token or not isinstance(jwk, dict) or not jwk.get("kid"):
            return False
        return bool(method_id.rpartition("/")[2] == jwk["kid"])

    def _key_in_did(self, did: str) -> keys.PublicKey:
        try:
            return keys.from_multikey(did.removeprefix("did:key:"))
        except ValueError as error:
            raise _Stop(
                Seen.UNKNOWN, _("The issuer's key is of a kind that is not known here.")
            ) from error

    # --- whether it is what was signed ---

    def _signature(self) -> str:
        key = getattr(self, "_key", None)
        if key is None:
            raise _Stop(Seen.UNKNOWN, _("Without the issuer's key the signature can't be checked."))
        try:
            if self._token:
                if isinstance(key, Ed25519PublicKey):
                    raise InvalidProof(_("The key is of another kind."))
                verify_jwt(self._token, key, most_characters=LARGEST_BYTES)
            else:
                if not isinstance(key, Ed25519PublicKey):
                    raise InvalidProof(_("The key is of another kind."))
                proof = verify_document(self._document, key, canonicalise=canonical_isolated)
                self._check_proof_dates(proof)
        except InvalidProof as error:
            raise _Stop(
                Seen.BAD, _("It is not what the issuer signed: {reason}").format(reason=error)
            ) from error
        except NotCanonical as error:
            raise _Stop(
                Seen.UNKNOWN, _("The proof can't be checked here: {reason}").format(reason=error)
            ) from error
        return _("It is what the issuer signed, unchanged.")

    def _check_proof_dates(self, proof: Mapping[str, Any]) -> None:
        expires = _instant(proof.get("expires"))
        if expires is not None and expires <= self._now:
            raise _Stop(Seen.BAD, _("The signature has run out."))

    # --- whether it still holds ---

    def _dates(self) -> str:
        begins, ends = (_instant(self._document.get(name)) for name in ("validFrom", "validUntil"))
        if begins is not None and begins > self._now:
            self._states.add(Verdict.NOT_YET)
            raise _Stop(
                Seen.BAD,
                _("It is valid from {day} on, not before.").format(day=date_format(begins)),
            )
        if ends is not None and ends <= self._now:
            self._states.add(Verdict.EXPIRED)
            raise _Stop(Seen.BAD, _("It was valid until {day}.").format(day=date_format(ends)))
        if ends is None:
            return _("It is valid without an end.")
        return _("It is valid until {day}.").format(day=date_format(ends))

    def _status(self) -> str:
        """Bitstring Status List v1.0, section 3.2, "Validate Algorithm"."""
        entries = _several(self._document.get("credentialStatus"))
        if not entries:
            return _("Its issuer does not revoke such credentials.")
        for entry in entries:
            self._check_entry(entry)
        return _("It has not been revoked.")

    def _check_entry(self, entry: Any) -> None:
        if not isinstance(entry, dict) or entry.get("type") != "BitstringStatusListEntry":
            raise _Stop(Seen.UNKNOWN, _("Its status is kept in a way that is not known here."))
        url, index = entry.get("statusListCredential"), str(entry.get("statusListIndex", ""))
        if (
            not isinstance(url, str)
            or not index.isascii()
            or not index.isdigit()
            or len(index) > 12
        ):
            raise _Stop(Seen.BAD, _("It does not say where its status stands."))
        purpose = entry.get("statusPurpose")
        if purpose not in ("revocation", "suspension"):
            raise _Stop(Seen.UNKNOWN, _("Its status is kept in a way that is not known here."))
        bits = self._status_bits(url, purpose)
        try:
            is_set = status_list.is_set(bits, int(index))
        except NotAStatusList as error:
            raise _Stop(Seen.BAD, _("Its place is not in the status list.")) from error
        if is_set:
            self._states.add(Verdict.REVOKED)
            raise _Stop(
                Seen.BAD,
                _("Its issuer has suspended it.")
                if purpose == "suspension"
                else _("Its issuer has revoked or suspended it."),
            )

    def _status_bits(self, url: str, purpose: str) -> bytes:
        """The list, once its own signature is found good."""
        try:
            content = self._web.get(url)
            presented = read_presented(content)
        except (NotReached, NotReadable) as error:
            raise _Stop(
                Seen.UNKNOWN, _("Its status can't be had: {reason}").format(reason=error)
            ) from error
        listed = _Verifying(presented, self._web, self._now, "")
        listed._issuer()
        listed._signature()
        document = presented.document
        subject = document.get("credentialSubject")
        if document.get("id") != url or listed._issuer_id() != self._issuer_id():
            raise _Stop(Seen.BAD, _("The status list is not this issuer's."))
        if not isinstance(subject, dict) or purpose not in _several(subject.get("statusPurpose")):
            raise _Stop(Seen.BAD, _("The status list is about something else."))
        try:
            listed._dates()
            bits = status_list.decode(str(subject.get("encodedList", "")))
        except NotAStatusList as error:
            raise _Stop(
                Seen.BAD, _("The status list is damaged: {reason}").format(reason=error)
            ) from error
        except _Stop as stop:
            raise _Stop(
                Seen.UNKNOWN, _("The status list is out of date: {said}").format(said=stop.said)
            ) from stop
        if len(bits) * 8 < status_list.SIZE:
            raise _Stop(Seen.BAD, _("The status list is shorter than it may be."))
        return bits

    # --- whom it is about ---

    def _recipient(self) -> str:
        """Open Badges 3.0, "IdentityObject": the hash of the address with its salt."""
        subject = self._document["credentialSubject"]
        given = self._email
        found = [one for one in _several(subject.get("identifier")) if isinstance(one, dict)]
        if not found:
            raise _Stop(Seen.UNKNOWN, _("It names no e-mail address that could be compared."))
        for one in found:
            if one.get("identityType") == "emailAddress":
                for address in {given, given.casefold()}:
                    if _is_same(one, address):
                        return _("It is about {email}.").format(email=given)
        raise _Stop(Seen.BAD, _("It is not about {email}.").format(email=given))


def told_by(document: Mapping[str, Any]) -> Told:
    """What a document says about itself, whatever it is."""
    issuer, subject = document.get("issuer"), document.get("credentialSubject")
    achievement = subject.get("achievement") if isinstance(subject, dict) else None
    inner: Mapping[str, Any] = achievement if isinstance(achievement, dict) else {}
    return Told(
        name=_text(document.get("name")),
        issuer_id=_id_of(issuer)[:300],
        issuer_name=_text(issuer.get("name")) if isinstance(issuer, dict) else "",
        achievement=_text(inner.get("name")),
        achievement_url=_text(inner.get("id")),
        valid_from=_text(document.get("validFrom")),
        valid_until=_text(document.get("validUntil")),
    )


def _is_same(identity: Mapping[str, Any], address: str) -> bool:
    stated = str(identity.get("identityHash", ""))
    if not identity.get("hashed"):
        return compare_digest(stated.encode(), address.encode())
    return compare_digest(
        stated.encode(), identity_hash(address, str(identity.get("salt", ""))).encode()
    )


def _methods(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Verification methods, also those that stand where they are used."""
    listed = [
        *_several(document.get("verificationMethod")), *_several(document.get("assertionMethod")),
    ]  # fmt: skip
    return [method for method in listed if isinstance(method, dict)]


def _key_of(method: Mapping[str, Any]) -> keys.PublicKey:
    try:
        if isinstance(method.get("publicKeyMultibase"), str):
            return keys.from_multikey(method["publicKeyMultibase"])
        if isinstance(method.get("publicKeyJwk"), dict):
            return keys.from_jwk(method["publicKeyJwk"])
    except ValueError:
        pass
    raise _Stop(Seen.UNKNOWN, _("The issuer's key is of a kind that is not known here."))


def _several(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _id_of(value: Any) -> str:
    found = value.get("id") if isinstance(value, dict) else value
    return found if isinstance(found, str) else ""


def _text(value: Any) -> str:
    return value[:300] if isinstance(value, str) else ""


def _instant(value: Any) -> datetime | None:
    """An instant with a zone; None for whatever is none."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return None
    return instant if instant.utcoffset() is not None else None
