"""What all our e-mails have in common: who can be written to, and what became of it."""

from __future__ import annotations

import logging
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import translation
from edx_ace import ace
from edx_ace.message import Message

from microcred_plugin.host.interface import Learner

log = logging.getLogger(__name__)


class Letter(Message):
    """
    A message that notices what becomes of it: edx-ace gives nothing back and raises nothing.
    """

    is_delivered = False
    is_denied = False

    def report(self, key: str, value: Any) -> None:
        if key == "email_delivery_succeeded":
            self.is_delivered = True
        elif key == "policy_allowed_channels":
            self.is_denied = "email" not in value.split(",")
        super().report(key, value)


def is_reachable(person: Learner) -> bool:
    """Whether there is somebody, with an address that can be one."""
    if person.is_retired or not person.is_active or person.email.endswith(".invalid"):
        return False
    try:
        validate_email(person.email)
    except ValidationError:
        return False
    return True


def language_of(person: Learner) -> str:
    """Their language, or one that is like it, if the site has it; else the site's own."""
    try:
        return translation.get_supported_language_variant(person.language)
    except LookupError:
        return str(settings.LANGUAGE_CODE)


def deliver(letter: Letter, person: Learner) -> bool:
    """
    Hand it over to edx-ace; whether it is settled: sent, or refused by a policy for good.
    """
    try:
        ace.send(letter)
    except SoftTimeLimitExceeded:
        raise  # not about this mail: the task has to end
    except Exception as error:
        # Not its text: what a mail server says has the address in it. Where it was delivered,
        # whoever listens to edx-ace raised behind it; sent again, it would come twice.
        kind = type(error)
        when = "after mail" if letter.is_delivered else "no mail"
        log.error("microcredentials: user %s: %s: %s", person.id, when, kind.__name__)
    return letter.is_delivered or letter.is_denied
