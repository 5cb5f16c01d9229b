"""Whose yes it takes: what a requirement names, and who may speak for that."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from microcred_plugin import wording
from microcred_plugin.authoring.models import Side
from microcred_plugin.authoring.roles import NotPossible, Rights
from microcred_plugin.authoring.subjects import COURSE, MICROCREDENTIAL, Subject, subjects_of
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Microcredential
from microcred_plugin.evaluation.requirements import InvalidTree, Node, read_tree
from microcred_plugin.host import get_host
from microcred_plugin.host.asking import ask
from microcred_plugin.host.interface import CourseRun, CourseSelection

_LONGEST_KEY = 255


def read_requirement(data: Mapping[str, Any]) -> tuple[Node, Subject]:
    """A requirement that somebody proposes, with the one thing that it names. `NotPossible`."""
    try:
        node = read_tree(data)
    except InvalidTree as error:
        raise NotPossible(wording.sentence(error.problems[0].message, {})) from error
    subjects = subjects_of(node) if node is not None else ()
    if node is None or len(subjects) != 1 or len(subjects[0].key) > _LONGEST_KEY:
        raise NotPossible(_("Name one course run, one course or one microcredential to count."))
    return node, subjects[0]


@dataclass(frozen=True, slots=True)
class Known:
    """
    What there is of the subjects that were asked about, and which of them one user may write.

    `mine` are the runs that they may write, among those that were looked at.
    """

    writable: frozenset[Subject]
    mine: frozenset[str]
    runs: Mapping[str, CourseRun]
    components: Mapping[str, Microcredential]

    def exists(self, subject: Subject) -> bool:
        """Whether there is such a run, a run of such a course, or such a microcredential."""
        if subject.kind == MICROCREDENTIAL:
            return subject.key in self.components
        if subject.is_course:
            return any(run.course == subject.key for run in self.runs.values())
        return subject.key in self.runs

    def title(self, subject: Subject) -> str:
        """What people call it; its key where there is no such thing."""
        if subject.kind == MICROCREDENTIAL:
            found = self.components.get(subject.key)
            return found.title if found else subject.key
        if subject.is_course:
            titles = [run.title for run in self.runs.values() if run.course == subject.key]
            return titles[-1] if titles else subject.key
        return self.runs[subject.key].title if subject.key in self.runs else subject.key

    def names(self) -> dict[str, str]:
        """The titles by key, as sentences about requirements take them."""
        names = {run.course: run.title for run in self.runs.values() if run.course}
        names |= {key: run.title for key, run in self.runs.items()}
        return names | {uuid: found.title for uuid, found in self.components.items()}

    def sides(self, microcredential: Microcredential, subject: Subject, by: Rights) -> set[Side]:
        """From which sides this user may speak about such an offer."""
        sides = {Side.OTHER} if subject in self.writable else set()
        return sides | ({Side.OWNER} if by.may_write(microcredential.organization) else set())


def look_up(subjects: Iterable[Subject], by: Rights) -> Known:
    """
    What there is of these, and what of it this user may write. Raises `HostFailed`.

    A course is written by whoever may write every run of it that there is. Two questions to the
    host and one query, whatever the number.
    """
    wanted = frozenset(subjects)
    courses = {one.key for one in wanted if one.is_course}
    keys = {one.key for one in wanted if one.kind == COURSE} - courses
    selection = CourseSelection(frozenset(keys), frozenset(courses))
    runs = dict(sorted(ask(get_host().course_runs, selection).items())) if selection else {}
    mine = _written(runs, by)
    components = definitions.microcredentials_by_uuid(
        one.key for one in wanted if one.kind == MICROCREDENTIAL
    )
    known = Known(frozenset(), mine, runs, components)
    writable = frozenset(one for one in wanted if known.exists(one) and _may_write(one, known, by))
    return replace(known, writable=writable)


def _written(runs: Collection[str], by: Rights) -> frozenset[str]:
    if by.is_operator:
        return frozenset(runs)
    if by.user_id is None or not runs:
        return frozenset()
    return ask(get_host().may_author, by.user_id, runs)


def _may_write(subject: Subject, known: Known, by: Rights) -> bool:
    if subject.kind == MICROCREDENTIAL:
        return by.may_write(known.components[subject.key].organization)
    if subject.is_course:
        runs = [key for key, run in known.runs.items() if run.course == subject.key]
        return known.mine.issuperset(runs)
    return subject.key in known.mine
