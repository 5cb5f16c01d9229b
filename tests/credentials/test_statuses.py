"""Places in status lists, and the lists: who is revoked, and when verifiers see it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from microcred_plugin import decisions
from microcred_plugin.awards.api import Award
from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials import status_list, statuses
from microcred_plugin.credentials.api import Issuer, Shared
from microcred_plugin.credentials.models import StatusEntry, StatusList
from tests import factories
from tests.credentials.conftest import NOW, Earned

pytestmark = pytest.mark.django_db


@pytest.fixture
def issuer() -> Issuer:
    return factories.issuer("NordU", now=NOW)


def bits(number: int = 1, *, slug: str = "nordu", after: int = 0) -> bytes:
    text = credentials.served_list(slug, number, now=NOW + timedelta(seconds=after))
    assert text is not None
    return status_list.decode(json.loads(text)["credentialSubject"]["encodedList"])


def revoked(found: bytes) -> list[int]:
    return [index for index in range(131_072) if status_list.is_set(found, index)]


def given(issuer: Issuer, *awards: Award) -> list[tuple[int, int]]:
    entries = statuses.give_entries(issuer, [award.uuid for award in awards])
    assert set(entries) == {award.uuid for award in awards}
    return [(one.status_list.number, one.index) for one in entries.values()]


def test_no_place_is_given_twice_and_a_full_list_opens_the_next(
    issuer: Issuer, earned: Earned, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statuses, "LENGTH", 8)
    awards = [earned(learner) for learner in range(1, 5)]
    places = [place for _time in range(6) for place in given(issuer, *awards)]
    assert len(places) == len(set(places)) == 24
    assert {index for _number, index in places} <= set(range(8))
    numbers = [number for number, _index in places]
    assert numbers == sorted(numbers)
    assert max(numbers) >= 3


def test_more_than_a_list_holds_fills_several(
    issuer: Issuer, earned: Earned, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statuses, "LENGTH", 2)
    places = given(issuer, *(earned(learner) for learner in range(1, 6)))
    assert len(set(places)) == 5


def test_place_that_somebody_takes_at_the_same_time_is_left_to_them(
    issuer: Issuer, earned: Earned, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = earned(1), earned(2)
    given(issuer, one)
    [theirs] = StatusEntry.objects.all()

    class Drawn:
        """Draws what is taken first, and is not told that it is."""

        def sample(self, _of: Any, _count: int) -> list[int]:
            return next(draws)

    draws = iter([[theirs.index], [7]])
    monkeypatch.setattr(statuses, "_RANDOM", Drawn())
    create = StatusEntry.objects.bulk_create
    calls = iter([IntegrityError, None])

    def race(entries: Any) -> Any:
        failure = next(calls, None)
        if failure is not None:
            raise failure
        return create(entries)

    StatusEntry.objects.filter(pk=theirs.pk).update(index=theirs.index + 1)  # not seen yet
    monkeypatch.setattr(type(StatusEntry.objects), "bulk_create", lambda _self, rows: race(rows))
    assert given(issuer, two) == [(1, 7)]


@pytest.mark.parametrize("count", [1, 5])
def test_places_cost_the_same_however_many(issuer: Issuer, earned: Earned, count: int) -> None:
    given(issuer, earned(99))
    awards = [earned(learner) for learner in range(1, count + 1)]
    with CaptureQueriesContext(connection) as queries:
        given(issuer, *awards)
    # The list, who is there, and in a savepoint the new ones; and what they are.
    assert [one["sql"].split()[0] for one in queries] == [
        "SELECT", "SELECT", "SAVEPOINT", "INSERT", "RELEASE", "SELECT",
    ]  # fmt: skip


def test_two_issuers_have_lists_of_their_own(issuer: Issuer, earned: Earned) -> None:
    harbor = factories.issuer("Harbor", now=NOW)
    given(issuer, earned(1))
    given(harbor, earned(1, organization="Harbor"))
    assert StatusList.objects.count() == 2
    assert not any(bits(slug="harbor"))


@pytest.mark.parametrize("index", [0, 131_071])
def test_first_and_last_bit(issuer: Issuer, earned: Earned, index: int) -> None:
    award = earned(1)
    given(issuer, award)
    StatusEntry.objects.update(index=index, is_withdrawn=True)
    found = bits()
    assert len(found) * 8 == 131_072
    assert revoked(found) == [index]


Does = Callable[[Award], None]


def suspend(award: Award) -> None:
    decisions.suspend(
        learner_id=award.learner_id, microcredential_id=award.microcredential_id, by_id=9,
        reason="Because.", now=NOW,
    )  # fmt: skip


def revoke(award: Award) -> None:
    decisions.revoke(
        learner_id=award.learner_id, microcredential_id=award.microcredential_id, by_id=9,
        reason="Because.", now=NOW,
    )  # fmt: skip


def decline(award: Award) -> None:
    assert credentials.choose(
        award.uuid, learner_id=award.learner_id, now=NOW, state=Shared.DECLINED
    )


@pytest.mark.parametrize("does", [suspend, revoke, decline])
def test_bit_is_set_after_a_minute_and_not_before(
    earned: Earned, does: Does, settings: Any
) -> None:
    settings.MICROCRED_STATUS_SECONDS = 60
    ours, other = earned(1), earned(2)
    signed = credentials.served(ours, now=NOW)
    credentials.served(other, now=NOW)
    assert not any(bits())
    does(ours)
    assert not any(bits(after=59))
    assert revoked(bits(after=60)) == [signed.entry.index]


def test_list_is_signed_anew_only_if_it_says_something_else(earned: Earned) -> None:
    credentials.served(earned(1), now=NOW)
    first = credentials.served_list("nordu", 1, now=NOW)
    assert credentials.served_list("nordu", 1, now=NOW + timedelta(hours=12)) == first
    later = credentials.served_list("nordu", 1, now=NOW + timedelta(days=2))
    assert later != first  # before it runs out


def test_fresh_list_costs_one_query(earned: Earned) -> None:
    credentials.served(earned(1), now=NOW)
    bits()
    with CaptureQueriesContext(connection) as queries:
        bits(after=59)
    assert len(queries) == 1
    with CaptureQueriesContext(connection) as queries:
        bits(after=61)
    assert len(queries) <= 8  # a transaction's two ends are among them on SQLite


def test_list_by_a_stolen_key_is_signed_anew_at_once(earned: Earned) -> None:
    signed = credentials.served(earned(1), now=NOW)
    before = credentials.served_list("nordu", 1, now=NOW)
    credentials.compromise(signed.key, now=NOW)
    after = credentials.served_list("nordu", 1, now=NOW + timedelta(seconds=1))
    assert after is not None
    assert after != before
    assert signed.key.name not in after


def test_site_that_cannot_sign_serves_its_last_list_as_long_as_it_holds(
    earned: Earned, settings: Any
) -> None:
    award = earned(1)
    credentials.served(award, now=NOW)
    before = credentials.served_list("nordu", 1, now=NOW)
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = []
    revoke(award)
    later = NOW + timedelta(days=2, hours=12)
    assert credentials.served_list("nordu", 1, now=later) == before
    with pytest.raises(credentials.NotConfigured):
        credentials.served_list("nordu", 1, now=NOW + timedelta(days=4))


def test_list_that_there_is_none_is_none() -> None:
    assert credentials.served_list("nordu", 1, now=NOW) is None
