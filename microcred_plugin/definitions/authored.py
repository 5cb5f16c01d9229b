"""What authors see: every microcredential of their organisations, with its draft."""

from __future__ import annotations

from collections.abc import Collection

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from microcred_plugin.definitions.models import (
    Microcredential,
    MicrocredentialVersion,
    Switch,
    VersionState,
)


class Standing(models.TextChoices):
    """What an author may look for."""

    ANY = "", "any"
    DRAFT = "draft", "with a draft"
    PUBLISHED = "published", "open"
    UNPUBLISHED = "unpublished", "never published, or closed"
    OFF = "off", "off, or only observed"


def authored(
    *,
    organizations: Collection[str] | None,
    text: str = "",
    organization: str = "",
    standing: str = Standing.ANY,
) -> QuerySet[Microcredential]:
    """
    The microcredentials of these organisations, or of all; the latest change first.

    Each has `draft_number`, `published_number` (of the newest version that was published and not
    withdrawn), `is_open` and `newest_title`.
    """
    versions = MicrocredentialVersion.objects.filter(microcredential=OuterRef("pk")).order_by(
        "-number"
    )
    drafts = versions.filter(state=VersionState.DRAFT)
    published = versions.filter(state__in=(VersionState.PUBLISHED, VersionState.CLOSED))
    found = Microcredential.objects.annotate(
        draft_number=Subquery(drafts.values("number")[:1]),
        published_number=Subquery(published.values("number")[:1]),
        is_open=Exists(versions.filter(state=VersionState.PUBLISHED)),
        newest_title=Subquery(versions.values("title")[:1]),
        touched=Subquery(versions.order_by("-modified").values("modified")[:1]),
    )
    if organizations is not None:
        found = found.filter(organization__in=organizations)
    if organization:
        found = found.filter(organization=organization)
    for word in text.split():
        in_versions = versions.filter(Q(title__icontains=word) | Q(description__icontains=word))
        found = found.filter(
            Q(title__icontains=word) | Q(slug__icontains=word) | Exists(in_versions)
        )
    if standing == Standing.DRAFT:
        found = found.filter(draft_number__isnull=False)
    elif standing == Standing.PUBLISHED:
        found = found.filter(is_open=True)
    elif standing == Standing.UNPUBLISHED:
        found = found.filter(is_open=False)
    elif standing == Standing.OFF:
        found = found.exclude(switch=Switch.ON)
    return found.order_by(models.F("touched").desc(nulls_last=True), "-id")


def microcredentials_of(organizations: Collection[str] | None) -> list[Microcredential]:
    """The microcredentials of these organisations, or of all; by organisation and title."""
    found = Microcredential.objects.all()
    if organizations is not None:
        found = found.filter(organization__in=organizations)
    return list(found)


def organizations_with_microcredentials() -> list[str]:
    """The organisations that have any. One query."""
    return sorted(
        set(Microcredential.objects.order_by().values_list("organization", flat=True).distinct())
    )
