"""The story: events, publications, reconciliations, time and what was missed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError

from microcred_plugin import decisions, earning
from microcred_plugin.awards import api as awards
from microcred_plugin.awards.models import (
    Award,
    AwardEvent,
    Decision,
    Due,
    Observation,
    Receipt,
)
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import (
    Microcredential,
    MicrocredentialVersion,
    Publication,
)
from microcred_plugin.evaluation.record import CourseResult, Unknown
from microcred_plugin.host import get_host
from microcred_plugin.host.interface import CourseSelection
from microcred_plugin.messages import api as messages
from microcred_plugin.planning import HostFailed
from tests.awards import history, snapshot, standing
from tests.factories import LONG_AGO, all_of, any_of, any_run, at_least, course, holds, publish
from tests.fakes import SOME_DAY, FakeHost

pytestmark = pytest.mark.django_db

A, B, C = (f"course-v1:NordU+{name}+2026" for name in ("A", "B", "C"))
NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _runs(host: FakeHost) -> None:
    for run in (A, B, C):
        host.add_run(run)


def hint(run: str = A, learner_id: int = 1, *, now: datetime = NOW) -> int:
    return earning.follow_hint(learner_id, run, now=now)


def publication_of(microcredential: Microcredential, number: int = 1) -> Publication:
    return Publication.objects.get(version=microcredential.versions.get(number=number))


def run_publication(microcredential: Microcredential, number: int = 1) -> int:
    return earning.run_publication(str(publication_of(microcredential, number).uuid), now=NOW)


def reconcile(*chosen: Microcredential, **options: Any) -> list[awards.Recorded]:
    ids = [one.id for one in chosen] or definitions.all_ids()
    plans = earning.reconcile(microcredential_ids=ids, now=NOW, **options)
    return [change for planned in plans for change in planned.changes]


@pytest.fixture
def stack(host: FakeHost) -> tuple[Microcredential, Microcredential, Microcredential]:
    """A skill from course A, what stacks on it, and what stacks on that."""
    skill = publish("skill", course(A))
    specialisation = publish("specialisation", all_of(holds(skill)))
    return skill, specialisation, publish("mastery", holds(specialisation))


# --- an event ------------------------------------------------------------------------------------


def test_one_event_awards_a_badge_its_parent_and_its_grandparent_each_once(
    host: FakeHost, stack: tuple[Microcredential, ...], announced: list[tuple[str, str]]
) -> None:
    host.pass_course(1, A)
    assert hint() == 3
    assert standing() == dict.fromkeys(["skill", "specialisation", "mastery"], "active")
    assert {award.met_on for award in Award.objects.all()} == {SOME_DAY}
    assert messages.announce(now=NOW) == 3
    in_order = [("awarded", str(Award.objects.get(microcredential=one).uuid)) for one in stack]
    assert announced == in_order


def test_repeated_hints_change_nothing(host: FakeHost, stack: tuple[Microcredential, ...]) -> None:
    host.pass_course(1, A)
    hint()
    before = snapshot()
    assert [hint() for _ in range(3)] == [0, 0, 0]
    assert snapshot() == before


def test_event_on_the_way_awards_nothing(host: FakeHost) -> None:
    publish("both", all_of(course(A), course(B)))
    host.pass_course(1, A)
    assert hint() == 0
    host.pass_course(1, B, on=SOME_DAY + DAY)
    assert hint(B) == 1
    assert Award.objects.get().met_on == SOME_DAY + DAY


def test_hint_about_an_unused_course_changes_nothing(host: FakeHost) -> None:
    publish("skill", course(A))
    host.pass_course(1, A)
    assert hint(B) == 0
    assert not Award.objects.exists()


def test_component_is_judged_before_what_stacks_on_it_whichever_hint_comes(
    host: FakeHost,
) -> None:
    """The hint is about B; that A was passed has never been heard."""
    skill = publish("skill", course(A))
    publish("mastery", all_of(holds(skill), course(B)))
    host.pass_course(1, A)
    host.pass_course(1, B)
    assert hint(B) == 2
    assert standing() == {"skill": "active", "mastery": "active"}


def test_regression_goes_up_the_stack_by_each_ones_own_policy(host: FakeHost) -> None:
    skill = publish("skill", course(A), policy="revoke")
    middle = publish("specialisation", holds(skill), policy="suspend")
    publish("mastery", holds(middle), policy="keep")
    host.pass_course(1, A)
    hint()
    host.fail_course(1, A)
    assert hint() == 2
    assert standing() == {"specialisation": "suspended", "mastery": "active"}
    host.pass_course(1, A)
    hint()
    assert standing() == {"skill": "active", "specialisation": "active", "mastery": "active"}
    assert history("skill") == ["earned", "revoked", "earned"]
    assert history("specialisation") == ["earned", "suspended", "reinstated"]


def test_learner_who_is_retired_or_deleted_is_never_evaluated(host: FakeHost) -> None:
    publish("skill", course(A))
    for learner in (1, 2):
        host.pass_course(learner, A)
    host.retire(1)
    host.delete(2)
    assert [hint(learner_id=1), hint(learner_id=2)] == [0, 0]
    assert reconcile() == []
    assert not Award.objects.exists()
    assert not Due.objects.exists()


def test_award_of_a_learner_who_left_is_neither_changed_nor_announced(
    host: FakeHost, announced: list[tuple[str, str]]
) -> None:
    publish("skill", course(A), policy="revoke")
    for learner in (1, 2):
        host.pass_course(learner, A)
        hint(learner_id=learner)
    host.retire(1)
    host.delete(2)
    for learner in (1, 2):
        host.put(learner, A, letter_grade="") if learner == 1 else None
        hint(learner_id=learner)
        assert standing(learner) == {"skill": "active"}
    messages.announce(now=NOW)
    assert announced == []
    assert awards.unannounced(limit=9, now=NOW) == []


# --- a publication -------------------------------------------------------------------------------


def test_publication_awards_those_who_met_it_before(host: FakeHost) -> None:
    host.pass_course(1, A)
    host.fail_course(2, A)
    published_at = SOME_DAY + 30 * DAY
    skill = publish("skill", course(A), now=published_at)
    assert run_publication(skill) == 1
    award = Award.objects.get()
    assert (award.learner_id, award.met_on, award.valid_from) == (1, SOME_DAY, published_at)
    assert (award.cause, award.cause_id) == ("publication", str(publication_of(skill).uuid))
    assert publication_of(skill).state == "done"


def test_publication_of_a_parent_awards_those_who_hold_its_components(host: FakeHost) -> None:
    skill = publish("skill", course(A))
    host.pass_course(1, A)
    hint()
    mastery = publish("mastery", holds(skill))
    assert run_publication(mastery) == 1
    assert standing() == {"skill": "active", "mastery": "active"}


def test_publication_finds_those_who_were_awarded_a_component_by_hand(host: FakeHost) -> None:
    skill = publish("skill", course(A))
    host.add_learner(1)
    decisions.award_by_hand(
        learner_id=1, microcredential_id=skill.id, by_id=9, reason="Prior learning.", now=NOW
    )
    assert run_publication(publish("mastery", holds(skill))) == 1
    assert standing() == {"skill": "active", "mastery": "active"}


def test_backfill_goes_in_chunks_and_on_where_it_stopped(host: FakeHost, settings: Any) -> None:
    settings.MICROCRED_BATCH_SIZE = 2
    for learner in range(1, 8):
        host.pass_course(learner, A)
    skill = publish("skill", course(A))
    uuid = str(publication_of(skill).uuid)

    first = list(earning.cut_publication(uuid, now=NOW, at_most=1))
    assert [earning.evaluate_chunk(chunk, now=NOW) for chunk in first] == [2]
    assert publication_of(skill).state == "running"
    rest = list(earning.cut_publication(uuid, now=NOW))
    assert len(rest) == 3
    # In any order, and some of them twice.
    assert [earning.evaluate_chunk(chunk, now=NOW) for chunk in (*reversed(rest), *rest)] == [
        1, 2, 2, 0, 0, 0,
    ]  # fmt: skip
    assert publication_of(skill).state == "done"
    assert set(Award.objects.values_list("learner_id", flat=True)) == set(range(1, 8))


def test_two_who_cut_the_same_publication_do_no_harm(host: FakeHost, settings: Any) -> None:
    settings.MICROCRED_BATCH_SIZE = 2
    for learner in range(1, 8):
        host.pass_course(learner, A)
    skill = publish("skill", course(A))
    uuid = str(publication_of(skill).uuid)
    slow = earning.cut_publication(uuid, now=NOW)
    chunks = [next(slow)]
    chunks += earning.cut_publication(uuid, now=NOW)
    chunks += slow
    assert len(chunks) == len(set(chunks)) == 4
    assert sum(earning.evaluate_chunk(chunk, now=NOW) for chunk in chunks) == 7
    assert publication_of(skill).state == "done"


def test_publication_that_has_run_runs_again_without_effect(host: FakeHost) -> None:
    host.pass_course(1, A)
    skill = publish("skill", course(A))
    assert [run_publication(skill), run_publication(skill)] == [1, 0]
    assert publication_of(skill).state == "done"


def test_publication_that_concerns_nobody_is_done(host: FakeHost) -> None:
    skill = publish("skill", course(A))
    assert run_publication(skill) == 0
    assert publication_of(skill).state == "done"


def test_new_stricter_version_takes_nothing(host: FakeHost) -> None:
    publish("skill", course(A), policy="revoke")
    host.pass_course(1, A)
    hint()
    before = snapshot()
    stricter = publish("skill", all_of(course(A), course(B)), policy="revoke", now=NOW - DAY)
    assert run_publication(stricter, 2) == 0
    host.pass_course(2, A, on=NOW)
    assert hint(learner_id=2) == 0
    assert hint() == 0
    assert snapshot() == before


def test_work_done_before_the_version_closed_counts_whenever_it_is_noticed(
    host: FakeHost,
) -> None:
    publish("skill", course(A))
    publish("skill", all_of(course(A), course(B)), now=SOME_DAY + DAY)
    host.pass_course(1, A, on=SOME_DAY)
    host.pass_course(2, A, on=SOME_DAY + 2 * DAY)
    assert [hint(), hint(learner_id=2)] == [1, 0]
    assert Award.objects.get().version.number == 1


# --- undoing a publication -----------------------------------------------------------------------


def undo(microcredential: Microcredential, number: int = 1) -> int:
    publication = publication_of(microcredential, number)
    definitions.withdraw(publication=publication)
    return earning.run_publication(str(publication.uuid), now=NOW)


def test_undo_revokes_what_the_publication_led_to(
    host: FakeHost, announced: list[tuple[str, str]]
) -> None:
    publish("skill", course(A))
    host.pass_course(1, A)
    hint()
    host.pass_course(2, B)
    mistaken = publish("skill", any_of(course(A), course(B)), now=NOW - DAY)
    run_publication(mistaken, 2)
    assert standing(2) == {"skill": "active"}

    assert undo(mistaken, 2) == 1
    assert (standing(1), standing(2)) == ({"skill": "active"}, {})
    assert list(
        AwardEvent.objects.filter(award__learner=2).values_list("kind", "cause").order_by("id")
    ) == [("earned", "publication"), ("revoked", "undo")]
    assert publication_of(mistaken, 2).state == "undone"
    messages.announce(now=NOW)
    assert [name for name, _uuid in announced] == ["awarded", "awarded", "revoked"]


def test_undo_opens_the_version_before_again(host: FakeHost) -> None:
    publish("skill", course(A))
    mistaken = publish("skill", all_of(course(A), course(B)), now=SOME_DAY)
    host.pass_course(1, A, on=SOME_DAY + DAY)
    assert hint() == 0
    undo(mistaken, 2)
    first = mistaken.versions.get(number=1)
    assert (first.state, first.closes_at) == ("published", None)
    assert hint() == 1


def test_undo_goes_up_to_parents_that_were_earned_because_of_it(host: FakeHost) -> None:
    """Whatever their policy: they should never have been."""
    host.pass_course(1, B)
    skill = publish("skill", course(A))
    specialisation = publish("specialisation", holds(skill))
    publish("mastery", holds(specialisation))
    mistaken = publish("skill", any_of(course(A), course(B)), now=NOW - DAY)
    run_publication(mistaken, 2)
    assert len(standing()) == 3
    assert undo(mistaken, 2) == 3
    assert standing() == {}


def test_undo_keeps_what_is_still_met(host: FakeHost) -> None:
    """The parent has another way, and the learner met the older version meanwhile."""
    host.pass_course(1, B, on=SOME_DAY)
    skill = publish("skill", course(A))
    publish("mastery", any_of(holds(skill), course(C)))
    mistaken = publish("skill", any_of(course(A), course(B)), now=NOW - DAY)
    run_publication(mistaken, 2)
    host.pass_course(1, C, on=NOW)
    undo(mistaken, 2)
    assert standing() == {"mastery": "active"}


def test_undo_does_nothing_to_those_who_hold_other_versions(host: FakeHost) -> None:
    publish("skill", course(A))
    host.pass_course(1, A)
    hint()
    mistaken = publish("skill", any_of(course(A), course(B)), now=NOW - DAY)
    run_publication(mistaken, 2)
    before = snapshot()
    assert undo(mistaken, 2) == 0
    assert snapshot() == before


def test_undo_in_chunks_reaches_everybody(host: FakeHost, settings: Any) -> None:
    settings.MICROCRED_BATCH_SIZE = 2
    for learner in range(1, 8):
        host.pass_course(learner, A)
    skill = publish("skill", course(A))
    run_publication(skill)
    assert undo(skill) == 7
    assert not Award.objects.filter(slot=1).exists()


def test_award_by_hand_outlives_the_undoing(host: FakeHost) -> None:
    skill = publish("skill", course(A))
    host.add_learner(1)
    decisions.award_by_hand(
        learner_id=1, microcredential_id=skill.id, by_id=9, reason="Prior learning.", now=NOW
    )
    assert undo(skill) == 0
    assert standing() == {"skill": "active"}


# --- reconciling ---------------------------------------------------------------------------------


def test_reconcile_restores_every_award_from_an_empty_table(
    host: FakeHost, stack: tuple[Microcredential, ...]
) -> None:
    publish("two-of-three", at_least(2, course(A), course(B), course(C)))
    publish("yearly", course(B), validity_months=12)
    for learner in range(1, 6):
        host.pass_course(learner, A)
        host.pass_course(learner, B if learner % 2 else C, on=SOME_DAY + learner * DAY)
        hint(A, learner)
        hint(B, learner)
        hint(C, learner)
    before = snapshot()
    Award.objects.all().delete()
    assert not AwardEvent.objects.exists()
    assert reconcile()
    assert snapshot() == before
    assert reconcile() == []
    assert snapshot() == before


def test_reconcile_by_learner_leaves_the_others(host: FakeHost) -> None:
    publish("skill", course(A))
    for learner in (1, 2):
        host.pass_course(learner, A)
    assert len(reconcile(learner_ids=[2])) == 1
    assert (standing(1), standing(2)) == ({}, {"skill": "active"})


def test_dry_run_says_what_would_change_and_writes_nothing(
    host: FakeHost, stack: tuple[Microcredential, ...]
) -> None:
    host.pass_course(1, A)
    changes = reconcile(is_dry_run=True)
    assert [(item.learner_id, item.change.kind) for item in changes] == [(1, "earned")] * 3
    assert not Award.objects.exists()
    assert not Due.objects.exists()


def test_reconcile_restores_what_people_have_decided(host: FakeHost) -> None:
    ids = {
        slug: publish(slug, course(A), needs_approval=slug in ("approved", "declined")).id
        for slug in ("revoked", "suspended", "approved", "declined", "by-hand", "untouched")
    }
    for learner in (1, 2):
        host.pass_course(learner, A)
        host.fail_course(learner, A) if learner == 2 else None
        hint(learner_id=learner)
    by: dict[str, Any] = {"by_id": 9, "now": NOW}
    decisions.revoke(learner_id=1, microcredential_id=ids["revoked"], reason="Copied.", **by)
    decisions.suspend(learner_id=1, microcredential_id=ids["suspended"], reason="Doubt.", **by)
    decisions.approve(learner_id=1, microcredential_id=ids["approved"], **by)
    decisions.decline(learner_id=1, microcredential_id=ids["declined"], reason="No.", **by)
    decisions.award_by_hand(
        learner_id=2, microcredential_id=ids["by-hand"], reason="Prior learning.", **by
    )
    expected = {
        "suspended": "suspended", "approved": "active", "by-hand": "active", "untouched": "active",
    }  # fmt: skip
    assert (standing(1), standing(2)) == (expected, {"by-hand": "active"})
    Award.objects.all().delete()
    reconcile()
    assert (standing(1), standing(2)) == (expected, {"by-hand": "active"})
    restored = AwardEvent.objects.filter(award__is_manual=True).get()
    assert (restored.cause, restored.actor_id, restored.reason) == ("person", 9, "Prior learning.")


# --- switches ------------------------------------------------------------------------------------


@pytest.fixture
def observed(host: FakeHost) -> tuple[Microcredential, Microcredential]:
    skill = publish("skill", course(A))
    mastery = publish("mastery", holds(skill))
    for one in (skill, mastery):
        definitions.set_switch(microcredential=one, switch="observe")
    return skill, mastery


def observations() -> list[tuple[str, str]]:
    return sorted(Observation.objects.values_list("microcredential__slug", "kind"))


def test_observe_only_records_and_tells_nobody(
    host: FakeHost,
    observed: tuple[Microcredential, ...],
    announced: list[tuple[str, str]],
) -> None:
    """The parent sees the component that there would be."""
    host.pass_course(1, A)
    hint()
    hint()
    assert observations() == [("mastery", "earned"), ("skill", "earned")]
    assert not Award.objects.exists()
    assert messages.announce(now=NOW) == 0
    assert announced == []


def test_parent_that_is_on_does_not_see_an_observed_component(
    host: FakeHost, observed: tuple[Microcredential, Microcredential]
) -> None:
    definitions.set_switch(microcredential=observed[1], switch="on")
    host.pass_course(1, A)
    hint()
    assert observations() == [("skill", "earned")]
    assert not Award.objects.exists()


def test_turning_it_on_awards(
    host: FakeHost, observed: tuple[Microcredential, Microcredential]
) -> None:
    host.pass_course(1, A)
    hint()
    for one in observed:
        definitions.set_switch(microcredential=one, switch="on")
    reconcile()
    assert standing() == {"skill": "active", "mastery": "active"}


def test_award_of_before_stays_as_it_was_while_only_observed(host: FakeHost) -> None:
    skill = publish("skill", course(A), policy="revoke")
    host.pass_course(1, A)
    hint()
    definitions.set_switch(microcredential=skill, switch="observe")
    host.fail_course(1, A)
    hint()
    assert standing() == {"skill": "active"}
    assert observations() == [("skill", "revoked")]


def test_off_is_not_evaluated_and_what_stacks_on_it_is_not_met(host: FakeHost) -> None:
    skill = publish("skill", course(A))
    publish("mastery", all_of(holds(skill), course(A)))
    publish("other", course(A))
    definitions.set_switch(microcredential=skill, switch="off")
    host.pass_course(1, A)
    hint()
    assert standing() == {"other": "active"}
    assert not Observation.objects.exists()


@pytest.mark.parametrize(
    ("site", "expected"), [("off", []), ("observe", [("mastery", "earned"), ("skill", "earned")])]
)
def test_switch_of_the_site_holds_for_all(
    host: FakeHost, settings: Any, site: str, expected: list[tuple[str, str]]
) -> None:
    skill = publish("skill", course(A))
    publish("mastery", holds(skill))
    settings.MICROCRED_SWITCH = site
    host.pass_course(1, A)
    hint()
    reconcile()
    assert not Award.objects.exists()
    assert observations() == expected


# --- time ----------------------------------------------------------------------------------------

EXPIRY = datetime(2026, 9, 2, 9, 30, tzinfo=UTC)  # half a year after SOME_DAY


def test_expiry_goes_up_the_stack(host: FakeHost) -> None:
    skill = publish("skill", course(A), validity_months=6)
    revoking = publish("specialisation", holds(skill), policy="revoke")
    publish("mastery", holds(revoking), policy="suspend")
    publish("kept", holds(skill))
    host.pass_course(1, A)
    hint()
    assert earning.follow_time(now=EXPIRY - timedelta.resolution) == 0
    assert earning.follow_time(now=EXPIRY) > 0
    assert standing() == {"mastery": "suspended", "kept": "active"}
    assert history("skill") == ["earned", "expired"]
    assert AwardEvent.objects.get(kind="expired").cause == "time"
    assert earning.follow_time(now=EXPIRY) == 0


def test_within_its_grace_an_award_no_longer_counts_but_can_be_renewed(host: FakeHost) -> None:
    skill = publish("skill", any_of(course(A), course(B)), validity_months=6, grace_days=30)
    publish("mastery", holds(skill), policy="suspend")
    host.pass_course(1, A)
    hint()
    earning.follow_time(now=EXPIRY)
    assert standing() == {"skill": "active", "mastery": "suspended"}
    assert awards.shown_state(Award.objects.get(microcredential=skill), now=EXPIRY) == "expired"
    host.pass_course(1, B, on=EXPIRY + DAY)
    hint(B, now=EXPIRY + DAY)
    assert standing() == {"skill": "active", "mastery": "active"}
    assert history("skill") == ["earned", "renewed"]


def test_award_that_is_not_renewed_ends_with_its_grace(host: FakeHost) -> None:
    publish("skill", course(A), validity_months=6, grace_days=30)
    host.pass_course(1, A)
    hint()
    earning.follow_time(now=EXPIRY)
    assert standing() == {"skill": "active"}
    earning.follow_time(now=EXPIRY + 30 * DAY)
    assert standing() == {}


def test_expired_is_earned_again_by_doing_something_again(host: FakeHost) -> None:
    publish("skill", any_of(course(A), course(B)), validity_months=6)
    host.pass_course(1, A)
    hint()
    earning.follow_time(now=EXPIRY)
    assert hint(now=EXPIRY + DAY) == 0
    host.pass_course(1, B, on=EXPIRY + DAY)
    assert hint(B, now=EXPIRY + DAY) == 1
    assert history("skill") == ["earned", "expired", "earned"]
    assert Award.objects.count() == 2


@pytest.mark.parametrize("asked", [A, "NordU+A"], ids=["run", "course"])
@pytest.mark.parametrize("unknown", [A, "NordU+A"], ids=["run unknown", "course unknown"])
def test_unknown_is_asked_again_and_awards_nothing_until_then(
    host: FakeHost, asked: str, unknown: str
) -> None:
    publish("skill", course(A) if asked == A else any_run(asked))
    host.add_learner(1)
    host.cannot_say(1, unknown)
    assert hint() == 0
    due = Due.objects.get()
    assert (due.why, due.due_at) == ("unknown", NOW + timedelta(seconds=900))
    earning.follow_time(now=due.due_at)
    assert Due.objects.get().due_at == NOW + timedelta(seconds=1800)
    host.can_say(1, unknown)
    host.pass_course(1, A)
    assert earning.follow_time(now=NOW + timedelta(seconds=1799)) == 0
    assert earning.follow_time(now=NOW + timedelta(seconds=1800)) == 1
    assert standing() == {"skill": "active"}
    assert not Due.objects.exists()


class HostOfTheOtherKey(FakeHost):
    """Says under the run what was asked by course, and under the course what was asked by run."""

    def course_results(
        self, learner_ids: Collection[int], selection: CourseSelection
    ) -> Mapping[int, Mapping[str, CourseResult | Unknown]]:
        other = "NordU+A" if A in selection.runs else A
        return {learner_id: {other: Unknown("Nobody can say.")} for learner_id in learner_ids}


@pytest.mark.parametrize("asked", [A, "NordU+A"], ids=["run", "course"])
def test_unknown_under_a_run_or_its_course_is_asked_again(settings: Any, asked: str) -> None:
    settings.MICROCRED_HOST = "tests.test_earning.HostOfTheOtherKey"
    host = get_host()
    assert isinstance(host, FakeHost)
    host.add_run(A)
    host.add_learner(1)
    publish("skill", course(A) if asked == A else any_run(asked))
    hint()
    assert Due.objects.get().why == "unknown"


def test_unknown_does_not_take_away(host: FakeHost) -> None:
    publish("skill", course(A), policy="revoke")
    host.pass_course(1, A)
    hint()
    host.fail_course(1, A)
    host.cannot_say(1, A)
    hint()
    assert standing() == {"skill": "active"}
    host.can_say(1, A)
    earning.follow_time(now=NOW + timedelta(seconds=900))
    assert standing() == {}


def test_version_closes_at_its_date(host: FakeHost) -> None:
    publish("skill", course(A))
    skill = publish("skill", course(B), now=SOME_DAY, previous_closes_at=NOW + DAY)

    def state() -> str:
        return MicrocredentialVersion.objects.get(microcredential=skill, number=1).state

    earning.follow_time(now=NOW)
    assert state() == "published"
    earning.follow_time(now=NOW + DAY)
    assert state() == "closed"
    host.pass_course(1, A, on=NOW)
    host.pass_course(2, A, on=NOW + DAY)
    assert [hint(now=NOW + 2 * DAY), hint(learner_id=2, now=NOW + 2 * DAY)] == [1, 0]


def test_due_of_a_learner_who_left_is_struck_out(host: FakeHost) -> None:
    publish("skill", course(A), validity_months=6)
    for learner in (1, 2):
        host.pass_course(learner, A)
        hint(learner_id=learner)
    host.delete(1)
    host.people[2] = host.add_learner(2, is_retired=True)
    assert earning.follow_time(now=EXPIRY) == 2
    assert not Due.objects.exists()
    assert earning.follow_time(now=EXPIRY) == 0


# --- what was missed -----------------------------------------------------------------------------


def test_hints_that_were_lost_are_made_up_for(host: FakeHost) -> None:
    skill = publish("skill", course(A))
    earning.run_publication(str(definitions.publications_of(skill)[0].uuid))
    host.pass_course(1, A)
    host.pass_course(2, B)
    assert not earning.follow_changes(now=NOW)
    assert (standing(1), standing(2)) == ({"skill": "active"}, {})
    assert Award.objects.get().cause == "reconcile"


def test_what_the_sweep_finds_before_a_publication_is_run_is_put_down_to_the_publication(
    host: FakeHost,
) -> None:
    old = publish("old", course(A))
    earning.run_publication(str(definitions.publications_of(old)[0].uuid))
    new = publish("new", course(A))
    publish("top", holds(new))
    host.pass_course(1, A)
    earning.follow_changes(now=NOW)
    [publication] = definitions.publications_of(new)
    assert {
        award.microcredential.slug: (award.cause, award.cause_id)
        for award in Award.objects.select_related("microcredential")
    } == {
        "old": ("reconcile", ""),
        "new": ("publication", str(publication.uuid)),
        "top": ("publication", str(publication.uuid)),
    }
    definitions.withdraw(publication=publication, by_id=None)
    earning.run_publication(str(publication.uuid))
    assert standing(1) == {"old": "active"}


def test_changes_are_read_page_by_page_and_once(host: FakeHost) -> None:
    publish("skill", course(A))
    for learner in range(1, 6):
        host.certificate(learner, A)
    assert [earning.follow_changes(now=NOW, limit=2) for _ in range(3)] == [True, True, False]
    assert Award.objects.count() == 5
    host.calls.clear()
    assert not earning.follow_changes(now=NOW)
    assert set(host.calls) == {"changes_since"}


def test_regression_that_nobody_told_of_is_noticed(host: FakeHost) -> None:
    publish("skill", course(A), policy="revoke")
    host.pass_course(1, A)
    earning.follow_changes(now=NOW)
    host.fail_course(1, A)
    earning.follow_changes(now=NOW)
    assert standing() == {}


class PoisonedHost(FakeHost):
    """Can't read the rows of one learner, and fails for every batch that has them."""

    poisoned: int | None = 13

    def course_results(
        self, learner_ids: Collection[int], selection: CourseSelection
    ) -> Mapping[int, Mapping[str, CourseResult | Unknown]]:
        if self.poisoned in learner_ids:
            raise ValueError("corrupt row")
        return super().course_results(learner_ids, selection)


