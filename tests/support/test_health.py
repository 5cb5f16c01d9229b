"""Whether everything works: for whom it is, what it asks for, and what it says of each trouble."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from celery import current_app
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from kombu.connection import Connection

from microcred_plugin import earning, tasks
from microcred_plugin.awards.models import AwardEvent, Due, Watermark
from microcred_plugin.definitions.models import Microcredential, Publication
from microcred_plugin.health import LIMITS, Check, Health, check_health
from tests.factories import course, publish
from tests.fakes import FakeHost
from tests.learner.conftest import Someone

pytestmark = pytest.mark.django_db

RUN = "course-v1:NordU+A+2026"
HEALTH = "/microcredentials/health/"


@pytest.fixture
def skill(host: FakeHost) -> Microcredential:
    """One that a learner has earned; the site has been swept since."""
    host.pass_course(1, RUN)
    made = publish("skill", course(RUN), validity_months=12, policy="suspend")
    earning.run_publication(str(Publication.objects.get().uuid))
    tasks.sweep.run()
    return made


def later(**span: float) -> datetime:
    return timezone.now() + timedelta(**span)


def look(**span: float) -> Health:
    """The health as it is after so long a time in which nothing happens."""
    return check_health(now=later(**span))


def one(health: Health, name: str) -> Check:
    [found] = [check for check in health.checks if check.name == name]
    return found


def wrong(health: Health) -> list[str]:
    return [check.name for check in health.wrong]


def set_mark(name: str, *, age: timedelta, value: str = "") -> None:
    Watermark.objects.update_or_create(name=name, defaults={"value": value})
    Watermark.objects.filter(name=name).update(modified=timezone.now() - age)


# --- what it says --------------------------------------------------------------------------------


def test_site_that_has_just_been_swept_is_healthy(skill: Microcredential) -> None:
    health = look()
    assert wrong(health) == []
    assert health.is_healthy
    assert {check.name for check in health.checks} == {"broker", *LIMITS}
    assert [check.remedy for check in health.checks if check.remedy] == []


def test_site_that_was_never_swept_is_not(host: FakeHost) -> None:
    health = look()
    assert wrong(health) == ["sweep", "worker", "changes"]
    assert one(health, "sweep").says == "No sweep has ended yet."
    assert "look whether beat runs" in one(health, "sweep").remedy


def test_sweep_that_does_not_come_any_more(skill: Microcredential) -> None:
    assert "sweep" not in wrong(look(minutes=9))
    check = one(look(minutes=25), "sweep")
    assert not check.is_healthy
    assert check.says == "No sweep has ended for 25 minutes."


def test_sweep_that_fails_names_the_part(skill: Microcredential, host: FakeHost) -> None:
    host.fail_with(ConnectionError("away"))
    tasks.sweep.run()
    assert one(look(), "sweep").says == "The last sweep, 0 seconds ago, failed in follow_changes."
    host.fail_with(None)
    tasks.sweep.run()
    assert look().is_healthy


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A queue at which nobody works."""
    monkeypatch.setitem(current_app.conf, "task_always_eager", False)
    monkeypatch.setitem(current_app.conf, "broker_url", "memory://")
    yield
    current_app.connection_for_write().channel().queue_purge("celery")


def test_worker_who_does_not_work_is_noticed_though_sweeps_come_from_elsewhere(
    skill: Microcredential, queue: None
) -> None:
    """Cron sweeps, and what it sends is not worked at."""
    tasks.sweep.run()
    assert look().is_healthy
    long_ago = (timezone.now() - timedelta(minutes=90, seconds=30)).isoformat()
    Watermark.objects.filter(name="worker").update(value=long_ago)
    health = look()
    assert wrong(health) == ["worker"]
    assert one(health, "worker").says == "Tasks wait for a worker for 90 minutes or longer."
    assert "the default queue of the LMS" in one(health, "worker").remedy


def test_queue_that_is_named_is_said(skill: Microcredential, settings: Any) -> None:
    settings.MICROCRED_QUEUE = "edx.lms.badges"
    Watermark.objects.filter(name="worker").delete()
    assert "edx.lms.badges" in one(look(), "worker").remedy


