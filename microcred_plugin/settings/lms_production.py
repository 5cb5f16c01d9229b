"""Settings of the LMS that are read again after the operator's own."""

from __future__ import annotations

from typing import Any

from microcred_plugin.settings.filters import add_filters
from microcred_plugin.settings.lms import add_schedule, keep_out_of_tracking


def plugin_settings(settings: Any) -> None:
    """
    Called by the plugin loader after the operator's YAML has been read.

    That file replaces whole settings, so an operator's own beat schedule would drop the plugin's
    sweep, and an operator's own filters its steps; they are put back here, unless the operator has
    named a sweep of their own. So is what keeps the verifier's forms out of the tracking log.
    """
    add_schedule(settings)
    add_filters(settings)
    keep_out_of_tracking(settings)
