"""The content of a version: what an author writes, as plain data, checked before it is kept."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Field
from django.utils.translation import gettext as _
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey

from microcred_plugin.definitions.errors import DefinitionRefused, Fault, fault_of
from microcred_plugin.definitions.models import MicrocredentialVersion
from microcred_plugin.evaluation.requirements import (
    Assessment,
    Completion,
    Course,
    InvalidTree,
    Node,
    Tree,
    read_tree,
    walk,
    write_tree,
)

TREES = ("requirements", "eligibility", "renewal")

# Everything that an author writes, in the order in which a file has it.
FIELDS = (
    "title",
    "description",
    "language",
    "skills",
    "workload_hours",
    "credit_value",
    "credit_kind",
    "level",
    "level_framework",
    "assessment_type",
    "supervision",
    "participation",
    "quality_assurance",
    "prerequisites",
    "validity_months",
    "grace_days",
    "policy",
    "needs_approval",
    "supersedes",
    *TREES,
)

SKILL_FIELDS = ("name", "framework", "code", "url", "target_type")


def fill(version: MicrocredentialVersion, content: Mapping[str, Any]) -> None:
    """
    Put the content into a draft that is not saved yet; what is missing takes its default.

    `supersedes` is a Microcredential or None, everything else plain data. Raises
    `DefinitionRefused` with every fault, and the path of each.
    """
    faults = list(_unknown_fields(content))
    for name in FIELDS:
        value = content[name] if content.get(name) is not None else _default(name)
        if name in TREES:
            value, found = _tree(content.get(name), name)
            faults += found
        elif name == "skills":
            faults += _skill_faults(value)
        setattr(version, name, value)
    try:
        version.clean_fields(exclude={"microcredential", "number", *TREES, "skills", "names"})
    except ValidationError as error:
        faults += (Fault(name, " ".join(messages)) for name, messages in error.message_dict.items())
    if faults:
        raise DefinitionRefused(faults)


def content_of(version: MicrocredentialVersion) -> dict[str, Any]:
    """The content of a version as plain data, without what is at its default."""
    content = {}
    for name in FIELDS:
        value = getattr(version, name)
        if isinstance(value, Decimal):
            value = int(value) if value == value.to_integral_value() else float(value)
        if value != _default(name) and value not in ("", [], None):
            content[name] = value
    return content


def trees_of(version: MicrocredentialVersion) -> dict[str, Tree]:
    """The trees of a version by name. What is stored was checked, so nothing is raised."""
    return {name: read_tree(getattr(version, name), path=name) for name in TREES}


def nodes_of(version: MicrocredentialVersion) -> list[tuple[str, Node]]:
    """Every node of every tree of a version, with its path."""
    return [found for name, tree in trees_of(version).items() for found in walk(tree, name)]


def unknown_field(name: str, known: Iterable[str], path: str) -> Fault:
    """The fault of a field that there is no such, with the nearest one that there is."""
    known = list(known)
    near = difflib.get_close_matches(str(name), known, 1)
    if near:
        sentence = _("There is no field “{name}”; did you mean “{near}”?").format(
            name=name, near=near[0]
        )
    else:
        sentence = _("There is no field “{name}”. The fields are {known}.").format(
            name=name, known=", ".join(known)
        )
    return Fault(path, sentence)


def _default(name: str) -> Any:
    field = MicrocredentialVersion._meta.get_field(name)
    assert isinstance(field, Field)
    return field.get_default()


def _unknown_fields(content: Mapping[str, Any]) -> Iterable[Fault]:
    return (unknown_field(name, FIELDS, str(name)) for name in content if name not in FIELDS)


def _tree(data: Any, name: str) -> tuple[Any, list[Fault]]:
    """The tree in its canonical form, or what is wrong with it."""
    try:
        tree = read_tree(data, path=name)
    except InvalidTree as error:
        return None, [fault_of(problem) for problem in error.problems]
    return write_tree(tree), list(_malformed_keys(tree, name))


def _malformed_keys(tree: Tree, name: str) -> Iterable[Fault]:
    for path, node in walk(tree, name):
        if not isinstance(node, (Course, Assessment, Completion)):
            continue
        for run in node.runs:
            try:
                CourseKey.from_string(run)
            except InvalidKeyError:
                yield Fault(
                    f"{path}.runs",
                    _(
                        "“{run}” is not a course key. A course key looks like "
                        "course-v1:Org+Course+Run; it stands in the address of the course."
                    ).format(run=run),
                )
        if node.course is not None and (node.course.count("+") != 1 or ":" in node.course):
            yield Fault(
                f"{path}.course",
                _(
                    "“{course}” does not name a course. Write Org+Course for every run of a "
                    "course, or list course keys under “runs”."
                ).format(course=node.course),
            )


def _skill_faults(skills: Any) -> Iterable[Fault]:
    if not isinstance(skills, list):
        yield Fault("skills", _("Skills are a list."))
        return
    for position, skill in enumerate(skills):
        path = f"skills[{position}]"
        if not isinstance(skill, Mapping) or not str(skill.get("name", "")).strip():
            yield Fault(path, _("A skill needs a “name”."))
            continue
        for name, value in skill.items():
            if name not in SKILL_FIELDS:
                yield unknown_field(name, SKILL_FIELDS, f"{path}.{name}")
            elif not isinstance(value, str):
                yield Fault(f"{path}.{name}", _("Expected text, not {value}.").format(value=value))
