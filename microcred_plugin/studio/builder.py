"""
The builder of a requirement tree: one part of a form, whose whole state is in the form.

The tree that is not saved yet travels as JSON in the field `<prefix>`, beside it the one form that
may be open. Every button posts all of it with `op`, such as `requirements:up:requirements.of[1]`;
`read` makes a state of what came, `apply` does what the button says. Nothing is kept between two
requests, so that it works without scripts, in two windows, and after the server was restarted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from microcred_plugin import wording
from microcred_plugin.definitions.api import Fault
from microcred_plugin.evaluation import editing
from microcred_plugin.evaluation.editing import Edited, EditRefused, as_kind, node_at
from microcred_plugin.evaluation.requirements import (
    MAX_NODES,
    AllOf,
    AtLeast,
    Credits,
    Group,
    InvalidTree,
    Node,
    Problem,
    Tree,
    child_path,
    read_tree,
    walk,
    write_tree,
)
from microcred_plugin.studio.node_forms import (
    GROUPS,
    LEAVES,
    Posted,
    Refused,
    Values,
    node_from,
    read_values,
    values_of,
    whole,
)


@dataclass(frozen=True, slots=True)
class Opened:
    """
    The form that is open: of the node at `path`, or of a new one that goes into the group there.

    Without a kind it is the choice of one. `search` is what was typed to find a course or a
    microcredential by.
    """

    path: str
    kind: str = ""
    is_new: bool = False
    values: Values = field(default_factory=dict)
    search: str = ""
    errors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """What an operation did, and to which node; or why it could not be done."""

    key: str = ""
    node: Node | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Focus:
    """The part of the builder that comes next: a control of the node at `path`, or of the form."""

    path: str = ""
    control: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuilderState:
    """
    A tree that is being written.

    `before` is the tree, as JSON, that "undo" goes back to, and "" where there is none; `came` is
    the one that came from the browser. `typed` is what stands in a group's line and is wrong, each
    with its error, by `<path>:<field>`. A tree that can't be read stays as it came, in
    `unreadable`. `is_settled`: it is to be saved now.
    """

    prefix: str
    tree: Tree = None
    before: str = ""
    came: str = "null"
    unreadable: str = ""
    opened: Opened | None = None
    typed: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    chosen: tuple[str, ...] = ()
    is_settled: bool = False
    said: Said = field(default_factory=Said)
    focus: Focus = field(default_factory=Focus)

    @property
    def data(self) -> Any:
        """The tree as a draft keeps it."""
        return write_tree(self.tree)

    @property
    def faults(self) -> list[Fault]:
        """What is wrong in what was typed; nothing may be saved as long as there is any."""
        found = [Fault(path.replace(":", "."), error) for path, (_t, error) in self.typed.items()]
        if self.opened is not None:
            found += [
                Fault(f"{self.opened.path}.{name}", sentence)
                for name, sentences in self.opened.errors.items()
                for sentence in sentences
            ]
        if self.unreadable:
            found.append(Fault(self.prefix, self.unread))
        return found

    @property
    def unread(self) -> str:
        return _(
            "What this page sent for the requirements can't be read. Nothing of it was saved; "
            "go back, reload the page, and try again."
        )


@dataclass(frozen=True, slots=True)
class Operation:
    """What a button asks for: `<prefix>:<name>:<path>`, and perhaps `:<argument>`."""

    prefix: str
    name: str
    path: str
    argument: str = ""


def parse(op: str, prefix: str) -> Operation | None:
    """The operation that `op` asks of the builder with this prefix; None if it is for another."""
    parts = op.split(":", 3)
    if len(parts) < 3 or parts[0] != prefix:
        return None
    return Operation(*parts)


def text_of(tree: Tree) -> str:
    """A tree as the field of the form has it."""
    return json.dumps(write_tree(tree), ensure_ascii=False, separators=(",", ":"))


# --- from the draft and from the browser ---------------------------------------------------------


def start(prefix: str, tree: Tree) -> BuilderState:
    """The builder as it is before anybody has done anything."""
    return BuilderState(prefix=prefix, tree=tree, came=text_of(tree))


def read(posted: Posted, prefix: str) -> BuilderState:
    """What a browser sent, with everything that was typed, right or wrong."""
    text = str(posted.get(prefix, "") or "")
    try:
        tree = read_tree(json.loads(text or "null"), path=prefix)
    except (ValueError, RecursionError):
        return BuilderState(prefix=prefix, unreadable=text)
    state = BuilderState(
        prefix=prefix,
        tree=tree,
        came=text_of(tree),
        before=_readable(str(posted.get(f"{prefix}-before", "") or ""), prefix),
        opened=_opened(posted, prefix, tree),
        chosen=tuple(map(str, posted.getlist(f"{prefix}-chosen"))),
    )
    for path, node in walk(tree, prefix):
        if isinstance(node, Group):
            state = _with_line(state, posted, path, node)
    return state


def _readable(text: str, prefix: str) -> str:
    """The text of a tree, if it is one."""
    try:
        read_tree(json.loads(text), path=prefix)
    except (ValueError, RecursionError):
        return ""
    return text


def _opened(posted: Posted, prefix: str, tree: Tree) -> Opened | None:
    """The form that is open: `edit:<path>`, `add:<path>:<kind>` or `choose:<path>`."""
    what, _colon, rest = str(posted.get(f"{prefix}-open", "") or "").partition(":")
    path, _colon, kind = rest.partition(":")
    nodes = dict(walk(tree, prefix))
    if what == "edit" and path in nodes:
        kind = nodes[path].kind
    elif what == "choose" and (path in nodes or path == prefix):
        return Opened(path, is_new=True)
    elif what != "add" or kind not in LEAVES or not (path in nodes or path == prefix):
        return None
    return Opened(
        path,
        kind,
        is_new=what == "add",
        values=read_values(posted, prefix, kind),
        search=str(posted.get(f"{prefix}-search", "") or ""),
    )


def _with_line(state: BuilderState, posted: Posted, path: str, node: Group) -> BuilderState:
    """The state with what was chosen and typed in a group's own line."""
    changed: Group = node
    kind = posted.get(f"{path}:kind", "")
    if kind in GROUPS and kind != node.kind:
        changed = as_kind(node, kind)
    for name in ("n", "minimum"):
        typed = posted.get(f"{path}:{name}")
        if typed is None or not hasattr(node, name) or not hasattr(changed, name):
            continue
        text = str(typed).strip()
        value = whole(text) if name == "n" else text.replace(",", ".")
        try:
            given = read_tree({"kind": node.kind, name: value}, path=path)
        except InvalidTree as invalid:
            sentence = wording.sentence(invalid.problems[0].message, {})
            state = replace(state, typed={**state.typed, f"{path}:{name}": (text, sentence)})
        else:
            changed = replace(changed, **{name: getattr(given, name)})
    if changed == node:
        return state
    return replace(
        state,
        tree=editing.change(state.tree, path, changed).tree,
        said=Said("set", changed),
    )


