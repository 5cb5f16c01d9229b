"""The verifier on an award's page: what was looked at just now, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from microcred_plugin.awards.api import Award, State
from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.api import Credential, Issuer
from microcred_plugin.public.status import Status, day

GOOD, BAD, OPEN = "good", "bad", "open"


@dataclass(frozen=True, slots=True)
class Check:
    """Something that was looked at. `mark` is "good", "bad" or "open"; `code` is for programs."""

    mark: str
    title: str
    text: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that was looked at. `mark` is the worst of theirs."""

    checks: tuple[Check, ...]

    @property
    def mark(self) -> str:
        marks = {check.mark for check in self.checks}
        return next((mark for mark in (BAD, OPEN) if mark in marks), GOOD)

    @property
    def sentence(self) -> str:
        return {
            GOOD: _("Everything that was checked just now is in order."),
            BAD: _("Do not rely on it: something is not in order."),
            OPEN: _("What could be checked just now is in order."),
        }[self.mark]


def verdict_on(
    award: Award,
    *,
    status: Status,
    signed: Credential | None,
    issuer: Issuer | None,
    url: str,
    now: datetime,
) -> Verdict:
    """
    What a reader may rely on. One query where something is signed, and nothing is signed for it.

    `url` is where the page is.
    """
    return Verdict(
        (
            _issuer(award, issuer, signed),
            _signature(signed),
            _revocation(status, signed),
            _dates(award, now),
            _place(issuer, url),
        )
    )


def _issuer(award: Award, issuer: Issuer | None, signed: Credential | None) -> Check:
    title = _("Issuer")
    if issuer is None or signed is None:
        name = issuer.name if issuer else award.microcredential.organization
        return Check(OPEN, title, _("{name}, according to this site.").format(name=name))
    return Check(
        GOOD,
        title,
        _("{name}, with the identifier and the key that stand here:").format(name=issuer.name),
        f"{credentials.did_of(issuer)}#{signed.key.name}",
    )


def _signature(signed: Credential | None) -> Check:
    title = _("Signature")
    if signed is None:
        return Check(
            OPEN, title, _("Nothing is signed yet. It is signed when it is first downloaded.")
        )
    if signed.key.compromised_at is not None:
        return Check(
            BAD,
            title,
            _(
                "The key that it was signed with may be in the hands of others. It is signed anew "
                "when it is next downloaded."
            ),
        )
    if signed.jwt_key.compromised_at is not None:
        return Check(
            OPEN,
            title,
            _(
                "A key of the issuer's may be in the hands of others. All of it is signed anew "
                "when it is next downloaded."
            ),
        )
    if not credentials.is_genuine(signed):
        return Check(BAD, title, _("What is stored here is not what the issuer signed."))
    return Check(
        GOOD,
        title,
        _("Signed by the issuer on {day}, and not changed since.").format(
            day=day(signed.signed_at)
        ),
    )


def _revocation(status: Status, signed: Credential | None) -> Check:
    title = _("Status")
    if status.state in (State.SUSPENDED, State.REVOKED):
        return Check(BAD, title, status.sentence)
    if signed is not None and credentials.is_revoked(signed.entry):
        return Check(BAD, title, _("It is on the issuer's list of what is revoked."))
    if signed is None:
        return Check(GOOD, title, _("Not revoked."))
    return Check(GOOD, title, _("Not revoked: it is not on the issuer's list of what is revoked."))


def _dates(award: Award, now: datetime) -> Check:
    title = _("Dates")
    if award.expires_at is None:
        text = _("Awarded on {day}; it does not expire.").format(day=day(award.valid_from))
        return Check(GOOD, title, text)
    days = {"day": day(award.valid_from), "end": day(award.expires_at)}
    if award.expires_at <= now:
        text = _("Awarded on {day}, for the time until {end}, which is over.")
        return Check(BAD, title, text.format(**days))
    return Check(GOOD, title, _("Awarded on {day}, for the time until {end}.").format(**days))


def _place(issuer: Issuer | None, url: str) -> Check:
    title = _("This page")
    host = urlsplit(url).netloc
    if issuer is not None and urlsplit(issuer.base_url).netloc != host:
        text = _("It was issued at another address of this site:")
        return Check(OPEN, title, text, urlsplit(issuer.base_url).netloc)
    text = _("It is on the issuer's own site. The address in your browser has to begin with:")
    scheme = urlsplit(url).scheme
    return Check(GOOD, title, text, f"{scheme}://{host}/")
