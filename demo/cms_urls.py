"""The demo's Studio: its page, the admin, and whatever the plugin mounts there."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.contrib.staticfiles.views import serve
from django.urls import include, path, re_path
from edx_django_utils.plugins import get_plugin_url_patterns

from demo.studio import become, home

own_urls = [
    path("", home, name="home"),
    path("as/<str:username>/", become, name="become"),
    path("login/", LoginView.as_view(template_name="demo/login.html"), name="login"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    # DEBUG is off, so that Django would serve no style sheets by itself.
    re_path(r"^static/(?P<path>.*)$", serve, {"insecure": True}),
]
urlpatterns = [*own_urls, *get_plugin_url_patterns(settings.DEMO_PROJECT_TYPE)]
