"""
The door of the definitions: create, draft, publish, look up. Other parts touch no model of it.

What an author does wrong raises `DefinitionRefused`, which lists every fault with its place.
"""

from __future__ import annotations

import logging
from collections.abc import (
    Collection,
    Iterable,
)
from contextlib import (
    suppress,
)
from datetime import (
    datetime,
)
from uuid import (
    UUID,
)

from django.db import (
    OperationalError,
)
from django.db.models import (
    Q,
    QuerySet,
)
from django.utils.translation import (
    gettext as _,
)

from microcred_plugin.definitions.attaching import (
    Naming,
    attachable,
    change_requirements,
    naming,
    newest_published,
    newest_published_of,
    trees_of_next,
    versions_and_drafts,
)
from microcred_plugin.definitions.authored import (
    Standing,
    authored,
    microcredentials_of,
    organizations_with_microcredentials,
)
from microcred_plugin.definitions.catalog import (
    Facets,
    facets,
    find_version,
    find_version_or_draft,
    narrowed,
    offers,
    published_versions,
)
from microcred_plugin.definitions.completeness import Completeness, Question, asked_by_readers
from microcred_plugin.definitions.content import (
    FIELDS,
    TREES,
    content_of,
    faults_of_tree,
    nodes_of,
    trees_of,
)
from microcred_plugin.definitions.drafts import (
    change_draft,
    change_microcredential,
    create_draft,
    create_microcredential,
    discard_draft,
    draft_of,
    set_switch,
)
from microcred_plugin.definitions.errors import (
    DefinitionRefused,
    DraftChanged,
    Fault,
    NotAnImage,
    NotFound,
)
from microcred_plugin.definitions.faces import Face, face_of, level_in_words
from microcred_plugin.definitions.files import (
    Imported,
    export_definitions,
    import_definitions,
    read_entry,
)
from microcred_plugin.definitions.finding import microcredentials_by_uuid, search_published
from microcred_plugin.definitions.history import (
    change_of,
    changes_of,
    content_from,
    differing,
    forget_author,
    last_changed_by,
    snapshot,
    snapshot_at,
    snapshot_of,
)
from microcred_plugin.definitions.images import (
    data_url,
    image_with,
    is_drawing,
    keep_image,
    read_content,
    read_image,
    read_upload,
)
from microcred_plugin.definitions.imagining import (
    Imagined,
    deciding,
    imagine,
    problems_in,
    without_course,
)
from microcred_plugin.definitions.models import (
    Change,
    ChangeKind,
    Microcredential,
    MicrocredentialVersion,
    Publication,
    RegressionPolicy,
    Switch,
    VersionState,
    Visibility,
)
from microcred_plugin.definitions.naming import (
    components,
    selected,
    titles,
)
from microcred_plugin.definitions.publishing import (
    close_due_versions,
    faults_before_publication,
    publish,
    withdraw,
)
from microcred_plugin.definitions.running import (
    chunks_to_send_again,
    cut_chunk,
    find_chunk,
    find_publication,
    finish_chunk,
    finish_cutting,
    forget_publisher,
    is_being_undone,
    progress_of,
    publications_under_way,
    stalled_publications,
    unfinished_publications,
)
from microcred_plugin.definitions.skill_types import (
    TARGET_TYPES,
    is_target_type,
)
from microcred_plugin.definitions.stack import (
    Definition,
    Stack,
    concerned_by,
    concerned_by_each,
    effective_switch,
    is_course_used,
    load_stack,
)
from microcred_plugin.evaluation.requirements import (
    Node,
)
from microcred_plugin.host import (
    get_host,
)

log = logging.getLogger(__name__)

__all__ = [
    "FIELDS",
    "TARGET_TYPES",
    "TREES",
    "Change",
    "ChangeKind",
    "Completeness",
    "Definition",
    "DefinitionRefused",
    "DraftChanged",
    "Face",
    "Facets",
    "Fault",
    "Imagined",
    "Imported",
    "Microcredential",
    "MicrocredentialVersion",
    "Naming",
    "NotAnImage",
    "NotFound",
    "Publication",
    "Question",
    "RegressionPolicy",
    "Stack",
    "Standing",
    "Switch",
    "VersionState",
    "Visibility",
    "all_ids",
    "asked_by_readers",
    "attachable",
    "authored",
    "change_draft",
    "change_microcredential",
    "change_of",
    "change_requirements",
    "changes_of",
    "chunks_to_send_again",
    "close_due_versions",
    "concerned_by",
    "concerned_by_each",
    "content_from",
    "content_of",
    "create_draft",
    "create_microcredential",
    "cut_chunk",
    "data_url",
    "deciding",
    "differing",
    "discard_draft",
    "draft_of",
    "effective_switch",
    "export_definitions",
    "face_of",
    "facets",
    "faults_before_publication",
    "faults_of_tree",
    "find_chunk",
    "find_microcredential",
    "find_publication",
    "find_version",
    "find_version_or_draft",
    "finish_chunk",
    "finish_cutting",
    "forget_people",
    "image_with",
    "imagine",
    "import_definitions",
    "is_being_undone",
    "is_course_used",
    "is_drawing",
    "is_open",
    "is_taken",
    "is_target_type",
    "keep_image",
    "last_changed_by",
    "level_in_words",
    "list_microcredentials",
    "load_stack",
    "microcredential_with",
    "microcredentials_by_uuid",
    "microcredentials_of",
    "naming",
    "narrowed",
    "newest_published",
    "newest_published_of",
    "newest_version_id",
    "nodes_of",
    "offers",
    "organizations_with_microcredentials",
    "problems_in",
    "progress_of",
    "publications_of",
    "publications_under_way",
    "publish",
    "published_versions",
    "read_content",
    "read_entry",
    "read_image",
    "read_upload",
    "search_microcredentials",
    "search_published",
    "set_switch",
    "snapshot",
    "snapshot_at",
    "snapshot_of",
    "stalled_publications",
    "title_of",
    "titles_by_id",
    "titles_of",
    "trees_of",
    "trees_of_next",
    "unfinished_publications",
    "version_id",
    "versions_and_drafts",
    "versions_of",
    "withdraw",
    "without_course",
]


