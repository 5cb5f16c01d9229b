"""The stack as it would be, if a draft were published."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import DefinitionRefused, Imagined
from microcred_plugin.definitions.models import Microcredential, MicrocredentialVersion
from tests.factories import LONG_AGO, all_of, course, holds, publish
from tests.fakes import FakeHost

pytestmark = pytest.mark.django_db

A, B = (f"course-v1:NordU+{name}+2026" for name in "AB")
NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _runs(host: FakeHost) -> None:
    for run in (A, B):
        host.add_run(run)


def drafted(microcredential: Microcredential, **content: Any) -> MicrocredentialVersion:
    return definitions.create_draft(microcredential=microcredential, content=content)


def imagine(draft: MicrocredentialVersion, **options: Any) -> Imagined:
    return definitions.imagine(
        microcredential_id=draft.microcredential_id,
        content=definitions.deciding(draft),
        now=NOW,
        **options,
    )


@pytest.mark.parametrize(
    "options",
    [{}, {"previous_closes_at": NOW + timedelta(days=3)}, {"keeps_previous_open": True}],
    ids=["closes", "closes later", "stays open"],
)
def test_it_is_the_stack_that_publishing_makes(options: dict[str, Any]) -> None:
    skill = publish("skill", course(A))
    below = publish("below", course(B))
    parent = publish("parent", holds(skill))
    publish("sibling", holds(below))
    draft = drafted(
        skill,
        requirements=all_of(course(B), holds(below)),
        eligibility=course(A),
        renewal=course(B),
        policy="suspend",
        needs_approval=True,
        validity_months=12,
        grace_days=5,
    )
    imagined = imagine(draft, **options)
    definitions.publish(version=draft, now=NOW, **options)
    published = definitions.load_stack([skill.pk])
    assert [one.id for one in imagined.stack.definitions] == [below.pk, skill.pk, parent.pk]
    for one, other in zip(imagined.stack.definitions, published.definitions, strict=True):
        assert (one.id, one.versions, one.keys) == (other.id, other.versions, other.keys)
    assert imagined.draft == published.definition(skill.pk).versions[-1]
    assert imagined.stack.selection == published.selection


def test_what_nobody_has_published_yet_is_imagined_by_itself() -> None:
    found = definitions.create_microcredential(slug="new", organization="NordU", title="New")
    imagined = imagine(drafted(found, requirements=course(A)))
    [definition] = imagined.stack.definitions
    assert definition.versions == (imagined.draft,)
    assert (imagined.draft.number, imagined.draft.published_at) == (1, NOW)
    assert imagined.earlier == ()


def test_versions_of_today_are_those_that_were_open_as_they_were() -> None:
    publish("skill", course(A))
    publish("skill", course(B), now=LONG_AGO + timedelta(days=1))  # closes the first
    skill = publish(
        "skill",
        all_of(course(A), course(B)),
        now=LONG_AGO + timedelta(days=2),
        previous_closes_at=NOW + timedelta(days=1),
    )
    imagined = imagine(drafted(skill, requirements=course(A)))
    assert [terms.number for terms in imagined.earlier] == [2, 3]
    assert imagined.earlier[-1].closes_at is None
    assert imagined.stack.definition(skill.pk).versions[2].closes_at == NOW
    assert not MicrocredentialVersion.objects.filter(number=3).exclude(closes_at=None).exists()


def test_version_that_was_withdrawn_is_none_of_today() -> None:
    skill = publish("skill", course(A))
    definitions.withdraw(publication=skill.versions.get().publication)
    imagined = imagine(drafted(skill, requirements=course(B)))
    assert imagined.earlier == ()
    assert imagined.stack.definition(skill.pk).versions == (imagined.draft,)


def test_draft_that_asks_for_what_asks_for_it_is_refused() -> None:
    skill = publish("skill", course(A))
    parent = publish("parent", holds(skill))
    draft = drafted(skill, requirements=holds(parent))
    with pytest.raises(DefinitionRefused, match="“skill” can't ask for something that asks for"):
        imagine(draft)


def test_part_that_decides_is_itself_and_what_it_stacks_on() -> None:
    skill = publish("skill", course(A))
    middle = publish("middle", holds(skill))
    publish("top", all_of(holds(middle), course(B)))
    stack = definitions.load_stack([skill.pk])
    assert stack.at_and_below(middle.pk).ids == [skill.pk, middle.pk]
    assert stack.at_and_below(middle.pk).selection.runs == {A}


@pytest.mark.parametrize("height", [1, 30])
def test_it_takes_four_queries_however_high_the_stack(height: int) -> None:
    below = publish("below", course(B))
    skill = top = publish("skill", course(A))
    for place in range(height):
        top = publish(f"level-{place}", holds(top))
    draft = drafted(skill, requirements=holds(below))
    content = definitions.deciding(draft)
    with CaptureQueriesContext(connection) as captured:
        imagined = definitions.imagine(microcredential_id=skill.pk, content=content, now=NOW)
    assert len(captured) == 4
    assert len(imagined.stack.definitions) == height + 2
