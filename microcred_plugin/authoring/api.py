"""The door of authoring: roles in organisations, and what they allow."""

from __future__ import annotations

from microcred_plugin.authoring.leaving import forget
from microcred_plugin.authoring.models import OrganizationRole, Role
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
    "Rights",
    "Role",
    "forget",
    "give_role",
    "organizations_with_roles",
    "people_in",
    "rights_of",
    "roles_in",
    "take_role",
]
