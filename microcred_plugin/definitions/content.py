"""The content of a version: what an author writes, as plain data, checked before it is kept."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import Field
from django.utils.translation import gettext as _
from opaque_keys import InvalidKeyError

from microcred_plugin.definitions.errors import (
    DefinitionRefused,
    Fault,
    NotAnImage,
    fault_of,
)
from microcred_plugin.definitions.fields import put, shown, wrong_with_text
from microcred_plugin.definitions.images import data_url, read_image
from microcred_plugin.definitions.models import (
    BadgeImage,
    Microcredential,
    MicrocredentialVersion,
)
from microcred_plugin.definitions.skill_types import TARGET_TYPES, is_target_type
from microcred_plugin.evaluation.requirements import (
    MAX_MONTHS,
    Assessment,
    Attestation,
    Completion,
    Course,
    Evidence,
    Grant,
    InvalidTree,
    MicrocredentialHeld,
    Node,
    Program,
    Tree,
    read_tree,
    walk,
    write_tree,
)
from microcred_plugin.host.interface import course_of

TREES = ("requirements", "eligibility", "renewal")

# Everything that an author writes, in the order in which a file has it.
FIELDS = (
    "title",
    "description",
    "language",
    "image",
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

# How long is thinkable; what is longer is a slip, and would lead beyond the end of the calendar.
_BOUNDS = {"validity_months": (1, MAX_MONTHS), "grace_days": (0, 3660)}

# What a row of the requirement index, and of the tables to come, has room for.
_LONGEST_KEY = 255


def fill(version: MicrocredentialVersion, content: Mapping[str, Any]) -> None:
    """
    Put the content into a draft that is not saved yet; what is missing takes its default.

    `supersedes` is a Microcredential or None, everything else plain data; `image` is a data URL,
    and has to be kept before the draft is saved. Raises `DefinitionRefused` with every fault, and
    the path of each.
    """
    faults = list(_unknown_fields(content))
    for name in FIELDS:
        value = content[name] if content.get(name) is not None else _default(name)
        if name in TREES:
            faults += _put_tree(version, name, value)
        elif name == "skills":
            found = list(_skill_faults(value))
            version.skills = [] if found else [_in_order(skill) for skill in value]
            faults += found
        elif name == "supersedes":
            faults += _put_superseded(version, value)
        elif name == "image":
            faults += _put_image(version, value)
        else:
            faults += _out_of_bounds(name, value) or put(version, name, value)
    if faults:
        raise DefinitionRefused(faults)


def content_of(version: MicrocredentialVersion) -> dict[str, Any]:
    """The content of a version as plain data, without what is at its default."""
    content = {}
    for name in FIELDS:
        value = getattr(version, name)
        if name in TREES:
            # Some databases keep the fields of JSON in an order of their own.
            value = write_tree(read_tree(value, path=name))
        elif name == "skills":
            value = [_in_order(skill) for skill in value]
        elif isinstance(value, BadgeImage):
            value = data_url(value)
        elif isinstance(value, Decimal):
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
    known, name = list(known), str(name)[:80]
    near = difflib.get_close_matches(name, known, 1)
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


def _out_of_bounds(name: str, value: Any) -> list[Fault]:
    lowest, highest = _BOUNDS.get(name, (0, 0))
    if name not in _BOUNDS or not isinstance(value, int) or lowest <= value <= highest:
        return []
    sentence = _("This must be from {lowest} to {highest}; it is {value}.")
    return [Fault(name, sentence.format(lowest=lowest, highest=highest, value=shown(value)))]


def _put_image(version: MicrocredentialVersion, value: Any) -> Iterator[Fault]:
    try:
        version.image = None if value is None else read_image(value)
    except NotAnImage as error:
        yield Fault("image", str(error))


def _put_superseded(version: MicrocredentialVersion, value: Any) -> Iterator[Fault]:
    if value is not None and not isinstance(value, Microcredential):
        yield Fault(
            "supersedes", _("There is no microcredential {name}.").format(name=shown(value))
        )
    elif value is not None and value.pk == version.microcredential_id:
        yield Fault("supersedes", _("“{slug}” can't supersede itself.").format(slug=value.slug))
    else:
        version.supersedes = value


# --- trees -------------------------------------------------------------------------------------


def faults_of_tree(data: Any, *, path: str) -> list[Fault]:
    """Why a tree, or the part of one that stands at `path`, can't be kept."""
    try:
        tree = read_tree(data, path=path)
    except InvalidTree as error:
        return [fault_of(problem) for problem in error.problems]
    return [fault for at, node in walk(tree, path) for fault in _text_faults(at, node)]


