"""
The recording, played again: the LMS's tables change as they did, and the real events are sent.

Each row first changes the demo's tables, in a transaction where the recording says that one was
open, and then sends its openedx-event. It is sent by `send_event(time=…)`, as the LMS does it, so
an event gets an id of its own: `send_event_with_custom_metadata` would keep the recorded one, but
marks the event as come from the event bus, which these never saw.

The events do not carry everything that the tables hold. Subsection grades are written, as they
ended, with the learner's last grade event of the run; a certificate gets its recorded uuid and
first date; `modified` dates are the events', which a grade row's own precedes by some milliseconds;
a certificate that turns `unavailable` was invalidated by staff, nobody else does it in this
recording; and an account whose retirement is over is emptied after its last event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext

from django.contrib.auth import get_user_model
from django.db import transaction
from openedx_events.learning.data import (
    CertificateData,
    CourseEnrollmentData,
    CoursePassingStatusData,
    PersistentCourseGradeData,
    UserData,
)

from demo import lms
from demo.courses.models import CourseOverview
from demo.rows import CorruptRow, Row, count_rows, load_recording
from demo.spread import spread
from demo.truth import (
    first_facts_of_certificate,
    grade_subsections,
    load_people_and_courses,
    load_truth,
    retired_by,
)

__all__ = [
    "CorruptRow",
    "Row",
    "count_rows",
    "hint",
    "load_people_and_courses",
    "load_recording",
    "load_truth",
    "replay",
]


def replay(rows: Iterable[Row], *, undisturbed: bool = False) -> int:
    """
    Play the rows, and say how many there were. The people and the courses have to be there.

    Every row stands by itself: what was played stays, should a later one be corrupt, which raises
    `CorruptRow`. With `undisturbed`, the dates are those of the recording.
    """
    learners = set(get_user_model().objects.values_list("id", flat=True))
    runs = set(CourseOverview.objects.values_list("id", flat=True))
    played = 0
    for row in rows:
        if row.learner_id not in learners:
            raise row.is_corrupt(f"nobody in learners.json has the id {row.learner_id}")
        if row.course_key is not None and row.course_key not in runs:
            raise row.is_corrupt(f"courses.json has no run {row.course_key}")
        _play(row, undisturbed)
        played += 1
    return played


def hint(row: Row, *, undisturbed: bool = False) -> None:
    """Send the row's event, and leave the tables as they are."""
    if not undisturbed:
        row = spread(row)
    row.signal.send_event(time=row.sent_at, **{row.argument: row.data})


def _play(row: Row, undisturbed: bool) -> None:
    with transaction.atomic() if row.in_transaction else nullcontext():
        with transaction.atomic():
            _change_tables(row, undisturbed)
        hint(row, undisturbed=undisturbed)
    for user in retired_by(row.seq):
        lms.retire(user["id"], username=user["username"], email=user["email"])


def _change_tables(row: Row, undisturbed: bool) -> None:
    happened = row if undisturbed else spread(row)
    _CHANGES[type(row.data)](happened, undisturbed)


def _registered(row: Row, undisturbed: bool) -> None:
    get_user_model().objects.filter(pk=row.data.id).update(date_joined=row.sent_at)


def _enrolled(row: Row, undisturbed: bool) -> None:
    data = row.data
    lms.enroll(
        data.user.id, data.course.course_key, mode=data.mode, is_active=data.is_active,
        created=data.creation_date, modified=row.sent_at,
    )  # fmt: skip
    # A retirement begins with the address, of which no event speaks by itself.
    get_user_model().objects.filter(pk=data.user.id).update(email=data.user.pii.email)


def _graded(row: Row, undisturbed: bool) -> None:
    data = row.data
    lms.grade(
        data.user_id, data.course.course_key, percent_grade=data.percent_grade,
        letter_grade=data.letter_grade, passed_timestamp=data.passed_timestamp,
        modified=row.sent_at,
    )  # fmt: skip
    grade_subsections(
        data.user_id, str(data.course.course_key), modified=row.sent_at, up_to=row.seq,
        undisturbed=undisturbed,
    )  # fmt: skip


def _passing_status(row: Row, undisturbed: bool) -> None:
    """It follows a grade's event and says nothing new."""


def _certified(row: Row, undisturbed: bool) -> None:
    data = row.data
    lms.certify(
        data.user.id, data.course.course_key, status=data.current_status, mode=data.mode,
        grade=data.grade, name=data.name, modified=row.sent_at,
        **first_facts_of_certificate(
            data.user.id, str(data.course.course_key), undisturbed=undisturbed
        ),
    )  # fmt: skip
    if data.current_status == "unavailable":
        lms.invalidate_certificate(data.user.id, data.course.course_key, modified=row.sent_at)


_CHANGES: Mapping[type, Callable[[Row, bool], None]] = {
    UserData: _registered,
    CourseEnrollmentData: _enrolled,
    PersistentCourseGradeData: _graded,
    CoursePassingStatusData: _passing_status,
    CertificateData: _certified,
}
