"""The addresses in Studio, below `/microcredentials/`."""

from __future__ import annotations

from django.urls import path

from microcred_plugin.pages import views as pages
from microcred_plugin.studio import listing, organizations, pictures, skill_lists, skills_editor

urlpatterns = [
    path("", listing.studio, name="studio"),
    path("organizations/", organizations.organizations, name="studio_organizations"),
    path(
        "organizations/<str:organization>/",
        organizations.organization,
        name="studio_organization",
    ),
    path("m/<uuid:uuid>/badge.svg", pictures.badge, name="studio_badge"),
    path("m/<uuid:uuid>/badge-preview/", pictures.badge_preview, name="studio_badge_preview"),
    path("skills/", skill_lists.skills, name="studio_skills"),
    path("skills/search/", skills_editor.search, name="studio_skill_search"),
    path("assets/<str:digest>/<str:name>", pages.asset, name="asset"),
]
