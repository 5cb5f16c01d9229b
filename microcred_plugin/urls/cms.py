"""The addresses in Studio, below `/microcredentials/`."""

from __future__ import annotations

from django.urls import path

from microcred_plugin.pages import views as pages
from microcred_plugin.studio import (
    card_api,
    course_figures,
    courses,
    creating,
    editor,
    history,
    issuers,
    listing,
    offers,
    organizations,
    overview,
    pictures,
    previewing,
    publishing,
    skill_lists,
    skills_editor,
    yaml_page,
)

urlpatterns = [
    path("", listing.studio, name="studio"),
    path("organizations/", organizations.organizations, name="studio_organizations"),
    path(
        "organizations/<str:organization>/",
        organizations.organization,
        name="studio_organization",
    ),
    path("organizations/<str:organization>/issuer/", issuers.issuer, name="studio_issuer"),
    path(
        "organizations/<str:organization>/issuer/stolen/<str:name>/",
        issuers.stolen,
        name="studio_issuer_stolen",
    ),
    path("new/", creating.create, name="studio_new"),
    path("m/<uuid:uuid>/", overview.microcredential, name="studio_microcredential"),
    path("m/<uuid:uuid>/settings/", overview.settings, name="studio_settings"),
    path("m/<uuid:uuid>/begin/", overview.begin, name="studio_begin"),
    path("m/<uuid:uuid>/discard/", overview.discard, name="studio_discard"),
    path("m/<uuid:uuid>/edit/", editor.edit, name="studio_edit"),
    path("builder/search/", editor.search, name="builder_search"),
    path("m/<uuid:uuid>/yaml/", yaml_page.edit_yaml, name="studio_yaml"),
    path("m/<uuid:uuid>/definition.yaml", yaml_page.export_yaml, name="studio_export"),
    path("m/<uuid:uuid>/publish/", publishing.publish, name="studio_publish"),
    path(
        "m/<uuid:uuid>/publications/<uuid:publication_uuid>/",
        publishing.publication,
        name="studio_publication",
    ),
    path(
        "m/<uuid:uuid>/publications/<uuid:publication_uuid>/undo/",
        publishing.undo,
        name="studio_undo",
    ),
    path("m/<uuid:uuid>/history/", history.history, name="studio_history"),
    path("m/<uuid:uuid>/history/compare/", history.compare, name="studio_compare"),
    path("m/<uuid:uuid>/history/restore/", history.restore, name="studio_restore"),
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
    path("offers/", offers.offers, name="studio_offers"),
    path("offers/<uuid:uuid>/", offers.offer, name="studio_offer"),
    path("offers/ask/<uuid:uuid>/", offers.ask_others, name="studio_ask"),
    path("course/<path:key>/offer/", courses.offer_course, name="studio_offer_course"),
    path(
        "course/<path:key>/withdraw/<uuid:uuid>/",
        courses.withdraw_course,
        name="studio_withdraw_course",
    ),
    path("course/<path:key>/", courses.course, name="studio_course"),
    path(
        "api/v1/courses/<path:key>/",
        card_api.CourseCardView.as_view(),
        name="studio_api_course",
    ),
    path("m/<uuid:uuid>/badge.svg", pictures.badge, name="studio_badge"),
    path("m/<uuid:uuid>/badge-preview/", pictures.badge_preview, name="studio_badge_preview"),
    path("skills/", skill_lists.skills, name="studio_skills"),
    path("skills/search/", skills_editor.search, name="studio_skill_search"),
    path("assets/<str:digest>/<str:name>", pages.asset, name="asset"),
]
