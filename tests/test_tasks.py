"""Tasks: how they are sent, what several hints share, and what the sweep makes up for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded
from django.core.cache import cache
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from kombu.transport.memory import Channel

from microcred_plugin import earning, tasks
from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import Preview
from microcred_plugin.awards import api as awards
from microcred_plugin.awards.models import Award, AwardEvent, Due
from microcred_plugin.broker import forget
from microcred_plugin.definitions.models import (
    Microcredential,
    Publication,
    PublicationChunk,
    RequirementIndex,
)
from microcred_plugin.evaluation.record import CourseResult, Unknown
from microcred_plugin.host import get_host
from microcred_plugin.host.interface import Changes, CourseSelection
from tests.awards import standing
from tests.factories import course, publish
from tests.fakes import FakeHost

pytestmark = pytest.mark.django_db(transaction=True)

RUN, OTHER = "course-v1:NordU+A+2026", "course-v1:NordU+B+2026"


class Broker:
    """A broker in memory, and a worker who works when told to."""

    def waiting(self) -> list[str]:
        """The tasks that have been sent and not begun, without taking them."""
        found = self._take()
        self._put_back(found)
        return [message["headers"]["task"].rpartition(".")[2] for _queue, message in found]

    def work(self) -> int:
        """Do what is waiting now; how many tasks that was."""
        found = self._take()
        for _queue, message in found:
            body = current_app.connection_for_read().channel().message_to_python(message).payload
            current_app.tasks[message["headers"]["task"]].apply(body[0], throw=True)
        return len(found)

    def queues(self) -> set[str]:
        return {queue for queue, channel in Channel.queues.items() if channel.qsize()}

    def _take(self) -> list[tuple[str, Any]]:
        return [
            (name, queue.get())
            for name, queue in Channel.queues.items()
            for _ in range(queue.qsize())
        ]

    def _put_back(self, found: list[tuple[str, Any]]) -> None:
        for name, message in found:
            Channel.queues[name].put(message)


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    monkeypatch.setitem(current_app.conf, "task_always_eager", False)
    monkeypatch.setitem(current_app.conf, "broker_url", "memory://")
    Channel.queues.clear()
    yield Broker()
    Channel.queues.clear()


@pytest.fixture
def skill(host: FakeHost) -> Microcredential:
    host.add_run(RUN)
    host.add_run(OTHER)
    return publish("skill", course(RUN))


# --- sending -------------------------------------------------------------------------------------


def test_hint_is_sent_and_worked_at(host: FakeHost, skill: Microcredential, broker: Broker) -> None:
    host.pass_course(1, RUN)
    tasks.send_hint(1, RUN)
    assert broker.waiting() == ["follow_hint"]
    assert not Award.objects.exists()
    broker.work()
    assert standing() == {"skill": "active"}


def test_hint_about_a_course_that_nothing_asks_for_is_not_sent(
    skill: Microcredential, broker: Broker
) -> None:
    tasks.send_hint(1, OTHER)
    assert broker.waiting() == []


def test_tasks_go_to_the_queue_of_the_lms(
    skill: Microcredential, broker: Broker, settings: Any
) -> None:
    settings.MICROCRED_QUEUE = "edx.lms.core.default"
    tasks.send_hint(1, RUN)
    assert broker.queues() == {"edx.lms.core.default"}


def test_every_task_is_done_again_if_its_worker_dies_and_never_for_ever() -> None:
    found = [task for name, task in current_app.tasks.items() if "microcred_plugin" in name]
    assert {task.name.rpartition(".")[2] for task in found} == {
        "follow_hint", "run_publication", "evaluate_chunk", "run_preview", "announce", "answer",
        "mail", "sign", "sweep", "tell_offers",
    }  # fmt: skip
    for task in found:
        assert (task.acks_late, task.reject_on_worker_lost) == (True, True)
        assert task.soft_time_limit < task.time_limit


def test_broker_that_refuses_is_neither_waited_for_nor_fatal(
    host: FakeHost, skill: Microcredential, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection is refused; the hint is not lost, since the sweep makes up for it."""
    monkeypatch.setitem(current_app.conf, "task_always_eager", False)
    monkeypatch.setitem(current_app.conf, "broker_url", "pyamqp://guest@127.0.0.1:1//")
    host.pass_course(1, RUN)
    with transaction.atomic():
        tasks.send_hint(1, RUN)
    tasks.send_publication(str(Publication.objects.get().uuid))
    assert not Award.objects.exists()

    monkeypatch.setitem(current_app.conf, "broker_url", "memory://")
    Channel.queues.clear()
    forget()  # that it was away
    tasks.send_hint(1, RUN)  # the marker of the one that was not sent is not in the way
    assert Broker().waiting() == ["follow_hint"]
    Channel.queues.clear()
    tasks.sweep.run()
    assert standing() == {"skill": "active"}


