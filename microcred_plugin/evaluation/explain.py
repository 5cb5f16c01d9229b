"""
What an outcome means to the learner: where they stand, and what to do next.

The steps are those of the shortest way that the tree leaves open, the easiest first. They come
from the same outcome as the verdict, so the two cannot disagree: a met outcome has no step left.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from microcred_plugin.evaluation.evaluate import Outcome, Truth
from microcred_plugin.evaluation.message import Message, message
from microcred_plugin.evaluation.requirements import (
    Assessment,
    Attestation,
    Completion,
    Course,
    Credits,
    Evidence,
    Grant,
    Group,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One node of the tree, in words; `depth` is 0 for the root."""

    path: str
    depth: int
    title: str
    is_group: bool
    truth: Truth
    message: Message
    within_months: int | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """
    An outcome in words.

    `steps` are the requirements still to be met on the shortest way, the easiest first; empty
    when everything is met, and also when no way is left. `remaining` counts them, None if there
    is no way; `done` counts the requirements that are met, without those to spare.
    `is_under_way`: a requirement is met or the learner is enrolled towards one.
    """

    truth: Truth
    summary: Message
    lines: tuple[Line, ...]
    steps: tuple[Message, ...]
    remaining: int | None
    done: int
    is_under_way: bool

    @property
    def next_step(self) -> Message | None:
        return self.steps[0] if self.steps else None


def explain(outcome: Outcome) -> Explanation:
    """Say what the outcome means."""
    way = _shortest_way(outcome)
    leaves = tuple(outcome.leaves())
    return Explanation(
        truth=outcome.truth,
        summary=_summary(outcome, way),
        lines=tuple(_lines(outcome, 0)),
        steps=tuple(step for _effort, step in way.steps) if way else (),
        remaining=len(way.steps) if way else None,
        done=_done(outcome),
        is_under_way=not outcome.is_met and any(leaf.is_met or leaf.is_enrolled for leaf in leaves),
    )


def _summary(outcome: Outcome, way: _Way | None) -> Message:
    if outcome.node is None:
        return message("verdict.empty")
    if outcome.truth is Truth.MET:
        if outcome.met_on is None:
            return message("verdict.met_undated")
        return message("verdict.met", on=outcome.met_on)
    if outcome.truth is Truth.UNKNOWN:
        return message("verdict.unknown")
    if way is None:
        return message("verdict.no_way")
    return message("verdict.not_met", remaining=len(way.steps))


def _lines(outcome: Outcome, depth: int) -> Iterator[Line]:
    node = outcome.node
    yield Line(
        outcome.path,
        depth,
        node.title if node else "",
        isinstance(node, Group),
        outcome.truth,
        outcome.reason,
        node.within_months if isinstance(node, Group) else None,
    )
    for child in outcome.children:
        yield from _lines(child, depth + 1)


def _done(outcome: Outcome) -> int:
    """Requirements that are met and needed: of two electives of three, never more than two."""
    node = outcome.node
    if not isinstance(node, Group):
        return int(outcome.is_met)
    done = sorted((_done(child) for child in outcome.children), reverse=True)
    return sum(done if isinstance(node, Credits) else done[: node.needed])


# --- the shortest way ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Way:
    """Steps that would meet a node, with the effort of each, the easiest first."""

    steps: tuple[tuple[int, Message], ...] = ()

    @property
    def effort(self) -> int:
        return sum(effort for effort, _step in self.steps)


