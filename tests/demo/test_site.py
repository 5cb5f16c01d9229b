"""The demo as a site: its two services, its catalogue, its pages and its report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.utils import quote
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from demo.celery import APP
from demo.courses.models import CourseAccessRole
from demo.replay import load_truth
from demo.report import Earned, earned, table
from demo.results.models import PersistentCourseGrade
from demo.teachers import load_teachers

ROOT = Path(__file__).resolve().parent.parent.parent

# An override is shown with the subsection's grade that it overrides.
WITHOUT_A_PAGE = {"persistentsubsectiongradeoverride"}


# --- the two services --------------------------------------------------------------------------


def test_sweep_is_in_the_beat_schedule() -> None:
    sweep = APP.conf.beat_schedule["microcred-sweep"]
    APP.loader.import_default_modules()
    assert sweep["task"] in APP.tasks


_STUDIO = """
import json
from django.apps import apps
from django.conf import settings
from openedx_events.learning.signals import PERSISTENT_GRADE_SUMMARY_CHANGED
from microcred_plugin.host import get_host
from microcred_plugin.host.interface import CourseSelection
try:
    get_host().course_results([1], CourseSelection(frozenset({"course-v1:A+B+C"})))
    refused = False
except LookupError:
    refused = True
print(json.dumps({
    "variant": settings.SERVICE_VARIANT,
    "plugin": apps.is_installed("microcred_plugin"),
    "results": apps.is_installed("demo.results"),
    "receivers": len(PERSISTENT_GRADE_SUMMARY_CHANGED.receivers),
    "refused": refused,
}))
"""


def test_studio_has_the_plugin_but_no_grades_and_hears_no_learner_events(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "demo/manage.py", "shell", "-c", _STUDIO],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "demo.settings.cms",
            "DEMO_DATABASE": str(tmp_path / "demo.sqlite3"),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(answer.stdout.splitlines()[-1]) == {
        "variant": "cms",
        "plugin": True,
        "results": False,
        "receivers": 0,
        "refused": True,
    }


# --- with everything in place ------------------------------------------------------------------


@pytest.fixture
def site(db: None, settings: Any) -> list[Earned]:
    """The catalogue over the recording's final rows; the awards that come of it."""
    settings.MICROCRED_HOST = "demo.host.DemoHost"
    call_command("prepare", stdout=StringIO())
    load_truth()
    call_command("microcred", "reconcile", "--all", stdout=StringIO())
    return earned(now=now())


def test_everything_in_the_catalogue_has_earners_and_others(site: list[Earned]) -> None:
    learners = {line.learner.id for line in site}
    holders: dict[str, set[int]] = {}
    for line in site:
        holders.setdefault(line.slug, set()).add(line.learner.id)
    assert {slug: len(ids) for slug, ids in sorted(holders.items())} == {
        "chemical-hazards": 5,
        "data-analyst": 5,
        "data-literacy": 13,
        "data-quick-start": 6,
        "data-science-mastery": 3,
        "data-studies": 5,
        "incident-investigator": 6,
        "machine-learning-practitioner": 4,
        "safe-at-work": 10,
        "safety-representative": 5,
        "statistics-for-decisions": 9,
        "statistics-with-distinction": 5,
        "visual-analytics": 7,
    }
    assert all(ids < learners for ids in holders.values())


def test_who_has_been_retired_is_not_listed(site: list[Earned]) -> None:
    assert 23 not in {line.learner.id for line in site}


def test_report_says_who_earned_what_and_why(site: list[Earned]) -> None:
    out = StringIO()
    call_command("report", stdout=out)
    text = out.getvalue()
    assert text.splitlines()[0].split() == [
        "Learner",
        "Microcredential",
        "State",
        "Met",
        "on",
        "Why",
    ]
    assert text.splitlines()[-1] == f"{len(site)} awards of 19 learners: {len(site)} active."
    (line,) = [line for line in site if (line.learner.username, line.slug) == (
        "kim_minjun", "machine-learning-practitioner"
    )]  # fmt: skip
    assert line.met_on is not None
    assert f"{line.met_on:%Y-%m-%d}" == "2026-08-29"
    assert "your grade is 60 %" in line.why[0]


