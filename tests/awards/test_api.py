"""The door of the awards: what is recorded, and what the database itself refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Because, Cause, Change, DecisionKind, EventKind, State
from microcred_plugin.awards.models import (
    Announcement,
    Award,
    AwardEvent,
    Decision,
    Due,
    Observation,
    Receipt,
)
from microcred_plugin.definitions.models import Microcredential
from microcred_plugin.evaluation.evaluate import Outcome, evaluate
from microcred_plugin.evaluation.record import CourseResult, LearnerRecord
from microcred_plugin.evaluation.requirements import Course
from tests.factories import course, publish
from tests.fakes import FakeHost

pytestmark = pytest.mark.django_db

RUN = "course-v1:NordU+DL101+2026"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
EVENT = Because(Cause.EVENT, RUN)


@pytest.fixture
def microcredential(host: FakeHost) -> Microcredential:
    host.add_run(RUN)
    return publish("literacy", course(RUN))


def raw_award(microcredential: Microcredential, learner_id: int = 1, **values: Any) -> Award:
    """A row as it is, without any of the rules."""
    return Award.objects.create(
        **{
            "learner_id": learner_id,
            "microcredential": microcredential,
            "version": microcredential.versions.get(),
            "state": "active",
            "valid_from": NOW,
            "cause": "event",
            "created": NOW,
            "modified": NOW,
            **values,
        }
    )


def standing(**values: Any) -> awards.Standing:
    return awards.Standing(
        **{
            "uuid": str(uuid4()),
            "version": 1,
            "state": State.ACTIVE,
            "met_on": NOW,
            "valid_from": NOW,
            **values,
        }
    )


def outcome() -> Outcome:
    passed = CourseResult(RUN, letter_grade="Pass", passed_timestamp=NOW, enrollment_mode="honor")
    return evaluate(Course(runs=(RUN,)), LearnerRecord({RUN: passed}), now=NOW)


def recorded(
    microcredential: Microcredential, *changes: Change, learner_id: int = 1, **values: Any
) -> list[awards.Recorded]:
    ids = {version.number: version.id for version in microcredential.versions.all()}
    return [
        awards.Recorded(learner_id, microcredential.id, ids, change, **values) for change in changes
    ]


def earned(after: awards.Standing) -> Change:
    return Change(EventKind.EARNED, None, after, outcome())


# --- what the database refuses -------------------------------------------------------------------


def test_two_awards_that_have_not_ended_are_refused(microcredential: Microcredential) -> None:
    raw_award(microcredential)
    with pytest.raises(IntegrityError), transaction.atomic():
        raw_award(microcredential, state="held")


def test_ended_awards_may_be_as_many_as_they_are(microcredential: Microcredential) -> None:
    for state in ("revoked", "revoked", "expired", "declined"):
        raw_award(microcredential, state=state, slot=None)
    raw_award(microcredential)
    assert Award.objects.count() == 5


@pytest.mark.parametrize(
    ("state", "slot"),
    [
        ("held", None), ("active", None), ("suspended", None), ("active", 2),
        ("declined", 1), ("revoked", 1), ("expired", 1), ("unheard of", 1),
    ],
)  # fmt: skip
def test_slot_that_does_not_fit_the_state_is_refused(
    microcredential: Microcredential, state: str, slot: int | None
) -> None:
    is_suspended = state == "suspended"
    with pytest.raises(IntegrityError), transaction.atomic():
        raw_award(microcredential, state=state, slot=slot, suspended_by_person=is_suspended)


@pytest.mark.parametrize(
    ("state", "by_policy", "by_person"),
    [
        ("suspended", False, False),
        ("active", True, False),
        ("active", False, True),
        ("held", True, True),
    ],
)
def test_suspension_that_does_not_fit_the_state_is_refused(
    microcredential: Microcredential, state: str, by_policy: bool, by_person: bool
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        raw_award(
            microcredential,
            state=state,
            suspended_by_policy=by_policy,
            suspended_by_person=by_person,
        )


def raw_decision(microcredential: Microcredential, **values: Any) -> Decision:
    return Decision.objects.create(
        **{
            "learner_id": 1,
            "microcredential": microcredential,
            "kind": "revoke",
            "at": NOW,
            **values,
        }
    )


def test_two_standing_decisions_of_a_kind_are_refused(microcredential: Microcredential) -> None:
    raw_decision(microcredential)
    raw_decision(microcredential, kind="suspend")
    raw_decision(microcredential, slot=None, lifted_at=NOW)
    raw_decision(microcredential, slot=None, lifted_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        raw_decision(microcredential)


@pytest.mark.parametrize(("slot", "lifted_at"), [(1, NOW), (None, None)])
def test_decision_both_standing_and_lifted_is_refused(
    microcredential: Microcredential, slot: int | None, lifted_at: datetime | None
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        raw_decision(microcredential, slot=slot, lifted_at=lifted_at)


def test_two_receipts_of_an_award_event_are_refused(microcredential: Microcredential) -> None:
    awards.record(recorded(microcredential, earned(standing())), EVENT, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Receipt.objects.create(event=AwardEvent.objects.get(), content={})


def test_award_of_a_user_who_is_not_there_is_kept(microcredential: Microcredential) -> None:
    """No constraint binds awards to the platform's users."""
    raw_award(microcredential, learner_id=987_654)
    connection.check_constraints()


