"""How two sides come to agree: what a step makes of an offer. Pure."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from django.utils.translation import gettext as _

from microcred_plugin.authoring.models import OfferState, OfferStep, Side
from microcred_plugin.authoring.roles import NotPossible

Kind = OfferStep.Kind

# From which side the answer has to come, while one is missing.
ANSWERS = {OfferState.TO_OWNER: Side.OWNER, OfferState.TO_OTHER: Side.OTHER}


@dataclass(frozen=True, slots=True)
class Step:
    """
    What is done to an offer: it becomes `state`, by a step of this kind from this side.

    `is_told` says whether the other side hears of it.
    """

    state: OfferState
    kind: OfferStep.Kind
    side: Side
    is_told: bool = True


def propose(open_state: OfferState | None, sides: Set[Side], *, is_same: bool) -> Step | None:
    """
    What comes of proposing, where an open offer may be there already; None: nothing is to be done.

    `is_same` says whether that one proposes the same. Raises `NotPossible`.
    """
    if not sides:
        raise NotPossible(
            _("You write neither this course nor this microcredential. Ask somebody who does.")
        )
    if open_state is None:
        return _first(sides)
    if is_same:
        if ANSWERS.get(open_state) in sides:
            return answer(open_state, sides, is_yes=True)
        return None
    if open_state == OfferState.ACCEPTED:
        raise NotPossible(
            _(
                "Both sides have agreed on this already, with other conditions. Withdraw that "
                "first, and then propose the new ones."
            )
        )
    if ANSWERS[open_state] in sides:
        raise NotPossible(
            _(
                "The other side has proposed this already, with other conditions, and waits for "
                "an answer. Accept or decline that first."
            )
        )
    return _first(sides)


def _first(sides: Set[Side]) -> Step:
    if len(sides) == len(Side):
        return Step(OfferState.ACCEPTED, Kind.ACCEPTED, Side.OWNER, is_told=False)
    if Side.OTHER in sides:
        return Step(OfferState.TO_OWNER, Kind.OFFERED, Side.OTHER)
    return Step(OfferState.TO_OTHER, Kind.ASKED, Side.OWNER)


def answer(state: OfferState, sides: Set[Side], *, is_yes: bool) -> Step | None:
    """What comes of an answer; None: it has been given already. Raises `NotPossible`."""
    wanted = OfferState.ACCEPTED if is_yes else OfferState.DECLINED
    if state == wanted:
        return None
    if state not in ANSWERS:
        raise NotPossible(
            _("This has been answered or withdrawn meanwhile. Look at what became of it.")
        )
    side = ANSWERS[state]
    if side not in sides:
        raise NotPossible(_("The other side has to answer this."))
    return Step(wanted, Kind.ACCEPTED if is_yes else Kind.DECLINED, side)


def withdraw(state: OfferState, sides: Set[Side], *, side: Side | None = None) -> Step | None:
    """
    What comes of withdrawing; None: it has ended already. Raises `NotPossible`.

    `side` is the one from which somebody speaks who may speak from both.
    """
    if state not in (*ANSWERS, OfferState.ACCEPTED):
        return None
    if not sides:
        raise NotPossible(_("Only those who write the course or the microcredential can do this."))
    speaks = side if side is not None and side in sides else min(sides)
    if ANSWERS.get(state) in sides and len(sides) < len(Side):
        raise NotPossible(_("This waits for your answer. Decline it, and say why."))
    return Step(OfferState.WITHDRAWN, Kind.WITHDRAWN, speaks)
