"""
What an evaluation would change: the truth in, changes out. It writes nothing.

Everything that is decided about awards is decided here, for a batch of learners and a stack of
definitions: for an event, a publication, a reconciliation or a preview.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from django.conf import settings

from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Place, Why
from microcred_plugin.definitions.api import Definition, Stack, Switch
from microcred_plugin.evaluation.record import (
    AssessmentResult,
    AwardFact,
    CompletionResult,
    CourseResult,
    LearnerRecord,
    Unknown,
)
from microcred_plugin.host import get_host
from microcred_plugin.host.asking import HostFailed, ask
from microcred_plugin.host.interface import EVERY_RUN, CourseSelection, course_of

__all__ = [
    "CourseResults",
    "HostFailed",
    "Plan",
    "ask",
    "plan",
    "read_facts",
    "read_record",
    "read_results",
]

CourseResults: TypeAlias = Mapping[str, CourseResult | Unknown]


@dataclass(frozen=True, slots=True)
class Seen:
    """A learner at one microcredential: the facts that decide there, the award before and after."""

    record: LearnerRecord
    before: awards.Standing | None
    after: awards.Standing | None
    said: Mapping[awards.DecisionKind, awards.Said]


@dataclass(frozen=True, slots=True)
class Plan:
    """
    The changes of a batch, components before what stacks on them, and when to look again.

    `seen` has those learners who have anything towards the microcredential that was watched.
    """

    changes: tuple[awards.Recorded, ...] = ()
    dues: tuple[tuple[Place, Why, datetime], ...] = ()
    learners: int = 0
    seen: Mapping[int, Seen] = field(default_factory=dict)


@dataclass(slots=True)
class _Learner:
    """One learner while a batch is planned: the record as it is, and as it would be."""

    record: LearnerRecord
    imagined: LearnerRecord
    known: set[str]


@dataclass(slots=True)
class _Batch:
    """The facts of a batch, read once."""

    learners: Mapping[int, _Learner]
    standings: Mapping[Place, awards.Standing]
    decisions: Mapping[Place, Mapping[awards.DecisionKind, awards.Said]]
    changes: list[awards.Recorded] = field(default_factory=list)
    dues: list[tuple[Place, Why, datetime]] = field(default_factory=list)


def plan(
    learner_ids: Collection[int],
    stack: Stack,
    *,
    now: datetime,
    undone: str = "",
    watched: int | None = None,
) -> Plan:
    """
    Judge these learners against this stack.

    Retired and deleted users are left out. Raises `HostFailed`. `undone` is the uuid of a
    publication to take back, `watched` the id of a microcredential of which more is to be told.
    """
    people = ask(get_host().learners, learner_ids)
    present = sorted(pk for pk, learner in people.items() if not learner.is_retired)
    if not present or not stack.definitions:
        return Plan(learners=len(learner_ids))
    batch = _read(present, stack)
    seen: dict[int, Seen] = {}
    for definition in stack.definitions:
        for learner_id in present:
            if not _may_concern(batch, learner_id, definition):
                continue
            standing = batch.standings.get((learner_id, definition.id))
            if definition.switch != Switch.OFF:
                standing = _decide(batch, learner_id, definition, now=now, undone=undone)
            if definition.id == watched:
                seen[learner_id] = _seen(batch, learner_id, definition, standing)
    return Plan(tuple(batch.changes), tuple(batch.dues), len(learner_ids), seen)


def candidates(stack: Stack, *, after: int, limit: int) -> list[int]:
    """
    The next ids, above `after`, of everybody whom this stack may concern. Raises `HostFailed`.

    Who has a result in a course that counts, or an award or a person's decision in any of it.
    """
    pages = [awards.learners_concerned(stack.ids, after=after, limit=limit)]
    if stack.selection:
        question = get_host().learner_ids_with_results
        pages.append(list(ask(question, stack.selection, after=after, limit=limit)))
    return sorted({learner_id for page in pages for learner_id in page})[:limit]


def read_record(learner_id: int, stack: Stack) -> LearnerRecord:
    """
    The record of one learner, as far as this stack asks for it, for telling where they stand.

    Unlike what is judged in a batch it has awards that have ended too: none of them counts, and
    the learner is told what became of it.
    """
    record = _read([learner_id], stack).learners[learner_id].record
    uuids = {definition.id: definition.uuid for definition in stack.definitions}
    ended = {
        uuids[microcredential_id]: fact
        for microcredential_id, fact in awards.last_ended(learner_id, stack.ids).items()
    }
    return replace(record, awards={**ended, **record.awards})


def read_results(learner_id: int) -> CourseResults:
    """Every course result of one learner, by run. Raises `HostFailed`."""
    return ask(get_host().course_results, [learner_id], EVERY_RUN).get(learner_id, {})


def read_facts(
    learner_ids: Collection[int],
    stack: Stack,
    *,
    results: Mapping[int, CourseResults] | None = None,
) -> dict[int, LearnerRecord]:
    """
    What the platform says of these learners, as far as the stack asks for it, and no awards.

    `results` are the course results, where they have been read already. Raises `HostFailed`.
    """
    host = get_host()
    if results is None:
        results = ask(host.course_results, learner_ids, stack.selection) if stack.selection else {}
    selection, blocks = stack.assessments
    assessments = ask(host.assessment_results, learner_ids, selection, blocks) if blocks else {}
    completions = ask(host.completions, learner_ids, stack.completions) if stack.completions else {}
    return {
        learner_id: LearnerRecord(
            course_results=results.get(learner_id, {}),
            assessments=assessments.get(learner_id, {}),
            completions=completions.get(learner_id, {}),
        )
        for learner_id in learner_ids
    }


def _read(learner_ids: Collection[int], stack: Stack) -> _Batch:
    """Every fact about these learners that the stack asks for: a fixed number of queries."""
    standings = awards.standings(learner_ids, stack.ids)
    uuids = {definition.id: definition.uuid for definition in stack.definitions}
    held: dict[int, dict[str, AwardFact | Unknown]] = {pk: {} for pk in learner_ids}
    for (learner_id, microcredential_id), standing in standings.items():
        held[learner_id][uuids[microcredential_id]] = standing.as_fact()
    learners = {}
    for learner_id, facts in read_facts(learner_ids, stack).items():
        record = replace(facts, awards=held[learner_id])
        imagined = replace(facts, awards=dict(held[learner_id]))
        learners[learner_id] = _Learner(record, imagined, set(_names(record, stack.selection)))
    return _Batch(learners, standings, awards.decisions(learner_ids, stack.ids))


def _names(record: LearnerRecord, asked: CourseSelection) -> Iterator[str]:
    """Everything of which the learner has something; nothing else can be met."""
    facts: list[tuple[str, CourseResult | CompletionResult | AssessmentResult | Unknown]] = [
        *record.course_results.items(),
        *record.completions.items(),
        *((run, result) for (run, _block), result in record.assessments.items()),
    ]
    for name, result in facts:
        yield name
        if isinstance(result, Unknown):
            yield from _unknown_with(name, asked)
        elif result.course is not None:
            yield result.course
    yield from record.awards


def _unknown_with(name: str, asked: CourseSelection) -> Iterator[str]:
    """What can't be said either: the course of a run, or the runs of a course, if asked for."""
    if ":" in name or "/" in name:
        course = course_of(name)
        if course is not None:
            yield course
    else:
        yield from (run for run in asked.runs if course_of(run) == name)


