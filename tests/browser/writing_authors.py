"""
Learners for the authors of a demo in which nothing was replayed.

`add` has to be run with the demo's settings, after `prepare`. `tess` has passed the courses that an
author of these tests asks for, `noah` all but one; `FIRST` names runs that are passed.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import transaction

from demo import lms
from demo.courses.models import UserProfile
from tests.browser.site import PASSWORD

TESS, NOAH = "tess", "noah"
DATA, CHARTS, SQL, LEARNING = (
    "course-v1:NordU+DL101+2026_Spring",
    "course-v1:NordU+VA210+2026_Spring",
    "course-v1:NordU+SQ110+2026_Summer",
    "course-v1:NordU+ML301+2026_Summer",
)
PASSED = {TESS: (DATA, SQL, LEARNING), NOAH: (DATA, SQL)}

_ON = datetime(2026, 10, 1, 12, tzinfo=UTC)


@transaction.atomic
def add() -> None:
    """Add them, with the grades that they have."""
    for username, runs in PASSED.items():
        user = get_user_model().objects.create(
            username=username, email=f"{username}@example.org", password=make_password(PASSWORD)
        )
        UserProfile.objects.create(user=user, name=username.title(), language="en")
        for run in runs:
            lms.enroll(user.pk, run, mode="honor", created=_ON)
            lms.grade(user.pk, run, percent_grade=0.9, letter_grade="Pass", passed_timestamp=_ON)
