"""What a requirement names that belongs to somebody: courses, and other microcredentials. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from opaque_keys import InvalidKeyError

from microcred_plugin.evaluation.requirements import (
    Assessment,
    Completion,
    Course,
    MicrocredentialHeld,
    Node,
)
from microcred_plugin.host.interface import course_of

COURSE = "course"
MICROCREDENTIAL = "microcredential"


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """
    What is to count: a course run, every run of `Org+Course`, or another microcredential.

    `kind` and `key` are those of an offer.
    """

    kind: str
    key: str

    @property
    def is_course(self) -> bool:
        """Whether it is a course, of which every run is meant."""
        return self.kind == COURSE and not _is_run(self.key)

    @property
    def course(self) -> Subject | None:
        """The course of which this is a run; None for what is no run, or stands for itself."""
        if self.kind != COURSE or not _is_run(self.key):
            return None
        course = course_of(self.key)
        return Subject(COURSE, course) if course else None

    @property
    def covering(self) -> tuple[Subject, ...]:
        """Those of which an agreement covers this one: itself, and of a run its course."""
        return (self,) if self.course is None else (self, self.course)


def _is_run(key: str) -> bool:
    try:
        course_of(key)
    except InvalidKeyError:
        return False
    return True


def subjects_of(node: Node) -> tuple[Subject, ...]:
    """What a requirement names that belongs to somebody; of a group nothing."""
    if isinstance(node, (Course, Assessment, Completion)):
        return tuple(Subject(COURSE, key) for key in node.runs or (node.course or "",))
    if isinstance(node, MicrocredentialHeld):
        return (Subject(MICROCREDENTIAL, node.microcredential.lower()),)
    return ()


def about(node: Node, subject: Subject) -> Node:
    """The requirement with no other subject in it than this one of its own."""
    if isinstance(node, (Course, Assessment, Completion)) and node.runs:
        return replace(node, runs=(subject.key,))
    return node
