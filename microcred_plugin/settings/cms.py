"""Settings of Studio."""

from __future__ import annotations

from typing import Any

from microcred_plugin.settings.common import set_defaults


def plugin_settings(settings: Any) -> None:
    """Called by the plugin loader with the platform's settings module."""
    set_defaults(settings, evaluates=False)
