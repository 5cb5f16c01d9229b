"""The demo's LMS: its pages, the admin, and whatever the plugin mounts."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.contrib.staticfiles.views import serve
from django.urls import include, path, re_path
from edx_django_utils.plugins import get_plugin_url_patterns

from demo.mails import mail, mails
from demo.views import become, course, home

urlpatterns = [
    path("", home, name="home"),
    path("as/<str:username>/", become, name="become"),
    path("courses/<str:key>/", course, name="course"),
    path("mails/", mails, name="mails"),
    path("mails/<int:number>/", mail, name="mail"),
    path("login/", LoginView.as_view(template_name="demo/login.html"), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    # DEBUG is off, so that Django would serve no style sheets by itself.
    re_path(r"^static/(?P<path>.*)$", serve, {"insecure": True}),
    *get_plugin_url_patterns(settings.DEMO_PROJECT_TYPE),
]
