"""
The door of the awards: read where learners stand, record what changes. It decides nothing.

Whoever changes an award comes through `microcred_plugin.earning`, under `with_learners_locked`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from microcred_plugin.awards.lifecycle import Case, Change, Decided, Said, Standing, decide
from microcred_plugin.awards.locks import with_learners_locked
from microcred_plugin.awards.models import (
    Announcement,
    Award,
    AwardEvent,
    Cause,
    Decision,
    DecisionKind,
    Due,
    EventKind,
    LearnerLock,
    Observation,
    Receipt,
    State,
    Watermark,
)
from microcred_plugin.evaluation.receipt import to_json
from microcred_plugin.evaluation.record import AwardFact, AwardState

__all__ = [
    "Because",
    "Case",
    "Cause",
    "Change",
    "Decided",
    "DecisionKind",
    "EventKind",
    "Place",
    "Recorded",
    "Said",
    "Standing",
    "State",
    "Why",
    "awards_of",
    "claim",
    "decide",
    "decisions",
    "due_before",
    "expect",
    "forget",
    "keep_decision",
    "keep_quiet",
    "last_ended",
    "learners_concerned",
    "learners_with_award_from",
    "lift_decision",
    "mark_announced",
    "record",
    "set_watermark",
    "settle_due",
    "shown_state",
    "standings",
    "unannounced",
    "watermark",
    "with_learners_locked",
]

NOT_ENDED = (State.HELD, State.ACTIVE, State.SUSPENDED)


@dataclass(frozen=True, slots=True)
class Because:
    """Why a batch is evaluated; the history of every award that changes has it."""

    cause: Cause
    cause_id: str = ""
    actor_id: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A change, whose it is and of what; `is_observed` if the microcredential only observes."""

    learner_id: int
    microcredential_id: int
    version_ids: Mapping[int, int]
    change: Change
    is_observed: bool = False


Place: TypeAlias = tuple[int, int]  # learner id, microcredential id
Why: TypeAlias = Due.Why


# --- reading -----------------------------------------------------------------------------------


def standings(
    learner_ids: Collection[int], microcredential_ids: Collection[int]
) -> dict[Place, Standing]:
    """The awards that have not ended, by learner and microcredential. One query."""
    awards = Award.objects.filter(
        learner__in=learner_ids, microcredential__in=microcredential_ids, slot=1
    ).values_list(
        "learner_id",
        "microcredential_id",
        "uuid",
        "version__number",
        "state",
        "met_on",
        "valid_from",
        "expires_at",
        "is_manual",
        "suspended_by_policy",
        "suspended_by_person",
        "cause_id",
        "id",
    )
    rows: Iterable[tuple[Any, ...]] = awards
    return {
        (learner_id, microcredential_id): Standing(str(uuid), number, State(state), *rest)
        for learner_id, microcredential_id, uuid, number, state, *rest in rows
    }


def last_ended(learner_id: int, microcredential_ids: Collection[int]) -> dict[int, AwardFact]:
    """The award that ended last, by microcredential. One query."""
    rows = (
        Award.objects.filter(learner=learner_id, microcredential__in=microcredential_ids, slot=None)
        .order_by("id")
        .values_list("microcredential_id", "uuid", "state", "met_on", "expires_at")
    )
    return {
        microcredential_id: AwardFact(str(uuid), AwardState(state), met_on, expires_at)
        for microcredential_id, uuid, state, met_on, expires_at in rows
    }


def decisions(
    learner_ids: Collection[int], microcredential_ids: Collection[int]
) -> dict[Place, dict[DecisionKind, Said]]:
    """What people have decided and not lifted, by learner and microcredential. One query."""
    said: dict[Place, dict[DecisionKind, Said]] = defaultdict(dict)
    for row in Decision.objects.filter(
        learner__in=learner_ids, microcredential__in=microcredential_ids, slot=1
    ).values_list(
        "learner_id",
        "microcredential_id",
        "kind",
        "by_id",
        "reason",
        "at",
        "version__number",
        "met_on",
        "expires_at",
    ):
        said[row[0], row[1]][DecisionKind(row[2])] = Said(*row[3:])
    return said


def awards_of(
    *,
    learner_ids: Collection[int] | None = None,
    microcredential_ids: Collection[int] | None = None,
) -> QuerySet[Award]:
    """
    Awards, ended ones too, the newest first, with what they are awards of.

    What has run out is still `active` here until it is next evaluated; `shown_state` tells.
    """
    awards = Award.objects.select_related("microcredential", "version")
    if learner_ids is not None:
        awards = awards.filter(learner__in=learner_ids)
    if microcredential_ids is not None:
        awards = awards.filter(microcredential__in=microcredential_ids)
    return awards


def shown_state(award: Award, *, now: datetime) -> State:
    """The state to show: what is past its expiry is expired, whatever the row says."""
    is_over = award.expires_at is not None and award.expires_at <= now
    return State.EXPIRED if is_over and award.slot == 1 else State(award.state)


