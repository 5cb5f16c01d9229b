"""One microcredential: what is being written, what can be earned, and what is its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import Rights
from microcred_plugin.awards import api as awards
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import (
    DefinitionRefused,
    Microcredential,
    MicrocredentialVersion,
    Publication,
    Switch,
    VersionState,
    Visibility,
)
from microcred_plugin.host import get_host
from microcred_plugin.studio.access import for_authors, for_viewers
from microcred_plugin.studio.people import names_of
from microcred_plugin.studio.showing import show_studio

VISIBILITIES = (
    (Visibility.PUBLIC.value, gettext_lazy("everybody")),
    (Visibility.ORGANIZATION.value, gettext_lazy("learners of the organisation")),
    (Visibility.UNLISTED.value, gettext_lazy("only who has the address, and who holds it")),
)
SWITCHES = (
    (Switch.ON.value, gettext_lazy("on: learners earn it")),
    (
        Switch.OBSERVE.value,
        gettext_lazy("observe only: what would be awarded is noted, and nobody is told"),
    ),
    (Switch.OFF.value, gettext_lazy("off: nothing is evaluated")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Published:
    """A version that was published, with how many hold it."""

    version: MicrocredentialVersion
    holders: int
    publication: Publication | None
    is_open: bool

    @property
    def is_withdrawn(self) -> bool:
        return self.version.state == VersionState.WITHDRAWN


@require_safe
@for_viewers
def microcredential(request: HttpRequest, rights: Rights, found: Microcredential) -> HttpResponse:
    """What there is of it: the draft, the versions, who may see it."""
    versions = definitions.versions_of(found)
    draft = next((one for one in versions if one.state == VersionState.DRAFT), None)
    changed_by = names_of([definitions.last_changed_by(draft)]) if draft else {}
    return show_studio(
        request, "microcredential.html", microcredential=found, draft=draft,
        changed_by=next(iter(reversed(changed_by.values())), ""),
        versions=_published(found, versions), may_write=rights.may_write(found.organization),
        waiting=authoring.count_waiting(found),
        visibilities=VISIBILITIES, switches=SWITCHES,
        lms_url=get_host().absolute_url(f"/microcredentials/m/{found.uuid}/"),
    )  # fmt: skip


def _published(found: Microcredential, versions: list[MicrocredentialVersion]) -> list[Published]:
    now: datetime = timezone.now()
    holders = awards.holders(found.pk)
    publications = {one.version_id: one for one in definitions.publications_of(found)}
    return [
        Published(
            version,
            holders.get(version.pk, 0),
            publications.get(version.pk),
            version.state == VersionState.PUBLISHED
            and (version.closes_at is None or version.closes_at > now),
        )
        for version in versions
        if version.state != VersionState.DRAFT
    ]


@require_POST
@for_authors
def begin(request: HttpRequest, rights: Rights, found: Microcredential) -> HttpResponse:
    """
    Begin the next version, from the newest one or from the one that is named.

    From one whose publication was undone only if there is no other, or if it is named.
    """
    number = request.POST.get("version", "")
    versions = definitions.versions_of(found)
    chosen = next((one for one in versions if str(one.number) == number), None)
    standing = (one for one in versions if one.state != VersionState.WITHDRAWN)
    source = chosen or next(standing, None) or next(iter(versions), None)
    content = definitions.content_of(source) if source else {}
    try:
        definitions.create_draft(microcredential=found, content=content, by_id=rights.user_id)
    except DefinitionRefused as error:
        messages.error(request, str(error))
        return redirect("microcred:studio_microcredential", found.uuid)
    if chosen is not None:
        messages.success(
            request, _("This draft says what version {number} said.").format(number=number)
        )
    return redirect("microcred:studio_edit", found.uuid)


@require_POST
@for_authors
def discard(request: HttpRequest, rights: Rights, found: Microcredential) -> HttpResponse:
    """Throw the draft away. The history keeps what it said."""
    draft = definitions.draft_of(found)
    if draft is not None:
        definitions.discard_draft(version=draft, by_id=rights.user_id)
        messages.success(
            request, _("The draft is discarded. The history has what it said, to begin again.")
        )
    return redirect("microcred:studio_microcredential", found.uuid)


@require_POST
@for_authors
def settings(request: HttpRequest, rights: Rights, found: Microcredential) -> HttpResponse:
    """Change who may see it, and whether it is evaluated."""
    values = {name: request.POST[name] for name in ("visibility", "switch") if name in request.POST}
    try:
        definitions.change_microcredential(microcredential=found, by_id=rights.user_id, **values)
    except DefinitionRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Saved."))
    return redirect("microcred:studio_microcredential", found.uuid)
