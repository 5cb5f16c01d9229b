"""The demo as an LMS."""

from edx_django_utils.plugins import add_plugins, get_plugin_apps

from demo.settings.base import *  # noqa: F403 - as the platform's settings do
from demo.settings.base import DEMO_ENCRYPTION_KEY, INSTALLED_APPS

SERVICE_VARIANT = "lms"
DEMO_PROJECT_TYPE = "lms.djangoapp"
ROOT_URLCONF = "demo.urls"

INSTALLED_APPS = [
    *INSTALLED_APPS,
    "demo.results.apps.ResultsConfig",
    *get_plugin_apps(DEMO_PROJECT_TYPE),
]

add_plugins(__name__, DEMO_PROJECT_TYPE, "common")

# What an operator sets in their own file, which the platform reads between the two.
MICROCRED_HOST = "demo.host.DemoHost"
MICROCRED_EMAIL = "on"
MICROCRED_EMAILS_PER_MINUTE = 10_000
MICROCRED_EMAIL_GATHER_SECONDS = 0
MICROCRED_EMAIL_BACKFILL_GATHER_SECONDS = 0
MICROCRED_ORGANIZATION_COLORS = {"NordU": "#23408e", "Harbor": "#0b5f58"}
MICROCRED_KEY_ENCRYPTION_KEYS = [DEMO_ENCRYPTION_KEY]

add_plugins(__name__, DEMO_PROJECT_TYPE, "production")
