"""A new microcredential: from nothing, from a template, from another one, or from a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from microcred_plugin.authoring.api import Rights
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import DefinitionRefused, Fault, Microcredential
from microcred_plugin.studio.access import for_members
from microcred_plugin.studio.fields import Text
from microcred_plugin.studio.showing import show_studio

# More than any definition with an image in it has.
LARGEST_FILE = 2_000_000


@dataclass(frozen=True, slots=True)
class Template:
    """A beginning: what it is good for, and the requirements that it begins with."""

    key: str
    label: Text
    help: Text
    needs_base: bool = False


TEMPLATES = (
    Template(
        "skill",
        gettext_lazy("A single skill"),
        gettext_lazy("One course, or one of several that show the same."),
    ),
    Template(
        "series", gettext_lazy("A series"), gettext_lazy("Several courses, and all of them count.")
    ),
    Template(
        "capstone",
        gettext_lazy("Electives and a capstone"),
        gettext_lazy("Two of several courses, and one that everybody has to pass."),
    ),
    Template(
        "ladder",
        gettext_lazy("The next level"),
        gettext_lazy("Builds on another microcredential, and takes its place on dashboards."),
        needs_base=True,
    ),
    Template(
        "copy",
        gettext_lazy("A copy"),
        gettext_lazy("Begins with all that another one says."),
        needs_base=True,
    ),
    Template(
        "file",
        gettext_lazy("From a file"),
        gettext_lazy("YAML, as the export of another site or a repository has it."),
    ),
)


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def create(request: HttpRequest, rights: Rights) -> HttpResponse:
    """The form, and what it leads to: a microcredential with its first draft."""
    if not (rights.is_operator or rights.writes_for):
        raise Http404(_("There is no such page, or you may not see it."))
    names = ("template", "title", "organization", "base", "yaml")
    typed = {name: request.POST.get(name, request.GET.get(name, "")).strip() for name in names}
    faults: list[Fault] = []
    if request.method == "POST":
        upload = request.FILES.get("file")
        try:
            if upload is not None:
                typed["yaml"] = _text_of(upload)
            made = _create(rights, typed)
        except DefinitionRefused as error:
            faults = list(error.faults)
        else:
            return redirect("microcred:studio_edit", made.uuid)
    return show_studio(
        request, "new.html", status=422 if faults else 200, typed=typed, faults=faults,
        templates=TEMPLATES, organizations=_organizations(rights), bases=_bases(rights),
        rights=rights,
    )  # fmt: skip


def _organizations(rights: Rights) -> list[str]:
    if rights.is_operator:
        return definitions.organizations_with_microcredentials()
    return rights.writes_for


def _bases(rights: Rights) -> list[Microcredential]:
    """What may be built on or copied: all that the reader may see. One query."""
    mine = None if rights.is_operator else rights.organizations
    return definitions.microcredentials_of(mine)


def _text_of(upload: Any) -> str:
    if upload.size > LARGEST_FILE:
        raise DefinitionRefused([Fault("file", _("This file is too large for one definition."))])
    try:
        return str(upload.read().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        sentence = _("This is not a text in UTF-8. Save the file as UTF-8 and choose it again.")
        raise DefinitionRefused([Fault("file", sentence)]) from error


def _create(rights: Rights, typed: Mapping[str, str]) -> Microcredential:
    """Raises `DefinitionRefused` with everything that is wrong; then nothing was made."""
    template = next((one for one in TEMPLATES if one.key == typed["template"]), None)
    if template is None:
        raise DefinitionRefused([Fault("template", _("Choose what it begins with."))])
    if template.key == "file":
        return _from_file(rights, typed["yaml"])
    faults = []
    if not typed["title"]:
        faults.append(Fault("title", _("Give it a title.")))
    if not rights.may_write(typed["organization"]) or not typed["organization"]:
        faults.append(Fault("organization", _("Choose an organisation that you write for.")))
    base = None
    if template.needs_base:
        base = next((one for one in _bases(rights) if str(one.uuid) == typed["base"]), None)
        if base is None:
            faults.append(Fault("base", _("Choose the microcredential that it begins with.")))
    if faults:
        raise DefinitionRefused(faults)
    content = {**_content(template, base), "title": typed["title"]}
    with transaction.atomic():
        made = definitions.create_microcredential(
            slug=_slug(typed["organization"], typed["title"]), title=typed["title"],
            organization=typed["organization"], by_id=rights.user_id,
        )  # fmt: skip
        definitions.create_draft(microcredential=made, content=content, by_id=rights.user_id)
    return made


def _from_file(rights: Rights, text: str) -> Microcredential:
    identity, content = definitions.read_entry(text)
    organization = str(identity["organization"] or "")
    if not rights.may_write(organization) or not organization:
        sentence = _("You do not write for “{organization}”.").format(organization=organization)
        raise DefinitionRefused([Fault("organization", sentence)])
    for name in ("slug", "uuid"):
        with_name = str(identity[name] or "")
        if with_name and definitions.is_taken(with_name):
            sentence = _(
                "There is a microcredential “{name}” on this site. Open that one to change it, or "
                "take its slug and uuid out of the file to make another."
            ).format(name=with_name)
            raise DefinitionRefused([Fault(name, sentence)])
    title = str(identity["title"] or "")
    with transaction.atomic():
        made = definitions.create_microcredential(
            slug=str(identity["slug"] or "") or _slug(organization, title),
            title=title, organization=organization, uuid=identity["uuid"],
            visibility=identity["visibility"] or definitions.Visibility.PUBLIC,
            by_id=rights.user_id,
        )  # fmt: skip
        definitions.create_draft(microcredential=made, content=content, by_id=rights.user_id)
    return made


def _slug(organization: str, title: str) -> str:
    """A slug that nothing has yet: the organisation and the title, and a number if need be."""
    stem = slugify(f"{organization} {title}")[:90].strip("-") or "microcredential"
    slug, number = stem, 1
    while definitions.is_taken(slug):
        number += 1
        slug = f"{stem}-{number}"
    return slug


def _content(template: Template, base: Microcredential | None) -> dict[str, Any]:
    if base is not None and template.key == "copy":
        newest = next(iter(definitions.versions_of(base)), None)
        return definitions.content_of(newest) if newest else {}
    if base is not None:
        held = {"kind": "microcredential", "microcredential": str(base.uuid)}
        further = {"kind": "all_of", "title": _("The next level"), "of": []}
        return {"supersedes": base, "requirements": {"kind": "all_of", "of": [held, further]}}
    trees: dict[str, Any] = {
        "skill": {"kind": "any_of", "of": []},
        "series": {"kind": "all_of", "title": _("Every course of the series"), "of": []},
        "capstone": {
            "kind": "all_of",
            "of": [
                {"kind": "at_least", "n": 2, "title": _("Electives"), "of": []},
                {"kind": "all_of", "title": _("Capstone"), "of": []},
            ],
        },
    }
    return {"requirements": trees[template.key]}
