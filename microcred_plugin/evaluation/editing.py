"""
Changes to a requirement tree: add, replace, remove, group, move. Each gives a new tree.

A node is named by its path, such as `requirements.of[2].of[0]`; the first word of it is the tree's
own name. What can't be done raises `EditRefused`, and there is no new tree then. A tree that was
within the bounds of `requirements.py` stays within them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from microcred_plugin.evaluation.message import Param, message
from microcred_plugin.evaluation.requirements import (
    KINDS,
    MAX_DEPTH,
    MAX_NODES,
    AllOf,
    AtLeast,
    Credits,
    Group,
    Node,
    Problem,
    Tree,
    child_path,
    walk,
)


@dataclass(frozen=True, slots=True)
class Edited:
    """
    A tree after a change.

    `path` is where the node is that the change was about; after a removal, the one nearest to it,
    or "" if there is none. `places` has for each node of the tree before the path that it has now.
    """

    tree: Tree
    path: str
    places: Mapping[str, str]


class EditRefused(ValueError):
    """A change that can't be made, and why."""

    def __init__(self, path: str, key: str, **params: Param) -> None:
        self.problem = Problem(path, message(key, **params))
        super().__init__(f"{path}: {key}")


def node_at(tree: Tree, path: str) -> Node:
    """The node with this path."""
    for at, node in walk(tree, name_of(path)):
        if at == path:
            return node
    raise EditRefused(path, "edit.no_such_node")


def name_of(path: str) -> str:
    """The name of the tree that a path is in, which is the path of its outermost node."""
    return path.partition(".")[0]


# --- adding, replacing, removing -----------------------------------------------------------------


def add(tree: Tree, path: str, node: Node, *, position: int | None = None) -> Edited:
    """
    Put a node into the group at `path`, at its end or before what is at `position`.

    In an empty tree it becomes the tree. A tree that is a single requirement becomes an all_of of
    this one and the new one.
    """
    board = _Board(tree, name_of(path))
    new = _taken_apart(node)
    if tree is None and path == board.name:
        board.root = new
        return board.put_together(new)
    group = board.at(path)
    if not group.is_group and group is board.root:
        group = board.wrap([group], AllOf())
    _check_group(group, path)
    group.put_in(new, position)
    return board.put_together(new, path)


def change(tree: Tree, path: str, node: Node) -> Edited:
    """Replace what a node says of itself. A group that stays one keeps what is in it."""
    board = _Board(tree, name_of(path))
    twig = board.at(path)
    twig.node = node
    if not twig.is_group:
        twig.of = []
    return board.put_together(twig, path)


def remove(tree: Tree, path: str) -> Edited:
    """Take a node out, with what is in it. A group that is empty then stays."""
    board = _Board(tree, name_of(path))
    twig = board.at(path)
    if twig.group is None:
        board.root = None
        return board.put_together(None)
    group, position = twig.group, twig.position
    twig.take_out()
    near = group.of[min(position, len(group.of) - 1)] if group.of else group
    return board.put_together(near)


# --- groups --------------------------------------------------------------------------------------


def wrap(tree: Tree, paths: Collection[str], group: Group) -> Edited:
    """
    Put nodes into a new group, which takes the place of the first of them.

    They may come from several groups. One that is inside another of them goes along with that.
    """
    first = next(iter(paths), "")
    board = _Board(tree, name_of(first))
    chosen = [board.at(path) for path in paths]
    highest = [twig for twig in chosen if not any(above in chosen for above in twig.above())]
    ordered = [twig for twig in board.twigs() if twig in highest]
    if not ordered:
        raise EditRefused(first, "edit.no_such_node")
    return board.put_together(board.wrap(ordered, group), first)


def ungroup(tree: Tree, path: str) -> Edited:
    """
    Put what is in a group into its place. The outermost can go only if there is one node in it.

    The change is about the first node that was in it.
    """
    board = _Board(tree, name_of(path))
    twig = board.at(path)
    _check_group(twig, path)
    if twig.group is not None:
        group, position = twig.group, twig.position
        twig.take_out()
        for offset, inner in enumerate(list(twig.of)):
            inner.take_out()
            group.put_in(inner, position + offset)
            if offset == 0:
                twig = inner
        return board.put_together(twig if twig.group else group)
    if len(twig.of) > 1:
        raise EditRefused(path, "edit.many_at_the_top")
    board.root = twig.of[0] if twig.of else None
    if board.root is not None:
        board.root.take_out()
    return board.put_together(board.root)


def as_kind(group: Group, kind: str, *, n: int | None = None) -> Group:
    """
    The group as one of another kind, which asks for about as much as before.

    `n` is how many an at_least asks for; by default as many as were needed.
    """
    common: dict[str, Any] = {
        "title": group.title, "credits": group.credits, "of": group.of,
        "within_months": group.within_months,
    }  # fmt: skip
    if kind == AtLeast.kind:
        return AtLeast(**common, n=n if n is not None else min(max(1, group.needed), MAX_NODES))
    if kind == Credits.kind:
        worth = sum((node.credits or Decimal(0) for node in group.of), Decimal(0))
        minimum = group.minimum if isinstance(group, Credits) else min(worth, Decimal(10_000))
        return Credits(**common, minimum=minimum or Decimal(1))
    made = KINDS[kind](**common)
    assert isinstance(made, Group)
    return made


# --- moving --------------------------------------------------------------------------------------