# --- recording -----------------------------------------------------------------------------------


def test_recorded_award_is_what_was_decided(microcredential: Microcredential) -> None:
    after = standing(expires_at=LATER)
    awards.record(recorded(microcredential, earned(after)), EVENT, now=LATER)
    found = awards.standings([1], [microcredential.id])
    assert found == {
        (1, microcredential.id): replace(after, cause_id=RUN, id=Award.objects.get().id)
    }
    event = AwardEvent.objects.get()
    assert (event.kind, event.at, event.cause, event.cause_id) == ("earned", LATER, "event", RUN)
    assert event.announcement == Announcement.AWARDED
    assert event.announced_at is None


def test_receipt_holds_the_evaluation_with_the_facts_it_read(
    microcredential: Microcredential,
) -> None:
    awards.record(recorded(microcredential, earned(standing())), EVENT, now=NOW)
    content = Receipt.objects.get().content
    assert content["version"] == 1
    assert content["outcome"]["truth"] == "met"
    assert content["outcome"]["fact"]["passed_timestamp"] == NOW.isoformat()


def test_change_without_an_evaluation_has_no_receipt(microcredential: Microcredential) -> None:
    change = Change(EventKind.EARNED, None, standing(is_manual=True))
    awards.record(recorded(microcredential, change), EVENT, now=NOW)
    assert not Receipt.objects.exists()


def test_ended_and_earned_again_in_one_go(microcredential: Microcredential) -> None:
    old = standing(id=raw_award(microcredential, uuid=(uuid := uuid4())).id, uuid=str(uuid))
    new = standing()
    awards.record(
        recorded(
            microcredential,
            Change(EventKind.EXPIRED, old, replace(old, state=State.EXPIRED), is_time=True),
            earned(new),
        ),
        EVENT,
        now=LATER,
    )
    assert {str(award.uuid): (award.state, award.slot) for award in Award.objects.all()} == {
        old.uuid: ("expired", None),
        new.uuid: ("active", 1),
    }
    assert list(AwardEvent.objects.values_list("kind", "cause")) == [
        ("expired", "time"),
        ("earned", "event"),
    ]


def test_several_changes_of_one_award_leave_the_last(microcredential: Microcredential) -> None:
    first = standing()
    said = awards.Said(7, "Under review.", NOW)
    suspended = replace(first, state=State.SUSPENDED, suspended_by_person=True)
    awards.record(
        recorded(
            microcredential,
            earned(first),
            Change(EventKind.SUSPENDED, first, suspended, said=said),
        ),
        EVENT,
        now=NOW,
    )
    award = Award.objects.get()
    assert (award.state, award.suspended_by_person) == ("suspended", True)
    assert (award.cause, award.cause_id) == ("event", RUN)
    assert list(award.history.values_list("kind", "cause", "actor_id", "reason")) == [
        ("earned", "event", None, ""),
        ("suspended", "person", 7, "Under review."),
    ]


@pytest.mark.parametrize(
    ("values", "cause"),
    [({}, "event"), ({"is_undo": True}, "undo"), ({"is_time": True}, "time")],
)
def test_cause_in_the_history(
    microcredential: Microcredential, values: dict[str, bool], cause: str
) -> None:
    old = standing(id=raw_award(microcredential, uuid=(uuid := uuid4())).id, uuid=str(uuid))
    change = Change(EventKind.REVOKED, old, replace(old, state=State.REVOKED), **values)
    awards.record(recorded(microcredential, change), EVENT, now=NOW)
    assert AwardEvent.objects.get().cause == cause


