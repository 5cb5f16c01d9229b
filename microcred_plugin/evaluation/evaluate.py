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

from bisect import bisect_left, bisect_right
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
from microcred_plugin.evaluation.windows import END, Window, months_from

__all__ = ["Outcome", "Truth", "evaluate", "when_enough"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    The answer for one node, with the answers of the nodes in it.

    `window` is the span that a group with `within_months` was judged in, the one that served
    the learner best. `changes_at` is the next instant at which time alone may change the answer.
    `has_unknown`: not everything could be read, so that a met outcome may have been met earlier.
    """

    path: str
    node: Node | None
    truth: Truth
    reason: Message
    met_on: datetime | None = None
    reading: Reading | None = None
    is_enrolled: bool = False
    has_unknown: bool = False
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
    One walk over one tree.

    What the search for the best window asks again and again is remembered: for every node one
    instant for each date that a window may begin with, so that it stays quick however deep
    windows are nested.
    """

    record: LearnerRecord
    now: datetime
    _readings: dict[str, tuple[Reading, ...]] = field(default_factory=dict)
    _dates: dict[str, list[datetime]] = field(default_factory=dict)
    _instants: dict[tuple[str, datetime, bool], datetime | None] = field(default_factory=dict)
    _firsts: dict[tuple[str, bool], list[datetime | None]] = field(default_factory=dict)

    def judge(self, node: Node, path: str, window: Window | None) -> Outcome:
        if not isinstance(node, Group):
            return self._leaf(node, path, window)
        if node.within_months is None:
            return self._group(node, path, window)
        return self._group(node, path, self._best_window(node, path, window))

    def _readings_of(self, node: Node, path: str) -> tuple[Reading, ...]:
        if path not in self._readings:
            self._readings[path] = readings(node, self.record, self.now)
        return self._readings[path]

    def _leaf(self, node: Node, path: str, window: Window | None) -> Outcome:
        """Of several readings the earliest met one; else an unknown one; else the closest."""
        seen = self._readings_of(node, path)
        enrolled = is_enrolled(node, self.record)
        if not seen:
            return Outcome(
                path, node, Truth.NOT_MET, nothing_yet(node, self.now), is_enrolled=enrolled
            )
        judged = [_in_window(reading, window) for reading in seen]
        best = min(judged, key=_preference)
        return Outcome(
            path, node, best.truth, best.reason, best.met_on, best, enrolled,
            has_unknown=any(reading.truth is Truth.UNKNOWN for reading in judged),
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
            has_unknown=any(child.has_unknown for child in children),
            changes_at=_earliest(child.changes_at for child in children),
        )  # fmt: skip

    # --- the window of a group ---------------------------------------------------------------

    def _best_window(self, node: Group, path: str, outer: Window | None) -> Window:
        """
        The window that serves the learner best: met, else unknown, else the one to go on with.

        Any window that holds facts which meet the tree can be moved to begin with the first of
        them, so only those need a look; and the one that begins now, which is what is left to a
        learner whose facts lie too far back.
        """
        assert node.within_months is not None
        within = outer or Window()
        starts = {on for on in self._dates_below(node, path) if on in within}
        spans = [
            months_from(start, node.within_months) & within
            for start in sorted({*starts, max(within.start, min(self.now, within.end))})
        ]
        ranks = [self._rank(node, path, span) for span in spans]
        best = min(ranks)
        return max(
            (span for rank, span in zip(ranks, spans, strict=True) if rank == best),
            key=lambda span: (self._held(node, path, span), span.start),
        )

    def _rank(self, node: Group, path: str, span: Window) -> tuple[int, datetime, bool]:
        """Met before unknown before not met; of the met the earliest, else one not yet over."""
        on = self._reached(node, path, span.start, hopeful=False)
        if on is not None and on <= span.end:
            return (0, on, False)
        on = self._reached(node, path, span.start, hopeful=True)
        is_unknown = on is not None and on <= span.end
        return (1 if is_unknown else 2, END, span.end < self.now)

    def _held(self, node: Group, path: str, span: Window) -> int:
        """How many facts the window holds."""
        dates = self._dates_below(node, path)
        return bisect_right(dates, span.end) - bisect_left(dates, span.start)

    def _first_met(self, node: Node, path: str, start: datetime, hopeful: bool) -> datetime | None:
        """
        When the facts from `start` on come to meet the node, if they do.

        `hopeful`: as if whatever is unknown were met at once.
        """
        if isinstance(node, Group):
            own = self._reached(node, path, start, hopeful)
            if node.within_months is None:
                return own
            if own is not None and own not in months_from(start, node.within_months):
                own = None
            dates = self._dates_below(node, path)
            later = self._firsts_of(node, path, hopeful)[bisect_left(dates, start)]
            return _earliest((own, later))
        if hopeful and any(
            reading.truth is Truth.UNKNOWN or (reading.truth is Truth.MET and not reading.met_on)
            for reading in self._readings_of(node, path)
        ):
            return start
        dates = self._dates_below(node, path)
        position = bisect_left(dates, start)
        return dates[position] if position < len(dates) else None

    def _reached(self, node: Group, path: str, start: datetime, hopeful: bool) -> datetime | None:
        """The same for a group without regard to its own window."""
        asked = (path, start, hopeful)
        if asked not in self._instants:
            found = (
                (self._first_met(child, child_path(path, position), start, hopeful), child.credits)
                for position, child in enumerate(node.of)
            )
            self._instants[asked] = when_enough(
                node, ((on, credits or Decimal(0)) for on, credits in found if on is not None)
            )
        return self._instants[asked]

    def _firsts_of(self, node: Group, path: str, hopeful: bool) -> list[datetime | None]:
        """For each date below a group with a window: when a window from then on is first met."""
        asked = (path, hopeful)
        if asked not in self._firsts:
            assert node.within_months is not None
            firsts: list[datetime | None] = [None]
            for start in reversed(self._dates_below(node, path)):
                on = self._reached(node, path, start, hopeful)
                if on is not None and on not in months_from(start, node.within_months):
                    on = None
                firsts.append(_earliest((on, firsts[-1])))
            self._firsts[asked] = firsts[::-1]
        return self._firsts[asked]

    def _dates_below(self, node: Node, path: str) -> list[datetime]:
        """The dates of the met readings of every requirement below the node, in order."""
        if path not in self._dates:
            if isinstance(node, Group):
                dates = [
                    on
                    for position, child in enumerate(node.of)
                    for on in self._dates_below(child, child_path(path, position))
                ]
            else:
                dates = [
                    reading.met_on
                    for reading in self._readings_of(node, path)
                    if reading.truth is Truth.MET and reading.met_on is not None
                ]
            self._dates[path] = sorted(dates)
        return self._dates[path]


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


def _count(node: Group, children: tuple[Outcome, ...]) -> tuple[Truth, datetime | None, Message]:
    met = sum(child.is_met for child in children)
    unknown = sum(child.truth is Truth.UNKNOWN for child in children)
    needed = node.needed
    reason = message(f"group.{node.kind}", met=met, needed=needed, of=len(children))
    if met >= needed:
        return Truth.MET, when_enough(node, _dated(children)), reason
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
    return Truth.MET, when_enough(node, _dated(children)), reason


def _dated(children: Iterable[Outcome]) -> Iterable[tuple[datetime, Decimal]]:
    return (
        (child.met_on, child.credits)
        for child in children
        if child.is_met and child.met_on is not None
    )


def when_enough(group: Group, dated: Iterable[tuple[datetime, Decimal]]) -> datetime | None:
    """When nodes met on these dates, with these credits, came to be enough, if they are."""
    worth = Decimal(0)
    for count, (on, credits) in enumerate(sorted(dated, key=lambda pair: pair[0]), 1):
        worth += credits
        enough = worth >= group.minimum if isinstance(group, Credits) else count >= group.needed
        if enough:
            return on
    return None


def _earliest(instants: Iterable[datetime | None]) -> datetime | None:
    return min((instant for instant in instants if instant is not None), default=None)