def test_report_of_nothing_says_so(db: None, settings: Any) -> None:
    settings.MICROCRED_HOST = "demo.host.DemoHost"
    out = StringIO()
    call_command("report", stdout=out)
    assert out.getvalue().splitlines()[-1] == "Nobody has earned anything yet."


def test_table_keeps_to_the_width_of_the_terminal_unless_it_is_very_narrow(
    site: list[Earned],
) -> None:
    for width in (40, 120, 200):
        assert max(map(len, table(site, width=width))) <= max(width, 100)


def test_front_page_offers_everybody_whom_one_may_be(site: list[Earned]) -> None:
    page = Client().get("/").content.decode()
    assert "This is a demo." in page
    assert "李伟" in page
    assert "lost a pass when an exam was marked again" in page
    assert "retired__user" not in page


def test_one_click_logs_in_and_leads_to_the_badges(site: list[Earned]) -> None:
    client = Client()
    response = client.post("/as/samuel_adeyemi/", follow=True)
    page = response.content.decode()
    assert response.redirect_chain == [("/microcredentials/", 302)]
    assert "You are samuel_adeyemi." in page
    assert "Machine Learning Practitioner" in page
    assert "It waits until you are eligible." in page


def test_one_click_makes_one_a_teacher_who_looks_at_the_learners_of_a_course(
    site: list[Earned],
) -> None:
    client = Client()
    front = client.get("/").content.decode()
    assert front.count("Learners of Statistics for Decision Makers") == 2
    assert 'action="/as/ingrid_solheim/"' in front
    response = client.post(
        "/as/ingrid_solheim/", {"run": "course-v1:NordU+ST201+2026_Spring"}, follow=True
    )
    assert response.status_code == 200
    page = response.content.decode()
    assert "You are ingrid_solheim." in page
    assert "Who of the learners in this course has earned what" in page
    assert "Kiri Te Wharau" in page
    course = client.get("/courses/course-v1:NordU+ST201+2026_Spring/").content.decode()
    assert "Its learners" in course


@pytest.mark.parametrize(
    ("username", "run"),
    [
        ("ingrid_solheim", "course-v1:Harbor+WS100+T1_2026"),
        ("ingrid_solheim", "nonsense"),
        ("kiri_tw", "course-v1:NordU+ST201+2026_Spring"),
    ],
)
def test_learners_of_a_course_are_for_those_who_teach_it(
    site: list[Earned], username: str, run: str
) -> None:
    client = Client()
    assert client.post(f"/as/{username}/", {"run": run}).status_code == 404
    assert "_auth_user_id" not in client.session
    client.post("/as/kiri_tw/")
    course = client.get("/courses/course-v1:NordU+ST201+2026_Spring/").content.decode()
    assert "Its learners" not in course


def test_teachers_are_made_once_and_are_no_learners(site: list[Earned]) -> None:
    people = get_user_model().objects.filter(username="ingrid_solheim")
    roles = CourseAccessRole.objects.filter(user__username="ingrid_solheim")
    assert (people.count(), roles.count()) == (1, 3)
    load_teachers()
    assert (people.count(), roles.count()) == (1, 3)
    assert Client().login(username="ingrid_solheim", password="demo")
    assert "ingrid_solheim" not in {line.learner.username for line in site}
    assert Client().get("/").content.decode().count("/as/ingrid_solheim/") == 1


def test_front_page_leads_staff_of_the_site_to_support(site: list[Earned]) -> None:
    client = Client()
    path = "/login/?next=/microcredentials/support/"
    assert f'href="{path}"' in client.get("/").content.decode()
    client.post("/as/kiri_tw/")
    response = client.post(path, {"username": "admin", "password": "demo"}, follow=True)
    assert response.redirect_chain == [("/microcredentials/support/", 302)]
    assert response.status_code == 200


@pytest.mark.parametrize("username", ["admin", "nobody"])
def test_only_learners_and_teachers_can_be_become(site: list[Earned], username: str) -> None:
    assert Client().post(f"/as/{username}/").status_code == 404
    assert Client().get(f"/as/{username}/").status_code == 405


