"""Whether everything that a draft names may be counted: its author's own, or agreed on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from microcred_plugin.authoring.models import Offer, OfferState
from microcred_plugin.authoring.offers import propose
from microcred_plugin.authoring.roles import Rights
from microcred_plugin.authoring.sides import Known, look_up
from microcred_plugin.authoring.standing import (
    last_declined,
    open_offers,
    standing_withdrawals,
)
from microcred_plugin.authoring.subjects import MICROCREDENTIAL, Subject, about, subjects_of
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Fault, MicrocredentialVersion
from microcred_plugin.evaluation.requirements import Node, write_tree


@dataclass(frozen=True, slots=True)
class Missing:
    """
    Something that a draft names and that nobody has agreed to, with the node that names it.

    `offer` is what stands in its place: one that waits, was declined or was withdrawn.
    """

    path: str
    node: Node
    subject: Subject
    title: str
    offer: Offer | None

    @property
    def requirement(self) -> Node:
        """What would be asked for: the node, with nothing but this in it."""
        return about(self.node, self.subject)

    @property
    def can_be_asked(self) -> bool:
        """Whether there is something to ask: no answer is being waited for."""
        waits = (OfferState.TO_OWNER, OfferState.TO_OTHER)
        return self.offer is None or self.offer.state not in waits

    @property
    def field(self) -> str:
        """The path of the field that names it."""
        if self.subject.kind == MICROCREDENTIAL:
            return f"{self.path}.microcredential"
        return f"{self.path}.course" if self.subject.is_course else f"{self.path}.runs"


def faults_of_agreement(version: MicrocredentialVersion, by: Rights) -> list[Fault]:
    """
    What forbids this user to publish this draft because others have not agreed. `HostFailed`.

    What does not exist is not in here: `definitions.faults_before_publication` has it.
    """
    return [Fault(one.field, _sentence(one)) for one in missing_agreements(version, by)]


def missing_agreements(version: MicrocredentialVersion, by: Rights) -> list[Missing]:
    """
    Everything that the trees of a draft name, that this user may not write, and that nobody has
    agreed to: neither by an offer, nor by being in the newest published version. `HostFailed`.

    The queries do not depend on how much it names.
    """
    named = [
        (path, node, subject)
        for path, node in definitions.nodes_of(version)
        for subject in subjects_of(node)
    ]
    if by.is_operator or not named:
        return []
    known = look_up((subject for _path, _node, subject in named), by)
    foreign = [one for one in named if known.exists(one[2]) and one[2] not in known.writable]
    return list(_missing(version, foreign, known)) if foreign else []


def ask_for(
    *,
    missing: Missing,
    version: MicrocredentialVersion,
    by: Rights,
    note: str = "",
    now: datetime | None = None,
) -> Offer:
    """Ask the other side for what is missing. Raises `NotPossible` and `HostFailed`."""
    return propose(
        microcredential=version.microcredential,
        requirement=write_tree(missing.requirement),
        by=by,
        note=note,
        now=now,
    )


def _missing(
    version: MicrocredentialVersion, foreign: list[tuple[str, Node, Subject]], known: Known
) -> Iterator[Missing]:
    microcredential = version.microcredential
    offers = open_offers(microcredential)
    withdrawn = standing_withdrawals(microcredential)
    published = _published(version)
    declined: Mapping[Subject, Offer] = last_declined(microcredential)
    for path, node, subject in foreign:
        covering = [offers[one] for one in subject.covering if one in offers]
        if any(offer.state == OfferState.ACCEPTED for offer in covering):
            continue
        against = next((withdrawn[one] for one in subject.covering if one in withdrawn), None)
        if against is None and not published.isdisjoint(subject.covering):
            continue
        offer = next(iter(covering), None) or against or declined.get(subject)
        yield Missing(path, node, subject, known.title(subject), offer)


def _published(version: MicrocredentialVersion) -> set[Subject]:
    """What the newest published version names."""
    newest = definitions.newest_published(version.microcredential)
    nodes = [] if newest is None else definitions.nodes_of(newest)
    return {subject for _path, node in nodes for subject in subjects_of(node)}


def _sentence(missing: Missing) -> str:
    """What is missing, in words, and what to do about it."""
    state = missing.offer.state if missing.offer else None
    of_courses = missing.subject.kind != MICROCREDENTIAL
    sentence = (_OF_COURSES if of_courses else _OF_MICROCREDENTIALS)[state]
    return str(sentence).format(title=missing.title, key=missing.subject.key)


_OF_COURSES: Mapping[str | None, Any] = {
    None: _(
        "Those who teach “{title}” ({key}) have not agreed that it counts here. Ask its team, or "
        "take it out."
    ),
    OfferState.TO_OTHER: _(
        "The team of “{title}” ({key}) has been asked and has not answered yet. Wait for its "
        "answer, ask the team in person, or take it out."
    ),
    OfferState.TO_OWNER: _("The team of “{title}” ({key}) has offered it. Accept the offer first."),
    OfferState.DECLINED: _(
        "The team of “{title}” ({key}) has not agreed that it counts here. Read why, and ask its "
        "team again, or take it out."
    ),
    OfferState.WITHDRAWN: _(
        "The team of “{title}” ({key}) has withdrawn it. Take it out, or ask its team again."
    ),
}
_OF_MICROCREDENTIALS: Mapping[str | None, Any] = {
    None: _(
        "Those who award “{title}” have not agreed that it counts here. Ask its authors, or take "
        "it out."
    ),
    OfferState.TO_OTHER: _(
        "The authors of “{title}” have been asked and have not answered yet. Wait for their "
        "answer, or take it out."
    ),
    OfferState.TO_OWNER: _("The authors of “{title}” have offered it. Accept the offer first."),
    OfferState.DECLINED: _(
        "The authors of “{title}” have not agreed that it counts here. Read why, and ask its "
        "authors again, or take it out."
    ),
    OfferState.WITHDRAWN: _(
        "The authors of “{title}” have withdrawn it. Take it out, or ask its authors again."
    ),
}
