"""The plugin's steps in the platform's filters, merged into what the site has."""

from __future__ import annotations

from typing import Any

_STEPS = {
    "org.openedx.learning.home.courserun.api.rendered.started.v1": "AddToCourseRun",
    "org.openedx.learning.home.enrollment.api.rendered.v1": "AddToEnrollment",
    "org.openedx.learning.dashboard.render.started.v1": "AddPanel",
    "org.openedx.learning.instructor.dashboard.render.started.v1": "AddInstructorSection",
    "org.openedx.learning.instructor.dashboard.tabs.requested.v1": "AddInstructorTab",
}


def add_filters(settings: Any) -> None:
    """
    Put each step at the end of its filter's pipeline, once, however often this is called.

    A filter may be configured as a dictionary, as a list of steps, or as a single one; what the
    operator has set otherwise stays.
    """
    config = dict(getattr(settings, "OPEN_EDX_FILTERS_CONFIG", None) or {})
    for filter_type, name in _STEPS.items():
        found = config.get(filter_type) or {}
        if isinstance(found, str):
            found = [found]
        if not isinstance(found, dict):
            found = {"pipeline": list(found)}
        step = f"microcred_plugin.dashboards.filters.{name}"
        pipeline = [one for one in found.get("pipeline", ()) if one != step]
        config[filter_type] = {"fail_silently": True, **found, "pipeline": [*pipeline, step]}
    settings.OPEN_EDX_FILTERS_CONFIG = config
