"""The Django app of the courses."""

from django.apps import AppConfig


class CoursesConfig(AppConfig):
    """Installed in the LMS and in Studio."""

    name = "demo.courses"
    label = "demo_courses"
    verbose_name = "Courses (demo)"
    default_auto_field = "django.db.models.BigAutoField"
