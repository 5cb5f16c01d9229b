"""
The story of the plugin: how learners come to hold what they have earned.

A batch of learners is locked, the truth about them is read from the platform, every microcredential
that it may concern is judged, components first, and what changes is written down. An event is a
batch of one; a publication, a reconciliation and a person's decision are the same thing for other
learners. Telling the world comes after the commit, in `messages`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.utils import timezone

from microcred_plugin import monitoring
from microcred_plugin.authoring import api as authoring
from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Because, Cause
from microcred_plugin.credentials import api as credentials
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Publication
from microcred_plugin.host import get_host
from microcred_plugin.planning import HostFailed, Plan, ask, candidates, plan

log = logging.getLogger(__name__)


# --- one way for everything ----------------------------------------------------------------------


def evaluate(
    learner_ids: Iterable[int],
    microcredential_ids: Collection[int],
    because: Because,
    *,
    now: datetime | None = None,
    undone: str = "",
    is_dry_run: bool = False,
) -> Iterator[Plan]:
    """
    Bring the awards of these learners in line with the truth, a batch at a time.

    Whatever stacks on these microcredentials is looked at too, and everything below. Yields what
    each batch changed, or in a dry run would change; nothing happens until it is iterated.
    """
    ids = iter(learner_ids)
    size = settings.MICROCRED_BATCH_SIZE
    learners = changes = 0
    while batch := list(islice(ids, size)):
        began = time.monotonic()
        with monitoring.traced("microcred.evaluate"):
            done = _evaluate_batch(batch, microcredential_ids, because, now, undone, is_dry_run)
        learners, changes = learners + done.learners, changes + len(done.changes)
        _note(because, learners, microcredential_ids, changes)
        yield done
        # Batches shrink so far that none holds its locks for much longer than a second.
        took = time.monotonic() - began
        if took > 1:
            size = max(1, size // 2)
        elif took < 0.3:
            size = min(settings.MICROCRED_BATCH_SIZE, size * 2)


def _evaluate_batch(
    learner_ids: Collection[int],
    microcredential_ids: Collection[int],
    because: Because,
    now: datetime | None,
    undone: str,
    is_dry_run: bool,
) -> Plan:
    def work() -> Plan:
        return _evaluate_now(
            learner_ids, microcredential_ids, because, now or timezone.now(), undone, is_dry_run
        )

    return work() if is_dry_run else awards.with_learners_locked(learner_ids, work)


def _evaluate_now(
    learner_ids: Collection[int],
    microcredential_ids: Collection[int],
    because: Because,
    now: datetime,
    undone: str = "",
    is_dry_run: bool = False,
) -> Plan:
    """The one evaluation there is. Everything is read under the lock, the definitions too."""
    stack = definitions.load_stack(microcredential_ids)
    planned = plan(learner_ids, stack, now=now, undone=undone)
    if not is_dry_run:
        awards.record(planned.changes, because, now=now)
        awards.expect(planned.dues)
    return planned


def _note(because: Because, learners: int, ids: Collection[int], changes: int) -> None:
    monitoring.note_evaluation(
        cause=because.cause.value, learners=learners, microcredentials=len(ids), changes=changes
    )


def _finish(plans: Iterable[Plan]) -> int:
    """Go through all batches; how many changes there were."""
    return sum(len(planned.changes) for planned in plans)


# --- an event ------------------------------------------------------------------------------------


def follow_hint(learner_id: int, run: str, *, now: datetime | None = None) -> int:
    """
    Something about this learner in this course run may have changed; how many awards did.

    Raises `HostFailed`, after noting that the platform has to be asked again.
    """
    concerned = definitions.concerned_by([run])
    if not concerned:
        return 0
    try:
        return _finish(evaluate([learner_id], concerned, Because(Cause.EVENT, run), now=now))
    except HostFailed:
        _ask_again(learner_id, concerned, now)
        raise


# --- a publication -------------------------------------------------------------------------------


def cut_publication(
    uuid: str, *, now: datetime | None = None, at_most: int | None = None
) -> Iterator[int]:
    """
    Cut the learners whom a publication concerns into chunks; yields the id of each.

    For a publication that is being undone these are the learners who hold what it led to. It ends
    early after `at_most` chunks, and where somebody else is cutting the same publication.
    """
    publication = definitions.find_publication(uuid)
    limit = settings.MICROCRED_BATCH_SIZE
    cut = 0
    while at_most is None or cut < at_most:
        at = now or timezone.now()
        learner_ids = _concerned_by(publication, publication.after_learner, limit)
        if not learner_ids:
            definitions.finish_cutting(publication, now=at)
            return
        chunk = definitions.cut_chunk(publication, learner_ids, now=at)
        if chunk is None:
            return
        yield chunk.id
        cut += 1


def evaluate_chunk(chunk_id: int, *, now: datetime | None = None) -> int:
    """Evaluate a chunk, if nobody has yet; how many awards changed."""
    chunk = definitions.find_chunk(chunk_id)
    if chunk is None:
        return 0
    publication = chunk.publication
    uuid = str(publication.uuid)
    if definitions.is_being_undone(publication):
        because, undone = Because(Cause.UNDO, uuid), uuid
    else:
        because, undone = Because(Cause.PUBLICATION, uuid, publication.by_id), ""
    ids = [publication.version.microcredential_id]
    after, changes = chunk.after_learner, 0
    # Read again rather than handed over: whoever has come since belongs to it too.
    while page := _concerned_by(publication, after, settings.MICROCRED_BATCH_SIZE):
        mine = [learner_id for learner_id in page if learner_id <= chunk.last_learner]
        try:
            changes += _finish(evaluate(mine, ids, because, now=now, undone=undone))
        except SoftTimeLimitExceeded:
            raise  # not about anybody: the task has to end
        except Exception:
            failed = _evaluate_each(mine, ids, because, now, undone)
            if len(failed) == len(mine):
                raise  # not one learner, but the platform: the whole chunk is tried again
        after = page[-1]
        if after >= chunk.last_learner:
            break
    definitions.finish_chunk(chunk, now=now or timezone.now())
    return changes


def run_publication(uuid: str, *, now: datetime | None = None) -> int:
    """Evaluate everybody whom a publication concerns, here and now; how many awards changed."""
    return sum(evaluate_chunk(chunk_id, now=now) for chunk_id in cut_publication(uuid, now=now))


def _concerned_by(publication: Publication, after: int, limit: int) -> list[int]:
    """The next ids, above `after`, of whom a publication concerns, or its undoing."""
    if definitions.is_being_undone(publication):
        return awards.learners_with_award_from(
            publication.uuid, publication.version_id, after=after, limit=limit
        )
    stack = definitions.load_stack([publication.version.microcredential_id])
    return candidates(stack, after=after, limit=limit)


# --- reconciling ---------------------------------------------------------------------------------


def reconcile(
    *,
    microcredential_ids: Collection[int],
    learner_ids: Collection[int] | None = None,
    now: datetime | None = None,
    is_dry_run: bool = False,
) -> Iterator[Plan]:
    """
    Restore every award that the platform's tables and people's decisions ask for.

    For these learners, or for everybody whom the microcredentials may concern. Yields what each
    batch changed, or in a dry run would change.
    """
    ids = _everybody(microcredential_ids) if learner_ids is None else learner_ids
    return evaluate(
        ids, microcredential_ids, Because(Cause.RECONCILE), now=now, is_dry_run=is_dry_run
    )


def _everybody(microcredential_ids: Collection[int]) -> Iterator[int]:
    limit, after = settings.MICROCRED_BATCH_SIZE, 0
    while page := candidates(definitions.load_stack(microcredential_ids), after=after, limit=limit):
        yield from page
        after = page[-1]


# --- a person's decision -------------------------------------------------------------------------


def obey(
    learner_id: int,
    microcredential_id: int,
    because: Because,
    *,
    decision: Callable[[datetime], None],
    now: datetime | None = None,
) -> Plan:
    """
    Let a person decide about one award, and bring everything in line with it at once.

    `decision` checks that it is possible and keeps it, under the learner's lock; what it raises
    leaves everything as it was. `microcred_plugin.decisions` has those that there are.
    """

    def work() -> Plan:
        at = now or timezone.now()
        decision(at)
        return _evaluate_now([learner_id], [microcredential_id], because, at)

    return awards.with_learners_locked([learner_id], work)


# --- time, and what was missed -------------------------------------------------------------------


def follow_time(*, now: datetime | None = None, limit: int = 1000) -> int:
    """Look at everything that has fallen due; how many entries there were."""
    at = now or timezone.now()
    definitions.close_due_versions(now=at)
    rows = awards.due_before(at, limit=limit)
    wanted: dict[int, set[int]] = {}
    for row in rows:
        wanted.setdefault(row.learner_id, set()).add(row.microcredential_id)
    _evaluate_all(wanted, Because(Cause.TIME), now)
    awards.settle_due(rows)
    return len(rows)


def follow_changes(*, now: datetime | None = None, limit: int = 1000) -> bool:
    """
    Evaluate those whose results have changed in the platform since the last time.

    Whatever happened to the hints, this is what heals. Whether there is more to read at once.
    """
    changed = ask(get_host().changes_since, awards.watermark(), limit=limit)
    concerned = definitions.concerned_by_each({run for _learner_id, run in changed.hints})
    wanted: dict[int, set[int]] = {}
    for learner_id, run in changed.hints:
        wanted.setdefault(learner_id, set()).update(concerned[run])
    _evaluate_changed(wanted, now)
    awards.set_watermark(changed.watermark)
    if not changed.has_more:
        awards.set_mark(awards.READ_TO_THE_END)
    return changed.has_more


def _evaluate_changed(wanted: Mapping[int, Collection[int]], now: datetime | None) -> None:
    """
    Evaluate what may have changed, as part of the publications that are under way.

    The tables are read over and over: where the sweep is faster than the publication, what this
    leads to would otherwise be put down to something else, and not be seen on its page.
    """
    ids = {pk for microcredential_ids in wanted.values() for pk in microcredential_ids}
    under_way = definitions.publications_under_way(ids) if ids else {}
    for pk, publication in under_way.items():
        concerned = {learner_id: [pk] for learner_id, ids in wanted.items() if pk in ids}
        because = Because(Cause.PUBLICATION, str(publication.uuid), publication.by_id)
        _evaluate_all(concerned, because, now)
    # After them, since these take in what stacks on them.
    _evaluate_all(
        {
            learner_id: [pk for pk in ids if pk not in under_way]
            for learner_id, ids in wanted.items()
        },
        Because(Cause.RECONCILE),
        now,
    )


def _evaluate_all(
    wanted: Mapping[int, Collection[int]], because: Because, now: datetime | None
) -> None:
    """
    Evaluate learners for various microcredentials, those with the same ones together.

    Where a batch fails each learner is tried alone, and whoever fails alone is noted as due: one
    whom the platform can't speak of does not hold up the others.
    """
    groups: dict[frozenset[int], list[int]] = {}
    for learner_id, microcredential_ids in sorted(wanted.items()):
        if microcredential_ids:
            groups.setdefault(frozenset(microcredential_ids), []).append(learner_id)
    changes = 0
    for ids, learner_ids in groups.items():
        try:
            changes += _finish(evaluate(learner_ids, ids, because, now=now))
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            _evaluate_each(learner_ids, ids, because, now)
    if groups:
        learners = sum(map(len, groups.values()))
        _note(because, learners, frozenset[int]().union(*groups), changes)


def _evaluate_each(
    learner_ids: Iterable[int],
    ids: Collection[int],
    because: Because,
    now: datetime | None,
    undone: str = "",
) -> list[int]:
    """Evaluate each learner alone; who could not be is noted as due, and given back."""
    failed = []
    for learner_id in learner_ids:
        try:
            _finish(evaluate([learner_id], ids, because, now=now, undone=undone))
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("microcredentials: learner %s could not be evaluated", learner_id)
            _ask_again(learner_id, ids, now)
            failed.append(learner_id)
    return failed


def _ask_again(learner_id: int, ids: Iterable[int], now: datetime | None) -> None:
    later = (now or timezone.now()) + timedelta(seconds=settings.MICROCRED_RETRY_SECONDS)
    awards.expect([((learner_id, pk), awards.Why.UNKNOWN, later) for pk in ids])


# --- leaving -------------------------------------------------------------------------------------


def retire(learner_id: int) -> None:
    """Forget what is personal about a user. Raises, so that a failed retirement is seen."""

    def work() -> None:
        awards.forget(learner_id)
        credentials.forget(learner_id)
        authoring.forget(learner_id)
        definitions.forget_people(learner_id)

    awards.with_learners_locked([learner_id], work)
