"""What the card of the authoring micro-frontend shows of a course, as JSON."""

from __future__ import annotations

from typing import ClassVar

from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from edx_rest_framework_extensions.auth.jwt.authentication import JwtAuthentication
from edx_rest_framework_extensions.auth.session.authentication import (
    SessionAuthenticationAllowInactiveUser,
)
from edx_rest_framework_extensions.permissions import NotJwtRestrictedApplication
from rest_framework.exceptions import APIException, NotAuthenticated, NotFound, PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from microcred_plugin.authoring import api as authoring
from microcred_plugin.host import get_host
from microcred_plugin.planning import HostFailed
from microcred_plugin.studio.access import written_run
from microcred_plugin.studio.course_page import counts

SHOWN = 3


class Unavailable(APIException):
    """The platform could not be asked."""

    status_code = 503
    default_code = "unavailable"


class CourseCardView(APIView):
    """A course run, for those who may write it; for others there is no such run."""

    # All of it is said here: a site's defaults for its other APIs may be anything.
    authentication_classes = (JwtAuthentication, SessionAuthenticationAllowInactiveUser)
    permission_classes: ClassVar = (IsAuthenticated, NotJwtRestrictedApplication)
    renderer_classes = (JSONRenderer,)
    http_method_names = ("get", "head", "options")

    def get(self, request: Request, key: str) -> Response:
        """What it counts towards, the first few by title, and how many offers wait for its yes."""
        rights = authoring.rights_of(request.user)
        if rights.user_id is None:
            raise PermissionDenied(_("This account is not active. Activate it first."))
        run = written_run(rights, key)
        if run is None:
            raise NotFound(_("There is no such course, or you may not write it."))
        counted, waiting = counts(rights, run)
        first = [
            {
                "uuid": one.uuid,
                "title": one.title,
                "organization": one.organization,
                "url": get_host().absolute_url(f"/microcredentials/m/{one.uuid}/"),
            }
            for one in counted[:SHOWN]
        ]
        return Response(
            {
                "url": authoring.studio_address("studio_course", run.run),
                "counts_towards": {"count": len(counted), "first": first},
                "waiting": waiting,
                "may_write": True,
            }
        )

    def permission_denied(
        self, request: Request, message: str | None = None, code: str | None = None
    ) -> None:
        if not request.successful_authenticator:
            raise NotAuthenticated(_("Nobody is logged in. Log in, or send a token."))
        super().permission_denied(request, message=message, code=code)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, HostFailed):
            exc = Unavailable(_("The courses could not be read. Try again later."))
        return super().handle_exception(exc)

    def finalize_response(
        self, request: Request, response: Response, *args: object, **kwargs: object
    ) -> Response:
        """What is said depends on who asks, and no cache keeps it."""
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        patch_vary_headers(response, ("Accept-Language", "Authorization", "Cookie"))
        return response
