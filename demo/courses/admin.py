"""The admin of the courses. Editing an enrollment sends the event that the LMS would send."""

from typing import Any

from django.contrib import admin
from django.utils.timezone import now

from demo.courses.models import (
    CourseAccessRole,
    CourseEnrollment,
    CourseOverview,
    UserProfile,
)
from demo.events import enrollment_changed


@admin.register(CourseOverview)
class CourseOverviewAdmin(admin.ModelAdmin):
    """Course runs."""

    list_display = ("id", "display_name", "org", "start", "end")
    list_filter = ("org",)


@admin.register(CourseEnrollment)
class CourseEnrollmentAdmin(admin.ModelAdmin):
    """Enrollments."""

    list_display = ("user", "course_id", "mode", "is_active", "created")
    list_filter = ("mode", "is_active")
    list_select_related = ("user",)
    search_fields = ("user__username", "course_id")
    readonly_fields = ("modified",)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        obj.modified = now()
        super().save_model(request, obj, form, change)
        enrollment_changed(obj)


@admin.register(CourseAccessRole)
class CourseAccessRoleAdmin(admin.ModelAdmin):
    """What users may do in a course beyond learning."""

    list_display = ("user", "course_id", "role")
    list_filter = ("role",)
    list_select_related = ("user",)


@admin.register(UserProfile)
class UserProfileAdmin(admin.ModelAdmin):
    """What users are called."""

    list_display = ("user", "name", "language")
    list_select_related = ("user",)
    search_fields = ("user__username", "name")
