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
from microcred_plugin.definitions.errors import DefinitionRefused, Fault
from microcred_plugin.definitions.models import (
    Microcredential,
    MicrocredentialVersion,
    StackClosure,
    Switch,
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
    return microcredential


def save_checked(microcredential: Microcredential) -> None:
    """Save if every field holds what it should. Raises `DefinitionRefused`."""
    try:
        microcredential.full_clean()
    except ValidationError as error:
        raise DefinitionRefused(
            Fault(name, " ".join(messages)) for name, messages in error.message_dict.items()
        ) from error
    microcredential.save()


def draft_of(microcredential: Microcredential) -> MicrocredentialVersion | None:
    """The draft, if there is one."""
    return microcredential.versions.filter(state=VersionState.DRAFT).first()


def create_draft(
    *, microcredential: Microcredential, content: Mapping[str, Any]
) -> MicrocredentialVersion:
    """
    Begin the next version. There is one draft at a time: a second is refused.

    The content is what `content.FIELDS` lists; the title is the microcredential's by default.
    """
    latest = microcredential.versions.aggregate(latest=Max("number"))["latest"] or 0
    draft = MicrocredentialVersion(microcredential=microcredential, number=latest + 1)
    fill(draft, {"title": microcredential.title, **content})
    try:
        with transaction.atomic():
            draft.save()
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
    *, version: MicrocredentialVersion, content: Mapping[str, Any]
) -> MicrocredentialVersion:
    """Replace the content of a draft. A published version is refused: begin a new draft."""
    with transaction.atomic():
        draft = MicrocredentialVersion.objects.select_for_update().get(pk=version.pk)
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
        fill(draft, {"title": draft.microcredential.title, **content})
        draft.save()
    return draft


def discard_draft(*, version: MicrocredentialVersion) -> None:
    """Throw a draft away; what has been published stays."""
    MicrocredentialVersion.objects.filter(pk=version.pk, state=VersionState.DRAFT).delete()


def set_switch(*, microcredential: Microcredential, switch: str) -> None:
    """Turn the evaluation of a microcredential off, to observe only, or on."""
    microcredential.switch = Switch(switch)
    microcredential.save(update_fields=["switch", "modified"])