# --- what hints share ----------------------------------------------------------------------------


def test_hints_share_a_task_until_it_begins(
    host: FakeHost, skill: Microcredential, broker: Broker
) -> None:
    publish("other", course(OTHER))
    for _ in range(3):
        tasks.send_hint(1, RUN)
    tasks.send_hint(2, RUN)
    tasks.send_hint(1, OTHER)
    assert len(broker.waiting()) == 3
    broker.work()
    tasks.send_hint(1, RUN)
    assert len(broker.waiting()) == 1


def test_marker_that_has_run_out_shares_nothing(
    skill: Microcredential, broker: Broker, settings: Any
) -> None:
    """A task that was lost with the broker keeps no later hint from having its own."""
    settings.MICROCRED_COALESCE_SECONDS = 0
    tasks.send_hint(1, RUN)
    tasks.send_hint(1, RUN)
    assert len(broker.waiting()) == 2


def test_hint_that_is_coalesced_costs_no_query(skill: Microcredential, broker: Broker) -> None:
    tasks.send_hint(1, RUN)
    with CaptureQueriesContext(connection) as captured:
        tasks.send_hint(1, RUN)
    assert len(captured) == 0


def test_run_that_came_to_be_used_just_now_is_noticed_at_once(
    broker: Broker, host: FakeHost
) -> None:
    host.add_run(RUN)
    tasks.send_hint(1, RUN)
    assert broker.waiting() == []
    publish("skill", course(RUN))
    broker.work()
    tasks.send_hint(1, RUN)
    assert len(broker.waiting()) == 1


