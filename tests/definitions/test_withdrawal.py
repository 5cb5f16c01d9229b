"""A publication taken back: the version counts no more, and the one before it is in its place."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import (
    Microcredential,
    MicrocredentialVersion,
    Publication,
    PublicationChunk,
)
from tests.definitions import AUTUMN, SPRING, STATISTICS, draft, make, rows
from tests.factories import LONG_AGO, course

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("host")]

FIRST, SECOND, THIRD = (LONG_AGO + timedelta(days=days) for days in (1, 2, 3))
SOON = LONG_AGO + timedelta(days=90)


@pytest.fixture
def microcredential() -> Microcredential:
    return make("data")


def published(
    microcredential: Microcredential, now: datetime, run: str = SPRING, **values: Any
) -> Publication:
    closes = {"previous_closes_at": values.pop("previous_closes_at", None)}
    version = draft(microcredential, course(run), title=f"As of {now:%d}", **values)
    return definitions.publish(version=version, now=now, **closes)


def states(microcredential: Microcredential) -> list[tuple[str, datetime | None]]:
    return list(microcredential.versions.order_by("number").values_list("state", "closes_at"))


def title(microcredential: Microcredential) -> str:
    return Microcredential.objects.get(pk=microcredential.pk).title


def test_version_before_is_open_again(microcredential: Microcredential) -> None:
    published(microcredential, FIRST)
    publication = published(microcredential, SECOND, AUTUMN)
    definitions.withdraw(publication=publication)
    assert states(microcredential) == [("published", None), ("withdrawn", None)]
    assert title(microcredential) == "As of 02"


def test_version_before_that_had_not_closed_yet_stays_open(
    microcredential: Microcredential,
) -> None:
    published(microcredential, FIRST)
    publication = published(microcredential, SECOND, previous_closes_at=SOON)
    definitions.withdraw(publication=publication)
    assert states(microcredential) == [("published", None), ("withdrawn", None)]


def test_version_before_takes_over_the_closing_date_where_a_later_one_had_closed_it(
    microcredential: Microcredential,
) -> None:
    published(microcredential, FIRST)
    second = published(microcredential, SECOND)
    third = published(microcredential, THIRD, previous_closes_at=SOON)
    definitions.withdraw(publication=second)
    assert states(microcredential) == [
        ("published", SOON),
        ("withdrawn", SOON),
        ("published", None),
    ]
    assert title(microcredential) == "As of 04"
    # Taken back after that, the third opens the first, though it was the second that it closed.
    definitions.withdraw(publication=third)
    assert states(microcredential)[0] == ("published", None)
    assert title(microcredential) == "As of 02"


def test_order_of_withdrawals_does_not_matter(microcredential: Microcredential) -> None:
    published(microcredential, FIRST)
    second = published(microcredential, SECOND)
    third = published(microcredential, THIRD)
    definitions.withdraw(publication=third)
    assert states(microcredential)[:2] == [("closed", SECOND), ("published", None)]
    definitions.withdraw(publication=second)
    assert [state for state, _closes in states(microcredential)] == [
        "published", "withdrawn", "withdrawn",
    ]  # fmt: skip
    assert states(microcredential)[0] == ("published", None)


def test_version_after_stays_the_open_one_where_the_first_is_withdrawn(
    microcredential: Microcredential,
) -> None:
    first = published(microcredential, FIRST)
    second = published(microcredential, SECOND)
    definitions.withdraw(publication=first)
    assert states(microcredential) == [("withdrawn", SECOND), ("published", None)]
    definitions.withdraw(publication=second)
    assert [state for state, _closes in states(microcredential)] == ["withdrawn", "withdrawn"]
    assert title(microcredential) == "As of 03"


def test_withdrawn_twice_is_withdrawn_once(microcredential: Microcredential) -> None:
    published(microcredential, FIRST)
    publication = published(microcredential, SECOND)
    definitions.withdraw(publication=publication)
    before = rows()
    definitions.withdraw(publication=publication)
    definitions.withdraw(publication=definitions.find_publication(str(publication.uuid)))
    assert rows() == before


def test_version_that_was_withdrawn_is_followed_by_the_next_number(
    microcredential: Microcredential,
) -> None:
    published(microcredential, FIRST)
    definitions.withdraw(publication=published(microcredential, SECOND))
    again = published(microcredential, THIRD, STATISTICS)
    assert again.version.number == 3
    assert states(microcredential) == [
        ("closed", THIRD), ("withdrawn", None), ("published", None),
    ]  # fmt: skip


def test_draft_in_the_making_is_left_alone(microcredential: Microcredential) -> None:
    publication = published(microcredential, FIRST)
    version = draft(microcredential, course(AUTUMN))
    before = MicrocredentialVersion.objects.filter(pk=version.pk).values().get()
    definitions.withdraw(publication=publication)
    assert MicrocredentialVersion.objects.filter(pk=version.pk).values().get() == before


def test_evaluation_begins_anew_so_that_what_it_led_to_is_taken_back(
    microcredential: Microcredential,
) -> None:
    publication = published(microcredential, FIRST)
    definitions.cut_chunk(publication, [3, 5], now=FIRST)
    definitions.withdraw(publication=publication)
    publication.refresh_from_db()
    assert (publication.state, publication.after_learner, publication.is_cut) == (
        "pending", 0, False,
    )  # fmt: skip
    assert not PublicationChunk.objects.exists()
    assert definitions.is_being_undone(publication)


@pytest.mark.parametrize("name", ["", "nothing", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"])
def test_publication_that_there_is_none_of_is_said(name: str) -> None:
    with pytest.raises(definitions.NotFound, match="There is no publication"):
        definitions.find_publication(name)
