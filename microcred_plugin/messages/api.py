"""
What the world is told about awards, and people of Studio about offers. Nothing else in the plugin
speaks to the outside.

The award events are the outbox: each is told at least once, in the order of its award's history,
with its own uuid as the event's id, so that a receiver can tell a repetition.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import attr
from openedx_events.learning.data import (
    BadgeData,
    BadgeTemplateData,
    UserData,
    UserPersonalData,
)
from openedx_events.learning.signals import BADGE_AWARDED, BADGE_REVOKED
from openedx_events.tooling import OpenEdxPublicSignal

from microcred_plugin import monitoring
from microcred_plugin.awards import api as awards
from microcred_plugin.awards.models import AwardEvent
from microcred_plugin.host import get_host
from microcred_plugin.host.interface import Learner
from microcred_plugin.messages.agreements import has_offers_to_tell, tell_offers
from microcred_plugin.messages.choice import choice_token, learner_of_token
from microcred_plugin.messages.mail import has_mail, is_mail_on, may_send_mail, queue, send_mails

__all__ = [
    "announce",
    "choice_token",
    "has_mail",
    "has_offers_to_tell",
    "is_mail_on",
    "learner_of_token",
    "may_send_mail",
    "send_mails",
    "tell_offers",
]

log = logging.getLogger(__name__)

ORIGIN = "microcred_plugin"
BATCH = 200


def announce(*, now: datetime) -> int:
    """
    Tell what is waiting, a batch of it; how many award events are off the list.

    Nothing is said about people who have been retired or deleted.
    """
    waiting = awards.unannounced(limit=BATCH, now=now)
    if not waiting:
        return 0
    learners = get_host().learners({event.award.learner_id for event in waiting})
    # Before anything is told: whatever a receiver does, the learner hears of it.
    queue(waiting, learners, now=now)
    told, put_off = 0, set()
    gone: list[AwardEvent] = []
    for event in waiting:
        learner = learners.get(event.award.learner_id)
        if learner is None or learner.is_retired:
            gone.append(event)
        elif event.award_id in put_off or not awards.claim(event, now=now):
            # Somebody else is telling it: what follows for the same award has to wait for them.
            put_off.add(event.award_id)
        elif _tell(event, learner):
            awards.mark_announced(event, now=now)
            told += 1
        else:
            put_off.add(event.award_id)
    awards.keep_quiet(gone)
    return told + len(gone)


def _tell(event: AwardEvent, learner: Learner) -> bool:
    """Send the openedx-event for one award event; False if it has to be tried again."""
    signal = BADGE_AWARDED if event.announcement == "awarded" else BADGE_REVOKED
    try:
        _send(signal, event, _badge(event, learner))
    except Exception:
        # Receivers are other people's code. Only under DEBUG does what they raise come through.
        log.exception("microcredentials: award event %s was not told", event.uuid)
        monitoring.count(monitoring.ANNOUNCEMENT_FAILED)
        return False
    return True


def _send(signal: OpenEdxPublicSignal, event: AwardEvent, badge: BadgeData) -> None:
    """
    Send with our own id. docs/decisions/0006 says why the public methods do not do.
    """
    metadata = attr.evolve(
        signal.generate_signal_metadata(time=event.at.astimezone(UTC)), id=event.uuid
    )
    signal._send_event_with_metadata(metadata=metadata, badge=badge)


def _badge(event: AwardEvent, learner: Learner) -> BadgeData:
    award = event.award
    return BadgeData(
        uuid=str(award.uuid),
        user=UserData(
            id=learner.id,
            is_active=learner.is_active,
            pii=UserPersonalData(username=learner.username, email=learner.email, name=learner.name),
        ),
        template=BadgeTemplateData(
            uuid=str(award.microcredential.uuid),
            origin=ORIGIN,
            name=award.version.title,
            description=award.version.description,
            image_url="",
        ),
    )
