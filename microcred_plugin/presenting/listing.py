"""What is listed of all that a learner holds and is on the way to, and in which order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Award, State
from microcred_plugin.definitions.api import Definition, Visibility
from microcred_plugin.progress import Overview, Progress

_OVER = frozenset({State.DECLINED, State.REVOKED, State.EXPIRED})


@dataclass(frozen=True, slots=True)
class Listed:
    """
    The awards of a learner and what is under way, each in the list where it belongs.

    `current` are the badges, newest first; `earlier` levels that a higher one has taken the place
    of, which `superseded` names by uuid; `over` awards that have ended, `hidden` those that the
    learner leaves out. `arriving` is met and not written yet, `begun` under way, nearest first;
    `lost` can no longer be met; `close` has not begun and is a single step away.
    """

    current: tuple[Award, ...]
    earlier: tuple[Award, ...]
    over: tuple[Award, ...]
    hidden: tuple[Award, ...]
    superseded: Mapping[UUID, Award]
    arriving: tuple[Progress, ...]
    begun: tuple[Progress, ...]
    lost: tuple[Progress, ...]
    close: tuple[Progress, ...]

    @property
    def under_way(self) -> tuple[Progress, ...]:
        """What is on its way without anything left to do, then what is begun, nearest first."""
        return self.arriving + self.begun


def is_shown(definition: Definition, now: datetime) -> bool:
    """Whether learners are told of it who do not hold it: on offer, and not kept off the lists."""
    return definition.is_offered(now) and definition.visibility != Visibility.UNLISTED


def listed(found: Overview, *, now: datetime) -> Listed:
    """The lists of this learner. No query."""
    shown = [award for award in found.awards if not award.is_hidden]
    superseded = awards.superseding(found.awards)
    standing = [award for award in shown if awards.shown_state(award, now=now) not in _OVER]
    current = (award for award in standing if award.uuid not in superseded)
    told = [one for one in found.progress.values() if is_shown(one.definition, now)]
    begun = [one for one in told if one.is_under_way or one.is_to_be_restored]
    reachable = (one for one in begun if not one.is_out_of_reach)
    close = (one for one in told if one.is_close)
    return Listed(
        current=tuple(sorted(current, key=newest_first)),
        earlier=tuple(award for award in standing if award.uuid in superseded),
        over=tuple(award for award in shown if awards.shown_state(award, now=now) in _OVER),
        hidden=tuple(award for award in found.awards if award.is_hidden),
        superseded=superseded,
        arriving=tuple(one for one in told if one.is_being_awarded),
        begun=tuple(sorted(reachable, key=_nearest_first)),
        lost=tuple(one for one in begun if one.is_out_of_reach),
        close=tuple(sorted(close, key=_nearest_first)),
    )


def newest_first(award: Award) -> tuple[bool, float, int]:
    """What is not as it should be, then by the day on which it was met."""
    on = award.met_on or award.valid_from
    return (award.state == State.ACTIVE, -on.timestamp(), -award.pk)


def _nearest_first(progress: Progress) -> tuple[bool, int, int, str]:
    """What was lost, then the fewest steps."""
    return (
        not progress.is_to_be_restored,
        progress.remaining or 0,
        -progress.done,
        progress.definition.title,
    )
