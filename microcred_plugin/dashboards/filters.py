"""
Steps in the platform's filters. `settings.filters` puts them there.

Each of them leaves what it was given as it was, if anything goes wrong.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from crum import get_current_user
from django.urls import reverse
from django.utils.translation import gettext as _
from openedx_filters.filters import PipelineStep

from microcred_plugin.dashboards.counting import counted_by, counted_by_my_runs
from microcred_plugin.dashboards.panel import read_panel
from microcred_plugin.dashboards.safely import safely
from microcred_plugin.host import get_host


class AddToCourseRun(PipelineStep):
    """Learner Home API: each course run says what it counts towards, as `microcredentials`."""

    def run_filter(self, serialized_courserun: dict[str, Any]) -> dict[str, Any]:
        counted = counted_by_my_runs().get(str(serialized_courserun.get("courseId")), ())
        entry = {"microcredentials": [asdict(one) for one in counted]}
        return {"serialized_courserun": {**serialized_courserun, **entry}}


class AddToEnrollment(PipelineStep):
    """Learner Home API: each enrollment says whether its run counts towards anything."""

    def run_filter(self, course_key: Any, serialized_enrollment: dict[str, Any]) -> dict[str, Any]:
        counted = counted_by_my_runs().get(str(course_key), ())
        entry = {"microcredentialCount": len(counted)}
        return {
            "course_key": course_key,
            "serialized_enrollment": {**serialized_enrollment, **entry},
        }


class AddPanel(PipelineStep):
    """The legacy dashboard: a brief panel below the courses."""

    def run_filter(self, context: dict[str, Any], template_name: str) -> dict[str, Any]:
        user = context.get("user")
        panel = safely(lambda: read_panel(user.pk), None) if user is not None else None
        # Whoever replaces the page with one of their own knows what they do.
        if panel is None or template_name != "dashboard.html":
            return {"context": context, "template_name": template_name}
        return {
            "context": {**context, "microcred_panel": panel},
            "template_name": "microcred_plugin/legacy_dashboard.html",
        }


class AddInstructorSection(PipelineStep):
    """The legacy instructor dashboard: a tab, where the course counts towards something."""

    def run_filter(self, context: dict[str, Any], template_name: str) -> dict[str, Any]:
        course = context.get("course")
        if course is not None and _is_for_instructor(str(course.id)):
            section = {
                "section_key": "microcredentials",
                "section_display_name": _("Microcredentials"),
                "template_path_prefix": "/microcred_plugin/instructor_",
                "url": reverse("microcred:class_list", args=[str(course.id)]),
                # The platform's templates can't be searched for what has to be translated.
                "own_page": _("Open the list on a page of its own"),
                "failed": _("The list can't be shown here just now."),
            }
            context = {**context, "sections": [*context.get("sections", ()), section]}
        return {"context": context, "template_name": template_name}


class AddInstructorTab(PipelineStep):
    """The instructor dashboard from Verawood on: a tab, which leads to our page."""

    def run_filter(self, tabs: list[dict[str, Any]], user: Any, course_key: Any) -> dict[str, Any]:
        if _is_for_instructor(str(course_key), user):
            run = str(course_key)
            path = reverse("microcred:class_list", args=[run])
            tab = {
                "tab_id": "microcredentials",
                "title": _("Microcredentials"),
                "url": get_host().absolute_url(path),
                "sort_order": 95,
            }
            tabs = [*tabs, tab]
        return {"tabs": tabs, "user": user, "course_key": course_key}


def _is_for_instructor(run: str, user: Any = None) -> bool:
    return bool(counted_by(run, user or get_current_user()))