def test_observed_changes_are_only_observations(microcredential: Microcredential) -> None:
    changes = recorded(microcredential, earned(standing()), is_observed=True)
    awards.record(changes, EVENT, now=NOW)
    awards.record(changes, EVENT, now=LATER)
    observed = Observation.objects.get()
    assert (observed.learner_id, observed.kind, observed.at) == (1, "earned", NOW)
    assert not Award.objects.exists()
    assert not AwardEvent.objects.exists()


def _queries_to_record(microcredential: Microcredential, learners: range) -> int:
    # As many as fit in one statement of SQLite; other databases take thousands.
    old = {
        learner: standing(
            id=raw_award(microcredential, learner, uuid=(uuid := uuid4())).id, uuid=str(uuid)
        )
        for learner in learners
    }
    changes = [
        item
        for learner in learners
        for item in recorded(
            microcredential,
            Change(
                EventKind.REVOKED,
                old[learner],
                replace(old[learner], state=State.REVOKED),
                outcome(),
            ),
            earned(standing()),
            learner_id=learner,
        )
    ]
    with CaptureQueriesContext(
        connection,
    ) as captured:
        awards.record(changes, EVENT, now=NOW)
    return len(captured)


def test_queries_do_not_depend_on_the_number_of_changes(microcredential: Microcredential) -> None:
    assert _queries_to_record(microcredential, range(1, 2)) == 4
    assert _queries_to_record(microcredential, range(2, 22)) == 4


# --- reading -------------------------------------------------------------------------------------


def test_standings_are_the_awards_that_have_not_ended(microcredential: Microcredential) -> None:
    raw_award(microcredential, 1, state="revoked", slot=None)
    raw_award(microcredential, 2, state="suspended", suspended_by_policy=True)
    raw_award(microcredential, 3)
    found = awards.standings([1, 2], [microcredential.id])
    assert set(found) == {(2, microcredential.id)}
    assert found[2, microcredential.id].suspended_by_policy


@pytest.mark.parametrize(
    ("expires_at", "state", "expected"),
    [
        (None, "active", State.ACTIVE),
        (LATER, "active", State.ACTIVE),
        (NOW, "active", State.EXPIRED),
        (NOW, "revoked", State.REVOKED),
    ],
)
def test_what_has_run_out_is_shown_as_expired_whatever_the_row_says(
    microcredential: Microcredential, expires_at: datetime | None, state: str, expected: State
) -> None:
    slot = None if state == "revoked" else 1
    award = raw_award(microcredential, expires_at=expires_at, state=state, slot=slot)
    assert awards.shown_state(award, now=NOW) == expected


def test_awards_of_some_learners_and_some_microcredentials(
    microcredential: Microcredential, host: FakeHost
) -> None:
    other = publish("numeracy", course(RUN))
    ended = raw_award(microcredential, state="revoked", slot=None)
    mine = raw_award(other)
    raw_award(microcredential, 2)
    assert set(awards.awards_of(learner_ids=[1])) == {ended, mine}
    assert set(awards.awards_of(learner_ids=[1], microcredential_ids=[other.id])) == {mine}
    assert awards.awards_of().count() == 3


def test_learners_concerned_are_paged_by_id(microcredential: Microcredential) -> None:
    for learner in (5, 3, 9):
        raw_award(microcredential, learner)
    raw_award(microcredential, 4, state="expired", slot=None)
    raw_decision(microcredential, learner_id=7)
    raw_decision(microcredential, learner_id=3)

    def page(after: int) -> list[int]:
        return awards.learners_concerned([microcredential.id], after=after, limit=2)

    assert [page(0), page(5), page(9)] == [[3, 5], [7, 9], []]


# --- people's decisions --------------------------------------------------------------------------


def test_decision_takes_the_place_of_one_of_its_kind(microcredential: Microcredential) -> None:
    for reason, at in (("First.", NOW), ("Second.", LATER)):
        awards.keep_decision(
            kind=DecisionKind.REVOKE, learner_id=1, microcredential_id=microcredential.id,
            by_id=7, reason=reason, now=at,
        )  # fmt: skip
    said = awards.decisions([1], [microcredential.id])
    assert said == {
        (1, microcredential.id): {DecisionKind.REVOKE: awards.Said(7, "Second.", LATER)}
    }
    first = Decision.objects.get(reason="First.")
    assert (first.lifted_by_id, first.lifted_at) == (7, LATER)


