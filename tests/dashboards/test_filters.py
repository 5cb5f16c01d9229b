"""What the platform's filters are answered, through the filters themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import crum
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from edx_django_utils.cache import RequestCache
from opaque_keys.edx.keys import CourseKey
from openedx_filters.learning.filters import (
    CourseEnrollmentAPIRenderStarted,
    CourseRunAPIRenderStarted,
    DashboardRenderStarted,
    InstructorDashboardRenderStarted,
)

from microcred_plugin.dashboards.course_tool import MicrocredentialsTool
from microcred_plugin.dashboards.filters import AddInstructorTab
from microcred_plugin.definitions.models import Microcredential
from tests.factories import all_of, any_run, course, publish
from tests.fakes import FakeHost
from tests.learner.conftest import A, B, C, Someone, settle

KEY = CourseKey.from_string(A)
SECTIONS = [{"section_key": "course_info"}]


@pytest.fixture
def asks() -> Iterator[Callable[[Someone | None], Any]]:
    """Have somebody make the request in which the filters run."""

    def ask(who: Someone | None) -> Any:
        RequestCache.clear_all_namespaces()
        user = get_user_model().objects.get(pk=who.id) if who else AnonymousUser()
        request = RequestFactory().get("/api/learner_home/init")
        request.user = user
        crum.set_current_request(request)
        crum.set_current_user(user)
        return request

    yield ask
    crum.set_current_request(None)
    crum.set_current_user(None)


@pytest.fixture
def duo(db: None, host: FakeHost) -> Microcredential:
    return publish("duo", all_of(course(A), any_run("NordU+B")), title="Two Courses")


def of_run(run: str) -> list[dict[str, str]]:
    return CourseRunAPIRenderStarted.run_filter({"courseId": run})["microcredentials"]


# --- the Learner Home API ------------------------------------------------------------------------


def test_course_run_says_what_it_counts_towards(
    ada: Someone, duo: Microcredential, asks: Callable[..., Any]
) -> None:
    for run in (A, B, C):
        ada.host.enroll(ada.id, run)
    asks(ada)
    assert of_run(A) == [
        {
            "uuid": str(duo.uuid),
            "title": "Two Courses",
            "organization": "NordU",
            "url": f"https://lms.example.org/microcredentials/m/{duo.uuid}/",
            "imageUrl": f"https://lms.example.org/microcredentials/m/{duo.uuid}/1/badge.svg",
        }
    ]
    assert [one["title"] for one in of_run(B)] == ["Two Courses"]
    assert of_run(C) == []


def test_the_rest_of_a_course_run_stays_as_it_is(
    ada: Someone, duo: Microcredential, asks: Callable[..., Any]
) -> None:
    asks(ada)
    before = {"courseId": A, "isStarted": True}
    after = CourseRunAPIRenderStarted.run_filter(before)
    assert {**after, "microcredentials": None} == {**before, "microcredentials": None}
    assert "microcredentials" not in before


def test_enrollment_says_how_many(
    ada: Someone, duo: Microcredential, asks: Callable[..., Any]
) -> None:
    ada.host.enroll(ada.id, A)
    asks(ada)
    key, enrollment = CourseEnrollmentAPIRenderStarted.run_filter(KEY, {"mode": "honor"})
    assert (key, enrollment) == (KEY, {"mode": "honor", "microcredentialCount": 1})


@pytest.mark.parametrize("values", [{"visibility": "unlisted"}, {"switch": "observe"}])
def test_what_is_kept_off_the_lists_is_not_named(
    ada: Someone, duo: Microcredential, asks: Callable[..., Any], values: dict[str, str]
) -> None:
    Microcredential.objects.filter(pk=duo.pk).update(**values)
    ada.host.enroll(ada.id, A)
    asks(ada)
    assert of_run(A) == []


def test_what_is_an_organisations_own_is_named_to_its_learners(
    ada: Someone, someone: Callable[..., Someone], duo: Microcredential, asks: Callable[..., Any]
) -> None:
    Microcredential.objects.filter(pk=duo.pk).update(visibility="organization")
    ada.host.enroll(ada.id, A)
    asks(ada)
    assert len(of_run(A)) == 1


def test_without_a_request_or_a_user_nothing_is_named(
    ada: Someone, duo: Microcredential, asks: Callable[..., Any]
) -> None:
    assert of_run(A) == []
    asks(None)
    assert of_run(A) == []


@pytest.mark.parametrize(("runs", "badges"), [(1, 1), (50, 1), (50, 30)])
def test_dashboard_is_answered_by_three_queries(
    ada: Someone, host: FakeHost, asks: Callable[..., Any], runs: int, badges: int
) -> None:
    keys = [f"course-v1:NordU+N{number}+1" for number in range(runs)]
    for key in keys:
        host.enroll(ada.id, key)
    for number in range(badges):
        publish(f"badge{number}", all_of(*(course(key) for key in keys)))
    asks(ada)
    with CaptureQueriesContext(connection) as made:
        for key in keys:
            assert len(of_run(key)) == badges
            CourseEnrollmentAPIRenderStarted.run_filter(CourseKey.from_string(key), {})
    said = [query["sql"] for query in made if "SAVEPOINT" not in query["sql"]]
    # The index, and the stack; the host has one of its own for the enrollments.
    assert len(said) == 3


def test_learner_who_is_enrolled_in_nothing_costs_nothing(
    ada: Someone, duo: Microcredential, asks: Callable[..., Any], django_assert_num_queries: Any
) -> None:
    asks(ada)
    with django_assert_num_queries(2):  # a savepoint, and its release
        for run in (A, B, C):
            assert of_run(run) == []


def test_dashboard_that_cannot_be_read_for_goes_without(
    ada: Someone,
    duo: Microcredential,
    asks: Callable[..., Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    asks(ada)
    ada.host.fail_with(RuntimeError("down"))
    assert of_run(A) == []
    assert "goes without" in caplog.text


def test_site_that_is_switched_off_goes_without(
    ada: Someone, duo: Microcredential, asks: Callable[..., Any], settings: Any
) -> None:
    ada.host.enroll(ada.id, A)
    settings.MICROCRED_SWITCH = "off"
    asks(ada)
    assert of_run(A) == []


# --- the legacy dashboards -----------------------------------------------------------------------


def test_legacy_dashboard_has_a_panel(ada: Someone, duo: Microcredential) -> None:
    ada.passes(A, B)
    settle()
    user = get_user_model().objects.get(pk=ada.id)
    context, template = DashboardRenderStarted.run_filter({"user": user}, "dashboard.html")
    assert template == "microcred_plugin/legacy_dashboard.html"
    panel = context["microcred_panel"]
    assert panel.sentence == "You hold 1 microcredential."
    assert [title for title, _picture in panel.badges] == ["Two Courses"]
    assert panel.url == "/microcredentials/"


def test_panel_says_so_while_there_is_nothing(ada: Someone, django_assert_num_queries: Any) -> None:
    user = get_user_model().objects.get(pk=ada.id)
    with django_assert_num_queries(3):  # the awards, between a savepoint and its release
        context, _template = DashboardRenderStarted.run_filter({"user": user}, "dashboard.html")
    assert "appears here by itself" in context["microcred_panel"].sentence
    assert context["microcred_panel"].badges == ()


def test_dashboard_that_somebody_else_replaced_stays_theirs(ada: Someone) -> None:
    user = get_user_model().objects.get(pk=ada.id)
    context, template = DashboardRenderStarted.run_filter({"user": user}, "theirs.html")
    assert (context, template) == ({"user": user}, "theirs.html")


def test_legacy_instructor_dashboard_has_a_section_where_the_course_counts(
    ada: Someone, duo: Microcredential, asks: Callable[..., Any]
) -> None:
    asks(ada)
    names = {}
    for run in (A, C):
        key = CourseKey.from_string(run)
        context = {"course": SimpleNamespace(id=key), "sections": SECTIONS}
        shown, template = InstructorDashboardRenderStarted.run_filter(context, "instructor.html")
        assert template == "instructor.html"
        names[run] = [section["section_key"] for section in shown["sections"]]
    assert names == {A: ["course_info", "microcredentials"], C: ["course_info"]}
    assert len(SECTIONS) == 1


def test_instructor_dashboard_has_a_tab_where_the_course_counts(
    ada: Someone, duo: Microcredential, asks: Callable[..., Any]
) -> None:
    user = asks(ada).user
    step = AddInstructorTab("", [])
    tabs = [{"tab_id": "course_info"}]
    found = step.run_filter(tabs=tabs, user=user, course_key=KEY)["tabs"]
    assert found[1] == {
        "tab_id": "microcredentials",
        "title": "Microcredentials",
        "url": f"https://lms.example.org/microcredentials/instructor/{A}/",
        "sort_order": 95,
    }
    other = CourseKey.from_string(C)
    assert step.run_filter(tabs=tabs, user=user, course_key=other)["tabs"] == tabs


# --- the course ----------------------------------------------------------------------------------


def test_course_has_a_tool_where_it_counts(
    ada: Someone, duo: Microcredential, asks: Callable[..., Any]
) -> None:
    request = asks(ada)
    assert MicrocredentialsTool.is_enabled(request, KEY)
    assert not MicrocredentialsTool.is_enabled(request, CourseKey.from_string(C))
    assert MicrocredentialsTool.url(KEY) == f"/microcredentials/course/{A}/"
    assert MicrocredentialsTool.title() == MicrocredentialsTool.title(KEY) == "Microcredentials"


def test_visitor_has_no_tool(duo: Microcredential, asks: Callable[..., Any]) -> None:
    assert not MicrocredentialsTool.is_enabled(asks(None), KEY)


def test_course_that_counts_towards_nothing_costs_a_query_once(
    ada: Someone, duo: Microcredential, asks: Callable[..., Any], django_assert_num_queries: Any
) -> None:
    request = asks(ada)
    with django_assert_num_queries(3):  # the index, between a savepoint and its release
        for _time in range(2):
            MicrocredentialsTool.is_enabled(request, CourseKey.from_string(C))
