"""Changes of awards, written down with their history and receipts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from microcred_plugin.awards.lifecycle import Change
from microcred_plugin.awards.models import (
    Award,
    AwardEvent,
    Cause,
    Observation,
    Receipt,
)
from microcred_plugin.evaluation.receipt import to_json


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
