"""The addresses in Studio, below `/microcredentials/`."""

from __future__ import annotations

from django.urls import path

from microcred_plugin.pages import views as pages
from microcred_plugin.studio import card_api, courses, listing, offers, organizations

urlpatterns = [
    path("", listing.studio, name="studio"),
    path("organizations/", organizations.organizations, name="studio_organizations"),
    path(
        "organizations/<str:organization>/",
        organizations.organization,
        name="studio_organization",
    ),
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
    path("assets/<str:digest>/<str:name>", pages.asset, name="asset"),
]
