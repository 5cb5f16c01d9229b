"""What went wrong in systems like this one (design, "What went wrong"); none of it does here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from opaque_keys.edx.keys import CourseKey
from openedx_events.learning.data import (
    CourseData,
    CoursePassingStatusData,
    UserData,
    UserPersonalData,
)
from openedx_events.learning.signals import (
    BADGE_AWARDED,
    COURSE_PASSING_STATUS_UPDATED,
)

from microcred_plugin import decisions, earning
from microcred_plugin.awards.models import Award, AwardEvent, Due
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import Publication, PublicationChunk
from microcred_plugin.messages import api as messages
from microcred_plugin.planning import HostFailed
from tests.awards import history, standing
from tests.factories import all_of, any_of, at_least, course, holds, publish, publish_many
from tests.fakes import SOME_DAY, FakeHost

pytestmark = pytest.mark.django_db

A, B, C, D = (f"course-v1:NordU+{name}+2026" for name in "ABCD")
NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _runs(host: FakeHost) -> None:
    for run in (A, B, C, D):
        host.add_run(run)


def hint(run: str = A, learner_id: int = 1, *, now: datetime = NOW) -> int:
    return earning.follow_hint(learner_id, run, now=now)


def send_event(run: str = A, learner_id: int = 1) -> None:
    """The platform's own event, as the LMS sends it."""
    COURSE_PASSING_STATUS_UPDATED.send_event(
        course_passing_status=CoursePassingStatusData(
            is_passing=True,
            course=CourseData(course_key=CourseKey.from_string(run)),
            user=UserData(
                id=learner_id,
                is_active=True,
                pii=UserPersonalData(username="ana", email="ana@example.org"),
            ),
        )
    )


def test_one_of_two_groups_met_awards_nothing(host: FakeHost) -> None:
    """One of two requirement groups met, badge issued: completeness was never checked."""
    publish("skill", all_of(any_of(course(A), course(B)), any_of(course(C), course(D))))
    for run in (A, B):
        host.pass_course(1, run)
        hint(run)
    assert not Award.objects.exists()
    host.pass_course(1, D)
    hint(D)
    assert standing() == {"skill": "active"}


@pytest.mark.parametrize("policy", ["keep", "suspend", "revoke"])
def test_pass_fail_pass_ends_in_an_active_award(host: FakeHost, policy: str) -> None:
    """Pass → fail → pass leaves the badge revoked for ever."""
    publish("skill", course(A), policy=policy)
    for change in (host.pass_course, host.fail_course, host.pass_course):
        change(1, A)
        hint()
    assert standing() == {"skill": "active"}


@pytest.mark.parametrize("policy", ["suspend", "revoke"])
def test_other_alternative_still_counts_after_the_first_regressed(
    host: FakeHost, policy: str
) -> None:
    """A or B, both passed; A regresses; revoked although B still counts."""
    publish("skill", any_of(course(A), course(B)), policy=policy)
    for run in (A, B):
        host.pass_course(1, run)
        hint(run)
    host.fail_course(1, A)
    hint()
    assert standing() == {"skill": "active"}
    assert history("skill") == ["earned"]


def test_failure_outside_is_made_up_for_by_whatever_comes_next(
    host: FakeHost, settings: Any, announced: list[tuple[str, str]]
) -> None:
    """Provider call fails after progress was saved: never issued, redelivery does nothing."""
    publish("skill", course(A))
    host.pass_course(1, A)
    host.fail_with(ConnectionError("away"))
    with pytest.raises(HostFailed):
        hint()
    host.fail_with(None)
    assert hint() == 1

    settings.DEBUG = True  # only then does the world's failure reach us

    def refuse(**_event: Any) -> None:
        raise ConnectionError("the provider is away")

    BADGE_AWARDED.connect(refuse)
    try:
        messages.announce(now=NOW)
    finally:
        BADGE_AWARDED.disconnect(refuse)
    assert AwardEvent.objects.get().announced_at is None
    assert messages.announce(now=NOW + timedelta(minutes=6)) == 1
    assert announced[-1] == ("awarded", str(Award.objects.get().uuid))


@pytest.mark.parametrize("published", [1, 100])
def test_event_on_a_course_that_nothing_uses_costs_one_query(
    host: FakeHost, django_capture_on_commit_callbacks: Any, published: int
) -> None:
    """503 queries for an event on a course no badge uses, with 100 badges."""
    publish_many(published, lambda position: [f"course-v1:NordU+{position}+2026"])
    with (
        CaptureQueriesContext(connection) as captured,
        django_capture_on_commit_callbacks(execute=True),
    ):
        send_event(D)
    assert len(captured) == 1