def test_worker_is_not_blamed_for_sweeps_that_do_not_come(skill: Microcredential) -> None:
    assert "worker" not in wrong(look(days=2))


def test_changes_that_are_not_read_any_more(skill: Microcredential) -> None:
    set_mark("sweep", age=timedelta(0))
    check = one(look(hours=3), "changes")
    assert check.says == "For 3 hours the changes in the platform have not been read to the end."
    assert "The sweep does that" in check.remedy


def test_changes_that_are_caught_up_with_are_late_all_the_same(skill: Microcredential) -> None:
    set_mark("changes-read-to-the-end", age=timedelta(hours=5))
    check = one(look(), "changes")
    assert (check.is_healthy, check.remedy) == (False, "It is reading, and catches up by itself.")


def test_first_reading_of_a_large_site_is_no_trouble(skill: Microcredential) -> None:
    Watermark.objects.filter(name="changes-read-to-the-end").delete()
    assert look().is_healthy
    assert "changes" in wrong(look(hours=2))


def test_what_is_overdue(skill: Microcredential) -> None:
    due = Due.objects.get()
    assert one(look(), "due").says == "Nothing is overdue."
    Due.objects.update(due_at=timezone.now() - timedelta(minutes=5))
    assert one(look(), "due").is_healthy
    Due.objects.update(due_at=timezone.now() - timedelta(hours=5))
    check = one(look(), "due")
    assert not check.is_healthy
    assert (check.count, check.limit) == (1, 1800)
    assert check.says == "1 to be looked at again are overdue, the oldest for 5 hours."
    assert due.why == "expiry"


def test_learners_of_whom_the_platform_cannot_say_everything(
    skill: Microcredential, host: FakeHost, settings: Any
) -> None:
    for learner in (1, 2, 3):
        host.pass_course(learner, RUN)
        host.cannot_say(learner, RUN)
        earning.follow_hint(learner, RUN)
    check = one(look(), "unknown")
    assert (check.is_healthy, check.count) == (True, 3)
    settings.MICROCRED_HEALTH_LIMITS = {"unknown": 2}
    health = look()
    assert wrong(health) == ["unknown"]
    assert one(health, "unknown").says.startswith("Of 3 learners the platform could not say")


def test_publication_that_stands_still(skill: Microcredential, host: FakeHost) -> None:
    publish("other", course(RUN))
    Publication.objects.filter(state="pending").update(at=timezone.now())
    assert one(look(minutes=30), "publications").is_healthy
    check = one(look(hours=30), "publications")
    assert check.says == "Being evaluated: 1. One of them has made no progress for 30 hours."


def test_award_events_that_are_not_told(
    skill: Microcredential, host: FakeHost, settings: Any
) -> None:
    AwardEvent.objects.update(announced_at=None, at=timezone.now() - timedelta(days=3))
    check = one(look(), "announcements")
    assert check.says == "1 award events have still to be told, the oldest for 3 days."
    assert not check.is_healthy


def test_limits_can_be_changed_one_by_one(skill: Microcredential, settings: Any) -> None:
    settings.MICROCRED_HEALTH_LIMITS = {"sweep": 10}
    health = look(seconds=30)
    assert wrong(health) == ["sweep"]
    assert one(health, "due").limit == LIMITS["due"]


