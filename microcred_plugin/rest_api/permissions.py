"""Who may read what. Whom a request is about is decided before anybody is looked up."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from edx_rest_framework_extensions.auth.jwt.authentication import is_jwt_authenticated
from edx_rest_framework_extensions.auth.jwt.decoder import (
    decode_jwt_filters,
    decode_jwt_is_restricted,
)
from edx_rest_framework_extensions.permissions import JwtHasScope, NotJwtRestrictedApplication
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from microcred_plugin.host import get_host
from microcred_plugin.planning import ask

# What an application that the platform calls restricted needs. The platform does not have it: an
# operator adds it to OAUTH2_PROVIDER["SCOPES"] and gives it to an application, or none has it.
SCOPE = "microcredentials:read"


class SeesEveryOrganization(BasePermission):
    """The token is not for the content of one organisation, which a stack would reach beyond."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        kinds = {kind for kind, _value in decode_jwt_filters(request.auth)}
        return "content_org" not in kinds


class IsActive(BasePermission):
    """The account can have something of its own: it is active."""

    message = gettext_lazy(
        "This account is not active, so nothing is shown of it. Activate it with the link in the "
        "e-mail that was sent when it was made."
    )

    def has_permission(self, request: Request, view: APIView) -> bool:
        return reader_of(request) is not None


ApplicationMayRead = NotJwtRestrictedApplication | (JwtHasScope & SeesEveryOrganization)


def reader_of(request: Request) -> int | None:
    """
    The id of who asks, if they can have something of their own; None is a visitor.

    The platform deactivates an account when it retires it, so the account itself says enough.
    """
    user = request.user
    return int(user.pk) if user.is_authenticated and user.is_active else None


def learner_of(request: Request) -> int:
    """
    Whose records are asked for: one's own, or by `?username=` anybody's for staff of the site.

    Raises `PermissionDenied`, the same whether or not there is such a user; for staff `NotFound`
    and `HostFailed`. The view has found that the reader is active.
    """
    user = request.user
    username = request.query_params.get("username") or user.username
    if username == user.username:
        return int(user.pk)
    if not user.is_staff or is_restricted(request):
        raise PermissionDenied(
            _(
                "You may not read this about other learners: only staff of the site may. Leave "
                "“username” out to read your own."
            )
        )
    # What can't be printed is no user name, and some of it no database can be asked for.
    ids = ask(get_host().learner_ids_by_username, [username]) if username.isprintable() else {}
    people = ask(get_host().learners, ids.values()) if ids else {}
    found = [person for person in people.values() if not person.is_retired]
    if not found:
        raise NotFound(
            _("There is no learner “{username}”. Look for a typing error.").format(
                username=username
            )
        )
    return found[0].id


def is_restricted(request: Request) -> bool:
    """Whether it is an application that asks, which may do no more than its scopes say."""
    return is_jwt_authenticated(request) and bool(decode_jwt_is_restricted(request.auth))
