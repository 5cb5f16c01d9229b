"""The events that the LMS sends when somebody edits a row by hand, as in the demo's admin."""

from __future__ import annotations

from typing import Any

from openedx_events.learning import signals
from openedx_events.learning.data import (
    CertificateData,
    CourseData,
    CourseEnrollmentData,
    PersistentCourseGradeData,
    UserData,
    UserPersonalData,
)


def enrollment_changed(row: Any) -> None:
    """Send the event of a changed `CourseEnrollment`."""
    signals.COURSE_ENROLLMENT_CHANGED.send_event(
        time=row.modified,
        enrollment=CourseEnrollmentData(
            user=_user(row.user),
            course=CourseData(course_key=row.course_id),
            mode=row.mode,
            is_active=row.is_active,
            creation_date=row.created,
        ),
    )


def grade_changed(row: Any) -> None:
    """Send the event of a changed `PersistentCourseGrade`."""
    signals.PERSISTENT_GRADE_SUMMARY_CHANGED.send_event(
        time=row.modified,
        grade=PersistentCourseGradeData(
            user_id=row.user_id,
            course=CourseData(course_key=row.course_id),
            course_edited_timestamp=row.modified,
            course_version="",
            grading_policy_hash="",
            percent_grade=row.percent_grade,
            letter_grade=row.letter_grade,
            passed_timestamp=row.passed_timestamp,
        ),
    )


def certificate_changed(row: Any) -> None:
    """Send the event of a changed `GeneratedCertificate`."""
    signals.CERTIFICATE_CHANGED.send_event(
        time=row.modified_date,
        certificate=CertificateData(
            user=_user(row.user),
            course=CourseData(course_key=row.course_id),
            mode=row.mode,
            grade=row.grade,
            download_url="",
            name=row.name,
            current_status=row.status,
        ),
    )


def _user(user: Any) -> UserData:
    pii = UserPersonalData(username=user.username, email=user.email)
    return UserData(id=user.pk, is_active=user.is_active, pii=pii)