def find_microcredential(name: str) -> Microcredential:
    """The microcredential with this slug or uuid. Raises `NotFound`, naming it."""
    # What can't be printed is no slug, and some of it no database can be asked for.
    found = Microcredential.objects.filter(slug=name).first() if name.isprintable() else None
    if found is None and _is_uuid(name):
        found = Microcredential.objects.filter(uuid=name).first()
    if found is None:
        raise NotFound(
            _("There is no microcredential “{name}”: give its slug or its uuid.").format(name=name)
        )
    return found


def microcredential_with(uuid: UUID) -> Microcredential | None:
    """The microcredential with this uuid, if there is one. One query."""
    return Microcredential.objects.filter(uuid=uuid).first()


def search_microcredentials(text: str, *, limit: int) -> list[Microcredential]:
    """
    Those that somebody may mean by a slug, a uuid, or a part of a title; by organisation and title.

    A slug or a uuid that fits as it is means that one.
    """
    with suppress(NotFound):
        return [find_microcredential(text)]
    if not text or not text.isprintable():
        return []
    found = Microcredential.objects.filter(Q(title__icontains=text) | Q(slug__icontains=text))
    return list(found[:limit])


def list_microcredentials() -> list[Microcredential]:
    """All of them, by organisation and title."""
    return list(Microcredential.objects.all())


def all_ids() -> list[int]:
    """The ids of all microcredentials."""
    return list(Microcredential.objects.order_by("id").values_list("id", flat=True))


def newest_version_id(microcredential_id: int) -> int | None:
    """The id of the version that was published last, if there is one."""
    return _published(microcredential_id).order_by("-number").values_list("id", flat=True).first()


def version_id(microcredential_id: int, number: int) -> int:
    """The id of a version that has been published."""
    return _published(microcredential_id).get(number=number).pk


def _published(microcredential_id: int) -> QuerySet[MicrocredentialVersion]:
    return MicrocredentialVersion.objects.filter(microcredential=microcredential_id).exclude(
        state__in=(VersionState.DRAFT, VersionState.WITHDRAWN)
    )


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def titles_of(nodes: Iterable[tuple[str, Node]]) -> dict[str, str]:
    """
    What everything that these nodes name is called now. One query, and one question to the host.

    Where the platform can't answer, courses are called by their keys.
    """
    found = list(nodes)
    selection = selected(found)
    try:
        runs = get_host().course_runs(selection) if selection else {}
    except OperationalError:
        raise  # the database's own trouble
    except Exception:
        log.exception("microcredentials: titles of courses could not be read")
        runs = {}
    return titles(found, components(found), runs)


def is_taken(name: str) -> bool:
    """Whether a microcredential has this slug or uuid already."""
    try:
        find_microcredential(name)
    except NotFound:
        return False
    return True


def title_of(uuid: str) -> str:
    """What the microcredential with this uuid is called; the uuid where there is none."""
    found = Microcredential.objects.filter(uuid=uuid).first() if _is_uuid(uuid) else None
    return uuid if found is None else found.title


def titles_by_id(ids: Collection[int]) -> dict[int, str]:
    """The titles of microcredentials, by their ids. One query."""
    return dict(Microcredential.objects.filter(pk__in=ids).values_list("pk", "title"))


def is_open(version: MicrocredentialVersion, now: datetime) -> bool:
    """Whether a version can be earned now."""
    is_published = version.state == VersionState.PUBLISHED
    return is_published and (version.closes_at is None or version.closes_at > now)


def versions_of(microcredential: Microcredential) -> list[MicrocredentialVersion]:
    """Every version there ever was, the newest first. One query."""
    return list(microcredential.versions.order_by("-number"))


def publications_of(microcredential: Microcredential) -> list[Publication]:
    """Its publications, the newest first. One query."""
    return list(
        Publication.objects.select_related("version").filter(
            version__microcredential=microcredential
        )
    )


def forget_people(user_id: int) -> None:
    """Forget that it was this user who wrote and published what they did."""
    forget_publisher(user_id)
    forget_author(user_id)
