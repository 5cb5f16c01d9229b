"""How far the evaluation that follows a publication has come: chunks of learners, done or not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from microcred_plugin.definitions.errors import NotFound
from microcred_plugin.definitions.models import (
    Publication,
    PublicationChunk,
    PublicationState,
    VersionState,
)

# After so long without a sign of life, the worker who had it is taken to be gone.
STALLED = timedelta(minutes=10)


def find_publication(uuid: str) -> Publication:
    """The publication with this uuid. Raises `NotFound`, naming it."""
    try:
        known = UUID(uuid)
    except ValueError:
        known = None
    found = known and (
        Publication.objects.select_related("version__microcredential").filter(uuid=known).first()
    )
    if not found:
        raise NotFound(
            _("There is no publication “{uuid}”; the admin lists them.").format(uuid=uuid)
        )
    return found


def is_being_undone(publication: Publication) -> bool:
    """Whether the version was withdrawn, so that what it led to is to be taken back."""
    return publication.version.state == VersionState.WITHDRAWN


def cut_chunk(
    publication: Publication, learner_ids: Sequence[int], *, now: datetime
) -> PublicationChunk | None:
    """
    Make a chunk of these learners, the next by id; None if somebody else has cut here meanwhile.
    """
    with transaction.atomic():
        has_moved = _unmoved(publication).update(
            state=PublicationState.RUNNING, after_learner=learner_ids[-1], progressed_at=now
        )
        if not has_moved:
            return None
        chunk = PublicationChunk.objects.create(
            publication=publication,
            after_learner=publication.after_learner,
            last_learner=learner_ids[-1],
            learners=len(learner_ids),
            sent_at=now,
        )
    publication.after_learner = learner_ids[-1]
    return chunk


def finish_cutting(publication: Publication, *, now: datetime) -> None:
    """Note that there are no more learners to cut."""
    if _unmoved(publication).update(is_cut=True, progressed_at=now):
        _finish_if_done(publication.pk)


def find_chunk(chunk_id: int) -> PublicationChunk | None:
    """A chunk that is still to be evaluated."""
    return (
        PublicationChunk.objects.select_related("publication__version")
        .filter(pk=chunk_id, done_at=None)
        .first()
    )


def finish_chunk(chunk: PublicationChunk, *, now: datetime) -> None:
    """Note that a chunk has been evaluated; with the last one the publication is done."""
    PublicationChunk.objects.filter(pk=chunk.pk).update(done_at=now)
    Publication.objects.filter(pk=chunk.publication_id).update(progressed_at=now)
    _finish_if_done(chunk.publication_id)


def stalled_publications(*, now: datetime) -> list[Publication]:
    """Publications that are not cut to the end, and that nobody is cutting."""
    return [
        publication
        for publication in Publication.objects.filter(
            state__in=(PublicationState.PENDING, PublicationState.RUNNING), is_cut=False
        ).order_by("id")
        if publication.progressed_at is None or publication.progressed_at < now - STALLED
    ]


def publications_under_way(microcredential_ids: Collection[int]) -> dict[int, Publication]:
    """By microcredential the newest publication that has not evaluated everybody yet. One query."""
    found = Publication.objects.filter(
        version__microcredential__in=microcredential_ids,
        version__state=VersionState.PUBLISHED,
        state__in=(PublicationState.PENDING, PublicationState.RUNNING),
    )
    return {
        publication.version.microcredential_id: publication
        for publication in found.select_related("version").order_by("id")
    }


def unfinished_publications() -> tuple[int, datetime | None]:
    """How many publications are not done, and since when one of them has made no progress."""
    found = Publication.objects.filter(
        state__in=(PublicationState.PENDING, PublicationState.RUNNING)
    ).aggregate(count=Count("id"), since=Min(Coalesce("progressed_at", "at")))
    return found["count"], found["since"]


def chunks_to_send_again(*, now: datetime) -> list[int]:
    """The ids of chunks that were sent long ago and are not done; they count as sent now."""
    lost = PublicationChunk.objects.filter(done_at=None, sent_at__lt=now - STALLED)
    ids = list(lost.values_list("pk", flat=True))
    PublicationChunk.objects.filter(pk__in=ids, done_at=None).update(sent_at=now)
    return ids


def progress_of(publication: Publication) -> tuple[int, int]:
    """How many learners have been looked at, and how many it is known to concern so far."""
    found = publication.chunks.aggregate(
        done=Sum("learners", filter=Q(done_at__isnull=False)), cut=Sum("learners")
    )
    return found["done"] or 0, found["cut"] or 0


def forget_publisher(user_id: int) -> None:
    """Forget that it was this user who published what they did."""
    Publication.objects.filter(by=user_id).update(by=None)


def _unmoved(publication: Publication) -> QuerySet[Publication]:
    """The row of a publication, as long as nobody has cut on since it was read."""
    return Publication.objects.filter(
        pk=publication.pk, after_learner=publication.after_learner, is_cut=False
    )


def _finish_if_done(publication_id: int) -> None:
    publication = Publication.objects.select_related("version").get(pk=publication_id)
    if publication.is_cut and not publication.chunks.filter(done_at=None).exists():
        is_undone = is_being_undone(publication)
        Publication.objects.filter(pk=publication_id).update(
            state=PublicationState.UNDONE if is_undone else PublicationState.DONE
        )
