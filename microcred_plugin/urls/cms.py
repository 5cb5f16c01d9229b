"""The addresses in Studio, below `/microcredentials/`."""

from __future__ import annotations

from django.urls import path

from microcred_plugin.pages import views as pages
from microcred_plugin.studio import course_figures, listing, organizations, previewing

urlpatterns = [
    path("", listing.studio, name="studio"),
    path("organizations/", organizations.organizations, name="studio_organizations"),
    path(
        "organizations/<str:organization>/",
        organizations.organization,
        name="studio_organization",
    ),
    path("m/<uuid:uuid>/preview/", previewing.start, name="studio_preview_start"),
    path("m/<uuid:uuid>/preview/<uuid:preview_uuid>/", previewing.show, name="studio_preview"),
    path(
        "m/<uuid:uuid>/preview/<uuid:preview_uuid>/cancel/",
        previewing.cancel,
        name="studio_preview_cancel",
    ),
    # Before the page of a course, whose key would take the rest of these addresses in.
    path(
        "course/<path:key>/without/<uuid:uuid>/",
        previewing.start_detachment,
        name="studio_detachment_start",
    ),
    path(
        "course/<path:key>/without/<uuid:uuid>/<uuid:preview_uuid>/",
        previewing.show_detachment,
        name="studio_detachment",
    ),
    path(
        "course/<path:key>/without/<uuid:uuid>/<uuid:preview_uuid>/cancel/",
        previewing.cancel_detachment,
        name="studio_detachment_cancel",
    ),
    path("course/<path:key>/figures/", course_figures.figures, name="studio_figures"),
    path("assets/<str:digest>/<str:name>", pages.asset, name="asset"),
]
