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
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from microcred_plugin.credentials import keys, status_list
from microcred_plugin.credentials.asserting import find_key, key_in, place_of
from microcred_plugin.credentials.canonical import canonical_isolated
from microcred_plugin.credentials.errors import (
    InvalidProof,
    NotAStatusList,
    NotCanonical,
)
from microcred_plugin.credentials.fetching import BoundedWeb, NotReached, Web
from microcred_plugin.credentials.presented import (
    LARGEST_BYTES,
    NotReadable,
    Presented,
    read_presented,
)
from microcred_plugin.credentials.reports import Check, Report, Seen, Stop, Verdict
from microcred_plugin.credentials.signing import (
    header_of,
    is_date_time,
    proof_of,
    verify_document,
    verify_jwt,
)
from microcred_plugin.credentials.stated import (
    can_be_compared,
    instant,
    is_about,
    issuer_id_of,
    several,
    speaks_elsewhere,
    told_by,
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
_ACHIEVEMENT_TYPES = frozenset({"OpenBadgeCredential", "AchievementCredential"})


def verify(presented: Presented, *, web: Web, now: datetime, email: str = "") -> Report:
    """
    Check a credential. `email` is an address that it may be about, checked if it is given.

    Raises nothing for whatever was presented.
    """
    return _Verifying(presented, BoundedWeb(web, most=MOST_FETCHED), now, email).report()


# --- checking ------------------------------------------------------------------------------------


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
            except Stop as stop:
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
        types = {one for one in several(document.get("type")) if isinstance(one, str)}
        contexts = several(document.get("@context"))
        if (
            "VerifiableCredential" not in types
            or not _ACHIEVEMENT_TYPES & types
            or contexts[:1] != [CREDENTIALS_V2]
        ):
            raise Stop(
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
            raise Stop(
                Seen.BAD,
                _("It lacks what a credential has: {names}.").format(names=", ".join(missing)),
            )
        subject = document["credentialSubject"]
        achievement = subject.get("achievement") if isinstance(subject, dict) else None
        if not isinstance(achievement, dict) or not isinstance(achievement.get("name"), str):
            raise Stop(Seen.BAD, _("It does not say what was achieved."))
        if not (subject.get("id") or subject.get("identifier")):
            raise Stop(Seen.BAD, _("It does not say who achieved it."))
        if not self._issuer_id():
            raise Stop(Seen.BAD, _("It does not say who issued it."))
        for name in ("validFrom", "validUntil"):
            if document.get(name) is not None and not is_date_time(document[name]):
                raise Stop(
                    Seen.BAD, _("“{name}” is no instant with a time zone.").format(name=name)
                )
        if not self._token and speaks_elsewhere(document):
            raise Stop(
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
            raise Stop(
                Seen.BAD,
                _("It says it is by {issuer}, but the key is somebody else's.").format(
                    issuer=did[:300]
                ),
                method_id,
            )
        if did.startswith("did:key:") and not self._token:
            # Its signature says that nobody has changed it; of whom it is, nothing.
            self._key = key_in(did)
            raise Stop(
                Seen.UNKNOWN,
                _(
                    "The issuer is known by nothing but a key, which anybody can make. Whose it "
                    "is can't be told: {issuer}"
                ).format(issuer=did[:300]),
            )
        self._key = find_key(
            did, method_id, web=self._web, now=self._now, is_token=bool(self._token)
        )
        return _("{place} names the key that signed it as one of the issuer's own.").format(
            place=place_of(did)
        )

    def _method_id(self) -> str:
        try:
            if self._token:
                return str(header_of(self._token, most_characters=LARGEST_BYTES).get("kid", ""))
            return str(proof_of(self._document)["verificationMethod"])
        except InvalidProof as error:
            if not self._document.get("proof") and not self._token:
                raise Stop(Seen.BAD, _("It is not signed.")) from error
            seen = Seen.UNKNOWN if self._has_other_proof() else Seen.BAD
            raise Stop(seen, _("It has no proof that can be checked here."), error) from error

    def _has_other_proof(self) -> bool:
        """Whether there is a proof of a kind that is not known here, which may hold."""
        known = ("DataIntegrityProof", "eddsa-rdfc-2022", "assertionMethod")
        return any(
            isinstance(proof, dict)
            and (proof.get("type"), proof.get("cryptosuite"), proof.get("proofPurpose")) != known
            and proof.get("proofPurpose") == "assertionMethod"
            for proof in several(self._document.get("proof"))
        )

    # --- whether it is what was signed ---

    def _signature(self) -> str:
        key = self._key
        if key is None:
            raise Stop(Seen.UNKNOWN, _("Without the issuer's key the signature can't be checked."))
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
            raise Stop(Seen.BAD, _("It is not what the issuer signed."), error) from error
        except NotCanonical as error:
            raise Stop(
                Seen.UNKNOWN,
                _("There is something in it that is not known here, or it is too much."),
                error,
            ) from error
        return _("It is what was signed, unchanged.")

    def _check_proof_dates(self, proof: Mapping[str, Any]) -> None:
        expires = instant(proof.get("expires"))
        if expires is not None and expires <= self._now:
            raise Stop(Seen.BAD, _("The signature has run out."))

    # --- whether it still holds ---

    def _dates(self) -> str:
        begins, ends = (instant(self._document.get(name)) for name in ("validFrom", "validUntil"))
        if begins is not None and begins > self._now + _SKEW:
            self._states.add(Verdict.NOT_YET)
            raise Stop(
                Seen.BAD,
                _("It is valid from {day} on, not before.").format(day=date_format(begins)),
            )
        if ends is not None and ends <= self._now:
            self._states.add(Verdict.EXPIRED)
            raise Stop(Seen.BAD, _("It was valid until {day}.").format(day=date_format(ends)))
        if ends is None:
            return _("It is valid without an end.")
        return _("It is valid until {day}.").format(day=date_format(ends))

    def _status(self) -> str:
        """Bitstring Status List v1.0, section 3.2, "Validate Algorithm"."""
        if self._doubted & {"structure", "issuer", "signature"}:
            raise Stop(
                Seen.UNKNOWN,
                _("Where its status stands can't be relied on, so nobody was asked for it."),
            )
        entries = several(self._document.get("credentialStatus"))
        if not entries:
            return _("Its issuer does not revoke such credentials.")
        # A status that is set counts, whatever else could not be looked at.
        stops = []
        for entry in entries[:_MOST_ENTRIES]:
            try:
                self._check_entry(entry)
            except Stop as stop:
                stops.append(stop)
        if Verdict.REVOKED not in self._states and len(entries) > _MOST_ENTRIES:
            stops.append(Stop(Seen.UNKNOWN, _("Its status is kept in more places than one asks.")))
        if stops:
            raise next((stop for stop in stops if stop.seen is Seen.BAD), stops[0])
        return _("It has not been revoked.")

    def _check_entry(self, entry: Any) -> None:
        if (
            not isinstance(entry, dict)
            or several(entry.get("type")) != ["BitstringStatusListEntry"]
            or entry.get("statusPurpose") not in ("revocation", "suspension")
            or str(entry.get("statusSize", 1)) != "1"
        ):
            raise Stop(Seen.UNKNOWN, _("Its status is kept in a way that is not known here."))
        url, index = entry.get("statusListCredential"), str(entry.get("statusListIndex", ""))
        if not isinstance(url, str) or not _INDEX.fullmatch(index):
            raise Stop(Seen.BAD, _("It does not say where its status stands."))
        purpose: str = entry["statusPurpose"]
        bits = self._status_bits(url, purpose)
        try:
            is_set = status_list.is_set(bits, int(index))
        except NotAStatusList as error:
            raise Stop(Seen.BAD, _("Its place is not in the status list.")) from error
        if is_set:
            self._states.add(Verdict.REVOKED)
            raise Stop(
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
            raise Stop(
                Seen.UNKNOWN, _("Its status can't be had: {reason}").format(reason=error)
            ) from error
        document = presented.document
        subject = document.get("credentialSubject")
        listed = _Verifying(presented, self._web, self._now, "")
        if (
            document.get("id") != url
            or listed._issuer_id() != self._issuer_id()
            or "BitstringStatusListCredential" not in several(document.get("type"))
            or not isinstance(subject, dict)
            or purpose not in several(subject.get("statusPurpose"))
        ):
            raise Stop(
                Seen.UNKNOWN, _("What stands where its status should be is another list."), url
            )
        try:
            listed._issuer()
            listed._signature()
            listed._dates()
            bits = status_list.decode(str(subject.get("encodedList", "")))
        except Stop as stop:
            raise Stop(
                Seen.UNKNOWN,
                _("The list of what was revoked can't be relied on: {reason}").format(
                    reason=stop.said
                ),
                stop.detail,
            ) from stop
        except NotAStatusList as error:
            raise Stop(
                Seen.UNKNOWN, _("The list of what was revoked is damaged."), error
            ) from error
        if len(bits) * 8 < status_list.SIZE:
            raise Stop(Seen.UNKNOWN, _("The list of what was revoked is shorter than it may be."))
        return bits

    # --- whom it is about ---

    def _recipient(self) -> str:
        """Open Badges 3.0, "IdentityObject": the hash of the address with its salt."""
        subject = self._document.get("credentialSubject")
        named = several(subject.get("identifier")) if isinstance(subject, dict) else []
        found = [
            one
            for one in named
            if isinstance(one, dict) and one.get("identityType") == "emailAddress"
        ]
        if any(is_about(one, self._email) for one in found):
            return _("It is about {email}.").format(email=self._email)
        if not found or not all(can_be_compared(one) for one in found):
            raise Stop(Seen.UNKNOWN, _("It names no e-mail address that could be compared."))
        raise Stop(Seen.BAD, _("It is not about {email}.").format(email=self._email))
