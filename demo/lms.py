"""What the LMS does to its tables. The replay, the demo's admin and the tests all do it here."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.timezone import now

from demo.courses.models import CourseEnrollment, UserProfile
from demo.results.models import (
    CertificateInvalidation,
    GeneratedCertificate,
    PersistentCourseGrade,
    PersistentSubsectionGrade,
    PersistentSubsectionGradeOverride,
)
from demo.signals import USER_RETIRE_LMS_MISC


def enroll(
    user_id: int,
    course_id: Any,
    *,
    mode: str,
    is_active: bool = True,
    created: datetime | None = None,
    modified: datetime | None = None,
) -> None:
    """Write an enrollment; one that is there keeps the date on which it was made."""
    modified = modified or now()
    _write(
        CourseEnrollment,
        {"user_id": user_id, "course_id": course_id},
        {"mode": mode, "is_active": is_active, "modified": modified},
        once={"created": created or modified},
    )


def grade(
    user_id: int,
    course_id: Any,
    *,
    percent_grade: float,
    letter_grade: str,
    passed_timestamp: datetime | None,
    modified: datetime | None = None,
) -> None:
    """Write a course grade."""
    _write(
        PersistentCourseGrade,
        {"user_id": user_id, "course_id": course_id},
        {
            "percent_grade": percent_grade,
            "letter_grade": letter_grade,
            "passed_timestamp": passed_timestamp,
            "modified": modified or now(),
        },
    )


def grade_subsection(
    user_id: int,
    course_id: Any,
    usage_key: Any,
    *,
    earned: float,
    possible: float,
    first_attempted: datetime | None,
    override: tuple[float, float] | None = None,
    modified: datetime | None = None,
) -> None:
    """Write a subsection's points, and the points (earned, possible) that override them."""
    modified = modified or now()
    row = _write(
        PersistentSubsectionGrade,
        {"user_id": user_id, "usage_key": usage_key},
        {
            "course_id": course_id,
            "earned_graded": earned,
            "possible_graded": possible,
            "first_attempted": first_attempted,
            "modified": modified,
        },
    )
    if override is not None:
        earned, possible = override
        _write(
            PersistentSubsectionGradeOverride,
            {"grade": row},
            {
                "earned_graded_override": earned,
                "possible_graded_override": possible,
                "modified": modified,
            },
            once={"created": modified},
        )


def certify(
    user_id: int,
    course_id: Any,
    *,
    status: str,
    mode: str,
    grade: str,
    name: str,
    verify_uuid: str = "",
    created: datetime | None = None,
    modified: datetime | None = None,
) -> None:
    """Write a certificate; one that is there keeps its first date and its uuid."""
    modified = modified or now()
    _write(
        GeneratedCertificate,
        {"user_id": user_id, "course_id": course_id},
        {
            "status": status,
            "mode": mode,
            "grade": grade,
            "name": name,
            "modified_date": modified,
        },
        once={"created_date": created or modified, "verify_uuid": verify_uuid or uuid4().hex},
    )


def invalidate_certificate(
    user_id: int, course_id: Any, *, active: bool = True, modified: datetime | None = None
) -> None:
    """Staff say that a certificate does not hold, or with `active=False` that it does again."""
    modified = modified or now()
    certificate = GeneratedCertificate.objects.get(user_id=user_id, course_id=course_id)
    _write(
        CertificateInvalidation,
        {"generated_certificate": certificate},
        {"active": active, "modified": modified},
        once={"created": modified},
    )


def retire(user_id: int, *, username: str, email: str) -> None:
    """
    The last two steps of the platform's retirement pipeline.

    First everybody is told, in a transaction that a receiver can make fail. Then the account is
    emptied. Grades and certificates stay, without the name.
    """
    user = get_user_model().objects.get(pk=user_id)
    with transaction.atomic():
        get_user_model().objects.filter(pk=user_id).update(email=email)
        USER_RETIRE_LMS_MISC.send(sender=None, user=user)
    with transaction.atomic():
        get_user_model().objects.filter(pk=user_id).update(
            username=username, is_active=False, password="!"
        )
        UserProfile.objects.filter(user_id=user_id).update(name="")
        GeneratedCertificate.objects.filter(user_id=user_id).update(name="")


def _write(
    model: Any, key: dict[str, Any], values: dict[str, Any], *, once: dict[str, Any] | None = None
) -> Any:
    """Write a row: `values` in any case, `once` only when it is new."""
    row, is_new = model.objects.get_or_create(**key, defaults={**values, **(once or {})})
    if not is_new:
        model.objects.filter(pk=row.pk).update(**values)
    return row
