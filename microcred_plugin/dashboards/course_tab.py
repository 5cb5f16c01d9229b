"""
The tab "Microcredentials" of a course: entry point `openedx.course_tab`.

Only the platform imports this module, since the tab has to be one of its own classes.
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_noop

from microcred_plugin.dashboards.counting import counted_by
from microcred_plugin.host.openedx import course_tab_base


class MicrocredentialsTab(course_tab_base()):  # type: ignore[misc]
    """Leads to what the course counts towards, where it counts towards something."""

    type = "microcredentials"
    # The platform translates it when it is shown.
    title = gettext_noop("Microcredentials")
    priority = 95
    # Not written into the course, so that nothing stays behind when the plugin goes.
    is_dynamic = True
    is_default = False

    def __init__(self, tab_dict: dict[str, Any]) -> None:
        def link(course: Any, _reverse: Any) -> str:
            return reverse("microcred:course", args=[str(course.id)])

        super().__init__({**tab_dict, "link_func": link})

    @classmethod
    def is_enabled(cls, course: Any, user: Any = None) -> bool:
        # Ours first: where the course counts towards nothing, nothing else need be asked.
        return bool(counted_by(str(course.id), user)) and bool(super().is_enabled(course, user))
