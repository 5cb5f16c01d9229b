"""What learners have still to be told by e-mail, and who wants none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Count, F, Min, Q, QuerySet

from microcred_plugin.awards.clock import Backlog
from microcred_plugin.awards.models import AwardEvent, Cause, EventKind, Mail, MailOptOut

# So long a worker has to send a mail; then it is taken to be gone.
CLAIM = timedelta(minutes=10)
# After so many attempts nobody tries again.
ATTEMPTS = 7

_TOLD = (EventKind.EARNED, EventKind.APPROVED)
_BACKFILL = (Cause.PUBLICATION, Cause.RECONCILE)
_JUST_NOW = timedelta(days=1)


def is_told_by_mail(event: AwardEvent) -> bool:
    """Whether a learner is written to because of this: they hold something that is new to them."""
    return event.kind in _TOLD and bool(event.announcement)


def is_backfill(event: AwardEvent) -> bool:
    """
    Whether it came of looking at many learners, and not of what this one has just done.

    A sweep looks at many, too, and may come before the event of one who has just passed.
    """
    met_on = event.award.met_on
    if event.cause == Cause.RECONCILE and met_on is not None and event.at - met_on < _JUST_NOW:
        return False
    return event.cause in _BACKFILL


def queue_mails(items: Iterable[tuple[AwardEvent, datetime]]) -> None:
    """Have learners told of these events by then. Queued twice is queued once. One query."""
    Mail.objects.bulk_create(
        [
            Mail(
                event=event,
                learner_id=event.award.learner_id,
                is_backfill=is_backfill(event),
                send_at=send_at,
            )
            for event, send_at in items
        ],
        ignore_conflicts=True,
    )


def learners_to_mail(*, now: datetime, limit: int) -> list[int]:
    """Who is to be written to now: first those who have just earned something. Two queries."""
    found: dict[int, None] = {}
    for backfill in (False, True):
        # As many rows as there might be learners; of somebody with several, fewer learners.
        rows = _unclaimed(now).filter(is_backfill=backfill, send_at__lte=now).order_by("send_at")
        found |= dict.fromkeys(rows.values_list("learner_id", flat=True)[:limit])
    return list(found)[:limit]


def claim_mails(learner_id: int, *, now: datetime) -> list[Mail]:
    """
    Take everything that waits for this learner, due or not; nothing where somebody else has it.

    In the order in which it happened, with what was awarded.
    """
    mine = _unclaimed(now).filter(learner=learner_id)
    if not mine.update(claimed_at=now, attempts=F("attempts") + 1):
        return []
    return list(
        Mail.objects.filter(learner=learner_id, outcome="", claimed_at=now)
        .select_related("event__award__microcredential", "event__award__version")
        .order_by("event__id")
    )


def finish_mails(mails: Sequence[Mail], outcome: Mail.Outcome, *, now: datetime) -> None:
    """Note what became of these."""
    if mails:
        Mail.objects.filter(pk__in=[mail.pk for mail in mails]).update(
            outcome=outcome, send_at=None, done_at=now
        )


def put_off_mails(mails: Sequence[Mail], *, now: datetime) -> list[Mail]:
    """Have these tried again, later each time; gives back those for which that was the last."""
    over = [mail for mail in mails if mail.attempts >= ATTEMPTS]
    finish_mails(over, Mail.Outcome.FAILED, now=now)
    for attempts in {mail.attempts for mail in mails} - {mail.attempts for mail in over}:
        ids = [mail.pk for mail in mails if mail.attempts == attempts]
        later = now + timedelta(minutes=5) * 4 ** (attempts - 1)
        Mail.objects.filter(pk__in=ids).update(send_at=later, claimed_at=None)
    return over


def learners_mailed(*, since: datetime) -> int:
    """To how many learners something was sent since then."""
    sent = Mail.objects.filter(done_at__gt=since, outcome=Mail.Outcome.SENT)
    return int(sent.aggregate(learners=Count("learner", distinct=True))["learners"])


def mail_backlog(now: datetime) -> Backlog:
    """
    What waits to be sent: how much, and since when what is no backfill is overdue.

    A backfill waits for as long as it takes.
    """
    due = Q(is_backfill=False, send_at__lte=now)
    # Both values are named, so that the index is of use: what was sent stays in the table.
    waiting = Mail.objects.filter(is_backfill__in=(False, True), send_at__isnull=False, outcome="")
    found = waiting.aggregate(count=Count("id"), since=Min("send_at", filter=due))
    return Backlog(**found)


def wants_mail(learner_id: int) -> bool:
    """Whether a learner may be written to about what they earn: yes, until they say otherwise."""
    return not MailOptOut.objects.filter(pk=learner_id).exists()


def unwilling(learner_ids: Collection[int]) -> set[int]:
    """Those of them who want no e-mail."""
    return set(MailOptOut.objects.filter(pk__in=learner_ids).values_list("pk", flat=True))


def set_wants_mail(learner_id: int, wants: bool) -> None:
    """Note whether a learner wants e-mail about what they earn."""
    if wants:
        MailOptOut.objects.filter(pk=learner_id).delete()
    else:
        MailOptOut.objects.bulk_create([MailOptOut(learner_id=learner_id)], ignore_conflicts=True)


def _unclaimed(now: datetime) -> QuerySet[Mail]:
    return Mail.objects.filter(
        Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM), outcome="", send_at__isnull=False
    )
