"""What a course counts towards, and where the learner stands in that."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from opaque_keys import InvalidKeyError

from microcred_plugin import wording
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Definition, Stack, Visibility
from microcred_plugin.evaluation.requirements import (
    Assessment,
    Completion,
    Course,
    Node,
    walk,
)
from microcred_plugin.host import get_host
from microcred_plugin.host.interface import CourseRun, CourseSelection, course_of
from microcred_plugin.planning import ask
from microcred_plugin.presenting.parts import Badge, Earned, ahead, badge, earned
from microcred_plugin.progress import Overview, Progress, organizations_of, view


@dataclass(frozen=True, slots=True)
class Counts:
    """A microcredential that the course counts towards, and what it asks of the course."""

    badge: Badge
    asked: tuple[wording.Asked, ...]
    progress: Progress | None
    award: Earned | None

    @property
    def ahead(self) -> Progress | None:
        return ahead(self.progress, self.award)


@dataclass(frozen=True, slots=True)
class CoursePage:
    """Everything on the page."""

    run: CourseRun
    url: str
    counts: tuple[Counts, ...]
    is_enrolled: bool
    is_complete: bool


def read_course(key: str, *, learner_id: int | None, now: datetime) -> CoursePage | None:
    """The page of a course run; None where there is no such run. Raises `HostFailed`."""
    try:
        course_of(key)
    except InvalidKeyError:
        return None
    return read_courses([key], learner_id=learner_id, now=now).get(key)


def read_courses(
    keys: Collection[str], *, learner_id: int | None, now: datetime
) -> dict[str, CoursePage]:
    """
    The pages of these course runs, by key, as far as there are such runs.

    The queries do not depend on how many there are. Raises `HostFailed`.
    """
    runs = ask(get_host().course_runs, CourseSelection(runs=frozenset(keys)))
    if not runs:
        return {}
    concerned = definitions.concerned_by_each([key for key in keys if key in runs])
    seen = view(learner_id, set().union(*concerned.values()), now=now)
    return {
        key: CoursePage(
            run=runs[key],
            url=get_host().course_url(key, is_enrolled=key in seen.enrolled),
            counts=tuple(_counts(key, of_it, seen, now)),
            is_enrolled=key in seen.enrolled,
            is_complete=seen.is_complete,
        )
        for key, of_it in concerned.items()
    }


def counted_towards(
    keys: Collection[str], *, organizations: Collection[str], now: datetime
) -> dict[str, list[Definition]]:
    """
    What each of these runs counts towards, by key and in the order of titles; whatever is not
    listed for members of these organisations is left out, and so are runs that count towards
    nothing.

    One query where nothing asks for any of them, else three.
    """
    concerned = definitions.concerned_by_each(keys)
    ids = set().union(*concerned.values())
    if not ids:
        return {}
    stack = definitions.load_stack(ids)
    found = {
        key: [
            definition
            for definition in _of(stack, of_it)
            if _is_listed(definition, frozenset(organizations), now)
            and _asked(definition, key, now)
        ]
        for key, of_it in concerned.items()
    }
    return {
        key: sorted(of_it, key=lambda definition: definition.title)
        for key, of_it in found.items()
        if of_it
    }


def _counts(key: str, concerned: Iterable[int], seen: Overview, now: datetime) -> list[Counts]:
    organizations = organizations_of(seen.enrolled)
    found = []
    for definition in _of(seen.stack, concerned):
        award = seen.standing(definition.id)
        if award is None and not _is_listed(definition, organizations, now):
            continue
        asked = _asked(definition, key, now)
        if definition.face is None or not (asked or award):
            continue
        progress = seen.progress.get(definition.uuid)
        found.append(
            Counts(
                badge=badge(definition.face),
                asked=asked,
                progress=progress if progress and definition.is_offered(now) else None,
                award=earned(award, now=now) if award else None,
            )
        )
    return sorted(found, key=lambda one: one.badge.title)


def _of(stack: Stack, concerned: Iterable[int]) -> list[Definition]:
    wanted = set(concerned)
    return [definition for definition in stack.definitions if definition.id in wanted]


def _is_listed(definition: Definition, organizations: frozenset[str], now: datetime) -> bool:
    if not definition.is_offered(now) or definition.face is None:
        return False
    if definition.visibility == Visibility.ORGANIZATION:
        return definition.face.organization in organizations
    return definition.visibility == Visibility.PUBLIC


def _asked(definition: Definition, key: str, now: datetime) -> tuple[wording.Asked, ...]:
    """What the version that can be earned now asks of this run, in its requirements."""
    newest = definition.open_terms(now)
    if newest is None:
        return ()
    return tuple(
        wording.asked(node, definition.names)
        for tree in (newest.requirements, newest.eligibility)
        for _path, node in walk(tree)
        if _means(node, key)
    )


def _means(node: Node, key: str) -> bool:
    return isinstance(node, (Course, Assessment, Completion)) and (
        key in node.runs or (node.course is not None and node.course == course_of(key))
    )
