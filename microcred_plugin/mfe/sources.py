"""
The source of what is shown in micro-frontends, put together for their two slot systems.

A micro-frontend compiles JSX of its own, and none of an npm package's. So the cards come as text
that is put where it is compiled: into env.config.jsx, or into a module of a frontend-base site.
"""

from __future__ import annotations

import json
from importlib.resources import files
from textwrap import indent

# As the micro-frontends call themselves, and Tutor calls them.
LEARNER_HOME = "learner-dashboard"
AUTHORING = "authoring"

# The parts of the source, and of messages.json, by the micro-frontend that they are for.
PARTS = {LEARNER_HOME: "learner_home", AUTHORING: "authoring"}

# What the slot has by itself, an advertisement for courses, is at 50. Should the widget ever fail
# to render, its place is empty, instead of a whole page of error.
LEARNER_HOME_PLUGIN = """{
  op: PLUGIN_OPERATIONS.Insert,
  widget: {
    id: 'microcredentials',
    type: DIRECT_PLUGIN,
    priority: 40,
    RenderWidget: MicrocredentialsWidget,
    errorFallbackComponent: <></>,
  },
}"""

# For each micro-frontend, its slots of frontend-plugin-framework and what goes into them, in the
# words of `fpf_definitions`. By their full ids: where the authoring micro-frontend finds the short
# one of its first slot, it adds a heading with nothing below it.
FPF_SLOTS = {
    LEARNER_HOME: {
        "org.openedx.frontend.learner_dashboard.widget_sidebar.v1": LEARNER_HOME_PLUGIN,
    },
    AUTHORING: {
        "org.openedx.frontend.authoring.additional_course_plugin.v1": (
            "MicrocredentialsForCourses.inPagesAndResources"
        ),
        "org.openedx.frontend.authoring.course_outline_sidebar.v1": (
            "MicrocredentialsForCourses.inOutlineSidebar"
        ),
    },
}

FRONTEND_BASE_SLOT = "org.openedx.frontend.slot.learnerDashboard.widgetSidebar.v1"

# The name that this goes by is its own: other plugins import into the same file.
FRONTEND_BASE_IMPORTS = """
import { WidgetOperationTypes as MicrocredentialsOperations } from '@openedx/frontend-base';
import MicrocredentialsWidget from './microcredentials';
"""

FRONTEND_BASE_OPERATION = f"""{{
  slotId: '{FRONTEND_BASE_SLOT}',
  id: 'microcredentials',
  op: MicrocredentialsOperations.PREPEND,
  component: MicrocredentialsWidget,
}}"""


def fpf_definitions(app: str) -> str:
    """Statements that define what `FPF_SLOTS` names; they await, so within an async function."""
    return _filled(PARTS[app], "plugin_framework", indentation="  ")


def frontend_base_module() -> str:
    """A module whose default export is the widget of Learner Home."""
    return _filled(PARTS[LEARNER_HOME], "frontend_base")


def env_config(app: str) -> str:
    """A whole env.config.jsx for a micro-frontend, for sites that have no other plugin there."""
    slots = "".join(
        f"'{slot}': {{\n  keepDefault: true,\n  plugins: [\n{indent(plugin, ' ' * 4)},\n  ],\n}},\n"
        for slot, plugin in FPF_SLOTS[app].items()
    )
    return (
        _read("jsx/env_config.jsx")
        .replace("__SLOTS__\n", indent(slots, " " * 6))
        .replace("__DEFINITIONS__", indent(fpf_definitions(app), "  "))
    )


def _filled(part: str, slot_system: str, *, indentation: str = "") -> str:
    messages = json.dumps(json.loads(_read("messages.json"))[part], ensure_ascii=False, indent=2)
    return (
        _read(f"jsx/{part}.{slot_system}.jsx")
        .replace("__MESSAGES__", indent(messages, indentation).lstrip())
        .replace("__SHARED__\n", indent(_read("jsx/shared.jsx"), indentation))
        .replace("__CARDS__\n", indent(_read(f"jsx/{part}.jsx"), indentation))
    )


def _read(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")
