"""What is read of awards, for pages and reports."""

from __future__ import annotations

import pytest

from microcred_plugin import earning
from microcred_plugin.awards import api as awards
from tests.factories import all_of, course, publish
from tests.fakes import FakeHost

RUN = "course-v1:NordU+A+1"

pytestmark = pytest.mark.django_db


@pytest.fixture
def levels(host: FakeHost) -> None:
    host.add_run(RUN)
    lower = publish("lower", all_of(course(RUN)))
    publish("higher", all_of(course(RUN, minimum_grade=80)), supersedes=lower)


def _superseded() -> dict[str, str]:
    rows = list(awards.awards_of())
    slugs = {row.uuid: row.microcredential.slug for row in rows}
    return {
        slugs[uuid]: higher.microcredential.slug
        for uuid, higher in awards.superseding(rows).items()
    }


def test_higher_level_stands_in_place_of_the_lower(host: FakeHost, levels: None) -> None:
    host.pass_course(7, RUN, percent="0.9")
    earning.follow_hint(7, RUN)

    assert _superseded() == {"lower": "higher"}
    assert {row.state for row in awards.awards_of()} == {"active"}


def test_lower_level_stands_for_itself_while_the_higher_is_not_held(
    host: FakeHost, levels: None
) -> None:
    host.pass_course(7, RUN, percent="0.7")
    earning.follow_hint(7, RUN)

    assert _superseded() == {}


def test_level_of_another_learner_takes_nobodys_place(host: FakeHost, levels: None) -> None:
    host.pass_course(7, RUN, percent="0.7")
    host.pass_course(8, RUN, percent="0.9")
    for learner_id in (7, 8):
        earning.follow_hint(learner_id, RUN)

    assert len(awards.superseding(awards.awards_of(learner_ids=[7]))) == 0
    assert len(awards.superseding(awards.awards_of())) == 1
