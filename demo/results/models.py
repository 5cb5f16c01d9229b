"""
Tables shaped like the platform's persistent grades and generated certificates.

As there, a grade's `user_id` is a plain number, so that grades outlive a deleted user, while
certificates go with the user.
"""

from django.conf import settings
from django.db import models
from django.utils import timezone
from opaque_keys.edx.django.models import CourseKeyField, UsageKeyField


class PersistentCourseGrade(models.Model):
    """
    A learner's grade in a course run; passing while `letter_grade` is not empty.

    `passed_timestamp` is the first pass, and is kept for ever.
    """

    user_id = models.IntegerField()
    course_id = CourseKeyField(max_length=255)
    percent_grade = models.FloatField()
    letter_grade = models.CharField(max_length=255, blank=True, default="")
    passed_timestamp = models.DateTimeField(null=True, blank=True)
    modified = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user_id", "course_id"], name="demo_one_course_grade"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.course_id}: {self.percent_grade}"


class PersistentSubsectionGrade(models.Model):
    """A learner's graded points in one subsection."""

    user_id = models.IntegerField()
    course_id = CourseKeyField(max_length=255)
    usage_key = UsageKeyField(max_length=255)
    earned_graded = models.FloatField()
    possible_graded = models.FloatField()
    first_attempted = models.DateTimeField(null=True, blank=True)
    modified = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user_id", "usage_key"], name="demo_one_subsection"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.usage_key}: {self.earned_graded}/{self.possible_graded}"


class PersistentSubsectionGradeOverride(models.Model):
    """What staff wrote into the gradebook in place of a subsection's points."""

    grade = models.OneToOneField(
        PersistentSubsectionGrade, on_delete=models.CASCADE, related_name="override"
    )
    earned_graded_override = models.FloatField(null=True, blank=True)
    possible_graded_override = models.FloatField(null=True, blank=True)
    created = models.DateTimeField(default=timezone.now)
    modified = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"{self.earned_graded_override}/{self.possible_graded_override}"


class GeneratedCertificate(models.Model):
    """A learner's certificate of a course run; only `downloadable` is one to show."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    course_id = CourseKeyField(max_length=255)
    verify_uuid = models.CharField(max_length=32, blank=True, default="")
    mode = models.CharField(max_length=32, default="honor")
    status = models.CharField(max_length=32, default="unavailable")
    grade = models.CharField(max_length=5, blank=True, default="")
    name = models.CharField(max_length=255, blank=True)
    created_date = models.DateTimeField(default=timezone.now)
    modified_date = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "course_id"], name="demo_one_certificate"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.course_id}: {self.status}"


class CertificateInvalidation(models.Model):
    """Staff's decision that a certificate does not hold, while `active`."""

    generated_certificate = models.ForeignKey(GeneratedCertificate, on_delete=models.CASCADE)
    active = models.BooleanField(default=True)
    created = models.DateTimeField(default=timezone.now)
    modified = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"{self.generated_certificate_id}: {'active' if self.active else 'lifted'}"
