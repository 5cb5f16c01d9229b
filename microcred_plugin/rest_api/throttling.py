"""How often somebody may ask, by settings of the plugin's own: a site need not name any rate."""

from __future__ import annotations

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, UserRateThrottle
from rest_framework.views import APIView


class UserThrottle(UserRateThrottle):
    """Each user by themselves."""

    scope = "microcred_user"

    def get_rate(self) -> str | None:
        rate: str | None = settings.MICROCRED_API_USER_RATE
        return rate

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        is_user = request.user and request.user.is_authenticated
        return str(super().get_cache_key(request, view)) if is_user else None


class VisitorThrottle(AnonRateThrottle):
    """Who is not logged in, by their address."""

    scope = "microcred_visitor"

    def get_rate(self) -> str | None:
        rate: str | None = settings.MICROCRED_API_VISITOR_RATE
        return rate