def _put_tree(version: MicrocredentialVersion, name: str, data: Any) -> list[Fault]:
    """Set a tree in its canonical form, or say what is wrong with it."""
    faults = faults_of_tree(data, path=name)
    if not faults:
        setattr(version, name, write_tree(read_tree(data, path=name)))
    return faults


def _text_faults(path: str, node: Node) -> Iterator[Fault]:
    """What is wrong with the texts of a requirement, most of which are keys of something."""
    for name, key in _texts(node):
        sentence = wrong_with_text(key)
        if sentence is not None or name == "title":
            pass
        elif len(key) > _LONGEST_KEY:
            sentence = _("This has {length} characters, and may have {most} at most.").format(
                length=len(key), most=_LONGEST_KEY
            )
        elif name == "runs" and not _is_run(key):
            sentence = _(
                "“{run}” is not a course key. A course key looks like "
                "course-v1:Org+Course+Run; it stands in the address of the course."
            ).format(run=key)
        elif name == "course" and not _is_course(key):
            sentence = _(
                "“{course}” does not name a course. Write Org+Course for every run of a "
                "course, or list course keys under “runs”."
            ).format(course=key)
        elif name == "microcredential" and not is_uuid(key):
            sentence = _("There is no microcredential “{name}”.").format(name=key)
        if sentence is not None:
            yield Fault(f"{path}.{name}", sentence)


def _texts(node: Node) -> Iterator[tuple[str, str]]:
    """The texts in a requirement, each with the field that it stands in."""
    yield "title", node.title
    if isinstance(node, (Course, Assessment, Completion)):
        yield from (("runs", run) for run in node.runs)
        if node.course is not None:
            yield "course", node.course
    if isinstance(node, Course):
        yield from (("modes", mode) for mode in node.modes)
    elif isinstance(node, Assessment):
        yield "block", node.block
    elif isinstance(node, MicrocredentialHeld):
        yield "microcredential", node.microcredential
    elif isinstance(node, Program):
        yield "program", node.program
    elif isinstance(node, (Evidence, Attestation, Grant)):
        yield "key", node.key


def is_uuid(text: str) -> bool:
    """Whether it is a uuid in the form in which uuids are compared."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _is_run(text: str) -> bool:
    try:
        course_of(text)
    except InvalidKeyError:
        return False
    return True


def _is_course(text: str) -> bool:
    try:
        return course_of(f"course-v1:{text}+run") == text
    except InvalidKeyError:
        return False


# --- skills ------------------------------------------------------------------------------------


def _skill_faults(skills: Any) -> Iterator[Fault]:
    if not isinstance(skills, list):
        yield Fault("skills", _("This must be a list; it is {value}.").format(value=shown(skills)))
        return
    for position, skill in enumerate(skills):
        path = f"skills[{position}]"
        if not isinstance(skill, Mapping) or not str(skill.get("name") or "").strip():
            yield Fault(path, _("A skill needs a “name”."))
            continue
        for name, value in skill.items():
            if name not in SKILL_FIELDS:
                yield unknown_field(name, SKILL_FIELDS, f"{path}.{name}")
            elif (wrong := wrong_with_text(value)) is not None:
                yield Fault(f"{path}.{name}", wrong)
            elif name == "url" and value and not _is_web_address(value):
                sentence = _("“{url}” is no address in the web. It begins with https://.")
                yield Fault(f"{path}.url", sentence.format(url=value))
            elif name == "target_type" and value and not is_target_type(value):
                sentence = _(
                    "“{value}” is no type that readers of badges know. Choose one of {known}; or "
                    "begin one of your own with “ext:”."
                ).format(value=shown(value), known=", ".join(TARGET_TYPES))
                yield Fault(f"{path}.target_type", sentence)
            elif name == "name" and len(value) > _LONGEST_KEY:
                sentence = _("This has {length} characters, and may have {most} at most.")
                yield Fault(f"{path}.name", sentence.format(length=len(value), most=_LONGEST_KEY))


def _is_web_address(text: str) -> bool:
    """Whether a page may link there: nothing but http and https, with a host."""
    try:
        URLValidator(schemes=["http", "https"])(text)
    except ValidationError:
        return False
    return True


def _in_order(skill: Mapping[str, str]) -> dict[str, str]:
    return {name: skill[name] for name in SKILL_FIELDS if name in skill}
