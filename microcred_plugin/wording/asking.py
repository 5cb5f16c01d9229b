"""What a requirement asks for, whoever reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from microcred_plugin.evaluation.requirements import (
    Assessment,
    AtLeast,
    Attestation,
    Completion,
    Course,
    Credits,
    Evidence,
    Grant,
    Group,
    MicrocredentialHeld,
    Node,
    Program,
)
from microcred_plugin.wording.values import either, isolated, shown, titles

_ASKS: Mapping[str, Any] = {
    "all_of": ngettext_lazy("This one", "All %(of)s of these", "of"),
    "any_of": _("One of these"),
    "at_least": ngettext_lazy(
        "At least %(n)s of these %(of)s", "At least %(n)s of these %(of)s", "n"
    ),
    "credits": _("At least %(minimum)s credits from these"),
    "course": _("Pass %(what)s"),
    "assessment": _("Reach %(minimum_grade)s %% in one part of %(what)s"),
    "assessment.titled": _("Reach %(minimum_grade)s %% in “%(title)s” of %(what)s"),
    "completion": _("Complete %(minimum_percent)s %% of %(what)s"),
    "microcredential": _("Earn %(what)s"),
    "program": _("Complete the program %(what)s"),
    "evidence": _("Hand in “%(what)s” for a reviewer to accept"),
    "attestation": _("Have somebody confirm “%(what)s”"),
    "grant": _("Be granted “%(what)s”"),
}
_ANY_RUN = _("in any run")
_MINIMUM_GRADE = _("grade of %(percent)s %% or more")
_WITH_CERTIFICATE = _("with its certificate")
_MODES = _("enrollment mode: %(modes)s")
_NOT_BEFORE = _("passed on %(day)s or later")
_NOT_AFTER = _("passed by %(day)s")
_WORTH = _("worth %(credits)s credits")
_WITHIN_MONTHS = ngettext_lazy("within %(months)s month", "within %(months)s months", "months")


@dataclass(frozen=True, slots=True)
class Asked:
    """A requirement as everybody reads it: its title, if it has one, what it asks, and how."""

    title: str
    text: str
    options: tuple[str, ...] = ()


def asked(node: Node, names: Mapping[str, str]) -> Asked:
    """What a requirement asks for; `names` as in `sentence`."""
    key, title = node.kind, node.title
    values: dict[str, Any] = {"title": title, "what": _what(node, names)}
    if isinstance(node, Group):
        values["of"] = len(node.of)
    if isinstance(node, AtLeast):
        values["n"] = node.n
    elif isinstance(node, Credits):
        values["minimum"] = shown("minimum", node.minimum, names)
    elif isinstance(node, Assessment):
        key, title = ("assessment.titled", "") if node.title else (key, "")
        values["minimum_grade"] = node.minimum_grade
    elif isinstance(node, Completion):
        values["minimum_percent"] = node.minimum_percent
    elif isinstance(node, (Evidence, Attestation, Grant)):
        title = ""
    return Asked(title, str(_ASKS[key] % values), tuple(_options(node, names)))


def _what(node: Node, names: Mapping[str, str]) -> str:
    if isinstance(node, (Course, Assessment, Completion)):
        return str(shown("course", node.course, names) if node.course else titles(node.runs, names))
    if isinstance(node, MicrocredentialHeld):
        return isolated(names.get(node.microcredential, node.microcredential))
    if isinstance(node, Program):
        return isolated(names.get(node.program, node.program))
    return isolated(node.title or getattr(node, "key", ""))


def _options(node: Node, names: Mapping[str, str]) -> Iterator[str]:
    if isinstance(node, Group) and node.within_months is not None:
        yield str(_WITHIN_MONTHS % {"months": node.within_months})
    if isinstance(node, (Course, Assessment, Completion)) and node.course is not None:
        yield str(_ANY_RUN)
    if isinstance(node, Course):
        if node.minimum_grade is not None:
            yield str(_MINIMUM_GRADE % {"percent": node.minimum_grade})
        if node.certificate:
            yield str(_WITH_CERTIFICATE)
        if node.modes:
            yield str(_MODES % {"modes": either(node.modes)})
        if node.not_before is not None:
            yield str(_NOT_BEFORE % {"day": date_format(node.not_before)})
        if node.not_after is not None:
            yield str(_NOT_AFTER % {"day": date_format(node.not_after)})
    if node.credits is not None:
        yield str(_WORTH % {"credits": shown("credits", node.credits, names)})
