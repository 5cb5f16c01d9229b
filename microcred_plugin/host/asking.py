"""How the host is asked: whatever goes wrong there is one failure, which says what was asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError

Answer = TypeVar("Answer")


class HostFailed(Exception):
    """The platform could not be asked. Nobody's awards change; it is asked again later."""


def ask(question: Callable[..., Answer], *args: Any, **named: Any) -> Answer:
    """Put a question to the host; what goes wrong there says which question it was."""
    try:
        return question(*args, **named)
    except (OperationalError, SoftTimeLimitExceeded):
        raise  # a deadlock, perhaps: the whole batch is tried again; or the task has to end
    except Exception as error:
        name = getattr(question, "__qualname__", repr(question))
        raise HostFailed(
            f"The platform could not answer {name}: {type(error).__name__}: {error}. "
            "No award was changed; it is asked again later."
        ) from error
