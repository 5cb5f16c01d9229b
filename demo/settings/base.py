"""What the demo's LMS and Studio have in common. For a laptop, never for the internet."""

import json
import os
from base64 import urlsafe_b64encode
from pathlib import Path

import django

DEMO_ROOT = Path(__file__).resolve().parent.parent

SECRET_KEY = "the demo has no secrets"

# Nor any whose loss would matter: "the demo has no secrets whatever", in base64.
DEMO_ENCRYPTION_KEY = "dGhlIGRlbW8gaGFzIG5vIHNlY3JldHMgd2hhdGV2ZXI="
ALLOWED_HOSTS = ["*"]

# Off as in production: there, an event's receiver that raises can't disturb who sent the event.
DEBUG = False

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_yasg",
    "demo.apps.DemoConfig",
    "demo.courses.apps.CoursesConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "edx_rest_framework_extensions.auth.jwt.middleware.JwtAuthCookieMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "edx_django_utils.cache.middleware.RequestCacheMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "edx_rest_framework_extensions.auth.jwt.middleware.EnsureJWTAuthSettingsMiddleware",
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
                "demo.views.pages",
            ],
        },
    },
]

DATABASES = {
    "default": {
        "ENGINE": os.environ.get("DEMO_DATABASE_ENGINE", "django.db.backends.sqlite3"),
        "NAME": os.environ.get("DEMO_DATABASE", str(DEMO_ROOT / "demo.sqlite3")),
        "HOST": os.environ.get("DEMO_DATABASE_HOST", ""),
        "PORT": os.environ.get("DEMO_DATABASE_PORT", ""),
        "USER": os.environ.get("DEMO_DATABASE_USER", ""),
        "PASSWORD": os.environ.get("DEMO_DATABASE_PASSWORD", ""),
        "ATOMIC_REQUESTS": True,
    },
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # LMS, Studio and the worker write into one file: whoever comes second waits, from the beginning
    # of a transaction on where Django can say so.
    DATABASES["default"]["OPTIONS"] = {"timeout": 20}
    if django.VERSION >= (5, 1):
        DATABASES["default"]["OPTIONS"]["transaction_mode"] = "IMMEDIATE"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Without DEBUG, Django would keep errors to itself.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # edx-ace tries every channel that is installed, and says at length which ones are not set up.
    "loggers": {"edx_ace": {"level": "ERROR"}, "stevedore": {"level": "CRITICAL"}},
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("ar", "العربية")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

# The platform's own settings: where learners find the LMS, and authors Studio.
LMS_ROOT_URL = os.environ.get("DEMO_LMS_ROOT_URL", "http://localhost:8000")
CMS_ROOT_URL = os.environ.get("DEMO_CMS_ROOT_URL", "http://localhost:8001")

# Tasks run where they are sent, so that the demo needs no broker and no worker.
BROKER_URL = "memory://localhost"
CELERY_ALWAYS_EAGER = True
CELERY_TIMEZONE = TIME_ZONE

# E-mails go through edx-ace as in the platform, and end in a folder; the demo shows what is there.
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = os.environ.get("DEMO_MAILS", str(DEMO_ROOT / "mails"))
DEFAULT_FROM_EMAIL = "microcredentials@demo.example"
ACE_ENABLED_CHANNELS = ["django_email"]
ACE_ENABLED_POLICIES = []
ACE_CHANNEL_DEFAULT_EMAIL = "django_email"
ACE_CHANNEL_TRANSACTIONAL_EMAIL = "django_email"

# Tokens of the REST API, as the LMS has them, but signed with words that all may know. The set of
# keys has to be there: without one, edx-drf-extensions takes every signature for a good one.
_WORDS = "the demo has no secrets, and signs its tokens with these words"
_KEY = {"kty": "oct", "k": urlsafe_b64encode(_WORDS.encode()).decode().rstrip("=")}
JWT_AUTH = {
    "JWT_ALGORITHM": "HS256",
    "JWT_DECODE_HANDLER": "edx_rest_framework_extensions.auth.jwt.decoder.jwt_decode_handler",
    "JWT_AUTH_HEADER_PREFIX": "JWT",
    "JWT_AUTH_COOKIE": "edx-jwt-cookie",
    "JWT_AUTH_COOKIE_HEADER_PAYLOAD": "edx-jwt-cookie-header-payload",
    "JWT_AUTH_COOKIE_SIGNATURE": "edx-jwt-cookie-signature",
    "JWT_SUPPORTED_VERSION": "1.2.0",
    "JWT_ISSUERS": [
        {
            "ISSUER": f"{LMS_ROOT_URL}/oauth2",
            "AUDIENCE": "microcredentials-demo",
            "SECRET_KEY": _WORDS,
        },
    ],
    "JWT_PUBLIC_SIGNING_JWK_SET": json.dumps({"keys": [_KEY]}),
}


# Without this, drf-yasg warns that one format of a schema that nothing here asks for will change.
SWAGGER_USE_COMPAT_RENDERERS = False

# Nobody watches the demo: without this, edx-django-utils looks for New Relic.
OPENEDX_TELEMETRY = []
