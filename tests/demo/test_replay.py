"""The replay ends in the rows that the real LMS ended in, and stops at what it can't read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection
from opaque_keys.edx.keys import CourseKey
from openedx_events.learning import signals

from demo import replay as playing
from demo.courses.models import CourseEnrollment, CourseOverview
from demo.results.models import (
    CertificateInvalidation,
    GeneratedCertificate,
    PersistentCourseGrade,
    PersistentSubsectionGrade,
)
from demo.rows import EVENTS, RECORDING
from demo.signals import USER_RETIRE_LMS_MISC
from demo.spread import offset

pytestmark = pytest.mark.django_db

TRUTH = json.loads((RECORDING / "truth.json").read_text(encoding="utf-8"))
RETIRED = 23

# A grade's event is sent when its row is written already; they are this far apart at most.
MOMENT = timedelta(milliseconds=5)


@pytest.fixture
def people() -> None:
    playing.load_people_and_courses()


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _at(text: str | None, course: str, *, is_spread: bool) -> datetime | None:
    instant = _instant(text)
    return instant + offset(course) if instant and is_spread else instant


def _assert_tables_are_the_truth(*, is_spread: bool) -> None:
    """Every table, field by field."""
    users = get_user_model().objects.select_related("profile")
    assert {
        (user.id, user.username, user.email, user.profile.name, user.is_active) for user in users
    } == {
        (row["id"], row["username"], row["email"], row["name"], row["is_active"])
        for row in TRUTH["users"]
    }
    assert {
        (row.user_id, str(row.course_id), row.mode, row.is_active, row.created)
        for row in CourseEnrollment.objects.all()
    } == {
        (
            row["user_id"], row["course"], row["mode"], row["is_active"],
            _at(row["created"], row["course"], is_spread=is_spread),
        )
        for row in TRUTH["enrollments"]
    }  # fmt: skip
    grades = {(row.user_id, str(row.course_id)): row for row in PersistentCourseGrade.objects.all()}
    assert len(grades) == len(TRUTH["course_grades"])
    for row in TRUTH["course_grades"]:
        grade = grades[row["user_id"], row["course"]]
        assert (grade.percent_grade, grade.letter_grade, grade.passed_timestamp) == (
            row["percent_grade"],
            row["letter_grade"],
            _at(row["passed_timestamp"], row["course"], is_spread=is_spread),
        )
        modified = _at(row["modified"], row["course"], is_spread=is_spread)
        assert modified is not None
        assert abs(grade.modified - modified) <= MOMENT
    assert {
        (
            row.user_id, str(row.course_id), str(row.usage_key), row.earned_graded,
            row.possible_graded, row.first_attempted,
            (row.override.earned_graded_override, row.override.possible_graded_override)
            if hasattr(row, "override") else None,
        )
        for row in PersistentSubsectionGrade.objects.select_related("override")
    } == {
        (
            row["user_id"], row["course"], row["usage_key"], row["earned"], row["possible"],
            _at(row["first_attempted"], row["course"], is_spread=is_spread),
            (row["override"]["earned"], row["override"]["possible"]) if row["override"] else None,
        )
        for row in TRUTH["subsection_grades"]
    }  # fmt: skip
    invalidated = set(
        CertificateInvalidation.objects.filter(active=True).values_list(
            "generated_certificate_id", flat=True
        )
    )
    assert {
        (
            row.user_id, str(row.course_id), row.mode, row.status, row.grade, row.name,
            row.created_date, row.modified_date, row.verify_uuid, row.id in invalidated,
        )
        for row in GeneratedCertificate.objects.all()
    } == {
        (
            row["user_id"], row["course"], row["mode"], row["status"], row["grade"], row["name"],
            _at(row["created"], row["course"], is_spread=is_spread),
            _at(row["modified"], row["course"], is_spread=is_spread),
            row["verify_uuid"], row["invalidated"],
        )
        for row in TRUTH["certificates"]
    }  # fmt: skip


@pytest.mark.parametrize("undisturbed", [True, False])
def test_replay_ends_in_the_rows_of_the_real_lms(people: None, undisturbed: bool) -> None:
    assert playing.replay(playing.load_recording(), undisturbed=undisturbed) == 1782
    _assert_tables_are_the_truth(is_spread=not undisturbed)


@pytest.mark.parametrize("undisturbed", [True, False])
def test_truth_can_be_loaded_at_once(people: None, undisturbed: bool) -> None:
    playing.load_truth(undisturbed=undisturbed)
    _assert_tables_are_the_truth(is_spread=not undisturbed)


@pytest.fixture
def heard() -> Iterator[list[dict[str, Any]]]:
    """Every grade's and certificate's event that is sent, and whether a transaction was open."""
    heard: list[dict[str, Any]] = []
    depth = len(connection.savepoint_ids)

    def receiver(**event: Any) -> None:
        heard.append({**event, "in_transaction": len(connection.savepoint_ids) > depth})

    listened_to = (signals.PERSISTENT_GRADE_SUMMARY_CHANGED, signals.CERTIFICATE_CREATED)
    for signal in listened_to:
        signal.connect(receiver)
    yield heard
    for signal in listened_to:
        signal.disconnect(receiver)


def _row(seq: int) -> playing.Row:
    return next(row for row in playing.load_recording(from_seq=seq) if row.seq == seq)


def test_tables_change_before_the_event_is_sent(people: None) -> None:
    percents: list[tuple[float, float]] = []

    def receiver(grade: Any, **_kwargs: Any) -> None:
        row = PersistentCourseGrade.objects.get(
            user_id=grade.user_id, course_id=grade.course.course_key
        )
        percents.append((row.percent_grade, grade.percent_grade))

    signals.PERSISTENT_GRADE_SUMMARY_CHANGED.connect(receiver)
    playing.replay([_row(2007)])
    signals.PERSISTENT_GRADE_SUMMARY_CHANGED.disconnect(receiver)
    assert percents == [(0.55, 0.55)]


@pytest.mark.parametrize(("seq", "in_transaction"), [(2007, False), (2013, True), (2020, True)])
def test_event_is_sent_in_a_transaction_where_one_was_open(
    people: None, heard: list[dict[str, Any]], seq: int, in_transaction: bool
) -> None:
    playing.replay([_row(seq)])
    assert [event["in_transaction"] for event in heard] == [in_transaction]


def test_event_is_the_platforms_own(people: None, heard: list[dict[str, Any]]) -> None:
    playing.replay([_row(2013)], undisturbed=True)
    (event,) = heard
    assert event["metadata"].event_type.endswith("persistent_grade_summary.changed.v1")
    assert event["metadata"].source == "openedx/lms/web"
    assert event["metadata"].time == datetime(2026, 11, 21, 18, 29, 30, 400719, tzinfo=UTC)
    assert event["from_event_bus"] is False
    assert event["grade"].user_id == 20
    assert event["grade"].percent_grade == 0.4


def test_hint_leaves_the_tables_alone(people: None, heard: list[dict[str, Any]]) -> None:
    playing.hint(_row(2007))
    assert [event["grade"].user_id for event in heard] == [15]
    assert not PersistentCourseGrade.objects.exists()


def test_retirement_is_told_after_the_last_event_of_who_left(people: None) -> None:
    told: list[tuple[int, str]] = []

    def receiver(user: Any, **_kwargs: Any) -> None:
        told.append((user.pk, user.email))

    USER_RETIRE_LMS_MISC.connect(receiver)
    playing.replay(playing.load_recording(from_seq=2073))
    USER_RETIRE_LMS_MISC.disconnect(receiver)
    ((learner_id, email),) = told
    assert learner_id == RETIRED
    assert email.startswith("retired__user_")


# --- dates -------------------------------------------------------------------------------------


def test_runs_lie_in_months_of_their_own(people: None) -> None:
    playing.replay(playing.load_recording())
    order = []
    for course in CourseOverview.objects.order_by("start"):
        passes = PersistentCourseGrade.objects.filter(
            course_id=course.id, passed_timestamp__isnull=False
        ).values_list("passed_timestamp", flat=True)
        days = {passed.date() for passed in passes}
        assert len(days) == 1
        assert course.start < min(passes)
        order.append((CourseKey.from_string(str(course.id)).course, days.pop()))
    assert order == sorted(order, key=lambda entry: entry[1])
    months = {f"{name} {day:%Y-%m}" for name, day in order}
    assert {"WS100 2026-03", "DL101 2026-04", "FA120 2026-07", "ST201 2026-11"} <= months
    assert len({day for _name, day in order}) == 10


def test_nothing_changes_places_within_a_run() -> None:
    rows = [row for row in playing.load_recording() if row.course_key]
    for course_key in {row.course_key for row in rows}:
        assert {row.sent_at.date() for row in rows if row.course_key == course_key} == {
            datetime(2026, 11, 21, tzinfo=UTC).date()
        }
        assert offset(course_key) <= timedelta()


# --- what can't be replayed --------------------------------------------------------------------

GRADE = "learning.course.persistent_grade_summary.changed"


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """The first lines of the recording that hold a grade, to be spoilt."""
    lines = EVENTS.read_text(encoding="utf-8").splitlines(keepends=True)
    first = next(number for number, line in enumerate(lines) if GRADE in line)
    path = tmp_path / "events.jsonl"
    path.write_text("".join(lines[: first + 5]), encoding="utf-8")
    return path


def _spoil(path: Path, change: Any) -> tuple[int, int]:
    """Change the first grade's line; its line number and `seq`."""
    lines = path.read_text(encoding="utf-8").splitlines()
    number = next(number for number, line in enumerate(lines) if GRADE in line)
    row = json.loads(lines[number])
    seq = row["seq"]
    lines[number] = change(row)
    path.write_text("\n".join(lines), encoding="utf-8")
    return number + 1, seq