def test_second_row_is_refused_by_the_database_and_later_events_work(host: FakeHost) -> None:
    """No unique constraint under get_or_create: two workers, two rows, every later event raises."""
    publish("skill", course(A), policy="suspend")
    host.pass_course(1, A)
    hint()
    twin = Award.objects.get()
    twin.pk = None
    twin.uuid = None
    with pytest.raises(IntegrityError), transaction.atomic():
        Award.objects.bulk_create([twin])
    host.fail_course(1, A)
    assert hint() == 1
    assert standing() == {"skill": "suspended"}


def test_award_of_somebody_else_is_of_no_use(host: FakeHost) -> None:
    """Issuing for somebody else's credential uuid: no owner check."""
    skill = publish("skill", course(A), needs_approval=True)
    publish("mastery", holds(skill))
    host.pass_course(1, A)
    host.add_learner(2)
    hint()
    with pytest.raises(decisions.NotPossible):
        decisions.approve(learner_id=2, microcredential_id=skill.id, by_id=9, now=NOW)
    decisions.approve(learner_id=1, microcredential_id=skill.id, by_id=9, now=NOW)
    hint(learner_id=2)
    assert (standing(1), standing(2)) == ({"skill": "active", "mastery": "active"}, {})


def test_what_was_achieved_has_the_same_id_for_every_learner(host: FakeHost) -> None:
    """The achievement id differs per learner."""
    skill = publish("skill", course(A))
    told: list[Any] = []

    def listen(badge: Any, **_event: Any) -> None:
        told.append(badge)

    for learner in (1, 2):
        host.pass_course(learner, A)
        hint(learner_id=learner)
    publish("skill", all_of(course(A)), now=NOW - timedelta(days=1))
    host.pass_course(3, A, on=NOW)
    hint(learner_id=3)
    BADGE_AWARDED.connect(listen)
    try:
        messages.announce(now=NOW)
    finally:
        BADGE_AWARDED.disconnect(listen)
    assert len({badge.uuid for badge in told}) == 3
    assert {badge.template.uuid for badge in told} == {str(skill.uuid)}


def test_revoked_award_stays_and_says_so(host: FakeHost) -> None:
    """Revoking deletes the record, so the link says "not found" instead of "revoked"."""
    skill = publish("skill", course(A))
    host.pass_course(1, A)
    hint()
    uuid = Award.objects.get().uuid
    decisions.revoke(learner_id=1, microcredential_id=skill.id, by_id=9, reason="No.", now=NOW)
    award = Award.objects.get(uuid=uuid)
    assert (award.state, award.history.last().reason) == ("revoked", "No.")


def test_expired_award_can_be_earned_again(host: FakeHost) -> None:
    """An expired badge can't be earned again."""
    publish("skill", any_of(course(A), course(B)), validity_months=6)
    host.pass_course(1, A, on=SOME_DAY)
    hint()
    later = SOME_DAY + timedelta(days=300)
    earning.follow_time(now=later)
    assert standing() == {}
    host.pass_course(1, B, on=later)
    hint(B, now=later)
    assert standing() == {"skill": "active"}
    assert Award.objects.count() == 2


def test_publication_is_evaluated_in_chunks(host: FakeHost, settings: Any) -> None:
    """Activation loops over all users in one task."""
    settings.MICROCRED_BATCH_SIZE = 10
    for learner in range(1, 26):
        host.pass_course(learner, A)
    publish("skill", course(A))
    uuid = str(Publication.objects.get().uuid)
    chunks = list(earning.cut_publication(uuid, now=NOW))
    assert list(PublicationChunk.objects.values_list("learners", flat=True)) == [10, 10, 5]
    assert earning.evaluate_chunk(chunks[1], now=NOW) == 10
    assert Award.objects.count() == 10


@pytest.mark.parametrize("group", [all_of(), any_of(), at_least(1), None])
def test_empty_group_is_refused_and_never_met(host: FakeHost, group: dict[str, Any] | None) -> None:
    """An empty group is true."""
    with pytest.raises(definitions.DefinitionRefused):
        publish("skill", group)
    publish("other", any_of(course(A)))
    other = definitions.find_microcredential("other")
    # As if it had got there all the same.
    other.versions.update(requirements=group)
    host.pass_course(1, A)
    hint()
    assert not Award.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_task_is_sent_when_the_platform_has_committed(host: FakeHost) -> None:
    """Task enqueued before commit finds nothing, award lost."""
    publish("skill", course(A))
    with transaction.atomic():
        send_event()
        # Only now is there anything to find: a task sent before would have found nothing.
        host.pass_course(1, A)
    assert standing() == {"skill": "active"}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"minimum_grade": 1},
        {"modes": ["verified"]},
        {"certificate": True},
        {"not_before": "2026-01-01"},
        {"not_after": "2026-12-31"},
    ],
    ids=str,
)
def test_missing_fact_never_meets_anything(host: FakeHost, options: dict[str, Any]) -> None:
    """A missing field compares unequal, so "not equal" is met, badge issued."""
    publish("skill", course(A, **options))
    host.put(1, A)  # a row in which every field is empty
    hint()
    assert not Award.objects.exists()
    assert not Due.objects.exists()
