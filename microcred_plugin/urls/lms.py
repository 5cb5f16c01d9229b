"""The addresses in the LMS, below `/microcredentials/`. What has a uuid lasts for ever."""

from __future__ import annotations

from django.urls import include, path

from microcred_plugin.learner import views

urlpatterns = [
    path("", views.home, name="home"),
    path("catalog/", views.catalog, name="catalog"),
    path("m/<uuid:uuid>/", views.microcredential, name="microcredential"),
    path("m/<uuid:uuid>/<int:number>/", views.microcredential, name="version"),
    path("m/<uuid:uuid>/<int:number>/badge.svg", views.badge_svg, name="badge_svg"),
    path("m/<uuid:uuid>/<int:number>/badge.png", views.badge_png, name="badge_png"),
    path("awards/<uuid:uuid>", views.award, name="award"),
    path("awards/<uuid:uuid>/page", views.place_award, name="place_award"),
    path("course/<path:key>/", views.course, name="course"),
    path("assets/<str:digest>/<str:name>", views.asset, name="asset"),
    path("api/v1/", include("microcred_plugin.urls.api")),
]
