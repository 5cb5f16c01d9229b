"""The builder as its templates show it: every node with its sentence, its buttons and its form."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from opaque_keys import InvalidKeyError

from microcred_plugin import wording
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Fault, Microcredential
from microcred_plugin.evaluation.checks import problems_before_publication
from microcred_plugin.evaluation.requirements import (
    Assessment,
    AtLeast,
    Completion,
    Course,
    Credits,
    Group,
    MicrocredentialHeld,
    Node,
    walk,
)
from microcred_plugin.host import get_host
from microcred_plugin.host.interface import CourseRun, CourseSelection, course_of
from microcred_plugin.planning import HostFailed, ask
from microcred_plugin.presenting.parts import Requirement, requirement
from microcred_plugin.studio.builder import BuilderState, Opened, text_of
from microcred_plugin.studio.node_forms import (
    GROUPS,
    GROUPS_IN_LINE,
    LEAVES,
    MODES,
    Field,
    Text,
    fields_of,
)
from microcred_plugin.studio.searching import MICROCREDENTIALS, RUNS, Found, find, run_name

_SAID: Mapping[str, Text] = {
    "added": gettext_lazy("Added: {what}."),
    "changed": gettext_lazy("Changed: {what}."),
    "removed": gettext_lazy("Removed: {what}."),
    "moved_up": gettext_lazy("Moved up: {what}. It is number {position} of {count} now."),
    "moved_down": gettext_lazy("Moved down: {what}. It is number {position} of {count} now."),
    "moved_in": gettext_lazy("Moved into the group before it: {what}."),
    "moved_out": gettext_lazy("Moved out of its group: {what}."),
    "moved": gettext_lazy("Moved: {what}. It is number {position} of {count} there."),
    "wrapped": gettext_lazy("There is a new group: {what}."),
    "ungrouped": gettext_lazy("The group is gone, and what was in it has stayed."),
    "set": gettext_lazy("Changed: {what}."),
    "undone": gettext_lazy("The last change is undone. You can do it again in the same way."),
    "cancelled": gettext_lazy("Nothing was changed."),
    "taken": gettext_lazy("Chosen. It counts once you have finished this requirement."),
    "dropped": gettext_lazy("Taken out of the list."),
    "still_open": gettext_lazy(
        "Something is missing in the requirement that is open. Finish or cancel it first."
    ),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several things that can be chosen."""

    value: str
    label: Text
    help: Text = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """A course run, a course or a microcredential that was chosen in a form, as field `name`."""

    name: str
    key: str
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Input:
    """A field of an open form, with what is typed in it."""

    field: Field
    id: str
    name: str
    value: str
    errors: tuple[str, ...]
    has_focus: bool
    choices: tuple[Choice, ...] = ()
    other: str = ""
    chosen: tuple[Chosen, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """The form that is open; without a kind it is the choice of one."""

    prefix: str
    path: str
    kind: str
    is_new: bool
    label: Text = ""
    help: Text = ""
    inputs: tuple[Input, ...] = ()
    more: tuple[Input, ...] = ()
    search: str = ""
    search_url: str = ""
    found: Found | None = None
    errors: tuple[str, ...] = ()

    @property
    def open(self) -> str:
        """What the browser sends so that the form is open again."""
        if not self.is_new:
            return f"edit:{self.path}"
        return f"add:{self.path}:{self.kind}" if self.kind else f"choose:{self.path}"

    @property
    def is_more_open(self) -> bool:
        """Whether any of the fields that few need is in use."""
        return any(one.value or one.errors or one.other for one in self.more) or any(
            choice.is_chosen for one in self.more for choice in one.choices
        )


@dataclass(frozen=True, slots=True)
class Line:
    """What can be set in a group's own line."""

    kinds: tuple[Choice, ...]
    name: str
    value: str
    error: str
    of: int


@dataclass(frozen=True, slots=True)
class Row:
    """
    A node of the tree. `hints` are what would forbid publishing it as it is now.

    `focus` is the control of it that comes next, if one of its own does.
    """

    prefix: str
    path: str
    anchor: str
    kind: str
    kind_label: Text
    asked: wording.Asked
    is_group: bool
    is_root: bool
    may_up: bool
    may_down: bool
    may_in: bool
    may_out: bool
    may_ungroup: bool
    is_chosen: bool
    faults: tuple[str, ...]
    hints: tuple[str, ...]
    focus: str
    line: Line | None
    form: Form | None
    adding: Form | None
    of: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Something wrong, with what, and the part of the page where it stands."""

    what: str
    sentence: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Builder:
    """A builder, for `studio/builder/builder.html` and `studio/builder/part.html`."""

    prefix: str
    id: str
    text: str
    before: str
    root: Row | None
    adding: Form | None
    outline: Requirement | None
    leaves: tuple[Choice, ...]
    groups: tuple[Choice, ...]
    said: str
    is_refused: bool
    has_undo: bool
    focus: str
    faults: tuple[Place, ...]
    is_readable: bool
    is_optional: bool
    has_titles: bool


def present(
    states: Iterable[BuilderState],
    *,
    faults: Collection[Fault] = (),
    organizations: Collection[str] | None = (),
) -> dict[str, Builder]:
    """
    The builders of these trees, by their prefixes.

    `faults` are those of saving or publishing; each is shown at its node. `organizations` are those
    for which the reader writes, None stands for every one. One question to the host and one query
    for the titles in all of the trees, and one more for a search.
    """
    states = list(states)
    known = _look_up(states)
    return {
        state.prefix: _Presenter(state, known, faults, organizations).builder() for state in states
    }


# --- what the keys are called --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the keys that stand in trees and forms."""

    names: Mapping[str, str]
    runs: Mapping[str, CourseRun]
    microcredentials: Mapping[str, Microcredential]
    is_complete: bool


def _look_up(states: Iterable[BuilderState]) -> _Known:
    runs: set[str] = set()
    courses: set[str] = set()
    uuids: set[str] = set()
    for state in states:
        nodes = [node for _path, node in walk(state.tree, state.prefix)]
        if state.said.node is not None:
            nodes += [node for _path, node in walk(state.said.node, state.prefix)]
        for node in nodes:
            if isinstance(node, (Course, Assessment, Completion)):
                runs.update(node.runs)
                courses.update([node.course] if node.course else [])
            elif isinstance(node, MicrocredentialHeld):
                uuids.add(node.microcredential)
        if state.opened is not None:
            runs.update(state.opened.values.get("runs", ()))
            courses.update(state.opened.values.get("course", ()))
            uuids.update(state.opened.values.get("microcredential", ()))
    selection = CourseSelection(frozenset(filter(_is_run, runs)), frozenset(courses))
    found: Mapping[str, CourseRun] = {}
    is_complete = True
    try:
        found = ask(get_host().course_runs, selection) if selection else {}
    except HostFailed:
        is_complete = False  # keys stand for themselves: what was typed is not lost over that
    microcredentials = definitions.microcredentials_by_uuid(uuids)
    names = {uuid: one.title for uuid, one in microcredentials.items()}
    for _key, run in sorted(found.items()):
        names[run.run] = run.title
        if run.course in courses:
            names[run.course] = run.title
    return _Known(names, found, microcredentials, is_complete)


def _is_run(text: str) -> bool:
    try:
        course_of(text)
    except InvalidKeyError:
        return False
    return True


# --- putting it together -------------------------------------------------------------------------


def anchor_of(path: str) -> str:
    """The id of a node's element: `node-requirements-2-0` for `requirements.of[2].of[0]`."""
    return f"node-{path}".replace(".of[", "-").replace("]", "")


class _Presenter:
    """Makes the builder of one state."""

    def __init__(
        self,
        state: BuilderState,
        known: _Known,
        faults: Collection[Fault],
        organizations: Collection[str] | None,
    ) -> None:
        self.state, self.known = state, known
        self.looks, self.found = _search(state.opened, organizations)
        self.nodes = dict(walk(state.tree, state.prefix))
        self.at_node: dict[str, list[str]] = {}
        opened = state.opened
        self.at_field: dict[str, tuple[str, ...]] = dict(opened.errors) if opened else {}
        self.places: list[Place] = []
        self._place(state.faults, faults)
        self.hints: dict[str, list[str]] = {}
        for problem in problems_before_publication(state.tree, state.prefix):
            sentence = wording.sentence(problem.message, known.names)
            if sentence not in self.at_node.get(problem.path, ()):
                self.hints.setdefault(problem.path, []).append(sentence)

    def builder(self) -> Builder:
        state = self.state
        opened = state.opened
        root = self._row(state.prefix, state.tree, None) if state.tree is not None else None
        is_below = opened is not None and opened.is_new and opened.path == state.prefix
        has_group = isinstance(state.tree, Group)
        said, is_refused = self._said()
        return Builder(
            prefix=state.prefix,
            id=f"builder-{state.prefix}",
            text=state.unreadable or text_of(state.tree),
            before=state.before,
            root=root,
            adding=self._form() if is_below and not has_group else None,
            outline=requirement(state.tree, None, self.known.names, is_linked=False)
            if state.tree is not None
            else None,
            leaves=_choices(LEAVES),
            groups=_choices(GROUPS),
            said=said,
            is_refused=is_refused,
            has_undo=bool(state.before),
            focus=self._own_focus(),
            faults=tuple(self.places),
            is_readable=not state.unreadable,
            is_optional=state.prefix != "requirements",
            has_titles=self.known.is_complete,
        )

    # --- what is wrong, and where ---

    def _place(self, own: Collection[Fault], others: Collection[Fault]) -> None:
        """Every fault at its node or field, and all of them in a list at the top."""
        state = self.state
        if state.is_settled:
            self.places += map(self._place_of, own)
        for fault in others:
            path, name = _split(fault.path)
            if not _is_in(fault.path, state.prefix) or fault in own:
                continue
            self.places.append(self._place_of(fault))
            name = "runs" if name == "course" else name
            if path in self.nodes and self._has_form_field(path, name):
                self.at_field[name] = (*self.at_field.get(name, ()), fault.sentence)
            elif path in self.nodes:
                self.at_node.setdefault(path, []).append(fault.sentence)

    def _has_form_field(self, path: str, name: str) -> bool:
        opened = self.state.opened
        if opened is None or opened.is_new or opened.path != path:
            return False
        return any(field.name == name for field in fields_of(opened.kind))

    def _place_of(self, fault: Fault) -> Place:
        path, name = _split(fault.path)
        opened = self.state.opened
        if opened is not None and opened.is_new and name in opened.errors:
            return Place(str(LEAVES[opened.kind][0]), fault.sentence, f"{self.state.prefix}-form")
        if path not in self.nodes:
            return Place("", fault.sentence, f"builder-{self.state.prefix}")
        asked = wording.asked(self.nodes[path], self.known.names)
        return Place(asked.title or asked.text, fault.sentence, anchor_of(path))

    # --- nodes ---

    def _row(self, path: str, node: Node, place: tuple[tuple[Node, ...], int] | None) -> Row:
        siblings, position = place or ((node,), 0)
        opened = self.state.opened
        is_open = opened is not None and opened.path == path
        is_group = isinstance(node, Group)
        children = node.of if isinstance(node, Group) else ()
        may = {
            "up": position > 0,
            "down": position < len(siblings) - 1,
            "in": position > 0 and isinstance(siblings[position - 1], Group),
            "out": path.count(".of[") > 1,
        }
        return Row(
            prefix=self.state.prefix,
            path=path,
            anchor=anchor_of(path),
            kind=node.kind,
            kind_label=(GROUPS if is_group else LEAVES)[node.kind][0],
            asked=wording.asked(node, self.known.names),
            is_group=is_group,
            is_root=place is None,
            may_up=may["up"],
            may_down=may["down"],
            may_in=may["in"],
            may_out=may["out"],
            may_ungroup=is_group and (place is not None or len(children) < 2),
            is_chosen=path in self.state.chosen,
            faults=tuple(self.at_node.get(path, ())),
            hints=tuple(self.hints.get(path, ())),
            focus=self._focus_in(path, may),
            line=self._line(path, node) if isinstance(node, Group) else None,
            form=self._form() if opened and is_open and not opened.is_new else None,
            adding=self._form() if opened and is_open and opened.is_new and is_group else None,
            of=tuple(
                self._row(f"{path}.of[{at}]", child, (children, at))
                for at, child in enumerate(children)
            ),
        )

    def _line(self, path: str, node: Group) -> Line:
        name, value = "", ""
        if isinstance(node, AtLeast):
            name, value = "n", str(node.n)
        elif isinstance(node, Credits):
            name, value = "minimum", f"{node.minimum.normalize():f}"
        typed, error = self.state.typed.get(f"{path}:{name}", (value, ""))
        kinds = tuple(
            Choice(kind, label, is_chosen=kind == node.kind)
            for kind, label in GROUPS_IN_LINE.items()
        )
        return Line(kinds, name, typed, error, len(node.of))

    def _focus_in(self, path: str, may: Mapping[str, bool]) -> str:
        focus = self.state.focus
        if focus.path != path or not focus.control:
            return ""
        return focus.control if may.get(focus.control, True) else "node"

    def _own_focus(self) -> str:
        """The control that comes next, if it is none of a node or of a form."""
        focus = self.state.focus
        if focus.control in ("", "form", "search", "chosen"):
            return ""
        if focus.control == "undo":
            return "undo"
        return "" if focus.path in self.nodes else "said"

    # --- the form ---

    def _form(self) -> Form:
        opened = self.state.opened
        assert opened is not None
        prefix = self.state.prefix
        if not opened.kind:
            return Form(prefix=prefix, path=opened.path, kind="", is_new=True)
        label, help_text = {**LEAVES, **GROUPS}[opened.kind]
        fields = fields_of(opened.kind)
        focused = self._focused_field(opened, fields)
        inputs = [self._input(opened, field, field.name == focused) for field in fields]
        address = reverse("microcred:builder_search")
        return Form(
            prefix=prefix,
            path=opened.path,
            kind=opened.kind,
            is_new=opened.is_new,
            label=label,
            help=help_text,
            inputs=tuple(one for one in inputs if not one.field.is_more),
            more=tuple(one for one in inputs if one.field.is_more),
            search=opened.search,
            search_url=f"{address}?builder={prefix}&for={self.looks}" if self.looks else "",
            found=self.found,
            errors=self.at_field.get("", ()),
        )

    def _focused_field(self, opened: Opened, fields: tuple[Field, ...]) -> str:
        """The field that comes next: the first that is wrong, or the first of all."""
        if self.state.focus.control not in ("form", "search", "chosen"):
            return ""
        wrong = [field.name for field in fields if field.name in opened.errors]
        return wrong[0] if wrong else fields[0].name

    def _input(self, opened: Opened, field: Field, has_focus: bool) -> Input:
        prefix, values = self.state.prefix, opened.values
        return Input(
            field=field,
            id=f"{prefix}-field-{field.name}",
            name=f"{prefix}-{field.name}",
            value="".join(values.get(field.name, ())[-1:]),
            errors=self.at_field.get(field.name, ()),
            has_focus=has_focus,
            choices=tuple(
                Choice(mode, label, is_chosen=mode in values.get("modes", ()))
                for mode, label in MODES.items()
            )
            if field.looks == "modes"
            else (),
            other="".join(values.get("other_modes", ())[-1:]),
            chosen=tuple(self._chosen(field, opened)),
        )

    def _chosen(self, field: Field, opened: Opened) -> Iterator[Chosen]:
        known = self.known
        if field.looks == RUNS:
            for course in opened.values.get("course", ()):
                yield Chosen("course", course, known.names.get(course, course), _("any run"))
            for run in opened.values.get("runs", ()):
                title = known.names.get(run, run)
                yield Chosen("runs", run, title, run_name(run) if title != run else "")
        elif field.looks == MICROCREDENTIALS:
            for uuid in opened.values.get(field.name, ()):
                one = known.microcredentials.get(uuid)
                title, detail = (one.title, one.organization) if one else (uuid, "")
                yield Chosen(field.name, uuid, title, detail)

    # --- what happened ---

    def _said(self) -> tuple[str, bool]:
        """What an operation did, as a sentence, and whether it was refused."""
        state = self.state
        if state.unreadable:
            return state.unread, True
        if state.said.problem is not None:
            return wording.sentence(state.said.problem.message, self.known.names), True
        if state.said.key == "searched":
            return self._searched(), False
        if state.said.key not in _SAID:
            return "", False
        what = ""
        if state.said.node is not None:
            asked = wording.asked(state.said.node, self.known.names)
            what = asked.title or asked.text
        group, _bracket, position = state.focus.path.rpartition(".of[")
        parent = self.nodes.get(group)
        sentence = str(_SAID[state.said.key]).format(
            what=what,
            position=int(position.removesuffix("]")) + 1 if parent is not None else 1,
            count=len(parent.of) if isinstance(parent, Group) else 1,
        )
        return sentence, state.said.key == "still_open"

    def _searched(self) -> str:
        opened = self.state.opened
        if opened is None or not opened.search.strip():
            return _("Type what you look for: a word of the title will do.")
        return self.found.said if self.found else ""


def _search(
    opened: Opened | None, organizations: Collection[str] | None
) -> tuple[str, Found | None]:
    """What the form that is open looks for, if for anything, and what there is of it."""
    fields = fields_of(opened.kind) if opened is not None and opened.kind else ()
    looks = next((one.looks for one in fields if one.looks in (RUNS, MICROCREDENTIALS)), "")
    if opened is None or not looks:
        return "", None
    return looks, find(looks, opened.search, organizations=organizations)


def _choices(kinds: Mapping[str, tuple[Text, Text]]) -> tuple[Choice, ...]:
    return tuple(Choice(kind, label, help_text) for kind, (label, help_text) in kinds.items())


def _split(path: str) -> tuple[str, str]:
    """The path of a node and the name of a field in it: ("requirements.of[1]", "runs")."""
    found = re.fullmatch(r"(\w+(?:\.of\[\d+\])*)(?:\.(.*))?", path, re.DOTALL)
    return (found[1], found[2] or "") if found else (path, "")


def _is_in(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}.")
