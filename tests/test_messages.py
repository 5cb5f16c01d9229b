"""What the world is told: at least once, in order, about those who are still there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from openedx_events.learning.signals import BADGE_AWARDED, BADGE_REVOKED

from microcred_plugin import decisions, earning
from microcred_plugin.awards.models import Award, AwardEvent
from microcred_plugin.definitions.models import Microcredential
from microcred_plugin.messages import api as messages
from tests.factories import course, publish
from tests.fakes import FakeHost

pytestmark = pytest.mark.django_db

RUN = "course-v1:NordU+A+2026"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
LATER = NOW + timedelta(seconds=301)  # a claim is stale by then


class Listener:
    """Somebody who listens to both signals, and may refuse what they hear."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.refuses: BaseException | None = None
        self.before: Callable[[], None] | None = None

    def hear(self, signal: Any, **event: Any) -> None:
        if self.before is not None:
            before, self.before = self.before, None
            before()
        self.heard.append((signal.event_type.rpartition(".")[0].rpartition(".")[2], event))
        if self.refuses is not None:
            raise self.refuses

    @property
    def names(self) -> list[str]:
        return [name for name, _event in self.heard]

    @property
    def ids(self) -> list[Any]:
        return [event["metadata"].id for _name, event in self.heard]


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()
    for signal in (BADGE_AWARDED, BADGE_REVOKED):
        signal.connect(found.hear, weak=False)
    yield found
    for signal in (BADGE_AWARDED, BADGE_REVOKED):
        signal.disconnect(found.hear)


@pytest.fixture
def skill(host: FakeHost) -> Microcredential:
    host.add_learner(1, "ana", email="ana@example.org", name="Ana")
    host.pass_course(1, RUN)
    return publish("skill", course(RUN), description="What it is.", policy="suspend")


def hint(learner_id: int = 1) -> None:
    earning.follow_hint(learner_id, RUN, now=NOW)


def turn(host: FakeHost, *, is_passing: bool) -> None:
    (host.pass_course if is_passing else host.fail_course)(1, RUN)
    hint()


def test_event_says_what_was_awarded_to_whom(skill: Microcredential, listener: Listener) -> None:
    hint()
    assert messages.announce(now=NOW) == 1
    [(name, event)] = listener.heard
    assert name == "awarded"
    badge = event["badge"]
    assert badge.uuid == str(Award.objects.get().uuid)
    assert (badge.user.id, badge.user.is_active) == (1, True)
    assert (badge.user.pii.username, badge.user.pii.email, badge.user.pii.name) == (
        "ana", "ana@example.org", "Ana",
    )  # fmt: skip
    assert badge.template.uuid == str(skill.uuid)
    assert badge.template.origin == "microcred_plugin"
    assert (badge.template.name, badge.template.description) == ("Skill", "What it is.")


def test_event_has_the_id_and_the_time_of_the_award_event(
    skill: Microcredential, listener: Listener
) -> None:
    """So that a receiver can tell a repetition."""
    hint()
    messages.announce(now=LATER)
    [(_name, event)] = listener.heard
    award_event = AwardEvent.objects.get()
    assert event["metadata"].id == award_event.uuid
    assert event["metadata"].time == award_event.at == NOW
    assert event["metadata"].event_type == BADGE_AWARDED.event_type
    assert event["from_event_bus"] is False
    assert award_event.announced_at == LATER


def test_what_has_been_told_is_not_told_again(skill: Microcredential, listener: Listener) -> None:
    hint()
    assert [messages.announce(now=NOW), messages.announce(now=LATER)] == [1, 0]
    assert listener.names == ["awarded"]


def test_awarded_and_revoked_alternate(
    host: FakeHost, skill: Microcredential, listener: Listener
) -> None:
    for is_passing in (True, True, False, False, True, False):
        turn(host, is_passing=is_passing)
    decisions.suspend(learner_id=1, microcredential_id=skill.id, by_id=9, reason="Doubt.", now=NOW)
    turn(host, is_passing=True)
    decisions.lift_suspension(learner_id=1, microcredential_id=skill.id, by_id=9, now=NOW)
    decisions.revoke(learner_id=1, microcredential_id=skill.id, by_id=9, reason="No.", now=NOW)
    assert messages.announce(now=NOW) == 6
    assert listener.names == ["awarded", "revoked"] * 3
    assert len({event["badge"].uuid for _name, event in listener.heard}) == 1


