"""What differs between two versions, as an author reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from microcred_plugin import wording
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import FIELDS, TREES, Fault
from microcred_plugin.evaluation.requirements import Node, read_tree, walk
from microcred_plugin.studio import fields

SAME, GONE, NEW = "same", "gone", "new"

LABELS: Mapping[str, Any] = {
    **{field.name: field.label for field in fields.FIELDS},
    "image": gettext_lazy("Badge image"),
    "skills": gettext_lazy("Skills"),
    "requirements": gettext_lazy("What it asks for"),
    "eligibility": gettext_lazy("Who may earn it"),
    "renewal": gettext_lazy("What renews it"),
    "visibility": gettext_lazy("Who may see it"),
    "switch": gettext_lazy("Whether it is evaluated"),
    "slug": gettext_lazy("Short name"),
    "organization": gettext_lazy("Organisation"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a field: it is the same in both, only in the earlier, or only in the later."""

    text: str
    mark: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Differing:
    """A field that differs, line by line."""

    name: str
    label: str
    lines: tuple[Line, ...]


def difference(
    before: Mapping[str, Any], after: Mapping[str, Any], *, names: Iterable[str] = FIELDS
) -> tuple[Differing, ...]:
    """Every field that two snapshots have differently. Two queries at most, for titles."""
    differing = [name for name in names if before.get(name) != after.get(name)]
    titles = titles_in(before, after) if set(differing) & {*TREES, "supersedes"} else {}
    return tuple(
        Differing(
            name,
            str(LABELS[name]),
            tuple(
                _compared(
                    list(lines_of(name, before.get(name), titles)),
                    list(lines_of(name, after.get(name), titles)),
                )
            ),
        )
        for name in differing
    )


@dataclass(frozen=True, slots=True)
class Located:
    """A fault as an author finds it: the part of the editor that it is in, and what is wrong."""

    label: str
    anchor: str
    sentence: str


def located(faults: Iterable[Fault]) -> list[Located]:
    """The faults, each with where it stands in the editor."""
    found = []
    for fault in faults:
        name = re.split(r"[.\[]", fault.path, maxsplit=1)[0]
        anchor = f"part-{name}" if name in (*TREES, "skills", "image") else f"id_{name}"
        label = str(LABELS.get(name, fault.path))
        found.append(Located(label, anchor if fault.path else "", fault.sentence))
    return found


def titles_in(*snapshots: Mapping[str, Any]) -> dict[str, str]:
    """What everything is called that the trees of these snapshots name."""
    return definitions.titles_of(found for snapshot in snapshots for found in nodes_in(snapshot))


def nodes_in(snapshot: Mapping[str, Any]) -> Iterator[tuple[str, Node]]:
    """Every node of the trees of a snapshot, with its path."""
    for name in TREES:
        yield from walk(read_tree(snapshot.get(name), path=name), name)


def lines_of(name: str, value: Any, titles: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """A field as lines, each with how deep it stands."""
    if value in (None, "", []):
        return
    if name in TREES:
        yield from tree_lines(value, name, titles)
    elif name == "skills":
        for skill in value:
            known = (skill.get("name"), skill.get("framework"), skill.get("code"), skill.get("url"))
            yield 0, " · ".join(part for part in known if part)
    elif name == "image":
        yield 0, _("An image of its own ({digest})").format(digest=str(value)[:12])
    elif name == "supersedes":
        yield 0, definitions.title_of(str(value))
    elif isinstance(value, bool):
        yield 0, _("Yes")
    else:
        for line in str(_said(name, value)).splitlines():
            yield 0, line


def tree_lines(data: Any, name: str, titles: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """A tree as its outline: a line for each node."""
    for path, node in walk(read_tree(data, path=name), name):
        asked = wording.asked(node, titles)
        said = asked.text if not asked.options else f"{asked.text} ({'; '.join(asked.options)})"
        yield path.count(".of["), f"{asked.title}: {said}" if asked.title else said


def _said(name: str, value: Any) -> Any:
    """A choice by its label, anything else as it is."""
    choices = {field.name: dict(field.choices) for field in fields.FIELDS}
    return choices.get(name, {}).get(value, value)


def _compared(before: list[tuple[int, str]], after: list[tuple[int, str]]) -> Iterator[Line]:
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    for tag, from_a, to_a, from_b, to_b in matcher.get_opcodes():
        if tag == "equal":
            yield from (Line(text, SAME, depth) for depth, text in before[from_a:to_a])
        else:
            yield from (Line(text, GONE, depth) for depth, text in before[from_a:to_a])
            yield from (Line(text, NEW, depth) for depth, text in after[from_b:to_b])
