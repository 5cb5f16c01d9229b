"""The form by which a course is offered: what is written in it, and the requirements that it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import COURSE, Known, NotPossible, Rights, Subject
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Microcredential
from microcred_plugin.evaluation.requirements import (
    Assessment,
    Completion,
    Course,
    Node,
    write_tree,
)
from microcred_plugin.host.interface import CourseRun

THIS, CHOSEN, ANY = "this", "chosen", "any"

# The platform's enrollment modes that somebody may learn in.
MODES = {
    "audit": gettext_lazy("Audit: without a certificate"),
    "honor": gettext_lazy("Honor code"),
    "verified": gettext_lazy("Verified"),
    "professional": gettext_lazy("Professional"),
    "no-id-professional": gettext_lazy("Professional, without a check of the identity"),
    "credit": gettext_lazy("Credit"),
    "masters": gettext_lazy("Master's"),
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What was written in the form."""

    which: str = THIS
    runs: tuple[str, ...] = ()
    minimum_grade: str = ""
    modes: tuple[str, ...] = ()
    certificate: bool = False
    note: str = ""

    @classmethod
    def from_form(cls, form: QueryDict) -> Typed:
        """What somebody sent."""
        return cls(
            which=form.get("which", THIS),
            runs=tuple(form.getlist("runs")),
            minimum_grade=form.get("minimum_grade", "").strip(),
            modes=tuple(form.getlist("modes")),
            certificate=form.get("certificate") == "1",
            note=form.get("note", ""),
        )


@dataclass(frozen=True, slots=True)
class Read:
    """What a form asks for: a requirement for each thing that is offered; or what is wrong."""

    requirements: tuple[Mapping[str, Any], ...] = ()
    wrong: Mapping[str, str] = field(default_factory=dict)


def read_form(typed: Typed, run: CourseRun, known: Known) -> Read:
    """The requirements that the form is, or by field what is wrong with it."""
    wrong = {}
    subjects: Sequence[Subject] = ()
    if typed.which == ANY and run.course is not None:
        subjects = (Subject(COURSE, run.course),)
    elif typed.which == CHOSEN:
        subjects = tuple(Subject(COURSE, key) for key in dict.fromkeys(typed.runs))
        if not subjects:
            wrong["which"] = _("Choose at least one run.")
    elif typed.which == THIS:
        subjects = (Subject(COURSE, run.run),)
    else:
        wrong["which"] = _("Choose which runs you offer.")
    if not all(_may_be_offered(subject, known) for subject in subjects):
        wrong["which"] = _("You can only offer runs that you write. Choose others.")
    grade = _grade(typed.minimum_grade)
    if typed.minimum_grade and grade is None:
        wrong["minimum_grade"] = _("Write a whole number from 1 to 100, or nothing.")
    if not set(typed.modes) <= set(MODES):
        wrong["modes"] = _("Choose from the modes that there are.")
    if len(typed.note) > authoring.LONGEST_REASON:
        wrong["note"] = _("That is too long: write at most {most} characters.").format(
            most=authoring.LONGEST_REASON
        )
    if wrong:
        return Read(wrong=wrong)
    nodes = [_node(subject, typed, grade) for subject in subjects]
    return Read(requirements=tuple(write_tree(node) for node in nodes))


def _may_be_offered(subject: Subject, known: Known) -> bool:
    if subject.is_course:
        return subject in known.writable
    return subject.key in known.mine


def _grade(text: str) -> int | None:
    if not (text.isascii() and text.isdecimal() and len(text) <= 3):
        return None
    return int(text) if 1 <= int(text) <= 100 else None


def _node(subject: Subject, typed: Typed, grade: int | None) -> Node:
    node = Course(minimum_grade=grade, modes=typed.modes, certificate=typed.certificate)
    if subject.is_course:
        return replace(node, course=subject.key)
    return replace(node, runs=(subject.key,))


def like_another_run(
    microcredential: Microcredential, run: CourseRun, like: str
) -> Mapping[str, Any]:
    """What the newest version asks of another run of the course, of this one. `NotPossible`."""
    newest = definitions.newest_published(microcredential)
    nodes = [] if newest is None else definitions.nodes_of(newest)
    subject = Subject(COURSE, like)
    is_sibling = subject.course is not None and subject.course.key == run.course
    for _path, node in nodes:
        if (
            is_sibling
            and isinstance(node, (Course, Assessment, Completion))
            and subject in authoring.subjects_of(node)
        ):
            mapping: Mapping[str, Any] = write_tree(replace(node, runs=(run.run,)))
            return mapping
    raise NotPossible(
        _("“{title}” does not name that run any more. Offer this one with the form.").format(
            title=microcredential.title
        )
    )


def find_attachable(
    rights: Rights, run: CourseRun, known: Known, text: str = ""
) -> QuerySet[Microcredential]:
    """The microcredentials to which the run may be offered, by title; `known` has its siblings."""
    organization = run.course.split("+")[0] if run.course else run.organization
    return definitions.attachable(
        mine=None if rights.is_operator else rights.organizations,
        member_of=[*rights.organizations, organization],
        courses=[*known.runs, *filter(None, [run.course])],
        text="".join(one for one in text if one.isprintable())[:100],
    )
