"""
Whether a credential holds: ours, and others' as far as that can be said here.

Every check says what it saw. What can't be checked is never called invalid: a term that is not in
the table, a host that may not be asked, a kind of proof that is not known, a key that nobody here
knows the owner of. What somebody brings is bounded in size, depth and time, and canonicalised in a
process of its own. Its issuer's keys are looked up first; what else it names is fetched once its
signature is found good, and all of that is only a few things.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from hmac import compare_digest
from typing import Any
from urllib.parse import unquote

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
from microcred_plugin.credentials.fetching import BoundedWeb, NotReached, Web
from microcred_plugin.credentials.open_badges import identity_hash
from microcred_plugin.credentials.presented import (
    LARGEST_BYTES,
    NotReadable,
    Presented,
    read_presented,
)
from microcred_plugin.credentials.signing import (
    header_of,
    is_date_time,
    proof_of,
    verify_document,
    verify_jwt,
)
from microcred_plugin.credentials.terms import CREDENTIALS_V2

# One for the issuer's keys, and two for status lists.
MOST_FETCHED = 3
_MOST_ENTRIES = 4
# Of processor time. A credential of the largest size that is taken needs less than one.
_SECONDS = 2

# Clocks differ: what was signed just now elsewhere is not called too early here.
_SKEW = timedelta(minutes=1)
_INDEX = re.compile(r"[0-9]{1,12}", re.ASCII)
# Control characters, and those that turn the direction of writing.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")
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
    """
    One check: what was asked ("structure", "issuer", …), what was seen, and a sentence on it.

    `detail` is for those who build such things: what exactly was wrong, in English.
    """

    of: str
    seen: Seen
    said: str
    detail: str = ""


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
    return _Verifying(presented, BoundedWeb(web, most=MOST_FETCHED), now, email).report()


# --- checking ------------------------------------------------------------------------------------


class _Stop(Exception):
    """A check that the rest depends on did not come out well."""

    def __init__(self, seen: Seen, said: str, detail: object = "") -> None:
        super().__init__(said)
        self.seen, self.said, self.detail = seen, said, str(detail)[:500]


class _Verifying:
    """One credential, and what has been seen of it so far."""

    def __init__(self, presented: Presented, web: Web, now: datetime, email: str) -> None:
        self._document = presented.document
        self._token = presented.token
        self._web = web
        self._now = now
        # Half of a surrogate pair is no text that could be hashed.
        self._email = email.strip().encode(errors="replace").decode()
        self._states: set[Verdict] = set()
        self._doubted: set[str] = set()  # checks that did not come out well
        self._key: keys.PublicKey | None = None

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
                self._doubted.add(name)
                yield Check(name, stop.seen, stop.said, stop.detail)
                # Without a structure there is nothing that the rest could look at.
                if name == "structure" and (stop.seen is Seen.BAD or not self._is_signed()):
                    return

    def _is_signed(self) -> bool:
        return bool(self._token or self._document.get("proof"))

    def _verdict(self, checks: list[Check]) -> Verdict:
        seen = {check.of: check.seen for check in checks}
        who_and_what = [seen.get(name) for name in ("structure", "issuer", "signature")]
        if Seen.BAD in who_and_what:
            return Verdict.INVALID
        if who_and_what != [Seen.GOOD] * 3:
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
        types = {one for one in _several(document.get("type")) if isinstance(one, str)}
        contexts = _several(document.get("@context"))
        if (
            "VerifiableCredential" not in types
            or not _ACHIEVEMENT_TYPES & types
            or contexts[:1] != [CREDENTIALS_V2]
        ):
            raise _Stop(
                Seen.UNKNOWN,
                _(
                    "It is no Open Badge 3.0 in its final form, and others can't be checked here: "
                    "older badges least of all."
                ),
            )
        missing = [
            name for name in ("issuer", "validFrom", "credentialSubject") if not document.get(name)
        ]
        if missing:
            raise _Stop(
                Seen.BAD,
                _("It lacks what a credential has: {names}.").format(names=", ".join(missing)),
            )
        subject = document["credentialSubject"]
        achievement = subject.get("achievement") if isinstance(subject, dict) else None
        if not isinstance(achievement, dict) or not isinstance(achievement.get("name"), str):
            raise _Stop(Seen.BAD, _("It does not say what was achieved."))
        if not (subject.get("id") or subject.get("identifier")):
            raise _Stop(Seen.BAD, _("It does not say who achieved it."))
        if not self._issuer_id():
            raise _Stop(Seen.BAD, _("It does not say who issued it."))
        for name in ("validFrom", "validUntil"):
            if document.get(name) is not None and not is_date_time(document[name]):
                raise _Stop(
                    Seen.BAD, _("“{name}” is no instant with a time zone.").format(name=name)
                )
        if not self._token and _speaks_elsewhere(document):
            raise _Stop(
                Seen.UNKNOWN,
                _("It speaks of itself in more than one place, so that one could be overlooked."),
            )
        return _("It has all that an Open Badge 3.0 has.")

    def _issuer_id(self) -> str:
        return issuer_id_of(self._document)

    # --- who signed it ---

    def _issuer(self) -> str:
        """The key is one that the issuer itself names, for just this."""
        did, method_id = self._issuer_id(), self._method_id()
        if did.startswith("did:") and method_id.partition("#")[0] != did and not self._token:
            raise _Stop(
                Seen.BAD,
                _("It says it is by {issuer}, but the key is somebody else's.").format(
                    issuer=did[:300]
                ),
                method_id,
            )
        if did.startswith("did:key:") and not self._token:
            # Its signature says that nobody has changed it; of whom it is, nothing.
            self._key = _key_in(did)
            raise _Stop(
                Seen.UNKNOWN,
                _(
                    "The issuer is known by nothing but a key, which anybody can make. Whose it "
                    "is can't be told: {issuer}"
                ).format(issuer=did[:300]),
            )
        self._key = self._find_key(did, method_id)
        return _("{place} names the key that signed it as one of the issuer's own.").format(
            place=_place_of(did)
        )

    def _method_id(self) -> str:
        try:
            if self._token:
                return str(header_of(self._token, most_characters=LARGEST_BYTES).get("kid", ""))
            return str(proof_of(self._document)["verificationMethod"])
        except InvalidProof as error:
            if not self._document.get("proof") and not self._token:
                raise _Stop(Seen.BAD, _("It is not signed.")) from error
            seen = Seen.UNKNOWN if self._has_other_proof() else Seen.BAD
            raise _Stop(seen, _("It has no proof that can be checked here."), error) from error

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
        try:
            document = self._web.did_document(did)
        except NotReached as error:
            raise _Stop(
                Seen.UNKNOWN, _("The issuer's keys can't be had: {reason}").format(reason=error)
            ) from error
        asserting = {
            _absolute(_id_of(method), did) for method in _several(document.get("assertionMethod"))
        }
        for method in _methods(document):
            if self._is_meant(method, method_id, did):
                if (
                    _absolute(_id_of(method), did) not in asserting
                    or _id_of(method.get("controller")) != did
                    or _is_over(method, self._now)
                ):
                    raise _Stop(Seen.BAD, _("The issuer does not let this key sign credentials."))
                return _key_of(method)
        raise _Stop(
            Seen.BAD,
            _("The issuer has no such key, or does not rely on it any more."),
            method_id,
        )

    def _is_meant(self, method: Mapping[str, Any], method_id: str, did: str) -> bool:
        """A JWT names its key by an address; the end of it is the key's name in the JWK."""
        if method_id and _absolute(_id_of(method), did) == method_id:
            return True
        jwk = method.get("publicKeyJwk")
        if not self._token or not isinstance(jwk, dict) or not jwk.get("kid"):
            return False
        return bool(method_id.rpartition("/")[2] == jwk["kid"])

    # --- whether it is what was signed ---

    def _signature(self) -> str:
        key = self._key
        if key is None:
            raise _Stop(Seen.UNKNOWN, _("Without the issuer's key the signature can't be checked."))
        try:
            if self._token:
                if isinstance(key, Ed25519PublicKey):
                    raise InvalidProof("The key is of another kind.")
                verify_jwt(self._token, key, most_characters=LARGEST_BYTES)
            else:
                if not isinstance(key, Ed25519PublicKey):
                    raise InvalidProof("The key is of another kind.")
                proof = verify_document(
                    self._document, key, canonicalise=partial(canonical_isolated, seconds=_SECONDS)
                )
                self._check_proof_dates(proof)
        except InvalidProof as error:
            raise _Stop(Seen.BAD, _("It is not what the issuer signed."), error) from error
        except NotCanonical as error:
            raise _Stop(
                Seen.UNKNOWN,
                _("There is something in it that is not known here, or it is too much."),
                error,
            ) from error
        return _("It is what was signed, unchanged.")

    def _check_proof_dates(self, proof: Mapping[str, Any]) -> None:
        expires = _instant(proof.get("expires"))
        if expires is not None and expires <= self._now:
            raise _Stop(Seen.BAD, _("The signature has run out."))

    # --- whether it still holds ---

    def _dates(self) -> str:
        begins, ends = (_instant(self._document.get(name)) for name in ("validFrom", "validUntil"))
        if begins is not None and begins > self._now + _SKEW:
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
        if self._doubted & {"structure", "issuer", "signature"}:
            raise _Stop(
                Seen.UNKNOWN,
                _("Where its status stands can't be relied on, so nobody was asked for it."),
            )
        entries = _several(self._document.get("credentialStatus"))
        if not entries:
            return _("Its issuer does not revoke such credentials.")
        # A status that is set counts, whatever else could not be looked at.
        stops = []
        for entry in entries[:_MOST_ENTRIES]:
            try:
                self._check_entry(entry)
            except _Stop as stop:
                stops.append(stop)
        if Verdict.REVOKED not in self._states and len(entries) > _MOST_ENTRIES:
            stops.append(_Stop(Seen.UNKNOWN, _("Its status is kept in more places than one asks.")))
        if stops:
            raise next((stop for stop in stops if stop.seen is Seen.BAD), stops[0])
        return _("It has not been revoked.")

    def _check_entry(self, entry: Any) -> None:
        if (
            not isinstance(entry, dict)
            or _several(entry.get("type")) != ["BitstringStatusListEntry"]
            or entry.get("statusPurpose") not in ("revocation", "suspension")
            or str(entry.get("statusSize", 1)) != "1"
        ):
            raise _Stop(Seen.UNKNOWN, _("Its status is kept in a way that is not known here."))
        url, index = entry.get("statusListCredential"), str(entry.get("statusListIndex", ""))
        if not isinstance(url, str) or not _INDEX.fullmatch(index):
            raise _Stop(Seen.BAD, _("It does not say where its status stands."))
        purpose: str = entry["statusPurpose"]
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
        """
        The list, once its own signature is found good.

        A list that can't be relied on says nothing about the credential, so it is never a reason to
        call that invalid.
        """
        try:
            presented = read_presented(self._web.get(url))
        except (NotReached, NotReadable) as error:
            raise _Stop(
                Seen.UNKNOWN, _("Its status can't be had: {reason}").format(reason=error)
            ) from error
        document = presented.document
        subject = document.get("credentialSubject")
        listed = _Verifying(presented, self._web, self._now, "")
        if (
            document.get("id") != url
            or listed._issuer_id() != self._issuer_id()
            or "BitstringStatusListCredential" not in _several(document.get("type"))
            or not isinstance(subject, dict)
            or purpose not in _several(subject.get("statusPurpose"))
        ):
            raise _Stop(
                Seen.UNKNOWN, _("What stands where its status should be is another list."), url
            )
        try:
            listed._issuer()
            listed._signature()
            listed._dates()
            bits = status_list.decode(str(subject.get("encodedList", "")))
        except _Stop as stop:
            raise _Stop(
                Seen.UNKNOWN,
                _("The list of what was revoked can't be relied on: {reason}").format(
                    reason=stop.said
                ),
                stop.detail,
            ) from stop
        except NotAStatusList as error:
            raise _Stop(
                Seen.UNKNOWN, _("The list of what was revoked is damaged."), error
            ) from error
        if len(bits) * 8 < status_list.SIZE:
            raise _Stop(Seen.UNKNOWN, _("The list of what was revoked is shorter than it may be."))
        return bits

    # --- whom it is about ---

    def _recipient(self) -> str:
        """Open Badges 3.0, "IdentityObject": the hash of the address with its salt."""
        subject = self._document.get("credentialSubject")
        named = _several(subject.get("identifier")) if isinstance(subject, dict) else []
        found = [
            one
            for one in named
            if isinstance(one, dict) and one.get("identityType") == "emailAddress"
        ]
        if any(_is_about(one, self._email) for one in found):
            return _("It is about {email}.").format(email=self._email)
        if not found or not all(_can_be_compared(one) for one in found):
            raise _Stop(Seen.UNKNOWN, _("It names no e-mail address that could be compared."))
        raise _Stop(Seen.BAD, _("It is not about {email}.").format(email=self._email))


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


