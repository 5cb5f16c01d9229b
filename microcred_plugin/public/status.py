"""How an award stands, as others are told: the state, since when, and a reason that is public."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Award, AwardEvent, Cause, EventKind, State


@dataclass(frozen=True, slots=True)
class Status:
    """
    The state in words, and what it means where it is not as it should be.

    What a person wrote about it is not among them.
    """

    state: State
    label: str
    sentence: str

    @property
    def is_good(self) -> bool:
        return self.state == State.ACTIVE


def status_of(award: Award, *, now: datetime) -> Status:
    """How an award that was read with its history stands now."""
    state = awards.shown_state(award, now=now)
    if state == State.ACTIVE:
        return Status(state, _("Valid"), "")
    sentence = {
        State.SUSPENDED: _suspended,
        State.REVOKED: _revoked,
        State.EXPIRED: _expired,
    }[state](award)
    return Status(state, str(state.label), sentence)


def _suspended(award: Award) -> str:
    event = _last(award, EventKind.SUSPENDED)
    on = day(event.at if event else award.modified)
    if award.suspended_by_person:
        return _(
            "Suspended since {day} by those who award it. It does not count at present."
        ).format(day=on)
    return _(
        "Suspended since {day}, because what it asks for is not met at present. It does not count "
        "until that is met again."
    ).format(day=on)


def _revoked(award: Award) -> str:
    event = _last(award, EventKind.REVOKED)
    on = day(event.at if event else award.modified)
    if event is None or event.cause == Cause.PERSON:
        return _("Revoked on {day} by those who award it. It does not count any more.").format(
            day=on
        )
    if event.cause == Cause.UNDO:
        return _(
            "Revoked on {day}, because what it was awarded for was withdrawn. It does not count "
            "any more."
        ).format(day=on)
    return _(
        "Revoked on {day}, because what it asks for is no longer met. It does not count any more."
    ).format(day=on)


def _expired(award: Award) -> str:
    if award.expires_at is None:
        return _("Its time is over.")
    return _("It was valid from {day} until {end}.").format(
        day=day(award.valid_from), end=day(award.expires_at)
    )


def _last(award: Award, kind: EventKind) -> AwardEvent | None:
    found = [event for event in award.history.all() if event.kind == kind]
    return found[-1] if found else None


def day(instant: datetime) -> str:
    """The day of an instant, as the reader's language writes it."""
    return date_format(localtime(instant))
