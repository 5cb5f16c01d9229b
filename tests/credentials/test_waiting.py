"""What waits to be signed: after an award, after a theft; one failure keeps nobody else waiting."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from microcred_plugin import tasks
from microcred_plugin.awards import api as awards
from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials import issuing
from microcred_plugin.credentials.api import Credential, NotSigned, Shared, Why
from microcred_plugin.credentials.models import StatusEntry
from microcred_plugin.health import check_health
from tests.credentials.conftest import NOW, Earned
from tests.fakes import FakeHost

pytestmark = pytest.mark.django_db


def current() -> dict[int, Credential]:
    """What is served, by learner."""
    found = Credential.objects.filter(slot=1).select_related("award", "key", "jwt_key")
    return {one.award.learner_id: one for one in found}


@pytest.mark.parametrize("count", [2, 6])
def test_batch_costs_the_same_however_many_are_signed_first(earned: Earned, count: int) -> None:
    credentials.served(earned(99), now=NOW)
    found = awards.find_awards([earned(learner).uuid for learner in range(1, count + 1)])
    with CaptureQueriesContext(connection) as queries:
        outcomes = credentials.sign_many(found, now=NOW)
    assert [outcome.is_new for outcome in outcomes] == [True] * count
    reads = [one["sql"] for one in queries if one["sql"].startswith(("SELECT", "INSERT"))]
    # What there is, what is shared; issuer and keys; holders read, made, read; places (5); who is
    # here; the credentials. And the versions' trees need none.
    assert len(reads) <= 14, "\n".join(reads)


def test_what_was_earned_is_signed_after_it_was_told(earned: Earned, settings: Any) -> None:
    settings.MICROCRED_SIGN = "award"
    earned(1)
    tasks.announce.run()
    assert set(current()) == {1}


def test_by_default_nothing_is_signed_before_somebody_asks(earned: Earned) -> None:
    earned(1)
    tasks.announce.run()
    tasks.sweep.run()
    assert not Credential.objects.exists()


def test_sweep_signs_what_was_earned_before_it_was_asked_for(earned: Earned, settings: Any) -> None:
    for learner in (1, 2, 3):
        earned(learner)
    settings.MICROCRED_SIGN = "award"
    tasks.sweep.run()
    assert set(current()) == {1, 2, 3}
    with CaptureQueriesContext(connection):
        tasks.sweep.run()
    assert Credential.objects.count() == 3


def test_declined_and_retired_are_not_signed(earned: Earned, host: FakeHost, settings: Any) -> None:
    one, two = earned(1), earned(2)
    credentials.choose(one.uuid, learner_id=1, now=NOW, state=Shared.DECLINED)
    host.retire(2)
    settings.MICROCRED_SIGN = "award"
    tasks.sweep.run()
    assert not current()
    [outcome] = credentials.sign_many([two], now=NOW)
    assert isinstance(outcome.error, NotSigned)


def test_one_that_fails_keeps_nobody_waiting_and_health_says_so(
    earned: Earned, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.MICROCRED_SIGN = "award"
    bad = earned(2)
    for learner in (1, 3):
        earned(learner)
    real = issuing.badge_of

    def broken(award: Any, **values: Any) -> Any:
        if award.uuid == bad.uuid:
            raise RuntimeError("no such thing")
        return real(award, **values)

    monkeypatch.setattr(issuing, "badge_of", broken)
    tasks.sign.run()
    assert set(current()) == {1, 3}
    assert f"the award {bad.uuid} could not be signed" in caplog.text
    # Its place is given to nobody else, and says that nothing holds.
    assert StatusEntry.objects.get(award=bad).is_withdrawn
    health = {check.name: check for check in check_health(now=timezone.now()).checks}
    assert not health["signing"].is_healthy
    assert "failed: 1" in health["signing"].says
    monkeypatch.undo()
    tasks.sign.run()
    assert set(current()) == {1, 2, 3}
    health = {check.name: check for check in check_health(now=timezone.now()).checks}
    assert health["signing"].is_healthy


def test_missing_key_is_said_once_and_others_are_signed(
    earned: Earned, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.MICROCRED_SIGN = "award"
    earned(1)
    earned(2)
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = []
    tasks.sign.run()
    assert caplog.text.count("nothing is signed for NordU") == 1
    assert not current()


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_theft_heals_by_itself(earned: Earned, kind: str) -> None:
    before = {learner: credentials.served(earned(learner), now=NOW) for learner in (1, 2)}
    other = credentials.served(earned(3, organization="Harbor"), now=NOW)
    key = before[1].key if kind == "ed25519" else before[1].jwt_key
    credentials.compromise(key, now=NOW)
    tasks.sweep.run()
    after = current()
    assert set(after) == {1, 2, 3}
    assert after[3] == other
    for learner in (1, 2):
        assert after[learner].why == Why.COMPROMISED
        assert key not in (after[learner].key, after[learner].jwt_key)
        assert after[learner].entry_id != before[learner].entry_id
        assert after[learner].valid_from > before[learner].valid_from
        assert StatusEntry.objects.get(pk=before[learner].entry_id).is_withdrawn
    tasks.sweep.run()
    assert current() == after


def test_theft_of_what_cannot_be_signed_again_ends_too(earned: Earned, host: FakeHost) -> None:
    declined, gone = earned(1), earned(2)
    signed = credentials.served(declined, now=NOW)
    credentials.served(gone, now=NOW)
    credentials.choose(declined.uuid, learner_id=1, now=NOW, state=Shared.DECLINED)
    del host.people[2]
    credentials.compromise(signed.key, now=NOW)
    tasks.sweep.run()
    assert not current()
    assert set(StatusEntry.objects.values_list("is_withdrawn", flat=True)) == {True}
    assert not credentials.has_to_sign()


def test_who_leaves_while_it_is_signed_has_nothing_signed(
    earned: Earned, host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    award = earned(1)
    real = issuing.sign_document

    def meanwhile(*args: Any, **values: Any) -> Any:
        credentials.forget(1)
        return real(*args, **values)

    monkeypatch.setattr(issuing, "sign_document", meanwhile)
    with pytest.raises(NotSigned, match="has left"):
        credentials.served(award, now=NOW)
    assert not Credential.objects.exists()
    assert StatusEntry.objects.get().is_withdrawn


def test_whoever_was_faster_has_the_last_word(
    earned: Earned, monkeypatch: pytest.MonkeyPatch
) -> None:
    award = earned(1)
    real = issuing.sign_document
    theirs: list[Credential] = []

    def meanwhile(*args: Any, **values: Any) -> Any:
        monkeypatch.undo()
        theirs.append(credentials.served(award, now=NOW))
        return real(*args, **values)

    monkeypatch.setattr(issuing, "sign_document", meanwhile)
    assert credentials.served(award, now=NOW) == theirs[0]
    assert StatusEntry.objects.filter(is_withdrawn=True).count() == 1
    assert not StatusEntry.objects.get(pk=theirs[0].entry_id).is_withdrawn


def test_health_says_how_long_it_waits(earned: Earned, settings: Any) -> None:
    earned(1)
    settings.MICROCRED_SIGN = "award"
    later = timezone.now() + timedelta(days=1)
    health = {check.name: check for check in check_health(now=later).checks}
    assert not health["signing"].is_healthy
    assert health["signing"].count == 1
