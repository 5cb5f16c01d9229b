"""What Studio asks the LMS, and how far the answer has come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from microcred_plugin.authoring.models import UNFINISHED, Preview, PreviewState

# After so long without a sign of life, the worker who had it is taken to be gone.
STALLED = timedelta(minutes=5)
# So often in a row it may fail to go on.
ATTEMPTS = 4
# Numbers of a course that are older are asked for again; after a failure, before long.
FRESH = timedelta(minutes=15)
FRESH_FAILURE = timedelta(minutes=1)
KEPT = timedelta(days=30)


# --- asking --------------------------------------------------------------------------------------


def ask_preview(
    *,
    kind: Preview.Kind,
    microcredential_id: int,
    content: Mapping[str, Any],
    by_id: int | None,
    now: datetime,
    revision: int | None = None,
    run: str = "",
) -> Preview:
    """
    Ask what a publication or a detachment would change.

    Asking the same twice while the first is not answered is asking once; what the same user asked
    about the same microcredential before that is cancelled.
    """
    mine = Preview.objects.filter(
        kind=kind, microcredential=microcredential_id, run=run, by=by_id, state__in=UNFINISHED
    )
    for earlier in mine:
        if earlier.content == content:
            return earlier
        cancel_preview(earlier)
    return Preview.objects.create(
        kind=kind,
        microcredential_id=microcredential_id,
        run=run,
        revision=revision,
        content=dict(content),
        by_id=by_id,
        asked_at=now,
    )


def ask_course_figures(*, run: str, by_id: int | None, now: datetime) -> tuple[Preview, bool]:
    """
    The newest question about the learners of a course run, and whether it was asked just now.

    It is asked again once the answer is older than a quarter of an hour.
    """
    newest = newest_of_course(run)
    if newest is not None and (newest.is_unfinished or _is_fresh(newest, now)):
        return newest, False
    asked = Preview.objects.create(kind=Preview.Kind.COURSE, run=run, by_id=by_id, asked_at=now)
    return asked, True


def _is_fresh(preview: Preview, now: datetime) -> bool:
    is_done = preview.state == PreviewState.DONE
    return preview.asked_at > now - (FRESH if is_done else FRESH_FAILURE)


def cancel_preview(preview: Preview) -> None:
    """Have nobody go on with it, unless it is finished."""
    Preview.objects.filter(pk=preview.pk, state__in=UNFINISHED).update(state=PreviewState.CANCELLED)


# --- looking -------------------------------------------------------------------------------------


def find_preview(uuid: UUID | str) -> Preview | None:
    """The preview with this uuid, with what it is about."""
    return Preview.objects.select_related("microcredential").filter(uuid=uuid).first()


def newest_preview(microcredential_id: int, *, kind: Preview.Kind, run: str = "") -> Preview | None:
    """The newest that was asked about a microcredential and not cancelled. One query."""
    return (
        Preview.objects.filter(microcredential=microcredential_id, kind=kind, run=run)
        .exclude(state=PreviewState.CANCELLED)
        .first()
    )


def newest_of_course(run: str, *, is_done: bool = False) -> Preview | None:
    """The newest about the learners of a course run; `is_done`: that is answered. One query."""
    found = Preview.objects.filter(kind=Preview.Kind.COURSE, run=run)
    if is_done:
        found = found.filter(state=PreviewState.DONE)
    # A database may have compared without regard to case.
    return next((preview for preview in found[:5] if preview.run == run), None)


# --- answering -----------------------------------------------------------------------------------


def begin_preview(
    preview: Preview, *, learners: int, result: Mapping[str, Any], now: datetime
) -> bool:
    """Note how many learners it is about; False if somebody else has begun, or cancelled it."""
    return _move(
        preview,
        Preview.objects.filter(pk=preview.pk, state=PreviewState.WAITING),
        state=PreviewState.RUNNING,
        learners=learners,
        result=dict(result),
        progressed_at=now,
        failures=0,
    )


def advance_preview(
    preview: Preview, *, after: int, learners: int, result: Mapping[str, Any], now: datetime
) -> bool:
    """
    Keep the answer about everybody up to a learner, `learners` more than before.

    False, and nothing is kept, if anybody has gone on or cancelled it since it was read: then
    these learners are in the answer already, or nobody wants it.
    """
    return _move(
        preview,
        _unmoved(preview),
        after_learner=after,
        learners_done=preview.learners_done + learners,
        result=dict(result),
        progressed_at=now,
        failures=0,
    )


def finish_preview(preview: Preview, *, now: datetime) -> bool:
    """Note that there are no more learners."""
    # Who has come or left meanwhile: it ends with as many as there were.
    return _move(
        preview,
        _unmoved(preview),
        state=PreviewState.DONE,
        learners=preview.learners_done,
        progressed_at=now,
    )


def note_failed_preview(preview: Preview, *, now: datetime, is_final: bool = False) -> None:
    """Note that it could not go on; after several times in a row, or a final one, it has failed."""
    failures = preview.failures + 1
    has_failed = is_final or failures >= ATTEMPTS
    _move(
        preview,
        Preview.objects.filter(
            pk=preview.pk,
            state__in=UNFINISHED,
            after_learner=preview.after_learner,
            progressed_at=preview.progressed_at,
        ),
        state=PreviewState.FAILED if has_failed else preview.state,
        failures=failures,
        progressed_at=now,
    )


def _move(preview: Preview, rows: QuerySet[Preview], **values: Any) -> bool:
    if not rows.update(**values):
        return False
    for name, value in values.items():
        setattr(preview, name, value)
    return True


def _unmoved(preview: Preview) -> QuerySet[Preview]:
    """Its row, as long as it is running, and nobody has gone on with it since it was read."""
    return Preview.objects.filter(
        pk=preview.pk,
        state=PreviewState.RUNNING,
        after_learner=preview.after_learner,
        progressed_at=preview.progressed_at,
    )


# --- what the sweep does -------------------------------------------------------------------------


def unfinished_previews() -> list[str]:
    """The uuids of all that are not answered, the oldest first."""
    found = Preview.objects.filter(state__in=UNFINISHED).order_by("id")
    return [str(uuid) for uuid in found.values_list("uuid", flat=True)]


def previews_to_send(*, now: datetime) -> list[str]:
    """The uuids of those that nobody is at, or has been for long; they count as sent now."""
    idle = Preview.objects.filter(
        Q(progressed_at=None) | Q(progressed_at__lt=now - STALLED), state__in=UNFINISHED
    ).order_by("id")
    found = list(idle)
    return [
        str(preview.uuid)
        for preview in found
        if Preview.objects.filter(
            pk=preview.pk, state=preview.state, progressed_at=preview.progressed_at
        ).update(progressed_at=now)
    ]


def forget_previews(*, now: datetime) -> int:
    """Delete what is too old to be of use, but what is about a draft that is still there."""
    of_a_draft = Preview.objects.filter(
        kind=Preview.Kind.PUBLICATION,
        microcredential__versions__draft_slot=1,
        microcredential__versions__created__lte=F("asked_at"),
    )
    old = Preview.objects.filter(asked_at__lt=now - KEPT).exclude(pk__in=of_a_draft.values("pk"))
    # Read first: MySQL deletes from no table that the condition reads.
    ids = list(old.values_list("pk", flat=True))
    return Preview.objects.filter(pk__in=ids).delete()[0]
