"""One learner at a time: the lock under which awards change."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import OperationalError, transaction

from microcred_plugin.awards.models import LearnerLock
from microcred_plugin.database import is_transient

ATTEMPTS = 4

Answer = TypeVar("Answer")


def with_learners_locked(learner_ids: Iterable[int], work: Callable[[], Answer]) -> Answer:
    """
    Run `work` in a transaction that holds the locks of these learners.

    The rows are made in autocommit and locked by the transaction's first statement, in the order
    of the ids: so nothing is read before the lock, whatever the isolation level, and two batches
    can't wait for each other. What fails for a deadlock or a lock timeout all the same is done
    again from the beginning, so `work` must leave no trace outside the database.
    """
    ids = sorted(set(learner_ids))
    for attempt in range(ATTEMPTS):
        try:
            LearnerLock.objects.bulk_create(
                (LearnerLock(learner_id=learner_id) for learner_id in ids), ignore_conflicts=True
            )
            with transaction.atomic():
                list(
                    LearnerLock.objects.select_for_update()
                    .filter(learner_id__in=ids)
                    .order_by("learner_id")
                    .values_list("learner_id", flat=True)
                )
                return work()
        except OperationalError as error:
            is_last = attempt == ATTEMPTS - 1
            if is_last or not is_transient(error) or transaction.get_connection().in_atomic_block:
                raise
            time.sleep(random.uniform(0.5, 1) * 0.05 * 2**attempt)
    raise AssertionError("unreachable")