def issuer_id_of(document: Mapping[str, Any]) -> str:
    """Who issued it, as the document says."""
    return _id_of(document.get("issuer"))


def begin_of(document: Mapping[str, Any]) -> datetime | None:
    """From when on it is valid, as the document says."""
    return _instant(document.get("validFrom"))


def _can_be_compared(identity: Mapping[str, Any]) -> bool:
    stated = identity.get("identityHash")
    return isinstance(stated, str) and (
        not _is_hashed(identity) or stated.lower().startswith("sha256$")
    )


def _is_about(identity: Mapping[str, Any], address: str) -> bool:
    """Whether it is this address: as it was given, and in small letters, as issuers hash it."""
    stated = str(identity.get("identityHash", ""))
    if not _is_hashed(identity):
        return _is_same(stated.casefold(), address.casefold())
    salt = str(identity.get("salt", ""))
    return any(
        _is_same(stated.lower(), identity_hash(one, salt))
        for one in {address, address.lower(), address.casefold()}
    )


def _is_hashed(identity: Mapping[str, Any]) -> bool:
    # In RDF, and so for the signature, `true` is the same as "true".
    return identity.get("hashed") in (True, "true", "1")


def _is_same(one: str, other: str) -> bool:
    return compare_digest(one.encode(), other.encode())


