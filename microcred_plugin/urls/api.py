"""The addresses of the REST API, below `/microcredentials/api/v1/`."""

from __future__ import annotations

import edx_api_doc_tools as apidocs
from django.urls import include, path

from microcred_plugin.rest_api import views

endpoints = [
    path("overview/", views.DashboardView.as_view(), name="api_overview"),
    path("awards/", views.AwardsView.as_view(), name="api_awards"),
    path("awards/<uuid:uuid>/", views.AwardView.as_view(), name="api_award"),
    path("progress/", views.ProgressView.as_view(), name="api_progress"),
    path("courses/", views.CoursesView.as_view(), name="api_courses"),
    path("courses/<path:course_key>/", views.CourseView.as_view(), name="api_course"),
    path("microcredentials/", views.MicrocredentialsView.as_view(), name="api_microcredentials"),
    path(
        "microcredentials/<uuid:uuid>/",
        views.MicrocredentialView.as_view(),
        name="api_microcredential",
    ),
]

# The platform's own /api-docs/ shows what is below /api/ alone, so the documents are here.
_INFO = apidocs.openapi.Info(
    title="Microcredentials",
    default_version="v1",
    description="What learners hold, what is under way, what a course counts towards, and what "
    "can be earned. Everything is read only; texts are in the language of the request.",
)
_MOUNTED = [path("microcredentials/api/v1/", include(endpoints))]

urlpatterns = [
    *endpoints,
    # With `?format=openapi` the schema itself.
    path("docs/", apidocs.make_docs_ui_view(_INFO, _MOUNTED), name="api_docs"),
]
