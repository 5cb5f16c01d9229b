"""
What a person can decide about an award. It stands until a person lifts it, whatever the facts say.

Each of these keeps the decision and brings the award, and everything that stacks on it, in line
with it in one transaction. What can't be done raises `NotPossible` with a sentence that says why.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from django.utils.translation import gettext as _

from microcred_plugin import earning
from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Because, Cause, DecisionKind, State
from microcred_plugin.definitions import api as definitions
from microcred_plugin.host import get_host
from microcred_plugin.planning import Plan, ask

__all__ = [
    "NotPossible",
    "approve",
    "award_by_hand",
    "decline",
    "lift_revocation",
    "lift_suspension",
    "revoke",
    "suspend",
]


class NotPossible(ValueError):
    """A decision that can't be taken as things stand; nothing has changed."""


def award_by_hand(
    *,
    learner_id: int,
    microcredential_id: int,
    by_id: int | None,
    reason: str,
    met_on: datetime | None = None,
    expires_at: datetime | None = None,
    now: datetime | None = None,
) -> Plan:
    """
    Award it whatever the requirements say. Such an award can't regress, but it can expire.

    It lifts an earlier revocation by a person.
    """
    because = Because(Cause.PERSON, actor_id=by_id, reason=reason)

    def decision(at: datetime) -> None:
        if _standing(learner_id, microcredential_id) is not None:
            raise NotPossible(
                _("The learner has an award of it already. Approve, lift or revoke that one.")
            )
        version_id = definitions.newest_version_id(microcredential_id)
        if version_id is None:
            raise NotPossible(_("It has not been published yet. Publish it first."))
        awards.lift_decision(
            kind=DecisionKind.REVOKE, learner_id=learner_id,
            microcredential_id=microcredential_id, by_id=by_id, now=at,
        )  # fmt: skip
        awards.keep_decision(
            kind=DecisionKind.AWARD, learner_id=learner_id,
            microcredential_id=microcredential_id, by_id=by_id, reason=reason, now=at,
            version_id=version_id, met_on=met_on or at, expires_at=expires_at,
        )  # fmt: skip

    return _obey(learner_id, microcredential_id, because, decision, now)


def revoke(
    *,
    learner_id: int,
    microcredential_id: int,
    by_id: int | None,
    reason: str,
    now: datetime | None = None,
) -> Plan:
    """
    Take the award away; it is not given again until somebody lifts the revocation.

    Each microcredential that stacks on it follows its own policy.
    """
    because = Because(Cause.PERSON, actor_id=by_id, reason=reason)

    def decision(at: datetime) -> None:
        if _standing(learner_id, microcredential_id) is None:
            raise NotPossible(_("The learner has no award of it that could be revoked."))
        awards.lift_decision(
            kind=DecisionKind.AWARD, learner_id=learner_id,
            microcredential_id=microcredential_id, by_id=by_id, now=at,
        )  # fmt: skip
        awards.keep_decision(
            kind=DecisionKind.REVOKE, learner_id=learner_id,
            microcredential_id=microcredential_id, by_id=by_id, reason=reason, now=at,
        )  # fmt: skip

    return _obey(learner_id, microcredential_id, because, decision, now)


def lift_revocation(
    *, learner_id: int, microcredential_id: int, by_id: int | None, now: datetime | None = None
) -> Plan:
    """Let the learner have it again: at once, if the requirements are met."""
    return _lift(DecisionKind.REVOKE, learner_id, microcredential_id, by_id, now)


def suspend(
    *,
    learner_id: int,
    microcredential_id: int,
    by_id: int | None,
    reason: str,
    now: datetime | None = None,
) -> Plan:
    """Suspend the award until somebody lifts the suspension."""
    because = Because(Cause.PERSON, actor_id=by_id, reason=reason)

    def decision(at: datetime) -> None:
        _require(learner_id, microcredential_id, (State.ACTIVE, State.SUSPENDED))
        awards.keep_decision(
            kind=DecisionKind.SUSPEND, learner_id=learner_id,
            microcredential_id=microcredential_id, by_id=by_id, reason=reason, now=at,
        )  # fmt: skip

    return _obey(learner_id, microcredential_id, because, decision, now)


def lift_suspension(
    *, learner_id: int, microcredential_id: int, by_id: int | None, now: datetime | None = None
) -> Plan:
    """End a person's suspension; one by policy lasts as long as the requirements are not met."""
    return _lift(DecisionKind.SUSPEND, learner_id, microcredential_id, by_id, now)


def approve(
    *, learner_id: int, microcredential_id: int, by_id: int | None, now: datetime | None = None
) -> Plan:
    """Approve an award that waits for it."""
    return _judge_held(DecisionKind.APPROVE, learner_id, microcredential_id, by_id, "", now)


def decline(
    *,
    learner_id: int,
    microcredential_id: int,
    by_id: int | None,
    reason: str,
    now: datetime | None = None,
) -> Plan:
    """Decline an award that waits for approval; the same accomplishment does not come again."""
    return _judge_held(DecisionKind.DECLINE, learner_id, microcredential_id, by_id, reason, now)


def _judge_held(
    kind: DecisionKind,
    learner_id: int,
    microcredential_id: int,
    by_id: int | None,
    reason: str,
    now: datetime | None,
) -> Plan:
    because = Because(Cause.PERSON, actor_id=by_id, reason=reason)

    def decision(at: datetime) -> None:
        held = _require(learner_id, microcredential_id, (State.HELD,))
        awards.keep_decision(
            kind=kind, learner_id=learner_id, microcredential_id=microcredential_id, by_id=by_id,
            reason=reason, now=at, met_on=held.met_on,
            version_id=definitions.version_id(microcredential_id, held.version),
        )  # fmt: skip

    return _obey(learner_id, microcredential_id, because, decision, now)


def _lift(
    kind: DecisionKind,
    learner_id: int,
    microcredential_id: int,
    by_id: int | None,
    now: datetime | None,
) -> Plan:
    because = Because(Cause.PERSON, actor_id=by_id)

    def decision(at: datetime) -> None:
        was_standing = awards.lift_decision(
            kind=kind, learner_id=learner_id, microcredential_id=microcredential_id,
            by_id=by_id, now=at,
        )  # fmt: skip
        if not was_standing:
            raise NotPossible(_("Nobody has decided anything here that could be lifted."))

    return _obey(learner_id, microcredential_id, because, decision, now)


def _obey(
    learner_id: int,
    microcredential_id: int,
    because: Because,
    decision: Callable[[datetime], None],
    now: datetime | None,
) -> Plan:
    """Let it be decided, unless the learner has left: nothing is kept about them any more."""

    def checked(at: datetime) -> None:
        learner = ask(get_host().learners, [learner_id]).get(learner_id)
        if learner is None or learner.is_retired:
            raise NotPossible(_("The user has been retired or deleted."))
        decision(at)

    return earning.obey(learner_id, microcredential_id, because, decision=checked, now=now)


def _standing(learner_id: int, microcredential_id: int) -> awards.Standing | None:
    found = awards.standings([learner_id], [microcredential_id])
    return found.get((learner_id, microcredential_id))


def _require(
    learner_id: int, microcredential_id: int, states: Collection[State]
) -> awards.Standing:
    standing = _standing(learner_id, microcredential_id)
    if standing is None or standing.state not in states:
        raise NotPossible(
            _("The learner has no award of it that is {states}.").format(
                states=_(" or ").join(str(state.label) for state in states)
            )
        )
    return standing
