"""How often somebody may have something verified, by a setting of the plugin's own."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from edx_django_utils.ip import get_safest_client_ip
from rest_framework.throttling import SimpleRateThrottle


class VerifierThrottle(SimpleRateThrottle):
    """
    Each user by themselves; who is not logged in, by the address that they come from.

    X-Forwarded-For is believed as far as the site's own proxies wrote it, and no farther: see
    edx_django_utils.ip, CLOSEST_CLIENT_IP_FROM_HEADERS.
    """

    scope = "microcred_verifier"

    def get_rate(self) -> str | None:
        rate: str | None = settings.MICROCRED_VERIFIER_RATE
        return rate

    def get_cache_key(self, request: HttpRequest, view: Any) -> str:
        who = (
            f"user-{request.user.pk}"
            if request.user.is_authenticated
            else f"from-{get_safest_client_ip(request)}"
        )
        return str(self.cache_format % {"scope": self.scope, "ident": who})


def seconds_to_wait(request: HttpRequest) -> int:
    """How long until this reader may ask again; 0: this time they may, and it is counted."""
    throttle = VerifierThrottle()
    if throttle.allow_request(request, None):
        return 0
    return max(1, round(throttle.wait() or 1))
