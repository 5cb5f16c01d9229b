"""The demo as Studio: the LMS's database, without the apps for grades and certificates."""

from edx_django_utils.plugins import add_plugins, get_plugin_apps

from demo.settings.base import *  # noqa: F403 - as the platform's settings do
from demo.settings.base import DEMO_ENCRYPTION_KEY, INSTALLED_APPS

SERVICE_VARIANT = "cms"
DEMO_PROJECT_TYPE = "cms.djangoapp"
ROOT_URLCONF = "demo.cms_urls"

INSTALLED_APPS = [*INSTALLED_APPS, *get_plugin_apps(DEMO_PROJECT_TYPE)]

add_plugins(__name__, DEMO_PROJECT_TYPE, "common")

# What an operator sets in their own file, which the platform reads between the two.
MICROCRED_HOST = "demo.host.DemoHost"
MICROCRED_ORGANIZATION_COLORS = {"NordU": "#23408e", "Harbor": "#0b5f58"}

# Logging in to one service is not logging in to the other: here both are on one host.
SESSION_COOKIE_NAME = "studio_sessionid"
MICROCRED_KEY_ENCRYPTION_KEYS = [DEMO_ENCRYPTION_KEY]

add_plugins(__name__, DEMO_PROJECT_TYPE, "production")
