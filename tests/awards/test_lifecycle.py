"""`decide`: what becomes of an award, whatever is true and whatever people have decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import product
from typing import Any

import pytest

from microcred_plugin.awards.lifecycle import Case, Change, Decided, Said, Standing, decide
from microcred_plugin.awards.models import Announcement, DecisionKind, EventKind, State
from microcred_plugin.evaluation.record import CourseResult, LearnerRecord, Unknown
from microcred_plugin.evaluation.requirements import AllOf, AnyOf, Course
from microcred_plugin.evaluation.verdict import Policy, Terms

RUN, SECOND, THIRD = (f"course-v1:NordU+DL101+2026_{term}" for term in ("Spring", "Fall", "Extra"))

PUBLISHED = datetime(2026, 1, 1, tzinfo=UTC)
PASSED = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
NEXT_YEAR = datetime(2027, 3, 2, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)

TERMS = Terms(1, PUBLISHED, requirements=Course(runs=(RUN,)))
EITHER = replace(TERMS, requirements=AnyOf(of=(Course(runs=(RUN,)), Course(runs=(SECOND,)))))


def passed(run: str, on: datetime = PASSED) -> CourseResult:
    return CourseResult(run, letter_grade="Pass", passed_timestamp=on, enrollment_mode="honor")


def record(*results: CourseResult, unknown: Iterable[str] = ()) -> LearnerRecord:
    return LearnerRecord(
        course_results={
            **{result.run: result for result in results},
            **{run: Unknown("Nobody can say.") for run in unknown},
        }
    )


MET = record(passed(RUN))
NOT_MET = record()
UNKNOWN = record(unknown=[RUN])

ACTIVE = Standing("a", 1, State.ACTIVE, PASSED, PASSED, id=1)
HELD = replace(ACTIVE, state=State.HELD)
BY_POLICY = replace(ACTIVE, state=State.SUSPENDED, suspended_by_policy=True)
BY_PERSON = replace(ACTIVE, state=State.SUSPENDED, suspended_by_person=True)
BY_BOTH = replace(BY_POLICY, suspended_by_person=True)
MANUAL = replace(ACTIVE, is_manual=True)

REVOKE = {DecisionKind.REVOKE: Said(7, "Copied.", NOW)}
SUSPEND = {DecisionKind.SUSPEND: Said(7, "Under review.", NOW)}
APPROVE = {DecisionKind.APPROVE: Said(7, "", NOW, 1, PASSED)}
DECLINE = {DecisionKind.DECLINE: Said(7, "Not yet.", NOW, 1, PASSED)}
AWARD = {DecisionKind.AWARD: Said(7, "Prior learning.", NOW, 1, PASSED)}


def settle(
    terms: Terms | tuple[Terms, ...] = TERMS,
    facts: LearnerRecord = MET,
    standing: Standing | None = None,
    said: Mapping[DecisionKind, Said] | None = None,
    *,
    now: datetime = NOW,
    undone: str = "",
) -> Decided:
    versions = terms if isinstance(terms, tuple) else (terms,)
    return decide(Case(versions, facts, standing, said or {}, undone), now=now)


def kinds(decided: Decided) -> list[EventKind]:
    return [change.kind for change in decided.changes]


def told(decided: Decided) -> list[Announcement]:
    return [change.announcement for change in decided.changes if change.announcement]


# --- the table of states -------------------------------------------------------------------------

_NONE = "nothing"

# Design: the states of an award, and what each is left to.
TABLE = {
    (_NONE, EventKind.HELD, State.HELD),
    (_NONE, EventKind.EARNED, State.ACTIVE),
    (State.HELD, EventKind.APPROVED, State.ACTIVE),
    (State.HELD, EventKind.DECLINED, State.DECLINED),
    (State.ACTIVE, EventKind.RENEWED, State.ACTIVE),
    (State.ACTIVE, EventKind.SUSPENDED, State.SUSPENDED),
    (State.ACTIVE, EventKind.REVOKED, State.REVOKED),
    (State.ACTIVE, EventKind.EXPIRED, State.EXPIRED),
    (State.SUSPENDED, EventKind.RENEWED, State.SUSPENDED),
    (State.SUSPENDED, EventKind.SUSPENDED, State.SUSPENDED),  # the other flag comes or goes
    (State.SUSPENDED, EventKind.REINSTATED, State.ACTIVE),
    (State.SUSPENDED, EventKind.REVOKED, State.REVOKED),
    (State.SUSPENDED, EventKind.EXPIRED, State.EXPIRED),
}

STANDINGS = {
    "nothing": None,
    "held": HELD,
    "active": ACTIVE,
    "suspended by policy": BY_POLICY,
    "suspended by a person": BY_PERSON,
    "suspended by both": BY_BOTH,
    "manual": MANUAL,
    "manual, suspended": replace(BY_PERSON, is_manual=True),
}
FACTS = {
    "met": MET,
    "newly met": record(passed(RUN), passed(SECOND, PASSED + 30 * DAY)),
    "not met": NOT_MET,
    "unknown": UNKNOWN,
}
SAID = [
    {}, REVOKE, SUSPEND, APPROVE, DECLINE, AWARD, AWARD | SUSPEND, APPROVE | DECLINE,
]  # fmt: skip
UNDONE = ("nothing", "withdrawn", "undone")


@cache
def _everything() -> list[tuple[Case, Decided]]:
    """`decide` in every state, for every stimulus."""
    found = []
    for standing, facts, said, policy, approval, months, is_over, undone in product(
        STANDINGS.values(), FACTS.values(), SAID, Policy, (False, True), (None, 2, 120),
        (False, True), UNDONE,
    ):  # fmt: skip
        terms = replace(EITHER, policy=policy, needs_approval=approval, validity_months=months)
        if standing is not None:
            end = NOW - 10 * DAY if is_over else NEXT_YEAR
            standing = replace(standing, expires_at=end if months else None, cause_id="p")
        elif is_over:
            continue
        if DecisionKind.AWARD in said and standing is not None and not standing.is_manual:
            continue  # nobody can award by hand what is there already
        case = Case(
            () if undone == "withdrawn" else (terms,), facts, standing, said,
            "p" if undone == "undone" else "",
        )  # fmt: skip
        found.append((case, decide(case, now=NOW)))
    return found


def test_every_transition_of_the_table_and_no_other() -> None:
    seen = {
        (change.before.state if change.before else _NONE, change.kind, change.after.state)
        for _case, decided in _everything()
        for change in decided.changes
    }
    assert seen == TABLE


def test_changes_form_a_chain_that_ends_in_the_standing() -> None:
    for _case, decided in _everything():
        standing = None
        for position, change in enumerate(decided.changes):
            if position:
                assert change.before == standing
            standing = None if change.after.has_ended else change.after
        if decided.changes:
            assert decided.standing == standing


def test_flags_agree_with_the_state_in_every_change() -> None:
    for _case, decided in _everything():
        for change in decided.changes:
            after = change.after
            is_flagged = after.suspended_by_policy or after.suspended_by_person
            if not after.has_ended:
                assert is_flagged == (after.state == State.SUSPENDED)


def test_announcements_alternate_whatever_happens() -> None:
    for _case, decided in _everything():
        is_told = None
        for change in decided.changes:
            if change.before is not None and is_told is None:
                is_told = change.before.state == State.ACTIVE
            if change.before is None:
                is_told = False
            if change.announcement:
                assert (change.announcement == Announcement.AWARDED) is not is_told
                is_told = change.announcement == Announcement.AWARDED


def test_deciding_again_changes_nothing() -> None:
    """Whatever has been decided is settled: a second hint finds nothing to do."""
    for case, decided in _everything():
        if decided.changes:
            again = decide(replace(case, standing=decided.standing), now=NOW)
            assert again.changes == ()


# --- earning -------------------------------------------------------------------------------------


def test_earned_with_the_date_of_the_fact_and_the_evaluation_that_says_why() -> None:
    decided = settle()
    [change] = decided.changes
    assert (change.kind, change.before) == (EventKind.EARNED, None)
    assert decided.standing == change.after
    assert change.after == Standing(change.after.uuid, 1, State.ACTIVE, PASSED, PASSED)
    assert change.outcome is not None
    assert change.outcome.is_met
    assert told(decided) == [Announcement.AWARDED]


@pytest.mark.parametrize(
    ("facts", "is_unknown"),
    [pytest.param(NOT_MET, False, id="not met"), pytest.param(UNKNOWN, True, id="unknown")],
)
def test_not_earned(facts: LearnerRecord, is_unknown: bool) -> None:
    decided = settle(facts=facts)
    assert (decided.changes, decided.standing) == ((), None)
    assert decided.is_unknown is is_unknown


def test_every_new_award_has_a_uuid_of_its_own() -> None:
    uuids = {settle().changes[0].after.uuid for _ in range(3)}
    assert len(uuids) == 3


@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize("standing", [ACTIVE, BY_POLICY, BY_PERSON, BY_BOTH, HELD])
def test_unknown_neither_awards_nor_takes_away(policy: Policy, standing: Standing) -> None:
    said = SUSPEND if standing.suspended_by_person else {}
    decided = settle(replace(TERMS, policy=policy), UNKNOWN, standing, said)
    assert decided.changes == ()
    assert decided.standing == standing
    assert decided.is_unknown


# --- regression ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "standing", "expected", "announced"),
    [
        (Policy.KEEP, ACTIVE, [], []),
        (Policy.KEEP, HELD, [], []),
        (Policy.SUSPEND, ACTIVE, [EventKind.SUSPENDED], [Announcement.REVOKED]),
        (Policy.SUSPEND, BY_POLICY, [], []),
        (Policy.SUSPEND, BY_PERSON, [EventKind.SUSPENDED], []),
        (Policy.SUSPEND, BY_BOTH, [], []),
        (Policy.SUSPEND, HELD, [EventKind.DECLINED], []),
        (Policy.REVOKE, ACTIVE, [EventKind.REVOKED], [Announcement.REVOKED]),
        (Policy.REVOKE, BY_POLICY, [EventKind.REVOKED], []),
        (Policy.REVOKE, BY_PERSON, [EventKind.REVOKED], []),
        (Policy.REVOKE, BY_BOTH, [EventKind.REVOKED], []),
        (Policy.REVOKE, HELD, [EventKind.DECLINED], []),
    ],
)
def test_requirements_no_longer_met(
    policy: Policy,
    standing: Standing,
    expected: list[EventKind],
    announced: list[Announcement],
) -> None:
    said = SUSPEND if standing.suspended_by_person else {}
    decided = settle(replace(TERMS, policy=policy), NOT_MET, standing, said)
    assert kinds(decided) == expected
    assert told(decided) == announced


@pytest.mark.parametrize("policy", Policy)
def test_pass_fail_pass_ends_active(policy: Policy) -> None:
    terms = replace(TERMS, policy=policy)
    standing = None
    for facts in (MET, NOT_MET, MET):
        standing = settle(terms, facts, standing).standing
    assert standing is not None
    assert standing.state == State.ACTIVE


def test_other_alternative_keeps_the_award() -> None:
    """A or B, both passed: A regresses, and nothing happens."""
    terms = replace(EITHER, policy=Policy.REVOKE)
    assert settle(terms, record(passed(SECOND)), ACTIVE).changes == ()


def test_receipt_of_a_regression_says_what_is_no_longer_met() -> None:
    [change] = settle(replace(TERMS, policy=Policy.REVOKE), NOT_MET, ACTIVE).changes
    assert change.outcome is not None
    assert not change.outcome.is_met


# --- two suspensions -----------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["policy", "person"])
@pytest.mark.parametrize("lifted_first", ["policy", "person"])
def test_active_again_when_neither_suspension_stands(first: str, lifted_first: str) -> None:
    terms = replace(TERMS, policy=Policy.SUSPEND)
    facts, said = MET, {}
    standing: Standing | None = ACTIVE
    for cause in [first, "person" if first == "policy" else "policy"]:
        facts, said = (NOT_MET, said) if cause == "policy" else (facts, SUSPEND)
        standing = settle(terms, facts, standing, said).standing
    assert standing == BY_BOTH

    for cause in [lifted_first, "person" if lifted_first == "policy" else "policy"]:
        assert standing.state == State.SUSPENDED
        facts, said = (MET, said) if cause == "policy" else (facts, {})
        decided = settle(terms, facts, standing, said)
        standing = decided.standing
    assert standing == ACTIVE
    assert kinds(decided) == [EventKind.REINSTATED]
    assert told(decided) == [Announcement.AWARDED]


def test_both_suspensions_at_once_are_told_once() -> None:
    decided = settle(replace(TERMS, policy=Policy.SUSPEND), NOT_MET, ACTIVE, SUSPEND)
    assert decided.standing == BY_BOTH
    assert told(decided) == [Announcement.REVOKED]


def test_both_suspensions_lifted_at_once_are_told_once() -> None:
    decided = settle(replace(TERMS, policy=Policy.SUSPEND), MET, BY_BOTH)
    assert decided.standing == ACTIVE
    assert told(decided) == [Announcement.AWARDED]


def test_suspension_waits_while_the_award_is_held() -> None:
    terms = replace(TERMS, needs_approval=True)
    assert settle(terms, MET, HELD, SUSPEND).changes == ()
    approved = settle(terms, MET, HELD, SUSPEND | APPROVE)
    assert approved.standing == BY_PERSON


# --- what people decide --------------------------------------------------------------------------


@pytest.mark.parametrize("facts", FACTS.values(), ids=FACTS)
@pytest.mark.parametrize("standing", [ACTIVE, BY_POLICY, BY_PERSON, BY_BOTH, MANUAL])
def test_person_revokes_whatever_the_facts_say(facts: LearnerRecord, standing: Standing) -> None:
    decided = settle(TERMS, facts, standing, REVOKE)
    assert kinds(decided) == [EventKind.REVOKED]
    assert decided.standing is None
    assert decided.changes[0].said == REVOKE[DecisionKind.REVOKE]


def test_revocation_by_a_person_blocks_until_it_is_lifted() -> None:
    assert settle(said=REVOKE).changes == ()
    assert settle(replace(TERMS, needs_approval=True), said=REVOKE | APPROVE).changes == ()
    assert kinds(settle()) == [EventKind.EARNED]


def test_revoking_what_is_held_declines_it() -> None:
    decided = settle(replace(TERMS, needs_approval=True), MET, HELD, REVOKE)
    assert kinds(decided) == [EventKind.DECLINED]
    assert told(decided) == []


def test_held_until_a_person_approves() -> None:
    terms = replace(TERMS, needs_approval=True)
    held = settle(terms)
    assert kinds(held) == [EventKind.HELD]
    assert told(held) == []
    approved = settle(terms, MET, held.standing, APPROVE)
    assert kinds(approved) == [EventKind.APPROVED]
    assert told(approved) == [Announcement.AWARDED]
    assert approved.standing is not None
    assert approved.standing.uuid == held.changes[0].after.uuid


def test_approved_once_is_approved_when_worked_out_again() -> None:
    decided = settle(replace(TERMS, needs_approval=True), MET, None, APPROVE)
    assert kinds(decided) == [EventKind.EARNED]
    assert decided.changes[0].said == APPROVE[DecisionKind.APPROVE]


@pytest.mark.parametrize("decision", [APPROVE, DECLINE], ids=["approval", "decline"])
def test_decision_about_another_accomplishment_leaves_it_held(
    decision: dict[DecisionKind, Said],
) -> None:
    terms = replace(TERMS, needs_approval=True)
    newer = record(passed(RUN, PASSED + DAY))
    standing = replace(HELD, met_on=PASSED + DAY, valid_from=PASSED + DAY)
    assert settle(terms, newer, standing, decision).changes == ()
    assert kinds(settle(terms, newer, None, decision)) == [EventKind.HELD]


def test_declined_accomplishment_does_not_come_again() -> None:
    terms = replace(TERMS, needs_approval=True)
    declined = settle(terms, MET, HELD, DECLINE)
    assert kinds(declined) == [EventKind.DECLINED]
    assert declined.standing is None
    assert settle(terms, MET, None, DECLINE).changes == ()


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(record(passed(SECOND, PASSED + DAY)), id="in place of the declined one"),
        pytest.param(
            record(passed(RUN), passed(SECOND, PASSED + DAY)), id="beside the declined one"
        ),
    ],
)
def test_newer_accomplishment_than_the_declined_one_is_held_again(facts: LearnerRecord) -> None:
    terms = replace(EITHER, needs_approval=True)
    decided = settle(terms, facts, None, DECLINE)
    assert kinds(decided) == [EventKind.HELD]
    assert decided.standing is not None
    assert decided.standing.met_on == PASSED + DAY


def test_what_was_declined_first_stays_declined_when_a_newer_one_is_declined_too() -> None:
    terms = replace(EITHER, needs_approval=True)
    later = {DecisionKind.DECLINE: Said(7, "", NOW, 1, PASSED + DAY)}
    facts = record(passed(RUN), passed(SECOND, PASSED + DAY))
    assert settle(terms, facts, None, later).changes == ()


def test_declined_accomplishment_does_not_come_again_without_approval_either() -> None:
    """What is declined is declined, even by a version that would not ask."""
    assert settle(TERMS, MET, None, DECLINE).changes == ()


def test_award_by_hand_needs_no_fact() -> None:
    [change] = settle(TERMS, NOT_MET, None, AWARD).changes
    assert change.kind == EventKind.EARNED
    assert change.after.is_manual
    assert change.after.met_on == PASSED
    assert change.after.valid_from == NOW
    assert change.said == AWARD[DecisionKind.AWARD]


@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize("facts", [NOT_MET, UNKNOWN], ids=["not met", "unknown"])
def test_award_by_hand_does_not_regress(policy: Policy, facts: LearnerRecord) -> None:
    decided = settle(replace(TERMS, policy=policy), facts, MANUAL, AWARD)
    assert (decided.changes, decided.standing) == ((), MANUAL)


def test_award_by_hand_expires_and_is_not_given_again() -> None:
    said = {DecisionKind.AWARD: replace(AWARD[DecisionKind.AWARD], expires_at=NOW)}
    standing = replace(MANUAL, expires_at=NOW)
    assert settle(TERMS, NOT_MET, standing, said, now=NOW - DAY).changes == ()
    decided = settle(replace(TERMS, grace_days=90), NOT_MET, standing, said)
    assert kinds(decided) == [EventKind.EXPIRED]
    assert decided.standing is None


def test_award_by_hand_that_ran_out_leaves_room_for_an_earned_one() -> None:
    said = {DecisionKind.AWARD: replace(AWARD[DecisionKind.AWARD], expires_at=NOW)}
    decided = settle(TERMS, MET, replace(MANUAL, expires_at=NOW), said)
    assert kinds(decided) == [EventKind.EXPIRED, EventKind.EARNED]
    assert decided.standing is not None
    assert not decided.standing.is_manual


def test_award_by_hand_of_a_withdrawn_version_stays() -> None:
    assert settle((), NOT_MET, MANUAL, AWARD).changes == ()


# --- expiry and renewal --------------------------------------------------------------------------

YEARLY = replace(EITHER, validity_months=12)
RUNS_OUT = replace(ACTIVE, expires_at=NEXT_YEAR)


def test_award_expires_after_its_validity() -> None:
    decided = settle(YEARLY)
    assert decided.standing is not None
    assert decided.standing.expires_at == NEXT_YEAR
    assert decided.changes_at == NEXT_YEAR


@pytest.mark.parametrize("standing", [RUNS_OUT, replace(BY_POLICY, expires_at=NEXT_YEAR)])
def test_expired_when_its_time_has_come(standing: Standing) -> None:
    before = settle(YEARLY, MET, RUNS_OUT, now=NEXT_YEAR - timedelta.resolution)
    assert before.changes == ()
    decided = settle(YEARLY, MET, standing, now=NEXT_YEAR)
    assert kinds(decided) == [EventKind.EXPIRED]
    assert decided.changes[0].is_time
    assert decided.standing is None
    assert told(decided) == []


def test_not_expired_before_the_grace_is_over() -> None:
    terms = replace(YEARLY, grace_days=14)
    within = settle(terms, MET, RUNS_OUT, now=NEXT_YEAR + 13 * DAY)
    assert within.changes == ()
    assert within.changes_at == NEXT_YEAR + 14 * DAY
    after = settle(terms, MET, RUNS_OUT, now=NEXT_YEAR + 14 * DAY)
    assert kinds(after) == [EventKind.EXPIRED]


def test_expired_is_earned_again_only_by_newer_facts() -> None:
    """The old facts do not bring it back; something done again does, as a new award."""
    over = NEXT_YEAR + DAY
    assert settle(YEARLY, MET, None, now=over).changes == ()
    newer = record(passed(RUN), passed(SECOND, NEXT_YEAR + DAY))
    decided = settle(YEARLY, newer, None, now=over)
    assert kinds(decided) == [EventKind.EARNED]
    assert decided.standing is not None
    assert decided.standing.met_on == NEXT_YEAR + DAY


def test_renewal_extends_the_same_award() -> None:
    newer = record(passed(RUN), passed(SECOND, PASSED + 30 * DAY))
    decided = settle(YEARLY, newer, RUNS_OUT)
    assert kinds(decided) == [EventKind.RENEWED]
    assert decided.standing is not None
    assert decided.standing.uuid == RUNS_OUT.uuid
    assert decided.standing.valid_from == PASSED + 30 * DAY
    assert decided.standing.expires_at == datetime(2027, 4, 1, 9, 30, tzinfo=UTC)
    assert told(decided) == []


def test_renewed_by_its_own_tree() -> None:
    terms = replace(YEARLY, renewal=Course(runs=(THIRD,)))
    by_requirements = record(passed(RUN), passed(SECOND, PASSED + 30 * DAY))
    assert settle(terms, by_requirements, RUNS_OUT).changes == ()
    by_renewal = record(passed(RUN), passed(THIRD, PASSED + 30 * DAY))
    assert kinds(settle(terms, by_renewal, RUNS_OUT)) == [EventKind.RENEWED]


def test_renewal_never_shortens() -> None:
    longer = replace(RUNS_OUT, expires_at=NEXT_YEAR + 300 * DAY)
    newer = record(passed(RUN), passed(SECOND, PASSED + 30 * DAY))
    assert settle(YEARLY, newer, longer).changes == ()


def test_facts_of_the_period_itself_do_not_renew() -> None:
    assert settle(YEARLY, MET, RUNS_OUT, now=NEXT_YEAR - DAY).changes == ()


def test_renewal_within_the_grace() -> None:
    terms = replace(YEARLY, grace_days=14)
    newer = record(passed(RUN), passed(SECOND, NEXT_YEAR + 10 * DAY))
    decided = settle(terms, newer, RUNS_OUT, now=NEXT_YEAR + 12 * DAY)
    assert kinds(decided) == [EventKind.RENEWED]


def test_renewal_in_time_but_noticed_late_still_extends() -> None:
    terms = replace(YEARLY, grace_days=14)
    newer = record(passed(RUN), passed(SECOND, NEXT_YEAR + 10 * DAY))
    decided = settle(terms, newer, RUNS_OUT, now=NEXT_YEAR + 100 * DAY)
    assert kinds(decided) == [EventKind.RENEWED]


def test_renewal_after_the_grace_is_a_new_award() -> None:
    terms = replace(YEARLY, grace_days=14)
    newer = record(passed(RUN), passed(SECOND, NEXT_YEAR + 15 * DAY))
    decided = settle(terms, newer, RUNS_OUT, now=NEXT_YEAR + 15 * DAY)
    assert kinds(decided) == [EventKind.EXPIRED, EventKind.EARNED]
    assert decided.standing is not None
    assert decided.standing.uuid != RUNS_OUT.uuid


def test_renewal_that_is_unknown_is_waited_for() -> None:
    decided = settle(YEARLY, record(passed(RUN), unknown=[SECOND]), RUNS_OUT, now=NEXT_YEAR)
    assert (decided.changes, decided.standing) == ((), RUNS_OUT)
    assert decided.is_unknown


def test_all_renewals_are_noticed_at_once() -> None:
    """Three passes within their periods, seen together, end where they would one by one."""
    terms = replace(
        YEARLY, requirements=AnyOf(of=tuple(Course(runs=(run,)) for run in (RUN, SECOND, THIRD)))
    )
    facts = record(
        passed(RUN), passed(SECOND, PASSED + 100 * DAY), passed(THIRD, PASSED + 200 * DAY)
    )
    decided = settle(terms, facts, None, now=PASSED + 250 * DAY)
    assert kinds(decided) == [EventKind.EARNED, EventKind.RENEWED, EventKind.RENEWED]
    assert decided.standing is not None
    assert decided.standing.valid_from == PASSED + 200 * DAY


def test_renewed_in_time_and_run_out_since_is_expired_at_once() -> None:
    facts = record(passed(RUN), passed(SECOND, PASSED + 100 * DAY))
    decided = settle(YEARLY, facts, RUNS_OUT, now=NEXT_YEAR + 200 * DAY)
    assert kinds(decided) == [EventKind.RENEWED, EventKind.EXPIRED]
    assert decided.standing is None


def test_suspended_award_is_renewed_and_stays_suspended() -> None:
    newer = record(passed(RUN), passed(SECOND, PASSED + 30 * DAY))
    standing = replace(BY_PERSON, expires_at=NEXT_YEAR)
    decided = settle(YEARLY, newer, standing, SUSPEND)
    assert kinds(decided) == [EventKind.RENEWED]
    assert decided.standing is not None
    assert decided.standing.state == State.SUSPENDED


def test_held_award_whose_time_has_run_out_is_declined() -> None:
    terms = replace(YEARLY, needs_approval=True)
    decided = settle(terms, MET, replace(HELD, expires_at=NEXT_YEAR), now=NEXT_YEAR)
    assert kinds(decided) == [EventKind.DECLINED]
    assert decided.changes[0].is_time


# --- versions ------------------------------------------------------------------------------------

OTHER = Terms(2, PASSED + DAY, requirements=Course(runs=(SECOND,)))


def test_own_version_counts_after_it_has_closed() -> None:
    closed = replace(TERMS, closes_at=PASSED + DAY, policy=Policy.REVOKE)
    assert settle((closed, OTHER), MET, ACTIVE).changes == ()


def test_closed_version_is_earned_by_what_was_met_before_it_closed() -> None:
    closed = replace(TERMS, closes_at=PASSED + DAY)
    decided = settle((closed, OTHER), MET)
    assert decided.standing is not None
    assert decided.standing.version == 1
    late = replace(TERMS, closes_at=PASSED)
    assert settle((late, OTHER), MET).changes == ()


def test_stricter_version_takes_nothing_from_those_who_met_the_older() -> None:
    closed = replace(TERMS, closes_at=PASSED + DAY, policy=Policy.REVOKE)
    stricter = replace(OTHER, requirements=AllOf(of=(Course(runs=(RUN,)), Course(runs=(SECOND,)))))
    assert settle((closed, stricter), MET, ACTIVE).changes == ()


def test_other_version_that_counts_keeps_the_award() -> None:
    open_terms = replace(TERMS, policy=Policy.REVOKE)
    assert settle((open_terms, OTHER), record(passed(SECOND)), ACTIVE).changes == ()


def test_policy_is_that_of_the_own_version() -> None:
    closed = replace(TERMS, closes_at=PASSED + DAY, policy=Policy.KEEP)
    revoking = replace(OTHER, policy=Policy.REVOKE)
    assert settle((closed, revoking), NOT_MET, ACTIVE).changes == ()


def test_award_never_changes_its_version_but_by_renewal() -> None:
    older = replace(TERMS, closes_at=None)
    own_is_newer = replace(ACTIVE, version=2)
    assert settle((older, OTHER), MET, own_is_newer).changes == ()
    yearly = replace(OTHER, validity_months=12)
    renewed = settle(
        (replace(older, validity_months=12), yearly),
        record(passed(RUN), passed(SECOND, PASSED + 2 * DAY)),
        RUNS_OUT,
    )
    assert renewed.standing is not None
    assert (renewed.standing.uuid, renewed.standing.version) == (RUNS_OUT.uuid, 2)


@pytest.mark.parametrize(
    ("standing", "kind", "announced"),
    [
        (ACTIVE, EventKind.REVOKED, [Announcement.REVOKED]),
        (BY_POLICY, EventKind.REVOKED, []),
        (HELD, EventKind.DECLINED, []),
    ],
)
def test_withdrawn_version_takes_its_awards_with_it(
    standing: Standing, kind: EventKind, announced: list[Announcement]
) -> None:
    decided = settle((), MET, standing)
    assert kinds(decided) == [kind]
    assert decided.changes[0].is_undo
    assert told(decided) == announced


def test_withdrawn_version_leaves_what_another_version_gives() -> None:
    decided = settle((OTHER,), record(passed(RUN), passed(SECOND, PASSED + 2 * DAY)), ACTIVE)
    assert kinds(decided) == [EventKind.REVOKED, EventKind.EARNED]
    assert decided.standing is not None
    assert decided.standing.version == 2


def test_withdrawn_version_whose_award_ran_out_while_nothing_can_be_said() -> None:
    """Neither waits for an answer that can't matter, nor fails."""
    decided = settle(
        (replace(OTHER, validity_months=12),),
        record(unknown=[SECOND]),
        RUNS_OUT,
        now=NEXT_YEAR + DAY,
    )
    assert kinds(decided) == [EventKind.EXPIRED]


