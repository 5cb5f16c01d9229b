"""The draft as YAML: the way without scripts, and for whoever keeps definitions in git."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from microcred_plugin.authoring.api import Rights
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import DefinitionRefused, DraftChanged, Microcredential
from microcred_plugin.studio.access import for_authors, for_viewers
from microcred_plugin.studio.editor import token_of
from microcred_plugin.studio.showing import show_studio


@require_http_methods(["GET", "HEAD", "POST"])
@for_authors
def edit_yaml(request: HttpRequest, rights: Rights, found: Microcredential) -> HttpResponse:
    """The draft's YAML in a field; posted, the draft becomes what it says."""
    draft = definitions.draft_of(found)
    if draft is None:
        messages.error(request, _("There is no draft any more. Begin one to change anything."))
        return redirect("microcred:studio_microcredential", found.uuid)
    text, token, theirs = definitions.export_definitions([found]), token_of(draft), ""
    faults: tuple[definitions.Fault, ...] = ()
    status = 200
    if request.method == "POST":
        now, text = text, request.POST.get("yaml", "").replace("\r\n", "\n")
        try:
            if request.POST.get("token") != token:
                raise DraftChanged(draft)
            _identity, content = definitions.read_entry(text, microcredential=found)
            definitions.change_draft(
                version=draft, content=content, by_id=rights.user_id, revision=draft.revision
            )
        except DefinitionRefused as error:
            faults, status = error.faults, 422
        except DraftChanged:
            theirs, status = now, 409
        else:
            messages.success(request, _("Saved."))
            return redirect("microcred:studio_yaml", found.uuid)
    return show_studio(
        request, "yaml.html", status=status, microcredential=found, draft=draft, yaml=text,
        token=token, faults=faults, theirs=theirs,
    )  # fmt: skip


@require_safe
@for_viewers
def export_yaml(request: HttpRequest, rights: Rights, found: Microcredential) -> HttpResponse:
    """The draft, or else the newest version, as a file."""
    text = definitions.export_definitions([found])
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    name = get_valid_filename(f"{found.slug}.yaml")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
