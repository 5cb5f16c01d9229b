"""
That a course, or another microcredential, counts towards a microcredential: both sides say so.

Whoever writes the course proposes it, or whoever writes the microcredential; the other side
accepts or declines; either withdraws. Who may speak for both does it in one step. No published
version changes: what was agreed on goes into the draft, and a publication asks for agreement.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from microcred_plugin.authoring import agreeing, placing
from microcred_plugin.authoring.agreeing import Step
from microcred_plugin.authoring.models import Offer, OfferState, OfferStep, Side
from microcred_plugin.authoring.roles import NotPossible, Rights
from microcred_plugin.authoring.sides import look_up, read_requirement
from microcred_plugin.authoring.standing import requirement_of, standing_withdrawals, subject_of
from microcred_plugin.authoring.subjects import COURSE, Subject, about, subjects_of
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Microcredential
from microcred_plugin.evaluation.requirements import Node, Tree, write_tree

LONGEST_REASON = 2000

# So often somebody may do something about the same offer between our reading and our writing.
_ATTEMPTS = 3


class _Meanwhile(Exception):
    """Somebody else was faster; what they did has to be read first."""


def propose(
    *,
    microcredential: Microcredential,
    requirement: Mapping[str, Any],
    by: Rights,
    note: str = "",
    now: datetime | None = None,
) -> Offer:
    """
    Propose a requirement that names one course run, one course or one microcredential.

    Doing it twice is doing it once; proposing what the other side has proposed accepts it; with
    the rights of both sides it is agreed on at once. Raises `NotPossible` and `HostFailed`.
    """
    node, subject = read_requirement(requirement)
    note = _cleaned(note)
    known = look_up([subject], by)
    if not known.exists(subject):
        raise NotPossible(
            _("There is no “{key}” on this site. Choose one that exists.").format(key=subject.key)
        )
    if subject.key == str(microcredential.uuid):
        raise NotPossible(_("A microcredential can't ask for itself. Choose another one."))
    sides = known.sides(microcredential, subject, by)
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with transaction.atomic():
                return _propose(microcredential, node, subject, sides, by, note, now)
        except (IntegrityError, _Meanwhile):
            if attempt == _ATTEMPTS:
                raise
    raise AssertionError("the last attempt returns or raises")


def _propose(
    microcredential: Microcredential,
    node: Node,
    subject: Subject,
    sides: Set[Side],
    by: Rights,
    note: str,
    now: datetime | None,
) -> Offer:
    now = now or timezone.now()
    data = write_tree(node)
    found = _open_offer(microcredential, subject)
    is_same = found is not None and write_tree(requirement_of(found)) == data
    step = agreeing.propose(OfferState(found.state) if found else None, sides, is_same=is_same)
    if found is None:
        assert step is not None
        found = Offer.objects.create(
            microcredential=microcredential,
            kind=subject.kind,
            object_key=subject.key,
            requirement=data,
            state=step.state,
            created=now,
            modified=now,
        )
    elif step is None:
        return found
    else:
        _move(found, step, now, requirement=data)
    _note(found, step, by, note, now)
    if step.state == OfferState.ACCEPTED:
        _take_up(found, by, "")
    return found


def accept(
    *, offer: Offer, by: Rights, place: str = "", note: str = "", now: datetime | None = None
) -> Offer:
    """
    Say yes, and put the requirement into the draft: at `place`, a path of one of its `places`.

    Raises `HostFailed`, and `NotPossible`, also where the draft can't take it: nothing is done.
    """
    return _answer(offer, by, True, place, note, now)


def decline(*, offer: Offer, by: Rights, reason: str, now: datetime | None = None) -> Offer:
    """Say no, and why. Raises `NotPossible` and `HostFailed`."""
    if not _cleaned(reason):
        raise NotPossible(_("Say why, so that the other side knows what would have to change."))
    return _answer(offer, by, False, "", reason, now)


def _answer(
    offer: Offer, by: Rights, is_yes: bool, place: str, note: str, now: datetime | None
) -> Offer:
    now, note = now or timezone.now(), _cleaned(note)
    sides = sides_of(offer, by)
    with transaction.atomic():
        offer = _read_again(offer)
        step = agreeing.answer(OfferState(offer.state), sides, is_yes=is_yes)
        if step is not None:
            _move_or_refuse(offer, step, now)
            _note(offer, step, by, note, now)
            if is_yes:
                _take_up(offer, by, place)
    return offer


def withdraw(
    *,
    offer: Offer,
    by: Rights,
    side: Side | None = None,
    reason: str = "",
    now: datetime | None = None,
) -> Offer:
    """
    Take back what one's own side has proposed, or what both sides had agreed on.

    `side` is the one for which somebody speaks who has the rights of both. It stays in the draft
    for its author to take out, and what is published stays. Raises `NotPossible`, `HostFailed`.
    """
    now, reason = now or timezone.now(), _cleaned(reason)
    sides = sides_of(offer, by)
    with transaction.atomic():
        offer = _read_again(offer)
        step = agreeing.withdraw(OfferState(offer.state), sides, side=side)
        if step is not None:
            _move_or_refuse(offer, step, now)
            _note(offer, step, by, reason, now)
    return offer


def withdraw_course(
    *,
    microcredential: Microcredential,
    key: str,
    by: Rights,
    reason: str = "",
    now: datetime | None = None,
) -> Offer:
    """
    Withdraw a course run, or `Org+Course`, by whoever writes it: agreed on or only published.

    What a published version counts without anybody having been asked gets a row that is withdrawn
    from the beginning, so that the next publication needs a yes. Raises `NotPossible` where no
    published version names it either; and `HostFailed`.
    """
    subject = Subject(COURSE, key)
    found = _open_offer(microcredential, subject)
    if found is not None:
        return withdraw(offer=found, by=by, side=Side.OTHER, reason=reason, now=now)
    now, reason = now or timezone.now(), _cleaned(reason)
    if subject not in look_up([subject], by).writable:
        raise NotPossible(_("Only those who write every run of the course can do this."))
    standing = standing_withdrawals(microcredential).get(subject)
    if standing is not None:
        return standing
    newest = definitions.newest_published(microcredential)
    nodes = [] if newest is None else definitions.nodes_of(newest)
    named = next((node for _path, node in nodes if subject in subjects_of(node)), None)
    if named is None:
        raise NotPossible(
            _("“{title}” does not count it, so there is nothing to withdraw.").format(
                title=microcredential.title
            )
        )
    with transaction.atomic():
        offer = Offer.objects.create(
            microcredential=microcredential,
            kind=subject.kind,
            object_key=subject.key,
            requirement=write_tree(about(named, subject)),
            state=OfferState.WITHDRAWN,
            slot=None,
            created=now,
            modified=now,
        )
        step = Step(OfferState.WITHDRAWN, OfferStep.Kind.WITHDRAWN, Side.OTHER)
        _note(offer, step, by, reason, now)
    return offer


def sides_of(offer: Offer, by: Rights) -> Set[Side]:
    """From which sides this user may speak about an offer. Raises `HostFailed`."""
    subject = subject_of(offer)
    return look_up([subject], by).sides(offer.microcredential, subject, by)


def places_for(offers: Collection[Offer]) -> dict[int, list[placing.Place]]:
    """
    By offer, where in the draft its requirement can go; the place that is taken by default first.

    None, where the draft names it already or has no group yet. One query.
    """
    trees = definitions.trees_of_next({offer.microcredential_id for offer in offers})
    return {offer.pk: _places(trees.get(offer.microcredential_id), offer) for offer in offers}


def _places(tree: Tree, offer: Offer) -> list[placing.Place]:
    node = requirement_of(offer)
    return [] if placing.names(tree, subject_of(offer)) else placing.places(tree, node)


# --- the rows ------------------------------------------------------------------------------------


def _open_offer(microcredential: Microcredential, subject: Subject) -> Offer | None:
    found = Offer.objects.filter(
        microcredential=microcredential, kind=subject.kind, object_key=subject.key, slot=1
    )
    # A database may have compared without regard to case.
    return next((one for one in found if one.object_key == subject.key), None)


def _read_again(offer: Offer) -> Offer:
    return Offer.objects.select_related("microcredential").get(pk=offer.pk)


def _move(offer: Offer, step: Step, now: datetime, **values: Any) -> None:
    """Change the state, unless somebody else has meanwhile."""
    slot = 1 if step.state in (*agreeing.ANSWERS, OfferState.ACCEPTED) else None
    unchanged = Offer.objects.filter(pk=offer.pk, state=offer.state, modified=offer.modified)
    if not unchanged.update(state=step.state, slot=slot, modified=now, **values):
        raise _Meanwhile
    offer.refresh_from_db()


def _move_or_refuse(offer: Offer, step: Step, now: datetime) -> None:
    try:
        _move(offer, step, now)
    except _Meanwhile:
        raise NotPossible(
            _("Somebody else has done something about this meanwhile. Look at it again.")
        ) from None


def _note(offer: Offer, step: Step, by: Rights, reason: str, now: datetime) -> None:
    OfferStep.objects.create(
        offer=offer,
        kind=step.kind,
        side=step.side,
        by_id=by.user_id,
        at=now,
        reason=reason,
        told_at=None if step.is_told else now,
    )


def _take_up(offer: Offer, by: Rights, place: str) -> None:
    """Put the requirement into the draft, unless some tree of it names the same already."""
    subject, node = subject_of(offer), requirement_of(offer)

    def change(trees: Mapping[str, Tree]) -> Tree:
        if any(placing.names(tree, subject) for tree in trees.values()):
            return None
        try:
            return placing.put(trees.get("requirements"), node, place)
        except KeyError:
            raise NotPossible(
                _("The draft has changed, and that place is gone. Choose another one.")
            ) from None

    try:
        definitions.change_requirements(
            microcredential=offer.microcredential, change=change, by_id=by.user_id
        )
    except definitions.DraftChanged:
        raise NotPossible(
            _("Somebody is changing the draft just now. Try again in a moment.")
        ) from None
    except definitions.DefinitionRefused as error:
        raise NotPossible(
            _("The draft can't take it: {reason}").format(reason=error.faults[0].sentence)
        ) from error


def _cleaned(text: str) -> str:
    """What somebody wrote, without what no database keeps. Raises `NotPossible` for too much."""
    text = "".join(one for one in text if one.isprintable() or one in "\n\t").strip()
    if len(text) > LONGEST_REASON:
        raise NotPossible(
            _("That is too long: write at most {most} characters.").format(most=LONGEST_REASON)
        )
    return text
