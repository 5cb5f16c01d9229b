"""The lists of skills that authors pick from: the site's, and those of organisations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import LineFault, Rights, SkillsRefused
from microcred_plugin.studio.access import for_everybody
from microcred_plugin.studio.showing import show_studio

_SITE = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing was loaded: of the form in a sentence, or of the file by line."""

    sentence: str = ""
    faults: Sequence[LineFault] = ()
    more: int = 0


@require_http_methods(["GET", "HEAD", "POST"])
@for_everybody
def skills(request: HttpRequest, rights: Rights) -> HttpResponse:
    """What is loaded, with forms to load and to remove; for operators and organisations' admins."""
    lists = [_SITE, *rights.organizations] if rights.is_operator else rights.administers
    if not lists:
        raise Http404(_("There is no such page, or you may not see it."))
    refusal = None
    typed = {
        name: request.POST.get(name, "").strip()[:255] for name in ("organization", "framework")
    }
    if request.method == "POST":
        if not rights.is_operator and typed["organization"] not in lists:
            raise Http404(_("There is no such list, or you may not change it."))
        if "remove" in request.POST:
            _remove(request, typed["organization"], request.POST["remove"])
        else:
            refusal = _load(request, **typed)
        if refusal is None:
            return redirect("microcred:studio_skills")
    return show_studio(
        request, "skills.html", "organizations", status=422 if refusal else 200,
        rights=rights, lists=lists, typed=typed, refusal=refusal,
        loaded=authoring.skill_lists(None if rights.is_operator else lists),
    )  # fmt: skip


def _load(request: HttpRequest, *, organization: str, framework: str) -> Refusal | None:
    file = request.FILES.get("file")
    if file is None:
        return Refusal(_("Choose a file."))
    try:
        if file.size is None or file.size > authoring.MOST_BYTES_OF_SKILLS:
            raise authoring.skills_too_large()
        loaded = authoring.load_skills(file.read(), organization=organization, framework=framework)
    except SkillsRefused as error:
        return Refusal(faults=error.faults, more=error.more)
    messages.success(
        request,
        _("Loaded. New: {created}, changed: {changed}, as before: {unchanged}.").format(
            created=loaded.created, changed=loaded.changed, unchanged=loaded.unchanged
        ),
    )
    return None


def _remove(request: HttpRequest, organization: str, framework: str) -> None:
    removed = authoring.remove_skills(framework=framework, organization=organization)
    messages.success(
        request,
        ngettext(
            "{count} skill was taken out. Microcredentials keep what they have.",
            "{count} skills were taken out. Microcredentials keep what they have.",
            removed,
        ).format(count=removed),
    )
