"""The door of authoring: roles in organisations, what they allow, and what Studio asks the LMS."""

from __future__ import annotations

from microcred_plugin.authoring.leaving import forget
from microcred_plugin.authoring.models import OrganizationRole, Preview, PreviewState, Role
from microcred_plugin.authoring.previews import (
    advance_preview,
    ask_course_figures,
    ask_preview,
    begin_preview,
    cancel_preview,
    find_preview,
    finish_preview,
    forget_previews,
    newest_of_course,
    newest_preview,
    note_failed_preview,
    previews_to_send,
    unfinished_previews,
)
from microcred_plugin.authoring.roles import (
    NotPossible,
    Rights,
    give_role,
    organizations_with_roles,
    people_in,
    rights_of,
    roles_in,
    take_role,
)

__all__ = [
    "NotPossible",
    "OrganizationRole",
    "Preview",
    "PreviewState",
    "Rights",
    "Role",
    "advance_preview",
    "ask_course_figures",
    "ask_preview",
    "begin_preview",
    "cancel_preview",
    "find_preview",
    "finish_preview",
    "forget",
    "forget_previews",
    "give_role",
    "newest_of_course",
    "newest_preview",
    "note_failed_preview",
    "organizations_with_roles",
    "people_in",
    "previews_to_send",
    "rights_of",
    "roles_in",
    "take_role",
    "unfinished_previews",
]
