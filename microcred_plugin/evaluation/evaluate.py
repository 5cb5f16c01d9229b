"""
The evaluation of a requirement tree against a learner record.

Pure and monotone: no clock (`now` is handed in, and only facts that begin or run out read it), no
negation, and one more fact never turns a met tree into one that is not. So the order in which
facts come to be known does not matter.

Truth is Kleene's. `met_on` is when the tree came to be met, from the dates of the facts alone:
all of: the latest; any of: the earliest; at least n: the n-th; credits: when the sum is reached.
Facts without a date count, after all dated ones; a window of time can't place them, and there
they are unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from microcred_plugin.evaluation.message import Message, message
from microcred_plugin.evaluation.readings import (
    Reading,
    Truth,
    is_enrolled,
    nothing_yet,
    readings,
)
from microcred_plugin.evaluation.record import LearnerRecord
from microcred_plugin.evaluation.requirements import Credits, Group, Node, Tree, child_path
from microcred_plugin.evaluation.windows import BEGINNING, END, Window, months_from

__all__ = ["Outcome", "Truth", "evaluate"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    The answer for one node, with the answers of the nodes in it.

    `window` is the span that a group with `within_months` was judged in, the one that served
    the learner best. `changes_at` is the next instant at which time alone may change the answer.
    """

    path: str
    node: Node | None
    truth: Truth
    reason: Message
    met_on: datetime | None = None
    reading: Reading | None = None
    is_enrolled: bool = False
    window: Window | None = None
    changes_at: datetime | None = None
    children: tuple[Outcome, ...] = ()

    @property
    def is_met(self) -> bool:
        return self.truth is Truth.MET

    @property
    def credits(self) -> Decimal:
        """What the node is worth in a credits group around it."""
        return (self.node.credits if self.node else None) or Decimal(0)

    def leaves(self) -> Iterable[Outcome]:
        """The outcomes of the requirements, in the order of the tree."""
        if isinstance(self.node, Group):
            for child in self.children:
                yield from child.leaves()
        elif self.node is not None:
            yield self


def evaluate(
    tree: Tree,
    record: LearnerRecord,
    *,
    now: datetime,
    window: Window | None = None,
    path: str = "requirements",
) -> Outcome:
    """
    Judge the tree. With a `window`, only facts in it count (for a renewal: newer facts).

    The empty tree is not met, whatever the record.
    """
    if tree is None:
        return Outcome(path, None, Truth.NOT_MET, message("tree.empty"))
    return _Evaluation(record, now).judge(tree, path, window)


@dataclass(slots=True)
class _Evaluation:
    """
    One walk over one tree. What is asked twice is remembered: nested windows ask the same node
    about the same span again and again, and there are only so many spans.
    """

    record: LearnerRecord
    now: datetime
    _outcomes: dict[tuple[str, Window | None], Outcome] = field(default_factory=dict)
    _readings: dict[str, tuple[Reading, ...]] = field(default_factory=dict)

    def judge(self, node: Node, path: str, window: Window | None) -> Outcome:
        asked = (path, window)
        if asked not in self._outcomes:
            if not isinstance(node, Group):
                outcome = self._leaf(node, path, window)
            elif node.within_months is None:
                outcome = self._group(node, path, window)
            else:
                outcome = self._windowed(node, path, window)
            self._outcomes[asked] = outcome
        return self._outcomes[asked]

    def _readings_of(self, node: Node, path: str) -> tuple[Reading, ...]:
        if path not in self._readings:
            self._readings[path] = readings(node, self.record, self.now)
        return self._readings[path]

    def _leaf(self, node: Node, path: str, window: Window | None) -> Outcome:
        """Of several readings the met one with the earliest date; else unknown; else the last."""
        seen = self._readings_of(node, path)
        enrolled = is_enrolled(node, self.record)
        if not seen:
            return Outcome(path, node, Truth.NOT_MET, nothing_yet(node), is_enrolled=enrolled)
        best = min((_in_window(reading, window) for reading in seen), key=_preference)
        return Outcome(
            path, node, best.truth, best.reason, best.met_on, best, enrolled,
            changes_at=_earliest(reading.changes_at for reading in seen),
        )  # fmt: skip

    def _group(self, node: Group, path: str, window: Window | None) -> Outcome:
        children = tuple(
            self.judge(child, child_path(path, position), window)
            for position, child in enumerate(node.of)
        )
        if isinstance(node, Credits):
            truth, met_on, reason = _credits(node, children)
        else:
            truth, met_on, reason = _count(node, children)
        return Outcome(
            path, node, truth, reason, met_on, children=children, window=window,
            is_enrolled=any(child.is_enrolled for child in children),
            changes_at=_earliest(child.changes_at for child in children),
        )  # fmt: skip

    def _windowed(self, node: Group, path: str, outer: Window | None) -> Outcome:
        """
        The best answer over all windows that could matter: those that begin with a fact.

        Any window that holds facts which meet the tree can be moved to begin with the first of
        them, so no other needs a look. Without any dated fact one empty look remains, which tells
        not met from unknown.
        """
        assert node.within_months is not None
        spans = [
            months_from(start, node.within_months) & outer
            for start in self._dates(node, path, outer)
        ] or [outer or Window()]
        return min((self._group(node, path, span) for span in spans), key=_group_preference)

    def _dates(self, node: Node, path: str, window: Window | None) -> list[datetime]:
        """The dates, in the window, of the met readings of every requirement below the node."""
        if isinstance(node, Group):
            found = {
                on
                for position, child in enumerate(node.of)
                for on in self._dates(child, child_path(path, position), window)
            }
        else:
            found = {
                reading.met_on
                for reading in self._readings_of(node, path)
                if reading.truth is Truth.MET
                and reading.met_on is not None
                and (window is None or reading.met_on in window)
            }
        return sorted(found)