def learners_concerned(
    microcredential_ids: Collection[int], *, after: int, limit: int
) -> list[int]:
    """The next ids, above `after`, of those who have an award or a decision in one of these."""
    pages = (
        model.objects.filter(microcredential__in=microcredential_ids, learner__gt=after, slot=1)
        .order_by("learner")
        .values_list("learner_id", flat=True)
        .distinct()[:limit]
        for model in (Award, Decision)
    )
    return sorted({learner_id for page in pages for learner_id in page})[:limit]


def learners_with_award_from(
    publication_uuid: UUID, version_id: int, *, after: int, limit: int
) -> list[int]:
    """The next ids, above `after`, of those who hold what this publication led to."""
    page = (
        Award.objects.filter(
            Q(version=version_id) | Q(cause_id=str(publication_uuid)), learner__gt=after, slot=1
        )
        .order_by("learner")
        .values_list("learner_id", flat=True)
        .distinct()[:limit]
    )
    return list(page)


# --- writing -----------------------------------------------------------------------------------


def record(changes: Sequence[Recorded], because: Because, *, now: datetime) -> None:
    """
    Write the changes, with their history and receipts; observed ones only as observations.

    The number of queries does not depend on the number of changes.
    """
    _observe([item for item in changes if item.is_observed], now=now)
    real = [item for item in changes if not item.is_observed]
    if not real:
        return
    latest = {item.change.after.uuid: item for item in real}
    new = {item.change.after.uuid for item in real if item.change.before is None}
    # What led to an award is what led to its first change.
    causes = {item.change.after.uuid: _cause(item.change, because) for item in reversed(real)}
    rows = [_award(item, causes[item.change.after.uuid], because, now) for item in latest.values()]
    # Ended awards first: they free the slot that a new one takes.
    changed = [row for row in rows if str(row.uuid) not in new]
    if changed:
        Award.objects.bulk_update(changed, _CHANGEABLE)
    Award.objects.bulk_create(row for row in rows if str(row.uuid) in new)
    events = [(_event(item.change, because, now), item.change) for item in real]
    AwardEvent.objects.bulk_create(event for event, _change in events)
    Receipt.objects.bulk_create(
        Receipt(event=event, content=_receipt(change))
        for event, change in events
        if change.outcome is not None
    )


def _award(item: Recorded, cause: Cause, because: Because, now: datetime) -> Award:
    after = item.change.after
    return Award(
        id=after.id,
        uuid=UUID(after.uuid),
        learner_id=item.learner_id,
        microcredential_id=item.microcredential_id,
        version_id=item.version_ids[after.version],
        state=after.state,
        slot=None if after.has_ended else 1,
        met_on=after.met_on,
        valid_from=after.valid_from,
        expires_at=after.expires_at,
        is_manual=after.is_manual,
        suspended_by_policy=after.suspended_by_policy,
        suspended_by_person=after.suspended_by_person,
        cause=cause,
        cause_id=because.cause_id,
        created=now,
        modified=now,
    )


_CHANGEABLE = (
    "state",
    "slot",
    "version",
    "valid_from",
    "expires_at",
    "suspended_by_policy",
    "suspended_by_person",
    "modified",
)


def _event(change: Change, because: Because, now: datetime) -> AwardEvent:
    said = change.said
    return AwardEvent(
        award_id=UUID(change.after.uuid),
        kind=change.kind,
        at=now,
        cause=_cause(change, because),
        cause_id=because.cause_id,
        actor_id=said.by_id if said else because.actor_id,
        reason=said.reason if said else because.reason,
        announcement=change.announcement,
    )


def _cause(change: Change, because: Because) -> Cause:
    if change.said is not None:
        return Cause.PERSON
    if change.is_undo:
        return Cause.UNDO
    return Cause.TIME if change.is_time else because.cause


def _receipt(change: Change) -> dict[str, object]:
    assert change.outcome is not None
    return {"version": change.after.version, "outcome": to_json(change.outcome)}


def _observe(observed: Sequence[Recorded], *, now: datetime) -> None:
    if not observed:
        return
    rows = [
        Observation(
            learner_id=item.learner_id,
            microcredential_id=item.microcredential_id,
            version_id=item.version_ids[item.change.after.version],
            kind=item.change.kind,
            met_on=item.change.after.met_on,
            at=now,
        )
        for item in observed
    ]
    # Seen once is seen: the first time stays.
    Observation.objects.bulk_create(rows, ignore_conflicts=True)


# --- people's decisions ------------------------------------------------------------------------


