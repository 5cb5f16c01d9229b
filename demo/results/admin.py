"""The admin of the results. Editing a row sends the event that the LMS would send."""

from typing import Any

from django.contrib import admin
from django.utils.timezone import now

from demo.events import certificate_changed, grade_changed
from demo.results.models import (
    CertificateInvalidation,
    GeneratedCertificate,
    PersistentCourseGrade,
    PersistentSubsectionGrade,
    PersistentSubsectionGradeOverride,
)


@admin.register(PersistentCourseGrade)
class PersistentCourseGradeAdmin(admin.ModelAdmin):
    """Course grades."""

    list_display = ("user_id", "course_id", "percent_grade", "letter_grade", "passed_timestamp")
    search_fields = ("=user_id", "course_id")
    readonly_fields = ("modified",)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        obj.modified = now()
        super().save_model(request, obj, form, change)
        grade_changed(obj)


class OverrideInline(admin.StackedInline):
    """The override of a subsection's grade."""

    model = PersistentSubsectionGradeOverride
    readonly_fields = ("modified",)


@admin.register(PersistentSubsectionGrade)
class PersistentSubsectionGradeAdmin(admin.ModelAdmin):
    """Subsection grades. No event tells of these; a course grade's event follows them."""

    list_display = ("user_id", "usage_key", "earned_graded", "possible_graded")
    search_fields = ("=user_id", "usage_key")
    readonly_fields = ("modified",)
    inlines = (OverrideInline,)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        obj.modified = now()
        super().save_model(request, obj, form, change)


@admin.register(GeneratedCertificate)
class GeneratedCertificateAdmin(admin.ModelAdmin):
    """Certificates."""

    list_display = ("user", "course_id", "status", "mode", "grade", "created_date")
    list_filter = ("status", "mode")
    list_select_related = ("user",)
    search_fields = ("user__username", "course_id")
    readonly_fields = ("modified_date",)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        obj.modified_date = now()
        super().save_model(request, obj, form, change)
        certificate_changed(obj)


@admin.register(CertificateInvalidation)
class CertificateInvalidationAdmin(admin.ModelAdmin):
    """Staff's decisions that a certificate does not hold."""

    list_display = ("generated_certificate", "active", "created")
    list_select_related = ("generated_certificate",)
    readonly_fields = ("modified",)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        obj.modified = now()
        super().save_model(request, obj, form, change)
        certificate_changed(obj.generated_certificate)
