"""What every endpoint has in common: who is let in, how often, and what an error says."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from edx_rest_framework_extensions.auth.jwt.authentication import JwtAuthentication
from edx_rest_framework_extensions.auth.session.authentication import (
    SessionAuthenticationAllowInactiveUser,
)
from rest_framework.exceptions import APIException, MethodNotAllowed, NotAuthenticated
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from microcred_plugin.planning import HostFailed
from microcred_plugin.rest_api.permissions import SCOPE, ApplicationMayRead, IsActive
from microcred_plugin.rest_api.throttling import UserThrottle, VisitorThrottle


class Unavailable(APIException):
    """The platform could not be asked."""

    status_code = 503
    default_code = "unavailable"


class PublicView(APIView):
    """An endpoint that answers everybody; who is logged in sees where they stand as well."""

    # All of it is said here: a site's defaults for its other APIs may be anything.
    authentication_classes = (JwtAuthentication, SessionAuthenticationAllowInactiveUser)
    permission_classes: ClassVar[Any] = (ApplicationMayRead,)
    renderer_classes = (JSONRenderer,)
    throttle_classes = (UserThrottle, VisitorThrottle)
    required_scopes = (SCOPE,)
    http_method_names = ("get", "head")

    def permission_denied(
        self, request: Request, message: str | None = None, code: str | None = None
    ) -> None:
        if not request.successful_authenticator:
            raise NotAuthenticated(
                _(
                    "This is about a learner, and nobody is logged in. Log in, or send a token in "
                    "the header “Authorization: JWT …”."
                )
            )
        super().permission_denied(request, message=message, code=code)

    def http_method_not_allowed(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        raise MethodNotAllowed(
            request.method,
            detail=_("This address can only be read, so there is no “{method}”. Use GET.").format(
                method=request.method
            ),
        )

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, HostFailed):
            exc = Unavailable(
                _("The course records could not be read. Nothing is lost; try again later.")
            )
        return super().handle_exception(exc)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """What is said depends on who asks and in which language, and no cache keeps it."""
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        patch_vary_headers(response, ("Accept-Language", "Authorization", "Cookie"))
        return response


class LearnerView(PublicView):
    """An endpoint about a learner."""

    permission_classes: ClassVar[Any] = (IsAuthenticated, IsActive, ApplicationMayRead)