def test_front_page_before_anything_was_loaded(db: None, settings: Any) -> None:
    settings.MICROCRED_HOST = "demo.host.DemoHost"
    response = Client().get("/")
    assert response.status_code == 200
    assert "Nobody is here yet" in response.content.decode()


def test_front_page_costs_the_same_for_more_awards(site: list[Earned]) -> None:
    Client().get("/")
    with CaptureQueriesContext(connection) as with_all:
        Client().get("/")
    PersistentCourseGrade.objects.filter(user_id__gt=20).delete()
    call_command("microcred", "reconcile", "--all", stdout=StringIO())
    with CaptureQueriesContext(connection) as again:
        Client().get("/")
    assert len(again) == len(with_all)


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("course-v1:NordU+ST201+2026_Spring", 1),
        ("NordU+ST201", 2),
        ("NordU+ST2", 0),
        ("nonsense", 0),
    ],
)
def test_course_page_has_the_run_or_all_runs_of_the_course(
    site: list[Earned], key: str, found: int
) -> None:
    client = Client()
    client.post("/as/nakamura_yuki/")
    response = client.get(f"/courses/{key}/")
    assert response.status_code == (200 if found else 404)
    assert response.content.decode().count("You are enrolled (") == found


def test_language_is_a_click_away(site: list[Earned]) -> None:
    client = Client()
    client.post("/i18n/setlang/", {"language": "ar", "next": "/microcredentials/catalog/"})
    assert '<html lang="ar" dir="rtl">' in client.get("/microcredentials/catalog/").content.decode()


# The session, the user; of ours awards, index, the stack's two, decisions; of the host grades,
# certificates, enrollments, and a subsection's grade where one is asked for.
@pytest.mark.parametrize(("username", "queries"), [("kiri_tw", 2 + 5 + 4), ("mehmet_y", 2 + 5 + 4)])
def test_learners_page_costs_a_few_queries(site: list[Earned], username: str, queries: int) -> None:
    client = Client()
    client.post(f"/as/{username}/", follow=True)
    with CaptureQueriesContext(connection) as captured:
        client.get("/microcredentials/")
    assert len(captured) == queries


@pytest.mark.parametrize("path", ["/", "/login/", "/admin/login/"])
def test_page_is_there_for_visitors(db: None, settings: Any, path: str) -> None:
    settings.MICROCRED_HOST = "demo.host.DemoHost"
    assert Client().get(path).status_code == 200


def test_style_sheet_is_served_although_debug_is_off(db: None) -> None:
    response = Client().get("/static/demo/demo.css")
    assert b".people" in response.getvalue()
    response.close()


# --- the admin ---------------------------------------------------------------------------------


def test_grade_that_is_edited_in_the_admin_changes_the_awards(
    site: list[Earned], django_capture_on_commit_callbacks: Any
) -> None:
    client = Client()
    assert client.login(username="admin", password="demo")
    grade = PersistentCourseGrade.objects.get(
        user_id=27, course_id="course-v1:NordU+VA210+2026_Spring"
    )
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(
            f"/admin/demo_results/persistentcoursegrade/{grade.pk}/change/",
            {
                "user_id": 27,
                "course_id": str(grade.course_id),
                "percent_grade": "0.9",
                "letter_grade": "A",
                "passed_timestamp_0": "2026-05-16",
                "passed_timestamp_1": "12:00:00",
            },
        )
    assert response.status_code == 302
    slugs = {line.slug for line in earned(now=now()) if line.learner.id == 27}
    assert {"visual-analytics", "data-analyst", "data-studies"} <= slugs


def test_rows_can_be_looked_at_in_the_admin(site: list[Earned]) -> None:
    client = Client()
    assert client.login(username="admin", password="demo")
    for label in ("demo_courses", "demo_results"):
        for model in apps.get_app_config(label).get_models():
            if model._meta.model_name in WITHOUT_A_PAGE:
                continue
            base = f"/admin/{label}/{model._meta.model_name}/"
            assert client.get(base).status_code == 200
            for row in model.objects.all()[:1]:
                assert client.get(f"{base}{quote(row.pk)}/change/").status_code == 200