def keep_decision(
    *,
    kind: DecisionKind,
    learner_id: int,
    microcredential_id: int,
    by_id: int | None,
    reason: str,
    now: datetime,
    version_id: int | None = None,
    met_on: datetime | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Keep what a person decided, in place of what they had decided of the same kind before."""
    lift_decision(
        kind=kind,
        learner_id=learner_id,
        microcredential_id=microcredential_id,
        by_id=by_id,
        now=now,
    )
    Decision.objects.create(
        kind=kind,
        learner_id=learner_id,
        microcredential_id=microcredential_id,
        by_id=by_id,
        reason=reason,
        at=now,
        version_id=version_id,
        met_on=met_on,
        expires_at=expires_at,
    )


def lift_decision(
    *,
    kind: DecisionKind,
    learner_id: int,
    microcredential_id: int,
    by_id: int | None,
    now: datetime,
) -> bool:
    """Lift a decision, if one of this kind stands; whether one did."""
    return bool(
        Decision.objects.filter(
            kind=kind, learner=learner_id, microcredential=microcredential_id, slot=1
        ).update(slot=None, lifted_by=by_id, lifted_at=now)
    )


# --- the clock ---------------------------------------------------------------------------------


def expect(dues: Iterable[tuple[Place, Why, datetime]]) -> None:
    """Note when to look again. Of two dates for the same reason, the later note wins."""
    rows = [
        Due(learner_id=learner_id, microcredential_id=microcredential_id, why=why, due_at=due_at)
        for (learner_id, microcredential_id), why, due_at in dues
    ]
    if not rows:
        return
    unique = ("learner", "microcredential", "why")
    Due.objects.bulk_create(
        rows,
        update_conflicts=True,
        update_fields=("due_at",),
        # MySQL finds the constraint by itself and refuses to be told.
        unique_fields=unique if connection.features.supports_update_conflicts_with_target else None,
    )


def due_before(now: datetime, *, limit: int) -> list[Due]:
    """What is due, the oldest first."""
    return list(Due.objects.filter(due_at__lte=now).order_by("due_at", "id")[:limit])


def settle_due(rows: Sequence[Due]) -> None:
    """Strike out what has been looked at; what was put off meanwhile stays."""
    for due_at in {row.due_at for row in rows}:
        ids = [row.pk for row in rows if row.due_at == due_at]
        Due.objects.filter(pk__in=ids, due_at=due_at).delete()


def watermark() -> str:
    """How far the platform's changes have been read; "" at first."""
    return Watermark.objects.filter(name="changes").values_list("value", flat=True).first() or ""


def set_watermark(value: str) -> None:
    """Note how far the platform's changes have been read."""
    Watermark.objects.update_or_create(name="changes", defaults={"value": value})


# --- the outbox --------------------------------------------------------------------------------


# So long a worker has to tell an event; then it is taken to be gone.
CLAIM = timedelta(minutes=5)


def unannounced(*, limit: int, now: datetime) -> list[AwardEvent]:
    """
    Award events that the world has still to be told, in the order in which they happened.

    What somebody is telling at the moment is left out, and what follows for the same award.
    """
    waiting = AwardEvent.objects.filter(
        announced_at=None, announcement__in=(Announcement.AWARDED, Announcement.REVOKED)
    )
    claimed = waiting.filter(claimed_at__gte=now - CLAIM)
    blocked = claimed.filter(award=OuterRef("award"), id__lte=OuterRef("id"))
    return list(
        waiting.exclude(Exists(blocked))
        .select_related("award__microcredential", "award__version")
        .order_by("id")[:limit]
    )


def claim(event: AwardEvent, *, now: datetime) -> bool:
    """Take an event for telling; False if somebody else has it, or has told it."""
    return bool(
        AwardEvent.objects.filter(
            Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM), pk=event.pk, announced_at=None
        ).update(claimed_at=now)
    )


def mark_announced(event: AwardEvent, *, now: datetime) -> None:
    """Note that an event has been told."""
    AwardEvent.objects.filter(pk=event.pk).update(announced_at=now)


def keep_quiet(events: Collection[AwardEvent]) -> None:
    """Strike events from the outbox: nobody is told about people who have left."""
    AwardEvent.objects.filter(pk__in=[event.pk for event in events]).update(
        announcement=Announcement.NONE
    )


# --- leaving -----------------------------------------------------------------------------------


def forget(learner_id: int) -> None:
    """
    Remove what is personal about a learner, and about what they did to others' awards.

    Awards stay with their uuid, dates and state, so that what has been handed out can still be
    checked. Reasons that people wrote, receipts and everything that is still to come go.
    """
    awards = Award.objects.filter(learner=learner_id)
    history = AwardEvent.objects.filter(award__in=awards.values("uuid"))
    Receipt.objects.filter(event__in=history.values("uuid")).delete()
    history.filter(announced_at=None).update(announcement=Announcement.NONE)
    history.update(reason="", actor=None)
    Decision.objects.filter(learner=learner_id).delete()
    Observation.objects.filter(learner=learner_id).delete()
    Due.objects.filter(learner=learner_id).delete()
    LearnerLock.objects.filter(learner_id=learner_id).delete()
    AwardEvent.objects.filter(actor=learner_id).update(actor=None)
    Decision.objects.filter(by=learner_id).update(by=None)
    Decision.objects.filter(lifted_by=learner_id).update(lifted_by=None)
