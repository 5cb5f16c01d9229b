"""What learners show to others: which awards, under which name, with or without their grades."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Award
from microcred_plugin.credentials.models import (
    Credential,
    Holder,
    NameChoice,
    Shared,
    Sharing,
    StatusEntry,
)
from microcred_plugin.host.interface import Learner


@dataclass(frozen=True, slots=True)
class Choice:
    """What a learner chose for an award; without a choice, nothing is shared."""

    state: Shared = Shared.PRIVATE
    has_results: bool = True
    is_on_profile: bool = False


def holder_of(learner_id: int) -> Holder:
    """A learner as others see them; their identifiers are drawn at first use."""
    holder, _is_new = Holder.objects.get_or_create(learner_id=learner_id)
    return holder


def holders_of(learner_ids: Collection[int]) -> dict[int, Holder]:
    """The same for many, by learner. One query, and two more if there are new ones."""
    found = Holder.objects.in_bulk(list(learner_ids))
    missing = set(learner_ids) - found.keys()
    if missing:
        Holder.objects.bulk_create(
            [Holder(learner_id=learner_id) for learner_id in sorted(missing)],
            ignore_conflicts=True,
        )
        found |= Holder.objects.in_bulk(missing)
    return found


def are_here(learner_ids: Collection[int]) -> set[int]:
    """
    Those of these who have not left since their identifiers were drawn.

    They can't before the end of the transaction: `forget` waits for it.
    """
    here = Holder.objects.select_for_update().filter(learner__in=learner_ids).order_by("learner")
    return set(here.values_list("learner_id", flat=True))


def find_holder(learner_id: int) -> Holder | None:
    """The same, where anything was drawn; nothing is written."""
    return Holder.objects.filter(learner=learner_id).first()


def choice_of(award_uuid: UUID) -> Choice:
    """What the learner chose for an award."""
    return choices_of([award_uuid]).get(award_uuid, Choice())


def choices_of(award_uuids: Collection[UUID]) -> dict[UUID, Choice]:
    """What learners chose for these awards, where they chose anything. One query."""
    rows = Sharing.objects.filter(award__uuid__in=award_uuids)
    return {
        row.award_id: Choice(Shared(row.state), row.has_results, row.is_on_profile) for row in rows
    }


def choose(
    award_uuid: UUID,
    *,
    learner_id: int,
    now: datetime,
    state: Shared,
    has_results: bool = True,
    is_on_profile: bool = False,
) -> bool:
    """
    Keep what a learner chose for one of their awards; whether they have that award.

    What is not shared is not on the profile either. What they decline is not on their own page, and
    is there again when they take that back.
    """
    award = awards.awards_of(learner_ids=[learner_id]).filter(uuid=award_uuid).first()
    if award is None:
        return False
    before = choice_of(award_uuid).state
    if state == Shared.DECLINED:
        # For good: should they take that back, it is signed anew.
        StatusEntry.objects.filter(award=award).update(is_withdrawn=True)
    Sharing.objects.update_or_create(
        award=award,
        defaults={
            "state": state,
            "has_results": has_results,
            "is_on_profile": is_on_profile and state == Shared.SHARED,
            "modified": now,
        },
    )
    if before != state and Shared.DECLINED in (before, state):
        awards.set_hidden(award_uuid, learner_id=learner_id, is_hidden=state == Shared.DECLINED)
    return True


def choose_name(
    learner_id: int,
    *,
    name_choice: NameChoice,
    own_name: str = "",
    is_profile_public: bool,
    may_be_indexed: bool,
) -> None:
    """Keep how a learner wants to be named, and whether they have a public profile."""
    Holder.objects.update_or_create(
        learner_id=learner_id,
        defaults={
            "name_choice": name_choice,
            "own_name": own_name.strip(),
            "is_profile_public": is_profile_public,
            "may_be_indexed": may_be_indexed and is_profile_public,
        },
    )


def shown_name(holder: Holder | None, learner: Learner) -> str:
    """The name under which somebody shares; empty where they want none."""
    if holder is None:
        return learner.name
    return {
        NameChoice.FULL_NAME: learner.name,
        NameChoice.USERNAME: learner.username,
        NameChoice.OTHER: holder.own_name,
        NameChoice.NONE: "",
    }[NameChoice(holder.name_choice)]


def shared_by(learner_id: int) -> QuerySet[Award]:
    """The awards that a learner shares, the newest first, each with its `sharing`."""
    found = awards.awards_of(learner_ids=[learner_id]).select_related("sharing")
    return found.filter(sharing__state=Shared.SHARED)


def profile_at(share_id: UUID) -> tuple[Holder, QuerySet[Award]] | None:
    """A public profile: whose it is, and the awards that they chose for it, the newest first."""
    holder = Holder.objects.filter(share_id=share_id, is_profile_public=True).first()
    if holder is None:
        return None
    return holder, shared_by(holder.learner_id).filter(sharing__is_on_profile=True)


def forget(learner_id: int) -> None:
    """
    Remove what is personal about a learner from everything that is served.

    The entries in the status lists and the dates of what was signed stay, so that what is in
    somebody's hands can still be checked.
    """
    # First of all, and where there was none too: whoever is about to keep something signed has to
    # wait, and then finds that they have left (`are_here`).
    holder_of(learner_id).delete()
    theirs = awards.awards_of(learner_ids=[learner_id]).values("uuid")
    Credential.objects.filter(award__in=theirs).update(document="", jwt="", slot=None)
    Sharing.objects.filter(award__in=theirs).exclude(state=Shared.DECLINED).delete()
    declined = Sharing.objects.filter(award__in=theirs)
    StatusEntry.objects.filter(award__in=declined.values("award")).update(is_withdrawn=True)
    declined.delete()
