"""How something is read in the platform's requests: whatever goes wrong is only logged."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.db import transaction

log = logging.getLogger(__name__)

T = TypeVar("T")


def safely(read: Callable[[], T], otherwise: T) -> T:
    """
    What is read, or `otherwise` if that fails or the site is switched off.

    A query that fails inside the platform's transaction would spoil it for the platform, so it is
    read behind a savepoint.
    """
    if settings.MICROCRED_SWITCH == "off":
        return otherwise
    try:
        with transaction.atomic():
            return read()
    except Exception:
        log.exception("microcredentials: a dashboard goes without them")
        return otherwise
