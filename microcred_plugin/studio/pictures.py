"""Badges as authors see them: of any version, a draft's too, and of what is only typed so far."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from microcred_plugin.authoring.api import Rights
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import (
    Face,
    Microcredential,
    MicrocredentialVersion,
    VersionState,
)
from microcred_plugin.pages.api import picture
from microcred_plugin.presenting.pictures import drawing_of, generated
from microcred_plugin.studio.access import for_authors, for_everybody
from microcred_plugin.studio.showing import show_studio

_LONGEST_TITLE, _LONGEST_LEVEL = 255, 64


@dataclass(frozen=True, slots=True)
class Sketch:
    """A generated badge, in both of its renditions, as addresses that hold the drawings."""

    title: str
    large_url: str
    small_url: str


@require_safe
@for_everybody
def badge(request: HttpRequest, rights: Rights, uuid: UUID) -> HttpResponse:
    """
    The badge of version `?v=`, or of the newest one.

    What has been published anybody may see who is logged in; a draft, those who may view it.
    """
    version = _version(str(uuid), request.GET.get("v", ""))
    if version is None or not _may_see(rights, version):
        raise Http404(_("There is no such microcredential, or you may not do this with it."))
    return picture(drawing_of(version), "image/svg+xml")


@require_POST
@for_authors
def badge_preview(
    request: HttpRequest, rights: Rights, microcredential: Microcredential
) -> HttpResponse:
    """The part of a page with the badge that would be drawn for what stands in the form."""
    typed = sketched(
        microcredential,
        title=request.POST.get("title", ""),
        level=request.POST.get("level", ""),
        level_framework=request.POST.get("level_framework", ""),
    )
    return show_studio(request, "badge_preview.html", sketch=typed)


def sketched(
    microcredential: Microcredential, *, title: str, level: str, level_framework: str
) -> Sketch:
    """The badge that would be drawn for these values, which need not be saved."""
    version = definitions.find_version_or_draft(microcredential)
    level = definitions.level_in_words(
        level_framework.strip()[:_LONGEST_LEVEL], level.strip()[:_LONGEST_LEVEL]
    )
    face = Face(
        uuid=str(microcredential.uuid),
        number=version.number if version else 1,
        title=title.strip()[:_LONGEST_TITLE] or microcredential.title,
        organization=microcredential.organization,
        language="",
        level=level,
        depth=version.depth if version else 1,
        image_digest=None,
    )
    return Sketch(
        title=face.title,
        large_url=_inlined(generated(face, is_small=False)),
        small_url=_inlined(generated(face, is_small=True)),
    )


def _inlined(svg: str) -> str:
    encoded = base64.b64encode(svg.encode("utf-8", "replace")).decode()
    return f"data:image/svg+xml;base64,{encoded}"


def _version(uuid: str, number: str) -> MicrocredentialVersion | None:
    try:
        found = definitions.find_microcredential(uuid)
    except definitions.NotFound:
        return None
    if not number:
        return definitions.find_version_or_draft(found)
    is_number = number.isascii() and number.isdecimal() and len(number) < 10
    return definitions.find_version_or_draft(found, int(number)) if is_number else None


def _may_see(rights: Rights, version: MicrocredentialVersion) -> bool:
    return version.state != VersionState.DRAFT or rights.may_view(
        version.microcredential.organization
    )
