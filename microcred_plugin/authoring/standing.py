"""What has been agreed on, proposed and withdrawn, as it stands."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from microcred_plugin.authoring.models import Offer, OfferState, OfferStep
from microcred_plugin.authoring.subjects import Subject
from microcred_plugin.definitions.api import Microcredential
from microcred_plugin.evaluation.requirements import Node, read_tree

WAITING = (OfferState.TO_OWNER, OfferState.TO_OTHER)
ENDED = (OfferState.DECLINED, OfferState.WITHDRAWN)


def subject_of(offer: Offer) -> Subject:
    """What the offer is about."""
    return Subject(offer.kind, offer.object_key)


def requirement_of(offer: Offer) -> Node:
    """What is proposed. What is stored was checked, so nothing is raised."""
    node = read_tree(offer.requirement)
    assert node is not None
    return node


def find_offer(uuid: UUID) -> Offer | None:
    """An offer with its steps. Two queries."""
    return _with_steps(Offer.objects.filter(uuid=uuid)).first()


def offers_about(subjects: Iterable[Subject]) -> list[Offer]:
    """Every offer about one of these, the newest first, with its steps. Two queries."""
    wanted = set(subjects)
    named = Q(pk__in=[])
    for one in wanted:
        named |= Q(kind=one.kind, object_key=one.key)
    # A database may have compared without regard to case.
    return [one for one in _with_steps(Offer.objects.filter(named)) if subject_of(one) in wanted]


def offers_to(
    organizations: Collection[str] | None, states: Collection[OfferState]
) -> QuerySet[Offer]:
    """The offers to the microcredentials of these organisations, or of all; the latest first."""
    found = Offer.objects.filter(state__in=list(states))
    if organizations is not None:
        found = found.filter(microcredential__organization__in=list(organizations))
    return _with_steps(found).order_by("-modified", "-id")


def open_offers(microcredential: Microcredential) -> dict[Subject, Offer]:
    """What waits and what was agreed on, by what it is about. Two queries."""
    return {
        subject_of(offer): offer
        for offer in _with_steps(Offer.objects.filter(microcredential=microcredential, slot=1))
    }


def count_waiting(microcredential: Microcredential) -> int:
    """How many offers wait for those who own this microcredential. One query."""
    return Offer.objects.filter(microcredential=microcredential, state=OfferState.TO_OWNER).count()


def last_declined(microcredential: Microcredential) -> dict[Subject, Offer]:
    """The last offer about each thing that was declined. Two queries."""
    found = Offer.objects.filter(microcredential=microcredential, state=OfferState.DECLINED)
    return {subject_of(offer): offer for offer in _with_steps(found).order_by("id")}


def standing_withdrawals(microcredential: Microcredential) -> dict[Subject, Offer]:
    """
    What was withdrawn that had counted, or had been agreed on, and has not been agreed on since.

    Somebody who takes back what nobody has answered yet withdraws nothing that counts. Two queries.
    """
    found = Offer.objects.filter(
        microcredential=microcredential, state__in=(OfferState.WITHDRAWN, OfferState.ACCEPTED)
    )
    rows = list(_with_steps(found).order_by("id"))
    agreed = {subject_of(one) for one in rows if one.state == OfferState.ACCEPTED}
    return {
        subject_of(one): one for one in rows if subject_of(one) not in agreed and is_withdrawal(one)
    }


def is_withdrawal(offer: Offer) -> bool:
    """Whether something was withdrawn that counted: agreed on before, or published without that."""
    kinds = [step.kind for step in offer.steps.all()]
    if offer.state != OfferState.WITHDRAWN:
        return False
    return OfferStep.Kind.ACCEPTED in kinds or kinds == [OfferStep.Kind.WITHDRAWN]


def _with_steps(found: QuerySet[Offer]) -> QuerySet[Offer]:
    return found.select_related("microcredential").prefetch_related("steps")
