"""The entry "Microcredentials" among a course's tools: entry point `openedx.course_tool`."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from microcred_plugin.dashboards.counting import counted_by


class MicrocredentialsTool:
    """
    Leads to what the course counts towards, where it counts towards something.

    Has the class methods that the platform asks course tools for; it does not ask for a base class.
    """

    @classmethod
    def analytics_id(cls) -> str:
        return "microcred.course_tool"

    @classmethod
    def is_enabled(cls, request: Any, course_key: Any) -> bool:
        return bool(counted_by(str(course_key), request.user))

    @classmethod
    def title(cls, _course_key: Any = None) -> str:
        return _("Microcredentials")

    @classmethod
    def icon_classes(cls, _course_key: Any = None) -> str:
        return "fa fa-certificate"

    @classmethod
    def url(cls, course_key: Any) -> str:
        return reverse("microcred:course", args=[str(course_key)])