# --- what buttons do -----------------------------------------------------------------------------


def apply(state: BuilderState, operation: Operation) -> BuilderState:
    """
    The state after an operation. One that can't be done leaves everything as it is, and says why.
    """
    if state.unreadable:
        return state
    try:
        if operation.name not in _OPERATIONS:
            raise EditRefused(operation.path, "edit.no_such_node")
        done = _OPERATIONS[operation.name](state, operation)
    except EditRefused as refused:
        focus = Focus(refused.problem.path, "node")
        done = replace(state, said=Said(problem=refused.problem), focus=focus)
    return done if text_of(done.tree) == state.came else replace(done, before=state.came)


def settle(state: BuilderState) -> BuilderState:
    """
    The state before it is saved: what is typed in the open form is taken over, if it is right.

    If it is not, the form stays open and `faults` has what is wrong. A form in which nothing was
    typed closes.
    """
    return replace(_with_form_taken_over(state), is_settled=True)


def _with_form_taken_over(state: BuilderState) -> BuilderState:
    opened = state.opened
    if opened is None:
        return state
    if not opened.kind or opened.values == _untouched(state, opened):
        return replace(state, opened=None)
    try:
        return _take_over(state, opened)
    except EditRefused as refused:
        errors = {"": (wording.sentence(refused.problem.message, {}),)}
        return replace(state, opened=replace(opened, errors=errors))


def _untouched(state: BuilderState, opened: Opened) -> Values:
    return {} if opened.is_new else values_of(node_at(state.tree, opened.path))


def _after(
    state: BuilderState, edited: Edited, key: str, node: Node | None, control: str
) -> BuilderState:
    """The state with another tree; whatever is open, chosen or typed goes along with its node."""
    places = edited.places
    typed = {}
    for name, value in state.typed.items():
        path, _colon, field_name = name.rpartition(":")
        if path in places:
            typed[f"{places[path]}:{field_name}"] = value
    return replace(
        state,
        tree=edited.tree,
        opened=_gone_along(state.opened, edited, state.prefix),
        typed=typed,
        chosen=tuple(places[path] for path in state.chosen if path in places),
        said=Said(key, node),
        focus=Focus(edited.path, control),
    )


