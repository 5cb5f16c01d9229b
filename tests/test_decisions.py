"""What people decide about awards, and that it stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from microcred_plugin import decisions, earning
from microcred_plugin.awards.models import Award, AwardEvent, Decision
from microcred_plugin.decisions import NotPossible
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import Microcredential
from microcred_plugin.messages import api as messages
from tests.awards import history, snapshot, standing
from tests.factories import any_of, course, holds, publish
from tests.fakes import SOME_DAY, FakeHost

pytestmark = pytest.mark.django_db

A, B = (f"course-v1:NordU+{name}+2026" for name in ("A", "B"))
NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
BY: dict[str, Any] = {"learner_id": 1, "by_id": 9, "now": NOW}
WHY: dict[str, Any] = {**BY, "reason": "Because."}


@pytest.fixture(autouse=True)
def _platform(host: FakeHost) -> None:
    for run in (A, B):
        host.add_run(run)
    host.add_learner(1)


def hint(run: str = A) -> int:
    return earning.follow_hint(1, run, now=NOW)


def disturb(host: FakeHost) -> None:
    """Everything that the machine could do, with the facts as they are."""
    for run in (A, B, A):
        hint(run)
    earning.follow_changes(now=NOW)
    earning.follow_time(now=NOW)
    list(earning.reconcile(microcredential_ids=definitions.all_ids(), now=NOW))


@pytest.fixture
def earned(host: FakeHost) -> Microcredential:
    skill = publish("skill", course(A))
    host.pass_course(1, A)
    hint()
    return skill


@pytest.fixture
def held(host: FakeHost) -> Microcredential:
    skill = publish("skill", any_of(course(A), course(B)), needs_approval=True)
    host.pass_course(1, A)
    hint()
    return skill


# --- by hand -------------------------------------------------------------------------------------


def test_award_by_hand_stays_whatever_the_facts_say(host: FakeHost) -> None:
    skill = publish("skill", course(A), policy="revoke")
    parent = publish("mastery", holds(skill), policy="revoke")
    decisions.award_by_hand(microcredential_id=skill.id, met_on=SOME_DAY, **WHY)
    assert standing() == {"skill": "active", "mastery": "active"}
    award = Award.objects.get(microcredential=skill)
    assert (award.is_manual, award.met_on, award.valid_from) == (True, SOME_DAY, NOW)
    assert Award.objects.get(microcredential=parent).met_on == SOME_DAY
    host.fail_course(1, A)
    disturb(host)
    assert standing() == {"skill": "active", "mastery": "active"}


def test_award_by_hand_says_who_and_why() -> None:
    skill = publish("skill", course(A))
    decisions.award_by_hand(microcredential_id=skill.id, **WHY)
    event = AwardEvent.objects.get()
    assert (event.kind, event.cause, event.actor_id, event.reason) == (
        "earned", "person", 9, "Because.",
    )  # fmt: skip


def test_award_by_hand_expires_and_stays_expired(host: FakeHost) -> None:
    skill = publish("skill", course(A))
    decisions.award_by_hand(microcredential_id=skill.id, expires_at=NOW + DAY, **WHY)
    earning.follow_time(now=NOW + DAY)
    assert history("skill") == ["earned", "expired"]
    earning.follow_hint(1, A, now=NOW + DAY)
    list(earning.reconcile(microcredential_ids=[skill.id], learner_ids=[1], now=NOW + DAY))
    assert history("skill") == ["earned", "expired"]


def test_award_by_hand_lifts_an_earlier_revocation(earned: Microcredential) -> None:
    decisions.revoke(microcredential_id=earned.id, **WHY)
    decisions.award_by_hand(microcredential_id=earned.id, **WHY)
    assert standing() == {"skill": "active"}
    assert history("skill") == ["earned", "revoked", "earned"]


def test_award_by_hand_beside_another_is_refused(earned: Microcredential) -> None:
    before = snapshot()
    with pytest.raises(NotPossible, match="has an award of it already"):
        decisions.award_by_hand(microcredential_id=earned.id, **WHY)
    assert snapshot() == before
    assert not Decision.objects.exists()


def test_award_by_hand_of_what_was_never_published_is_refused() -> None:
    found = definitions.create_microcredential(slug="new", organization="NordU", title="New")
    with pytest.raises(NotPossible, match="Publish it first"):
        decisions.award_by_hand(microcredential_id=found.id, **WHY)
    assert not Decision.objects.exists()


# --- revoking ------------------------------------------------------------------------------------


def test_revocation_blocks_until_it_is_lifted(
    host: FakeHost, earned: Microcredential, announced: list[tuple[str, str]]
) -> None:
    decisions.revoke(microcredential_id=earned.id, **WHY)
    assert standing() == {}
    disturb(host)
    assert standing() == {}
    event = AwardEvent.objects.get(kind="revoked")
    assert (event.cause, event.actor_id, event.reason) == ("person", 9, "Because.")

    decisions.lift_revocation(microcredential_id=earned.id, **BY)
    assert standing() == {"skill": "active"}
    assert Award.objects.count() == 2
    messages.announce(now=NOW)
    assert [name for name, _uuid in announced] == ["awarded", "revoked", "awarded"]


def test_revocation_of_an_award_by_hand_ends_that_decision(host: FakeHost) -> None:
    skill = publish("skill", course(A))
    decisions.award_by_hand(microcredential_id=skill.id, **WHY)
    decisions.revoke(microcredential_id=skill.id, **WHY)
    decisions.lift_revocation(microcredential_id=skill.id, **BY)
    assert standing() == {}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("keep", {"mastery": "active"}), ("suspend", {"mastery": "suspended"}), ("revoke", {})],
)
def test_each_parent_follows_its_own_policy(
    host: FakeHost, earned: Microcredential, policy: str, expected: dict[str, str]
) -> None:
    """Keep shields a parent from a person's revocation of a component too."""
    publish("mastery", holds(earned), policy=policy)
    hint()
    decisions.revoke(microcredential_id=earned.id, **WHY)
    assert standing() == expected


