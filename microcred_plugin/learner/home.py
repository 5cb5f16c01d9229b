"""The learner's own page: what they hold, what is under way, and how it stacks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Award, State
from microcred_plugin.definitions.api import Definition
from microcred_plugin.evaluation.requirements import MicrocredentialHeld, walk
from microcred_plugin.learner.stack_map import StackMap, Station, draw
from microcred_plugin.presenting.listing import is_shown, listed
from microcred_plugin.presenting.parts import Earned, UnderWay, badge, earned, under_way
from microcred_plugin.progress import Overview, overview

BADGES_ON_A_PAGE = 24
UNDER_WAY_SHOWN = 12
CLOSE_SHOWN = 6

_MAP_STATES = {State.ACTIVE: "earned", State.SUSPENDED: "suspended", State.HELD: "held"}


@dataclass(frozen=True, slots=True)
class Home:
    """
    Everything on the page.

    `active` counts the badges that are not suspended and wait for nobody. `earlier` are levels that
    a higher one has taken the place of, `over` awards that have ended, `hidden` those that the
    learner leaves out. `more_under_way` counts what is not shown.
    """

    badges: Page[Earned]
    active: int
    earlier: tuple[Earned, ...]
    over: tuple[Earned, ...]
    hidden: tuple[Earned, ...]
    arriving: tuple[UnderWay, ...]
    under_way: tuple[UnderWay, ...]
    more_under_way: int
    close: tuple[UnderWay, ...]
    out_of_reach: tuple[UnderWay, ...]
    maps: tuple[StackMap, ...]
    is_complete: bool
    is_in_a_course: bool

    @property
    def map_states(self) -> set[str]:
        """The states that are on a map."""
        return {card.station.state for one in self.maps for card in one.cards}

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show at all."""
        return not (self.badges.paginator.count or self.earlier or self.over or self.hidden)


def read_home(learner_id: int, *, now: datetime, page: str = "1", is_all: bool = False) -> Home:
    """
    The page of this learner; with `is_all` everything under way, and not just the nearest.

    `page` counts the pages of badges; what is no page is the nearest one that there is.
    """
    found = overview(learner_id, now=now)
    lists = listed(found, now=now)
    limit = len(lists.begun) if is_all else UNDER_WAY_SHOWN
    badges: Page[Any] = Paginator(lists.current, BADGES_ON_A_PAGE).get_page(page)
    badges.object_list = [earned(award, now=now) for award in badges]
    return Home(
        badges=badges,
        active=sum(award.state == State.ACTIVE for award in lists.current),
        earlier=_all_earned(lists.earlier, now),
        over=_all_earned(lists.over, now),
        hidden=_all_earned(lists.hidden, now),
        arriving=tuple(map(under_way, lists.arriving)),
        under_way=tuple(map(under_way, lists.begun[:limit])),
        more_under_way=max(0, len(lists.begun) - limit),
        close=tuple(map(under_way, lists.close[:CLOSE_SHOWN])),
        out_of_reach=tuple(map(under_way, lists.lost)),
        maps=_maps(found, now),
        is_complete=found.is_complete,
        is_in_a_course=bool(found.enrolled),
    )


def _all_earned(chosen: Iterable[Award], now: datetime) -> tuple[Earned, ...]:
    return tuple(earned(award, now=now) for award in chosen)


# --- the map -----------------------------------------------------------------------------------


def _maps(found: Overview, now: datetime) -> tuple[StackMap, ...]:
    """The stacks that the learner has a part in: what they hold or have begun, and around it."""
    definitions = {
        one.uuid: one
        for one in found.stack.definitions
        if one.face is not None and (is_shown(one, now) or found.standing(one.id) is not None)
    }
    below = {uuid: _components(one, now) for uuid, one in definitions.items()}
    stations = {
        uuid: _station(definition, found, now)
        for uuid, definition in sorted(
            definitions.items(), key=lambda item: _first_on_the_map(found, item[0])
        )
    }
    mine = (
        one
        for one in draw(stations, below)
        if any(card.station.state != "open" for card in one.cards)
    )
    return tuple(sorted(mine, key=lambda one: -len(one.cards)))


def _components(definition: Definition, now: datetime) -> list[str]:
    """What the version that can be earned now stacks on."""
    newest = definition.open_terms(now) or definition.versions[-1]
    return [
        node.microcredential
        for tree in (newest.requirements, newest.eligibility)
        for _path, node in walk(tree)
        if isinstance(node, MicrocredentialHeld)
    ]


def _first_on_the_map(found: Overview, uuid: str) -> int:
    """What is under way first, then what is held, then the rest."""
    progress = found.progress.get(uuid)
    if progress is not None and progress.is_under_way:
        return 0
    return 1 if progress is not None and progress.award is not None else 2


def _station(definition: Definition, found: Overview, now: datetime) -> Station:
    assert definition.face is not None
    face = badge(definition.face)
    state, standing = "open", _("Not begun")
    award = found.standing(definition.id)
    shown = awards.shown_state(award, now=now) if award else None
    progress = found.progress.get(definition.uuid)
    if shown in _MAP_STATES:
        state, standing = _MAP_STATES[shown], str(shown.label)
        standing = _("Earned") if shown == State.ACTIVE else standing
    elif progress is not None and progress.is_under_way:
        state = "under_way"
        standing = ngettext("{done} of {total} step", "{done} of {total} steps", progress.total)
        standing = standing.format(done=progress.done, total=progress.total)
    return Station(
        key=definition.uuid,
        title=face.title,
        language=face.language,
        url=face.url,
        image_url=face.image_url,
        state=state,
        standing=standing,
    )