def _without(*path: str) -> Any:
    def change(row: dict[str, Any]) -> str:
        holder = row
        for name in path[:-1]:
            holder = holder[name]
        del holder[path[-1]]
        return json.dumps(row)

    return change


def _with(value: Any, *path: str) -> Any:
    def change(row: dict[str, Any]) -> str:
        holder = row
        for name in path[:-1]:
            holder = holder[name]
        holder[path[-1]] = value
        return json.dumps(row)

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda row: json.dumps(row)[:-9], "not JSON"),
        (lambda row: "[1, 2]", "the row is not an object with fields"),
        (_without("data", "grade", "user_id"), "the field data.grade.user_id is missing"),
        (_without("data"), "the field data is missing"),
        (_with("x", "data", "grade", "user_id"), "the field data.grade.user_id can't be 'x'"),
        (_with(True, "data", "grade", "percent_grade"), "data.grade.percent_grade can't be True"),
        (_with(999, "data", "grade", "user_id"), "nobody in learners.json has the id 999"),
        (
            _with("DL101", "data", "grade", "course", "course_key"),
            "'DL101' is not a course key",
        ),
        (
            _with("course-v1:NordU+XX1+2026", "data", "grade", "course", "course_key"),
            "courses.json has no run course-v1:NordU+XX1+2026",
        ),
        (_with("soon", "sent_at"), "the field sent_at is not a date with a time zone: 'soon'"),
        (
            _with("2026-11-21T18:14:46", "sent_at"),
            "the field sent_at is not a date with a time zone",
        ),
        (_with("org.openedx.other.v1", "event_type"), "'org.openedx.other.v1' is not an event"),
    ],
)
def test_corrupt_row_stops_with_one_sentence_that_says_where_why_and_how_to_go_on(
    people: None, recording: Path, change: Any, reason: str
) -> None:
    line, seq = _spoil(recording, change)
    with pytest.raises(CommandError) as error:
        call_command("replay", recording=recording, stdout=StringIO())
    text = str(error.value)
    assert f"{recording}, line {line}: " in text
    assert reason in text
    # A line that is no JSON has no number to read; it follows the one before.
    resume_at = int(text.split("--from-seq ")[1].rstrip("`."))
    assert resume_at == seq or reason in ("not JSON", "the row is not an object with fields")
    assert "\n" not in text
    # What came before stays, and nothing of the row itself.
    assert CourseEnrollment.objects.exists()
    assert not PersistentCourseGrade.objects.exists()


def test_replay_goes_on_where_it_stopped(people: None, recording: Path) -> None:
    good = recording.read_text(encoding="utf-8")
    _line, seq = _spoil(recording, _without("sent_at"))
    with pytest.raises(playing.CorruptRow):
        playing.replay(playing.load_recording(recording))
    recording.write_text(good, encoding="utf-8")
    out = StringIO()
    call_command("replay", recording=recording, from_seq=seq, stdout=out)
    assert out.getvalue() == "5 events replayed.\n"
    assert PersistentCourseGrade.objects.exists()


def test_replay_into_a_site_that_has_results_is_refused(people: None) -> None:
    playing.load_truth()
    with pytest.raises(CommandError, match="has results already"):
        call_command("replay")


def test_recording_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nowhere"):
        call_command("replay", recording=tmp_path / "nowhere.jsonl")