def test_lifting_says_whether_anything_stood(microcredential: Microcredential) -> None:
    raw_decision(microcredential)

    def lift() -> bool:
        return awards.lift_decision(
            kind=DecisionKind.REVOKE, learner_id=1, microcredential_id=microcredential.id,
            by_id=8, now=LATER,
        )  # fmt: skip

    assert [lift(), lift()] == [True, False]
    assert awards.decisions([1], [microcredential.id]) == {}


# --- the clock -----------------------------------------------------------------------------------


def test_later_note_of_the_same_reason_wins(microcredential: Microcredential) -> None:
    place = (1, microcredential.id)
    awards.expect([(place, awards.Why.EXPIRY, NOW), (place, awards.Why.UNKNOWN, NOW)])
    awards.expect([(place, awards.Why.EXPIRY, LATER)])
    assert set(Due.objects.values_list("why", "due_at")) == {("expiry", LATER), ("unknown", NOW)}


def test_expecting_nothing_asks_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        awards.expect([])


def test_due_are_the_oldest_first(microcredential: Microcredential) -> None:
    for learner, at in ((1, LATER), (2, NOW), (3, NOW - timedelta(hours=1))):
        awards.expect([((learner, microcredential.id), awards.Why.EXPIRY, at)])
    assert [row.learner_id for row in awards.due_before(NOW, limit=9)] == [3, 2]
    assert [row.learner_id for row in awards.due_before(NOW, limit=1)] == [3]


def test_what_was_put_off_meanwhile_stays_due(microcredential: Microcredential) -> None:
    for learner in (1, 2):
        awards.expect([((learner, microcredential.id), awards.Why.UNKNOWN, NOW)])
    rows = awards.due_before(NOW, limit=9)
    awards.expect([((2, microcredential.id), awards.Why.UNKNOWN, LATER)])
    awards.settle_due(rows)
    assert list(Due.objects.values_list("learner_id", "due_at")) == [(2, LATER)]


def test_watermark_begins_empty_and_is_replaced() -> None:
    assert awards.watermark() == ""
    awards.set_watermark("5")
    awards.set_watermark("7")
    assert awards.watermark() == "7"


# --- the outbox ----------------------------------------------------------------------------------


def test_outbox_has_what_is_to_be_told_in_order(microcredential: Microcredential) -> None:
    first, second = standing(), standing()
    awards.record(recorded(microcredential, earned(first)), EVENT, now=NOW)
    awards.record(recorded(microcredential, earned(second), learner_id=2), EVENT, now=NOW)
    ended = replace(first, state=State.EXPIRED, id=Award.objects.get(uuid=UUID(first.uuid)).id)
    awards.record(
        recorded(microcredential, Change(EventKind.EXPIRED, first, ended)), EVENT, now=LATER
    )
    waiting = awards.unannounced(limit=9, now=NOW)
    assert [str(event.award_id) for event in waiting] == [first.uuid, second.uuid]
    awards.mark_announced(waiting[0], now=LATER)
    awards.keep_quiet([waiting[1]])
    assert awards.unannounced(limit=9, now=NOW) == []


def test_claim_is_given_once_until_it_is_stale(microcredential: Microcredential) -> None:
    awards.record(recorded(microcredential, earned(standing())), EVENT, now=NOW)
    [event] = awards.unannounced(limit=9, now=NOW)
    within, after = NOW + timedelta(seconds=300), NOW + timedelta(seconds=301)
    assert awards.claim(event, now=NOW)
    assert not awards.claim(event, now=within)
    assert awards.unannounced(limit=9, now=within) == []
    assert awards.unannounced(limit=9, now=after) == [event]
    assert awards.claim(event, now=after)
    awards.mark_announced(event, now=NOW)
    assert not awards.claim(event, now=LATER)


def test_what_follows_a_claimed_event_of_the_same_award_waits(
    microcredential: Microcredential,
) -> None:
    first, other = standing(), standing()
    awards.record(recorded(microcredential, earned(first)), EVENT, now=NOW)
    [claimed] = awards.unannounced(limit=9, now=NOW)
    awards.claim(claimed, now=NOW)
    ended = replace(first, state=State.REVOKED, id=Award.objects.get().id)
    awards.record(
        recorded(microcredential, Change(EventKind.REVOKED, first, ended)), EVENT, now=NOW
    )
    awards.record(recorded(microcredential, earned(other), learner_id=2), EVENT, now=NOW)
    waiting = awards.unannounced(limit=1, now=NOW)
    assert [str(event.award_id) for event in waiting] == [other.uuid]
