"""Settings of the LMS."""

from __future__ import annotations

from typing import Any

from microcred_plugin.settings.common import set_defaults


def plugin_settings(settings: Any) -> None:
    """Called by the plugin loader with the platform's settings module."""
    set_defaults(settings, evaluates=True)
    add_schedule(settings)


def add_schedule(settings: Any) -> None:
    """Put the sweep into the beat schedule, unless the operator has put their own there."""
    schedule = dict(getattr(settings, "CELERYBEAT_SCHEDULE", None) or {})
    schedule.setdefault(
        "microcred-sweep", {"task": "microcred_plugin.tasks.sweep", "schedule": 60.0}
    )
    settings.CELERYBEAT_SCHEDULE = schedule