@pytest.fixture
def poisoned(settings: Any) -> PoisonedHost:
    settings.MICROCRED_HOST = "tests.test_earning.PoisonedHost"
    found = get_host()
    assert isinstance(found, PoisonedHost)
    return found


def test_learner_of_whom_the_platform_cannot_speak_does_not_hold_up_the_others(
    poisoned: PoisonedHost,
) -> None:
    poisoned.add_run(A)
    publish("skill", course(A))
    for learner in (12, 13, 14):
        poisoned.pass_course(learner, A)
    earning.follow_changes(now=NOW)
    assert [standing(learner) for learner in (12, 13, 14)] == [
        {"skill": "active"}, {}, {"skill": "active"},
    ]  # fmt: skip
    assert list(Due.objects.values_list("learner_id", "why")) == [(13, "unknown")]

    retry = NOW + timedelta(seconds=900)
    assert earning.follow_time(now=retry) == 1
    assert Due.objects.get().due_at == retry + timedelta(seconds=900)
    poisoned.poisoned = None
    earning.follow_time(now=retry + timedelta(seconds=900))
    assert standing(13) == {"skill": "active"}


def test_learner_of_whom_the_platform_cannot_speak_does_not_hold_up_a_publication(
    poisoned: PoisonedHost,
) -> None:
    poisoned.add_run(A)
    for learner in (12, 13, 14):
        poisoned.pass_course(learner, A)
    skill = publish("skill", course(A))
    publication = Publication.objects.get(version__microcredential=skill)
    earning.run_publication(str(publication.uuid), now=NOW)
    assert [standing(learner) for learner in (12, 13, 14)] == [
        {"skill": "active"}, {}, {"skill": "active"},
    ]  # fmt: skip
    assert list(Due.objects.values_list("learner_id", "why")) == [(13, "unknown")]
    publication.refresh_from_db()
    assert publication.state == "done"