def test_revoking_what_is_not_there_is_refused(host: FakeHost) -> None:
    skill = publish("skill", course(A))
    with pytest.raises(NotPossible, match="no award of it"):
        decisions.revoke(microcredential_id=skill.id, **WHY)
    host.pass_course(1, A)
    hint()
    assert standing() == {"skill": "active"}


# --- suspending ----------------------------------------------------------------------------------


def test_suspension_lasts_until_it_is_lifted(
    host: FakeHost, earned: Microcredential, announced: list[tuple[str, str]]
) -> None:
    publish("mastery", holds(earned), policy="suspend")
    hint()
    decisions.suspend(microcredential_id=earned.id, **WHY)
    disturb(host)
    assert standing() == {"skill": "suspended", "mastery": "suspended"}
    decisions.lift_suspension(microcredential_id=earned.id, **BY)
    assert standing() == {"skill": "active", "mastery": "active"}
    assert Award.objects.count() == 2
    messages.announce(now=NOW)
    for uuid in {uuid for _name, uuid in announced}:
        assert [name for name, of in announced if of == uuid] == ["awarded", "revoked", "awarded"]


def test_suspension_by_policy_outlasts_the_lifting(host: FakeHost) -> None:
    skill = publish("skill", course(A), policy="suspend")
    host.pass_course(1, A)
    hint()
    decisions.suspend(microcredential_id=skill.id, **WHY)
    host.fail_course(1, A)
    hint()
    decisions.lift_suspension(microcredential_id=skill.id, **BY)
    assert standing() == {"skill": "suspended"}
    host.pass_course(1, A)
    hint()
    assert standing() == {"skill": "active"}


def test_suspended_award_can_be_revoked(earned: Microcredential) -> None:
    decisions.suspend(microcredential_id=earned.id, **WHY)
    decisions.revoke(microcredential_id=earned.id, **WHY)
    assert standing() == {}


# --- approving -----------------------------------------------------------------------------------


