"""
What course teams and authors are told by e-mail: that the other side has done something.

docs/decisions/0028 says who is told of what, and how often.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from edx_ace.recipient import Recipient

from microcred_plugin import monitoring, wording
from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import Known, OfferStep, Rights, Side
from microcred_plugin.host import get_host
from microcred_plugin.host.asking import ask
from microcred_plugin.host.interface import Learner
from microcred_plugin.messages.letters import Letter, deliver, is_reachable, language_of
from microcred_plugin.messages.mail import PATIENCE, may_send_mail

log = logging.getLogger(__name__)

BATCH = 50


class OfferMoved(Letter):
    """The message."""


def has_offers_to_tell(*, now: datetime) -> bool:
    """Whether somebody is to be told of a step now."""
    return may_send_mail() and authoring.has_steps_to_tell(now=now)


def tell_offers(*, now: datetime) -> int:
    """
    Tell the other sides of what was done about offers, a batch of it; how many steps that was.

    What one person does at once about several runs of a course is one e-mail.
    """
    if not may_send_mail():
        return 0
    steps = authoring.steps_to_tell(now=now, limit=BATCH)
    for _key, together in groupby(sorted(steps, key=_together), key=_together):
        mine = authoring.claim_steps(list(together), now=now)
        news = [step for step in mine if authoring.is_news(step, now=now)]
        if news and not _tell_safely(news):
            monitoring.count(monitoring.MAIL_FAILED)
            for step in authoring.give_back(news):
                log.error("microcredentials: the mail about offer step %s is given up", step.pk)
    return len(steps)


def _together(step: OfferStep) -> tuple[Any, ...]:
    subject = authoring.subject_of(step.offer)
    course = subject.course or subject
    return (step.offer.microcredential_id, step.kind, step.side, step.by_id or 0, course, step.at)


def _tell_safely(steps: Sequence[OfferStep]) -> bool:
    """Whether it is settled. Where the platform can't be asked it is tried again."""
    try:
        return _tell(steps)
    except SoftTimeLimitExceeded:
        raise  # not about this mail: the task has to end
    except Exception as error:
        step_id = steps[0].pk
        # Not its text, which may have names in it.
        log.error("microcredentials: offer step %s: no mail: %s", step_id, type(error).__name__)
        return False


def _tell(steps: Sequence[OfferStep]) -> bool:
    first = steps[0]
    nobody = Rights(user_id=None)
    known = authoring.look_up([authoring.subject_of(step.offer) for step in steps], nobody)
    side = authoring.told_side(first)
    ids = {pk for step in steps for pk in authoring.people_of(step.offer, side, known)}
    people = ask(get_host().learners, ids | ({first.by_id} if first.by_id else set()))
    to = [people[pk] for pk in sorted(ids - {first.by_id}) if pk in people]
    to = [person for person in to if is_reachable(person)]
    outcomes = [deliver(_compose(person, steps, side, known, people), person) for person in to]
    # One who was reached is enough: nobody gets it twice.
    return any(outcomes) or not outcomes


def _compose(
    person: Learner,
    steps: Sequence[OfferStep],
    side: Side,
    known: Known,
    people: Mapping[int, Learner],
) -> OfferMoved:
    host, first = get_host(), steps[0]
    site, language = host.site(), language_of(person)
    with translation.override(language):
        context = _context(steps, side, known, people)
    options = {"from_address": site.from_address} if site.from_address else {}
    return OfferMoved(
        app_label="microcred_plugin",
        name="offer_moved",
        recipient=Recipient(person.id, person.email),
        language=language,
        expiration_time=timezone.now() + PATIENCE,
        options=options,
        context={
            "name": person.name or person.username,
            "site_name": site.name,
            "home_url": authoring.studio_address("studio"),
            "kind": first.kind,
            "reason": first.reason,
            **context,
        },
    )


def _context(
    steps: Sequence[OfferStep], side: Side, known: Known, people: Mapping[int, Learner]
) -> dict[str, Any]:
    first = steps[0]
    offer, subject = first.offer, authoring.subject_of(first.offer)
    microcredential = offer.microcredential
    who = people.get(first.by_id) if first.by_id else None
    is_here = who is not None and not who.is_retired
    course = known.title(subject)
    return {
        "who": (who.name or who.username) if who and is_here else _("Somebody"),
        "of": microcredential.organization if first.side == Side.OWNER else course,
        "title": microcredential.title,
        "organization": microcredential.organization,
        "subject": course,
        "asked": list(_asked(steps, known)),
        "is_answer_needed": first.kind in (OfferStep.Kind.OFFERED, OfferStep.Kind.ASKED),
        "url": _url(steps, side, known),
    }


def _asked(steps: Iterable[OfferStep], known: Known) -> Iterable[str]:
    """What is proposed, in a sentence each, with the key that tells runs apart."""
    names = known.names()
    for step in steps:
        asked = wording.asked(authoring.requirement_of(step.offer), names)
        yield " · ".join([asked.text, *asked.options, step.offer.object_key])


def _url(steps: Sequence[OfferStep], side: Side, known: Known) -> str:
    """Where the reader answers, or sees what became of it."""
    runs = sorted(known.runs)
    if len(steps) == 1 or not (side == Side.OWNER or runs):
        return authoring.studio_address("studio_offer", steps[0].offer.uuid)
    if side == Side.OWNER:
        return authoring.studio_address("studio_offers")
    return authoring.studio_address("studio_course", runs[0])
