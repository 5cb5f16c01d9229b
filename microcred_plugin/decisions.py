"""
What a person can decide about an award. It stands until a person lifts it, whatever the facts say.

Each of these keeps the decision and brings the award, and everything that stacks on it, in line
with it in one transaction. What can't be done raises `NotPossible` with a sentence that says why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from microcred_plugin import earning
from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Because, Cause, DecisionKind, State
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Switch
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
    person = _Person(learner_id, microcredential_id, by_id, reason)

    def decision(at: datetime) -> None:
        if person.standing() is not None:
            raise NotPossible(
                _("The learner has an award of it already. Approve, lift or revoke that one.")
            )
        version_id = definitions.newest_version_id(microcredential_id)
        if version_id is None:
            raise NotPossible(_("It has not been published yet. Publish it first."))
        person.lifts(DecisionKind.REVOKE, at)
        person.keeps(
            DecisionKind.AWARD,
            at,
            version_id=version_id,
            met_on=met_on or at,
            expires_at=expires_at,
        )

    return person.decides(decision, now)


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
    person = _Person(learner_id, microcredential_id, by_id, reason)

    def decision(at: datetime) -> None:
        if person.standing() is None:
            raise NotPossible(_("The learner has no award of it that could be revoked."))
        person.lifts(DecisionKind.AWARD, at)
        person.keeps(DecisionKind.REVOKE, at)

    return person.decides(decision, now)


def suspend(
    *,
    learner_id: int,
    microcredential_id: int,
    by_id: int | None,
    reason: str,
    now: datetime | None = None,
) -> Plan:
    """Suspend the award until somebody lifts the suspension."""
    person = _Person(learner_id, microcredential_id, by_id, reason)

    def decision(at: datetime) -> None:
        person.requires(State.ACTIVE, State.SUSPENDED)
        person.keeps(DecisionKind.SUSPEND, at)

    return person.decides(decision, now)


def lift_revocation(
    *, learner_id: int, microcredential_id: int, by_id: int | None, now: datetime | None = None
) -> Plan:
    """Let the learner have it again: at once, if the requirements are met."""
    return _Person(learner_id, microcredential_id, by_id).takes_back(DecisionKind.REVOKE, now)


def lift_suspension(
    *, learner_id: int, microcredential_id: int, by_id: int | None, now: datetime | None = None
) -> Plan:
    """End a person's suspension; one by policy lasts as long as the requirements are not met."""
    return _Person(learner_id, microcredential_id, by_id).takes_back(DecisionKind.SUSPEND, now)


def approve(
    *, learner_id: int, microcredential_id: int, by_id: int | None, now: datetime | None = None
) -> Plan:
    """Approve an award that waits for it."""
    person = _Person(learner_id, microcredential_id, by_id)
    return person.judges_held(DecisionKind.APPROVE, now)


def decline(
    *,
    learner_id: int,
    microcredential_id: int,
    by_id: int | None,
    reason: str,
    now: datetime | None = None,
) -> Plan:
    """Decline an award that waits for approval; the same accomplishment does not come again."""
    person = _Person(learner_id, microcredential_id, by_id, reason)
    return person.judges_held(DecisionKind.DECLINE, now)


@dataclass(frozen=True, slots=True)
class _Person:
    """Somebody who decides about a learner's award of a microcredential, and why."""

    learner_id: int
    microcredential_id: int
    by_id: int | None
    reason: str = ""

    def decides(self, decision: Callable[[datetime], None], now: datetime | None) -> Plan:
        """Have the decision kept and obeyed, in one transaction; nothing is about who has left."""

        def checked(at: datetime) -> None:
            learner = ask(get_host().learners, [self.learner_id]).get(self.learner_id)
            if learner is None or learner.is_retired:
                raise NotPossible(_("The user has been retired or deleted."))
            if definitions.effective_switch(self.microcredential_id) != Switch.ON:
                raise NotPossible(
                    _("It is off or only observed, so nothing would follow. Turn it on first.")
                )
            decision(at)

        because = Because(Cause.PERSON, actor_id=self.by_id, reason=self.reason)
        return earning.obey(
            self.learner_id, self.microcredential_id, because, decision=checked, now=now
        )

    def judges_held(self, kind: DecisionKind, now: datetime | None) -> Plan:
        """Approve or decline what is held: this accomplishment, and no other."""

        def decision(at: datetime) -> None:
            held = self.requires(State.HELD)
            version_id = definitions.version_id(self.microcredential_id, held.version)
            self.keeps(kind, at, version_id=version_id, met_on=held.met_on)

        return self.decides(decision, now)

    def takes_back(self, kind: DecisionKind, now: datetime | None) -> Plan:
        """Lift a decision that stands."""

        def decision(at: datetime) -> None:
            if not self.lifts(kind, at):
                raise NotPossible(_("Nobody has decided anything here that could be lifted."))

        return self.decides(decision, now)

    def keeps(self, kind: DecisionKind, at: datetime, **details: Any) -> None:
        awards.keep_decision(
            kind=kind,
            learner_id=self.learner_id,
            microcredential_id=self.microcredential_id,
            by_id=self.by_id,
            reason=self.reason,
            now=at,
            **details,
        )

    def lifts(self, kind: DecisionKind, at: datetime) -> bool:
        return awards.lift_decision(
            kind=kind,
            learner_id=self.learner_id,
            microcredential_id=self.microcredential_id,
            by_id=self.by_id,
            now=at,
        )

    def standing(self) -> awards.Standing | None:
        """The award as it is, if there is one that has not ended."""
        found = awards.standings([self.learner_id], [self.microcredential_id])
        return found.get((self.learner_id, self.microcredential_id))

    def requires(self, *states: State) -> awards.Standing:
        """The award, which has to be in one of these states."""
        standing = self.standing()
        if standing is None or standing.state not in states:
            raise NotPossible(
                _("The learner has no award of it that is {states}.").format(
                    states=_(" or ").join(str(state.label) for state in states)
                )
            )
        return standing
