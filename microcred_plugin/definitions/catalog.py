"""What is on offer: the version of each microcredential that a learner would earn today."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from microcred_plugin.definitions.models import (
    Microcredential,
    MicrocredentialVersion,
    RequirementIndex,
    SkillIndex,
    Switch,
    VersionState,
    Visibility,
)
from microcred_plugin.definitions.stack import names_of_run


@dataclass(frozen=True, slots=True)
class Facets:
    """What the offers can be narrowed down by: the values that there are, sorted."""

    organizations: tuple[str, ...]
    skills: tuple[str, ...]
    levels: tuple[str, ...]


def offers(
    *, now: datetime, organizations: Collection[str] = ()
) -> QuerySet[MicrocredentialVersion]:
    """
    The newest open version of everything that may be listed, by title.

    `organizations` are those that the reader belongs to; what is only for the members of one is
    listed for these. Nothing is on offer while the site is switched off or observes only.
    """
    if settings.MICROCRED_SWITCH != Switch.ON:
        return MicrocredentialVersion.objects.none()
    is_open = Q(state=VersionState.PUBLISHED) & (Q(closes_at=None) | Q(closes_at__gt=now))
    newer = MicrocredentialVersion.objects.filter(
        is_open, microcredential=OuterRef("microcredential"), number__gt=OuterRef("number")
    )
    return (
        MicrocredentialVersion.objects.select_related("microcredential")
        .filter(is_open, ~Exists(newer), microcredential__switch=Switch.ON)
        .filter(
            Q(microcredential__visibility=Visibility.PUBLIC)
            | Q(
                microcredential__visibility=Visibility.ORGANIZATION,
                microcredential__organization__in=organizations,
            )
        )
        .order_by("title", "microcredential")
    )


def narrowed(
    found: QuerySet[MicrocredentialVersion],
    *,
    text: str = "",
    organization: str = "",
    skill: str = "",
    level: str = "",
    runs: Collection[str] | None = None,
) -> QuerySet[MicrocredentialVersion]:
    """
    Those of the offers that fit; `runs` asks for what counts one of these course runs.

    Every word of the text has to stand in the title, the description, the organisation or a skill.
    """
    for word in text.split():
        skills = SkillIndex.objects.filter(version=OuterRef("pk"), name__icontains=word)
        found = found.filter(
            Q(title__icontains=word)
            | Q(description__icontains=word)
            | Q(microcredential__organization__icontains=word)
            | Exists(skills)
        )
    if organization:
        found = found.filter(microcredential__organization=organization)
    if skill:
        found = found.filter(Exists(SkillIndex.objects.filter(version=OuterRef("pk"), name=skill)))
    if level:
        found = found.filter(level=level)
    if runs is not None:
        names = {name for run in runs for name in names_of_run(run)}
        if not names:
            return found.none()
        entries = RequirementIndex.objects.filter(
            version=OuterRef("pk"), kind=RequirementIndex.COURSE, object_key__in=names
        )
        found = found.filter(Exists(entries))
    return found


def facets(found: QuerySet[MicrocredentialVersion]) -> Facets:
    """What these offers can be narrowed down by. Three queries."""
    plain = found.order_by()
    return Facets(
        organizations=tuple(
            sorted(set(plain.values_list("microcredential__organization", flat=True).distinct()))
        ),
        skills=tuple(
            sorted(
                set(
                    SkillIndex.objects.filter(version__in=plain.values("pk"))
                    .values_list("name", flat=True)
                    .distinct()
                ),
                key=str.casefold,
            )
        ),
        levels=tuple(sorted(filter(None, set(plain.values_list("level", flat=True).distinct())))),
    )


def published_versions(uuid: UUID) -> list[MicrocredentialVersion]:
    """Every version of a microcredential that has been published, the newest first. One query."""
    return list(
        MicrocredentialVersion.objects.select_related("microcredential", "supersedes")
        .filter(microcredential__uuid=uuid, state__in=(VersionState.PUBLISHED, VersionState.CLOSED))
        .order_by("-number")
    )


def find_version(uuid: UUID, number: int) -> MicrocredentialVersion | None:
    """A version that has been published, withdrawn ones too, with its image. One query."""
    return (
        MicrocredentialVersion.objects.select_related("microcredential", "image")
        .filter(microcredential__uuid=uuid, number=number)
        .exclude(state=VersionState.DRAFT)
        .first()
    )


def find_version_or_draft(
    microcredential: Microcredential, number: int | None = None
) -> MicrocredentialVersion | None:
    """This version, whatever its state, or without a number the newest; with its image."""
    found = microcredential.versions.select_related("image", "microcredential").order_by("-number")
    return (found if number is None else found.filter(number=number)).first()