def _may_concern(batch: _Batch, learner_id: int, definition: Definition) -> bool:
    """Whether the learner has anything here: an award, a decision, or something it asks for."""
    place = (learner_id, definition.id)
    return (
        place in batch.standings
        or place in batch.decisions
        or not definition.keys.isdisjoint(batch.learners[learner_id].known)
    )


def _decide(
    batch: _Batch, learner_id: int, definition: Definition, *, now: datetime, undone: str
) -> awards.Standing | None:
    """Note what changes for a learner here; the award afterwards, unless it has ended."""
    place = (learner_id, definition.id)
    learner = batch.learners[learner_id]
    decided = awards.decide(
        awards.Case(
            definition.versions,
            _record(learner, definition),
            batch.standings.get(place),
            batch.decisions.get(place, {}),
            undone,
        ),
        now=now,
    )
    is_observed = definition.switch == Switch.OBSERVE
    batch.changes += (
        awards.Recorded(learner_id, definition.id, definition.version_ids, change, is_observed)
        for change in decided.changes
    )
    if decided.changes:
        for seen in (learner.imagined,) if is_observed else (learner.record, learner.imagined):
            _stand(seen, definition.uuid, decided.changes[-1].after)
        learner.known.add(definition.uuid)
    if decided.is_unknown:
        retry = timedelta(seconds=settings.MICROCRED_RETRY_SECONDS)
        batch.dues.append((place, Why.UNKNOWN, now + retry))
    if decided.changes_at is not None:
        is_expiry = (
            decided.standing is not None and decided.standing.expires_at == decided.changes_at
        )
        why = Why.EXPIRY if is_expiry else Why.FACT
        batch.dues.append((place, why, decided.changes_at))
    return decided.standing


def _record(learner: _Learner, definition: Definition) -> LearnerRecord:
    """The facts that decide here: what is only observed sees what is only observed below it."""
    return learner.imagined if definition.switch == Switch.OBSERVE else learner.record


def _seen(
    batch: _Batch, learner_id: int, definition: Definition, after: awards.Standing | None
) -> Seen:
    place = (learner_id, definition.id)
    return Seen(
        record=_record(batch.learners[learner_id], definition),
        before=batch.standings.get(place),
        after=after,
        said=batch.decisions.get(place, {}),
    )


def _stand(record: LearnerRecord, uuid: str, standing: awards.Standing) -> None:
    """Have what stacks on this microcredential see the award as it is now, ended or not."""
    # The mapping is this batch's own; it was made in `_read`.
    held: dict[str, AwardFact | Unknown] = record.awards  # type: ignore[assignment]
    held[uuid] = standing.as_fact()