def test_held_award_is_not_met_until_it_is_approved(
    host: FakeHost, held: Microcredential, announced: list[tuple[str, str]]
) -> None:
    publish("mastery", holds(held))
    hint()
    assert standing() == {"skill": "held"}
    assert messages.announce(now=NOW) == 0
    decisions.approve(microcredential_id=held.id, **BY)
    assert standing() == {"skill": "active", "mastery": "active"}
    assert history("skill") == ["held", "approved"]
    messages.announce(now=NOW)
    assert [name for name, _uuid in announced] == ["awarded", "awarded"]


def test_declined_does_not_come_again_but_a_newer_accomplishment_does(
    host: FakeHost, held: Microcredential
) -> None:
    decisions.decline(microcredential_id=held.id, **WHY)
    disturb(host)
    assert history("skill") == ["held", "declined"]
    host.pass_course(1, B, on=SOME_DAY + DAY)
    hint(B)
    assert standing() == {"skill": "held"}
    decisions.decline(microcredential_id=held.id, **WHY)
    disturb(host)
    assert history("skill") == ["held", "declined", "held", "declined"]


@pytest.mark.parametrize(
    "decide",
    [
        lambda pk: decisions.approve(microcredential_id=pk, **BY),
        lambda pk: decisions.decline(microcredential_id=pk, **WHY),
    ],
    ids=["approve", "decline"],
)
def test_only_what_is_held_can_be_approved_or_declined(
    earned: Microcredential, decide: Callable[[int], object]
) -> None:
    with pytest.raises(NotPossible, match="Waiting for approval"):
        decide(earned.id)
    assert standing() == {"skill": "active"}
    assert not Decision.objects.exists()


def test_what_is_held_cannot_be_suspended(held: Microcredential) -> None:
    with pytest.raises(NotPossible, match="Active or Suspended"):
        decisions.suspend(microcredential_id=held.id, **WHY)
    assert not Decision.objects.exists()


# --- what is the same for all --------------------------------------------------------------------


@pytest.mark.parametrize("lift", [decisions.lift_revocation, decisions.lift_suspension])
def test_lifting_what_nobody_decided_is_refused(
    earned: Microcredential, lift: Callable[..., object]
) -> None:
    with pytest.raises(NotPossible, match="could be lifted"):
        lift(microcredential_id=earned.id, **BY)
    assert standing() == {"skill": "active"}


@pytest.mark.parametrize("leave", [FakeHost.retire, FakeHost.delete])
def test_nothing_is_decided_about_those_who_have_left(
    host: FakeHost, leave: Callable[[FakeHost, int], None]
) -> None:
    """A decision with its reason would be kept about them."""
    skill = publish("skill", course(A))
    leave(host, 1)
    with pytest.raises(NotPossible, match="retired or deleted"):
        decisions.award_by_hand(microcredential_id=skill.id, **WHY)
    assert not Decision.objects.exists()
    assert not Award.objects.exists()


def test_decision_and_what_it_leads_to_are_one_transaction(
    host: FakeHost, earned: Microcredential
) -> None:
    """If the platform can't be asked, nothing was decided either."""
    before = snapshot()
    host.fail_with(ConnectionError("away"))
    with pytest.raises(earning.HostFailed):
        decisions.revoke(microcredential_id=earned.id, **WHY)
    assert snapshot() == before
    assert not Decision.objects.exists()


def test_history_of_decisions_is_kept(earned: Microcredential) -> None:
    decisions.suspend(microcredential_id=earned.id, **WHY)
    decisions.lift_suspension(microcredential_id=earned.id, **{**BY, "by_id": 8})
    lifted = Decision.objects.get()
    assert (lifted.by_id, lifted.reason, lifted.lifted_by_id, lifted.lifted_at) == (
        9, "Because.", 8, NOW,
    )  # fmt: skip


@pytest.mark.parametrize("switch", ["off", "observe"])
def test_decision_that_nothing_would_follow_from_is_refused(
    host: FakeHost, earned: Microcredential, switch: str
) -> None:
    definitions.set_switch(microcredential=earned, switch=switch)
    before = snapshot()
    with pytest.raises(NotPossible, match="Turn it on first"):
        decisions.revoke(microcredential_id=earned.id, **WHY)
    assert snapshot() == before
    assert not Decision.objects.exists()
