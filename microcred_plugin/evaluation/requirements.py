"""
The requirement tree: its nodes, and how they are read from and written to JSON.

A node is a mapping with a `kind`; the kinds and their fields are the dataclasses below. Reading
says everything that is wrong with a tree at once, each with the path of its node. It accepts a
draft that is not finished (an empty group); `problems_before_publication` is stricter.

To add a kind: a dataclass here, its readings in `readings.py`, its sentences in `wording/`, and
where its facts come from in `planning.py`. CONTRIBUTING.md has the list.
"""

# ruff: noqa: RUF009 - `_field` returns what `dataclasses.field` does

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, TypeAlias

from microcred_plugin.evaluation.message import Message, message

MAX_NODES = 500
MAX_DEPTH = 12
MAX_MONTHS = 1200


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a definition: where (a path), and what."""

    path: str
    message: Message


class InvalidTree(ValueError):
    """A tree that can't be read. `problems` has them all, in the order of the nodes."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{p.path}: {p.message.key}" for p in problems))


class _Wrong(Exception):
    """A value that is not what its field holds; becomes a Problem where the path is known."""

    def __init__(self, key: str, **params: Any) -> None:
        self.key, self.params = key, params


# --- the values of fields: JSON in, Python out -------------------------------------------------


def _shown(value: Any) -> str:
    """A value as it is quoted to authors: cut short, and whatever it is, without failing."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a number of thousands of digits, a list without end
        return type(value).__name__
    return text if len(text) <= 80 else f"{text[:77]}..."


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _Wrong("tree.not_text", value=_shown(value))
    return value.strip()


def _label(value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong("tree.not_text", value=_shown(value))
    return value.strip()


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise _Wrong("tree.not_a_list", value=_shown(value))
    return tuple(dict.fromkeys(_text(item) for item in value))


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("tree.not_a_flag", value=_shown(value))
    return value


def _whole(lowest: int, highest: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            raise _Wrong("tree.not_whole", value=_shown(value), lowest=lowest, highest=highest)
        return value

    return read


def _amount(value: Any) -> Decimal:
    """A positive number with at most two decimals, such as credits."""
    try:
        amount = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
    except (InvalidOperation, ValueError):
        amount = Decimal("NaN")
    if not (amount.is_finite() and 0 < amount <= 10_000) or amount != round(amount, 2):
        raise _Wrong("tree.not_an_amount", value=_shown(value))
    return amount


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise _Wrong("tree.not_a_day", value=_shown(value)) from None


def _field(read: Callable[[Any], Any], **kwargs: Any) -> Any:
    """A dataclass field with the function that reads its value from JSON."""
    return field(metadata={"read": read}, **kwargs)


# --- the nodes -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What every node may carry: a name that people read, and what it is worth in `credits`."""

    kind: ClassVar[str]
    title: str = _field(_label, default="")
    credits: Decimal | None = _field(_amount, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Node):
    """A condition over other nodes; `within_months` asks that one window of time holds it all."""

    of: tuple[Node, ...] = ()
    within_months: int | None = _field(_whole(1, MAX_MONTHS), default=None)

    @property
    def needed(self) -> int:
        """How many of the nodes in it have to be met."""
        return len(self.of)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf(Group):
    """Every node in it. An empty group is never met."""

    kind: ClassVar[str] = "all_of"

    @property
    def needed(self) -> int:
        return max(1, len(self.of))


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf(Group):
    """At least one node in it."""

    kind: ClassVar[str] = "any_of"

    @property
    def needed(self) -> int:
        return 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AtLeast(Group):
    """At least `n` of the nodes in it."""

    kind: ClassVar[str] = "at_least"
    n: int = _field(_whole(1, MAX_NODES))

    @property
    def needed(self) -> int:
        return self.n


