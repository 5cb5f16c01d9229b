"""
Which version of a microcredential a learner has earned, since when and until when.

A learner earns by meeting any published version that had not closed by the `met on` date: the one
that could be earned first. So the answer does not depend on when one looks, work done before a
publication counts, and a stricter version takes nothing from those who fulfilled the older one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from microcred_plugin.evaluation.evaluate import Outcome, Truth, evaluate
from microcred_plugin.evaluation.record import LearnerRecord
from microcred_plugin.evaluation.requirements import Tree
from microcred_plugin.evaluation.windows import add_months, after


class Policy(str, Enum):
    """What becomes of an award when its requirements are no longer met."""

    KEEP = "keep"
    SUSPEND = "suspend"
    REVOKE = "revoke"


@dataclass(frozen=True, slots=True)
class Terms:
    """
    What one published version asks for and gives.

    `closes_at` None: open. `validity_months` None: an award never expires. A version without a
    renewal tree is renewed by meeting its requirements again, with newer facts.
    """

    number: int
    published_at: datetime
    closes_at: datetime | None = None
    requirements: Tree = None
    eligibility: Tree = None
    renewal: Tree = None
    policy: Policy = Policy.KEEP
    validity_months: int | None = None
    grace_days: int = 0
    needs_approval: bool = False

    def counts_for(self, met_on: datetime | None) -> bool:
        """Whether it was still open when it was met. What has no date needs an open version."""
        return self.closes_at is None or (met_on is not None and met_on < self.closes_at)

    def is_open(self, now: datetime) -> bool:
        """Whether it can be met today."""
        return self.closes_at is None or self.closes_at > now

    def expires(self, valid_from: datetime) -> datetime | None:
        """When an award that is valid from then expires."""
        if self.validity_months is None:
            return None
        return add_months(valid_from, self.validity_months)


class Result(str, Enum):
    """What an evaluation of a microcredential comes to."""

    EARNED = "earned"
    WAITING = "waiting"  # met, but the learner is not eligible (yet)
    LAPSED = "lapsed"  # met, but what it gave has expired since, and nothing newer meets it
    UNKNOWN = "unknown"
    NOT_MET = "not_met"


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What a learner has earned of one microcredential.

    `terms` and `outcome` belong to the version that was earned, or, where none was, to the
    one that new learners work towards. `changes_at` is when time alone may change the answer;
    `is_open` says that the platform could not say something that may.
    """

    result: Result
    terms: Terms | None = None
    outcome: Outcome | None = None
    eligibility: Outcome | None = None
    valid_from: datetime | None = None
    expires_at: datetime | None = None
    changes_at: datetime | None = None
    is_open: bool = False

    @property
    def met_on(self) -> datetime | None:
        return self.outcome.met_on if self.outcome else None

    def has_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


def judge(
    versions: Sequence[Terms],
    record: LearnerRecord,
    *,
    now: datetime,
    since: datetime | None = None,
    own: int | None = None,
) -> Verdict:
    """
    The verdict over all versions that were ever published.

    With `since`, only facts later than it count; that is a renewal, and the version with the
    number `own` is asked by its renewal tree, if it has one.

    Where what was earned first has expired by now, the question is asked again with the facts
    later than the beginning of that period, and so on: an expired award is earned again by doing
    something again, never by the old facts nor by a new version of the text.
    """
    verdict = first_earned(versions, record, now=now, since=since, own=own)
    while verdict.result is Result.EARNED and verdict.has_expired(now):
        again = first_earned(versions, record, now=now, since=verdict.valid_from, own=own)
        if again.result not in (Result.EARNED, Result.UNKNOWN):
            return replace(verdict, result=Result.LAPSED, changes_at=again.changes_at)
        verdict = again
    return verdict


def still_met(
    versions: Sequence[Terms], own: int, record: LearnerRecord, *, now: datetime
) -> tuple[Truth, Outcome | None]:
    """
    Whether an award of the version `own` still stands, with the outcome that says so.

    It does while its own version is met, whenever that closed, or any other that counts.
    """
    truth, reason = Truth.NOT_MET, None
    for terms in sorted(versions, key=lambda terms: terms.number != own):
        outcome = evaluate(terms.requirements, record, now=now)
        if outcome.is_met and (terms.number == own or terms.counts_for(outcome.met_on)):
            return Truth.MET, outcome
        if _may_count(outcome):
            truth = Truth.UNKNOWN
        reason = reason or outcome
    return truth, reason


def first_earned(
    versions: Sequence[Terms],
    record: LearnerRecord,
    *,
    now: datetime,
    since: datetime | None = None,
    own: int | None = None,
) -> Verdict:
    """
    Of all versions that are met, the one that could be earned first; at once, the newer.

    It may have expired since. `since` and `own` are those of `judge`.
    """
    window = after(since) if since else None
    earned: list[Verdict] = []
    others: list[Verdict] = []
    for terms in sorted(versions, key=lambda terms: -terms.number):
        tree = terms.requirements
        if since is not None and terms.number == own and terms.renewal is not None:
            tree = terms.renewal
        outcome = evaluate(tree, record, now=now, window=window)
        if not outcome.is_met or not terms.counts_for(outcome.met_on):
            result = Result.UNKNOWN if _may_count(outcome) else Result.NOT_MET
            others.append(Verdict(result, terms, outcome, changes_at=outcome.changes_at))
            continue
        eligibility = None
        if terms.eligibility is not None:
            eligibility = evaluate(terms.eligibility, record, now=now, path="eligibility")
            if not eligibility.is_met:
                others.append(_not_eligible(terms, outcome, eligibility))
                continue
        dates = (outcome.met_on, eligibility.met_on if eligibility else None)
        valid_from = max([terms.published_at, *(on for on in dates if on is not None)])
        earned.append(
            Verdict(
                Result.EARNED, terms, outcome, eligibility, valid_from, terms.expires(valid_from),
                changes_at=outcome.changes_at,
            )
        )  # fmt: skip
    if earned:
        return min(earned, key=lambda verdict: verdict.valid_from or now)
    if not others:
        return Verdict(Result.NOT_MET)
    best = min(others, key=_told_first)
    return Verdict(
        best.result, best.terms, best.outcome, best.eligibility,
        changes_at=_earliest(*(verdict.changes_at for verdict in others)),
        is_open=any(verdict.result is Result.UNKNOWN for verdict in others),
    )  # fmt: skip


def _may_count(outcome: Outcome) -> bool:
    """Of one that does not count: whether that is open. One met too late may have been in time."""
    return outcome.truth is Truth.UNKNOWN or (outcome.is_met and outcome.has_unknown)


def _not_eligible(terms: Terms, outcome: Outcome, eligibility: Outcome) -> Verdict:
    unknown = eligibility.truth is Truth.UNKNOWN
    return Verdict(
        Result.UNKNOWN if unknown else Result.WAITING, terms, outcome, eligibility,
        changes_at=_earliest(outcome.changes_at, eligibility.changes_at),
    )  # fmt: skip


_TOLD_FIRST = {Result.WAITING: 0, Result.UNKNOWN: 1, Result.NOT_MET: 2}


def _told_first(verdict: Verdict) -> tuple[int, bool, int]:
    """Waiting, then unknown, then the newest version that is still open."""
    assert verdict.terms is not None
    closed = verdict.terms.closes_at is not None
    return (_TOLD_FIRST[verdict.result], closed, -verdict.terms.number)


def _earliest(*instants: datetime | None) -> datetime | None:
    return min((instant for instant in instants if instant is not None), default=None)
