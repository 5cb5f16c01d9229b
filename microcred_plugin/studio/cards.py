"""An offer as the pages show it: what it asks, who did what, and what its reader may do."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from microcred_plugin import wording
from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import (
    Known,
    Offer,
    OfferState,
    OfferStep,
    Place,
    Rights,
    Side,
)
from microcred_plugin.definitions import api as definitions
from microcred_plugin.evaluation.requirements import Node
from microcred_plugin.host import get_host
from microcred_plugin.host.interface import Learner
from microcred_plugin.planning import ask

# A list to choose from knows no other way to show what lies in what.
_DEEPER = "\N{EN DASH} "


@dataclass(frozen=True, slots=True)
class StepLine:
    """Something that was done: what, by whom, for which side, and why."""

    kind: str
    label: str
    who: str
    of: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class PlaceOption:
    """A place in the draft, as it is chosen; `label` is indented by how deep it lies."""

    path: str
    label: str


@dataclass(frozen=True, slots=True)
class Card:
    """One offer; `subject` is what is to count, by its title."""

    uuid: str
    state: str
    label: str
    title: str
    organization: str
    subject: str
    key: str
    is_course: bool
    asked: wording.Asked
    steps: tuple[StepLine, ...]
    places: tuple[PlaceOption, ...]
    waits_for: str
    may_answer: bool
    may_withdraw: bool
    answers_as_owner: bool

    @property
    def proposed(self) -> StepLine | None:
        """The last time that one side proposed it."""
        kinds = (OfferStep.Kind.OFFERED, OfferStep.Kind.ASKED)
        return next((one for one in reversed(self.steps) if one.kind in kinds), None)

    @property
    def last(self) -> StepLine | None:
        """What was done last."""
        return self.steps[-1] if self.steps else None


def cards_of(
    offers: Collection[Offer], rights: Rights, *, known: Known | None = None
) -> list[Card]:
    """
    The offers as cards. Raises `HostFailed`.

    `known` is what has been looked up about them already. One query, and three questions to the
    host, whatever their number.
    """
    if not offers:
        return []
    known = known or authoring.look_up(map(authoring.subject_of, offers), rights)
    people = people_of(offers)
    waiting = [
        offer
        for offer in offers
        if offer.state == OfferState.TO_OWNER
        and rights.may_write(offer.microcredential.organization)
    ]
    places = authoring.places_for(waiting) if waiting else {}
    names = known.names()
    return [
        _card(offer, rights, known, people, names, places.get(offer.pk, [])) for offer in offers
    ]


def people_of(offers: Iterable[Offer]) -> Mapping[int, Learner]:
    """Those who took the steps, as far as they are still there."""
    ids = {step.by_id for offer in offers for step in offer.steps.all() if step.by_id}
    found = ask(get_host().learners, ids) if ids else {}
    return {pk: one for pk, one in found.items() if not one.is_retired}


def _card(
    offer: Offer,
    rights: Rights,
    known: Known,
    people: Mapping[int, Learner],
    names: Mapping[str, str],
    places: Iterable[Place],
) -> Card:
    subject, microcredential = authoring.subject_of(offer), offer.microcredential
    node = authoring.requirement_of(offer)
    sides = known.sides(microcredential, subject, rights)
    answerer = {OfferState.TO_OWNER: Side.OWNER, OfferState.TO_OTHER: Side.OTHER}.get(
        OfferState(offer.state)
    )
    may_answer = answerer in sides
    is_waiting = answerer is not None
    proposer_is_here = bool(sides - {answerer})
    return Card(
        uuid=str(offer.uuid),
        state=offer.state,
        label=str(OfferState(offer.state).label),
        title=microcredential.title,
        organization=microcredential.organization,
        subject=known.title(subject),
        key=subject.key,
        is_course=subject.is_course,
        asked=wording.asked(node, names),
        steps=tuple(_line(step, offer, people, known) for step in offer.steps.all()),
        places=tuple(_option(place, node, names) for place in places),
        waits_for=_waits_for(answerer, microcredential.organization, subject, known),
        may_answer=may_answer,
        may_withdraw=bool(sides)
        and (offer.state == OfferState.ACCEPTED or (is_waiting and proposer_is_here)),
        answers_as_owner=may_answer and answerer is Side.OWNER,
    )


def _line(step: OfferStep, offer: Offer, people: Mapping[int, Learner], known: Known) -> StepLine:
    person = people.get(step.by_id) if step.by_id else None
    of = (
        offer.microcredential.organization
        if step.side == Side.OWNER
        else known.title(authoring.subject_of(offer))
    )
    return StepLine(
        kind=step.kind,
        label=str(OfferStep.Kind(step.kind).label),
        who=(person.name or person.username) if person else _("Somebody who has left"),
        of=of,
        at=step.at,
        reason=step.reason,
    )


def _waits_for(
    answerer: Side | None, organization: str, subject: authoring.Subject, known: Known
) -> str:
    if answerer is Side.OWNER:
        return _("Authors of {organization}").format(organization=organization)
    if answerer is None:
        return ""
    if subject.kind == authoring.MICROCREDENTIAL:
        component = known.components.get(subject.key)
        return _("Authors of {organization}").format(
            organization=component.organization if component else subject.key
        )
    if subject.is_course:
        return _("Whoever writes every run of {course}").format(course=subject.key)
    return _("The team of {course}").format(course=known.title(subject))


def _option(place: Place, node: Node, names: Mapping[str, str]) -> PlaceOption:
    asked = wording.asked(place.node, names)
    label = f"{asked.title}: {asked.text}" if asked.title else asked.text
    if not place.is_group:
        label = _("As another run of: {requirement}").format(requirement=label)
    elif place.depth == 0:
        label = _("With everything else: {requirement}").format(requirement=label)
    return PlaceOption(place.path, f"{_DEEPER * place.depth if place.is_group else ''}{label}")


def asked_in_draft(offer: Offer, known: Known) -> tuple[wording.Asked, ...]:
    """What the draft asks of it, where that differs from what was agreed on. One query."""
    draft = definitions.draft_of(offer.microcredential)
    if draft is None or offer.state != OfferState.ACCEPTED:
        return ()
    names, subject = known.names(), authoring.subject_of(offer)
    asked = (
        wording.asked(node, names)
        for _path, node in definitions.nodes_of(draft)
        if not {*authoring.subjects_of(node)}.isdisjoint(subject.covering)
    )
    agreed = wording.asked(authoring.requirement_of(offer), names)
    return tuple(one for one in asked if one != agreed)
