"""What whoever offers a course, or answers an offer, has to know about definitions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery

from microcred_plugin.definitions.content import trees_of
from microcred_plugin.definitions.drafts import change_draft, create_draft, draft_of
from microcred_plugin.definitions.errors import DefinitionRefused, DraftChanged
from microcred_plugin.definitions.history import content_from, snapshot
from microcred_plugin.definitions.models import (
    Microcredential,
    MicrocredentialVersion,
    RequirementIndex,
    SkillIndex,
    VersionState,
    Visibility,
)
from microcred_plugin.evaluation.requirements import Tree, write_tree

_PUBLISHED = (VersionState.PUBLISHED, VersionState.CLOSED)


@dataclass(frozen=True, slots=True)
class Naming:
    """The newest published version of a microcredential that names something, by which key."""

    microcredential_id: int
    uuid: str
    title: str
    organization: str
    version_id: int
    number: int
    newest: int
    key: str
    is_closed: bool
    closes_at: datetime | None

    @property
    def is_newest(self) -> bool:
        """Whether no later version leaves it out."""
        return self.number == self.newest


def naming(kind: str, keys: Collection[str]) -> list[Naming]:
    """
    Of each microcredential the newest published version that names one of these. One query.

    A microcredential comes once for each of the keys that it names.
    """
    newest = (
        MicrocredentialVersion.objects.filter(
            microcredential=OuterRef("microcredential"), state__in=_PUBLISHED
        )
        .values("microcredential")
        .annotate(newest=Max("number"))
        .values("newest")
    )
    rows = (
        RequirementIndex.objects.filter(
            kind=kind, object_key__in=list(keys), version__state__in=_PUBLISHED
        )
        .annotate(newest=Subquery(newest))
        .values_list(
            "microcredential_id", "microcredential__uuid", "version__title",
            "microcredential__organization", "version_id", "version__number", "newest",
            "object_key", "version__state", "version__closes_at",
        )
        .order_by("version__number")
    )  # fmt: skip
    found: dict[tuple[int, str], Naming] = {}
    wanted = set(keys)
    for pk, uuid, title, organization, version_id, number, last, key, state, closes_at in rows:
        if key in wanted:  # a collation may have found more than was asked for
            found[pk, key] = Naming(
                pk, str(uuid), title, organization, version_id, number, last, key,
                state == VersionState.CLOSED, closes_at,
            )  # fmt: skip
    return list(found.values())


def versions_and_drafts(
    version_ids: Collection[int], drafts_of: Collection[int]
) -> tuple[dict[int, MicrocredentialVersion], dict[int, MicrocredentialVersion]]:
    """These versions by id, and the drafts of these microcredentials by theirs. One query."""
    found = MicrocredentialVersion.objects.select_related("microcredential").filter(
        Q(pk__in=list(version_ids))
        | Q(state=VersionState.DRAFT, microcredential__in=list(drafts_of))
    )
    versions = {one.pk: one for one in found}
    drafts = {
        one.microcredential_id: one for one in versions.values() if one.state == VersionState.DRAFT
    }
    return versions, drafts


def newest_published(microcredential: Microcredential) -> MicrocredentialVersion | None:
    """The version that was published last and not withdrawn. One query."""
    return microcredential.versions.filter(state__in=_PUBLISHED).order_by("-number").first()


def newest_published_of(microcredential_ids: Collection[int]) -> dict[int, MicrocredentialVersion]:
    """The same of several, by microcredential. One query."""
    found = MicrocredentialVersion.objects.filter(
        microcredential__in=list(microcredential_ids), state__in=_PUBLISHED
    )
    return {one.microcredential_id: one for one in found.order_by("number")}


def attachable(
    *,
    mine: Collection[str] | None,
    member_of: Collection[str],
    courses: Collection[str],
    text: str = "",
) -> QuerySet[Microcredential]:
    """
    The microcredentials to which a course may be offered, by title, each with `is_published`.

    They are published, and public, or for the members of one of these organisations, or count one
    of these courses or runs already; or they are of `mine`, which is None for whoever may see all.
    Every word of the text has to stand in the title, the organisation or a skill.
    """
    versions = MicrocredentialVersion.objects.filter(microcredential=OuterRef("pk"))
    published = versions.filter(state=VersionState.PUBLISHED)
    found = Microcredential.objects.annotate(is_published=Exists(published))
    if mine is not None:
        entries = RequirementIndex.objects.filter(
            microcredential=OuterRef("pk"),
            kind=RequirementIndex.COURSE,
            object_key__in=list(courses),
            version__state=VersionState.PUBLISHED,
        )
        listed = (
            Q(visibility=Visibility.PUBLIC)
            | Q(visibility=Visibility.ORGANIZATION, organization__in=list(member_of))
            | Exists(entries)
        )
        found = found.filter(Q(is_published=True) & listed | Q(organization__in=list(mine)))
    for word in text.split():
        skills = SkillIndex.objects.filter(
            version__microcredential=OuterRef("pk"),
            version__state=VersionState.PUBLISHED,
            name__icontains=word,
        )
        found = found.filter(
            Q(title__icontains=word) | Q(organization__icontains=word) | Exists(skills)
        )
    return found.order_by("title", "id")


# --- what was agreed on goes into the draft ------------------------------------------------------

# So often somebody may save the draft between our reading and our writing.
_ATTEMPTS = 3


def trees_of_next(microcredential_ids: Collection[int]) -> dict[int, Tree]:
    """By microcredential the requirements of its draft, or of what one would begin with. One query.

    What has neither a draft nor a version is absent.
    """
    newest = (
        MicrocredentialVersion.objects.filter(microcredential=OuterRef("microcredential"))
        .exclude(state=VersionState.WITHDRAWN)
        .order_by("-number")
    )
    found = MicrocredentialVersion.objects.filter(
        microcredential__in=list(microcredential_ids), number=Subquery(newest.values("number")[:1])
    )
    return {one.microcredential_id: trees_of(one)["requirements"] for one in found}


def change_requirements(
    *,
    microcredential: Microcredential,
    change: Callable[[Mapping[str, Tree]], Tree],
    by_id: int | None,
) -> MicrocredentialVersion | None:
    """
    Put what `change` makes of the draft's trees in the place of its requirements; gives the draft.

    Where there is none it is begun, with what the newest version says. A `change` that gives None
    wants nothing changed, and nothing is. Raises `DefinitionRefused`, and `DraftChanged` where
    others go on saving the draft.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        draft = draft_of(microcredential)
        version = draft or newest_published(microcredential)
        changed = change({} if version is None else trees_of(version))
        if changed is None:
            return draft
        content = {} if version is None else content_from(snapshot(version))
        content["requirements"] = write_tree(changed)
        try:
            if draft is None:
                return create_draft(microcredential=microcredential, content=content, by_id=by_id)
            return change_draft(
                version=draft, content=content, by_id=by_id, revision=draft.revision
            )
        except (DefinitionRefused, DraftChanged):
            # Somebody else may have saved, begun or discarded it: then it is another by now.
            if attempt == _ATTEMPTS or not _is_another(draft_of(microcredential), draft):
                raise
    raise AssertionError("the last attempt returns or raises")


def _is_another(now: MicrocredentialVersion | None, then: MicrocredentialVersion | None) -> bool:
    if now is None or then is None:
        return now is not then
    return (now.pk, now.revision) != (then.pk, then.revision)
