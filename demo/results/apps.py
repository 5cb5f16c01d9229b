"""The Django app of the results."""

from django.apps import AppConfig


class ResultsConfig(AppConfig):
    """Installed in the LMS alone."""

    name = "demo.results"
    label = "demo_results"
    verbose_name = "Results (demo)"
    default_auto_field = "django.db.models.BigAutoField"
