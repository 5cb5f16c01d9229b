"""The instructor's list: whom it answers, whom it names, what it says of them, and its cost."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from microcred_plugin.definitions.models import Microcredential
from microcred_plugin.instructor import class_list
from tests.factories import all_of, course, publish
from tests.fakes import FakeHost
from tests.learner.conftest import MARCH, A, B, C, Someone, settle

LIST = f"instructor/{A}/"
CSV = f"instructor/{A}/learners.csv"


@pytest.fixture
def duo(db: None, host: FakeHost) -> Microcredential:
    """Asks for two courses."""
    return publish("duo", all_of(course(A), course(B)), title="Two Courses")


@pytest.fixture
def teacher(someone: Callable[..., Someone], host: FakeHost) -> Someone:
    found = someone("teacher")
    host.give_role(found.id, A, "staff")
    return found


def csv_of(teacher: Someone) -> list[dict[str, str]]:
    response = teacher.client.get(f"/microcredentials/{CSV}")
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def main_of(page: str) -> str:
    """What the page says, without the frame of the site around it."""
    return page.split("<main", 1)[1].split("</main>")[0]


# --- whom it answers -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("staff", 200),
        ("instructor", 200),
        ("limited_staff", 200),
        ("data_researcher", 200),
        ("beta_testers", 404),
        (None, 404),
    ],
)
@pytest.mark.parametrize("page", [LIST, CSV])
def test_only_who_may_see_grades_is_answered(
    duo: Microcredential,
    someone: Callable[..., Someone],
    host: FakeHost,
    role: str | None,
    status: int,
    page: str,
) -> None:
    reader = someone("reader")
    host.enroll(reader.id, A)
    if role:
        host.give_role(reader.id, A, role)
    assert reader.client.get(f"/microcredentials/{page}").status_code == status


@pytest.mark.parametrize("is_counted", [True, False])
def test_whoever_may_write_the_course_is_led_to_it_in_studio(
    someone: Callable[..., Someone], host: FakeHost, is_counted: bool
) -> None:
    if is_counted:
        publish("skill", course(A))
    else:
        host.add_run(A)
    studio = f"https://studio.example.org/microcredentials/course/{A}/"
    for role, is_led in (("staff", True), ("limited_staff", False)):
        teacher = someone(role)
        host.give_role(teacher.id, A, role)
        for path in (LIST, f"{LIST}?part=1"):
            assert (f'href="{studio}"' in teacher.page(path)) is is_led


@pytest.mark.parametrize("page", [LIST, CSV])
def test_staff_of_another_course_learn_as_little_as_of_one_that_is_not(
    duo: Microcredential, someone: Callable[..., Someone], host: FakeHost, page: str
) -> None:
    other = someone("other")
    host.give_role(other.id, B, "staff")
    refused = other.client.get(f"/microcredentials/{page}")
    missing = other.client.get(f"/microcredentials/{page.replace('+A+', '+NONE+')}")
    broken = other.client.get("/microcredentials/instructor/nonsense/")
    assert [refused.status_code, missing.status_code, broken.status_code] == [404, 404, 404]
    assert main_of(refused.content.decode()) == main_of(missing.content.decode())


def test_visitor_is_asked_to_log_in(duo: Microcredential) -> None:
    response = Client().get(f"/microcredentials/{LIST}")
    assert response.status_code == 302
    assert "login" in response["Location"]


# --- whom it names, and what it says -------------------------------------------------------------


def test_who_has_earned_and_who_is_one_step_away(
    duo: Microcredential, someone: Callable[..., Someone], teacher: Someone, host: FakeHost
) -> None:
    ada, bob, cy = (someone(name) for name in ("ada", "bob", "cy"))
    ada.passes(A, B)
    bob.passes(A)
    host.enroll(cy.id, A)
    settle()
    assert {
        line["username"]: (line["standing"], line["next_step"]) for line in csv_of(teacher)
    } == {
        "ada": ("active", ""),
        "bob": ("one step away", "Course B"),
        "cy": ("under way", "Course A"),
    }
    everybody = teacher.page(LIST)
    assert all(name in everybody for name in ("Ada", "Bob", "Cy"))
    earned, close = teacher.page(LIST, only="earned"), teacher.page(LIST, only="close")
    assert "Ada" in earned
    assert "Bob" not in earned
    assert "Bob" in close
    assert "Still to do: Course B" in close
    assert "Ada" not in close
    assert "Cy" not in close


def test_what_can_no_longer_be_met_is_said_so(
    someone: Callable[..., Someone], teacher: Someone, host: FakeHost
) -> None:
    publish("quick", all_of(course(A), course(B), within_months=2), title="Both in Time")
    ada = someone("ada")
    ada.passes(A)
    ada.passes(B, on=MARCH + timedelta(days=200))
    settle()
    assert "Can no longer be met" in main_of(teacher.page(LIST))
    assert [line["standing"] for line in csv_of(teacher)] == ["can no longer be met"]


def test_how_far_a_learner_is_is_said_once_they_have_begun(
    someone: Callable[..., Someone], teacher: Someone, host: FakeHost
) -> None:
    publish("trio", all_of(course(A), course(B), course(C)), title="Three Courses")
    host.enroll(someone("ada").id, A)
    assert "0 of 3" not in main_of(teacher.page(LIST))
    someone("bob").passes(A)
    assert "1 of 3" in main_of(teacher.page(LIST))


def test_list_leads_back_to_the_course(duo: Microcredential, teacher: Someone) -> None:
    assert f'href="/courses/{A}/home"' in teacher.page(LIST)


def test_only_learners_who_are_in_the_course_are_named(
    duo: Microcredential, someone: Callable[..., Someone], teacher: Someone, host: FakeHost
) -> None:
    ada, bob, cy, di = (someone(name) for name in ("ada", "bob", "cy", "di"))
    for one in (ada, bob, cy, di):
        one.passes(A, B)
    settle()
    host.unenroll(bob.id, A)
    host.remove(cy.id, A)
    host.retire(di.id)
    assert [line["username"] for line in csv_of(teacher)] == ["ada"]
    page = teacher.page(LIST)
    assert "Bob" not in page
    assert "retired" not in page


def test_nothing_is_said_of_grades_in_other_courses(
    duo: Microcredential, someone: Callable[..., Someone], teacher: Someone, host: FakeHost
) -> None:
    ada = someone("ada")
    ada.passes(A)
    host.fail_course(ada.id, B, percent="0.37")
    page = main_of(teacher.page(LIST, only="close"))
    assert "Course B" in page
    assert "37" not in page


@pytest.mark.parametrize("values", [{"visibility": "unlisted"}, {"switch": "observe"}])
def test_what_is_kept_off_the_lists_is_not_named(
    host: FakeHost, someone: Callable[..., Someone], teacher: Someone, values: dict[str, str]
) -> None:
    made = publish("secret", course(A), title="Something Secret")
    Microcredential.objects.filter(pk=made.pk).update(**values)
    someone("ada").passes(A)
    settle()
    page = teacher.page(LIST)
    assert "Something Secret" not in page
    assert "counts towards no microcredential" in page
    assert csv_of(teacher) == []


def test_cells_are_no_formulas(
    duo: Microcredential, someone: Callable[..., Someone], teacher: Someone, host: FakeHost
) -> None:
    eve = someone("eve")
    host.add_learner(eve.id, "eve", name='=HYPERLINK("https://evil.example","x")')
    eve.passes(A, B)
    settle()
    assert csv_of(teacher)[0]["name"].startswith("'=")
    assert "<script" not in teacher.page(LIST).split("</head>")[1]


def test_semicolon_begins_no_cell(
    duo: Microcredential, someone: Callable[..., Someone], teacher: Someone, host: FakeHost
) -> None:
    eve = someone("eve")
    host.add_learner(eve.id, "eve", name="Eve;=1+1")
    eve.passes(A, B)
    settle()
    assert csv_of(teacher)[0]["name"] == "Eve,=1+1"


def test_list_that_was_cut_off_says_so(
    duo: Microcredential,
    someone: Callable[..., Someone],
    teacher: Someone,
    host: FakeHost,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(class_list, "BATCH", 1)
    for name in ("ada", "bob"):
        someone(name).passes(A)
    answer = host.learners

    def once(ids: list[int]) -> object:
        monkeypatch.setattr(host, "learners", lambda ids: 1 / 0)
        return answer(ids)

    monkeypatch.setattr(host, "learners", once)
    rows = csv_of(teacher)
    assert rows[0]["username"] == "ada"
    assert "incomplete" in rows[-1]["username"]
    assert len(rows) == 2


# --- pages of it ---------------------------------------------------------------------------------


def test_every_learner_is_on_one_page_or_another(
    duo: Microcredential,
    teacher: Someone,
    host: FakeHost,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(class_list, "PAGE", 3)
    monkeypatch.setattr(class_list, "BATCH", 4)
    ids = range(1001, 1012)
    for learner_id in ids:
        host.pass_course(learner_id, A)
        if learner_id % 2:
            host.fail_course(learner_id, A)
    for only, expected in (("", set(ids)), ("close", {i for i in ids if not i % 2})):
        seen: list[str] = []
        after = 0
        for _page in range(20):
            found = main_of(teacher.page(LIST, only=only, after=str(after)))
            seen += [str(i) for i in ids if f"learner{i}<" in found]
            if "after=" not in found:
                break
            after = int(found.rsplit("after=", 1)[1].split('"')[0])
        assert seen == [str(i) for i in sorted(expected)]


def test_page_that_looks_for_few_among_many_stops_and_says_so(
    duo: Microcredential,
    teacher: Someone,
    host: FakeHost,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(class_list, "BATCH", 2)
    monkeypatch.setattr(class_list, "LOOKED_AT", 4)
    for learner_id in range(1001, 1010):
        host.enroll(learner_id, A)
    page = main_of(teacher.page(LIST, only="close"))
    assert "Look further" in page
    assert "after=1004" in page


@pytest.mark.parametrize("query", [{"only": "nonsense"}, {"after": "x"}])
def test_address_that_means_nothing_is_not_found(
    duo: Microcredential, teacher: Someone, query: dict[str, str]
) -> None:
    response = teacher.client.get(f"/microcredentials/{LIST}", query)
    assert response.status_code == 404
    assert "no such page" in response.content.decode()


def test_platform_that_does_not_answer_is_said_so(
    duo: Microcredential, teacher: Someone, host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("down")

    monkeypatch.setattr(host, "course_runs", down)
    response = teacher.client.get(f"/microcredentials/{LIST}")
    assert response.status_code == 503


# --- what it costs -------------------------------------------------------------------------------


@pytest.mark.parametrize(("learners", "badges"), [(1, 1), (40, 1), (3, 30)])
def test_queries_depend_on_neither_learners_nor_badges(
    teacher: Someone, host: FakeHost, learners: int, badges: int
) -> None:
    for number in range(badges):
        publish(f"badge{number}", all_of(course(A), course(C)))
    for learner_id in range(1001, 1001 + learners):
        host.pass_course(learner_id, A)
    with CaptureQueriesContext(connection) as made:
        teacher.page(LIST)
    # Session and user; what the course counts towards, twice the stack (2 each); awards, decisions.
    assert len(made) == 2 + 1 + 2 + 2 + 2
