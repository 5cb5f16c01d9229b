"""
"You earned it", by e-mail: one to each learner, of everything that is new to them.

What is to be told waits in a queue of its own, so that neither a receiver of an event nor a mail
server holds up the other. docs/decisions/0018 says what is sent when, and how often.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from edx_ace import ace
from edx_ace.recipient import Recipient

from microcred_plugin import monitoring
from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Award, AwardEvent, Mail
from microcred_plugin.definitions.api import Switch, face_of
from microcred_plugin.host import get_host
from microcred_plugin.host.interface import Learner
from microcred_plugin.messages.choice import choice_token
from microcred_plugin.messages.letters import Letter, is_reachable, language_of

log = logging.getLogger(__name__)

BATCH = 50
SHOWN = 10
# After so many in a row it is the mail server, and not an address.
FAILURES = 3
# What could not be told for so long is no news any more.
TOO_LATE = timedelta(days=14)
# edx-ace waits and tries again for so long, in the worker; we try again later, and elsewhere.
PATIENCE = timedelta(seconds=30)


class YouEarnedIt(Letter):
    """The message."""


def is_mail_on() -> bool:
    """Whether the site sends e-mails at all."""
    return bool(settings.MICROCRED_EMAIL == "on")


def queue(
    events: Collection[AwardEvent], learners: Mapping[int, Learner], *, now: datetime
) -> None:
    """Have learners told of these, in a while; each of them once, however often it is queued."""
    if not is_mail_on():
        return
    items = [
        (event, _send_at(event))
        for event in events
        if awards.is_told_by_mail(event) and event.at > now - TOO_LATE and not _is_old(event, now)
    ]
    there = [item for item in items if _is_there(learners.get(item[0].award.learner_id))]
    if there:
        awards.queue_mails(there)


def _send_at(event: AwardEvent) -> datetime:
    seconds = (
        settings.MICROCRED_EMAIL_BACKFILL_GATHER_SECONDS
        if awards.is_backfill(event)
        else settings.MICROCRED_EMAIL_GATHER_SECONDS
    )
    return event.at + timedelta(seconds=seconds)


def _is_old(event: AwardEvent, now: datetime) -> bool:
    days, met_on = settings.MICROCRED_EMAIL_BACKFILL_DAYS, event.award.met_on
    if days is None or met_on is None or not awards.is_backfill(event):
        return False
    return bool(met_on < now - timedelta(days=days))


def _is_there(learner: Learner | None) -> bool:
    return learner is not None and not learner.is_retired


def has_mail(*, now: datetime) -> bool:
    """Whether somebody is to be written to now."""
    return may_send_mail() and bool(awards.learners_to_mail(now=now, limit=1))


def may_send_mail() -> bool:
    """Whether e-mails are sent now: under "observe" nobody is told anything."""
    return is_mail_on() and settings.MICROCRED_SWITCH == "on"


def send_mails(*, now: datetime) -> int:
    """
    Write to those who are to be written to, a batch of them; to how many.

    Nobody, where as many have been written to within the last minute as the site allows, and as
    soon as nothing can be sent.
    """
    if not may_send_mail():
        return 0
    sent = awards.learners_mailed(since=now - timedelta(minutes=1))
    room = min(BATCH, settings.MICROCRED_EMAILS_PER_MINUTE - sent)
    learner_ids = awards.learners_to_mail(now=now, limit=room) if room > 0 else []
    if not learner_ids:
        return 0
    learners = get_host().learners(learner_ids)
    unwilling = awards.unwilling(learner_ids)
    failed = 0
    for learner_id in learner_ids:
        mails = awards.claim_mails(learner_id, now=now)
        if mails and not _write(learners.get(learner_id), mails, learner_id in unwilling, now):
            failed += 1
        if failed == FAILURES:
            return 0
    return len(learner_ids)


def _write(
    learner: Learner | None, mails: Sequence[Mail], is_unwilling: bool, now: datetime
) -> bool:
    """Write to one learner, if that is right, and note what became of it; False if that failed."""
    outcome = Mail.Outcome
    true = [mail for mail in mails if _is_true(mail, now)]
    awards.finish_mails([one for one in mails if one not in true], outcome.OVERTAKEN, now=now)
    if not true:
        return True
    if learner is None or not is_reachable(learner):
        awards.finish_mails(true, outcome.UNREACHABLE, now=now)
    elif is_unwilling:
        awards.finish_mails(true, outcome.UNWANTED, now=now)
    else:
        message = _send(learner, true)
        if message is not None and message.is_denied:
            awards.finish_mails(true, outcome.UNWANTED, now=now)
        elif message is not None and message.is_delivered:
            awards.finish_mails(true, outcome.SENT, now=now)
        else:
            monitoring.count(monitoring.MAIL_FAILED)
            for mail in awards.put_off_mails(true, now=now):
                log.error("microcredentials: the mail about %s is given up", mail.event_id)
            return False
    return True


def _is_true(mail: Mail, now: datetime) -> bool:
    """Whether it is still as it was when it was queued, and still news."""
    award = mail.event.award
    is_held = awards.shown_state(award, now=now) == awards.State.ACTIVE
    return is_held and award.microcredential.switch == Switch.ON and mail.event.at > now - TOO_LATE


def _send(learner: Learner, mails: Sequence[Mail]) -> YouEarnedIt | None:
    """Hand it over to edx-ace; None if that failed."""
    message = None
    try:
        message = compose(learner, [mail.event.award for mail in mails])
        ace.send(message)
    except SoftTimeLimitExceeded:
        raise  # not about this mail: the task has to end
    except Exception as error:
        # Not its text: what a mail server says has the address in it.
        kind = type(error)
        if message is not None and message.is_delivered:
            # Whoever listens to edx-ace raised behind it; sent again, it would come twice.
            log.error("microcredentials: learner %s: after mail: %s", learner.id, kind.__name__)
            return message
        log.error("microcredentials: learner %s: no mail: %s", learner.id, kind.__name__)
        return None
    return message


def compose(learner: Learner, held: Sequence[Award]) -> YouEarnedIt:
    """The message to this learner about these awards, in the learner's language."""
    host = get_host()
    site = host.site()
    stop_url = host.absolute_url(reverse("microcred:mail", args=[choice_token(learner.id)]))
    options = {"from_address": site.from_address} if site.from_address else {}
    return YouEarnedIt(
        app_label="microcred_plugin",
        name="you_earned_it",
        recipient=Recipient(learner.id, learner.email),
        language=language_of(learner),
        expiration_time=timezone.now() + PATIENCE,
        options=options,
        # RFC 8058: a mail program shows a button for it, and needs no page.
        headers={
            "List-Unsubscribe": f"<{stop_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        context={
            "name": learner.name or learner.username,
            "site_name": site.name,
            "count": len(held),
            "badges": [_badge(award) for award in held[:SHOWN]],
            "more": max(0, len(held) - SHOWN),
            "home_url": host.absolute_url(reverse("microcred:home")),
            "stop_url": stop_url,
        },
    )


def _badge(award: Award) -> dict[str, Any]:
    host, face = get_host(), face_of(award.version, award.microcredential)
    image = reverse("microcred:badge_png", args=[face.uuid, face.number])
    return {
        "title": face.title,
        "organization": face.organization,
        "language": face.language,
        "url": host.absolute_url(reverse("microcred:award", args=[award.uuid])),
        "image_url": host.absolute_url(f"{image}?size=256"),
        "met_on": award.met_on or award.valid_from,
        "expires_at": award.expires_at,
    }
