"""
Receivers of the platform's events. An event is a hint: who, and which course run; nothing else.

They run inside the platform's requests and transactions: no statement to the database, nothing
that could raise. What they lead to happens after the commit.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from openedx_events.learning.data import (
    CertificateData,
    CourseEnrollmentData,
    CoursePassingStatusData,
    PersistentCourseGradeData,
)

from microcred_plugin import earning
from microcred_plugin.host import get_host
from microcred_plugin.tasks import send_hint

log = logging.getLogger(__name__)


def on_passing_status(course_passing_status: CoursePassingStatusData, **_kwargs: Any) -> None:
    """COURSE_PASSING_STATUS_UPDATED, and the CCX one in its place for a CCX run."""
    course = course_passing_status.course
    # A CCX run has a field of its own; the master's key beside it is not meant.
    key = getattr(course, "ccx_course_key", None) or course.course_key
    _hint(course_passing_status.user.id, key)


def on_grade(grade: PersistentCourseGradeData, **_kwargs: Any) -> None:
    """PERSISTENT_GRADE_SUMMARY_CHANGED"""
    _hint(grade.user_id, grade.course.course_key)


def on_certificate(certificate: CertificateData, **_kwargs: Any) -> None:
    """CERTIFICATE_CREATED, CERTIFICATE_CHANGED, CERTIFICATE_REVOKED"""
    _hint(certificate.user.id, certificate.course.course_key)


def on_enrollment(enrollment: CourseEnrollmentData, **_kwargs: Any) -> None:
    """COURSE_ENROLLMENT_CREATED, COURSE_ENROLLMENT_CHANGED"""
    _hint(enrollment.user.id, enrollment.course.course_key)


def _hint(learner_id: int, course_key: object) -> None:
    try:
        if settings.MICROCRED_SWITCH != "off":
            send_hint(learner_id, str(course_key))
    except Exception:
        # Under DEBUG a receiver's exception would undo the platform's own work.
        log.exception("microcredentials: hint about learner %s lost", learner_id)


def connect_retirement() -> None:
    """Listen for retirements, if there is a host to listen to; else the system check says so."""
    with suppress(ImproperlyConfigured):
        get_host().connect_retirement(earning.retire)
