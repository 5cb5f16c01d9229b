"""Settings of the LMS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from microcred_plugin.settings.common import set_defaults
from microcred_plugin.settings.filters import add_filters

_VERIFIER = r"^/microcredentials/verify/"
_MAKO = Path(__file__).resolve().parent.parent / "mako"


def plugin_settings(settings: Any) -> None:
    """Called by the plugin loader with the platform's settings module."""
    set_defaults(settings, evaluates=True)
    add_schedule(settings)
    add_filters(settings)
    add_templates(settings)
    keep_out_of_tracking(settings)


def add_schedule(settings: Any) -> None:
    """Put the sweep into the beat schedule, unless the operator has put their own there."""
    schedule = dict(getattr(settings, "CELERYBEAT_SCHEDULE", None) or {})
    schedule.setdefault(
        "microcred-sweep", {"task": "microcred_plugin.tasks.sweep", "schedule": 60.0}
    )
    settings.CELERYBEAT_SCHEDULE = schedule


def add_templates(settings: Any) -> None:
    """Have the platform find the few templates that its own pages include."""
    folders = getattr(settings, "MAKO_TEMPLATE_DIRS_BASE", None)
    if folders is not None and _MAKO not in folders:
        folders.append(_MAKO)


def keep_out_of_tracking(settings: Any) -> None:
    """
    Have the platform not log what is posted to the verifier: an e-mail address may be in it.

    Its TrackMiddleware writes the beginning of every form into the tracking log, and reads whole
    uploads for that.
    """
    patterns = getattr(settings, "TRACKING_IGNORE_URL_PATTERNS", None)
    if patterns is not None and _VERIFIER not in patterns:
        settings.TRACKING_IGNORE_URL_PATTERNS = [*patterns, _VERIFIER]
