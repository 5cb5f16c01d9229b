"""
Definitions as an evaluation reads them: frozen, and each behind everything that it stacks on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from graphlib import TopologicalSorter

from django.conf import settings
from django.db.models import Q
from opaque_keys import InvalidKeyError

from microcred_plugin.definitions.content import trees_of
from microcred_plugin.definitions.faces import Face, face_of
from microcred_plugin.definitions.models import (
    Microcredential,
    MicrocredentialVersion,
    RequirementIndex,
    StackClosure,
    Switch,
    VersionState,
)
from microcred_plugin.evaluation.requirements import (
    Assessment,
    Attestation,
    Completion,
    Course,
    Evidence,
    Grant,
    MicrocredentialHeld,
    Node,
    Program,
    walk,
)
from microcred_plugin.evaluation.verdict import Policy, Terms
from microcred_plugin.host.interface import CourseSelection, course_of

_CAUTION = {Switch.OFF.value: 0, Switch.OBSERVE.value: 1, Switch.ON.value: 2}


@dataclass(frozen=True)
class Definition:
    """
    A microcredential with every version that was ever published.

    `versions` leaves out those that were withdrawn; `version_ids` has them too, by number. `face`
    is that of the newest version, and None if all were withdrawn.
    """

    id: int
    uuid: str
    slug: str
    title: str
    switch: str
    visibility: str
    face: Face | None
    versions: tuple[Terms, ...]
    version_ids: Mapping[int, int]
    names: Mapping[str, str]

    def open_terms(self, now: datetime) -> Terms | None:
        """The newest version that can be earned now, which is what new learners work towards."""
        return next((terms for terms in reversed(self.versions) if terms.is_open(now)), None)

    def is_offered(self, now: datetime) -> bool:
        """Whether it is switched on, and has a version that can be earned now."""
        return self.switch == Switch.ON and self.open_terms(now) is not None

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(
            node
            for terms in self.versions
            for tree in (terms.requirements, terms.eligibility, terms.renewal)
            for _path, node in walk(tree)
        )

    @cached_property
    def components(self) -> frozenset[str]:
        """The uuids of what it stacks on, at one remove."""
        return frozenset(
            node.microcredential for node in self.nodes if isinstance(node, MicrocredentialHeld)
        )

    @cached_property
    def keys(self) -> frozenset[str]:
        """Everything that its trees name; who has nothing of it can't have met anything."""
        return frozenset(key for node in self.nodes for key in _keys(node))


@dataclass(frozen=True)
class Stack:
    """Definitions, components first, and what has to be known about learners to judge them."""

    definitions: tuple[Definition, ...]

    @property
    def ids(self) -> list[int]:
        return [definition.id for definition in self.definitions]

    def definition(self, microcredential_id: int) -> Definition:
        """The one with this id, which has to be in it."""
        return next(one for one in self.definitions if one.id == microcredential_id)

    def at_and_below(self, microcredential_id: int) -> Stack:
        """The part of it that decides who has earned this one: itself, and what it stacks on."""
        wanted = {self.definition(microcredential_id).uuid}
        found = []
        for definition in reversed(self.definitions):  # what stacks on others comes first
            if definition.uuid in wanted:
                wanted |= definition.components
                found.append(definition)
        return Stack(tuple(reversed(found)))

    @cached_property
    def selection(self) -> CourseSelection:
        """The runs whose results are asked for."""
        return _selection(self.definitions, (Course, Assessment, Completion))

    @cached_property
    def assessments(self) -> tuple[CourseSelection, frozenset[str]]:
        """The runs and the block ids of the subsections that are asked for."""
        blocks = frozenset(
            node.block
            for definition in self.definitions
            for node in definition.nodes
            if isinstance(node, Assessment)
        )
        return _selection(self.definitions, (Assessment,)), blocks

    @cached_property
    def completions(self) -> CourseSelection:
        """The runs whose completion is asked for."""
        return _selection(self.definitions, (Completion,))


def load_stack(microcredential_ids: Iterable[int]) -> Stack:
    """
    These microcredentials, everything that stacks on them, and everything below either.

    What lies below is there so that a component is always judged before what stacks on it: the
    answer is then the same whichever event came first. Two queries, whatever the size.
    """
    above = StackClosure.objects.filter(descendant__in=set(microcredential_ids))
    below = below_all(Q(ancestor__in=above.values("ancestor")))
    return stack_of(below, versions_by_id(below))


def below_all(roots: Q) -> dict[int, set[int]]:
    """
    What lies below each of some microcredentials and of all that lies below them, by id.

    `roots` says which, as a condition on the closure's rows. One query.
    """
    loaded = StackClosure.objects.filter(roots)
    # Of everything that is loaded, what lies below it: else components had no order among them.
    pairs = StackClosure.objects.filter(ancestor__in=loaded.values("descendant")).values_list(
        "ancestor_id", "descendant_id"
    )
    below: dict[int, set[int]] = defaultdict(set)
    for ancestor, descendant in sorted(pairs):
        below[descendant] |= set()
        if ancestor != descendant:
            below[ancestor].add(descendant)
    return below


