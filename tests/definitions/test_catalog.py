"""What is on offer, and how it is narrowed down."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import Microcredential
from tests.definitions import AUTUMN, SPRING, STATISTICS
from tests.factories import LONG_AGO, all_of, any_run, course, holds, publish
from tests.fakes import FakeHost

pytestmark = pytest.mark.django_db

NOW = LONG_AGO + timedelta(days=100)


def offered(**wanted: Any) -> list[str]:
    organizations = wanted.pop("organizations", ())
    found = definitions.narrowed(definitions.offers(now=NOW, organizations=organizations), **wanted)
    return [version.microcredential.slug for version in found]


def with_visibility(slug: str, visibility: str) -> Microcredential:
    made = publish(slug, course(SPRING))
    Microcredential.objects.filter(pk=made.pk).update(visibility=visibility)
    return made


def test_newest_open_version_is_on_offer_and_by_title(host: FakeHost) -> None:
    publish("b", course(SPRING))
    publish("a", course(SPRING), title="Zulu")
    publish("a", course(AUTUMN), title="Alpha", now=LONG_AGO + timedelta(days=9))
    found = list(definitions.offers(now=NOW))
    assert [(one.title, one.number) for one in found] == [("Alpha", 2), ("B", 1)]


def test_version_that_stays_open_beside_a_newer_one_is_not_listed_twice(host: FakeHost) -> None:
    publish("a", course(SPRING))
    publish("a", course(AUTUMN), now=LONG_AGO + timedelta(days=9),
            previous_closes_at=NOW + timedelta(days=30))  # fmt: skip
    assert [one.number for one in definitions.offers(now=NOW)] == [2]


def test_draft_is_not_on_offer(host: FakeHost) -> None:
    made = definitions.create_microcredential(slug="a", organization="NordU", title="A")
    definitions.create_draft(microcredential=made, content={"requirements": course(SPRING)})
    assert offered() == []


@pytest.mark.parametrize("switch", ["off", "observe"])
def test_what_is_not_switched_on_is_not_on_offer(
    host: FakeHost, settings: Any, switch: str
) -> None:
    made = publish("a", course(SPRING))
    definitions.set_switch(microcredential=made, switch=switch)
    assert offered() == []
    definitions.set_switch(microcredential=made, switch="on")
    assert offered() == ["a"]
    settings.MICROCRED_SWITCH = switch
    assert offered() == []


def test_visibility_says_who_finds_it(host: FakeHost) -> None:
    with_visibility("everybodys", "public")
    with_visibility("ours", "organization")
    with_visibility("nobodys", "unlisted")
    assert offered() == ["everybodys"]
    assert offered(organizations={"NordU"}) == ["everybodys", "ours"]
    assert offered(organizations={"Harbor"}) == ["everybodys"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["charts", "safety", "statistics"]),
        ({"text": "chart"}, ["charts"]),
        ({"text": "TABLES read"}, ["statistics"]),
        ({"text": "chart tables"}, []),
        ({"text": "mathematics"}, ["statistics"]),
        ({"text": "harbor"}, ["safety"]),
        ({"organization": "Harbor"}, ["safety"]),
        ({"skill": "Mathematics"}, ["statistics"]),
        ({"skill": "Math"}, []),
        ({"level": "5"}, ["charts", "statistics"]),
        ({"level": "5", "organization": "Harbor"}, []),
        ({"runs": [SPRING]}, ["charts"]),
        ({"runs": [STATISTICS]}, ["statistics"]),
        ({"runs": []}, []),
        ({"text": "%"}, []),
    ],
)
def test_offers_are_narrowed_down(host: FakeHost, wanted: dict[str, Any], found: list[str]) -> None:
    publish("charts", course(SPRING), level="5")
    publish("statistics", any_run("NordU+ST201"), level="5", description="Reads tables.",
            skills=[{"name": "Mathematics"}])  # fmt: skip
    publish("safety", course(AUTUMN), organization="Harbor", level="3")
    assert offered(**wanted) == found


def test_facets_are_those_of_the_offers(host: FakeHost) -> None:
    publish("a", course(SPRING), level="5", skills=[{"name": "reading"}, {"name": "Writing"}])
    publish("b", course(SPRING), organization="Harbor", skills=[{"name": "reading"}])
    hidden = publish("c", course(SPRING), level="9", skills=[{"name": "Secret"}])
    definitions.set_switch(microcredential=hidden, switch="off")
    found = definitions.facets(definitions.offers(now=NOW))
    assert found.organizations == ("Harbor", "NordU")
    assert found.levels == ("5",)
    assert found.skills == ("reading", "Writing")


def test_skills_of_an_older_version_are_not_found(host: FakeHost) -> None:
    publish("a", course(SPRING), skills=[{"name": "Reading"}])
    publish("a", course(SPRING), skills=[{"name": "Writing"}], now=LONG_AGO + timedelta(days=3))
    assert offered(skill="Reading") == []
    assert offered(skill="Writing") == ["a"]


def test_depth_is_the_height_of_the_stack_as_it_was_published(host: FakeHost) -> None:
    low = publish("low", course(SPRING))
    middle = publish("middle", all_of(holds(low), course(AUTUMN)))
    publish("high", all_of(holds(middle), holds(low)))
    depths = {one.microcredential.slug: one.depth for one in definitions.offers(now=NOW)}
    assert depths == {"low": 1, "middle": 2, "high": 3}
