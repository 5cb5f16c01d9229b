"""
What events cost, in statements to the database and questions to the platform (design, "Budgets").

The numbers are exact, so that one more statement is seen. BEGIN and COMMIT are not counted;
savepoints would be, and there are none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from celery import current_app
from django.db import connection
from django.test.utils import CaptureQueriesContext

from microcred_plugin import decisions, earning, tasks
from microcred_plugin.awards.models import Award, Receipt
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import Publication, RequirementIndex, StackClosure
from tests.awards import standing
from tests.factories import all_of, any_of, course, holds, publish, publish_many
from tests.fakes import FakeHost

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Cost:
    """Statements to our tables; questions to the platform."""

    statements: int
    questions: int


# event on a course that no microcredential uses: 1 at most, on the request path
UNUSED = Cost(1, 0)
# everything an event costs there: whether its course is used
USED_ON_THE_REQUEST_PATH = Cost(1, 0)
# what a task costs; 12 and 5 at most
BUDGET = {
    #  concerned, lock twice, definitions twice, awards, decisions
    "on the way": Cost(7, 2),
    "duplicate": Cost(7, 2),
    #  and the award, its history, its receipt
    "completes": Cost(10, 2),
    "completes, and expires": Cost(11, 2),  # and the clock
    "regresses": Cost(10, 2),
    #  all kinds of course facts
    "completes, every kind of fact": Cost(10, 4),
    "nobody there": Cost(5, 1),
    # a chunk of a publication, whoever many learners: in place of "concerned" the chunk, who is in
    # it, and that it is done
    "chunk": Cost(19, 3),
    "batch of a reconciliation": Cost(9, 2),
    "a person's decision": Cost(13, 3),
    "nothing to sweep": Cost(14, 1),
    "nothing to tell": Cost(1, 0),
}


@contextmanager
def costs(host: FakeHost, expected: Cost) -> Iterator[None]:
    host.calls.clear()
    with CaptureQueriesContext(connection) as captured:
        yield
    statements = [
        query["sql"] for query in captured if query["sql"].split()[0] not in ("BEGIN", "COMMIT")
    ]
    spent = Cost(len(statements), host.calls.total())
    assert spent == expected, "\n".join(statements)


def runs_of(position: int) -> list[str]:
    return [f"course-v1:NordU+{position}{letter}+2026" for letter in "abc"]


FIRST, SECOND, THIRD = runs_of(0)


@pytest.fixture(autouse=True)
def _runs(host: FakeHost) -> None:
    for run in (FIRST, SECOND, THIRD):
        host.add_run(run)


def hint(run: str, learner_id: int = 1) -> int:
    return earning.follow_hint(learner_id, run, now=NOW)


def test_table_keeps_to_the_budgets_of_the_design() -> None:
    of_events = [cost for name, cost in BUDGET.items() if "comple" in name or "on the" in name]
    assert max(cost.statements for cost in of_events) <= 12
    assert max(cost.questions for cost in of_events) <= 5
    assert UNUSED.statements <= 1


@pytest.mark.parametrize("published", [1, 100, 2000])
def test_event_costs_the_same_however_much_is_published(host: FakeHost, published: int) -> None:
    publish_many(published, runs_of)
    with costs(host, UNUSED):
        tasks._send_hint(1, "course-v1:NordU+unused+2026")
    with costs(host, UNUSED):
        assert hint("course-v1:NordU+unused+2026") == 0
    for run in (FIRST, SECOND):
        host.pass_course(1, run)
    with costs(host, BUDGET["on the way"]):
        assert hint(FIRST) == 0
    host.pass_course(1, THIRD)
    with costs(host, BUDGET["completes"]):
        assert hint(THIRD) == 1
    with costs(host, BUDGET["duplicate"]):
        assert hint(THIRD) == 0
    host.delete(1)
    with costs(host, BUDGET["nobody there"]):
        assert hint(THIRD) == 0


@pytest.mark.parametrize("sharing", [1, 50])
def test_event_costs_the_same_however_many_share_the_course(host: FakeHost, sharing: int) -> None:
    """All of them are awarded."""
    publish_many(sharing, lambda _position: [FIRST])
    host.pass_course(1, FIRST)
    with costs(host, BUDGET["completes"]):
        assert hint(FIRST) == sharing


@pytest.mark.parametrize("requirements", [1, 60])
def test_event_costs_the_same_however_much_is_required(host: FakeHost, requirements: int) -> None:
    runs = [f"course-v1:NordU+{position}+2026" for position in range(requirements)]
    for run in runs:
        host.pass_course(1, run)
    publish("large", all_of(*(course(run) for run in runs)))
    with costs(host, BUDGET["completes"]):
        assert hint(runs[-1]) == 1


@pytest.mark.parametrize("depth", [1, 3, 6])
def test_event_costs_the_same_however_deep_the_stack(host: FakeHost, depth: int) -> None:
    host.pass_course(1, FIRST)
    below = publish("level-1", course(FIRST), policy="revoke")
    for level in range(2, depth + 1):
        below = publish(f"level-{level}", all_of(holds(below)), policy="revoke")
    with costs(host, BUDGET["completes"]):
        assert hint(FIRST) == depth
    with costs(host, BUDGET["duplicate"]):
        assert hint(FIRST) == 0
    host.fail_course(1, FIRST)
    with costs(host, BUDGET["regresses"]):
        assert hint(FIRST) == depth
    assert standing() == {}


def test_award_that_expires(host: FakeHost) -> None:
    publish("yearly", course(FIRST), validity_months=12)
    host.pass_course(1, FIRST)
    with costs(host, BUDGET["completes, and expires"]):
        assert hint(FIRST) == 1


def test_every_kind_of_fact_that_the_platform_is_asked_for(host: FakeHost) -> None:
    host.pass_course(1, FIRST)
    host.assess(1, FIRST, "exam", "0.9")
    host.complete(1, FIRST, "1")
    publish(
        "all-kinds",
        all_of(
            course(FIRST),
            {"kind": "assessment", "runs": [FIRST], "block": "exam", "minimum_grade": 80},
            {"kind": "completion", "runs": [FIRST], "minimum_percent": 100},
        ),
    )
    with costs(host, BUDGET["completes, every kind of fact"]):
        assert hint(FIRST) == 1


def test_hint_on_the_request_path(host: FakeHost, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes after the commit in the platform's request, up to the broker."""
    publish("skill", course(FIRST))
    monkeypatch.setitem(current_app.conf, "task_always_eager", False)
    monkeypatch.setitem(current_app.conf, "broker_url", "memory://")
    with costs(host, USED_ON_THE_REQUEST_PATH):
        tasks.send_hint(1, FIRST)


