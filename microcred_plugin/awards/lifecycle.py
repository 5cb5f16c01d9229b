"""
What becomes of an award: the rules of its life, pure.

`decide` is asked again and again with whatever is true at the moment, and gives the changes that
bring the award in line with it: none, most of the time. Facts say what the machine would do;
what a person has decided comes first.
"""

from __future__ import annotations

import uuid as uuids
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from microcred_plugin.awards.models import Announcement, DecisionKind, EventKind, State
from microcred_plugin.evaluation.evaluate import Outcome, Truth
from microcred_plugin.evaluation.record import AwardFact, AwardState, LearnerRecord
from microcred_plugin.evaluation.verdict import (
    Policy,
    Result,
    Terms,
    Verdict,
    first_earned,
    judge,
    still_met,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """An award as it is now. `version` is the number of its version; a new one has no `id` yet."""

    uuid: str
    version: int
    state: State
    met_on: datetime | None
    valid_from: datetime
    expires_at: datetime | None = None
    is_manual: bool = False
    suspended_by_policy: bool = False
    suspended_by_person: bool = False
    cause_id: str = ""
    id: int | None = None

    @property
    def has_ended(self) -> bool:
        return self.state in (State.DECLINED, State.REVOKED, State.EXPIRED)

    def as_fact(self) -> AwardFact:
        """The award as a requirement of another microcredential sees it."""
        return AwardFact(self.uuid, AwardState(self.state.value), self.met_on, self.expires_at)


@dataclass(frozen=True, slots=True)
class Said:
    """What a person decided, as it stands; `version` and `met_on` where it speaks of one."""

    by_id: int | None
    reason: str
    at: datetime
    version: int | None = None
    met_on: datetime | None = None
    expires_at: datetime | None = None

    def is_about(self, version: int, met_on: datetime | None) -> bool:
        """Whether it speaks of this accomplishment."""
        return (self.version, self.met_on) == (version, met_on)


@dataclass(frozen=True, slots=True)
class Change:
    """One line for the history of an award, with the award as it is afterwards."""

    kind: EventKind
    before: Standing | None
    after: Standing
    outcome: Outcome | None = None
    said: Said | None = None
    is_undo: bool = False
    is_time: bool = False

    @property
    def announcement(self) -> Announcement:
        """
        What the world is told: that an award has become active, or that it was taken away.

        So the two alternate for each award. Running out is neither.
        """
        was_active = self.before is not None and self.before.state == State.ACTIVE
        is_active = self.after.state == State.ACTIVE
        if is_active and not was_active:
            return Announcement.AWARDED
        if was_active and self.after.state in (State.SUSPENDED, State.REVOKED):
            return Announcement.REVOKED
        return Announcement.NONE


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that decides about one learner and one microcredential."""

    versions: Sequence[Terms]
    record: LearnerRecord
    standing: Standing | None = None
    said: Mapping[DecisionKind, Said] = field(default_factory=dict)
    undone: str = ""  # the uuid of a publication that is being undone


@dataclass(frozen=True, slots=True)
class Decided:
    """
    The changes, in order; the award afterwards, if there is one; and when to look again.

    `is_unknown`: something that the platform could not say may matter; ask again before long.
    """

    changes: tuple[Change, ...] = ()
    standing: Standing | None = None
    is_unknown: bool = False
    changes_at: datetime | None = None


def decide(case: Case, *, now: datetime) -> Decided:
    """Bring an award in line with the facts and with what people have decided."""
    life = _Life(case, now, case.standing)
    life.end_what_is_over()
    life.obey_people()
    if life.standing is None and DecisionKind.REVOKE not in case.said:
        life.earn()
    if life.standing is not None and not life.standing.is_manual:
        life.follow_the_facts()
    life.follow_suspension()
    return Decided(tuple(life.changes), life.standing, life.is_unknown, life.next_look())


@dataclass(slots=True)
class _Life:
    """One pass over one award; the steps run in the order in which `decide` calls them."""

    case: Case
    now: datetime
    standing: Standing | None
    changes: list[Change] = field(default_factory=list)
    is_unknown: bool = False
    looks: list[datetime | None] = field(default_factory=list)

    # --- steps ---

    def end_what_is_over(self) -> None:
        """What is past its expiry and the grace for renewing it, and what an undo takes back."""
        standing = self.standing
        if standing is None:
            return
        is_withdrawn = not standing.is_manual and self._terms(standing.version) is None
        if self._has_run_out(standing):
            if is_withdrawn or self._renew() is Truth.NOT_MET:
                self._run_out()
        elif is_withdrawn:
            self._take_away(is_undo=True)
        elif self.case.undone and standing.cause_id == self.case.undone:
            truth, outcome = self._still_met(standing)
            if truth is Truth.NOT_MET:
                self._take_away(outcome=outcome, is_undo=True)

    def obey_people(self) -> None:
        """A revocation, an approval or a decline, an award by hand."""
        revoked = self.case.said.get(DecisionKind.REVOKE)
        if revoked is not None:
            if self.standing is not None:
                self._take_away(said=revoked)
            return
        by_hand = self.case.said.get(DecisionKind.AWARD)
        if by_hand is not None and self.standing is None and not self._is_over(by_hand):
            assert by_hand.version is not None
            self._begin(
                EventKind.EARNED,
                Standing(
                    str(uuids.uuid4()),
                    by_hand.version,
                    State.ACTIVE,
                    by_hand.met_on,
                    by_hand.at,
                    by_hand.expires_at,
                    is_manual=True,
                ),
                said=by_hand,
            )
        if self.standing is not None and self.standing.state == State.HELD:
            held = self.standing
            approved = self.case.said.get(DecisionKind.APPROVE)
            declined = self.case.said.get(DecisionKind.DECLINE)
            if declined is not None and declined.is_about(held.version, held.met_on):
                self._change(EventKind.DECLINED, State.DECLINED, said=declined)
            elif approved is not None and approved.is_about(held.version, held.met_on):
                self._change(EventKind.APPROVED, State.ACTIVE, said=approved)

    def earn(self) -> None:
        """
        A new award, if the learner has earned one that is newer than what was declined.

        What has run out since, renewals and all, is as if it had never been: then what is newer
        is asked for. So it does not matter how much of it was seen while it happened.
        """
        verdict = self._first_earned()
        declined = self.case.said.get(DecisionKind.DECLINE)
        if declined is not None and _is_declined(verdict, declined):
            if declined.met_on is None:
                return
            verdict = self._first_earned(since=declined.met_on)
        while verdict.result is Result.EARNED:
            before = len(self.changes)
            self._begin_earned(verdict)
            if not verdict.has_expired(self.now):
                return
            renewed = self._renew()
            earned = self.standing
            assert earned is not None
            if earned.expires_at is None or earned.expires_at > self.now:
                return
            del self.changes[before:]
            self.standing = None
            if renewed is Truth.UNKNOWN:
                return
            verdict = self._first_earned(since=earned.valid_from)

    def _begin_earned(self, verdict: Verdict) -> None:
        assert verdict.terms is not None
        assert verdict.valid_from is not None
        number = verdict.terms.number
        approved = self.case.said.get(DecisionKind.APPROVE)
        is_approved = approved is not None and approved.is_about(number, verdict.met_on)
        is_held = verdict.terms.needs_approval and not is_approved
        self._begin(
            EventKind.HELD if is_held else EventKind.EARNED,
            Standing(
                str(uuids.uuid4()),
                number,
                State.HELD if is_held else State.ACTIVE,
                verdict.met_on,
                verdict.valid_from,
                verdict.expires_at,
            ),
            outcome=verdict.outcome,
            said=approved if is_approved and verdict.terms.needs_approval else None,
        )

    def follow_the_facts(self) -> None:
        """Policy when the requirements are no longer met, reinstatement, renewal."""
        standing = self.standing
        assert standing is not None
        terms = self._terms(standing.version)
        assert terms is not None
        truth, outcome = self._still_met(standing)
        if truth is Truth.UNKNOWN:
            self.is_unknown = True
        elif truth is Truth.NOT_MET and terms.policy is not Policy.KEEP:
            if standing.state == State.HELD or terms.policy is Policy.REVOKE:
                self._take_away(outcome=outcome)
            elif not standing.suspended_by_policy:
                self._change(
                    EventKind.SUSPENDED, State.SUSPENDED, outcome=outcome, suspended_by_policy=True
                )
            return
        if truth is Truth.MET and standing.suspended_by_policy:
            freed = replace(standing, suspended_by_policy=False)
            if standing.suspended_by_person:
                self.standing = freed
                self.changes.append(Change(EventKind.SUSPENDED, standing, freed, outcome))
            else:
                self._change(
                    EventKind.REINSTATED, State.ACTIVE, outcome=outcome, suspended_by_policy=False
                )
        self._renew()

    def follow_suspension(self) -> None:
        """A person's suspension, and its end."""
        standing = self.standing
        if standing is None or standing.state == State.HELD:
            return
        suspended = self.case.said.get(DecisionKind.SUSPEND)
        if suspended is not None and not standing.suspended_by_person:
            self._change(
                EventKind.SUSPENDED, State.SUSPENDED, said=suspended, suspended_by_person=True
            )
        elif suspended is None and standing.suspended_by_person:
            self._change(
                EventKind.SUSPENDED if standing.suspended_by_policy else EventKind.REINSTATED,
                State.SUSPENDED if standing.suspended_by_policy else State.ACTIVE,
                suspended_by_person=False,
            )

    def next_look(self) -> datetime | None:
        """The next instant at which time alone may change something."""
        if self.standing is not None and self.standing.expires_at is not None:
            self.looks += [self.standing.expires_at, self._end(self.standing)]
        return min((on for on in self.looks if on is not None and on > self.now), default=None)

    # --- helpers ---

    def _terms(self, number: int) -> Terms | None:
        """The terms of a version; None for one that has been withdrawn."""
        return next((terms for terms in self.case.versions if terms.number == number), None)

    def _still_met(self, standing: Standing) -> tuple[Truth, Outcome | None]:
        truth, outcome = still_met(
            self.case.versions, standing.version, self.case.record, now=self.now
        )
        self.looks.append(outcome.changes_at if outcome else None)
        return truth, outcome

    def _end(self, standing: Standing) -> datetime:
        """When an award that expires is over: its expiry and the grace for renewing it."""
        assert standing.expires_at is not None
        terms = self._terms(standing.version)
        days = terms.grace_days if terms is not None and not standing.is_manual else 0
        return standing.expires_at + timedelta(days=days)

    def _has_run_out(self, standing: Standing) -> bool:
        return standing.expires_at is not None and self._end(standing) <= self.now

    def _is_over(self, said: Said) -> bool:
        return said.expires_at is not None and said.expires_at <= self.now

    def _judge(self, **question: Any) -> Verdict:
        return self._heard(
            judge(self.case.versions, self.case.record, **{"now": self.now, **question})
        )

    def _first_earned(self, since: datetime | None = None) -> Verdict:
        return self._heard(
            first_earned(self.case.versions, self.case.record, now=self.now, since=since)
        )

    def _heard(self, verdict: Verdict) -> Verdict:
        """The verdict, with what it leaves open taken note of."""
        self.looks.append(verdict.changes_at)
        if verdict.is_open:
            self.is_unknown = True
        return verdict

    def _renew(self) -> Truth:
        """
        Renew the award as often as facts ask for, and say whether what it is now still stands.

        Not met: it was not renewed, or what renewed it has run out since. So it does not matter
        whether renewals are noticed one by one or all at once.
        """
        truth = Truth.NOT_MET
        while self.standing is not None:
            renewed = self._renew_once(self.standing)
            if renewed is Truth.UNKNOWN:
                return Truth.UNKNOWN
            if renewed is Truth.NOT_MET:
                return truth
            truth = Truth.NOT_MET if self._has_run_out(self.standing) else Truth.MET
        return truth

    def _renew_once(self, standing: Standing) -> Truth:
        """
        Extend the award, never shorten it, by facts newer than the beginning of its period.

        The facts count by their own dates, so renewing in time is enough, even if it comes to be
        known later.
        """
        if standing.expires_at is None or standing.is_manual or standing.state == State.HELD:
            return Truth.NOT_MET
        # Asked as of the end of the period, if that is over: what came in time may have run out
        # since, and been renewed in time itself.
        end = self._end(standing)
        verdict = self._judge(
            now=min(self.now, end), since=standing.valid_from, own=standing.version
        )
        if verdict.result is Result.UNKNOWN:
            return Truth.UNKNOWN
        if verdict.result is not Result.EARNED or verdict.terms is None:
            return Truth.NOT_MET
        assert verdict.valid_from is not None
        if verdict.valid_from > end:
            return Truth.NOT_MET
        if verdict.expires_at is not None and verdict.expires_at <= standing.expires_at:
            return Truth.NOT_MET
        renewed = replace(
            standing,
            version=verdict.terms.number,
            valid_from=verdict.valid_from,
            expires_at=verdict.expires_at,
        )
        self.standing = renewed
        self.changes.append(Change(EventKind.RENEWED, standing, renewed, verdict.outcome))
        return Truth.MET

    def _begin(
        self,
        kind: EventKind,
        after: Standing,
        *,
        outcome: Outcome | None = None,
        said: Said | None = None,
    ) -> None:
        self.standing = after
        self.changes.append(Change(kind, None, after, outcome, said))

    def _take_away(
        self, *, outcome: Outcome | None = None, said: Said | None = None, is_undo: bool = False
    ) -> None:
        """End the award because the facts, a person or an undo say so."""
        kind, state = self._end_of_held() or (EventKind.REVOKED, State.REVOKED)
        self._change(kind, state, outcome=outcome, said=said, is_undo=is_undo)

    def _run_out(self) -> None:
        """End the award because its time is over."""
        kind, state = self._end_of_held() or (EventKind.EXPIRED, State.EXPIRED)
        self._change(kind, state, is_time=True)

    def _end_of_held(self) -> tuple[EventKind, State] | None:
        """How an award ends that nobody has approved yet: it is declined, whatever the reason."""
        assert self.standing is not None
        is_held = self.standing.state == State.HELD
        return (EventKind.DECLINED, State.DECLINED) if is_held else None

    def _change(
        self,
        kind: EventKind,
        state: State,
        *,
        outcome: Outcome | None = None,
        said: Said | None = None,
        is_undo: bool = False,
        is_time: bool = False,
        **flags: Any,
    ) -> None:
        before = self.standing
        assert before is not None
        after = replace(before, state=state, **flags)
        self.changes.append(Change(kind, before, after, outcome, said, is_undo, is_time))
        self.standing = None if after.has_ended else after


def _is_declined(verdict: Verdict, declined: Said) -> bool:
    """Whether what was earned is the accomplishment that a person declined, or an older one."""
    if verdict.terms is None or verdict.terms.number != declined.version:
        return False
    if verdict.met_on is None or declined.met_on is None:
        return verdict.met_on == declined.met_on
    return verdict.met_on <= declined.met_on
