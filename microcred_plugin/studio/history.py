"""Who changed what, and what differs between any two states."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from microcred_plugin.authoring.api import Rights
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Change, DefinitionRefused, Microcredential
from microcred_plugin.studio.access import for_authors, for_viewers
from microcred_plugin.studio.difference import LABELS, difference
from microcred_plugin.studio.people import names_of
from microcred_plugin.studio.showing import show_studio

PAGE = 50
_OWN = ("title", "visibility", "switch", "slug", "organization")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the history, with the labels of what changed."""

    change: Change
    by: str
    fields: tuple[str, ...]

    @property
    def is_state(self) -> bool:
        """Whether there is something of a version to be compared and restored."""
        return self.change.number is not None


@require_safe
@for_viewers
def history(request: HttpRequest, rights: Rights, found: Microcredential) -> HttpResponse:
    """Every change, the newest first; two of them can be chosen to be compared."""
    page = Paginator(definitions.changes_of(found), PAGE).get_page(request.GET.get("page"))
    names = names_of([change.by_id for change in page])
    entries = [
        Entry(
            change,
            names[change.by_id],
            tuple(str(LABELS[name]) for name in change.fields if name in LABELS),
        )
        for change in page
    ]
    states = [entry for entry in entries if entry.is_state]
    return show_studio(
        request, "history.html", microcredential=found, page=page, entries=entries,
        newest=states[0].change.pk if states else None,
        before=states[1].change.pk if len(states) > 1 else None,
    )  # fmt: skip


@require_safe
@for_viewers
def compare(request: HttpRequest, rights: Rights, found: Microcredential) -> HttpResponse:
    """What differs between two states of the definition."""
    before, after = (_state(found, request.GET.get(name, "")) for name in ("before", "after"))
    if before.pk > after.pk:
        before, after = after, before
    names = names_of([before.by_id, after.by_id])
    return show_studio(
        request, "compare.html", microcredential=found, before=before, after=after,
        before_by=names[before.by_id], after_by=names[after.by_id],
        differing=difference(before.content, after.content),
        may_write=rights.may_write(found.organization),
        draft=definitions.draft_of(found),
    )  # fmt: skip


@require_POST
@for_authors
def restore(request: HttpRequest, rights: Rights, found: Microcredential) -> HttpResponse:
    """Bring back what a version said then: as a new draft, or into the one that there is."""
    state = _state(found, request.POST.get("state", ""))
    content = definitions.content_from(state.content)
    draft = definitions.draft_of(found)
    try:
        if draft is None:
            definitions.create_draft(microcredential=found, content=content, by_id=rights.user_id)
        else:
            definitions.change_draft(version=draft, content=content, by_id=rights.user_id)
    except DefinitionRefused as error:
        messages.error(request, str(error))
        return redirect("microcred:studio_history", found.uuid)
    messages.success(
        request,
        _("The draft says again what version {number} said.").format(number=state.number),
    )
    return redirect("microcred:studio_edit", found.uuid)


def _state(found: Microcredential, text: str) -> Change:
    change = definitions.change_of(found, text)
    if change is None or change.number is None:
        raise Http404(_("There is no such state in the history. Choose two of the list."))
    return change
