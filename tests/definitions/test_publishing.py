"""From draft to published to closed: what a publication does, and why it is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import MicrocredentialVersion
from tests.definitions import (
    AUTUMN,
    SPRING,
    STATISTICS,
    UNKNOWN,
    draft,
    index_of,
    make,
    refusal,
    rows,
)
from tests.factories import (
    LONG_AGO,
    all_of,
    any_of,
    any_run,
    at_least,
    course,
    holds,
    publish,
)
from tests.fakes import FakeHost

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("host")]

LATER = LONG_AGO + timedelta(days=30)
MUCH_LATER = LONG_AGO + timedelta(days=60)


def states(slug: str) -> list[tuple[int, str, datetime | None]]:
    """Number, state and closing date of every version."""
    return list(
        MicrocredentialVersion.objects.filter(microcredential__slug=slug)
        .order_by("number")
        .values_list("number", "state", "closes_at")
    )


# --- what it does ------------------------------------------------------------------------------


def test_publication_freezes_the_draft_and_says_who_and_when() -> None:
    version = draft(make(title="Working title"), course(SPRING), title="Data Literacy")
    publication = definitions.publish(version=version, by_id=7, now=LATER)
    version.refresh_from_db()
    assert (version.state, version.published_at, version.draft_slot) == ("published", LATER, None)
    assert (publication.by_id, publication.at, publication.state) == (7, LATER, "pending")
    assert not publication.closed_versions.exists()
    assert version.microcredential.title == "Data Literacy"
    assert index_of(version) == {("course", SPRING)}


def test_published_draft_cannot_be_published_again() -> None:
    version = draft(make(), course(SPRING))
    definitions.publish(version=version)
    said = refusal(definitions.publish, version=version)
    assert said == {"": "Version 1 of “data-literacy” has been published already."}


def test_next_version_closes_the_one_before_at_once() -> None:
    publish("data", course(SPRING))
    publish("data", course(AUTUMN), now=LATER)
    assert states("data") == [(1, "closed", LATER), (2, "published", None)]


def test_next_version_closes_the_one_before_at_a_date() -> None:
    publish("data", course(SPRING))
    publish("data", course(AUTUMN), now=LATER, previous_closes_at=MUCH_LATER)
    assert states("data") == [(1, "published", MUCH_LATER), (2, "published", None)]


def test_closing_date_in_the_past_is_now() -> None:
    publish("data", course(SPRING))
    publish("data", course(AUTUMN), now=LATER, previous_closes_at=LONG_AGO)
    assert states("data") == [(1, "closed", LATER), (2, "published", None)]


def test_third_version_leaves_a_closing_date_that_was_announced() -> None:
    publish("data", course(SPRING))
    publish("data", course(AUTUMN), now=LATER, previous_closes_at=MUCH_LATER)
    publish("data", course(STATISTICS), now=LATER + timedelta(days=1))
    assert states("data") == [
        (1, "published", MUCH_LATER),
        (2, "closed", LATER + timedelta(days=1)),
        (3, "published", None),
    ]


def test_version_published_by_a_clock_that_goes_after_does_not_close_before_it_began() -> None:
    publish("data", course(SPRING), now=LATER)
    publish("data", course(AUTUMN), now=LATER - timedelta(seconds=3))
    assert states("data") == [(1, "published", LATER), (2, "published", None)]
    assert definitions.close_due_versions(now=LATER) == 1


def test_published_version_never_changes_whatever_is_published_after_it() -> None:
    publish("data", course(SPRING), description="First")
    before = MicrocredentialVersion.objects.filter(number=1).values().get()
    publish("data", course(AUTUMN), now=LATER, description="Second", title="Renamed")
    after = MicrocredentialVersion.objects.filter(number=1).values().get()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"state", "closes_at", "modified"}


def test_titles_of_what_the_trees_name_are_kept_as_they_were(host: FakeHost) -> None:
    basics = publish("basics", course(SPRING))
    microcredential = make("mastery")
    version = draft(
        microcredential,
        all_of(holds(basics), course(AUTUMN)),
        eligibility=any_run("NordU+ST201"),
        renewal=course(STATISTICS),
    )
    definitions.publish(version=version)
    host.add_run(AUTUMN, title="Called otherwise now")
    publish("basics", course(SPRING), title="Basics, renamed")
    version.refresh_from_db()
    assert version.names == {
        str(basics.uuid): "Basics",
        AUTUMN: "Data Literacy, autumn",
        STATISTICS: "Statistics",
        "NordU+ST201": "Statistics",
    }


def test_nothing_is_read_before_the_lock(host: FakeHost) -> None:
    version = draft(make(), course(SPRING))
    with CaptureQueriesContext(connection) as queries:
        definitions.publish(version=version)
    statements = [
        query["sql"] for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))
    ]
    # The row of the lock is made if there is none, then locked; a draft is read only after that.
    assert "publicationlock" in statements[0]
    assert statements[1].startswith("UPDATE")
    assert "publicationlock" in statements[1]


# --- close_due_versions ------------------------------------------------------------------------


def test_versions_close_when_their_date_has_come() -> None:
    publish("data", course(SPRING))
    publish("data", course(AUTUMN), now=LATER, previous_closes_at=MUCH_LATER)
    assert definitions.close_due_versions(now=MUCH_LATER - timedelta(microseconds=1)) == 0
    assert definitions.close_due_versions(now=MUCH_LATER) == 1
    assert states("data") == [(1, "closed", MUCH_LATER), (2, "published", None)]
    assert definitions.close_due_versions(now=MUCH_LATER) == 0


# --- why it is refused -------------------------------------------------------------------------

DAYS = {"not_before": "2026-05-31", "not_after": "2026-05-01"}
FAR_APART = all_of(
    course(SPRING, not_after="2026-01-31"),
    course(AUTUMN, not_before="2026-09-01"),
    within_months=3,
)

REFUSED: dict[str, tuple[Any, str, str]] = {
    "empty tree": (None, "", "There is no requirement yet. Add at least one."),
    "empty group": (
        all_of(course(SPRING), any_of()),
        ".of[1]",
        "This group is empty, and nobody can meet it. Put a requirement into it, or remove it.",
    ),
    "n larger than the group": (
        at_least(3, course(SPRING), course(AUTUMN)),
        "",
        "This group asks for 3 of its requirements, but has only 2. "
        "Ask for fewer, or add requirements.",
    ),
    "more credits than there are": (
        {"kind": "credits", "minimum": 5, "of": [course(SPRING, credits=4.5), course(AUTUMN)]},
        "",
        "This group asks for 5 credits, but what is in it is worth only 4.5. "
        "Ask for fewer, or give its requirements more credits.",
    ),
    "run that does not exist": (
        all_of(course(SPRING, "course-v1:NordU+DL101+2099")),
        ".of[0].runs",
        "There is no course run “course-v1:NordU+DL101+2099” on this site. "
        "Choose one that exists.",
    ),
    "run in another case": (
        course(SPRING.lower().replace("nordu", "NordU")),
        ".runs",
        "There is no course run “course-v1:NordU+dl101+2026_spring” on this site. "
        "Choose one that exists.",
    ),
    "course without any run": (
        any_run("NordU+XX1"),
        ".course",
        "There is no run of the course “NordU+XX1” on this site.",
    ),
    "subsection of a course that does not exist": (
        {"kind": "assessment", "course": "NordU+XX1", "block": "exam", "minimum_grade": 50},
        ".course",
        "There is no run of the course “NordU+XX1” on this site.",
    ),
    "days that contradict": (
        all_of(course(SPRING, **DAYS)),
        ".of[0]",
        "The first day that counts, May 31, 2026, is after the last one, May 1, 2026. "
        "Change one of them.",
    ),
    "tree that nobody can meet": (
        FAR_APART,
        "",
        "Nobody can meet this: the days on which the courses may be passed do not fit into the "
        "months that a group around them allows. Change the days, or allow more months.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_the_node_and_the_reason(name: str) -> None:
    tree, path, sentence = REFUSED[name]
    version = draft(make(), tree)
    assert refusal(definitions.publish, version=version) == {f"requirements{path}": sentence}


@pytest.mark.parametrize("other", ["eligibility", "renewal"])
@pytest.mark.parametrize("name", [name for name in REFUSED if name != "empty tree"])
def test_refused_in_every_tree(name: str, other: str) -> None:
    tree, path, sentence = REFUSED[name]
    version = draft(make(), course(SPRING), **{other: tree})
    assert refusal(definitions.publish, version=version) == {f"{other}{path}": sentence}


def test_every_fault_is_said_at_once() -> None:
    tree = all_of(any_of(), course("course-v1:X+Y+Z"), {"kind": "microcredential",
                  "microcredential": UNKNOWN})  # fmt: skip
    said = refusal(definitions.publish, version=draft(make(), tree))
    assert set(said) == {
        "requirements.of[0]", "requirements.of[1].runs", "requirements.of[2].microcredential",
    }  # fmt: skip


def test_only_the_course_that_is_missing_is_named() -> None:
    tree = all_of(course(SPRING), course("course-v1:X+Y+Z", AUTUMN), any_run("NordU+ST201"))
    said = refusal(definitions.publish, version=draft(make(), tree))
    assert set(said) == {"requirements.of[1].runs"}
    assert "course-v1:X+Y+Z" in said["requirements.of[1].runs"]


def test_refused_publication_leaves_the_version_before_open() -> None:
    publish("data", course(SPRING))
    draft(definitions.find_microcredential("data"), None)
    version = definitions.draft_of(definitions.find_microcredential("data"))
    refusal(definitions.publish, version=version, now=LATER)
    assert states("data") == [(1, "published", None), (2, "draft", None)]


def test_platform_that_cannot_say_its_courses_is_a_sentence(host: FakeHost) -> None:
    version = draft(make(), course(SPRING))
    host.fail_with(ConnectionError("the platform is away"))
    assert refusal(definitions.publish, version=version) == {
        "": "The platform could not say which courses there are (ConnectionError: the platform is "
        "away). Nothing has been published; try again later."
    }


def test_course_that_disappears_later_changes_nothing(host: FakeHost) -> None:
    microcredential = publish("data", any_of(course(SPRING), course(AUTUMN)))
    before = rows()
    del host.runs[SPRING]
    assert definitions.is_course_used(SPRING)
    assert definitions.concerned_by([SPRING]) == {microcredential.id}
    assert len(definitions.load_stack([microcredential.id]).definitions[0].versions) == 1
    assert rows() == before


# --- the stack ---------------------------------------------------------------------------------

WHERE: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "requirements": lambda node: {"requirements": node},
    "eligibility": lambda node: {"requirements": course(SPRING), "eligibility": node},
    "renewal": lambda node: {"requirements": course(SPRING), "renewal": node},
}


@pytest.mark.parametrize("tree", WHERE)
def test_microcredential_that_does_not_exist_is_refused(tree: str) -> None:
    node = {"kind": "microcredential", "microcredential": UNKNOWN}
    version = draft(make(), **WHERE[tree](any_of(course(SPRING), node)))
    assert refusal(definitions.publish, version=version) == {
        f"{tree}.of[1].microcredential": f"There is no microcredential “{UNKNOWN}” on this site."
    }


@pytest.mark.parametrize("tree", WHERE)
def test_microcredential_that_is_not_published_is_refused(tree: str) -> None:
    component = make("component")
    draft(component, course(SPRING))
    version = draft(make(), **WHERE[tree](holds(component)))
    assert refusal(definitions.publish, version=version) == {
        f"{tree}.microcredential": "“component” is not published yet. Publish it first."
    }


def test_microcredential_whose_only_version_was_withdrawn_is_refused() -> None:
    component = make("component")
    publication = definitions.publish(version=draft(component, course(SPRING)))
    definitions.withdraw(publication=publication)
    version = draft(make(), holds(component))
    assert refusal(definitions.publish, version=version) == {
        "requirements.microcredential": "“component” is not published yet. Publish it first."
    }


@pytest.mark.parametrize("tree", WHERE)
def test_microcredential_that_asks_for_itself_is_refused(tree: str) -> None:
    publish("data", course(SPRING))
    microcredential = definitions.find_microcredential("data")
    version = draft(microcredential, **WHERE[tree](holds(microcredential)))
    assert refusal(definitions.publish, version=version) == {
        f"{tree}.microcredential": "“data” can't ask for itself."
    }


@pytest.mark.parametrize("back", WHERE)
@pytest.mark.parametrize("forth", WHERE)
@pytest.mark.parametrize("length", [2, 4])
def test_circle_is_refused(length: int, forth: str, back: str) -> None:
    first = below = publish("level-1", course(SPRING))
    for level in range(2, length + 1):
        below = publish(f"level-{level}", **WHERE[forth](holds(below)))
    version = draft(first, **WHERE[back](holds(below)))
    assert refusal(definitions.publish, version=version) == {
        f"{back}.microcredential": f"“level-1” can't ask for “level-{length}”, because "
        f"“level-{length}” asks for “level-1” already, itself or through others. Take one of the "
        "two out."
    }


def test_of_two_publications_that_would_close_a_circle_the_second_is_refused() -> None:
    one, two = publish("one", course(SPRING)), publish("two", course(SPRING))
    first, second = draft(one, holds(two)), draft(two, holds(one))
    assert not definitions.faults_before_publication(first)
    assert not definitions.faults_before_publication(second)
    definitions.publish(version=first)
    assert set(refusal(definitions.publish, version=second)) == {"requirements.microcredential"}


def test_circle_of_drafts_is_refused_as_unpublished() -> None:
    one, two = make("one"), make("two")
    first = draft(one, holds(two))
    draft(two, holds(one))
    assert refusal(definitions.publish, version=first) == {
        "requirements.microcredential": "“two” is not published yet. Publish it first."
    }


def test_circle_is_possible_no_longer_once_the_other_half_is_withdrawn() -> None:
    one, two = publish("one", course(SPRING)), make("two")
    publication = definitions.publish(version=draft(two, holds(one)))
    back = draft(one, all_of(course(SPRING), any_of(holds(two), course(AUTUMN))))
    assert set(refusal(definitions.publish, version=back))
    definitions.withdraw(publication=publication)
    definitions.publish(version=draft(two, course(AUTUMN)))
    definitions.publish(version=back)
    assert states("one")[-1][:2] == (2, "published")


def test_many_paths_to_one_component_are_no_circle() -> None:
    bottom = publish("bottom", course(SPRING))
    left, right = publish("left", holds(bottom)), publish("right", holds(bottom))
    top = publish("top", all_of(holds(left), holds(right), holds(bottom)))
    assert len(definitions.load_stack([top.id]).definitions) == 4
