"""Tables shaped like the platform's `CourseOverview`, `CourseEnrollment`, `CourseAccessRole` and
`UserProfile`."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from opaque_keys.edx.django.models import CourseKeyField


class CourseOverview(models.Model):
    """A course run, as courses describe themselves. `lowest_passing_grade` is a fraction."""

    id = CourseKeyField(primary_key=True, max_length=255)
    org = models.CharField(max_length=255)
    display_name = models.CharField(max_length=255)
    start = models.DateTimeField(null=True, blank=True)
    end = models.DateTimeField(null=True, blank=True)
    lowest_passing_grade = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True
    )

    class Meta:
        verbose_name = "course run"

    def __str__(self) -> str:
        return f"{self.display_name} ({self.id})"


class CourseEnrollment(models.Model):
    """
    A learner in a course run, or one who was there.

    `modified` is the demo's own, since the platform's table has nothing of the kind.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    course_id = CourseKeyField(max_length=255)
    mode = models.CharField(max_length=100, default="audit")
    is_active = models.BooleanField(default=True)
    created = models.DateTimeField(default=timezone.now)
    modified = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "course_id"], name="demo_one_enrollment"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.course_id} ({self.mode})"


class CourseAccessRole(models.Model):
    """What a user may do in a course run beyond learning: a role by its name."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    course_id = CourseKeyField(max_length=255)
    role = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "course_id", "role"], name="demo_one_role"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} is {self.role} of {self.course_id}"


class UserProfile(models.Model):
    """What a user is called."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="profile"
    )
    name = models.CharField(max_length=255, blank=True)
    language = models.CharField(max_length=255, blank=True)

    def __str__(self) -> str:
        return self.name or str(self.user_id)
