"""
The editor of a draft: one form, saved as a whole.

What has not been saved is in the form alone. Every button posts all of it; what is wrong with it,
and what somebody else has saved meanwhile, is shown at its field, and nothing that was typed is
lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from microcred_plugin.authoring.api import Rights
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import (
    TREES,
    DefinitionRefused,
    DraftChanged,
    Fault,
    Microcredential,
    MicrocredentialVersion,
    NotAnImage,
)
from microcred_plugin.evaluation.requirements import read_tree
from microcred_plugin.pages.api import show
from microcred_plugin.studio import builder, fields
from microcred_plugin.studio.access import for_authors, for_members
from microcred_plugin.studio.builder import BuilderState
from microcred_plugin.studio.builder_page import present
from microcred_plugin.studio.conflicts import Merged, merge
from microcred_plugin.studio.difference import LABELS, lines_of, located, titles_in
from microcred_plugin.studio.people import name_of
from microcred_plugin.studio.pictures import sketched
from microcred_plugin.studio.searching import builder_search
from microcred_plugin.studio.showing import is_part, show_studio
from microcred_plugin.studio.skills_editor import (
    SEARCH,
    SkillsPart,
    apply_skill_operation,
    present_skills,
    read_skills,
)

# What the form is posted for: to be saved, or for what is beside it to follow what was typed.
SAVE, LOOK = "save", "look"


@dataclass(frozen=True, slots=True)
class Draft:
    """
    A draft as it stands in the form: a snapshot, as history keeps them, that may be wrong.

    `token` says which state of which draft it was begun from.
    """

    values: Mapping[str, Any]
    token: str
    trees: Mapping[str, BuilderState]
    faults: tuple[Fault, ...] = ()
    merged: Merged | None = None
    saved_by: str = ""

    def wrong_at(self, name: str) -> list[str]:
        """What is wrong with a field itself, without the places inside it."""
        return [fault.sentence for fault in self.faults if fault.path == name]


@require_http_methods(["GET", "HEAD", "POST"])
@for_authors
def edit(request: HttpRequest, rights: Rights, microcredential: Microcredential) -> HttpResponse:
    """The draft's form; posted, the draft is saved, or the operation done that was asked for."""
    draft = definitions.draft_of(microcredential)
    if draft is None:
        messages.error(request, _("There is no draft any more. Begin one to change anything."))
        return redirect("microcred:studio_microcredential", microcredential.uuid)
    if request.method != "POST":
        return _show(request, rights, draft, _from_row(draft))
    op = request.POST.get("op", LOOK if is_part(request) else SAVE)
    typed = _from_post(request, microcredential, op)
    if op != SAVE:
        if is_part(request):
            return _show_part(request, rights, draft, typed, op)
        own = tuple(fault for fault in typed.faults if fault.path == "image")
        return _show(request, rights, draft, replace(typed, faults=own), op=op)
    if not typed.faults:
        typed = _save(rights, draft, typed)
        if not typed.faults and typed.merged is None:
            messages.success(request, _("Saved."))
            return redirect("microcred:studio_edit", microcredential.uuid)
    return _show(request, rights, draft, typed, status=409 if typed.merged else 422)


@require_safe
@for_members
def search(request: HttpRequest, rights: Rights) -> HttpResponse:
    """What a builder shows below its search field."""
    if not (rights.is_operator or rights.writes_for):
        raise Http404(_("There is no such search."))
    return builder_search(request, organizations=_searched(rights))


def _searched(rights: Rights) -> list[str] | None:
    """The organisations whose microcredentials are found though they are not public."""
    return None if rights.is_operator else rights.organizations


def token_of(draft: MicrocredentialVersion) -> str:
    """Which state of which draft it is."""
    return f"{draft.pk}.{draft.revision}"


def _from_row(draft: MicrocredentialVersion) -> Draft:
    values = definitions.snapshot(draft)
    return Draft(values, token_of(draft), _builders(values))


def _builders(values: Mapping[str, Any]) -> dict[str, BuilderState]:
    """The builders of a snapshot's trees, as they begin."""
    return {name: builder.start(name, read_tree(values.get(name), path=name)) for name in TREES}


def _from_post(request: HttpRequest, microcredential: Microcredential, op: str) -> Draft:
    """What was posted, with the operation done; with the faults of what can't be read at all."""
    posted = request.POST
    values = fields.read(posted)
    faults: list[Fault] = []
    trees = {}
    for name in TREES:
        state = builder.read(posted, name)
        operation = builder.parse(op, name)
        if operation is not None:
            state = builder.apply(state, operation)
        elif op == SAVE:
            state = builder.settle(state)
        trees[name] = state
        values[name] = state.data
        faults += state.faults
    values["skills"] = read_skills(posted)
    if op.startswith("skills:"):
        values["skills"] = apply_skill_operation(
            values["skills"], op, posted, organization=microcredential.organization
        )
    try:
        values["image"] = _image(request, op)
    except NotAnImage as error:
        values["image"] = posted.get("image") or None
        faults.append(Fault("image", str(error)))
    uuid = values.get("supersedes")
    if uuid is not None and uuid not in dict(_superseded(microcredential)):
        faults.append(Fault("supersedes", _("Choose one of those that are listed.")))
    return Draft(values, posted.get("token", ""), trees, tuple(faults))


