"""Whom a publication would concern, and what taking a course out would change: asked and shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from microcred_plugin import previewing, tasks
from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import Preview, Rights
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import (
    Fault,
    Microcredential,
    MicrocredentialVersion,
)
from microcred_plugin.host.interface import CourseRun
from microcred_plugin.studio.access import for_authors, for_course_team, for_viewers
from microcred_plugin.studio.closing import CLOSE, CLOSE_ON, KEEP, end_of_day
from microcred_plugin.studio.foreseen import Section, may_see, sections_of
from microcred_plugin.studio.showing import is_part, show_studio

# --- a publication -------------------------------------------------------------------------------


@require_POST
@for_authors
def start(request: HttpRequest, rights: Rights, found: Microcredential) -> HttpResponse:
    """Ask whom the draft would concern, as it is now."""
    draft = definitions.draft_of(found)
    if draft is None:
        raise Http404(_("There is no draft any more. What is published is seen in the history."))
    faults = definitions.faults_before_publication(draft)
    previous = _previous(request)
    if previous is None:
        sentence = _("Choose the last day of the version before: today, or a later one.")
        faults = [*faults, Fault("", sentence)]
    if previous is None or faults:
        return show_studio(
            request, "preview.html", status=422, microcredential=found, faults=faults
        )
    preview = authoring.ask_preview(
        kind=Preview.Kind.PUBLICATION,
        microcredential_id=found.pk,
        revision=draft.revision,
        content={"of": {"draft": definitions.deciding(draft)}, "previous": previous},
        by_id=rights.user_id,
        now=timezone.now(),
    )
    tasks.send_preview(str(preview.uuid))
    return redirect("microcred:studio_preview", found.uuid, preview.uuid)


def _previous(request: HttpRequest) -> str | None:
    """What is assumed to become of the versions before; None if a date is wrong."""
    chosen = request.POST.get("previous", CLOSE)
    if chosen == CLOSE_ON:
        end = end_of_day(request.POST.get("day", ""))
        return None if end is None else end.isoformat()
    return KEEP if chosen == KEEP else CLOSE


@require_safe
@for_viewers
def show(
    request: HttpRequest, rights: Rights, found: Microcredential, preview_uuid: UUID
) -> HttpResponse:
    """How far it has come, and what it has found."""
    preview = _find(preview_uuid, Preview.Kind.PUBLICATION, found)
    shown = _shown(preview, rights, found, draft=definitions.draft_of(found))
    return _page(request, shown)


@require_POST
@for_authors
def cancel(
    request: HttpRequest, rights: Rights, found: Microcredential, preview_uuid: UUID
) -> HttpResponse:
    """Have nobody go on with it."""
    preview = _find(preview_uuid, Preview.Kind.PUBLICATION, found)
    authoring.cancel_preview(preview)
    return redirect("microcred:studio_preview", found.uuid, preview.uuid)


def preview_part(
    rights: Rights, found: Microcredential, draft: MicrocredentialVersion
) -> Shown | None:
    """
    The newest preview of a draft, for a page that includes `studio/preview_section.html`.

    It goes there as `preview`, beside `microcredential` and `may_write`; where it is None, the
    template has only the button that asks.
    """
    preview = authoring.newest_preview(found.pk, kind=Preview.Kind.PUBLICATION)
    if preview is None or preview.asked_at < draft.created:
        return None
    return _shown(preview, rights, found, draft=draft)


# --- taking a course out -------------------------------------------------------------------------


@require_POST
@for_course_team
def start_detachment(
    request: HttpRequest, rights: Rights, run: CourseRun, uuid: UUID
) -> HttpResponse:
    """Ask what it would change if a microcredential no longer asked for this run."""
    found = _microcredential(uuid)
    of = _without(found, run.run, rights)
    if not of:
        raise Http404(_("This course does not count towards it, so there is nothing to take out."))
    preview = authoring.ask_preview(
        kind=Preview.Kind.DETACHMENT,
        microcredential_id=found.pk,
        run=run.run,
        content={"of": of, "previous": CLOSE},
        by_id=rights.user_id,
        now=timezone.now(),
    )
    tasks.send_preview(str(preview.uuid))
    return redirect("microcred:studio_detachment", run.run, found.uuid, preview.uuid)


@require_safe
@for_course_team
def show_detachment(
    request: HttpRequest, rights: Rights, run: CourseRun, uuid: UUID, preview_uuid: UUID
) -> HttpResponse:
    """How far it has come, and what it has found."""
    found = _microcredential(uuid)
    preview = _find(preview_uuid, Preview.Kind.DETACHMENT, found, run.run)
    return _page(request, _shown(preview, rights, found, run=run), run=run)


@require_POST
@for_course_team
def cancel_detachment(
    request: HttpRequest, rights: Rights, run: CourseRun, uuid: UUID, preview_uuid: UUID
) -> HttpResponse:
    """Have nobody go on with it."""
    found = _microcredential(uuid)
    authoring.cancel_preview(_find(preview_uuid, Preview.Kind.DETACHMENT, found, run.run))
    return redirect("microcred:studio_detachment", run.run, found.uuid, preview_uuid)


def detachment_part(rights: Rights, found: Microcredential, run: CourseRun) -> Shown | None:
    """The newest preview of taking this run out, as `preview_part` gives that of a draft."""
    preview = authoring.newest_preview(found.pk, kind=Preview.Kind.DETACHMENT, run=run.run)
    if preview is None:
        return None
    return _shown(preview, rights, found, run=run)


def _microcredential(uuid: UUID) -> Microcredential:
    try:
        return definitions.find_microcredential(str(uuid))
    except definitions.NotFound as error:
        raise Http404(str(error)) from error


def _without(found: Microcredential, run: str, rights: Rights) -> dict[str, dict[str, object]]:
    """
    What would be left without the run, of the newest version of today and of the draft.

    Of neither that does not ask for it; of the draft only for those who may see it.
    """
    now = timezone.now()
    versions = definitions.versions_of(found)
    newest = next((version for version in versions if definitions.is_open(version, now)), None)
    draft = definitions.draft_of(found) if rights.may_view(found.organization) else None
    left = {}
    for name, version in (("version", newest), ("draft", draft)):
        if version is not None:
            content = definitions.deciding(version)
            without = definitions.without_course(content, run)
            if without != content:
                left[name] = without
    return left


# --- how a preview is shown ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """
    A preview as its page has it. `is_current`: what was asked about is what there is now.

    `again` is what a form says in order to ask on the same assumption.
    """

    preview: Preview
    microcredential: Microcredential
    sections: tuple[Section, ...]
    assumed: str
    again: Mapping[str, str]
    is_current: bool
    may_ask: bool
    url: str
    ask_url: str
    cancel_url: str

    @property
    def state(self) -> str:
        return self.preview.state

    @property
    def is_unfinished(self) -> bool:
        return self.preview.is_unfinished

    @property
    def is_detachment(self) -> bool:
        return self.preview.kind == Preview.Kind.DETACHMENT


def _page(request: HttpRequest, shown: Shown, **context: Any) -> HttpResponse:
    template = "preview_part.html" if is_part(request) else "preview.html"
    return show_studio(
        request, template, preview=shown, microcredential=shown.microcredential,
        may_write=shown.may_ask, is_part=is_part(request), **context,
    )  # fmt: skip


def _find(uuid: UUID, kind: Preview.Kind, found: Microcredential, run: str = "") -> Preview:
    preview = authoring.find_preview(uuid)
    is_it = preview is not None and (preview.kind, preview.microcredential_id, preview.run) == (
        kind.value, found.pk, run,
    )  # fmt: skip
    if preview is None or not is_it:
        raise Http404(_("There is no such preview. Those that are old are deleted; look again."))
    return preview


def _shown(
    preview: Preview,
    rights: Rights,
    found: Microcredential,
    *,
    draft: MicrocredentialVersion | None = None,
    run: CourseRun | None = None,
) -> Shown:
    arguments: list[object] = [found.uuid]
    if run is None:
        name = "studio_preview"
        is_current = (
            draft is not None and definitions.deciding(draft) == preview.content["of"]["draft"]
        )
        may_ask = rights.may_write(found.organization)
    else:
        name, arguments = "studio_detachment", [run.run, *arguments]
        now_without = _without(found, run.run, rights)
        is_current = all(
            now_without.get(of) == content
            for of, content in preview.content["of"].items()
            if may_see(of, found, rights)
        )
        may_ask = True
    return Shown(
        preview=preview,
        microcredential=found,
        sections=tuple(sections_of(preview, rights, found)),
        assumed=_assumed(preview) if run is None else "",
        again=_again(preview) if run is None else {},
        is_current=is_current,
        may_ask=may_ask,
        url=reverse(f"microcred:{name}", args=[*arguments, preview.uuid]),
        ask_url=reverse(f"microcred:{name}_start", args=arguments),
        cancel_url=reverse(f"microcred:{name}_cancel", args=[*arguments, preview.uuid]),
    )


def _assumed(preview: Preview) -> str:
    """What was assumed to become of the versions before; nothing where there is none."""
    figures = previewing.figures_of(preview)
    if figures and not any(one.is_compared for one in figures.values()):
        return ""
    closes_at, keeps_open = previewing.read_previous(preview.content["previous"])
    if keeps_open:
        return _("As if the versions before stayed open.")
    if closes_at is not None:
        return _("As if the versions before closed after {day}.").format(
            day=date_format(_last_day(closes_at))
        )
    return _("As if the versions before closed at once.")


def _again(preview: Preview) -> dict[str, str]:
    closes_at, keeps_open = previewing.read_previous(preview.content["previous"])
    if closes_at is not None:
        return {"previous": CLOSE_ON, "day": _last_day(closes_at).isoformat()}
    return {"previous": KEEP if keeps_open else CLOSE}


def _last_day(closes_at: datetime) -> date:
    """The last day that counts, of a version that closes at the end of it."""
    return (closes_at - timedelta(days=1)).date()
