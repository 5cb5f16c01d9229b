"""The demo's Studio: the admin, and whatever the plugin mounts there."""

from django.conf import settings
from django.contrib import admin
from django.contrib.staticfiles.views import serve
from django.urls import path, re_path
from django.views.generic import RedirectView
from edx_django_utils.plugins import get_plugin_url_patterns

urlpatterns = [
    path("", RedirectView.as_view(url="/admin/"), name="home"),
    path("login/", RedirectView.as_view(url="/admin/login/", query_string=True), name="login"),
    path("admin/", admin.site.urls),
    re_path(r"^static/(?P<path>.*)$", serve, {"insecure": True}),
    *get_plugin_url_patterns(settings.DEMO_PROJECT_TYPE),
]