def _gone_along(opened: Opened | None, edited: Edited, prefix: str) -> Opened | None:
    """The form that is open, at the place where its node is now; None if that is gone."""
    if opened is None:
        return None
    at = edited.places.get(opened.path, "")
    node = dict(walk(edited.tree, prefix)).get(at)
    if opened.is_new:
        # Where its group is gone, what was typed for it is not: it goes to the outermost one.
        return replace(opened, path=at if isinstance(node, Group) else prefix)
    if node is None or (node.kind != opened.kind and not {node.kind, opened.kind} <= set(GROUPS)):
        return None
    return replace(opened, path=at)


def _opening(
    do: Callable[[BuilderState, Operation], BuilderState],
) -> Callable[[BuilderState, Operation], BuilderState]:
    """An operation that opens a form: the one that is open has to be right, and is closed."""

    def done(state: BuilderState, operation: Operation) -> BuilderState:
        closed = _with_form_taken_over(state)
        if closed.opened is not None:
            return replace(closed, said=Said("still_open"), focus=Focus(control="form"))
        was_alone = state.tree is not None and not isinstance(state.tree, Group)
        if was_alone and isinstance(closed.tree, Group) and operation.name == "edit":
            # It shares a group now with the one whose form was open.
            operation = replace(operation, path=child_path(state.prefix, 0))
        return do(closed, operation)

    return done


def _add(state: BuilderState, operation: Operation) -> BuilderState:
    kind = operation.argument
    if kind in GROUPS:
        made = as_kind(AllOf(), kind)
        edited = editing.add(state.tree, operation.path, made)
        return _after(state, edited, "added", made, "node")
    if kind not in LEAVES:
        raise EditRefused(operation.path, "edit.no_such_node")
    opened = Opened(_group_for(state, operation.path), kind, is_new=True)
    return replace(state, opened=opened, focus=Focus(control="form"))


def _choose(state: BuilderState, operation: Operation) -> BuilderState:
    opened = Opened(_group_for(state, operation.path), is_new=True)
    return replace(state, opened=opened, focus=Focus(control="form"))


def _group_for(state: BuilderState, path: str) -> str:
    """The path, if something can be added there."""
    if state.tree is None or path == state.prefix:
        return state.prefix
    if not isinstance(node_at(state.tree, path), Group):
        raise EditRefused(path, "edit.not_a_group")
    return path


def _edit(state: BuilderState, operation: Operation) -> BuilderState:
    node = node_at(state.tree, operation.path)
    opened = Opened(operation.path, node.kind, values=values_of(node))
    return replace(state, opened=opened, focus=Focus(control="form"))


def _done(state: BuilderState, _operation: Operation) -> BuilderState:
    if state.opened is None or not state.opened.kind:
        return state
    taken = _take_over(state, state.opened)
    if taken.opened is not None:
        return replace(taken, focus=Focus(control="form"))
    return taken


def _take_over(state: BuilderState, opened: Opened) -> BuilderState:
    """What is typed in the form as part of the tree; or the form with what is wrong in it."""
    node = None if opened.is_new else node_at(state.tree, opened.path)
    keys = [
        getattr(each, "key", "")
        for _path, each in walk(state.tree, state.prefix)
        if each.kind == opened.kind and each is not node
    ]
    also: dict[str, Any] = {}
    if isinstance(node, AtLeast):
        also = {"n": node.n}
    elif isinstance(node, Credits):
        also = {"minimum": node.minimum}
    kind = opened.kind if node is None else node.kind
    made = node_from(kind, opened.values, path=opened.path, taken=keys, also=also)
    if isinstance(made, Refused):
        return replace(state, opened=replace(opened, errors=made.errors))
    closed = replace(state, opened=None)
    if node is None:
        edited = editing.add(state.tree, opened.path, made)
        return _after(closed, edited, "added", made, "node")
    edited = editing.change(state.tree, opened.path, made)
    return _after(closed, edited, "changed", node_at(edited.tree, edited.path), "edit")


def _cancel(state: BuilderState, _operation: Operation) -> BuilderState:
    opened = state.opened
    if opened is None:
        return state
    control = "add" if opened.is_new else "edit"
    return replace(state, opened=None, said=Said("cancelled"), focus=Focus(opened.path, control))


def _remove(state: BuilderState, operation: Operation) -> BuilderState:
    node = node_at(state.tree, operation.path)
    edited = editing.remove(state.tree, operation.path)
    return _after(state, edited, "removed", node, "node")


def _step(
    change: Callable[[Tree, str], Edited], key: str
) -> Callable[[BuilderState, Operation], BuilderState]:
    def done(state: BuilderState, operation: Operation) -> BuilderState:
        node = node_at(state.tree, operation.path)
        return _after(state, change(state.tree, operation.path), key, node, operation.name)

    return done


