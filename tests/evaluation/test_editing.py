"""Changes to trees: what each gives, what it refuses, and what holds for all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microcred_plugin.evaluation import editing
from microcred_plugin.evaluation.editing import Edited, EditRefused, node_at
from microcred_plugin.evaluation.requirements import (
    MAX_DEPTH,
    MAX_NODES,
    AllOf,
    AnyOf,
    AtLeast,
    Credits,
    Grant,
    Group,
    Node,
    Tree,
    read_tree,
    walk,
    write_tree,
)
from tests import strategies as my

ROOT = "requirements"
A, B, C, D = (Grant(key=key) for key in "abcd")


def shape(tree: Tree) -> Any:
    """A tree as short as it can be written: keys, and groups as lists after their kinds."""
    if isinstance(tree, Group):
        return [tree.kind, *(shape(node) for node in tree.of)]
    return tree.key if isinstance(tree, Grant) else tree


def all_of(*nodes: Node) -> AllOf:
    return AllOf(of=nodes)


def any_of(*nodes: Node) -> AnyOf:
    return AnyOf(of=nodes)


TREE = all_of(A, any_of(B, C), D)
FIRST, GROUP, LAST = (f"{ROOT}.of[{position}]" for position in range(3))


def refused(change: Callable[[], Edited]) -> tuple[str, str]:
    """The path and the key of a refusal."""
    with pytest.raises(EditRefused) as caught:
        change()
    return caught.value.problem.path, caught.value.problem.message.key


# --- adding, replacing, removing -----------------------------------------------------------------


def test_first_requirement_is_the_whole_tree() -> None:
    assert editing.add(None, ROOT, A) == Edited(A, ROOT, {})


def test_second_requirement_makes_a_group_of_both() -> None:
    added = editing.add(A, ROOT, B)
    assert shape(added.tree) == ["all_of", "a", "b"]
    assert (added.path, added.places) == (GROUP, {ROOT: FIRST})


@pytest.mark.parametrize(
    ("position", "expected", "path"),
    [
        (None, ["all_of", "a", ["any_of", "b", "c", "d"], "d"], f"{GROUP}.of[2]"),
        (0, ["all_of", "a", ["any_of", "d", "b", "c"], "d"], f"{GROUP}.of[0]"),
        (99, ["all_of", "a", ["any_of", "b", "c", "d"], "d"], f"{GROUP}.of[2]"),
    ],
)
def test_requirement_is_added_to_a_group(position: int | None, expected: Any, path: str) -> None:
    added = editing.add(TREE, GROUP, D, position=position)
    assert shape(added.tree) == expected
    assert added.path == path


def test_group_is_added_with_what_is_in_it() -> None:
    assert shape(editing.add(TREE, ROOT, any_of(A, B)).tree)[-1] == ["any_of", "a", "b"]


def test_only_a_group_is_added_to() -> None:
    assert refused(lambda: editing.add(TREE, FIRST, D)) == (FIRST, "edit.not_a_group")


def test_changed_group_keeps_what_is_in_it() -> None:
    changed = editing.change(TREE, GROUP, AtLeast(n=2, title="Two"))
    assert node_at(changed.tree, GROUP) == AtLeast(n=2, title="Two", of=(B, C))
    assert changed.path == GROUP


def test_changed_requirement_leaves_the_others_as_they_are() -> None:
    changed = editing.change(TREE, FIRST, replace(D, title="New"))
    assert changed.tree == all_of(replace(D, title="New"), any_of(B, C), D)


@pytest.mark.parametrize(
    ("path", "expected", "near"),
    [
        (FIRST, ["all_of", ["any_of", "b", "c"], "d"], FIRST),
        (LAST, ["all_of", "a", ["any_of", "b", "c"]], GROUP),
        (GROUP, ["all_of", "a", "d"], GROUP),
        (f"{GROUP}.of[0]", ["all_of", "a", ["any_of", "c"], "d"], f"{GROUP}.of[0]"),
        (ROOT, None, ""),
    ],
)
def test_removed_requirement_leaves_its_neighbour_to_be_looked_at(
    path: str, expected: Any, near: str
) -> None:
    removed = editing.remove(TREE, path)
    assert shape(removed.tree) == expected
    assert removed.path == near
    assert path not in removed.places


def test_group_that_loses_its_last_requirement_stays() -> None:
    removed = editing.remove(all_of(A), FIRST)
    assert (shape(removed.tree), removed.path) == (["all_of"], ROOT)


# --- groups --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paths", "expected", "path"),
    [
        ([ROOT], ["any_of", ["all_of", "a", ["any_of", "b", "c"], "d"]], ROOT),
        ([FIRST], ["all_of", ["any_of", "a"], ["any_of", "b", "c"], "d"], FIRST),
        ([LAST, FIRST], ["all_of", ["any_of", "a", "d"], ["any_of", "b", "c"]], FIRST),
        (
            [f"{GROUP}.of[1]", LAST],
            ["all_of", "a", ["any_of", "b", ["any_of", "c", "d"]]],
            f"{GROUP}.of[1]",
        ),
        (
            [f"{GROUP}.of[1]", GROUP, LAST],
            ["all_of", "a", ["any_of", ["any_of", "b", "c"], "d"]],
            GROUP,
        ),
    ],
)
def test_requirements_go_into_a_group_at_the_place_of_the_first(
    paths: list[str], expected: Any, path: str
) -> None:
    wrapped = editing.wrap(TREE, paths, AnyOf())
    assert shape(wrapped.tree) == expected
    assert wrapped.path == path


def test_nothing_makes_no_group() -> None:
    assert refused(lambda: editing.wrap(TREE, [], AnyOf())) == ("", "edit.no_such_node")


@pytest.mark.parametrize(
    ("tree", "path", "expected", "first"),
    [
        (TREE, GROUP, ["all_of", "a", "b", "c", "d"], GROUP),
        (all_of(A, any_of()), GROUP, ["all_of", "a"], ROOT),
        (all_of(A), ROOT, "a", ROOT),
        (all_of(), ROOT, None, ""),
    ],
)
def test_what_is_in_a_group_takes_its_place(
    tree: Tree, path: str, expected: Any, first: str
) -> None:
    undone = editing.ungroup(tree, path)
    assert (shape(undone.tree), undone.path) == (expected, first)


def test_outermost_group_of_several_stays() -> None:
    assert refused(lambda: editing.ungroup(TREE, ROOT)) == (ROOT, "edit.many_at_the_top")


@pytest.mark.parametrize(
    ("group", "kind", "expected"),
    [
        (AllOf(of=(A, B), title="T", within_months=3), "any_of", AnyOf),
        (AllOf(of=(A, B)), "at_least", {"n": 2}),
        (AllOf(), "at_least", {"n": 1}),
        (AnyOf(of=(A, B)), "at_least", {"n": 1}),
        (AtLeast(n=2, of=(A, B)), "at_least", {"n": 2}),
        (AllOf(of=(replace(A, credits=Decimal("2.5")), B)), "credits", {"minimum": Decimal("2.5")}),
        (AllOf(of=(A, B)), "credits", {"minimum": 1}),
        (Credits(minimum=Decimal(4), of=(A,)), "credits", {"minimum": 4}),
    ],
)
def test_group_of_another_kind_asks_for_about_as_much(
    group: Group, kind: str, expected: Any
) -> None:
    changed = editing.as_kind(group, kind)
    assert changed.kind == kind
    assert (changed.of, changed.title, changed.within_months, changed.credits) == (
        group.of, group.title, group.within_months, group.credits,
    )  # fmt: skip
    if isinstance(expected, dict):
        assert {name: getattr(changed, name) for name in expected} == expected


# --- moving --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "path", "expected", "now"),
    [
        (editing.move_up, LAST, ["all_of", "a", "d", ["any_of", "b", "c"]], GROUP),
        (editing.move_down, FIRST, ["all_of", ["any_of", "b", "c"], "a", "d"], GROUP),
        (editing.move_in, LAST, ["all_of", "a", ["any_of", "b", "c", "d"]], f"{GROUP}.of[2]"),
        (editing.move_out, f"{GROUP}.of[0]", ["all_of", "a", ["any_of", "c"], "b", "d"], LAST),
    ],
)
def test_moved_by_a_step(
    change: Callable[[Tree, str], Edited], path: str, expected: Any, now: str
) -> None:
    moved = change(TREE, path)
    assert shape(moved.tree) == expected
    assert (moved.path, moved.places[path]) == (now, now)


@pytest.mark.parametrize(
    ("change", "path", "key"),
    [
        (editing.move_up, FIRST, "edit.first_already"),
        (editing.move_down, LAST, "edit.last_already"),
        (editing.move_in, FIRST, "edit.no_group_before"),
        (editing.move_in, GROUP, "edit.no_group_before"),
        (editing.move_out, FIRST, "edit.outermost_already"),
        *(
            (change, ROOT, "edit.outermost_already")
            for change in (editing.move_up, editing.move_down, editing.move_in, editing.move_out)
        ),
        (editing.move_up, f"{ROOT}.of[9]", "edit.no_such_node"),
    ],
)
def test_step_that_leads_nowhere_is_refused(
    change: Callable[[Tree, str], Edited], path: str, key: str
) -> None:
    assert refused(lambda: change(TREE, path)) == (path, key)


@pytest.mark.parametrize(
    ("path", "group", "position", "expected"),
    [
        (FIRST, GROUP, 1, ["all_of", ["any_of", "b", "a", "c"], "d"]),
        (f"{GROUP}.of[1]", ROOT, 0, ["all_of", "c", "a", ["any_of", "b"], "d"]),
        (FIRST, ROOT, 2, ["all_of", ["any_of", "b", "c"], "a", "d"]),
        (FIRST, ROOT, 0, ["all_of", "a", ["any_of", "b", "c"], "d"]),
        (FIRST, ROOT, 1, ["all_of", "a", ["any_of", "b", "c"], "d"]),
        (LAST, ROOT, 99, ["all_of", "a", ["any_of", "b", "c"], "d"]),
    ],
)
def test_moved_to_before_what_is_there_now(
    path: str, group: str, position: int, expected: Any
) -> None:
    assert shape(editing.move(TREE, path, group, position).tree) == expected


def test_group_does_not_go_into_itself() -> None:
    tree = all_of(any_of(all_of(A)))
    inner = f"{FIRST}.of[0]"
    assert refused(lambda: editing.move(tree, FIRST, inner, 0)) == (FIRST, "edit.into_itself")
    assert refused(lambda: editing.move(tree, FIRST, FIRST, 0)) == (FIRST, "edit.into_itself")
    assert refused(lambda: editing.move(TREE, LAST, FIRST, 0)) == (FIRST, "edit.not_a_group")


# --- bounds --------------------------------------------------------------------------------------


def test_no_more_requirements_than_there_may_be() -> None:
    full = AllOf(of=(A,) * (MAX_NODES - 1))
    assert refused(lambda: editing.add(full, ROOT, B)) == (ROOT, "tree.too_many_nodes")
    assert refused(lambda: editing.wrap(full, [FIRST], AllOf())) == (FIRST, "tree.too_many_nodes")


def test_no_deeper_than_groups_may_be() -> None:
    deep: Node = AllOf()
    for _level in range(MAX_DEPTH - 2):
        deep = all_of(deep)
    tree = all_of(any_of(), deep)
    assert refused(lambda: editing.move_in(tree, GROUP)) == (GROUP, "tree.too_deep")
    assert refused(lambda: editing.wrap(tree, [GROUP], AllOf())) == (GROUP, "tree.too_deep")
    bottom = GROUP + ".of[0]" * (MAX_DEPTH - 2)
    assert refused(lambda: editing.add(tree, bottom, A)) == (bottom, "tree.too_deep")


# --- laws ----------------------------------------------------------------------------------------


BACK_AND_FORTH = [(editing.move_up, editing.move_down), (editing.move_in, editing.move_out)]


def leaves_of(tree: Tree) -> Counter[Node]:
    return Counter(node for _path, node in walk(tree) if not isinstance(node, Group))


def groups_of(tree: Tree) -> Counter[Node]:
    return Counter(replace(node, of=()) for _path, node in walk(tree) if isinstance(node, Group))


def paths_of(tree: Tree) -> list[str]:
    return [path for path, _node in walk(tree)]


def own(node: Node) -> Node:
    """A node without what is in it."""
    return replace(node, of=()) if isinstance(node, Group) else node


def check_places(tree: Tree, edited: Edited) -> None:
    """Every place names what the node says of itself; no two nodes have the same."""
    now, before = dict(walk(edited.tree)), dict(walk(tree))
    assert len(set(edited.places.values())) == len(edited.places)
    assert edited.places.keys() <= before.keys()
    for path, place in edited.places.items():
        assert own(now[place]) == own(before[path])


@given(data=st.data(), tree=my.trees(largest=10))
def test_moving_changes_nothing_but_places(data: st.DataObject, tree: Node) -> None:
    path = data.draw(st.sampled_from(paths_of(tree)))
    group = data.draw(st.sampled_from(paths_of(tree)))
    position = data.draw(st.integers(0, 5))
    try:
        moved = editing.move(tree, path, group, position)
    except EditRefused:
        is_inside = group == path or group.startswith(f"{path}.")
        assert is_inside or not isinstance(node_at(tree, group), Group)
        return
    assert leaves_of(moved.tree) == leaves_of(tree)
    assert groups_of(moved.tree) == groups_of(tree)
    assert len(moved.places) == len(paths_of(tree))
    assert node_at(moved.tree, moved.path) == node_at(tree, path)
    check_places(tree, moved)


@given(data=st.data(), tree=my.groups(my.trees(), smallest=2))
def test_down_undoes_up_and_out_undoes_in(data: st.DataObject, tree: Group) -> None:
    moves = []
    for path in paths_of(tree):
        for there, back in BACK_AND_FORTH:
            with suppress(EditRefused):
                moves.append((there(tree, path), back))
    moved, back = data.draw(st.sampled_from(moves))
    assert back(moved.tree, moved.path).tree == tree


@given(data=st.data(), tree=my.trees(largest=10), group=st.sampled_from([AllOf(), AtLeast(n=3)]))
def test_ungrouping_undoes_grouping(data: st.DataObject, tree: Node, group: Group) -> None:
    """Of one node, or of several that stand one behind the other."""
    path = data.draw(st.sampled_from(paths_of(tree)))
    node = node_at(tree, path)
    chosen = [path]
    if isinstance(node, Group) and node.of:
        count = data.draw(st.integers(1, len(node.of)))
        chosen = [f"{path}.of[{position}]" for position in range(count)]
    wrapped = editing.wrap(tree, data.draw(st.permutations(chosen)), group)
    assert leaves_of(wrapped.tree) == leaves_of(tree)
    check_places(tree, wrapped)
    undone = editing.ungroup(wrapped.tree, wrapped.path)
    assert undone.tree == tree
    assert undone.path == chosen[0]


@given(data=st.data(), tree=my.groups(my.trees()), node=my.leaves())
def test_removing_undoes_adding(data: st.DataObject, tree: Node, node: Node) -> None:
    groups = [path for path, each in walk(tree) if isinstance(each, Group)]
    path = data.draw(st.sampled_from(groups))
    added = editing.add(tree, path, node, position=data.draw(st.none() | st.integers(0, 4)))
    assert node_at(added.tree, added.path) == node
    assert leaves_of(added.tree) == leaves_of(tree) + Counter([node])
    check_places(tree, added)
    removed = editing.remove(added.tree, added.path)
    assert removed.tree == tree
    assert added.path not in removed.places
    check_places(added.tree, removed)


@given(data=st.data(), tree=my.groups(my.trees()))
def test_kind_of_a_group_is_all_that_changes(data: st.DataObject, tree: Node) -> None:
    groups = [path for path, each in walk(tree) if isinstance(each, Group)]
    path = data.draw(st.sampled_from(groups))
    before = node_at(tree, path)
    assert isinstance(before, Group)
    kind = data.draw(st.sampled_from(["all_of", "any_of", "at_least", "credits"]))
    changed = editing.change(tree, path, editing.as_kind(before, kind))
    assert leaves_of(changed.tree) == leaves_of(tree)
    assert paths_of(changed.tree) == paths_of(tree)
    back = editing.change(changed.tree, path, before)
    assert back.tree == tree


@given(data=st.data(), tree=my.trees(largest=10))
def test_whatever_comes_out_can_be_read_back(data: st.DataObject, tree: Node) -> None:
    """A few changes, one after the other, each of a node that is there."""
    now: Tree = tree
    for _step in range(data.draw(st.integers(1, 5))):
        paths = paths_of(now) or [ROOT]
        path, other = data.draw(st.sampled_from(paths)), data.draw(st.sampled_from(paths))
        change = data.draw(
            st.sampled_from(
                [
                    lambda tree, path, other: editing.add(tree, path, A),
                    lambda tree, path, other: editing.change(tree, path, B),
                    lambda tree, path, other: editing.remove(tree, path),
                    lambda tree, path, other: editing.wrap(tree, [path, other], AnyOf()),
                    lambda tree, path, other: editing.ungroup(tree, path),
                    lambda tree, path, other: editing.move(tree, path, other, 1),
                    lambda tree, path, other: editing.move_in(tree, path),
                    lambda tree, path, other: editing.move_out(tree, path),
                ]
            )
        )
        try:
            edited = change(now, path, other)
        except EditRefused:
            continue
        now = edited.tree
        assert read_tree(write_tree(now)) == now
        assert edited.path in {"", *paths_of(now)}
        assert (edited.path == "") == (now is None)
