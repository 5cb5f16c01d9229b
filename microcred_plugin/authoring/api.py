"""The door of authoring: roles in organisations and what they allow; lists of skills."""

from __future__ import annotations

from microcred_plugin.authoring.leaving import forget
from microcred_plugin.authoring.models import ListedSkill, OrganizationRole, Role
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
from microcred_plugin.authoring.skills import MOST_BYTES as MOST_BYTES_OF_SKILLS
from microcred_plugin.authoring.skills import (
    SHORTEST_SEARCH,
    LineFault,
    Loaded,
    SkillList,
    SkillsRefused,
    find_skill,
    load_skills,
    remove_skills,
    search_skills,
    skill_lists,
)
from microcred_plugin.authoring.skills import too_large as skills_too_large

__all__ = [
    "MOST_BYTES_OF_SKILLS",
    "SHORTEST_SEARCH",
    "LineFault",
    "ListedSkill",
    "Loaded",
    "NotPossible",
    "OrganizationRole",
    "Rights",
    "Role",
    "SkillList",
    "SkillsRefused",
    "find_skill",
    "forget",
    "give_role",
    "load_skills",
    "organizations_with_roles",
    "people_in",
    "remove_skills",
    "rights_of",
    "roles_in",
    "search_skills",
    "skill_lists",
    "skills_too_large",
    "take_role",
]
