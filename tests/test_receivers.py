"""The platform's events, as the LMS sends them, through the connections of the plugin loader."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from ccx_keys.locator import CCXLocator
from django.contrib.auth import get_user_model
from django.core.cache.backends.base import BaseCache
from django.db import OperationalError, connection, transaction
from django.dispatch import Signal
from django.test.utils import CaptureQueriesContext
from edx_django_utils.plugins import connect_plugin_receivers
from opaque_keys.edx.keys import CourseKey
from openedx_events.learning import signals
from openedx_events.learning.data import (
    CcxCourseData,
    CcxCoursePassingStatusData,
    CertificateData,
    CourseData,
    CourseEnrollmentData,
    CoursePassingStatusData,
    PersistentCourseGradeData,
    UserData,
    UserPersonalData,
)

from microcred_plugin import tasks
from microcred_plugin.awards.models import Award
from tests.awards import standing
from tests.factories import course, publish, publish_many
from tests.fakes import FakeHost

RUN = "course-v1:NordU+DL101+2026"
CCX = "ccx-v1:NordU+DL101+2026+ccx@7"
NOW = datetime(2026, 6, 1, tzinfo=UTC)

Send = Callable[..., Any]


def _user(learner_id: int | None = 1) -> UserData:
    pii = UserPersonalData(username="ana", email="ana@example.org", name="Ana")
    return UserData(id=learner_id, is_active=True, pii=pii)


def _course(run: str) -> CourseData:
    return CourseData(course_key=CourseKey.from_string(run))


def send_passing(run: str = RUN, user: UserData | None = None) -> None:
    signals.COURSE_PASSING_STATUS_UPDATED.send_event(
        course_passing_status=CoursePassingStatusData(
            is_passing=True, course=_course(run), user=user or _user()
        )
    )


def send_ccx(run: str = CCX, user: UserData | None = None) -> None:
    key = CCXLocator.from_string(run)
    signals.CCX_COURSE_PASSING_STATUS_UPDATED.send_event(
        course_passing_status=CcxCoursePassingStatusData(
            is_passing=True,
            course=CcxCourseData(ccx_course_key=key, master_course_key=key.to_course_locator()),
            user=user or _user(),
        )
    )


def send_grade(run: str = RUN, user: UserData | None = None) -> None:
    signals.PERSISTENT_GRADE_SUMMARY_CHANGED.send_event(
        grade=PersistentCourseGradeData(
            user_id=(user or _user()).id,
            course=_course(run),
            course_edited_timestamp=NOW,
            course_version="",
            grading_policy_hash="",
            percent_grade=0.8,
            letter_grade="Pass",
            passed_timestamp=NOW,
        )
    )


def _certificate_sender(signal: Any) -> Send:
    def send(run: str = RUN, user: UserData | None = None) -> None:
        signal.send_event(
            certificate=CertificateData(
                user=user or _user(),
                course=_course(run),
                mode="honor",
                grade="0.8",
                download_url="",
                name="Ana",
                current_status="downloadable",
            )
        )

    return send


def _enrollment_sender(signal: Any) -> Send:
    def send(run: str = RUN, user: UserData | None = None) -> None:
        signal.send_event(
            enrollment=CourseEnrollmentData(
                user=user or _user(),
                course=_course(run),
                mode="honor",
                is_active=True,
                creation_date=NOW,
            )
        )

    return send


SENDERS: dict[str, tuple[Send, str]] = {
    "COURSE_PASSING_STATUS_UPDATED": (send_passing, RUN),
    "CCX_COURSE_PASSING_STATUS_UPDATED": (send_ccx, CCX),
    "PERSISTENT_GRADE_SUMMARY_CHANGED": (send_grade, RUN),
    **{
        name: (_certificate_sender(getattr(signals, name)), RUN)
        for name in ("CERTIFICATE_CREATED", "CERTIFICATE_CHANGED", "CERTIFICATE_REVOKED")
    },
    **{
        name: (_enrollment_sender(getattr(signals, name)), RUN)
        for name in ("COURSE_ENROLLMENT_CREATED", "COURSE_ENROLLMENT_CHANGED")
    },
}
EVERY_EVENT = pytest.mark.parametrize(("send", "run"), SENDERS.values(), ids=SENDERS)


@pytest.fixture
def met(host: FakeHost) -> None:
    """A microcredential for each of the two runs, and a learner who has passed both."""
    host.pass_course(1, RUN)
    host.pass_course(1, CCX)
    publish("master", course(RUN))
    publish("coached", course(CCX))


# --- who is heard --------------------------------------------------------------------------------


def test_plugin_listens_to_these_events_and_no_others() -> None:
    assert {
        name
        for name, signal in vars(signals).items()
        if isinstance(signal, Signal)
        and any("microcred_plugin" in str(receiver[0]) for receiver in signal.receivers)
    } == set(SENDERS)


@pytest.mark.parametrize(("service", "expected"), [("lms.djangoapp", 1), ("cms.djangoapp", 0)])
def test_only_the_lms_connects_receivers(
    monkeypatch: pytest.MonkeyPatch, service: str, expected: int
) -> None:
    heard = [getattr(signals, name) for name in SENDERS]
    for signal in heard:
        monkeypatch.setattr(signal, "receivers", [])
    connect_plugin_receivers(service)
    assert [len(signal.receivers) for signal in heard] == [expected] * len(heard)


@pytest.mark.django_db
@EVERY_EVENT
def test_event_leads_to_the_award(
    met: None,
    django_capture_on_commit_callbacks: Any,
    send: Send,
    run: str,
) -> None:
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        send()
    assert len(callbacks) == 1
    assert standing() == {"coached" if run == CCX else "master": "active"}
    assert Award.objects.get().cause_id == run


@pytest.mark.django_db
def test_ccx_event_is_about_the_ccx_run_and_never_its_master(
    host: FakeHost, django_capture_on_commit_callbacks: Any
) -> None:
    host.pass_course(1, RUN)
    publish("master", course(RUN))
    with django_capture_on_commit_callbacks(execute=True):
        send_ccx()
    assert not Award.objects.exists()


@pytest.mark.django_db
@EVERY_EVENT
def test_nothing_is_heard_while_the_site_is_switched_off(
    met: None,
    django_capture_on_commit_callbacks: Any,
    settings: Any,
    send: Send,
    run: str,
) -> None:
    settings.MICROCRED_SWITCH = "off"
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        send()
    assert callbacks == []
    assert not Award.objects.exists()


# --- inside the platform's transaction -----------------------------------------------------------


@pytest.mark.django_db
@EVERY_EVENT
def test_no_statement_inside_the_callers_transaction(
    met: None, django_capture_on_commit_callbacks: Any, send: Send, run: str
) -> None:
    with (
        django_capture_on_commit_callbacks() as callbacks,
        CaptureQueriesContext(connection) as captured,
    ):
        send()
    assert len(captured) == 0
    assert len(callbacks) == 1


@pytest.mark.django_db(transaction=True)
def test_task_is_sent_on_commit_only(met: None) -> None:
    with transaction.atomic():
        send_passing()
        assert not Award.objects.exists()
    assert standing() == {"master": "active"}


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_when_the_platform_rolls_back(met: None) -> None:
    def fail() -> None:
        with transaction.atomic():
            send_passing()
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert not Award.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_event_outside_of_any_transaction_is_followed_at_once(met: None) -> None:
    send_passing()
    assert standing() == {"master": "active"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_debug", [False, True])
@EVERY_EVENT
def test_event_that_lacks_what_it_should_have_harms_nobody(
    met: None,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
    is_debug: bool,
    send: Send,
    run: str,
) -> None:
    """Under DEBUG the platform lets through what a receiver raises."""
    settings.DEBUG = is_debug
    with transaction.atomic():
        send(user=_user(None))
        get_user_model().objects.create(username="bo")
    assert get_user_model().objects.filter(username="bo").exists()
    assert not Award.objects.exists()


@pytest.mark.parametrize("is_debug", [False, True])
@pytest.mark.parametrize("name", SENDERS)
def test_receiver_never_raises(
    settings: Any, caplog: pytest.LogCaptureFixture, is_debug: bool, name: str
) -> None:
    """Whatever it is given; the log says which one it was."""
    settings.DEBUG = is_debug
    signal: Signal = getattr(signals, name)
    with caplog.at_level(logging.ERROR):
        responses = Signal.send(
            signal, sender=None, **dict.fromkeys(["course_passing_status", *signal.init_data])
        )
    assert [answer for _receiver, answer in responses] == [None]
    assert "was lost" in caplog.text


# --- what it costs -------------------------------------------------------------------------------


def _runs_of(position: int) -> list[str]:
    return [f"course-v1:NordU+{position}+2026"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("count", [1, 10_000])
def test_irrelevant_event_costs_one_query_however_much_is_published(
    host: FakeHost, count: int
) -> None:
    publish_many(count, _runs_of)
    with CaptureQueriesContext(connection) as captured:
        send_passing()
    assert len(captured) == 1
    assert not host.calls
    if connection.vendor == "sqlite":  # the others say it in other words
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {captured[0]['sql']}")
            plan = " ".join(str(row) for row in cursor.fetchall())
        assert "USING COVERING INDEX" in plan or "USING INDEX" in plan


# --- what may break ------------------------------------------------------------------------------


class BrokenCache(BaseCache):
    """A cache whose server is down."""

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(self, *_args: Any, **_kwargs: Any) -> bool:
        raise ConnectionRefusedError("cache")

    get = set = delete = add  # type: ignore[assignment]

    def clear(self) -> None:
        """For the tests alone."""


class SilentCache(BrokenCache):
    """One whose client says nothing of it: as pymemcache where it is told to ignore errors."""

    def add(self, *_args: Any, **_kwargs: Any) -> bool:
        return False

    def get(self, *_args: Any, **_kwargs: Any) -> None:  # type: ignore[override]
        return None

    set = delete = get  # type: ignore[assignment]


@pytest.fixture(params=["BrokenCache", "SilentCache"])
def broken_cache(settings: Any, request: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": f"tests.test_receivers.{request.param}"}}


def _platform_works_on() -> None:
    """A request of the platform that sends an event among its own work."""
    with transaction.atomic():
        get_user_model().objects.create(username="before")
        send_passing()
        get_user_model().objects.create(username="after")
    assert get_user_model().objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_debug", [False, True])
def test_cache_that_is_down_keeps_nobody_from_working(
    met: None, settings: Any, broken_cache: None, is_debug: bool
) -> None:
    settings.DEBUG = is_debug
    _platform_works_on()
    assert standing() == {"master": "active"}
    tasks.sweep.run()
    assert standing() == {"master": "active", "coached": "active"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_debug", [False, True])
def test_database_that_fails_us_harms_nobody_and_the_hint_is_made_up_for(
    met: None, settings: Any, is_debug: bool
) -> None:
    settings.DEBUG = is_debug

    def fail(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        if "microcred_plugin_" in sql:
            raise OperationalError("no such table: microcred_plugin_requirementindex")
        return execute(sql, *args)

    with connection.execute_wrapper(fail):
        _platform_works_on()
    assert not Award.objects.exists()
    tasks.sweep.run()
    assert standing() == {"master": "active", "coached": "active"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_debug", [False, True])
def test_platform_that_fails_us_harms_nobody_and_the_hint_is_made_up_for(
    host: FakeHost, met: None, settings: Any, is_debug: bool
) -> None:
    settings.DEBUG = is_debug
    host.fail_with(ConnectionError("away"))
    _platform_works_on()
    assert not Award.objects.exists()
    host.fail_with(None)
    tasks.sweep.run()
    assert standing() == {"master": "active", "coached": "active"}
