"""The addresses in Studio, below `/microcredentials/`."""

from __future__ import annotations

from django.urls import path

from microcred_plugin.pages import views as pages
from microcred_plugin.studio import (
    creating,
    editor,
    history,
    listing,
    organizations,
    overview,
    publishing,
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
    path("assets/<str:digest>/<str:name>", pages.asset, name="asset"),
]
