"""
Receivers of the platform's events. An event is a hint: who, and which course run; nothing else.

They run inside the platform's requests and transactions: no statement to the database, nothing
that could raise. What they lead to happens after the commit.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
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


def _harmless(receiver: Callable[..., None]) -> Callable[..., None]:
    """The receiver, unless the site is switched off, with whatever goes wrong only logged."""

    @wraps(receiver)
    def receive(**event: Any) -> None:
        try:
            if settings.MICROCRED_SWITCH != "off":
                receiver(**event)
        except Exception:
            # Under DEBUG a receiver's exception would undo the platform's own work.
            log.exception("microcredentials: a hint to %s was lost", receiver.__name__)

    return receive


@_harmless
def on_passing_status(course_passing_status: CoursePassingStatusData, **_kwargs: Any) -> None:
    """COURSE_PASSING_STATUS_UPDATED, and the CCX one in its place for a CCX run."""
    course = course_passing_status.course
    # A CCX run has a field of its own; the master's key beside it is not meant.
    key = getattr(course, "ccx_course_key", None) or course.course_key
    send_hint(course_passing_status.user.id, str(key))


@_harmless
def on_grade(grade: PersistentCourseGradeData, **_kwargs: Any) -> None:
    """PERSISTENT_GRADE_SUMMARY_CHANGED"""
    send_hint(grade.user_id, str(grade.course.course_key))


@_harmless
def on_certificate(certificate: CertificateData, **_kwargs: Any) -> None:
    """CERTIFICATE_CREATED, CERTIFICATE_CHANGED, CERTIFICATE_REVOKED"""
    send_hint(certificate.user.id, str(certificate.course.course_key))


@_harmless
def on_enrollment(enrollment: CourseEnrollmentData, **_kwargs: Any) -> None:
    """COURSE_ENROLLMENT_CREATED, COURSE_ENROLLMENT_CHANGED"""
    send_hint(enrollment.user.id, str(enrollment.course.course_key))


def connect_retirement() -> None:
    """Listen for retirements, if there is a host to listen to; else the system check says so."""
    with suppress(ImproperlyConfigured):
        get_host().connect_retirement(earning.retire)