def _in_window(reading: Reading, window: Window | None) -> Reading:
    """The reading as a window sees it: what lies outside is not met, what has no date unknown."""
    if window is None or reading.truth is not Truth.MET:
        return reading
    what = {name: value for name, value in reading.reason.params.items() if name in _NAMES}
    if reading.met_on is None:
        reason = message("window.undated", **what)
        return replace(reading, truth=Truth.UNKNOWN, reason=reason)
    if reading.met_on in window:
        return reading
    reason = message("window.outside", on=reading.met_on, **what)
    return replace(reading, truth=Truth.NOT_MET, reason=reason, met_on=None)


_NAMES = ("run", "microcredential", "program", "name")


_UNDATED = END  # sorts behind every date

_ORDER = {Truth.MET: 0, Truth.UNKNOWN: 1, Truth.NOT_MET: 2}

# Of several runs, the one to tell the learner about is the one that came closest.
_CLOSEST_FIRST = (
    "course.no_certificate",
    "course.mode_not_accepted",
    "course.audit_not_accepted",
    "course.no_mode",
    "course.below_minimum",
    "course.no_grade",
    "course.enrolled",
    "course.below_pass_mark",
    "course.left",
    "window.outside",
    "course.too_early",
    "course.too_late",
    "course.deadline_passed",
    "course.certificate_invalidated",
)
_CLOSENESS = {key: rank for rank, key in enumerate(_CLOSEST_FIRST)}


def _preference(reading: Reading) -> tuple[object, ...]:
    """Met before unknown before not met; then the earliest date; then the closest to being met."""
    percent = reading.reason.params.get("percent", 0)
    return (
        _ORDER[reading.truth],
        reading.met_on or _UNDATED,
        _CLOSENESS.get(reading.reason.key, 0),
        -percent if isinstance(percent, int) else 0,
    )


def _group_preference(outcome: Outcome) -> tuple[object, ...]:
    """Met before unknown before not met; then the earliest; else the window that holds most."""
    met = sum(leaf.is_met for leaf in outcome.leaves())
    start = outcome.window.start if outcome.window else BEGINNING
    return (
        _ORDER[outcome.truth],
        outcome.met_on or _UNDATED,
        -met,
        start - BEGINNING if outcome.is_met else BEGINNING - start,
    )


def _count(
    node: Group, children: tuple[Outcome, ...]
) -> tuple[Truth, datetime | None, Message]:
    met = sum(child.is_met for child in children)
    unknown = sum(child.truth is Truth.UNKNOWN for child in children)
    needed = node.needed
    dates = _dated(children)
    reason = message(f"group.{node.kind}", met=met, needed=needed, of=len(children))
    if met >= needed:
        return Truth.MET, dates[needed - 1] if len(dates) >= needed else None, reason
    return Truth.UNKNOWN if met + unknown >= needed else Truth.NOT_MET, None, reason


def _credits(
    node: Credits, children: tuple[Outcome, ...]
) -> tuple[Truth, datetime | None, Message]:
    total = sum((child.credits for child in children if child.is_met), Decimal(0))
    possible = sum(
        (child.credits for child in children if child.truth is not Truth.NOT_MET), Decimal(0)
    )
    reason = message("group.credits", earned=total, needed=node.minimum)
    if total < node.minimum:
        return Truth.UNKNOWN if possible >= node.minimum else Truth.NOT_MET, None, reason
    reached = Decimal(0)
    dated = sorted(
        ((child.met_on, child.credits) for child in children if child.is_met and child.met_on),
        key=lambda pair: pair[0],
    )
    for on, credits in dated:
        reached += credits
        if reached >= node.minimum:
            return Truth.MET, on, reason
    return Truth.MET, None, reason


def _dated(children: Iterable[Outcome]) -> list[datetime]:
    return sorted(child.met_on for child in children if child.is_met and child.met_on is not None)


def _earliest(instants: Iterable[datetime | None]) -> datetime | None:
    return min((instant for instant in instants if instant is not None), default=None)
