"""People of both sides who do something about the same offer at the same time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth import get_user_model
from django.core import mail as outbox
from django.db import DatabaseError

from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import NotPossible, Offer, OfferStep, Rights, Role
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Microcredential
from microcred_plugin.messages import api as messages
from tests.factories import all_of, course, publish
from tests.fakes import FakeHost
from tests.journeys.test_concurrency import at_once, pytestmark

__all__ = ["pytestmark"]

OURS = "course-v1:NordU+A+1"
RUNS = [f"course-v1:Harbor+C{number}+1" for number in range(4)]
NOW = datetime(2026, 6, 1, tzinfo=UTC)
author = Rights(1, roles={"NordU": frozenset([Role.AUTHOR])})
teacher = Rights(2)


@pytest.fixture
def analyst(host: FakeHost) -> Microcredential:
    for user_id, name in ((1, "author"), (2, "teacher")):
        get_user_model().objects.create(pk=user_id, username=name)
        host.add_learner(user_id, name)
    authoring.give_role(user_id=1, organization="NordU", role="author", by_id=None, now=NOW)
    host.add_run(OURS)
    for run in RUNS:
        host.add_run(run)
        host.give_role(2, run, "staff")
    return publish("analyst", course(OURS))


def propose(found: Microcredential, run: str, by: Rights) -> Offer:
    return authoring.propose(microcredential=found, requirement=course(run), by=by, now=NOW)


def test_eight_who_offer_the_same_make_one_offer(analyst: Microcredential) -> None:
    results = at_once(*[lambda: propose(analyst, RUNS[0], teacher)] * 8)
    assert {one.pk for one in results if isinstance(one, Offer)} == {Offer.objects.get().pk}
    # A database may end one of several that wait for each other; who asks again has the offer.
    assert all(isinstance(one, (Offer, DatabaseError)) for one in results)
    assert OfferStep.objects.count() == 1


def test_both_sides_who_propose_at_once_agree(analyst: Microcredential) -> None:
    at_once(
        *[lambda: propose(analyst, RUNS[0], teacher), lambda: propose(analyst, RUNS[0], author)]
    )
    assert Offer.objects.get().state == "accepted"
    assert OfferStep.objects.count() == 2


def test_yes_and_no_at_once_are_one_of_them(analyst: Microcredential) -> None:
    offer = propose(analyst, RUNS[0], teacher)
    results = at_once(
        lambda: authoring.accept(offer=offer, by=author),
        lambda: authoring.decline(offer=offer, by=author, reason="No."),
        lambda: authoring.withdraw(offer=offer, by=teacher),
    )
    done = [one for one in results if isinstance(one, Offer)]
    assert all(isinstance(one, (Offer, NotPossible, DatabaseError)) for one in results)
    kinds = list(OfferStep.objects.values_list("kind", flat=True))
    assert len(done) >= 1
    state = Offer.objects.get().state
    assert kinds[-1] == state
    # What was agreed on may still be withdrawn; nothing else follows upon another.
    assert kinds in (
        ["offered", "accepted"], ["offered", "declined"], ["offered", "withdrawn"],
        ["offered", "accepted", "withdrawn"],
    )  # fmt: skip
    assert (definitions.draft_of(analyst) is not None) is ("accepted" in kinds)


def test_several_accepted_at_once_are_all_in_the_draft(analyst: Microcredential) -> None:
    offers = [propose(analyst, run, teacher) for run in RUNS]
    results = at_once(
        *[lambda offer=offer: authoring.accept(offer=offer, by=author) for offer in offers]
    )
    for offer, result in zip(offers, results, strict=True):
        if not isinstance(result, Offer):  # who was too slow is told to try again
            assert isinstance(result, (NotPossible, DatabaseError)), result
            authoring.accept(offer=offer, by=author)
    draft = definitions.draft_of(analyst)
    assert draft is not None
    tree = draft.requirements
    assert sorted(node["runs"][0] for node in tree["of"]) == sorted([OURS, *RUNS])
    assert tree == all_of(*(course(node["runs"][0]) for node in tree["of"]))


def test_workers_who_tell_at_once_tell_once(analyst: Microcredential, settings: object) -> None:
    settings.MICROCRED_EMAIL = "on"  # type: ignore[attr-defined]
    for run in RUNS:
        propose(analyst, run, teacher)
    outbox.outbox = []
    at_once(*[lambda: messages.tell_offers(now=NOW)] * 4)
    told = [mail.subject for mail in outbox.outbox]
    assert len(told) == len(set(told)) == len(RUNS)
