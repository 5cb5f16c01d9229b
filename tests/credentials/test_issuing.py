"""What is signed once, what is signed again, and what stays revoked."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from microcred_plugin import decisions, tasks
from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Award
from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials import statuses
from microcred_plugin.credentials.api import Report, Shared, SiteWeb, Verdict, Why
from microcred_plugin.credentials.models import Credential, IssuerKey, StatusList
from microcred_plugin.definitions.models import Microcredential
from microcred_plugin.host import get_host
from tests.credentials.conftest import NOW, Earned

LATER = NOW + timedelta(days=1)


def again(award: Award) -> Award:
    found = awards.find_any_award(award.uuid)
    assert found is not None
    return found


def document_of(award: Award, now: datetime = LATER) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(credentials.served(again(award), now=now).document)
    return document


def said_of(document: dict[str, Any], now: datetime = LATER) -> Verdict:
    presented = credentials.read_presented(json.dumps(document).encode())
    report: Report = credentials.verify(presented, web=SiteWeb(now=now), now=now)
    return report.verdict


def decide(award: Award, decision: Any, **values: Any) -> None:
    decision(
        learner_id=award.learner_id,
        microcredential_id=award.microcredential_id,
        by_id=None,
        now=LATER,
        **values,
    )


def test_it_is_signed_once(earned: Earned) -> None:
    award = earned(1)
    assert document_of(award) == document_of(award, LATER + timedelta(days=9))
    assert Credential.objects.count() == 1


def test_what_readers_saw_revoked_stays_so_when_the_award_comes_back(earned: Earned) -> None:
    award = earned(1)
    first = document_of(award)
    decide(award, decisions.suspend, reason="")
    assert said_of(first) == Verdict.REVOKED
    decide(award, decisions.lift_suspension)
    assert said_of(first) == Verdict.REVOKED
    second = document_of(award)
    assert (second["id"], said_of(second)) == (first["id"], Verdict.VALID)
    assert second["validFrom"] > first["validFrom"]
    assert second["credentialStatus"] != first["credentialStatus"]
    assert said_of(first) == Verdict.REVOKED


def test_what_comes_back_is_signed_anew_by_the_sweep(earned: Earned) -> None:
    award = earned(1)
    first = document_of(award)
    decide(award, decisions.suspend, reason="")
    assert said_of(first) == Verdict.REVOKED
    decide(award, decisions.lift_suspension)
    tasks.sweep.run()
    assert Credential.objects.get(slot=1).why == Why.REINSTATED
    assert not credentials.has_to_sign()


def test_suspended_award_is_not_signed_again_each_time_that_it_is_asked_for(
    earned: Earned,
) -> None:
    award = earned(1)
    first = document_of(award)
    decide(award, decisions.suspend, reason="")
    assert said_of(first) == Verdict.REVOKED
    assert document_of(award) == first
    assert Credential.objects.count() == 1


def test_microcredential_that_moved_is_signed_by_its_new_organisation(earned: Earned) -> None:
    award = earned(1)
    first = document_of(award)
    Microcredential.objects.update(organization="Harbor")
    second = document_of(award)
    assert second["issuer"]["id"].endswith(":issuers:harbor")
    assert "/issuers/harbor/status/" in second["credentialStatus"]["statusListCredential"]
    assert (said_of(first), said_of(second)) == (Verdict.REVOKED, Verdict.VALID)
    decide(award, decisions.revoke, reason="")
    assert said_of(second) == Verdict.REVOKED


def test_declining_revokes_for_good_and_taking_it_back_signs_anew(earned: Earned) -> None:
    award = earned(1)
    first = document_of(award)
    for state in (Shared.DECLINED, Shared.PRIVATE):
        credentials.choose(award.uuid, learner_id=1, now=LATER, state=state)
    second = document_of(award)
    assert (said_of(first), said_of(second)) == (Verdict.REVOKED, Verdict.VALID)
    assert second["validFrom"] > first["validFrom"]


def test_what_replaces_what_is_served_no_more_is_newer_all_the_same(earned: Earned) -> None:
    award = earned(1)
    first = document_of(award)
    credentials.choose(award.uuid, learner_id=1, now=LATER, state=Shared.DECLINED)
    credentials.compromise(IssuerKey.objects.get(kind="ed25519", slot=1), now=LATER)
    tasks.sweep.run()
    assert not Credential.objects.filter(slot=1).exists()
    credentials.choose(award.uuid, learner_id=1, now=LATER, state=Shared.PRIVATE)
    assert document_of(award)["validFrom"] > first["validFrom"]


def test_grades_that_the_holder_leaves_out_keep_the_older_document_valid(earned: Earned) -> None:
    award = earned(1)
    first = document_of(award)
    credentials.choose(award.uuid, learner_id=1, now=LATER, state=Shared.SHARED, has_results=False)
    second = document_of(award)
    assert second["credentialStatus"] == first["credentialStatus"]
    assert (said_of(first), said_of(second)) == (Verdict.VALID, Verdict.VALID)


def test_list_that_took_longer_does_not_have_the_last_word(
    earned: Earned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody reads a list, the award is revoked and the list signed by somebody else."""
    award = earned(1)
    document = document_of(award)
    credentials.served_list("nordu", 1, now=LATER)
    stale = StatusList.objects.select_related("issuer", "key").get()
    decide(award, decisions.revoke, reason="")
    assert said_of(document) == Verdict.REVOKED
    slow = json.loads(statuses._look(stale, now=LATER))
    assert slow["credentialSubject"]["encodedList"] == StatusList.objects.get().encoded
    assert said_of(document) == Verdict.REVOKED


def test_stolen_key_without_a_new_one_is_mended_by_the_list_itself(
    earned: Earned, settings: Any, encryption_keys: list[str]
) -> None:
    award = earned(1)
    document = document_of(award)
    credentials.served_list("nordu", 1, now=LATER)
    issuer = credentials.find_issuer("NordU")
    assert issuer is not None
    credentials.rotate(issuer, credentials.KeyKind.ED25519, now=LATER)
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = []
    credentials.compromise(IssuerKey.objects.get(kind="ed25519", slot=1), now=LATER)
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = encryption_keys
    much_later = LATER + timedelta(days=5)
    assert credentials.served_list("nordu", 1, now=much_later)
    assert said_of(document, much_later) == Verdict.VALID


class Gone:
    """A vault that does not answer."""

    def new_key(self, organization: str, kind: str) -> Any:
        raise TimeoutError("no answer")

    def sign(self, organization: str, kind: str, name: str, kept: bytes) -> Any:
        def fails(data: bytes) -> bytes:
            raise TimeoutError("no answer")

        return fails


def test_vault_that_does_not_answer_is_a_failure_that_is_named(
    earned: Earned, settings: Any
) -> None:
    award = earned(1)
    document_of(award)
    credentials.choose(award.uuid, learner_id=1, now=LATER, state=Shared.SHARED, has_results=False)
    settings.MICROCRED_SIGNER = "tests.credentials.test_issuing.Gone"
    with pytest.raises(credentials.SigningFailed):
        credentials.served(again(award), now=LATER)
    assert Credential.objects.count() == 1


def test_host_that_does_not_answer_is_a_failure_that_is_named(
    earned: Earned, monkeypatch: pytest.MonkeyPatch
) -> None:
    award = earned(1)

    def fails(_ids: Any) -> Any:
        raise TimeoutError("slow query")

    monkeypatch.setattr(type(get_host()), "learners", lambda _self, ids: fails(ids))
    with pytest.raises(credentials.SigningFailed):
        credentials.served(award, now=LATER)
    assert not Credential.objects.exists()
