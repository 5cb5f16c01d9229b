"""An award, for who holds it: what was met and when, what happened to it, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Award, AwardEvent, Cause, EventKind, State
from microcred_plugin.presenting.parts import Earned, Requirement, earned, from_receipt
from microcred_plugin.progress import Step, microcredential_url, overview


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of an award's history, in words; `reason` is what a person wrote."""

    kind: EventKind
    at: datetime
    why: str
    reason: str

    @property
    def label(self) -> str:
        return str(self.kind.label)


@dataclass(frozen=True, slots=True)
class AwardPage:
    """
    Everything on the page.

    `receipt` is what was met; `lost` what was no longer met when the award was last suspended or
    revoked, and None where it stands or a person took it.
    """

    uuid: str
    award: Earned
    version: int
    microcredential_url: str
    is_hidden: bool
    is_manual: bool
    receipt: Requirement | None
    lost: Requirement | None
    notice: str
    next_step: Step | None
    history: tuple[Happening, ...]


def read_award(uuid: UUID, *, learner_id: int, now: datetime) -> AwardPage | None:
    """The page of an award of this learner; None for everybody else's, and where there is none."""
    found = awards.find_award(uuid, learner_id=learner_id)
    return None if found is None else award_page(found, now=now)


def award_page(found: Award, *, now: datetime) -> AwardPage:
    """The page of an award that was read with its history, for its holder."""
    events = list(found.history.all())
    names = found.version.names
    shown = earned(found, now=now)
    receipts = [(event, data) for event in events if (data := awards.receipt_of(event))]
    gained = [data for event, data in receipts if event.kind in _GAINING]
    lost = [data for event, data in receipts if event.kind in _LOSING]
    is_lost = shown.state in (State.SUSPENDED, State.REVOKED)
    return AwardPage(
        uuid=str(found.uuid),
        award=shown,
        version=found.version.number,
        microcredential_url=microcredential_url(str(found.microcredential.uuid)),
        is_hidden=found.is_hidden,
        is_manual=found.is_manual,
        receipt=from_receipt(gained[-1]["outcome"], names) if gained else None,
        lost=from_receipt(lost[-1]["outcome"], names) if lost and is_lost else None,
        notice=_notice(found, shown, events),
        next_step=_next_step(found, now) if shown.state == State.SUSPENDED else None,
        history=tuple(_history(events, shown)),
    )


_GAINING = frozenset({EventKind.HELD, EventKind.EARNED, EventKind.RENEWED, EventKind.REINSTATED})
_LOSING = frozenset({EventKind.SUSPENDED, EventKind.REVOKED})


def _notice(award: Award, shown: Earned, events: list[AwardEvent]) -> str:
    """What the state means for the learner; empty where there is nothing to say."""
    last = events[-1] if events else None
    by_person = last is not None and last.cause == Cause.PERSON
    if shown.state == State.HELD:
        return _("You have met everything. Somebody has to approve it before it is yours.")
    if shown.state == State.DECLINED:
        return _("It was not approved.")
    if shown.state == State.EXPIRED:
        return _(
            "It was valid for a limited time, which is over. You can earn it again by doing what "
            "it asks for once more."
        )
    if shown.state == State.SUSPENDED and award.suspended_by_person:
        return _("A person has suspended it. It comes back when they lift that.")
    if shown.state == State.SUSPENDED:
        return _(
            "It is suspended, because what it asks for is not met at present. As soon as "
            "everything is met again, it comes back by itself."
        )
    if shown.state == State.REVOKED and by_person:
        return _("A person has revoked it. Ask those who offer it if you think that is a mistake.")
    if shown.state == State.REVOKED and last is not None and last.cause == Cause.UNDO:
        return _("It was revoked, because what it was awarded for has been withdrawn.")
    if shown.state == State.REVOKED:
        return _(
            "It was revoked, because what it asks for is no longer met. If you meet it again, you "
            "earn it anew."
        )
    return ""


def _next_step(award: Award, now: datetime) -> Step | None:
    """What would bring it back, if its policy suspended it."""
    found = overview(award.learner_id, now=now, microcredential_ids=[award.microcredential_id])
    progress = found.progress.get(str(award.microcredential.uuid))
    return progress.next_step if progress is not None and progress.is_to_be_restored else None


def _history(events: list[AwardEvent], shown: Earned) -> Iterator[Happening]:
    for event in events:
        yield Happening(EventKind(event.kind), event.at, _why(event, shown.on), event.reason)


def _why(event: AwardEvent, met_on: datetime) -> str:
    """What led to it, as the learner would put it."""
    if event.kind == EventKind.EARNED and event.cause != Cause.PERSON:
        return _("Everything that it asks for was met on {day}.").format(day=date_format(met_on))
    if event.cause == Cause.PERSON:
        return _("A person decided it.")
    if event.cause == Cause.TIME:
        return _("Its time was over.")
    if event.cause == Cause.UNDO:
        return _("What it was awarded for was withdrawn.")
    if event.cause == Cause.PUBLICATION:
        return _("A version of this microcredential was published.")
    if event.kind in (EventKind.SUSPENDED, EventKind.REVOKED):
        return _("What it asks for was no longer met.")
    return _("Everything that it asks for was met.")
