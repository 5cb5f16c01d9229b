"""How the plugin loader of the LMS and of Studio wires the plugin in."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from edx_django_utils.plugins.constants import PluginSettings, PluginSignals, PluginURLs

LMS = "lms.djangoapp"
CMS = "cms.djangoapp"

# Only the LMS evaluates, so only its beat has the sweep.
_SETTINGS = {
    LMS: {
        "common": {PluginSettings.RELATIVE_PATH: "settings.lms"},
        "production": {PluginSettings.RELATIVE_PATH: "settings.lms_production"},
    },
    CMS: {"common": {PluginSettings.RELATIVE_PATH: "settings.cms"}},
}

# The receiver for each event of the platform. All of them come from the LMS and its workers.
_RECEIVERS = {
    "COURSE_PASSING_STATUS_UPDATED": "on_passing_status",
    "CCX_COURSE_PASSING_STATUS_UPDATED": "on_passing_status",
    "PERSISTENT_GRADE_SUMMARY_CHANGED": "on_grade",
    "CERTIFICATE_CREATED": "on_certificate",
    "CERTIFICATE_CHANGED": "on_certificate",
    "CERTIFICATE_REVOKED": "on_certificate",
    "COURSE_ENROLLMENT_CREATED": "on_enrollment",
    "COURSE_ENROLLMENT_CHANGED": "on_enrollment",
}


class MicrocredPluginConfig(AppConfig):
    """The Django app, and what the plugin loader reads from it."""

    name = "microcred_plugin"
    verbose_name = "Microcredentials"
    default_auto_field = "django.db.models.BigAutoField"

    plugin_app: ClassVar[dict[str, Any]] = {
        PluginSettings.CONFIG: _SETTINGS,
        PluginURLs.CONFIG: {
            LMS: {
                PluginURLs.NAMESPACE: "microcred",
                PluginURLs.REGEX: r"^microcredentials/",
                PluginURLs.RELATIVE_PATH: "urls.lms",
            },
            CMS: {
                PluginURLs.NAMESPACE: "microcred",
                PluginURLs.REGEX: r"^microcredentials/",
                PluginURLs.RELATIVE_PATH: "urls.cms",
            },
        },
        PluginSignals.CONFIG: {
            LMS: {
                PluginSignals.RELATIVE_PATH: "receivers",
                PluginSignals.RECEIVERS: [
                    {
                        PluginSignals.RECEIVER_FUNC_NAME: receiver,
                        PluginSignals.SIGNAL_PATH: f"openedx_events.learning.signals.{event}",
                        PluginSignals.DISPATCH_UID: f"microcred_plugin.{event}",
                    }
                    for event, receiver in _RECEIVERS.items()
                ],
            },
        },
    }

    def ready(self) -> None:
        """Register the system checks, and listen for retirements where a host is configured."""
        from microcred_plugin import checks  # noqa: F401, PLC0415 - registers when apps are ready
        from microcred_plugin.receivers import connect_retirement  # noqa: PLC0415 - needs models

        connect_retirement()
