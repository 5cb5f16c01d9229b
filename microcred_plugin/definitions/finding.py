"""Microcredentials that a tree can stack on: their titles, and those that an author looks for."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import Exists, OuterRef, Q

from microcred_plugin.definitions.content import is_uuid
from microcred_plugin.definitions.models import (
    Microcredential,
    MicrocredentialVersion,
    VersionState,
    Visibility,
)


def microcredentials_by_uuid(uuids: Iterable[str]) -> dict[str, Microcredential]:
    """Those of them that exist. One query, and none for nothing."""
    wanted = sorted(set(filter(is_uuid, uuids)))
    if not wanted:
        return {}
    found = Microcredential.objects.filter(uuid__in=wanted)
    return {str(microcredential.uuid): microcredential for microcredential in found}


def search_published(
    text: str, *, organizations: Collection[str] | None, limit: int
) -> list[Microcredential]:
    """
    Those that are published and whose title, organisation or slug has every word; by title.

    What is not public is found only for its own of the `organizations`; None stands for every one.
    A text without words finds nothing.
    """
    words = text.split()
    # What can't be printed is in no title, and some of it no database can be asked for.
    if not words or not all(word.isprintable() for word in words):
        return []
    published = MicrocredentialVersion.objects.filter(
        microcredential=OuterRef("pk"), state=VersionState.PUBLISHED
    )
    found = Microcredential.objects.filter(Exists(published))
    if organizations is not None:
        found = found.filter(
            Q(visibility=Visibility.PUBLIC) | Q(organization__in=list(organizations))
        )
    for word in words:
        found = found.filter(
            Q(title__icontains=word) | Q(organization__icontains=word) | Q(slug__icontains=word)
        )
    return list(found.order_by("title", "id")[:limit])