def test_publication_waits_for_a_platform_that_can_not_be_asked(host: FakeHost) -> None:
    host.pass_course(1, A)
    host.pass_course(2, A)
    skill = publish("skill", course(A))
    publication = Publication.objects.get(version__microcredential=skill)
    (chunk_id,) = earning.cut_publication(str(publication.uuid), now=NOW)
    host.fail_with(ConnectionError("away"))
    with pytest.raises(earning.HostFailed):
        earning.evaluate_chunk(chunk_id, now=NOW)
    host.fail_with(None)
    assert earning.evaluate_chunk(chunk_id, now=NOW) == 2
    publication.refresh_from_db()
    assert publication.state == "done"


# --- a platform that fails -----------------------------------------------------------------------


def test_renewal_comes_to_the_same_whether_it_was_seen_or_not(host: FakeHost) -> None:
    """
    Earned in February for six months, renewed in May, and looked at in August. Receipts differ:
    in February nobody could read of May.
    """

    def without_receipts() -> list[dict[str, Any]]:
        return [{**award, "receipts": None} for award in snapshot()]

    february, may, august = (datetime(2026, month, 1, tzinfo=UTC) for month in (2, 5, 8))
    publish("skill", any_of(course(A), course(B)), validity_months=6)
    host.pass_course(1, A, on=february)
    earning.follow_hint(1, A, now=february + timedelta(hours=1))
    host.pass_course(1, B, on=may)
    earning.follow_hint(1, B, now=may + timedelta(hours=1))
    later = august + timedelta(days=20)
    earning.follow_time(now=later)
    seen = without_receipts()
    assert history("skill") == ["earned", "renewed"]

    for model in (Receipt, AwardEvent, Award, Due):
        model._default_manager.all().delete()
    list(earning.reconcile(microcredential_ids=definitions.all_ids(), now=later))
    assert without_receipts() == seen


