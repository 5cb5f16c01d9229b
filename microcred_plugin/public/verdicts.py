"""What each verdict is called, what it means, and what to do next, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from microcred_plugin.credentials.api import Check, Report, Seen, Told, Verdict


@dataclass(frozen=True, slots=True)
class Line:
    """One check as it is shown; `mark` is "good", "bad" or "unknown"."""

    name: str
    mark: str
    said: str
    detail: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the verifier says; `tone` is "good", "warn" or "bad"."""

    verdict: str
    tone: str
    title: str
    sentence: str
    next_step: str
    lines: list[Line]
    told: list[tuple[str, str]]


def answer_to(report: Report, *, has_email: bool, is_replaced: bool) -> Answer:
    """A report in plain words."""
    verdict = report.verdict
    tone, title, sentence, next_step = _words(has_email=has_email)[verdict]
    if is_replaced:
        newer = _(
            "Its issuer has replaced it by a newer one. Ask whoever gave it to you for the newer "
            "one, and check that."
        )
        is_over = verdict in (Verdict.REVOKED, Verdict.EXPIRED)
        next_step = newer if is_over else f"{next_step} {newer}"
    return Answer(
        verdict=verdict.value,
        tone=tone,
        title=title,
        sentence=sentence,
        next_step=next_step,
        lines=[_line(check) for check in report.checks],
        told=_told(report.told) if report.told else [],
    )


def _words(*, has_email: bool) -> dict[Verdict, tuple[str, str, str, str]]:
    """For each verdict: tone, title, what it means, and what to do next."""
    whose = _(
        "It is about the person with this e-mail address. Whether that is who brings it to you is "
        "for you to find out."
    )
    ask_whose = _(
        "Anybody can bring a copy of somebody else's badge. Ask for the e-mail address that they "
        "study with, enter it below, and check again."
    )
    return {
        Verdict.VALID: (
            "good", _("Valid"),
            _("Its issuer signed it, nobody has changed it, and it holds today."),
            whose if has_email else ask_whose,
        ),
        Verdict.REVOKED: (
            "bad", _("Revoked or suspended"),
            _("It was issued, and its issuer has taken it back, for a time or for good."),
            _("Don't rely on it. Ask whoever gave it to you, or the issuer, what happened."),
        ),
        Verdict.EXPIRED: (
            "warn", _("Expired"),
            _("It was issued, and its time is over."),
            _("It says what was true then. Ask whether it was renewed, and for the newer one."),
        ),
        Verdict.NOT_YET: (
            "warn", _("Not yet valid"),
            _("It was issued, and its time has not begun."),
            _("Check it again on the day on which it begins."),
        ),
        Verdict.OTHER_PERSON: (
            "bad", _("About somebody else"),
            _("The badge holds, but it is not about the e-mail address that you entered."),
            _("Look for a slip in the address, and ask which one they studied with."),
        ),
        Verdict.INVALID: (
            "bad", _("Not valid"),
            _("This is not what the issuer signed, or not from whom it says it is."),
            _(
                "Don't rely on it. A copy may also have been damaged on its way: ask for the file "
                "as it was downloaded, or for its link."
            ),
        ),
        Verdict.UNCHECKED: (
            "warn", _("Can't be checked here"),
            _("That does not mean that it is wrong: something that is needed can't be had here."),
            _(
                "Have it checked by its issuer, or by another verifier of Open Badges 3.0. Below "
                "stands what could not be checked."
            ),
        ),
    }  # fmt: skip


def _line(check: Check) -> Line:
    names = {
        "structure": _("What it is"),
        "issuer": _("Issuer"),
        "signature": _("Signature"),
        "dates": _("Dates"),
        "status": _("Status"),
        "recipient": _("Person"),
    }
    mark = {Seen.GOOD: "good", Seen.BAD: "bad", Seen.UNKNOWN: "unknown"}[check.seen]
    return Line(names.get(check.of, check.of), mark, check.said, check.detail)


def _told(told: Told) -> list[tuple[str, str]]:
    """What the document says of itself, as labels and texts, without what it does not say."""
    said = (
        (_("Achievement"), told.achievement),
        (_("Title"), told.name if told.name != told.achievement else ""),
        (_("Issuer"), told.issuer_name),
        (_("Issuer's identifier"), told.issuer_id),
        (_("About the achievement"), told.achievement_url),
        (_("Valid from"), _day(told.valid_from)),
        (_("Valid until"), _day(told.valid_until)),
    )
    return [(label, text) for label, text in said if text]


def _day(text: str) -> str:
    """A date as people read it; whatever is none, as it stands."""
    try:
        return date_format(datetime.fromisoformat(text))
    except ValueError:
        return text
