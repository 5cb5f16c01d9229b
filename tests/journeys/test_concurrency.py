"""Workers side by side, on a database that they can share."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connections
from django.utils import timezone

from microcred_plugin import decisions, earning
from microcred_plugin.awards.api import Because, Cause
from microcred_plugin.awards.models import Award, AwardEvent
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import Publication, PublicationChunk
from microcred_plugin.messages import api as messages
from tests.factories import all_of, any_of, course, holds, publish
from tests.fakes import FakeHost

RUN = "course-v1:NordU+A+1"

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        django_settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"),
        reason="SQLite in memory is a single connection; set MICROCRED_TEST_DATABASE",
    ),
]


def at_once(*tasks: Callable[[], Any]) -> list[Any]:
    """Run these in threads that start together; what each returned, or the exception it raised."""
    start = threading.Barrier(len(tasks))
    results: list[Any] = [None] * len(tasks)

    def run(place: int, task: Callable[[], Any]) -> None:
        try:
            start.wait()
            results[place] = task()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place, task)) for place, task in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def _evaluate(learner_ids: Iterable[int], ids: list[int]) -> int:
    return sum(
        len(plan.changes) for plan in earning.evaluate(learner_ids, ids, Because(Cause.EVENT))
    )


def test_eight_hints_at_once_award_once(host: FakeHost) -> None:
    host.add_run(RUN)
    child = publish("child", all_of(course(RUN)))
    publish("parent", all_of(holds(child)))
    host.pass_course(7, RUN)

    results = at_once(*[lambda: earning.follow_hint(7, RUN)] * 8)

    assert sorted(results) == [0] * 7 + [2]
    assert Award.objects.count() == 2
    assert AwardEvent.objects.count() == 2


def test_batches_in_opposite_orders_neither_deadlock_nor_award_twice(host: FakeHost) -> None:
    host.add_run(RUN)
    found = publish("one", all_of(course(RUN)))
    learners = list(range(1, 101))
    for learner_id in learners:
        host.pass_course(learner_id, RUN)

    results = at_once(
        lambda: _evaluate(learners, [found.id]),
        lambda: _evaluate(reversed(learners), [found.id]),
        lambda: _evaluate(learners[50:] + learners[:50], [found.id]),
        lambda: _evaluate(learners[::2] + learners[1::2], [found.id]),
    )

    assert sum(results) == 100
    assert Award.objects.count() == 100


def test_two_publications_at_once_close_no_circle(host: FakeHost) -> None:
    host.add_run(RUN)
    one, two = publish("one", any_of(course(RUN))), publish("two", any_of(course(RUN)))
    drafts = [
        definitions.create_draft(
            microcredential=mine,
            content={"requirements": any_of(course(RUN), holds(other))},
        )
        for mine, other in ((one, two), (two, one))
    ]

    results = at_once(*[lambda draft=draft: definitions.publish(version=draft) for draft in drafts])

    assert Counter(type(result) for result in results) == {
        Publication: 1,
        definitions.DefinitionRefused: 1,
    }


def test_four_announcers_tell_each_event_once(
    host: FakeHost, announced: list[tuple[str, str]]
) -> None:
    host.add_run(RUN)
    found = publish("one", all_of(course(RUN)))
    for learner_id in range(1, 31):
        host.pass_course(learner_id, RUN)
    _evaluate(range(1, 31), [found.id])

    results = at_once(*[lambda: messages.announce(now=timezone.now())] * 4)

    assert sum(results) == 30
    assert Counter(announced).most_common(1)[0][1] == 1
    assert len(announced) == 30


def test_two_cutters_cut_every_learner_into_one_chunk(host: FakeHost, settings: Any) -> None:
    settings.MICROCRED_BATCH_SIZE = 5
    host.add_run(RUN)
    for learner_id in range(1, 51):
        host.pass_course(learner_id, RUN)
    found = publish("one", all_of(course(RUN)))
    uuid = str(Publication.objects.get(version__microcredential=found).uuid)

    at_once(*[lambda: list(earning.cut_publication(uuid))] * 3)
    # Whoever found another at work has stopped; the sweep goes on where that one stopped.
    list(earning.cut_publication(uuid))

    bounds = PublicationChunk.objects.order_by("after_learner").values_list(
        "after_learner", "last_learner", "learners"
    )
    assert list(bounds) == [(first, first + 5, 5) for first in range(0, 50, 5)]


def test_a_person_and_an_event_at_once_end_as_the_person_said(host: FakeHost) -> None:
    host.add_run(RUN)
    found = publish("one", all_of(course(RUN)))
    host.pass_course(7, RUN)
    earning.follow_hint(7, RUN)

    at_once(
        lambda: decisions.revoke(
            learner_id=7, microcredential_id=found.id, by_id=1, reason="Plagiarism."
        ),
        *[lambda: earning.follow_hint(7, RUN)] * 4,
    )

    assert list(Award.objects.values_list("state", flat=True)) == ["revoked"]