def versions_by_id(
    microcredential_ids: Iterable[int],
) -> dict[int, list[MicrocredentialVersion]]:
    """Every version that was ever published, by microcredential and number. One query."""
    found: dict[int, list[MicrocredentialVersion]] = defaultdict(list)
    versions = (
        MicrocredentialVersion.objects.filter(microcredential__in=list(microcredential_ids))
        .exclude(state=VersionState.DRAFT)
        .select_related("microcredential")
        .order_by("number")
    )
    for version in versions:
        found[version.microcredential_id].append(version)
    return found


def stack_of(
    below: Mapping[int, set[int]], versions: Mapping[int, list[MicrocredentialVersion]]
) -> Stack:
    """The definitions of these versions, components first. Raises `graphlib.CycleError`."""
    order = {pk: place for place, pk in enumerate(TopologicalSorter(below).static_order())}
    return Stack(tuple(_definition(versions[pk]) for pk in sorted(versions, key=order.__getitem__)))


def terms_of(version: MicrocredentialVersion) -> Terms:
    """The terms of a version, as the evaluation reads them."""
    trees = trees_of(version)
    assert version.published_at is not None
    return Terms(
        number=version.number,
        published_at=version.published_at,
        closes_at=version.closes_at,
        requirements=trees["requirements"],
        eligibility=trees["eligibility"],
        renewal=trees["renewal"],
        policy=Policy(version.policy),
        validity_months=version.validity_months,
        grace_days=version.grace_days,
        needs_approval=version.needs_approval,
    )


def is_course_used(run: str) -> bool:
    """Whether any published requirement may concern this run. One indexed query."""
    return RequirementIndex.objects.filter(
        object_key__in=names_of_run(run), kind=RequirementIndex.COURSE
    ).exists()


def concerned_by(runs: Collection[str]) -> set[int]:
    """The ids of the microcredentials that name one of these runs, or its course. One query."""
    return set().union(*concerned_by_each(runs).values())


def concerned_by_each(runs: Collection[str]) -> dict[str, set[int]]:
    """By run, the ids of the microcredentials that name it or its course. One query."""
    runs_named: dict[str, set[str]] = defaultdict(set)
    for run in runs:
        for name in names_of_run(run):
            runs_named[name].add(run)
    concerned: dict[str, set[int]] = {run: set() for run in runs}
    for pk, key in RequirementIndex.objects.filter(
        object_key__in=list(runs_named), kind=RequirementIndex.COURSE
    ).values_list("microcredential_id", "object_key"):
        for run in runs_named.get(key, ()):  # a collation may have found more than was asked for
            concerned[run].add(pk)
    return concerned


def effective_switch(microcredential_id: int) -> str:
    """Whether a microcredential is off, observed or on: its own switch and the site's together."""
    return _switch(Microcredential.objects.get(pk=microcredential_id))


def _definition(versions: list[MicrocredentialVersion]) -> Definition:
    microcredential = versions[0].microcredential
    counting = [version for version in versions if version.state != VersionState.WITHDRAWN]
    names: dict[str, str] = {}
    for version in counting:
        names.update(version.names)
    return Definition(
        id=microcredential.id,
        uuid=str(microcredential.uuid),
        slug=microcredential.slug,
        title=microcredential.title,
        switch=_switch(microcredential),
        visibility=microcredential.visibility,
        face=face_of(counting[-1], microcredential) if counting else None,
        versions=tuple(terms_of(version) for version in counting),
        version_ids={version.number: version.id for version in versions},
        names=names,
    )


def _switch(microcredential: Microcredential) -> str:
    """The more cautious of the microcredential's own switch and the site's."""
    site: str = settings.MICROCRED_SWITCH
    return min(microcredential.switch, site, key=_CAUTION.__getitem__)


def names_of_run(run: str) -> list[str]:
    """The names under which the index may have a run: its own key, and its course's."""
    try:
        course = course_of(run)
    except InvalidKeyError:  # a course, of whose runs the platform could say nothing
        course = None
    return [run] if course is None else [run, course]


def _keys(node: Node) -> Iterable[str]:
    if isinstance(node, (Course, Assessment, Completion)):
        return node.runs if node.course is None else (node.course,)
    if isinstance(node, MicrocredentialHeld):
        return (node.microcredential,)
    if isinstance(node, Program):
        return (node.program,)
    return (node.key,) if isinstance(node, (Evidence, Attestation, Grant)) else ()


def _selection(definitions: Iterable[Definition], kinds: tuple[type[Node], ...]) -> CourseSelection:
    runs: set[str] = set()
    courses: set[str] = set()
    for definition in definitions:
        for node in definition.nodes:
            if isinstance(node, (Course, Assessment, Completion)) and isinstance(node, kinds):
                runs.update(node.runs)
                courses.update([node.course] if node.course else [])
    return CourseSelection(frozenset(runs), frozenset(courses))