def test_run_that_is_not_used_any_more_is_asked_about_again(
    skill: Microcredential, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks.send_hint(1, RUN)
    assert len(broker.waiting()) == 1
    RequirementIndex.objects.all().delete()
    later = tasks.monotonic() + 3600
    monkeypatch.setattr(tasks, "monotonic", lambda: later)
    tasks.send_hint(2, RUN)
    assert len(broker.waiting()) == 1


class BusyHost(FakeHost):
    """A platform in which somebody passes while their grades are being read."""

    def course_results(
        self, learner_ids: Collection[int], selection: CourseSelection
    ) -> Mapping[int, Mapping[str, CourseResult | Unknown]]:
        answer = super().course_results(learner_ids, selection)
        if (1, RUN) not in self.results:
            self.pass_course(1, RUN)
            tasks._send_hint(1, RUN)  # the request of the platform has committed
        return answer


def test_change_while_the_task_reads_gets_a_task_of_its_own(settings: Any, broker: Broker) -> None:
    settings.MICROCRED_HOST = "tests.test_tasks.BusyHost"
    host = get_host()
    assert isinstance(host, BusyHost)
    host.add_learner(1)
    host.add_run(RUN)
    publish("skill", course(RUN))
    tasks.send_hint(1, RUN)
    broker.work()
    assert not Award.objects.exists()
    assert broker.waiting() == ["follow_hint"]
    broker.work()
    assert standing() == {"skill": "active"}


# --- publications --------------------------------------------------------------------------------


def test_publication_runs_in_tasks_of_chunks(
    host: FakeHost, skill: Microcredential, broker: Broker, settings: Any
) -> None:
    settings.MICROCRED_BATCH_SIZE = 2
    for learner in range(1, 6):
        host.pass_course(learner, RUN)
    tasks.send_publication(str(Publication.objects.get().uuid))
    assert broker.waiting() == ["run_publication"]
    broker.work()
    assert broker.waiting() == ["evaluate_chunk"] * 3
    broker.work()
    assert Award.objects.count() == 5
    assert Publication.objects.get().state == "done"


def test_publication_is_sent_on_commit_only(skill: Microcredential, broker: Broker) -> None:
    with transaction.atomic():
        tasks.send_publication(str(Publication.objects.get().uuid))
        assert broker.waiting() == []
    assert broker.waiting() == ["run_publication"]


def test_large_publication_is_cut_by_one_task_after_the_other(
    host: FakeHost,
    skill: Microcredential,
    broker: Broker,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.MICROCRED_BATCH_SIZE = 1
    monkeypatch.setattr(tasks, "CHUNKS_AT_A_TIME", 3)
    for learner in range(1, 6):
        host.pass_course(learner, RUN)
    tasks.send_publication(str(Publication.objects.get().uuid))
    broker.work()
    assert sorted(set(broker.waiting())) == ["evaluate_chunk", "run_publication"]
    while broker.work():
        pass
    assert Award.objects.count() == 5
    assert Publication.objects.get().state == "done"


def test_sweep_sends_a_publication_that_nobody_runs(
    host: FakeHost, skill: Microcredential, broker: Broker
) -> None:
    tasks.sweep.run()
    assert broker.waiting() == ["run_publication", "answer"]


def test_sweep_sends_a_chunk_that_was_lost(
    host: FakeHost, skill: Microcredential, broker: Broker
) -> None:
    host.pass_course(1, RUN)
    tasks.run_publication.run(str(Publication.objects.get().uuid))
    Channel.queues.clear()  # the broker forgets
    PublicationChunk.objects.update(sent_at=timezone.now() - timedelta(hours=1))
    tasks.sweep.run()
    assert broker.waiting() == ["evaluate_chunk", "answer"]
    broker.work()
    assert Publication.objects.get().state == "done"


# --- previews ------------------------------------------------------------------------------------


@pytest.fixture
def preview(host: FakeHost, skill: Microcredential) -> Preview:
    """A question of Studio's, whom asking for another course would concern: three learners."""
    for learner_id in (1, 2, 3):
        host.pass_course(learner_id, OTHER)
    return authoring.ask_preview(
        kind=Preview.Kind.PUBLICATION,
        microcredential_id=skill.pk,
        content={"of": {"draft": {"requirements": course(OTHER)}}, "previous": "now"},
        by_id=None,
        now=timezone.now(),
    )


def test_preview_is_worked_at_a_step_at_a_time_behind_what_else_waits(
    preview: Preview, broker: Broker, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MICROCRED_BATCH_SIZE = 1
    monkeypatch.setattr(tasks, "PREVIEW_SECONDS", 0)
    with transaction.atomic():
        tasks.send_preview(str(preview.uuid))
        assert broker.waiting() == []
    for done in (1, 2, 3):
        assert broker.waiting() == ["run_preview"]
        broker.work()
        preview.refresh_from_db()
        assert (preview.state, preview.learners_done) == ("running", done)
    broker.work()
    preview.refresh_from_db()
    assert (preview.state, broker.waiting()) == ("done", [])
    assert not Award.objects.exists()


def test_studio_sends_previews_to_the_queue_of_the_lms_or_leaves_them_to_its_sweep(
    preview: Preview, broker: Broker, settings: Any
) -> None:
    settings.MICROCRED_EVALUATES = False
    tasks.send_preview(str(preview.uuid))
    assert broker.waiting() == []
    settings.MICROCRED_QUEUE = "edx.lms.core.default"
    tasks.send_preview(str(preview.uuid))
    assert (broker.waiting(), broker.queues()) == (["run_preview"], {"edx.lms.core.default"})


def test_sweep_sends_a_preview_that_nobody_is_at_once(preview: Preview, broker: Broker) -> None:
    Publication.objects.update(state="done")
    tasks.sweep.run()
    assert broker.waiting() == ["run_preview", "answer"]
    Channel.queues.clear()  # the broker forgets
    tasks.sweep.run()
    assert broker.waiting() == ["answer"]
    Preview.objects.update(progressed_at=timezone.now() - timedelta(minutes=6))
    tasks.sweep.run()
    assert sorted(broker.waiting()) == ["answer", "answer", "run_preview"]


def test_sweep_answers_previews_itself_where_there_is_no_worker(preview: Preview) -> None:
    tasks.sweep.run()
    preview.refresh_from_db()
    assert (preview.state, preview.learners_done) == ("done", 3)


def test_sweep_answers_previews_before_it_goes_on_with_awards(
    preview: Preview, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = []

    def follow_changes() -> bool:
        preview.refresh_from_db()
        states.append(preview.state)
        return False

    monkeypatch.setattr(earning, "follow_changes", follow_changes)
    tasks.sweep.run()
    assert states == ["done"]


def test_sweep_gives_previews_some_of_its_time_and_goes_on_the_next_time(
    preview: Preview, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MICROCRED_BATCH_SIZE = 1
    for done in (1, 2, 3):
        # It begins, is still in time, and has none left.
        monkeypatch.setattr(tasks, "monotonic", iter((0, 39, 40, 40)).__next__)
        tasks._answer_studio()
        preview.refresh_from_db()
        assert (preview.state, preview.learners_done) == ("running", done)


class WithoutClasses(FakeHost):
    """A platform that can't say who is enrolled."""

    def enrolled_learner_ids(self, run: str, *, after: int, limit: int) -> Sequence[int]:
        raise TimeoutError("slow query")


def test_preview_that_fails_does_not_keep_the_others_waiting(settings: Any) -> None:
    settings.MICROCRED_HOST = "tests.test_tasks.WithoutClasses"
    host = get_host()
    assert isinstance(host, WithoutClasses)
    host.add_run(RUN)
    publish("skill", course(RUN))
    fails, _is_new = authoring.ask_course_figures(run=RUN, by_id=None, now=timezone.now())
    goes_on, _is_new = authoring.ask_course_figures(run=OTHER, by_id=None, now=timezone.now())
    for failures in (1, 2, 3, 4):
        tasks.sweep.run()
        fails.refresh_from_db()
        assert fails.failures == failures
        assert awards.marks()[awards.SWEPT].value == "answer_studio"
    goes_on.refresh_from_db()
    assert (fails.state, goes_on.state) == ("failed", "done")
    tasks.sweep.run()
    assert awards.marks()[awards.SWEPT].value == ""


def test_sweep_forgets_old_previews(preview: Preview) -> None:
    Preview.objects.update(state="done", asked_at=timezone.now() - timedelta(days=31))
    tasks.sweep.run()
    assert not Preview.objects.exists()


# --- the sweep -----------------------------------------------------------------------------------


def test_sweep_is_in_the_beat_schedule_of_the_lms(settings: Any) -> None:
    [entry] = [
        entry
        for entry in settings.CELERYBEAT_SCHEDULE.values()
        if entry["task"] in current_app.tasks
    ]
    assert current_app.tasks[entry["task"]] is not None
    assert entry["task"] == "microcred_plugin.tasks.sweep"


def test_sweep_brings_what_is_due_what_was_lost_and_what_was_not_told(
    host: FakeHost, skill: Microcredential, announced: list[tuple[str, str]]
) -> None:
    host.pass_course(1, RUN)
    host.pass_course(2, RUN)
    host.cannot_say(2, RUN)
    tasks.sweep.run()
    assert (standing(1), standing(2)) == ({"skill": "active"}, {})
    assert [name for name, _uuid in announced] == ["awarded"]
    host.can_say(2, RUN)
    Due.objects.update(due_at=timezone.now())
    tasks.sweep.run()
    assert standing(2) == {"skill": "active"}
    assert [name for name, _uuid in announced] == ["awarded", "awarded"]
    assert not Due.objects.exists()


def test_second_sweep_leaves_the_work_to_the_first(host: FakeHost, skill: Microcredential) -> None:
    host.pass_course(1, RUN)

    key = str(tasks.get_cache_key(microcred="sweep"))
    cache.add(key, 1, 60)
    tasks.sweep.run()
    assert not Award.objects.exists()
    cache.delete(key)
    tasks.sweep.run()
    assert standing() == {"skill": "active"}
    assert cache.get(key) is None


class ForgetfulHost(FakeHost):
    """A platform that can't say what has changed."""

    def changes_since(self, watermark: str, *, limit: int) -> Changes:
        raise TimeoutError("slow query")


def test_what_fails_in_a_sweep_does_not_keep_the_rest_waiting(
    settings: Any, announced: list[tuple[str, str]]
) -> None:
    settings.MICROCRED_HOST = "tests.test_tasks.ForgetfulHost"
    host = get_host()
    assert isinstance(host, ForgetfulHost)
    publish_and_earn(host)
    tasks.sweep.run()
    assert [name for name, _uuid in announced] == ["awarded"]


def publish_and_earn(host: FakeHost) -> None:
    """An award that has still to be told."""
    host.pass_course(1, RUN)
    publish("skill", course(RUN))
    tasks.earning.follow_hint(1, RUN)
    assert AwardEvent.objects.get().announced_at is None


# --- tasks that fail -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "work",
    [
        lambda: tasks.follow_hint.run(1, RUN),
        lambda: tasks.run_publication.run(str(Publication.objects.get().uuid)),
        lambda: tasks.run_preview.run(str(Preview.objects.get().uuid)),
    ],
    ids=["hint", "publication", "preview"],
)
def test_task_that_fails_where_it_was_called_says_so(
    host: FakeHost, skill: Microcredential, preview: Preview, work: Callable[[], None]
) -> None:
    host.fail_with(ConnectionError("away"))
    with pytest.raises(tasks.earning.HostFailed):
        work()


def test_eager_task_that_fails_does_not_reach_who_sent_it(
    host: FakeHost, skill: Microcredential
) -> None:
    host.pass_course(1, RUN)
    host.fail_with(ConnectionError("away"))
    tasks.send_hint(1, RUN)
    host.fail_with(None)
    assert Due.objects.get().why == "unknown"


# --- what takes too long -------------------------------------------------------------------------


def test_task_that_has_to_end_is_not_taken_for_a_learner_who_fails(
    host: FakeHost, skill: Microcredential, monkeypatch: pytest.MonkeyPatch
) -> None:
    for learner_id in (1, 2, 3):
        host.pass_course(learner_id, RUN)
    host.fail_with(SoftTimeLimitExceeded())
    with pytest.raises(SoftTimeLimitExceeded):
        earning.follow_hint(1, RUN)
    host.fail_with(None)
    monkeypatch.setattr(host, "learners", _time_is_up)
    with pytest.raises(SoftTimeLimitExceeded):
        tasks.sweep.run()
    assert not Due.objects.exists()
    assert awards.marks()[awards.SWEPT].value == "follow_changes"
    monkeypatch.undo()
    tasks.sweep.run()
    assert Award.objects.count() == 3


def _time_is_up(*_args: object) -> None:
    raise SoftTimeLimitExceeded


def test_one_part_of_a_sweep_does_not_take_the_time_of_the_others(
    host: FakeHost, skill: Microcredential, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = []

    def endless() -> bool:
        pages.append(1)
        clock[0] += 15
        return True

    clock = [tasks.monotonic()]
    monkeypatch.setattr(tasks, "monotonic", lambda: clock[0])
    monkeypatch.setattr(earning, "follow_changes", endless)
    tasks.sweep.run()
    assert len(pages) == 3
    assert awards.marks()[awards.SWEPT].value == ""
