"""What has to be right before a tree is published: that somebody can meet it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from microcred_plugin.evaluation.evaluate import when_enough
from microcred_plugin.evaluation.message import message
from microcred_plugin.evaluation.requirements import (
    AtLeast,
    Course,
    Credits,
    Group,
    Node,
    Problem,
    Tree,
    walk,
)
from microcred_plugin.evaluation.windows import (
    BEGINNING,
    END,
    after,
    first_instant,
    last_instant,
    months_from,
)


def problems_before_publication(tree: Tree, path: str = "requirements") -> tuple[Problem, ...]:
    """Everything about the tree itself that forbids publishing it, each with its node."""
    if tree is None:
        return (Problem(path, message("tree.empty")),)
    problems = [problem for at, node in walk(tree, path) for problem in _of_node(at, node)]
    if not problems and _Possible().first(tree, BEGINNING) is None:
        problems.append(Problem(path, message("tree.impossible")))
    return tuple(problems)


def _of_node(path: str, node: Node) -> Iterator[Problem]:
    if (
        isinstance(node, Course)
        and node.not_before
        and node.not_after
        and node.not_before > node.not_after
    ):
        yield Problem(
            path, message("tree.dates_crossed", first=node.not_before, last=node.not_after)
        )
    if not isinstance(node, Group):
        return
    if not node.of:
        yield Problem(path, message("tree.empty_group", kind=node.kind))
    elif isinstance(node, AtLeast) and node.n > len(node.of):
        yield Problem(path, message("tree.too_few", n=node.n, of=len(node.of)))
    elif isinstance(node, Credits):
        worth = sum((child.credits or Decimal(0) for child in node.of), Decimal(0))
        if worth < node.minimum:
            yield Problem(path, message("tree.too_few_credits", needed=node.minimum, worth=worth))


@dataclass(slots=True)
class _Possible:
    """
    Which facts are thinkable that meet a node, all of them within the windows around it.

    What can contradict in a tree are the days between which courses have to be passed and the
    windows of groups around them; everything else is thinkable at any time. Between the last days
    of two courses a window fits best where it begins as late as it can, and there only one question
    is left, so that it stays quick however deep windows are nested.
    """

    _answers: dict[tuple[int, datetime], datetime | None] = field(default_factory=dict)
    _spans: dict[int, list[tuple[datetime, datetime]]] = field(default_factory=dict)

    def first(self, node: Node, start: datetime) -> datetime | None:
        """When facts that begin at `start` can have met the node at the earliest, if ever."""
        asked = (id(node), start)
        if asked not in self._answers:
            if isinstance(node, Group):
                self._answers[asked] = self._first_of_group(node, start)
            elif isinstance(node, Course):
                self._answers[asked] = _first_pass(node, start)
            else:
                self._answers[asked] = start
        return self._answers[asked]

    def _first_of_group(self, node: Group, start: datetime) -> datetime | None:
        if node.within_months is None:
            return self._enough(node, start)
        spans = self._spans_that_fit(node)
        position = bisect_left(spans, start, key=lambda span: span[1])
        if position == len(spans):
            return None
        return self._enough(node, max(start, spans[position][0]))

    def _spans_that_fit(self, node: Group) -> list[tuple[datetime, datetime]]:
        """From after one last day to the next: the spans in which a window may begin."""
        if id(node) not in self._spans:
            assert node.within_months is not None
            spans, begin = [], BEGINNING
            for end in _last_instants(node):
                on = self._enough(node, end)
                if on is not None and on in months_from(end, node.within_months):
                    spans.append((begin, end))
                begin = after(end).start if end < END else END
            self._spans[id(node)] = spans
        return self._spans[id(node)]

    def _enough(self, node: Group, start: datetime) -> datetime | None:
        found = ((self.first(child, start), child.credits or Decimal(0)) for child in node.of)
        return when_enough(node, ((on, credits) for on, credits in found if on is not None))


def _last_instants(node: Group) -> list[datetime]:
    """The last instants that the courses below allow, in order, and the end of time."""
    courses = (below for _path, below in walk(node) if isinstance(below, Course))
    return sorted({END, *(last_instant(each.not_after) for each in courses if each.not_after)})


def _first_pass(course: Course, start: datetime) -> datetime | None:
    on = max(start, first_instant(course.not_before)) if course.not_before else start
    return None if course.not_after and on > last_instant(course.not_after) else on