@dataclass(frozen=True, slots=True, kw_only=True)
class Credits(Group):
    """Nodes whose `credits` sum up to `minimum` or more."""

    kind: ClassVar[str] = "credits"
    minimum: Decimal = _field(_amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class _InCourse(Node):
    """A requirement over course runs: this list of runs, or every run of one course."""

    runs: tuple[str, ...] = _field(_texts, default=())
    course: str | None = _field(_text, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course(_InCourse):
    """
    A passed run.

    `minimum_grade` in whole percent, reads the grade row. `modes` are enrollment modes; without
    them every mode but audit. The dates are whole days, UTC, and both ends count.
    """

    kind: ClassVar[str] = "course"
    minimum_grade: int | None = _field(_whole(1, 100), default=None)
    modes: tuple[str, ...] = _field(_texts, default=())
    certificate: bool = _field(_flag, default=False)
    not_before: date | None = _field(_day, default=None)
    not_after: date | None = _field(_day, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment(_InCourse):
    """A subsection's graded points; `block` is its block id, the same in every run."""

    kind: ClassVar[str] = "assessment"
    block: str = _field(_text)
    minimum_grade: int = _field(_whole(1, 100))


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion(_InCourse):
    """The share of a run that has been completed, in whole percent."""

    kind: ClassVar[str] = "completion"
    minimum_percent: int = _field(_whole(1, 100))


@dataclass(frozen=True, slots=True, kw_only=True)
class MicrocredentialHeld(Node):
    """An active award of another microcredential, in any version: this is how they stack."""

    kind: ClassVar[str] = "microcredential"
    microcredential: str = _field(_text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program(Node):
    """A program certificate."""

    kind: ClassVar[str] = "program"
    program: str = _field(_text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence(Node):
    """Something that the learner hands in and a reviewer accepts."""

    kind: ClassVar[str] = "evidence"
    key: str = _field(_text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation(Node):
    """Something that a person outside, such as an employer, confirms."""

    kind: ClassVar[str] = "attestation"
    key: str = _field(_text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant(Node):
    """Something that a person with the right has said so: prior learning, a membership."""

    kind: ClassVar[str] = "grant"
    key: str = _field(_text)


Tree: TypeAlias = Node | None

KINDS: Mapping[str, type[Node]] = {
    node.kind: node
    for node in (
        AllOf,
        AnyOf,
        AtLeast,
        Credits,
        Course,
        Assessment,
        Completion,
        MicrocredentialHeld,
        Program,
        Evidence,
        Attestation,
        Grant,
    )
}


# --- reading and writing ---------------------------------------------------------------------


def read_tree(data: Any, *, path: str = "requirements") -> Tree:
    """
    The tree in `data`; None (or an empty mapping) is the empty tree, which nobody ever meets.

    Raises `InvalidTree` with every problem, if there is one.
    """
    if data is None or data == {}:
        return None
    reader = _Reader()
    tree = reader.node(data, path, depth=1)
    if reader.nodes > MAX_NODES:
        reader.complain(path, "tree.too_many_nodes", most=MAX_NODES)
    if reader.problems:
        raise InvalidTree(tuple(reader.problems))
    return tree


def write_tree(tree: Tree) -> Any:
    """The tree as JSON; what is at its default is left out, so that the form is canonical."""
    if tree is None:
        return None
    data: dict[str, Any] = {"kind": tree.kind}
    for spec in sorted(fields(tree), key=lambda spec: spec.name == "of"):
        value = getattr(tree, spec.name)
        if spec.name == "of":
            data["of"] = [write_tree(node) for node in value]
        elif spec.default is MISSING or value != spec.default:
            data[spec.name] = _write_value(value)
    return data


def walk(tree: Tree, path: str = "requirements") -> Iterator[tuple[str, Node]]:
    """Every node with its path, a group before what is in it."""
    if tree is None:
        return
    yield path, tree
    if isinstance(tree, Group):
        for position, node in enumerate(tree.of):
            yield from walk(node, child_path(path, position))


def child_path(path: str, position: int) -> str:
    """The path of a group's child, as authors see it: `requirements.of[2]`."""
    return f"{path}.of[{position}]"


class _Reader:
    """Reads nodes, and collects what is wrong instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.nodes = 0

    def complain(self, path: str, key: str, **params: Any) -> None:
        self.problems.append(Problem(path, message(key, **params)))

    def node(self, data: Any, path: str, depth: int) -> Node | None:
        self.nodes += 1
        if not isinstance(data, Mapping):
            self.complain(path, "tree.not_a_node", value=_shown(data))
            return None
        kind = data.get("kind")
        cls = KINDS.get(kind) if isinstance(kind, str) else None
        if cls is None:
            near = difflib.get_close_matches(kind, KINDS, 1) if isinstance(kind, str) else []
            key = "tree.unknown_kind_near" if near else "tree.unknown_kind"
            self.complain(
                path, key, value=_shown(kind), near=near[0] if near else "", known=tuple(KINDS)
            )
            return None
        if depth > MAX_DEPTH:
            self.complain(path, "tree.too_deep", most=MAX_DEPTH)
            return None
        before = len(self.problems)
        values = self._values(cls, data, path)
        if issubclass(cls, Group):
            values["of"] = self._children(data.get("of", []), path, depth)
        if issubclass(cls, _InCourse) and bool(data.get("runs")) == bool(data.get("course")):
            self.complain(path, "tree.runs_or_course")
        return cls(**values) if len(self.problems) == before else None

    def _values(self, cls: type[Node], data: Mapping[str, Any], path: str) -> dict[str, Any]:
        known = {spec.name: spec for spec in fields(cls)}
        for name in data:
            if name != "kind" and name not in known:
                near = difflib.get_close_matches(str(name), known, 1)
                key = "tree.unknown_field_near" if near else "tree.unknown_field"
                self.complain(
                    f"{path}.{name}", key, kind=cls.kind, near=near[0] if near else "",
                    known=tuple(known),
                )  # fmt: skip
        values = {}
        for name, spec in known.items():
            if name in data and name != "of":
                try:
                    values[name] = spec.metadata["read"](data[name])
                except _Wrong as wrong:
                    self.complain(f"{path}.{name}", wrong.key, **wrong.params)
            elif name not in data and spec.default is MISSING:
                self.complain(path, "tree.missing_field", kind=cls.kind, field=name)
        return values

    def _children(self, data: Any, path: str, depth: int) -> tuple[Node, ...]:
        if not isinstance(data, list):
            self.complain(f"{path}.of", "tree.not_a_list", value=_shown(data))
            return ()
        if self.nodes + len(data) > MAX_NODES:
            # Counted before they are read, so that a huge file costs nothing.
            self.nodes += len(data)
            return ()
        nodes = (
            self.node(child, child_path(path, position), depth + 1)
            for position, child in enumerate(data)
        )
        return tuple(node for node in nodes if node is not None)


def _write_value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
