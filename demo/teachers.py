"""
Who teaches: people of the demo alone, whom the recording knows nothing of.

They see who of their courses' learners has earned what; in the LMS they would be of the course's
team.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import transaction

from demo.courses.models import CourseAccessRole, CourseOverview, UserProfile
from demo.truth import PASSWORD

ROLE = "staff"


@dataclass(frozen=True, slots=True)
class Teacher:
    """Somebody, and the course runs that they teach."""

    username: str
    name: str
    runs: tuple[str, ...]


TEACHERS = (
    Teacher(
        "ingrid_solheim",
        "Ingrid Solheim",
        (
            "course-v1:NordU+DL101+2026_Spring",
            "course-v1:NordU+ST201+2026_Spring",
            "course-v1:NordU+ST201+2026_Autumn",
        ),
    ),
)


@transaction.atomic
def load_teachers() -> None:
    """Put them into the tables, with their roles. Doing it twice changes nothing."""
    for teacher in TEACHERS:
        load_person(teacher.username, teacher.name, teacher.runs)


def load_person(username: str, name: str, runs: Collection[str]) -> Any:
    """Somebody who learns nothing here, in the team of these course runs; their user."""
    user, is_new = get_user_model().objects.get_or_create(
        username=username, defaults={"email": f"{username.replace('_', '.')}@example.org"}
    )
    if is_new:
        user.password = make_password(PASSWORD)
        user.save(update_fields=["password"])
    UserProfile.objects.get_or_create(user=user, defaults={"name": name, "language": "en"})
    for run in runs:
        CourseAccessRole.objects.get_or_create(user=user, course_id=run, role=ROLE)
    return user


def taught_by(usernames: Collection[str]) -> Mapping[str, list[CourseOverview]]:
    """The runs that these people teach, the earliest first. Two queries."""
    roles = CourseAccessRole.objects.filter(user__username__in=usernames, role=ROLE)
    taught = set(roles.values_list("user__username", "course_id"))
    runs = CourseOverview.objects.filter(pk__in={key for _username, key in taught})
    return {
        username: [run for run in runs.order_by("start") if (username, run.pk) in taught]
        for username in usernames
    }
