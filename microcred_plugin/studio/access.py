"""
Who may open which page of Studio. Every view of this surface is wrapped in one of these.

To everybody else a page is the same as that of something which does not exist.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from opaque_keys import InvalidKeyError

from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import Rights
from microcred_plugin.definitions import api as definitions
from microcred_plugin.host import get_host
from microcred_plugin.host.interface import CourseRun, CourseSelection, course_of
from microcred_plugin.pages.api import View, page
from microcred_plugin.planning import ask


def for_everybody(view: View) -> View:
    """A page for whoever is logged in, given their rights; it decides itself what it shows."""

    @wraps(view)
    def looked_at(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, authoring.rights_of(request.user), *args, **kwargs)

    return login_required(page(looked_at))


def for_members(view: View) -> View:
    """A page for those who are anything in any organisation, given their rights."""

    @wraps(view)
    def looked_at(
        request: HttpRequest, rights: Rights, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        if not rights.is_anybody:
            raise Http404(_("There is no such page, or you may not see it."))
        return view(request, rights, *args, **kwargs)

    return for_everybody(looked_at)


def for_viewers(view: View) -> View:
    """A page of a microcredential, for those who may see its drafts."""
    return _of_microcredential(view, Rights.may_view)


def for_authors(view: View) -> View:
    """A page of a microcredential, for those who may write it."""
    return _of_microcredential(view, Rights.may_write)


def for_admins(view: View) -> View:
    """A page of an organisation, for those who say who is what in it."""

    @wraps(view)
    def looked_at(
        request: HttpRequest, rights: Rights, organization: str, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        if not rights.may_administer(organization):
            raise Http404(_("There is no such organisation, or you are not an admin of it."))
        return view(request, rights, organization, *args, **kwargs)

    return for_everybody(looked_at)


def for_members_of(view: View) -> View:
    """A page of an organisation, for those who are anything in it."""

    @wraps(view)
    def looked_at(
        request: HttpRequest, rights: Rights, organization: str, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        if not rights.may_view(organization):
            raise Http404(_("There is no such organisation, or you do not belong to it."))
        return view(request, rights, organization, *args, **kwargs)

    return for_everybody(looked_at)


def for_course_team(view: View) -> View:
    """A page of a course run, for those who may write it in Studio; given the run."""

    @wraps(view)
    def looked_at(
        request: HttpRequest, rights: Rights, key: str, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        run = written_run(rights, key)
        if run is None:
            raise Http404(_("There is no such course, or you may not write it."))
        return view(request, rights, run, *args, **kwargs)

    return for_everybody(looked_at)


def written_run(rights: Rights, key: str) -> CourseRun | None:
    """The course run with this key, if this user may write it. Raises `HostFailed`."""
    try:
        course_of(key)
    except InvalidKeyError:
        return None
    if rights.user_id is None or key not in ask(get_host().may_author, rights.user_id, [key]):
        return None
    return ask(get_host().course_runs, CourseSelection(runs=frozenset([key]))).get(key)


def _of_microcredential(view: View, may: Callable[[Rights, str], bool]) -> View:
    @wraps(view)
    def looked_at(
        request: HttpRequest, rights: Rights, uuid: UUID, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        found = definitions.microcredential_with(uuid)
        if found is None or not may(rights, found.organization):
            raise Http404(_("There is no such microcredential, or you may not do this with it."))
        return view(request, rights, found, *args, **kwargs)

    return for_everybody(looked_at)
