"""One microcredential: what it recognises, what it takes and is worth, and where one stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from microcred_plugin.awards import api as awards
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import (
    Definition,
    MicrocredentialVersion,
    Switch,
    Visibility,
    face_of,
    trees_of,
)
from microcred_plugin.evaluation.evaluate import Outcome
from microcred_plugin.evaluation.requirements import MicrocredentialHeld, Tree, walk
from microcred_plugin.presenting.parts import (
    Badge,
    Earned,
    Requirement,
    ahead,
    badge,
    credit,
    earned,
    requirement,
    workload,
)
from microcred_plugin.progress import Overview, Progress, view


@dataclass(frozen=True, slots=True)
class Older:
    """Another version of the same microcredential."""

    number: int
    published_at: datetime
    closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class Detail:
    """
    Everything on the page.

    `is_newest`: this is the version that counts for whoever begins today. `is_open`: it can be
    earned now. `progress` and `award` are the reader's own.
    """

    version: MicrocredentialVersion
    badge: Badge
    requirements: Requirement | None
    eligibility: Requirement | None
    stacks_on: tuple[Badge, ...]
    stacks_towards: tuple[Badge, ...]
    others: tuple[Older, ...]
    newest: int
    is_open: bool
    has_closed: bool
    progress: Progress | None
    award: Earned | None
    is_complete: bool

    @property
    def workload(self) -> str:
        return workload(self.version)

    @property
    def credit(self) -> str:
        return credit(self.version)

    @property
    def ahead(self) -> Progress | None:
        return ahead(self.progress, self.award)

    @property
    def is_newest(self) -> bool:
        return self.version.number == self.newest


def read_detail(
    uuid: UUID, *, learner_id: int | None, is_staff: bool, now: datetime, number: int | None = None
) -> Detail | None:
    """
    The page of a microcredential, in the version `number` or the one that can be earned.

    None if there is nothing to show to this reader: nothing was ever published, there is no such
    version, or it is only observed and nobody holds it.
    """
    versions = definitions.published_versions(uuid)
    if not versions:
        return None
    newest = next((one for one in versions if _is_open(one, now)), versions[0])
    version = newest
    if number is not None:
        found = [one for one in versions if one.number == number]
        if not found:
            return None
        version = found[0]
    microcredential = version.microcredential
    seen = view(learner_id, [microcredential.pk], now=now)
    definition = next(one for one in seen.stack.definitions if one.id == microcredential.pk)
    held = seen.standing(microcredential.pk)
    if definition.switch != Switch.ON and not (is_staff or held):
        is_held = awards.awards_of(microcredential_ids=[microcredential.pk]).exists()
        if definition.switch == Switch.OBSERVE and not is_held:
            return None
    progress = seen.progress.get(str(uuid))
    trees = trees_of(version)
    outcomes = _outcomes(progress, version)
    listed = {one.uuid: one for one in seen.stack.definitions if _may_name(one, seen)}
    return Detail(
        version=version,
        badge=badge(face_of(version, microcredential)),
        requirements=_tree(trees["requirements"], outcomes[0], version, seen),
        eligibility=_tree(trees["eligibility"], outcomes[1], version, seen),
        stacks_on=_badges(listed.get(key) for key in _components(trees["requirements"])),
        stacks_towards=_badges(
            one
            for one in listed.values()
            if one.is_offered(now)
            and (terms := one.open_terms(now)) is not None
            and str(uuid) in _components(terms.requirements)
        ),
        others=tuple(
            Older(one.number, one.published_at, one.closes_at)
            for one in versions
            if one is not version and one.published_at is not None
        ),
        newest=newest.number,
        is_open=definition.switch == Switch.ON and _is_open(version, now),
        has_closed=not _is_open(version, now),
        progress=progress if version is newest else None,
        award=earned(held, now=now) if held else None,
        is_complete=seen.is_complete,
    )


def _is_open(version: MicrocredentialVersion, now: datetime) -> bool:
    return version.closes_at is None or version.closes_at > now


def _outcomes(
    progress: Progress | None, version: MicrocredentialVersion
) -> tuple[Outcome | None, Outcome | None]:
    """What the reader's standing says about the trees of this version, if it is about it."""
    verdict = progress.verdict if progress else None
    if verdict is None or verdict.terms is None or verdict.terms.number != version.number:
        return None, None
    return verdict.outcome, verdict.eligibility


def _tree(
    tree: Tree, outcome: Outcome | None, version: MicrocredentialVersion, seen: Overview
) -> Requirement | None:
    if tree is None:
        return None
    return requirement(tree, outcome, version.names, enrolled=seen.enrolled)


def _components(tree: Tree) -> list[str]:
    """The microcredentials that a tree names, each once."""
    found = (node for _path, node in walk(tree) if isinstance(node, MicrocredentialHeld))
    return list(dict.fromkeys(node.microcredential for node in found))


def _may_name(definition: Definition, seen: Overview) -> bool:
    """What is kept off the lists is named only to those who hold it."""
    return definition.face is not None and (
        definition.visibility == Visibility.PUBLIC or seen.standing(definition.id) is not None
    )


def _badges(found: Iterable[Definition | None]) -> tuple[Badge, ...]:
    return tuple(badge(one.face) for one in found if one is not None and one.face is not None)
