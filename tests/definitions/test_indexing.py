"""What the index and the closure hold, after whatever was published and withdrawn."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import (
    MicrocredentialVersion,
    RequirementIndex,
    StackClosure,
)
from tests import factories
from tests.definitions import AUTUMN, SPRING, STATISTICS, closure, draft, index_of
from tests.factories import LONG_AGO, all_of, any_of, any_run, course, holds, publish
from tests.fakes import FakeHost

pytestmark = pytest.mark.django_db

CCX = "ccx-v1:NordU+DL101+2026_Spring+ccx@7"
OTHER_CASE = "course-v1:NordU+dl101+2026_Spring"
PROGRAM = "b4f0cf1c-4f5c-4b3e-9f3e-0d7a8ff0c9f1"


def version_of(slug: str) -> MicrocredentialVersion:
    return MicrocredentialVersion.objects.filter(microcredential__slug=slug).latest("number")


# --- the index ---------------------------------------------------------------------------------


def test_index_has_exactly_what_the_trees_name(host: FakeHost) -> None:
    component, other = publish("component", course(SPRING)), publish("other", course(SPRING))
    publish(
        "data",
        all_of(
            course(SPRING, AUTUMN),
            any_of(course(SPRING), holds(component)),
            {"kind": "assessment", "runs": [STATISTICS], "block": "exam", "minimum_grade": 50},
            {"kind": "completion", "course": "NordU+ST201", "minimum_percent": 50},
            {"kind": "program", "program": PROGRAM},
            {"kind": "evidence", "key": "portfolio"},
            {"kind": "attestation", "key": "employer"},
            {"kind": "grant", "key": "prior-learning"},
        ),
        eligibility=any_run("NordU+DL101"),
        renewal=holds(other),
    )
    assert index_of(version_of("data")) == {
        ("course", SPRING),
        ("course", AUTUMN),
        ("course", STATISTICS),
        ("course", "NordU+ST201"),
        ("course", "NordU+DL101"),
        ("microcredential", str(component.uuid)),
        ("microcredential", str(other.uuid)),
        ("program", PROGRAM),
    }


def test_run_concerns_what_names_it_and_what_names_its_course(host: FakeHost) -> None:
    by_run = publish("by-run", course(SPRING))
    by_course = publish("by-course", any_run("NordU+DL101"))
    publish("elsewhere", course(STATISTICS))
    assert definitions.concerned_by([SPRING]) == {by_run.id, by_course.id}
    assert definitions.concerned_by([AUTUMN]) == {by_course.id}
    assert definitions.is_course_used(AUTUMN)
    assert not definitions.is_course_used("course-v1:NordU+DL1010+2026_Spring")
    assert not definitions.is_course_used("course-v1:Nord+DL101+2026_Spring")


def test_ccx_run_concerns_only_what_lists_it(host: FakeHost) -> None:
    host.add_run(CCX)
    publish("by-course", any_run("NordU+DL101"))
    publish("by-master", course(SPRING))
    assert not definitions.is_course_used(CCX)
    listed = publish("listed", course(CCX))
    assert definitions.concerned_by([CCX]) == {listed.id}


def test_keys_that_differ_only_in_case_are_two(host: FakeHost) -> None:
    host.add_run(OTHER_CASE)
    upper, lower = publish("upper", course(SPRING)), publish("lower", course(OTHER_CASE))
    both = publish("lower-course", any_run("NordU+dl101"))
    assert definitions.concerned_by([SPRING]) == {upper.id}
    assert definitions.concerned_by([OTHER_CASE]) == {lower.id, both.id}


def test_closed_version_still_concerns_its_courses(host: FakeHost) -> None:
    data = publish("data", course(SPRING))
    publish("data", course(AUTUMN), now=LONG_AGO + timedelta(days=1))
    assert definitions.concerned_by([SPRING]) == definitions.concerned_by([AUTUMN]) == {data.id}


def test_withdrawn_version_concerns_nothing(host: FakeHost) -> None:
    data = publish("data", course(SPRING))
    publish("data", course(AUTUMN))
    definitions.withdraw(publication=version_of("data").publication)
    assert definitions.concerned_by([SPRING]) == {data.id}
    assert definitions.concerned_by([AUTUMN]) == set()


@pytest.mark.parametrize("count", [1, 40])
def test_question_what_a_run_concerns_is_one_query(
    host: FakeHost, django_assert_num_queries: Any, count: int
) -> None:
    factories.publish_many(count, lambda position: [SPRING, AUTUMN, STATISTICS])
    with django_assert_num_queries(1):
        assert definitions.is_course_used(SPRING)
    with django_assert_num_queries(1):
        assert not definitions.is_course_used("course-v1:NordU+XX1+2026")
    with django_assert_num_queries(1):
        assert len(definitions.concerned_by([SPRING])) == count
    with django_assert_num_queries(1):
        assert len(definitions.concerned_by([SPRING, AUTUMN, "course-v1:A+B+C"])) == count


def test_publish_many(host: FakeHost) -> None:
    """The factory for many makes the rows that publishing one after the other makes."""

    def runs(position: int) -> list[str]:
        return [SPRING, AUTUMN] if position else [STATISTICS]

    def made(slug: str) -> list[Any]:
        version = version_of(slug)
        row = MicrocredentialVersion.objects.filter(pk=version.pk).values().get()
        for name in ("id", "microcredential_id", "title", "created", "modified", "names"):
            del row[name]
        return [row, index_of(version), {pair for pair in closure() if slug in pair}]

    factories.publish_many(2, runs)
    for position in range(2):
        one = publish(f"one-{position}", all_of(*(course(run) for run in runs(position))))
        expected = made(one.slug)
        found = made(f"bulk-{position}")
        assert found[:2] == expected[:2]
        assert found[2] == {(f"bulk-{position}", f"bulk-{position}")}


# --- the closure -------------------------------------------------------------------------------


def pairs(*names: str) -> set[tuple[str, str]]:
    """`"ab"`: a lies above b. Everything lies above itself."""
    return {(name[0], name[1]) for name in names}


def test_closure_of_a_stack_of_six(host: FakeHost) -> None:
    below = publish("a", course(SPRING))
    for slug in "bcdef":
        below = publish(slug, all_of(holds(below), course(SPRING)))
    expected = {(above, under) for above in "abcdef" for under in "abcdef" if under <= above}
    assert closure() == expected


def test_closure_of_a_diamond_has_every_pair_once(host: FakeHost) -> None:
    bottom = publish("d", course(SPRING))
    left, right = publish("b", holds(bottom)), publish("c", holds(bottom))
    publish("a", all_of(holds(left), holds(right)))
    assert closure() == pairs("aa", "bb", "cc", "dd", "ab", "ac", "ad", "bd", "cd")
    assert StackClosure.objects.count() == 9


def test_closure_grows_for_everything_above_what_is_published(host: FakeHost) -> None:
    c = publish("c", course(SPRING))
    b = publish("b", course(SPRING))
    publish("a", holds(b))
    assert closure() == pairs("aa", "bb", "cc", "ab")
    publish("b", holds(c))
    assert closure() == pairs("aa", "bb", "cc", "ab", "bc", "ac")


def test_closure_has_what_eligibility_and_renewal_name(host: FakeHost) -> None:
    b, c = publish("b", course(SPRING)), publish("c", course(SPRING))
    publish("a", course(SPRING), eligibility=holds(b), renewal=holds(c))
    assert closure() == pairs("aa", "bb", "cc", "ab", "ac")


def test_closure_keeps_what_a_closed_version_names(host: FakeHost) -> None:
    b, c = publish("b", course(SPRING)), publish("c", course(SPRING))
    publish("a", holds(b))
    publish("a", holds(c))
    assert closure() == pairs("aa", "bb", "cc", "ab", "ac")


def test_withdrawal_takes_from_the_closure_what_only_it_had_led_to(host: FakeHost) -> None:
    d = publish("d", course(SPRING))
    c = publish("c", holds(d))
    b = publish("b", course(SPRING))
    publish("b", holds(c))
    publish("a", any_of(holds(b), holds(d)))
    assert closure() == pairs("aa", "bb", "cc", "dd", "cd", "bc", "bd", "ab", "ac", "ad")
    definitions.withdraw(publication=version_of("b").publication)
    # d stays below a, which asks for it itself.
    assert closure() == pairs("aa", "bb", "cc", "dd", "cd", "ab", "ad")
    definitions.withdraw(publication=version_of("a").publication)
    assert closure() == pairs("aa", "bb", "cc", "dd", "cd")


def test_draft_leaves_closure_and_index_alone(host: FakeHost) -> None:
    b, a = publish("b", course(SPRING)), publish("a", course(SPRING))
    draft(a, holds(b))
    assert closure() == pairs("aa", "bb")
    assert not RequirementIndex.objects.filter(kind="microcredential").exists()


@pytest.mark.parametrize("others", [0, 30])
def test_publication_costs_the_same_whatever_else_is_published(host: FakeHost, others: int) -> None:
    component = publish("component", course(SPRING))
    factories.publish_many(others, lambda position: [SPRING])
    version = draft(factories.publish("top", course(SPRING)), all_of(holds(component)))
    with CaptureQueriesContext(connection) as queries:
        definitions.publish(version=version)
    assert len(queries) == 24
