"""Celery tasks, and how they are sent. Thin: each hands over to what is below."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from functools import wraps
from time import monotonic
from typing import Any

from celery import Task, current_app, shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from edx_django_utils.cache import get_cache_key

from microcred_plugin import broker, earning, monitoring, previewing
from microcred_plugin.authoring import api as authoring
from microcred_plugin.awards import api as awards
from microcred_plugin.credentials import api as credentials
from microcred_plugin.definitions import api as definitions
from microcred_plugin.messages import api as messages

log = logging.getLogger(__name__)

# A sweep goes on with one thing for so many seconds; the next sweep goes on from there.
STEP_SECONDS = 40

# What every task is: done again if its worker dies, and never for ever.
_TASK: dict[str, Any] = {
    "acks_late": True,
    "reject_on_worker_lost": True,
    "ignore_result": True,
    "soft_time_limit": 300,
    "time_limit": 360,
}
ATTEMPTS = 4

CHUNKS_AT_A_TIME = 100

# A task goes on with a preview for so many seconds, and then makes room for others.
PREVIEW_SECONDS = 20


def _retried(function: Callable[..., None]) -> Task:
    """
    A task that is tried again, later and later, when it fails in a worker.

    Where tasks run eagerly, in whoever sends them, it fails at once: nobody there could wait, and
    the sweep tries again.
    """

    @wraps(function)
    def run(task: Task, *args: Any) -> None:
        monitoring.note(monitoring.TASK, function.__name__)
        try:
            function(*args)
        except Exception as error:
            if task.request.called_directly or task.request.is_eager:
                raise
            countdown = random.uniform(0.5, 1) * 10 * 4**task.request.retries
            raise task.retry(exc=error, countdown=countdown) from error

    return shared_task(bind=True, max_retries=ATTEMPTS - 1, **_TASK)(run)


# --- the tasks ---


@_retried
def follow_hint(learner_id: int, run: str) -> None:
    """Evaluate what an event about this learner and course run may have changed."""
    # Before anything is read, so that a change which comes from now on gets a task of its own.
    _release(_marker(learner_id, run))
    monitoring.note(monitoring.LEARNER_ID, learner_id)
    if earning.follow_hint(learner_id, run):
        announce.run()


@_retried
def run_publication(uuid: str) -> None:
    """Send for the evaluation of everybody whom a publication concerns, in chunks."""
    monitoring.note(monitoring.PUBLICATION, uuid)
    cut = 0
    for chunk_id in earning.cut_publication(uuid, at_most=CHUNKS_AT_A_TIME):
        send(evaluate_chunk, chunk_id)
        cut += 1
    if cut == CHUNKS_AT_A_TIME:
        send(run_publication, uuid)


@_retried
def evaluate_chunk(chunk_id: int) -> None:
    """Evaluate one chunk of the learners of a publication."""
    if earning.evaluate_chunk(chunk_id):
        announce.run()


@_retried
def run_preview(uuid: str) -> None:
    """Go on with what Studio asked: for a while, and then in a task behind those that wait."""
    monitoring.note(monitoring.PREVIEW, uuid)
    # Where tasks run at once the sweep goes on: whoever sent this does not wait for all of it.
    if previewing.advance(uuid, seconds=PREVIEW_SECONDS) and not current_app.conf.task_always_eager:
        send(run_preview, uuid)


@shared_task(**_TASK)
def announce() -> None:
    """Tell what is waiting in the outbox."""
    told = 0
    while batch := messages.announce(now=timezone.now()):
        told += batch
    if told:
        monitoring.note(monitoring.TOLD, told)
        if settings.MICROCRED_SIGN == "award":
            send(sign)


@shared_task(**_TASK)
def mail() -> None:
    """
    Tell learners by e-mail what they have earned, as many as the site allows in a minute.

    One at a time: two would both count what has been sent, and then both send the rest.
    """
    key = str(get_cache_key(microcred="mail"))
    if not _take(key, _TASK["time_limit"]):
        return
    monitoring.note(monitoring.TASK, "mail")
    mailed = 0
    try:
        while batch := messages.send_mails(now=timezone.now()):
            mailed += batch
            monitoring.note(monitoring.MAILED, mailed)
    finally:
        _release(key)


@shared_task(**_TASK)
def sign() -> None:
    """
    Sign again what a stolen key signed; and what was earned, where that is not left to requests.

    For a while, and one at a time; the next sweep goes on.
    """
    key = str(get_cache_key(microcred="sign"))
    if not _take(key, _TASK["time_limit"]):
        return
    monitoring.note(monitoring.TASK, "sign")
    try:
        _sign(until=monotonic() + STEP_SECONDS)
    finally:
        _release(key)


@shared_task(**_TASK)
def tell_offers() -> None:
    """Tell course teams and authors by e-mail what the other side has done about an offer."""
    monitoring.note(monitoring.TASK, "tell_offers")
    while messages.tell_offers(now=timezone.now()):
        pass


@shared_task(**_TASK)
def answer(sent_at: str) -> None:
    """Note that a worker carries out what is sent, and when this was sent."""
    awards.set_mark(awards.WORKED, sent_at)


@shared_task(**_TASK)
def sweep() -> None:
    """
    What the clock brings: dues, changes whose hints were lost, publications that nobody runs.

    Meant for every minute; two at a time do no harm, but one is enough.
    """
    key = str(get_cache_key(microcred="sweep"))
    if not _take(key, _TASK["time_limit"]):
        return
    monitoring.note(monitoring.TASK, "sweep")
    failed: list[str] = []
    try:
        for step in _SWEEP:
            try:
                step()
            except SoftTimeLimitExceeded:
                awards.set_mark(awards.SWEPT, ", ".join([*failed, step.__name__.strip("_")]))
                raise
            except Exception:
                # What fails for one must not keep the others waiting; the next sweep tries again.
                log.exception("microcredentials: a sweep failed in %s", step.__name__)
                failed.append(step.__name__.strip("_"))
                monitoring.note(monitoring.SWEEP_FAILED, ", ".join(failed))
        awards.set_mark(awards.SWEPT, ", ".join(failed))
        # What is sent now tells, when it is done, how long a task has to wait for a worker.
        send(answer, timezone.now().isoformat())
    finally:
        _release(key)


def _send_again() -> None:
    """Publications and chunks that nobody has worked at for long."""
    for publication in definitions.stalled_publications(now=timezone.now()):
        send(run_publication, str(publication.uuid))
    for chunk_id in definitions.chunks_to_send_again(now=timezone.now()):
        send(evaluate_chunk, chunk_id)


def _send_mails() -> None:
    """In a task of its own: a mail server may be slow."""
    if messages.has_mail(now=timezone.now()):
        send(mail)


def _tell_offers() -> None:
    """What Studio had no queue to send for, and what has to be tried again."""
    if messages.has_offers_to_tell(now=timezone.now()):
        send(tell_offers)


def _send_sign() -> None:
    """In a task of its own, where there are workers: signing takes time, and nobody waits."""
    if credentials.has_to_sign():
        send(sign)


def _sign(*, until: float) -> None:
    tally = credentials.Tally()
    for _batch in credentials.sign_waiting(tally):
        monitoring.note(monitoring.SIGNED, tally.signed)
        if monotonic() >= until:
            break
    credentials.note_tally(tally)
    for organization, reason in tally.not_configured.items():
        log.error("microcredentials: nothing is signed for %s: %s", organization, reason)
    for uuid, error in tally.failed.items():
        log.error("microcredentials: the award %s could not be signed", uuid, exc_info=error)
    if tally.failed:
        monitoring.note(monitoring.SIGN_FAILED, len(tally.failed))
    if tally.not_configured:
        monitoring.note(monitoring.NOT_CONFIGURED, len(tally.not_configured))


def _follow_time() -> None:
    _go_on_with(earning.follow_time)


def _follow_changes() -> None:
    _go_on_with(earning.follow_changes)


def _answer_studio() -> None:
    """Go on with previews that nobody is at; where there are no workers, here and now."""
    authoring.forget_previews(now=timezone.now())
    if not current_app.conf.task_always_eager:
        for uuid in authoring.previews_to_send(now=timezone.now()):
            send(run_preview, uuid)
        return
    until = monotonic() + STEP_SECONDS
    failed: Exception | None = None
    for uuid in authoring.unfinished_previews():
        if monotonic() >= until:
            break
        try:
            previewing.advance(uuid, seconds=until - monotonic())
        except Exception as error:  # the others have their turn first
            failed = error
    if failed is not None:
        raise failed


# Previews come before the awards: an author is waiting for the answer, and nobody for the awards.
_SWEEP = (
    _send_again, _answer_studio, _follow_time, _follow_changes, announce.run, _send_mails,
    _tell_offers, _send_sign,
)  # fmt: skip


def _go_on_with(step: Callable[[], object]) -> None:
    """For as long as there is more, but not so long that what comes after has no turn."""
    until = monotonic() + STEP_SECONDS
    while step() and monotonic() < until:
        pass


# --- sending them ---


def send_hint(learner_id: int, run: str) -> None:
    """
    Have the awards that this course run may concern evaluated, once the transaction is committed.

    Several hints about the same learner and run share a task as long as it has not begun.
    """
    transaction.on_commit(lambda: _send_hint(learner_id, run), robust=True)


def send_publication(uuid: str) -> None:
    """Have a publication run, once the transaction is committed."""
    transaction.on_commit(lambda: send(run_publication, uuid), robust=True)


def send_offers() -> None:
    """Have the other sides told of what was done about offers, after the transaction."""
    transaction.on_commit(lambda: send(tell_offers), robust=True)


def send_preview(uuid: str) -> None:
    """Have a preview worked at, once the transaction is committed."""
    transaction.on_commit(lambda: send(run_preview, uuid), robust=True)


# Runs that are known to be used, and until when that may be relied on. It can only err by sending a
# task that finds nothing to do.
_used_until: dict[str, float] = {}


def _is_used(run: str) -> bool:
    """Whether any microcredential asks for this run; runs that one does are asked about seldom."""
    if _used_until.get(run, 0) > monotonic():
        return True
    if not definitions.is_course_used(run):
        _used_until.pop(run, None)
        return False
    _used_until[run] = monotonic() + settings.MICROCRED_COALESCE_SECONDS
    return True


def _send_hint(learner_id: int, run: str) -> None:
    if not _is_used(run):
        return
    marker = _marker(learner_id, run)
    if not _take(marker, settings.MICROCRED_COALESCE_SECONDS):
        monitoring.count(monitoring.HINT_COALESCED)
    elif not send(follow_hint, learner_id, run, countdown=settings.MICROCRED_HINT_DELAY):
        _release(marker)


def send(task: Task, *args: Any, countdown: float | None = None) -> bool:
    """
    Send a task, without retrying and without waiting long; whether it was sent.

    `countdown` is how many seconds it waits before a worker begins it.

    A task that could not be sent is logged and counted. The sweep makes up for it. So it does for
    Studio where it has no queue of the LMS to send to: its own workers can't evaluate.
    """
    if not (settings.MICROCRED_EVALUATES or settings.MICROCRED_QUEUE):
        return False
    try:
        if current_app.conf.task_always_eager:
            task.apply_async(args)
            return True
        broker.publish(task, args, queue=settings.MICROCRED_QUEUE, countdown=countdown)
    except Exception:
        log.exception("microcredentials: %s%s could not be sent", task.name, args)
        monitoring.count(monitoring.SEND_FAILED)
        return False
    return True


def does_broker_answer() -> bool:
    """Whether the broker answers in time; without one, where tasks run where they are sent, yes."""
    if current_app.conf.task_always_eager:
        return True
    try:
        with broker.connect() as connection:
            connection.ensure_connection(
                max_retries=1, interval_start=0, timeout=settings.MICROCRED_BROKER_TIMEOUT
            )
    except Exception as error:
        # Its text may have the broker's address, with the password.
        log.warning("microcredentials: the broker does not answer: %s", type(error).__name__)
        return False
    return True


def _marker(learner_id: int, run: str) -> str:
    return str(get_cache_key(microcred="hint", learner_id=learner_id, run=run))


def _take(key: str, seconds: int) -> bool:
    """
    Take a marker in the cache; False if somebody else has it.

    A cache that is down keeps nobody from working: some say so, some say only that nothing was
    added.
    """
    try:
        return bool(cache.add(key, 1, seconds)) or cache.get(key) is None
    except Exception:
        log.exception("microcredentials: the cache does not answer")
        return True


def _release(key: str) -> None:
    try:
        cache.delete(key)
    except Exception:
        log.exception("microcredentials: the cache does not answer")
