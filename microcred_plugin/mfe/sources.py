"""
The widget's source, put together for the two slot systems of the micro-frontends.

A micro-frontend compiles JSX of its own, and none of an npm package's. So the widget comes as text
that is put where it is compiled: into env.config.jsx, or into a module of a frontend-base site.
"""

from __future__ import annotations

import json
from importlib.resources import files
from textwrap import indent

FPF_SLOT = "org.openedx.frontend.learner_dashboard.widget_sidebar.v1"
FRONTEND_BASE_SLOT = "org.openedx.frontend.slot.learnerDashboard.widgetSidebar.v1"

# What the slot has by itself, an advertisement for courses, is at 50. Should the widget ever fail
# to render, its place is empty, instead of a whole page of error.
FPF_PLUGIN = """{
  op: PLUGIN_OPERATIONS.Insert,
  widget: {
    id: 'microcredentials',
    type: DIRECT_PLUGIN,
    priority: 40,
    RenderWidget: MicrocredentialsWidget,
    errorFallbackComponent: <></>,
  },
}"""

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


def fpf_definitions() -> str:
    """Statements that define `MicrocredentialsWidget`; they await, so within an async function."""
    return _filled("plugin_framework.jsx", indentation="  ")


def frontend_base_module() -> str:
    """A module whose default export is the widget."""
    return _filled("frontend_base.jsx")


def env_config() -> str:
    """A whole env.config.jsx for Learner Home, for sites that have no other plugin there."""
    return (
        _read("jsx/env_config.jsx")
        .replace("__SLOT__", FPF_SLOT)
        .replace("__PLUGIN__", indent(FPF_PLUGIN, " " * 10) + ",")
        .replace("__DEFINITIONS__", indent(fpf_definitions(), "  "))
    )


def _filled(name: str, *, indentation: str = "") -> str:
    messages = json.dumps(json.loads(_read("messages.json")), ensure_ascii=False, indent=2)
    return (
        _read(f"jsx/{name}")
        .replace("__MESSAGES__", indent(messages, indentation).lstrip())
        .replace("__WIDGET__", indent(_read("jsx/widget.jsx"), indentation))
    )


def _read(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")
