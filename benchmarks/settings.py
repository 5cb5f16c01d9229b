"""The demo's LMS with its real tables and receivers; tasks run at once, in whoever sends them."""

import os

from demo.settings.lms import *  # noqa: F403 - the same site

if "DEMO_DATABASE_ENGINE" not in os.environ:
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
LOGGING = {"version": 1, "disable_existing_loggers": True}
