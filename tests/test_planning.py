"""What an evaluation would change: worked out from facts that are read once, and not written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from microcred_plugin import earning
from microcred_plugin.awards import api as awards
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import Microcredential
from microcred_plugin.planning import Plan, plan
from tests.factories import all_of, any_of, any_run, course, holds, publish
from tests.fakes import SOME_DAY, FakeHost

pytestmark = pytest.mark.django_db

A, B = (f"course-v1:NordU+{name}+2026" for name in ("A", "B"))
NOW = datetime(2026, 6, 1, tzinfo=UTC)
RETRY = NOW + timedelta(seconds=900)


@pytest.fixture(autouse=True)
def _runs(host: FakeHost) -> None:
    for run in (A, B):
        host.add_run(run)


def planned(*learner_ids: int, **options: Any) -> Plan:
    stack = definitions.load_stack(definitions.all_ids())
    return plan(learner_ids or (1,), stack, now=NOW, **options)


def changes(found: Plan) -> list[tuple[int, str, str]]:
    slugs = {one.id: one.slug for one in definitions.list_microcredentials()}
    return [
        (item.learner_id, slugs[item.microcredential_id], item.change.kind.value)
        for item in found.changes
    ]


@pytest.fixture
def stack(host: FakeHost) -> list[Microcredential]:
    skill = publish("skill", course(A))
    middle = publish("specialisation", all_of(holds(skill), course(B)))
    return [skill, middle, publish("mastery", any_of(holds(middle), holds(skill)))]


def test_changes_come_components_first(host: FakeHost, stack: list[Microcredential]) -> None:
    for run in (A, B):
        host.pass_course(1, run)
    slugs = [slug for _learner, slug, _kind in changes(planned())]
    assert slugs == ["skill", "specialisation", "mastery"]


def test_nothing_is_written(host: FakeHost, stack: list[Microcredential]) -> None:
    host.pass_course(1, A)
    with CaptureQueriesContext(connection) as captured:
        assert planned().changes
    assert {query["sql"].split()[0] for query in captured} == {"SELECT"}


def test_each_learner_is_judged_by_their_own_facts(
    host: FakeHost, stack: list[Microcredential]
) -> None:
    host.pass_course(1, A)
    host.pass_course(2, B)
    host.add_learner(3)
    found = planned(1, 2, 3)
    assert changes(found) == [(1, "skill", "earned"), (1, "mastery", "earned")]
    assert found.learners == 3


def test_platform_is_asked_once_for_all_and_only_for_what_matters(
    host: FakeHost, stack: list[Microcredential]
) -> None:
    for learner in range(1, 31):
        host.pass_course(learner, A)
    host.calls.clear()
    planned(*range(1, 31))
    assert host.calls == {"learners": 1, "course_results": 1}


def test_platform_is_not_asked_for_the_results_of_those_who_have_left(
    host: FakeHost, stack: list[Microcredential]
) -> None:
    host.pass_course(1, A)
    host.retire(1)
    host.calls.clear()
    found = planned(1, 77)
    assert (found.changes, found.learners) == ((), 2)
    assert host.calls == {"learners": 1}


def test_subsection_is_asked_for_by_its_block(host: FakeHost) -> None:
    publish(
        "exam", {"kind": "assessment", "course": "NordU+A", "block": "final", "minimum_grade": 80}
    )
    host.assess(1, A, "final", "0.795")
    host.assess(2, A, "final", "0.794")
    host.assess(3, A, "quiz", "1")
    assert changes(planned(1, 2, 3)) == [(1, "exam", "earned")]


def test_completion_where_the_site_counts_it(host: FakeHost) -> None:
    publish("through", {"kind": "completion", "runs": [A], "minimum_percent": 90})
    host.complete(1, A, "0.9")
    host.complete(2, A, "0.8")
    found = planned(1, 2)
    assert changes(found) == [(1, "through", "earned")]
    assert found.changes[0].change.after.met_on == SOME_DAY


def test_completion_where_the_site_does_not_count_it_is_unknown(host: FakeHost) -> None:
    skill = publish("through", {"kind": "completion", "runs": [A], "minimum_percent": 90})
    host.counts_completion = False
    host.complete(1, A, "0.9")
    found = planned()
    assert found.changes == ()
    assert found.dues == (((1, skill.id), awards.Why.UNKNOWN, RETRY),)


@pytest.mark.parametrize(
    "requirements",
    [
        {"kind": "program", "program": "p"},
        {"kind": "evidence", "key": "k"},
        {"kind": "attestation", "key": "k"},
        {"kind": "grant", "key": "k"},
    ],
    ids=lambda node: node["kind"],
)
def test_requirement_whose_facts_nothing_supplies_yet_is_not_met(
    host: FakeHost, requirements: dict[str, Any]
) -> None:
    publish("later", all_of(requirements, course(A)))
    host.pass_course(1, A)
    found = planned()
    assert (found.changes, found.dues) == ((), ())


def test_ccx_run_counts_only_where_it_is_named(host: FakeHost) -> None:
    ccx = "ccx-v1:NordU+A+2026+ccx@7"
    host.add_run(ccx)
    publish("master", any_run("NordU+A"))
    publish("coached", course(ccx))
    host.pass_course(1, ccx)
    assert changes(planned()) == [(1, "coached", "earned")]


def test_award_that_expires_is_looked_at_when_it_does(host: FakeHost) -> None:
    skill = publish("skill", course(A), validity_months=6)
    host.pass_course(1, A)
    expiry = datetime(2026, 9, 2, 9, 30, tzinfo=UTC)
    assert planned().dues == (((1, skill.id), awards.Why.EXPIRY, expiry),)


def test_what_stacks_on_an_award_that_expires_is_looked_at_too(host: FakeHost) -> None:
    skill = publish("skill", course(A), validity_months=6)
    parent = publish("mastery", holds(skill))
    host.pass_course(1, A)
    expiry = datetime(2026, 9, 2, 9, 30, tzinfo=UTC)
    assert set(planned().dues) == {
        ((1, skill.id), awards.Why.EXPIRY, expiry),
        ((1, parent.id), awards.Why.FACT, expiry),
    }


def test_eligibility_is_asked_when_an_award_would_be_written_and_never_after(
    host: FakeHost,
) -> None:
    publish("skill", course(A), eligibility=course(B), policy="revoke")
    host.pass_course(1, A)
    assert changes(planned()) == []
    host.pass_course(1, B, on=SOME_DAY + timedelta(days=1))
    [item] = planned().changes
    assert item.change.after.valid_from == SOME_DAY + timedelta(days=1)
    earning.follow_hint(1, B, now=NOW)
    host.fail_course(1, B)
    assert changes(planned()) == []


def test_learner_who_has_nothing_towards_it_is_not_put_off(
    host: FakeHost, stack: list[Microcredential]
) -> None:
    host.add_learner(1)
    assert planned() == Plan(learners=1)


def test_eligibility_that_is_unknown_is_asked_again(host: FakeHost) -> None:
    skill = publish("skill", course(A), eligibility=course(B))
    host.pass_course(1, A)
    host.cannot_say(1, B)
    found = planned()
    assert found.changes == ()
    assert found.dues == (((1, skill.id), awards.Why.UNKNOWN, RETRY),)
