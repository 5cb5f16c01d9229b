"""Where in a tree a requirement goes that both sides have agreed on. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from microcred_plugin.authoring.subjects import Subject, subjects_of
from microcred_plugin.evaluation.requirements import (
    AllOf,
    Assessment,
    Completion,
    Course,
    Group,
    Node,
    Tree,
    child_path,
    walk,
)

ROOT = "requirements"


@dataclass(frozen=True, slots=True)
class Place:
    """
    A node that can take it in: a group, as one more requirement; or a requirement over other runs
    of the same course, as another run of which any will do.
    """

    path: str
    node: Node

    @property
    def is_group(self) -> bool:
        return isinstance(self.node, Group)

    @property
    def depth(self) -> int:
        return self.path.count(".of[")


def names(tree: Tree, subject: Subject) -> bool:
    """Whether the tree names this already, itself or, of a run, by its course."""
    return any(
        found in subject.covering for _path, node in walk(tree) for found in subjects_of(node)
    )


def places(tree: Tree, node: Node) -> list[Place]:
    """Every place that there is for it, the one that is taken if nobody chooses first."""
    over = [
        Place(path, found) for path, found in walk(tree, ROOT) if _is_over_other_runs(found, node)
    ]
    groups = [Place(path, found) for path, found in walk(tree, ROOT) if isinstance(found, Group)]
    return [*over, *groups]


def put(tree: Tree, node: Node, path: str = "") -> Tree:
    """
    The tree with this requirement in it, at one of its `places`; raises KeyError for another path.

    A tree that is a single requirement becomes a group that asks for both.
    """
    found = places(tree, node)
    if path:
        place = {one.path: one for one in found}[path]
    elif found:
        place = found[0]
    else:
        return AllOf(of=(node,) if tree is None else (tree, node))
    assert tree is not None
    return _changed(tree, ROOT, place.path, lambda there: _with(there, node))


def _with(there: Node, node: Node) -> Node:
    if isinstance(there, Group):
        return replace(there, of=(*there.of, node))
    assert isinstance(there, (Course, Assessment, Completion))
    assert isinstance(node, (Course, Assessment, Completion))
    return replace(there, runs=(*there.runs, *node.runs))


def _changed(node: Node, path: str, at: str, change: Callable[[Node], Node]) -> Node:
    if path == at:
        return change(node)
    if not isinstance(node, Group):
        return node
    children = tuple(
        _changed(child, child_path(path, position), at, change)
        for position, child in enumerate(node.of)
    )
    return replace(node, of=children)


def _is_over_other_runs(there: Node, node: Node) -> bool:
    """Whether both ask the same kind of thing of runs of one course."""
    if type(there) is not type(node) or not isinstance(node, (Course, Assessment, Completion)):
        return False
    assert isinstance(there, (Course, Assessment, Completion))
    if isinstance(node, Assessment) and node.block != getattr(there, "block", None):
        return False
    wanted = set(_courses(node))
    return bool(there.runs and node.runs and wanted) and set(_courses(there)) == wanted


def _courses(node: Node) -> Iterator[Subject]:
    for subject in subjects_of(node):
        if subject.course is not None:
            yield subject.course
