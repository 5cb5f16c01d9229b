"""What some learners of the demo share, so that there is something to see without logging in."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.utils import timezone

from demo.who_shares import DECLINED, EXPIRED, KIRI, REVOKED
from microcred_plugin import decisions
from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Award
from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.api import SIGNED_STATES, NameChoice, Shared
from microcred_plugin.definitions import api as definitions

_YEARS = 2


def share() -> int:
    """Share what they share, and say how much that is. Doing it twice changes nothing."""
    _award_that_has_run_out(*EXPIRED)
    kiri = _id(KIRI)
    shared = [award for award in _awards(kiri) if award.state in SIGNED_STATES]
    for award in shared:
        _choose(award, Shared.SHARED)
    for learner in (REVOKED, EXPIRED):
        _choose(_award(*learner), Shared.SHARED)
        _name(_id(learner[0]), NameChoice.USERNAME, is_profile_public=True)
    _name(kiri, NameChoice.FULL_NAME, is_profile_public=True)
    _choose(_award(*DECLINED), Shared.DECLINED)
    return len(shared) + 2


def _award_that_has_run_out(username: str, slug: str) -> None:
    """Somebody was awarded it by hand, and that was two years ago."""
    if any(one.microcredential.slug == slug for one in _awards(_id(username))):
        return
    now = timezone.now()
    decisions.award_by_hand(
        learner_id=_id(username),
        microcredential_id=definitions.find_microcredential(slug).pk,
        by_id=None,
        reason="A course that was held before there was this site.",
        met_on=now - timedelta(days=_YEARS * 365 + 30),
        expires_at=now - timedelta(days=30),
        now=now - timedelta(days=_YEARS * 365 + 30),
    )


def _choose(award: Award, state: Shared) -> None:
    now = timezone.now()
    credentials.choose(
        award.uuid, learner_id=award.learner_id, now=now, state=state, is_on_profile=True
    )
    found = awards.find_any_award(award.uuid)
    if state == Shared.SHARED and found is not None:
        credentials.served(found, now=now)


def _name(learner_id: int, choice: NameChoice, *, is_profile_public: bool) -> None:
    credentials.choose_name(
        learner_id, name_choice=choice, is_profile_public=is_profile_public, may_be_indexed=False
    )


def _award(username: str, slug: str) -> Award:
    return next(one for one in _awards(_id(username)) if one.microcredential.slug == slug)


def _awards(learner_id: int) -> list[Award]:
    return list(awards.awards_of(learner_ids=[learner_id]))


def _id(username: str) -> int:
    return int(get_user_model().objects.get(username=username).pk)
