"""Who did what to a definition, and what it said then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from microcred_plugin.definitions.content import FIELDS, content_of, fill
from microcred_plugin.definitions.images import data_url
from microcred_plugin.definitions.models import (
    BadgeImage,
    Change,
    ChangeKind,
    Microcredential,
    MicrocredentialVersion,
)


def note_version(
    kind: ChangeKind,
    version: MicrocredentialVersion,
    *,
    by_id: int | None,
    before: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> Change:
    """Write down what was done to a version, and what it says; `before` is what it said."""
    content = snapshot(version)
    return Change.objects.create(
        microcredential_id=version.microcredential_id,
        number=version.number,
        revision=version.revision,
        kind=kind,
        by_id=by_id,
        at=now or timezone.now(),
        fields=[] if before is None else differing(before, content),
        content=content,
    )


def note_microcredential(
    kind: ChangeKind,
    microcredential: Microcredential,
    *,
    by_id: int | None,
    before: Mapping[str, Any] | None = None,
) -> None:
    """Write down what was done to the microcredential itself, where anything was."""
    content = identity(microcredential)
    fields = [name for name in content if before is not None and before[name] != content[name]]
    if fields or before is None:
        Change.objects.create(
            microcredential=microcredential,
            kind=kind,
            by_id=by_id,
            at=timezone.now(),
            fields=fields,
            content=content,
        )


def identity(microcredential: Microcredential) -> dict[str, str]:
    """What is the microcredential's own, whatever its versions say."""
    names = ("slug", "organization", "title", "visibility", "switch")
    return {name: str(getattr(microcredential, name)) for name in names}


def snapshot(version: MicrocredentialVersion) -> dict[str, Any]:
    """What a version says, as plain data: an image by its digest, what it supersedes by uuid."""
    content = content_of(version)
    if version.image_id is not None:
        content["image"] = version.image_id
    if "supersedes" in content:
        content["supersedes"] = str(content["supersedes"].uuid)
    return content


def snapshot_of(microcredential: Microcredential, content: Mapping[str, Any]) -> dict[str, Any]:
    """What a draft with this content would say. Raises `DefinitionRefused`; keeps nothing."""
    imagined = MicrocredentialVersion(microcredential=microcredential)
    fill(imagined, content)
    return snapshot(imagined)


def content_from(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """What `content.fill` takes, from a snapshot. What is no longer there is left out."""
    content = dict(snapshot)
    image = BadgeImage.objects.filter(pk=content.pop("image", None)).first()
    if image is not None:
        content["image"] = data_url(image)
    uuid = content.pop("supersedes", None)
    earlier = Microcredential.objects.filter(uuid=uuid).first() if uuid else None
    if earlier is not None:
        content["supersedes"] = earlier
    return content


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The names of the fields that two snapshots have differently, in the order of a file."""
    return [name for name in FIELDS if before.get(name) != after.get(name)]


def snapshot_at(version: MicrocredentialVersion, revision: int) -> dict[str, Any] | None:
    """What a draft said at one of its revisions, if that was written down. One query."""
    found = (
        Change.objects.filter(
            microcredential=version.microcredential_id, number=version.number, revision=revision
        )
        .order_by("-id")
        .first()
    )
    return None if found is None else dict(found.content)


def last_changed_by(version: MicrocredentialVersion) -> int | None:
    """The id of whoever changed a version last, if it is known. One query."""
    found = Change.objects.filter(
        microcredential=version.microcredential_id, number=version.number
    ).order_by("-id")
    return found.values_list("by_id", flat=True).first()


def changes_of(microcredential: Microcredential) -> QuerySet[Change]:
    """The history of a definition, the newest line first; without what the versions said."""
    return microcredential.changes.defer("content")


def change_of(microcredential: Microcredential, number: str) -> Change | None:
    """A line of this definition's history, with what the version said."""
    if not number.isascii() or not number.isdecimal() or len(number) > 18:
        return None
    return microcredential.changes.filter(pk=int(number)).first()


def forget_author(user_id: int) -> None:
    """Forget that it was this user who did what they did."""
    Change.objects.filter(by=user_id).update(by=None)