def _image(request: HttpRequest, op: str) -> str | None:
    """The digest of the image that there is, or of the one that was brought. `NotAnImage`."""
    upload = request.FILES.get("image_file")
    if upload is not None:
        image = definitions.read_upload(upload)
        definitions.keep_image(image)
        return image.digest
    if op == "image:remove":
        return None
    return request.POST.get("image") or None


def _save(rights: Rights, draft: MicrocredentialVersion, typed: Draft) -> Draft:
    """Save the draft; what was typed with what is wrong, or with what is in the way."""
    key, _dot, revision = typed.token.partition(".")
    is_same = key == str(draft.pk) and revision.isdecimal() and len(revision) < 10
    content = definitions.content_from(typed.values)
    try:
        if not is_same:
            raise DraftChanged(draft)
        definitions.change_draft(
            version=draft, content=content, by_id=rights.user_id, revision=int(revision)
        )
    except DefinitionRefused as error:
        return replace(typed, faults=error.faults)
    except DraftChanged as error:
        base = definitions.snapshot_at(error.draft, int(revision)) if is_same else None
        return _met(error.draft, base, typed, content)
    return typed


def _met(
    theirs: MicrocredentialVersion,
    base: Mapping[str, Any] | None,
    typed: Draft,
    content: Mapping[str, Any],
) -> Draft:
    """What was typed, brought together with what somebody else has saved meanwhile."""
    try:
        mine = definitions.snapshot_of(theirs.microcredential, content)
        faults: tuple[Fault, ...] = ()
    except DefinitionRefused as error:
        mine, faults = dict(typed.values), error.faults
    merged = merge(base=base, mine=mine, theirs=definitions.snapshot(theirs))
    return replace(
        typed, values=merged.snapshot, token=token_of(theirs), faults=faults, merged=merged,
        trees=typed.trees if faults else _builders(merged.snapshot),
        saved_by=name_of(definitions.last_changed_by(theirs)),
    )  # fmt: skip


def _show(
    request: HttpRequest,
    rights: Rights,
    draft: MicrocredentialVersion,
    form: Draft,
    *,
    op: str = "",
    status: int = 200,
) -> HttpResponse:
    microcredential = draft.microcredential
    wrong: dict[str, Iterable[str]] = {name: form.wrong_at(name) for name in LABELS}
    theirs = definitions.snapshot(draft) if form.merged else {}
    contested = form.merged.contested if form.merged else ()
    titles = titles_in(theirs) if contested else {}
    shown = {
        name: "\n".join(text for _depth, text in lines_of(name, theirs.get(name), titles))
        or _("(empty)")
        for name in contested
    }
    choices = {"supersedes": (("", _("nothing")), *_superseded(microcredential))}
    parts: dict[str, Any] = {
        name: fields.filled(part, form.values, wrong=wrong, theirs=shown, choices=choices)
        for name, part in (
            ("identity", fields.IDENTITY), ("work", fields.WORK), ("rules", fields.RULES),
        )
    }  # fmt: skip
    return show_studio(
        request, "edit.html", status=status, draft=draft, microcredential=microcredential,
        form=form, faults=located(form.faults), contested=[str(LABELS[name]) for name in contested],
        taken=[str(LABELS[name]) for name in (form.merged.taken if form.merged else ())],
        builders=[
            (one, shown.get(name))
            for name, one in present(
                form.trees.values(), faults=form.faults, organizations=_searched(rights)
            ).items()
        ],
        part=_skills(request, draft, form, op), theirs=shown, **_beside(draft, form), **parts,
    )  # fmt: skip


def _beside(draft: MicrocredentialVersion, form: Draft) -> dict[str, Any]:
    """What stands beside the form: the badge, and what readers would still ask."""
    image = definitions.image_with(str(form.values.get("image") or ""))
    typed = {
        name: str(form.values.get(name) or "") for name in ("title", "level", "level_framework")
    }
    return {
        "image": image,
        "image_url": definitions.data_url(image) if image else "",
        "sketch": None if image else sketched(draft.microcredential, **typed),
        "completeness": definitions.asked_by_readers(form.values),
    }


def _skills(
    request: HttpRequest, draft: MicrocredentialVersion, form: Draft, op: str
) -> SkillsPart:
    return present_skills(
        form.values.get("skills") or [],
        organization=draft.microcredential.organization,
        faults=form.faults,
        operation=op,
        text=request.POST.get(SEARCH, ""),
    )


def _show_part(
    request: HttpRequest, rights: Rights, draft: MicrocredentialVersion, form: Draft, op: str
) -> HttpResponse:
    """The part of the page that an operation changes, for htmx to put in its place."""
    prefix = op.partition(":")[0]
    if prefix in TREES:
        return _show_builder(request, rights, form, prefix)
    if prefix == "skills":
        part = _skills(request, draft, replace(form, faults=()), op)
        return show(request, "studio/skills_editor.html", part=part)
    return show(request, "studio/beside.html", **_beside(draft, form))


def _show_builder(request: HttpRequest, rights: Rights, form: Draft, prefix: str) -> HttpResponse:
    """One of the builders, which htmx puts in the place of what it was."""
    built = present(
        [form.trees[prefix]], faults=form.trees[prefix].faults, organizations=_searched(rights)
    )
    return show(request, "studio/builder/part.html", builder=built[prefix])


def _superseded(microcredential: Microcredential) -> list[tuple[str, str]]:
    """The microcredentials of the same organisation, by uuid and title. One query."""
    found = definitions.microcredentials_of([microcredential.organization])
    return [(str(one.uuid), one.title) for one in found if one.pk != microcredential.pk]
