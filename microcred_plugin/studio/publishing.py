"""From draft to published: what stands in the way, what it led to, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from microcred_plugin import tasks
from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import Rights
from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Cause, EventKind
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import (
    DefinitionRefused,
    DraftChanged,
    Fault,
    Microcredential,
    MicrocredentialVersion,
    Publication,
    VersionState,
)
from microcred_plugin.studio.access import for_authors, for_viewers
from microcred_plugin.studio.closing import CLOSE, CLOSE_ON, KEEP, end_of_day
from microcred_plugin.studio.difference import located
from microcred_plugin.studio.editor import token_of
from microcred_plugin.studio.people import name_of
from microcred_plugin.studio.previewing import preview_part
from microcred_plugin.studio.showing import is_part, show_studio


@require_http_methods(["GET", "HEAD", "POST"])
@for_authors
def publish(request: HttpRequest, rights: Rights, found: Microcredential) -> HttpResponse:
    """What publishing the draft means, what stands in the way, and the button."""
    draft = definitions.draft_of(found)
    if draft is None:
        messages.error(request, _("There is no draft to publish."))
        return redirect("microcred:studio_microcredential", found.uuid)
    not_agreed = authoring.faults_of_agreement(draft, rights)
    faults = [*definitions.faults_before_publication(draft), *not_agreed]
    wrong, status = "", 200
    if request.method == "POST":
        status = 422
        try:
            publication = _publish(request, rights, draft, faults)
        except DefinitionRefused as error:
            wrong = str(error) if not faults else ""
        except DraftChanged:
            status = 409
            wrong = _(
                "Somebody has saved the draft since you opened this page. Look at it again, and "
                "publish it then."
            )
        else:
            return redirect("microcred:studio_publication", found.uuid, publication.uuid)
    open_versions = [
        version
        for version in definitions.versions_of(found)
        if version.state == VersionState.PUBLISHED and version.closes_at is None
    ]
    return show_studio(
        request, "publish.html", status=status, microcredential=found, draft=draft,
        token=token_of(draft), faults=located(faults), wrong=wrong, open_versions=open_versions,
        previous=request.POST.get("previous", CLOSE), day=request.POST.get("day", ""),
        preview=preview_part(rights, found, draft), must_ask=bool(not_agreed),
        tomorrow=(timezone.now() + timedelta(days=1)).date().isoformat(),
    )  # fmt: skip


def _publish(
    request: HttpRequest, rights: Rights, draft: MicrocredentialVersion, faults: list[Fault]
) -> Publication:
    """Raises `DefinitionRefused` where something stands in the way, `DraftChanged`."""
    if faults:
        raise DefinitionRefused(faults)
    if request.POST.get("token") != token_of(draft):
        raise DraftChanged(draft)
    previous = request.POST.get("previous", CLOSE)
    publication = definitions.publish(
        version=draft,
        by_id=rights.user_id,
        previous_closes_at=_closes_at(request) if previous == CLOSE_ON else None,
        keeps_previous_open=previous == KEEP,
        revision=draft.revision,
    )
    tasks.send_publication(str(publication.uuid))
    return publication


def _closes_at(request: HttpRequest) -> datetime:
    """The end of the last day on which the version before counts. Raises `DefinitionRefused`."""
    end = end_of_day(request.POST.get("day", ""))
    if end is None:
        sentence = _("Choose the last day of the version before: today, or a later one.")
        raise DefinitionRefused([Fault("", sentence)])
    return end


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a publication led to for one microcredential: itself, or one that stacks on it."""

    title: str
    sentences: tuple[str, ...]


@require_safe
@for_viewers
def publication(
    request: HttpRequest, rights: Rights, found: Microcredential, publication_uuid: UUID
) -> HttpResponse:
    """How far it has come, and what it led to."""
    made = _find(found, publication_uuid)
    done, known = definitions.progress_of(made)
    is_undone = made.version.state == VersionState.WITHDRAWN
    cause = Cause.UNDO if is_undone else Cause.PUBLICATION
    template = "publication_part.html" if is_part(request) else "publication.html"
    return show_studio(
        request, template, microcredential=found, publication=made, done=done, known=known,
        is_running=made.state in ("pending", "running"), is_undone=is_undone,
        outcomes=_outcomes(cause, made), by=name_of(made.by_id),
        until=[
            _("Version {number} counts until {day}.").format(
                number=closed.number, day=date_format(closed.closes_at)
            )
            for closed in made.closed_versions.all()
            if closed.closes_at is not None and closed.closes_at > timezone.now()
        ],
        holders=awards.holders(found.pk).get(made.version_id, 0),
        may_write=rights.may_write(found.organization),
        may_begin=is_undone and definitions.draft_of(found) is None,
    )  # fmt: skip


def _find(found: Microcredential, uuid: UUID) -> Publication:
    try:
        made = definitions.find_publication(str(uuid))
    except definitions.NotFound:
        made = None
    if made is None or made.version.microcredential_id != found.pk:
        raise Http404(_("There is no such publication."))
    return made


def _outcomes(cause: Cause, made: Publication) -> list[Outcome]:
    counts = awards.led_to(cause, str(made.uuid))
    titles = definitions.titles_by_id(counts)
    own = made.version.microcredential_id
    return [
        Outcome(titles[pk], tuple(_sentences(counts[pk])))
        for pk in sorted(counts, key=lambda pk: (pk != own, titles[pk]))
    ]


def _sentences(kinds: dict[str, int]) -> list[str]:
    """How many of which kind, in words; by the kinds of award events."""
    said = (
        (EventKind.EARNED, ngettext_lazy("{n} learner earned it.", "{n} learners earned it.", "n")),
        (
            EventKind.HELD,
            ngettext_lazy(
                "{n} award waits for somebody to approve it.",
                "{n} awards wait for somebody to approve them.",
                "n",
            ),
        ),
        (
            EventKind.SUSPENDED,
            ngettext_lazy("{n} award was suspended.", "{n} awards were suspended.", "n"),
        ),
        (
            EventKind.REINSTATED,
            ngettext_lazy("{n} award was reinstated.", "{n} awards were reinstated.", "n"),
        ),
        (
            EventKind.REVOKED,
            ngettext_lazy("{n} award was taken back.", "{n} awards were taken back.", "n"),
        ),
        (
            EventKind.RENEWED,
            ngettext_lazy("{n} award was renewed.", "{n} awards were renewed.", "n"),
        ),
    )
    return [str(sentence.format(n=kinds[kind])) for kind, sentence in said if kind in kinds]


@require_POST
@for_authors
def undo(
    request: HttpRequest, rights: Rights, found: Microcredential, publication_uuid: UUID
) -> HttpResponse:
    """Take a published version back, with everything that its publication led to."""
    made = _find(found, publication_uuid)
    definitions.withdraw(publication=made, by_id=rights.user_id)
    tasks.send_publication(str(made.uuid))
    return redirect("microcred:studio_publication", found.uuid, made.uuid)