# Reason of a requirement that is not met -> what to do about it, and how far away that is.
# Efforts only order the steps; a reason that is not here leaves nothing to do.
_STEPS: dict[str, tuple[str, int]] = {
    "course.unknown": ("step.wait", 2),
    "course.undated": ("step.wait", 2),
    "completion.unknown": ("step.wait", 2),
    "microcredential.unknown": ("step.wait", 2),
    "program.unknown": ("step.wait", 2),
    "evidence.unknown": ("step.wait", 2),
    "attestation.unknown": ("step.wait", 2),
    "grant.unknown": ("step.wait", 2),
    "window.undated": ("step.wait", 2),
    "course.no_certificate": ("step.get_certificate", 3),
    "microcredential.held": ("step.wait_for_approval", 3),
    "evidence.not_yet": ("step.wait_until", 3),
    "attestation.not_yet": ("step.wait_until", 3),
    "grant.not_yet": ("step.wait_until", 3),
    "program.not_yet": ("step.wait_until", 3),
    "course.mode_not_accepted": ("step.change_mode", 4),
    "course.audit_not_accepted": ("step.leave_audit", 4),
    "course.no_mode": ("step.enroll", 4),
    "course.below_minimum": ("step.raise_grade", 5),
    "course.no_grade": ("step.get_grade", 5),
    "assessment.below": ("step.raise_assessment", 5),
    "completion.below": ("step.complete", 5),
    "course.below_pass_mark": ("step.pass_course_from", 6),
    "course.enrolled": ("step.pass_course", 7),
    "evidence.missing": ("step.hand_in", 8),
    "attestation.missing": ("step.ask_attestation", 8),
    "attestation.ended": ("step.ask_attestation", 8),
    "evidence.ended": ("step.hand_in", 8),
    "microcredential.suspended": ("step.restore_microcredential", 9),
    "course.not_started": ("step.enroll_and_pass", 10),
    "course.left": ("step.enroll_and_pass", 10),
    "assessment.missing": ("step.take_assessment", 10),
    "completion.missing": ("step.take_course", 10),
    "grant.missing": ("step.ask_grant", 11),
    "grant.ended": ("step.ask_grant", 11),
    "microcredential.missing": ("step.earn_microcredential", 12),
    "microcredential.revoked": ("step.earn_microcredential", 12),
    "microcredential.expired": ("step.earn_microcredential", 12),
    "microcredential.declined": ("step.earn_microcredential", 12),
    "program.missing": ("step.earn_program", 14),
    "program.ended": ("step.earn_program", 14),
    "course.certificate_invalidated": ("step.ask_course_team", 16),
}

# Reasons that only another run of the same course can mend, or doing the same once more.
_ANOTHER_RUN = {"course.too_early", "window.outside"}
_ONCE_MORE: dict[type, tuple[str, int]] = {
    Evidence: ("step.hand_in", 8),
    Attestation: ("step.ask_attestation", 8),
    Grant: ("step.ask_grant", 11),
}


def _shortest_way(outcome: Outcome) -> _Way | None:
    """The steps that are left, or None if nothing the learner can do would meet the node."""
    node = outcome.node
    if outcome.is_met:
        return _Way()
    if node is None:
        return None
    if not isinstance(node, Group):
        return _leaf_way(outcome)
    ways = [(child, _shortest_way(child)) for child in outcome.children]
    open_ways = sorted(
        ((child, way) for child, way in ways if way is not None),
        key=lambda pair: (pair[1].effort, len(pair[1].steps)),
    )
    if isinstance(node, Credits):
        chosen = _enough_credits(node.minimum, open_ways)
    else:
        chosen = open_ways[: node.needed] if len(open_ways) >= node.needed else []
    if not chosen:
        return None
    steps = (step for _child, way in chosen for step in way.steps)
    return _Way(tuple(sorted(steps, key=lambda step: step[0])))


def _enough_credits(
    minimum: Decimal, ways: list[tuple[Outcome, _Way]]
) -> list[tuple[Outcome, _Way]]:
    """The easiest ways that are worth enough, none of them to spare; none if all are too little."""
    chosen = []
    worth = Decimal(0)
    for child, way in ways:
        if worth < minimum and child.credits:
            worth += child.credits
            chosen.append((child, way))
    if worth < minimum:
        return []
    needed = []
    for child, way in reversed(chosen):
        if worth - child.credits >= minimum:
            worth -= child.credits
        else:
            needed.append((child, way))
    return needed[::-1]


def _leaf_way(outcome: Outcome) -> _Way | None:
    node, reason = outcome.node, outcome.reason
    params: dict[str, Any] = dict(reason.params)
    if reason.key in _ANOTHER_RUN:
        if isinstance(node, (Course, Assessment, Completion)):
            if not node.course and len(node.runs) < 2:
                return None
            params["course" if node.course else "runs"] = node.course or node.runs
            return _Way(((13, message("step.another_run", **params)),))
        step = _ONCE_MORE.get(type(node))
    else:
        step = _STEPS.get(reason.key)
    if step is None:
        return None
    key, effort = step
    return _Way(((effort, message(key, **params)),))