def _speaks_elsewhere(document: Mapping[str, Any]) -> bool:
    """
    Whether what the credential says of itself also stands further inside.

    To RDF, objects with the same id are one, wherever they stand. So somebody could move what
    limits a credential, an end or a status, to where nobody looks, and keep the signature.
    """
    name = document.get("id")
    if not isinstance(name, str):
        return False
    left: list[Any] = [value for key, value in document.items() if key != "proof"]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            if one.get("id") == name and len(one) > 1:
                return True
            left.extend(one.values())
        elif isinstance(one, list):
            left.extend(one)
    return False


def _place_of(did: str) -> str:
    """Where an issuer is known, for people: the host of a did:web, which is what one can trust."""
    method, _colon, rest = did.removeprefix("did:").partition(":")
    return unquote(rest.partition(":")[0])[:300] if method == "web" else did[:300]


def _absolute(name: str, did: str) -> str:
    """A DID URL, which in its own document may be written as no more than its end."""
    return f"{did}{name}" if name.startswith("#") else name


def _methods(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Verification methods, also those that stand where they are used."""
    listed = [
        *_several(document.get("verificationMethod")), *_several(document.get("assertionMethod")),
    ]  # fmt: skip
    return [method for method in listed if isinstance(method, dict)]


def _is_over(method: Mapping[str, Any], now: datetime) -> bool:
    """Whether the key is not to be used any more (Controlled Identifiers v1.0, section 2.2)."""
    for name in ("expires", "revoked"):
        if method.get(name) is not None:
            at = _instant(method[name])
            if at is None or at <= now:
                return True
    return False


def _key_in(did: str) -> keys.PublicKey:
    try:
        return keys.from_multikey(did.removeprefix("did:key:"))
    except ValueError as error:
        raise _Stop(
            Seen.UNKNOWN, _("The issuer's key is of a kind that is not known here.")
        ) from error


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
    """A text for people, without what would turn the direction of what stands around it."""
    return " ".join(_UNSEEN.sub(" ", value[:300]).split()) if isinstance(value, str) else ""


def _instant(value: Any) -> datetime | None:
    """An instant with a zone; None for whatever is none."""
    return datetime.fromisoformat(value) if is_date_time(value) else None