@pytest.mark.parametrize(
    ("facts", "cause", "expected"),
    [
        pytest.param(NOT_MET, "p", [EventKind.REVOKED], id="caused by it, not met"),
        pytest.param(MET, "p", [], id="caused by it, still met"),
        pytest.param(UNKNOWN, "p", [], id="caused by it, unknown"),
        pytest.param(NOT_MET, "q", [], id="caused by something else"),
    ],
)
def test_undoing_a_publication(facts: LearnerRecord, cause: str, expected: list[EventKind]) -> None:
    """Whatever the policy: it would have kept it."""
    decided = settle(TERMS, facts, replace(ACTIVE, cause_id=cause), undone="p")
    assert kinds(decided) == expected
    assert all(change.is_undo for change in decided.changes)


# --- when to look again --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "standing", "now", "expected"),
    [
        (TERMS, ACTIVE, NOW, None),
        (YEARLY, RUNS_OUT, NOW, NEXT_YEAR),
        (replace(YEARLY, grace_days=5), RUNS_OUT, NEXT_YEAR, NEXT_YEAR + 5 * DAY),
    ],
)
def test_next_look(
    terms: Terms, standing: Standing, now: datetime, expected: datetime | None
) -> None:
    assert settle(terms, MET, standing, now=now).changes_at == expected


def test_change_is_announced_by_what_it_leads_to() -> None:
    def change(kind: EventKind, before: Any, after: Standing) -> Announcement:
        return Change(kind, before, after).announcement

    ended = replace(ACTIVE, state=State.EXPIRED)
    assert change(EventKind.EXPIRED, ACTIVE, ended) == Announcement.NONE
    assert change(EventKind.RENEWED, ACTIVE, ACTIVE) == Announcement.NONE
    assert change(EventKind.SUSPENDED, BY_POLICY, BY_BOTH) == Announcement.NONE
    assert change(EventKind.HELD, None, HELD) == Announcement.NONE