def test_expiry_and_renewal_are_not_told(host: FakeHost, listener: Listener) -> None:
    host.pass_course(1, RUN)
    publish("skill", course(RUN), validity_months=6)
    hint()
    earning.follow_time(now=datetime(2027, 1, 1, tzinfo=UTC))
    assert list(AwardEvent.objects.values_list("kind", flat=True)) == ["earned", "expired"]
    messages.announce(now=NOW)
    assert listener.names == ["awarded"]


@pytest.mark.parametrize("is_debug", [True, False])
def test_receiver_that_raises(
    host: FakeHost, skill: Microcredential, listener: Listener, settings: Any, is_debug: bool
) -> None:
    """Under DEBUG it comes through: told again later, and what follows waits for it."""
    settings.DEBUG = is_debug
    host.pass_course(2, RUN)
    hint()
    turn(host, is_passing=False)
    listener.refuses = RuntimeError("no")
    told = messages.announce(now=NOW)
    if not is_debug:
        assert (told, listener.names) == (2, ["awarded", "revoked"])
        return
    assert (told, listener.names) == (0, ["awarded"])
    listener.refuses = None
    hint(2)
    assert messages.announce(now=NOW) == 1
    assert listener.heard[-1][1]["badge"].user.id == 2
    assert messages.announce(now=LATER) == 2
    mine = [
        (name, event["metadata"].id)
        for name, event in listener.heard
        if event["badge"].user.id == 1
    ]
    first, second = AwardEvent.objects.filter(award__learner=1).order_by("id")
    assert mine == [
        ("awarded", first.uuid), ("awarded", first.uuid), ("revoked", second.uuid),
    ]  # fmt: skip


def test_worker_that_dies_while_telling_leaves_it_to_be_told_again(
    skill: Microcredential, listener: Listener, settings: Any
) -> None:
    """At least once: the same event with the same id."""
    settings.DEBUG = True
    hint()
    listener.refuses = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        messages.announce(now=NOW)
    listener.refuses = None
    assert messages.announce(now=NOW) == 0
    assert messages.announce(now=LATER) == 1
    assert listener.ids == [AwardEvent.objects.get().uuid] * 2


def test_two_workers_do_not_tell_the_same_event(
    host: FakeHost, skill: Microcredential, listener: Listener
) -> None:
    """The second comes while the first is telling; it tells neither that nor what follows."""
    hint()
    turn(host, is_passing=False)
    others: list[int] = []
    listener.before = lambda: others.append(messages.announce(now=NOW))
    assert messages.announce(now=NOW) == 2
    assert others == [0]
    assert listener.names == ["awarded", "revoked"]


@pytest.mark.parametrize("leave", [FakeHost.retire, FakeHost.delete])
def test_nothing_is_told_about_those_who_have_left(
    host: FakeHost,
    skill: Microcredential,
    listener: Listener,
    leave: Callable[[FakeHost, int], None],
) -> None:
    hint()
    leave(host, 1)
    messages.announce(now=NOW)
    assert messages.announce(now=LATER) == 0
    assert listener.heard == []
    assert AwardEvent.objects.get().announcement == ""


def test_those_who_have_left_do_not_hold_up_the_others(
    host: FakeHost, skill: Microcredential, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "BATCH", 2)
    for learner in range(1, 6):
        host.pass_course(learner, RUN)
        hint(learner)
    for learner in (1, 2, 3):
        host.delete(learner)
    while messages.announce(now=NOW):
        pass
    assert [event["badge"].user.id for _name, event in listener.heard] == [4, 5]


def test_events_that_cannot_be_told_do_not_hold_up_the_others(
    host: FakeHost,
    skill: Microcredential,
    listener: Listener,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.DEBUG = True
    monkeypatch.setattr(messages, "BATCH", 2)
    hint()
    host.pass_course(2, RUN)
    hint(2)
    listener.refuses = RuntimeError("no")
    messages.announce(now=NOW)
    listener.refuses = None
    host.pass_course(3, RUN)
    hint(3)
    while messages.announce(now=NOW):
        pass
    assert listener.heard[-1][1]["badge"].user.id == 3


def test_host_that_fails_leaves_everything_to_be_told(
    host: FakeHost, skill: Microcredential, listener: Listener
) -> None:
    hint()
    host.fail_with(ConnectionError("away"))
    with pytest.raises(ConnectionError):
        messages.announce(now=NOW)
    host.fail_with(None)
    assert messages.announce(now=NOW) == 1
    assert listener.names == ["awarded"]


def test_nothing_to_tell_asks_one_query(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert messages.announce(now=NOW) == 0
