"""Connects the plugin's receivers, as `openedx.core.djangoapps.plugins` does in the platform."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created
from edx_django_utils.plugins import connect_plugin_receivers


class DemoConfig(AppConfig):
    """The site itself."""

    name = "demo"
    verbose_name = "Demo"

    def ready(self) -> None:
        """Connect what the plugins of this service want to hear."""
        connection_created.connect(_let_sqlite_be_read_while_written)
        connect_plugin_receivers(settings.DEMO_PROJECT_TYPE)


def _let_sqlite_be_read_while_written(*, connection: Any, **_kwargs: Any) -> None:
    """The LMS and Studio share one file; this is also what makes the replay fast."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = NORMAL")
