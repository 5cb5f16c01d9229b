"""The settings of the tests: the demo's LMS with the plugin in it, on a platform that is a fake."""

import os

from demo.settings.lms import *  # noqa: F403 - the same site, made fast

DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}

# On another database, which has to be there already: MICROCRED_TEST_DATABASE=mysql or postgres.
if _server := os.environ.get("MICROCRED_TEST_DATABASE"):
    DATABASES["default"] = {
        "ENGINE": {
            "mysql": "django.db.backends.mysql",
            "postgres": "django.db.backends.postgresql",
        }[_server],
        "NAME": "microcred",
        "HOST": os.environ.get("MICROCRED_TEST_DATABASE_HOST", "127.0.0.1"),
        "PORT": os.environ.get("MICROCRED_TEST_DATABASE_PORT", ""),
        "USER": os.environ.get("MICROCRED_TEST_DATABASE_USER", ""),
        "PASSWORD": os.environ.get("MICROCRED_TEST_DATABASE_PASSWORD", ""),
    }

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MICROCRED_HOST = "tests.fakes.FakeHost"

# As on a site that has said nothing about e-mails; the tests of the mails turn them on.
MICROCRED_EMAIL = "off"
MICROCRED_EMAILS_PER_MINUTE = 100
MICROCRED_EMAIL_GATHER_SECONDS = 60
MICROCRED_EMAIL_BACKFILL_GATHER_SECONDS = 1800
