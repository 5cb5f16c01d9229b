"""One learner at a time: what a batch holds while it works."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from microcred_plugin.awards.api import with_learners_locked
from microcred_plugin.awards.locks import ATTEMPTS
from microcred_plugin.awards.models import LearnerLock, Watermark

pytestmark = pytest.mark.django_db(transaction=True)

DEADLOCK = OperationalError(1213, "Deadlock found when trying to get lock")


@pytest.fixture
def for_update(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements as a database with row locks gets them; this one is spared the words."""
    sent: list[str] = []

    def spare(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append(sql)
        return execute(sql.replace(" FOR UPDATE", ""), params, many, context)

    monkeypatch.setattr(connection.features, "has_select_for_update", True)
    with connection.execute_wrapper(spare):
        yield sent


def test_first_statement_of_the_transaction_locks_in_the_order_of_the_ids(
    for_update: list[str],
) -> None:
    with CaptureQueriesContext(connection) as captured:
        with_learners_locked([9, 3, 3, 5], lambda: Watermark.objects.count())
    statements = [query["sql"] for query in captured]
    words = [statement.split()[0] for statement in statements]
    assert words == ["BEGIN", "INSERT", "COMMIT", "BEGIN", "SELECT", "SELECT", "COMMIT"]
    if connection.vendor != "postgresql":  # which may get them as one array
        assert "(3), (5), (9)" in statements[1]
    assert "IN (3, 5, 9)" in statements[4]
    [lock] = [statement for statement in for_update if statement.endswith(" FOR UPDATE")]
    assert "learnerlock" in lock
    # As 4.2 writes it, and as 5.2 does: by the first and only column.
    by_id = ('ORDER BY "microcred_plugin_learnerlock"."learner_id" ASC', "ORDER BY 1 ASC")
    assert lock.removesuffix(" FOR UPDATE").replace("`", '"').endswith(by_id)


def test_rows_that_are_there_already_are_left_alone() -> None:
    LearnerLock.objects.create(learner_id=3)
    with_learners_locked([3, 5], lambda: None)
    assert list(LearnerLock.objects.order_by("learner_id").values_list(flat=True)) == [3, 5]


def test_work_is_in_a_transaction_and_undone_when_it_fails() -> None:
    def work() -> None:
        assert connection.in_atomic_block
        Watermark.objects.create(name="written")
        raise LookupError

    with pytest.raises(LookupError):
        with_learners_locked([1], work)
    assert not Watermark.objects.exists()


def _failing(times: int, error: Exception) -> tuple[Callable[[], str], list[int]]:
    tries: list[int] = []

    def work() -> str:
        tries.append(len(tries))
        Watermark.objects.create(name=f"try {len(tries)}")
        if len(tries) <= times:
            raise error
        return "done"

    return work, tries


@pytest.mark.parametrize(
    "error",
    [
        DEADLOCK,
        OperationalError(1205, "Lock wait timeout exceeded"),
        OperationalError("database is locked"),
    ],
    ids=["deadlock", "lock timeout", "sqlite"],
)
def test_transient_failure_is_tried_again_from_the_beginning(error: OperationalError) -> None:
    work, tries = _failing(2, error)
    assert with_learners_locked([1], work) == "done"
    assert len(tries) == 3
    assert list(Watermark.objects.values_list("name", flat=True)) == ["try 3"]


def test_transient_failure_that_does_not_end_is_raised() -> None:
    work, tries = _failing(ATTEMPTS, DEADLOCK)
    with pytest.raises(OperationalError):
        with_learners_locked([1], work)
    assert len(tries) == ATTEMPTS


@pytest.mark.parametrize(
    "error", [OperationalError("no such table"), ValueError("no")], ids=["operational", "other"]
)
def test_other_failures_are_raised_at_once(error: Exception) -> None:
    work, tries = _failing(1, error)
    with pytest.raises(type(error)):
        with_learners_locked([1], work)
    assert len(tries) == 1


def test_nothing_is_tried_again_inside_an_outer_transaction() -> None:
    """The outer one is what the database has rolled back."""
    work, tries = _failing(1, DEADLOCK)
    with pytest.raises(OperationalError), transaction.atomic():
        with_learners_locked([1], work)
    assert len(tries) == 1
