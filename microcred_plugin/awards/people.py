"""What people decide: kept apart from the awards, until a person lifts it; and their leaving."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from microcred_plugin.awards.models import (
    Announcement,
    Award,
    AwardEvent,
    Decision,
    DecisionKind,
    Due,
    LearnerLock,
    Mail,
    MailOptOut,
    Observation,
    Receipt,
)


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
    Mail.objects.filter(learner=learner_id).delete()
    MailOptOut.objects.filter(learner_id=learner_id).delete()
    LearnerLock.objects.filter(learner_id=learner_id).delete()
    AwardEvent.objects.filter(actor=learner_id).update(actor=None)
    Decision.objects.filter(by=learner_id).update(by=None)
    Decision.objects.filter(lifted_by=learner_id).update(lifted_by=None)


def set_hidden(award_uuid: UUID, *, learner_id: int, is_hidden: bool) -> bool:
    """
    Have a learner's page leave out one of their awards, or not; whether they have that award.

    The award stays what it is, so this is neither an event nor a decision about it.
    """
    return bool(
        Award.objects.filter(uuid=award_uuid, learner=learner_id).update(is_hidden=is_hidden)
    )
