"""The addresses in the LMS, below `/microcredentials/`. What has a uuid lasts for ever."""

from __future__ import annotations

from django.urls import include, path

from microcred_plugin.instructor import views as instructor
from microcred_plugin.learner import views
from microcred_plugin.pages import views as pages
from microcred_plugin.public import award as public_award
from microcred_plugin.public import documents, issuer, profile, sharing, verifying
from microcred_plugin.support import views as support

urlpatterns = [
    path("", views.home, name="home"),
    path("catalog/", views.catalog, name="catalog"),
    path("m/<uuid:uuid>/", views.microcredential, name="microcredential"),
    path("m/<uuid:uuid>/<int:number>/", views.microcredential, name="version"),
    path("m/<uuid:uuid>/<int:number>/badge.svg", views.badge_svg, name="badge_svg"),
    path("m/<uuid:uuid>/<int:number>/badge.png", views.badge_png, name="badge_png"),
    path("awards/<uuid:uuid>", public_award.award, name="award"),
    path("awards/<uuid:uuid>.json", documents.award_json, name="award_json"),
    path("awards/<uuid:uuid>.jwt", documents.award_jwt, name="award_jwt"),
    path("awards/<uuid:uuid>.png", documents.award_png, name="award_png"),
    path("awards/<uuid:uuid>/qr.svg", documents.award_qr, name="award_qr"),
    path("awards/<uuid:uuid>/share", public_award.share, name="share"),
    path("sharing/", sharing.sharing, name="sharing"),
    path("people/<uuid:share_id>/", profile.profile, name="profile"),
    path("issuers/<slug:slug>/", issuer.issuer, name="issuer"),
    path("issuers/<slug:slug>/did.json", documents.did_json, name="did_json"),
    path("issuers/<slug:slug>/keys/<str:name>", documents.key, name="issuer_key"),
    path("issuers/<slug:slug>/status/<int:number>", documents.status_list, name="status_list"),
    path("issuers/<slug:slug>/logo", documents.logo, name="issuer_logo"),
    path("awards/<uuid:uuid>/page", views.place_award, name="place_award"),
    path("verify/", verifying.verify, name="verify"),
    path("mail", views.mail_choice, name="mail_choice"),
    path("mail/<str:token>/", views.mail, name="mail"),
    path("course/<path:key>/", views.course, name="course"),
    path("instructor/<path:key>/learners.csv", instructor.class_csv, name="class_csv"),
    path("instructor/<path:key>/", instructor.class_list, name="class_list"),
    path("support/", support.support, name="support"),
    path("support/<int:learner_id>/", support.learner, name="support_learner"),
    path("support/<int:learner_id>/<uuid:uuid>/", support.explained, name="support_explain"),
    path("health/", support.health, name="health"),
    path("assets/<str:digest>/<str:name>", pages.asset, name="asset"),
    path("api/v1/", include("microcred_plugin.urls.api")),
]
