"""
What the operator's monitoring is told about requests and tasks. Numbers and ids only.

It comes after the work: whatever a backend does, nothing fails or is lost because of it.
docs/reference/monitoring.md is made from the annotations here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from edx_django_utils.monitoring import function_trace, increment, set_custom_attribute

log = logging.getLogger(__name__)

# .. custom_attribute_name: microcred.task
# .. custom_attribute_description: Which of the plugin's tasks it is, or which page of support.
TASK = "microcred.task"

# .. custom_attribute_name: microcred.cause
# .. custom_attribute_description: Why learners were evaluated: event, publication, undo, time or
#    reconcile.
CAUSE = "microcred.cause"

# .. custom_attribute_name: microcred.learner_id
# .. custom_attribute_description: The id of the learner, where it is about a single one.
LEARNER_ID = "microcred.learner_id"

# .. custom_attribute_name: microcred.learners
# .. custom_attribute_description: How many learners were evaluated.
LEARNERS = "microcred.learners"

# .. custom_attribute_name: microcred.microcredentials
# .. custom_attribute_description: How many microcredentials they were evaluated for, without what
#    stacks on these.
MICROCREDENTIALS = "microcred.microcredentials"

# .. custom_attribute_name: microcred.changes
# .. custom_attribute_description: How many awards changed.
CHANGES = "microcred.changes"

# .. custom_attribute_name: microcred.publication
# .. custom_attribute_description: The uuid of the publication that is being evaluated.
PUBLICATION = "microcred.publication"

# .. custom_attribute_name: microcred.preview
# .. custom_attribute_description: The uuid of the preview that is being worked at.
PREVIEW = "microcred.preview"

# .. custom_attribute_name: microcred.told
# .. custom_attribute_description: How many award events the world was told of.
TOLD = "microcred.told"

# .. custom_attribute_name: microcred.hint_coalesced
# .. custom_attribute_description: A hint that needed no task, since one was waiting already. In a
#    request how many there were, in a task 1.
HINT_COALESCED = "microcred.hint_coalesced"

# .. custom_attribute_name: microcred.send_failed
# .. custom_attribute_description: A task that could not be sent, since the broker did not answer;
#    the sweep makes up for it. In a request how many there were, in a task 1.
SEND_FAILED = "microcred.send_failed"

# .. custom_attribute_name: microcred.sweep_failed
# .. custom_attribute_description: A part of the sweep that failed, by its name; the log says why.
SWEEP_FAILED = "microcred.sweep_failed"

# .. custom_attribute_name: microcred.announcement_failed
# .. custom_attribute_description: An award event that could not be told; it is told again. In a
#    request how many there were, in a task 1.
ANNOUNCEMENT_FAILED = "microcred.announcement_failed"

# .. custom_attribute_name: microcred.mailed
# .. custom_attribute_description: To how many learners an e-mail was to be sent.
MAILED = "microcred.mailed"

# .. custom_attribute_name: microcred.mail_failed
# .. custom_attribute_description: An e-mail that could not be sent; it is tried again a few times.
#    In a request how many there were, in a task 1.
MAIL_FAILED = "microcred.mail_failed"

# .. custom_attribute_name: microcred.signed
# .. custom_attribute_description: How many credentials a task has signed.
SIGNED = "microcred.signed"

# .. custom_attribute_name: microcred.sign_failed
# .. custom_attribute_description: How many credentials a task could not sign; the log says which
#    and why.
SIGN_FAILED = "microcred.sign_failed"

# .. custom_attribute_name: microcred.not_configured
# .. custom_attribute_description: For how many organisations nothing can be signed, since no key is
#    configured; the log says what is missing.
NOT_CONFIGURED = "microcred.not_configured"

# .. custom_attribute_name: microcred.wrong
# .. custom_attribute_description: What the health check found wrong: the names of the checks.
WRONG = "microcred.wrong"


def note(name: str, value: str | int) -> None:
    """Say something about the request or the task that is running."""
    _harmless(set_custom_attribute, name, value)


def count(name: str) -> None:
    """
    Count something that happened.

    A request reports its count when it ends. A task reports none, so that it happened is noted.
    """
    _harmless(increment, name)
    note(name, 1)


def note_evaluation(*, cause: str, learners: int, microcredentials: int, changes: int) -> None:
    """Say what an evaluation was about, and what it led to; of several the last one stands."""
    note(CAUSE, cause)
    note(LEARNERS, learners)
    note(MICROCREDENTIALS, microcredentials)
    note(CHANGES, changes)


@contextmanager
def traced(name: str) -> Iterator[None]:
    """A segment of its own in the trace of the request or the task."""
    trace = function_trace(name)
    is_traced = _harmless(trace.__enter__)
    try:
        yield
    finally:
        if is_traced:
            _harmless(trace.__exit__, None, None, None)


def _harmless(function: Callable[..., object], *args: object) -> bool:
    try:
        function(*args)
    except Exception:
        log.exception("microcredentials: monitoring does not work")
        return False
    return True
