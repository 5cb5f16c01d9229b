"""Microcredentials and their drafts: everything before a publication."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from microcred_plugin.definitions.content import fill
from microcred_plugin.definitions.errors import DefinitionRefused, DraftChanged, Fault
from microcred_plugin.definitions.fields import put
from microcred_plugin.definitions.history import (
    identity,
    note_microcredential,
    note_version,
    snapshot,
)
from microcred_plugin.definitions.images import keep_image
from microcred_plugin.definitions.models import (
    ChangeKind,
    Microcredential,
    MicrocredentialVersion,
    StackClosure,
    VersionState,
    Visibility,
)


def create_microcredential(
    *,
    slug: str,
    organization: str,
    title: str,
    uuid: UUID | str | None = None,
    visibility: str = Visibility.PUBLIC,
    by_id: int | None = None,
) -> Microcredential:
    """Make a microcredential without any version yet. Raises `DefinitionRefused`."""
    microcredential = Microcredential(
        slug=slug, organization=organization, title=title, visibility=visibility
    )
    if uuid is not None:
        microcredential.uuid = uuid
    with transaction.atomic():
        save_checked(microcredential)
        StackClosure.objects.create(ancestor=microcredential, descendant=microcredential)
        note_microcredential(ChangeKind.CREATED, microcredential, by_id=by_id)
    return microcredential


def save_checked(microcredential: Microcredential) -> None:
    """Save if every field holds what it should. Raises `DefinitionRefused`."""
    faults = [
        fault
        for name in ("slug", "organization", "title", "visibility")
        for fault in put(microcredential, name, getattr(microcredential, name))
    ]
    if not faults:
        try:
            microcredential.full_clean()
        except ValidationError as error:
            faults = [
                Fault(name, " ".join(messages)) for name, messages in error.message_dict.items()
            ]
    if faults:
        raise DefinitionRefused(faults)
    microcredential.save()


def draft_of(microcredential: Microcredential) -> MicrocredentialVersion | None:
    """The draft, if there is one."""
    return microcredential.versions.filter(state=VersionState.DRAFT).first()


def create_draft(
    *,
    microcredential: Microcredential,
    content: Mapping[str, Any],
    by_id: int | None = None,
) -> MicrocredentialVersion:
    """
    Begin the next version. There is one draft at a time: a second is refused.

    The content is what `content.FIELDS` lists; the title is the microcredential's by default.
    """
    latest = microcredential.versions.aggregate(latest=Max("number"))["latest"] or 0
    draft = MicrocredentialVersion(microcredential=microcredential, number=latest + 1)
    fill(draft, with_title(microcredential, content))
    try:
        with transaction.atomic():
            keep_image(draft.image)
            draft.save()
            note_version(ChangeKind.DRAFT_BEGUN, draft, by_id=by_id)
    except IntegrityError as error:
        raise DefinitionRefused(
            [
                Fault(
                    "",
                    _(
                        "“{slug}” has a draft already, version {number}. Change that one, or "
                        "discard it first."
                    ).format(slug=microcredential.slug, number=latest),
                )
            ]
        ) from error
    return draft


def change_draft(
    *,
    version: MicrocredentialVersion,
    content: Mapping[str, Any],
    by_id: int | None = None,
    revision: int | None = None,
) -> MicrocredentialVersion:
    """
    Replace the content of a draft. A published version is refused: begin a new draft.

    `revision` is the one that the content was written for: raises `DraftChanged`, and changes
    nothing, if somebody has saved another one since. A content that changes nothing is no change.
    """
    with transaction.atomic():
        draft = MicrocredentialVersion.objects.select_for_update().filter(pk=version.pk).first()
        if draft is None:
            raise DefinitionRefused([gone(version)])
        if draft.state != VersionState.DRAFT:
            raise DefinitionRefused(
                [
                    Fault(
                        "",
                        _(
                            "Version {number} is published and never changes. Begin a new draft."
                        ).format(number=draft.number),
                    )
                ]
            )
        if revision is not None and draft.revision != revision:
            raise DraftChanged(draft)
        before = snapshot(draft)
        fill(draft, with_title(draft.microcredential, content))
        if snapshot(draft) == before:
            return draft
        # Conditional, since SQLite has no SELECT … FOR UPDATE.
        unchanged = MicrocredentialVersion.objects.filter(pk=draft.pk, revision=draft.revision)
        if not unchanged.update(revision=draft.revision + 1):
            raise DraftChanged(MicrocredentialVersion.objects.get(pk=draft.pk))
        draft.revision += 1
        keep_image(draft.image)
        draft.save()
        note_version(ChangeKind.DRAFT_CHANGED, draft, by_id=by_id, before=before)
    return draft


def with_title(microcredential: Microcredential, content: Mapping[str, Any]) -> Mapping[str, Any]:
    """The content with the microcredential's title, unless it has one of its own."""
    if content.get("title") is None:
        return {**content, "title": microcredential.title}
    return content


def gone(version: MicrocredentialVersion) -> Fault:
    """The fault of a draft that somebody else has discarded meanwhile."""
    return Fault(
        "",
        _("The draft of version {number} has been discarded meanwhile. Begin a new one.").format(
            number=version.number
        ),
    )


def discard_draft(*, version: MicrocredentialVersion, by_id: int | None = None) -> None:
    """Throw a draft away; what has been published stays, and the history keeps what it said."""
    with transaction.atomic():
        draft = MicrocredentialVersion.objects.filter(
            pk=version.pk, state=VersionState.DRAFT
        ).first()
        if draft is not None:
            note_version(ChangeKind.DRAFT_DISCARDED, draft, by_id=by_id)
            draft.delete()


def set_switch(*, microcredential: Microcredential, switch: str, by_id: int | None = None) -> None:
    """Turn the evaluation of a microcredential off, to observe only, or on."""
    change_microcredential(microcredential=microcredential, by_id=by_id, switch=switch)


def change_microcredential(
    *, microcredential: Microcredential, by_id: int | None = None, **values: str
) -> None:
    """Change its `visibility` or `switch`. Raises `DefinitionRefused`."""
    before = identity(microcredential)
    faults = [
        fault for name, value in values.items() for fault in put(microcredential, name, value)
    ]
    if faults:
        raise DefinitionRefused(faults)
    with transaction.atomic():
        microcredential.save(update_fields=[*values, "modified"])
        note_microcredential(ChangeKind.CHANGED, microcredential, by_id=by_id, before=before)