def test_broker_that_does_not_answer(
    skill: Microcredential,
    queue: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise ConnectionError("amqp://lms:secret@broker is away")

    monkeypatch.setattr(Connection, "ensure_connection", refuse)
    health = look()
    assert wrong(health) == ["broker"]
    assert one(health, "broker").says == "The broker did not answer within 1.0 seconds."
    assert "secret" not in caplog.text


def test_database_that_does_not_answer(skill: Microcredential) -> None:
    def refuse(*_args: Any) -> Any:
        raise DatabaseError("no such table")

    with connection.execute_wrapper(refuse):
        health = look()
    assert wrong(health) == ["database"]
    assert "showmigrations microcred_plugin" in one(health, "database").remedy


# --- what it costs -------------------------------------------------------------------------------


def test_six_queries_however_much_waits(skill: Microcredential, host: FakeHost) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            look()
        assert all(one["sql"].startswith("SELECT") for one in queries)
        return len(queries)

    assert count() == 6
    for learner in range(2, 8):
        host.pass_course(learner, RUN)
        host.cannot_say(learner, "Org+Other")
        earning.follow_hint(learner, RUN)
    publish("other", course(RUN))
    assert count() == 6


# --- the command ---------------------------------------------------------------------------------


def run(*arguments: str) -> tuple[str, str]:
    """What the command prints, and with what it ends; empty where all is well."""
    out, ended = StringIO(), ""
    try:
        call_command("microcred", "health", *arguments, stdout=out)
    except CommandError as error:
        ended = f"{error} ({error.returncode})"
    return out.getvalue(), ended


def test_command_says_it_for_people(skill: Microcredential) -> None:
    printed, ended = run()
    assert ended == ""
    assert "ok     sweep          The last sweep ended 0 seconds ago.\n" in printed
    assert "WRONG" not in printed
    set_mark("sweep", age=timedelta(hours=2))
    printed, ended = run()
    assert ended == "Wrong: sweep. (1)"
    assert "WRONG  sweep          No sweep has ended for 2 hours.\n" in printed
    assert "manage.py lms microcred sweep" in printed


def test_command_says_it_for_machines(skill: Microcredential) -> None:
    printed, ended = run("--json")
    assert ended == ""
    assert json.loads(printed)["is_healthy"] is True
    set_mark("sweep", age=timedelta(hours=2))
    printed, ended = run("--json")
    assert ended == "Wrong: sweep. (1)"
    assert json.loads(printed)["is_healthy"] is False


# --- the endpoint --------------------------------------------------------------------------------


def test_endpoint_tells_staff(
    skill: Microcredential, someone: Callable[..., Someone], visitor: Client
) -> None:
    boss, bob = someone("boss", is_staff=True), someone("bob", is_superuser=True)
    response = boss.client.get(HEALTH)
    assert response.status_code == 200
    found = response.json()
    assert found["is_healthy"] is True
    assert {check["name"] for check in found["checks"]} == {"broker", *LIMITS}
    assert "no-store" in response["Cache-Control"]
    set_mark("sweep", age=timedelta(hours=2))
    response = boss.client.get(HEALTH)
    assert response.status_code == 503
    assert response.json()["is_healthy"] is False
    for client in (bob.client, visitor):
        response = client.get(HEALTH)
        assert response.status_code == 403
        assert response.json() == {
            "detail": "For staff of the site, or with MICROCRED_HEALTH_TOKEN."
        }


@pytest.mark.parametrize(
    ("header", "status"),
    [("Bearer s3cret", 200), ("Bearer other", 403), ("s3cret", 403), ("Bearer é", 403), ("", 403)],
)
def test_endpoint_tells_whoever_has_the_token(
    skill: Microcredential, visitor: Client, settings: Any, header: str, status: int
) -> None:
    settings.MICROCRED_HEALTH_TOKEN = "s3cret"
    assert visitor.get(HEALTH, HTTP_AUTHORIZATION=header).status_code == status


def test_without_a_token_no_header_opens_it(skill: Microcredential, visitor: Client) -> None:
    for header in ("Bearer ", "Bearer", ""):
        assert visitor.get(HEALTH, HTTP_AUTHORIZATION=header).status_code == 403


def test_whoever_may_not_look_costs_nothing(
    skill: Microcredential, visitor: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        visitor.get(HEALTH)


def test_endpoint_has_numbers_and_nobody(
    skill: Microcredential, someone: Callable[..., Someone], host: FakeHost
) -> None:
    boss = someone("boss", is_staff=True)
    host.add_learner(1, "lovelace1815")
    host.cannot_say(1, RUN)
    earning.follow_hint(1, RUN)
    said = boss.client.get(HEALTH).content.decode()
    assert "lovelace1815" not in said
    assert str(skill.uuid) not in said
    assert RUN not in said