# --- many learners -------------------------------------------------------------------------------


@pytest.fixture
def large_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    """Django cuts statements for old builds of SQLite, and for no other database."""
    monkeypatch.setattr(connection.features, "max_query_params", 30_000)


@pytest.mark.parametrize("learners", [1, 50, 200])
def test_chunk_of_a_publication_costs_the_same_however_many_learners(
    host: FakeHost, large_statements: None, learners: int
) -> None:
    for learner in range(1, learners + 1):
        host.pass_course(learner, FIRST)
    publish("skill", any_of(course(FIRST), course(SECOND)))
    [chunk] = earning.cut_publication(str(Publication.objects.get().uuid), now=NOW)
    with costs(host, BUDGET["chunk"]):
        assert earning.evaluate_chunk(chunk, now=NOW) == learners
    assert Receipt.objects.count() == learners


@pytest.mark.parametrize("learners", [1, 50, 200])
def test_batch_of_a_reconciliation_costs_the_same_however_many_learners(
    host: FakeHost, large_statements: None, learners: int
) -> None:
    for learner in range(1, learners + 1):
        host.pass_course(learner, FIRST)
    skill = publish("skill", course(FIRST))
    with costs(host, BUDGET["batch of a reconciliation"]):
        list(
            earning.reconcile(
                microcredential_ids=[skill.id], learner_ids=range(1, learners + 1), now=NOW
            )
        )
    assert Award.objects.count() == learners


# --- people, and the clock -----------------------------------------------------------------------


def test_decision_of_a_person(host: FakeHost) -> None:
    skill = publish("skill", course(FIRST))
    host.pass_course(1, FIRST)
    hint(FIRST)
    with costs(host, BUDGET["a person's decision"]):
        decisions.revoke(learner_id=1, microcredential_id=skill.id, by_id=9, reason="No.", now=NOW)
    assert standing() == {}


@pytest.mark.parametrize("published", [1, 100])
def test_sweep_with_nothing_to_do(host: FakeHost, published: int) -> None:
    publish_many(published, runs_of)
    tasks.sweep.run()
    with costs(host, BUDGET["nothing to sweep"]):
        tasks.sweep.run()
    with costs(host, BUDGET["nothing to tell"]):
        tasks.announce.run()


# --- the factory ---------------------------------------------------------------------------------


def test_publish_many_makes_what_publishing_one_by_one_makes(host: FakeHost) -> None:
    """Else the numbers above are about something else."""

    def rows() -> list[Any]:
        version_fields = ("number", "state", "draft_slot", "published_at", "requirements", "policy")
        return [
            list(RequirementIndex.objects.order_by("object_key").values_list("kind", "object_key")),
            StackClosure.objects.count(),
            [
                tuple(getattr(version, name) for name in version_fields)
                for one in definitions.list_microcredentials()
                for version in one.versions.all()
            ],
        ]

    def wipe() -> None:
        Publication.objects.all().delete()
        StackClosure.objects.all().delete()
        for one in definitions.list_microcredentials():
            one.versions.all().delete()
            one.delete()

    made: list[Any] = []
    ways: list[Callable[[], Any]] = [
        lambda: publish_many(3, runs_of),
        lambda: [
            publish(f"bulk-{position}", all_of(*(course(run) for run in runs_of(position))))
            for position in range(3)
        ],
    ]
    for position in range(3):
        for run in runs_of(position):
            host.add_run(run)
    for way in ways:
        way()
        made.append(rows())
        wipe()
    assert made[0] == made[1]