def move(tree: Tree, path: str, group_path: str, position: int) -> Edited:
    """Move a node into a group, before what is at `position` there now; a high one is its end."""
    board = _Board(tree, name_of(path))
    twig, group = board.at(path), board.at(group_path)
    if group is twig or twig in group.above():
        raise EditRefused(path, "edit.into_itself")
    _check_group(group, group_path)
    if twig.group is group and twig.position < position:
        position -= 1
    twig.take_out()
    group.put_in(twig, position)
    return board.put_together(twig, path)


def move_up(tree: Tree, path: str) -> Edited:
    """Change places with the node before it in the same group."""
    group, position = _place(tree, path)
    if position == 0:
        raise EditRefused(path, "edit.first_already")
    return move(tree, path, group, position - 1)


def move_down(tree: Tree, path: str) -> Edited:
    """Change places with the node behind it in the same group."""
    group, position = _place(tree, path)
    parent = node_at(tree, group)
    assert isinstance(parent, Group)
    if position == len(parent.of) - 1:
        raise EditRefused(path, "edit.last_already")
    return move(tree, path, group, position + 2)


def move_in(tree: Tree, path: str) -> Edited:
    """Move it to the end of the group that stands right before it."""
    group, position = _place(tree, path)
    before = child_path(group, position - 1)
    if position == 0 or not isinstance(node_at(tree, before), Group):
        raise EditRefused(path, "edit.no_group_before")
    return move(tree, path, before, MAX_NODES)


def move_out(tree: Tree, path: str) -> Edited:
    """Move it out of its group, to right behind that."""
    group, _position = _place(tree, path)
    if group == name_of(path):
        raise EditRefused(path, "edit.outermost_already")
    outer, position = _place(tree, group)
    return move(tree, path, outer, position + 1)


def _place(tree: Tree, path: str) -> tuple[str, int]:
    """The path of the group that a node is in, and its position there."""
    node_at(tree, path)
    group, bracket, position = path.rpartition(".of[")
    if not bracket:
        raise EditRefused(path, "edit.outermost_already")
    return group, int(position.removesuffix("]"))


# --- a tree in pieces ----------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class _Twig:
    """A node while it is moved about; `was` is its path before, if it had one."""

    node: Node
    was: str = ""
    group: _Twig | None = None
    of: list[_Twig] = field(default_factory=list)

    @property
    def is_group(self) -> bool:
        return isinstance(self.node, Group)

    @property
    def position(self) -> int:
        assert self.group is not None
        return self.group.of.index(self)

    def above(self) -> Iterator[_Twig]:
        """The groups that it is in, the nearest first."""
        group = self.group
        while group is not None:
            yield group
            group = group.group

    def take_out(self) -> None:
        if self.group is not None:
            self.group.of.remove(self)
            self.group = None

    def put_in(self, twig: _Twig, position: int | None) -> None:
        twig.group = self
        self.of.insert(len(self.of) if position is None else max(0, position), twig)


def _taken_apart(node: Node, path: str = "") -> _Twig:
    """The twigs of a node; those of a new one have no path."""
    twig = _Twig(node, path)
    if isinstance(node, Group):
        for position, child in enumerate(node.of):
            twig.put_in(_taken_apart(child, child_path(path, position) if path else ""), None)
    return twig


class _Board:
    """A tree in pieces, to be put together again."""

    def __init__(self, tree: Tree, name: str) -> None:
        self.name = name
        self.root = None if tree is None else _taken_apart(tree, name)
        self._by_path = {twig.was: twig for twig in self.twigs()}

    def at(self, path: str) -> _Twig:
        if path not in self._by_path:
            raise EditRefused(path, "edit.no_such_node")
        return self._by_path[path]

    def twigs(self) -> Iterator[_Twig]:
        """All of them, a group before what is in it."""
        return _below(self.root) if self.root is not None else iter(())

    def wrap(self, twigs: list[_Twig], group: Group) -> _Twig:
        """Put them into a new group, at the place of the first."""
        wrapper, first = _Twig(group), twigs[0]
        if first.group is None:
            self.root = wrapper
        else:
            first.group.put_in(wrapper, first.position)
        for twig in twigs:
            twig.take_out()
            wrapper.put_in(twig, None)
        return wrapper

    def put_together(self, about: _Twig | None, path: str = "") -> Edited:
        """The tree, with the twig that the change was about. A refusal is about `path`."""
        path = path or self.name
        if sum(1 for _twig in self.twigs()) > MAX_NODES:
            raise EditRefused(path, "tree.too_many_nodes", most=MAX_NODES)
        if any(len(list(twig.above())) >= MAX_DEPTH for twig in self.twigs()):
            raise EditRefused(path, "tree.too_deep", most=MAX_DEPTH)
        if self.root is None:
            return Edited(None, "", {})
        now = dict(_paths(self.root, self.name))
        return Edited(
            tree=_whole(self.root),
            path=now[about] if about is not None else "",
            places={twig.was: at for twig, at in now.items() if twig.was},
        )


def _check_group(twig: _Twig, path: str) -> None:
    if not twig.is_group:
        raise EditRefused(path, "edit.not_a_group")


def _below(twig: _Twig) -> Iterator[_Twig]:
    yield twig
    for inner in twig.of:
        yield from _below(inner)


def _paths(twig: _Twig, path: str) -> Iterator[tuple[_Twig, str]]:
    yield twig, path
    for position, inner in enumerate(twig.of):
        yield from _paths(inner, child_path(path, position))


def _whole(twig: _Twig) -> Node:
    if not isinstance(twig.node, Group):
        return twig.node
    return replace(twig.node, of=tuple(_whole(inner) for inner in twig.of))