def test_unknown_beside_waiting_is_asked_again(host: FakeHost) -> None:
    """The newer version can't be judged, the older waits for eligibility."""
    publish("skill", course(A), eligibility=course(B))
    publish("skill", course(C), now=NOW - timedelta(days=1))
    host.pass_course(1, A)
    host.cannot_say(1, C)
    earning.follow_hint(1, A, now=NOW)
    assert list(Due.objects.values_list("why", flat=True)) == ["unknown"]


def test_host_that_raises_changes_nothing_and_is_asked_again(host: FakeHost) -> None:
    publish("skill", course(A), policy="revoke")
    host.pass_course(1, A)
    hint()
    before = snapshot()
    host.fail_course(1, A)
    host.fail_with(ConnectionError("the grades are away"))
    with pytest.raises(HostFailed) as raised:
        hint()
    assert "FakeHost.learners" in str(raised.value)
    assert "ConnectionError: the grades are away" in str(raised.value)
    assert "asked again" in str(raised.value)
    assert snapshot() == before
    assert Due.objects.get().why == "unknown"

    host.fail_with(None)
    earning.follow_time(now=NOW + timedelta(seconds=900))
    assert standing() == {}


def test_sentence_names_the_question(poisoned: PoisonedHost) -> None:
    poisoned.add_run(A)
    publish("skill", course(A))
    poisoned.pass_course(13, A)
    with pytest.raises(HostFailed, match=r"course_results: ValueError: corrupt row"):
        hint(learner_id=13)


