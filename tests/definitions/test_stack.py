"""Definitions as an evaluation reads them: which, in what order, and at what cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import Microcredential, MicrocredentialVersion
from microcred_plugin.evaluation.requirements import Course
from microcred_plugin.evaluation.verdict import Policy
from microcred_plugin.host.interface import CourseSelection
from tests import factories
from tests.definitions import AUTUMN, SPRING, STATISTICS, draft, make
from tests.factories import LONG_AGO, all_of, any_run, course, holds, publish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("host")]


def slugs(*microcredentials: Microcredential) -> list[str]:
    """What is loaded for these, in order."""
    stack = definitions.load_stack([found.id for found in microcredentials])
    return [definition.slug for definition in stack.definitions]


def tower(height: int) -> list[Microcredential]:
    """Microcredentials of which each asks for the one before."""
    levels = [publish("level-1", course(SPRING))]
    for level in range(2, height + 1):
        levels.append(publish(f"level-{level}", holds(levels[-1])))
    return levels


def test_everything_above_and_below_is_loaded_components_first() -> None:
    levels = tower(6)
    publish("elsewhere", course(SPRING))
    in_order = [f"level-{level}" for level in range(1, 7)]
    for level in levels:
        assert slugs(level) == in_order


def test_component_that_was_published_last_comes_first_all_the_same() -> None:
    top = publish("top", course(SPRING))
    middle = publish("middle", course(SPRING))
    bottom = publish("bottom", course(SPRING))
    publish("middle", holds(bottom))
    publish("top", holds(middle))
    assert slugs(top) == ["bottom", "middle", "top"]


def test_what_lies_beside_in_the_stack_of_an_ancestor_is_loaded_too() -> None:
    left, right = publish("left", course(SPRING)), publish("right", course(AUTUMN))
    top = publish("top", all_of(holds(left), holds(right)))
    loaded = slugs(left)
    assert set(loaded) == {"left", "right", "top"}
    assert loaded[-1] == "top"
    assert definitions.load_stack([left.id]).ids[-1] == top.id


def test_diamond_is_loaded_once_each() -> None:
    bottom = publish("bottom", course(SPRING))
    left, right = publish("left", holds(bottom)), publish("right", holds(bottom))
    publish("top", all_of(holds(left), holds(right), holds(bottom)))
    loaded = slugs(bottom)
    assert sorted(loaded) == ["bottom", "left", "right", "top"]
    assert (loaded[0], loaded[-1]) == ("bottom", "top")


def test_what_has_only_a_draft_is_not_loaded() -> None:
    microcredential = make()
    draft(microcredential, course(SPRING))
    assert slugs(microcredential) == []


def test_nothing_is_loaded_for_nothing() -> None:
    tower(2)
    assert definitions.load_stack([]).definitions == ()
    assert definitions.load_stack([999_999]).definitions == ()


@pytest.mark.parametrize("count", [1, 30, 300])
def test_loading_takes_two_queries_however_many_there_are(
    django_assert_num_queries: Any, count: int
) -> None:
    made = factories.publish_many(count, lambda position: [SPRING, AUTUMN, STATISTICS])
    with django_assert_num_queries(2):
        stack = definitions.load_stack([one.id for one in made])
        assert len(stack.definitions) == count
        assert stack.selection


@pytest.mark.parametrize("height", [1, 3, 6])
def test_loading_takes_two_queries_however_high_the_stack_is(
    django_assert_num_queries: Any, height: int
) -> None:
    levels = tower(height)
    with django_assert_num_queries(2):
        assert len(definitions.load_stack([levels[0].id]).definitions) == height


def test_every_published_version_is_read_with_its_terms() -> None:
    later = LONG_AGO + timedelta(days=9)
    microcredential = publish(
        "data", course(SPRING), policy="revoke", validity_months=12, grace_days=7,
        needs_approval=True, eligibility=course(AUTUMN), renewal=course(STATISTICS),
    )  # fmt: skip
    publish("data", course(AUTUMN), now=later, title="Renamed")
    draft(microcredential, course(STATISTICS))
    (definition,) = definitions.load_stack([microcredential.id]).definitions
    assert (definition.uuid, definition.title) == (str(microcredential.uuid), "Renamed")
    first, second = definition.versions
    assert (first.number, first.published_at, first.closes_at) == (1, LONG_AGO, later)
    assert (second.number, second.published_at, second.closes_at) == (2, later, None)
    assert first.requirements == Course(runs=(SPRING,))
    assert first.eligibility == Course(runs=(AUTUMN,))
    assert first.renewal == Course(runs=(STATISTICS,))
    assert (first.policy, first.validity_months, first.grace_days) == (Policy.REVOKE, 12, 7)
    assert first.needs_approval
    assert set(definition.version_ids) == {1, 2}
    assert set(definition.names) == {SPRING, AUTUMN, STATISTICS}


def test_withdrawn_version_does_not_count_but_its_awards_can_be_found() -> None:
    microcredential = publish("data", course(SPRING))
    publish("data", course(AUTUMN))
    version = MicrocredentialVersion.objects.get(number=2)
    definitions.withdraw(publication=version.publication)
    (definition,) = definitions.load_stack([microcredential.id]).definitions
    assert [terms.number for terms in definition.versions] == [1]
    assert definition.version_ids[2] == version.id
    assert AUTUMN not in definition.keys


def test_what_has_to_be_asked_about_learners_is_what_the_trees_name() -> None:
    block = {"block": "exam", "minimum_grade": 50}
    microcredential = publish(
        "data",
        all_of(
            course(SPRING),
            any_run("NordU+ST201"),
            {"kind": "assessment", "runs": [AUTUMN], **block},
            {"kind": "completion", "course": "NordU+DL101", "minimum_percent": 50},
        ),
    )
    stack = definitions.load_stack([microcredential.id])
    assert stack.selection == CourseSelection(
        frozenset({SPRING, AUTUMN}), frozenset({"NordU+ST201", "NordU+DL101"})
    )
    assert stack.assessments == (CourseSelection(frozenset({AUTUMN})), frozenset({"exam"}))
    assert stack.completions == CourseSelection(courses=frozenset({"NordU+DL101"}))
    (definition,) = stack.definitions
    assert definition.keys == {SPRING, "NordU+ST201", AUTUMN, "NordU+DL101"}


CAUTION = ["off", "observe", "on"]


@pytest.mark.parametrize("own", CAUTION)
@pytest.mark.parametrize("site", CAUTION)
def test_more_cautious_of_the_two_switches_holds(settings: Any, own: str, site: str) -> None:
    microcredential = publish("data", course(SPRING))
    definitions.set_switch(microcredential=microcredential, switch=own)
    settings.MICROCRED_SWITCH = site
    (definition,) = definitions.load_stack([microcredential.id]).definitions
    assert definition.switch == min(own, site, key=CAUTION.index)
