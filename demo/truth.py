"""
The people, the courses and the LMS's final rows of the recording, put into the demo's tables.

`load_truth` ends where the replay ends, without the way there. What the events do not say, the
replay takes from here too: subsection grades, the certificates' uuids and first dates, who left.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.core.management.color import no_style
from django.db import connection, transaction

from demo import lms
from demo.courses.models import CourseOverview, UserProfile
from demo.rows import RECORDING
from demo.spread import offset

# Of every user of the demo.
PASSWORD = "demo"


def load_people_and_courses() -> None:
    """Users, their profiles and the course runs as they were before the first event."""
    people, courses = _read("learners.json"), _read("courses.json")
    user = get_user_model()
    password = make_password(PASSWORD)  # once for all, since it is slow by design
    with transaction.atomic():
        user.objects.bulk_create(
            (
                user(
                    id=person["id"],
                    username=person["username"],
                    email=person["email"],
                    password=password,
                    is_staff=person["role"] == "staff",
                    is_superuser=person["role"] == "staff",
                )
                for person in people
            ),
            ignore_conflicts=True,
        )
        UserProfile.objects.bulk_create(
            (
                UserProfile(user_id=person["id"], name=person["name"], language=person["language"])
                for person in people
            ),
            ignore_conflicts=True,
        )
        CourseOverview.objects.bulk_create(
            (
                CourseOverview(
                    id=course["key"],
                    org=course["org"],
                    display_name=course["display_name"],
                    start=course["start"],
                    end=course["end"],
                    lowest_passing_grade=course["lowest_passing_grade"],
                )
                for course in courses
            ),
            ignore_conflicts=True,
        )
        _take_up_the_numbers_behind(user)


def load_truth(*, undisturbed: bool = False) -> None:
    """
    The LMS's final rows, with dates spread as in the replay.

    Sends nothing but the retirement. The people and the courses have to be there.
    """
    for row in truth()["enrollments"]:
        move = _Move(row, undisturbed)
        lms.enroll(
            row["user_id"], row["course"], mode=row["mode"], is_active=row["is_active"],
            created=move("created"), modified=move("created"),
        )  # fmt: skip
    for row in truth()["course_grades"]:
        move = _Move(row, undisturbed)
        lms.grade(
            row["user_id"], row["course"], percent_grade=row["percent_grade"],
            letter_grade=row["letter_grade"], passed_timestamp=move("passed_timestamp"),
            modified=move("modified"),
        )  # fmt: skip
        grade_subsections(
            row["user_id"], row["course"], modified=move("modified"), undisturbed=undisturbed
        )
    for row in truth()["certificates"]:
        move = _Move(row, undisturbed)
        lms.certify(
            row["user_id"], row["course"], status=row["status"], mode=row["mode"],
            grade=row["grade"], name=row["name"], verify_uuid=row["verify_uuid"],
            created=move("created"), modified=move("modified"),
        )  # fmt: skip
        if row["invalidated"]:
            lms.invalidate_certificate(row["user_id"], row["course"], modified=move("modified"))
    for row in truth()["users"]:
        if "seq" in row:
            lms.retire(row["id"], username=row["username"], email=row["email"])


def grade_subsections(
    user_id: int,
    course: str,
    *,
    modified: datetime | None,
    up_to: int | None = None,
    undisturbed: bool = False,
) -> None:
    """Write a learner's subsection grades in a run, if they were final by the event `up_to`."""
    for row in _subsections().get((user_id, course), ()):
        if up_to is not None and row["seq"] > up_to:
            continue
        override = row["override"]
        lms.grade_subsection(
            user_id, course, row["usage_key"], earned=row["earned"], possible=row["possible"],
            first_attempted=_Move(row, undisturbed)("first_attempted"),
            override=(override["earned"], override["possible"]) if override else None,
            modified=modified,
        )  # fmt: skip


def first_facts_of_certificate(
    user_id: int, course: str, *, undisturbed: bool = False
) -> Mapping[str, Any]:
    """What a certificate got when it was made: its date and its uuid. Events carry neither."""
    row = _certificates()[user_id, course]
    return {"created": _Move(row, undisturbed)("created"), "verify_uuid": row["verify_uuid"]}


def retired_by(seq: int) -> list[Mapping[str, Any]]:
    """The users, as they ended, whose retirement was finished after the event with this number."""
    return [row for row in truth()["users"] if row.get("seq") == seq]


@cache
def truth() -> Mapping[str, list[Mapping[str, Any]]]:
    """The final rows by table. A `seq` is that of the event by which a row was final."""
    return _read("truth.json")


@cache
def _subsections() -> Mapping[tuple[int, str], list[Mapping[str, Any]]]:
    rows: dict[tuple[int, str], list[Mapping[str, Any]]] = {}
    for row in truth()["subsection_grades"]:
        rows.setdefault((row["user_id"], row["course"]), []).append(row)
    return rows


@cache
def _certificates() -> Mapping[tuple[int, str], Mapping[str, Any]]:
    return {(row["user_id"], row["course"]): row for row in truth()["certificates"]}


class _Move:
    """Reads the dates of a final row, moved as far as its run's dates are."""

    def __init__(self, row: Mapping[str, Any], undisturbed: bool) -> None:
        self.row = row
        self.distance = timedelta() if undisturbed else offset(row["course"])

    def __call__(self, name: str) -> datetime | None:
        text = self.row[name]
        return datetime.fromisoformat(text) + self.distance if text else None


def _take_up_the_numbers_behind(user: Any) -> None:
    """Have the next user that somebody makes get a number that is free (PostgreSQL)."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [user]):
            cursor.execute(statement)


def _read(name: str) -> Any:
    return json.loads((RECORDING / name).read_text(encoding="utf-8"))