@pytest.mark.parametrize(
    ("question", "ask"),
    [
        ("learner_ids_with_results", lambda skill: run_publication(skill)),
        ("learner_ids_with_results", lambda skill: reconcile(skill)),
        ("changes_since", lambda skill: earning.follow_changes(now=NOW)),
    ],
    ids=["publication", "reconciliation", "sweep"],
)
def test_host_that_raises_in_any_other_question(host: FakeHost, question: str, ask: Any) -> None:
    skill = publish("skill", course(A))
    host.pass_course(1, A)
    host.fail_with(ConnectionError("away"))
    with pytest.raises(HostFailed, match=question):
        ask(skill)
    assert awards.watermark() == ""
    host.fail_with(None)
    ask(skill)
    assert standing() == {"skill": "active"}


def test_deadlock_in_the_platforms_tables_is_not_taken_for_a_failed_host(host: FakeHost) -> None:
    """Whoever holds the lock tries the whole batch again; it has to see the error itself."""
    publish("skill", course(A))
    host.pass_course(1, A)
    host.fail_with(OperationalError(1213, "Deadlock found"))
    with pytest.raises(OperationalError):
        hint()


# --- cause and receipt ---------------------------------------------------------------------------


def test_award_carries_its_cause_and_its_receipt(host: FakeHost) -> None:
    publish("skill", course(A))
    host.pass_course(1, A, percent="0.85")
    hint()
    award = Award.objects.get()
    assert (award.cause, award.cause_id) == ("event", A)
    outcome = Receipt.objects.get().content["outcome"]
    assert outcome["fact"]["percent_grade"] == "0.85"
    assert not Decision.objects.exists()


def test_work_before_publication_is_valid_from_the_publication(host: FakeHost) -> None:
    publish("skill", course(A), now=NOW - DAY)
    publish("earlier", course(A), now=LONG_AGO)
    host.pass_course(1, A, on=SOME_DAY)
    hint()
    assert dict(Award.objects.values_list("microcredential__slug", "valid_from")) == {
        "skill": NOW - DAY,
        "earlier": SOME_DAY,
    }
