"""
The door of the definitions: create, draft, publish, look up. Other parts touch no model of it.

What an author does wrong raises `DefinitionRefused`, which lists every fault with its place.
"""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from microcred_plugin.definitions.authored import (
    Standing,
    authored,
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
from microcred_plugin.definitions.content import content_of, trees_of
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
from microcred_plugin.definitions.files import Imported, export_definitions, import_definitions
from microcred_plugin.definitions.history import (
    changes_of,
    content_from,
    differing,
    forget_author,
    snapshot,
    snapshot_at,
)
from microcred_plugin.definitions.images import data_url, is_drawing, read_upload
from microcred_plugin.definitions.models import (
    Change,
    ChangeKind,
    Microcredential,
    MicrocredentialVersion,
    Publication,
    Switch,
    VersionState,
    Visibility,
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
    stalled_publications,
    unfinished_publications,
)
from microcred_plugin.definitions.skill_types import TARGET_TYPES, is_target_type
from microcred_plugin.definitions.stack import (
    Definition,
    Stack,
    concerned_by,
    concerned_by_each,
    effective_switch,
    is_course_used,
    load_stack,
)

__all__ = [
    "TARGET_TYPES",
    "Change",
    "ChangeKind",
    "Completeness",
    "Definition",
    "DefinitionRefused",
    "DraftChanged",
    "Face",
    "Facets",
    "Fault",
    "Imported",
    "Microcredential",
    "MicrocredentialVersion",
    "NotAnImage",
    "NotFound",
    "Publication",
    "Question",
    "Stack",
    "Standing",
    "Switch",
    "VersionState",
    "Visibility",
    "all_ids",
    "asked_by_readers",
    "authored",
    "change_draft",
    "change_microcredential",
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
    "differing",
    "discard_draft",
    "draft_of",
    "effective_switch",
    "export_definitions",
    "face_of",
    "facets",
    "faults_before_publication",
    "find_chunk",
    "find_microcredential",
    "find_publication",
    "find_version",
    "find_version_or_draft",
    "finish_chunk",
    "finish_cutting",
    "forget_people",
    "import_definitions",
    "is_being_undone",
    "is_course_used",
    "is_drawing",
    "is_target_type",
    "level_in_words",
    "list_microcredentials",
    "load_stack",
    "narrowed",
    "newest_version_id",
    "offers",
    "organizations_with_microcredentials",
    "publish",
    "published_versions",
    "read_upload",
    "search_microcredentials",
    "set_switch",
    "snapshot",
    "snapshot_at",
    "stalled_publications",
    "trees_of",
    "unfinished_publications",
    "version_id",
    "withdraw",
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


def forget_people(user_id: int) -> None:
    """Forget that it was this user who wrote and published what they did."""
    forget_publisher(user_id)
    forget_author(user_id)
