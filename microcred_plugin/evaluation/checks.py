"""What has to be right before a tree is published: that somebody can meet it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

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
    Window,
    first_instant,
    last_instant,
    months_from,
)


def problems_before_publication(tree: Tree, path: str = "requirements") -> tuple[Problem, ...]:
    """Everything about the tree itself that forbids publishing it, each with its node."""
    if tree is None:
        return (Problem(path, message("tree.empty")),)
    problems = [problem for at, node in walk(tree, path) for problem in _of_node(at, node)]
    if not problems and not _Possible().ask(tree, Window()):
        problems.append(Problem(path, message("tree.impossible")))
    return tuple(problems)


def _of_node(path: str, node: Node) -> Iterator[Problem]:
    if isinstance(node, Course) and node.not_before and node.not_after:
        if node.not_before > node.not_after:
            yield Problem(
                path,
                message("tree.dates_crossed", first=node.not_before, last=node.not_after),
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
            yield Problem(
                path, message("tree.too_few_credits", needed=node.minimum, worth=worth)
            )


@dataclass(slots=True)
class _Possible:
    """
    Whether facts are thinkable that meet a node, all of them in one span of time.

    What can contradict in a tree are the days between which courses have to be passed and the
    windows of groups around them; everything else is thinkable. A window that works can be moved
    on until it begins with the last day that one of the courses allows, so only those are tried.
    Answers are kept, since nested windows ask the same again.
    """

    _answers: dict[tuple[int, Window], bool] = field(default_factory=dict)

    def ask(self, node: Node, window: Window) -> bool:
        asked = (id(node), window)
        if asked not in self._answers:
            self._answers[asked] = self._answer(node, window)
        return self._answers[asked]

    def _answer(self, node: Node, window: Window) -> bool:
        if not isinstance(node, Group):
            return not isinstance(node, Course) or _overlaps(node, window)
        if node.within_months is None:
            return self._enough(node, window)
        return any(
            self._enough(node, months_from(start, node.within_months) & window)
            for start in _last_days(node, window)
        )

    def _enough(self, node: Group, window: Window) -> bool:
        possible = [child for child in node.of if self.ask(child, window)]
        if isinstance(node, Credits):
            worth = sum((child.credits or Decimal(0) for child in possible), Decimal(0))
            return worth >= node.minimum
        return len(possible) >= node.needed


def _overlaps(course: Course, window: Window) -> bool:
    first = first_instant(course.not_before) if course.not_before else BEGINNING
    last = last_instant(course.not_after) if course.not_after else END
    return max(first, window.start) <= min(last, window.end)


def _last_days(node: Group, window: Window) -> Iterable[datetime]:
    ends = {window.end}
    for _path, below in walk(node):
        if isinstance(below, Course) and below.not_after:
            ends.add(min(last_instant(below.not_after), window.end))
    return sorted(ends)