def _to(state: BuilderState, operation: Operation) -> BuilderState:
    """Move to `<path of a group>@<position>`."""
    group, _at, position = operation.argument.partition("@")
    if not position.isdecimal():
        raise EditRefused(operation.path, "edit.no_such_node")
    node = node_at(state.tree, operation.path)
    place = min(int(position), MAX_NODES)
    return _after(
        state, editing.move(state.tree, operation.path, group, place), "moved", node, "node"
    )


def _wrap(state: BuilderState, operation: Operation) -> BuilderState:
    edited = editing.wrap(state.tree, [operation.path], AllOf())
    return _after(state, edited, "wrapped", node_at(edited.tree, edited.path), "node")


def _gather(state: BuilderState, _operation: Operation) -> BuilderState:
    """Put all that are chosen into a group."""
    nodes = dict(walk(state.tree, state.prefix))
    there = [path for path in state.chosen if path in nodes]
    if not there:
        raise EditRefused(state.prefix, "edit.no_such_node")
    edited = editing.wrap(state.tree, there, AllOf())
    done = _after(state, edited, "wrapped", node_at(edited.tree, edited.path), "node")
    return replace(done, chosen=())


def _ungroup(state: BuilderState, operation: Operation) -> BuilderState:
    node = node_at(state.tree, operation.path)
    edited = editing.ungroup(state.tree, operation.path)
    return _after(state, edited, "ungrouped", node, "node")


def _set(state: BuilderState, operation: Operation) -> BuilderState:
    """What was typed in a group's line has been read already."""
    return replace(state, focus=Focus(operation.path, "kind"))


def _look(state: BuilderState, _operation: Operation) -> BuilderState:
    """The same without a button, while the reader is on the way to somewhere else."""
    return state


def _undo(state: BuilderState, _operation: Operation) -> BuilderState:
    if not state.before:
        raise EditRefused(state.prefix, "edit.no_such_node")
    tree = read_tree(json.loads(state.before), path=state.prefix)
    still = {path: path for path, node in walk(tree, state.prefix)}
    return _after(state, Edited(tree, state.prefix, still), "undone", None, "undo")


# --- what buttons do in the form that is open ----------------------------------------------------


def _in_form(
    change: Callable[[Opened, str], Opened], key: str, control: str = "search"
) -> Callable[[BuilderState, Operation], BuilderState]:
    def done(state: BuilderState, operation: Operation) -> BuilderState:
        if state.opened is None:
            raise EditRefused(operation.path, "edit.no_such_node")
        opened = change(state.opened, operation.argument)
        return replace(state, opened=opened, said=Said(key), focus=Focus(control=control))

    return done


def _with_values(opened: Opened, **values: Iterable[str]) -> Opened:
    changed = {**opened.values, **{name: tuple(value) for name, value in values.items()}}
    return replace(opened, values={name: value for name, value in changed.items() if value})


def _take_run(opened: Opened, run: str) -> Opened:
    runs = dict.fromkeys((*opened.values.get("runs", ()), run))
    return _with_values(opened, runs=runs, course=())


def _take_course(opened: Opened, course: str) -> Opened:
    return _with_values(opened, runs=(), course=(course,))


def _drop(opened: Opened, key: str) -> Opened:
    runs = [run for run in opened.values.get("runs", ()) if run != key]
    course = [one for one in opened.values.get("course", ()) if one != key]
    return _with_values(opened, runs=runs, course=course)


def _take_microcredential(opened: Opened, uuid: str) -> Opened:
    return replace(_with_values(opened, microcredential=(uuid,)), search="")


_OPERATIONS: Mapping[str, Callable[[BuilderState, Operation], BuilderState]] = {
    "add": _opening(_add),
    "choose": _opening(_choose),
    "edit": _opening(_edit),
    "done": _done,
    "cancel": _cancel,
    "remove": _remove,
    "up": _step(editing.move_up, "moved_up"),
    "down": _step(editing.move_down, "moved_down"),
    "in": _step(editing.move_in, "moved_in"),
    "out": _step(editing.move_out, "moved_out"),
    "to": _to,
    "wrap": _wrap,
    "gather": _gather,
    "ungroup": _ungroup,
    "set": _set,
    "look": _look,
    "undo": _undo,
    "search": _in_form(lambda opened, _argument: opened, "searched"),
    "run": _in_form(_take_run, "taken"),
    "any": _in_form(_take_course, "taken"),
    "drop": _in_form(_drop, "dropped"),
    "take": _in_form(_take_microcredential, "taken", "chosen"),
}
