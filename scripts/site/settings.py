"""A minimal LMS or CMS, as $SERVICE says, on the real plugin loader."""

import os

from edx_django_utils.plugins import add_plugins, get_plugin_apps

PROJECT_TYPE = f"{os.environ['SERVICE']}.djangoapp"
SECRET_KEY = "none"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "urls"
STATIC_URL = "/static/"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "site.sqlite3"}}
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    *get_plugin_apps(PROJECT_TYPE),
]

add_plugins(__name__, PROJECT_TYPE, "common")

# What an operator's file does: it names the host, and replaces whole settings.
MICROCRED_HOST = "host.Host"
MICROCRED_KEY_ENCRYPTION_KEYS = ["dGhpcyBzaXRlIGlzIGdvbmUgaW4gYSBtaW51dGUuLi4="]
CELERYBEAT_SCHEDULE: dict[str, object] = {}

add_plugins(__name__, PROJECT_TYPE, "production")
