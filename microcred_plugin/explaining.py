"""Where one learner stands in one microcredential, in words: read now, and not recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from microcred_plugin import wording
from microcred_plugin.awards import api as awards
from microcred_plugin.definitions import api as definitions
from microcred_plugin.evaluation.evaluate import Outcome
from microcred_plugin.evaluation.explain import Explanation
from microcred_plugin.evaluation.explain import explain as explain_outcome
from microcred_plugin.evaluation.readings import Truth
from microcred_plugin.evaluation.verdict import Result, Verdict, judge
from microcred_plugin.host import get_host
from microcred_plugin.planning import read_record

MARKS = {Truth.MET: "✓", Truth.NOT_MET: "✗", Truth.UNKNOWN: "?"}


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """One node of a tree: how deep, its mark, what it says, and the facts it read."""

    depth: int
    mark: str
    text: str
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explained:
    """Everything that there is to say, as sentences in the language that is active."""

    slug: str
    title: str
    version: int
    learner_id: int
    username: str
    result: Result
    summary: str
    lines: tuple[ExplainedLine, ...]
    steps: tuple[str, ...]
    is_under_way: bool
    history: tuple[str, ...]


def explain(learner_id: int, microcredential_id: int, *, now: datetime) -> Explained:
    """
    Judge the learner now, and say it. Nothing is recorded.

    Raises `NotFound` for a microcredential that has no published version, and for a learner
    who has been retired or deleted.
    """
    learner = get_host().learners([learner_id]).get(learner_id)
    if learner is None or learner.is_retired:
        raise definitions.NotFound(
            _("User {learner_id} has been retired or deleted, and is not evaluated.").format(
                learner_id=learner_id
            )
        )
    stack = definitions.load_stack([microcredential_id])
    found = [one for one in stack.definitions if one.id == microcredential_id]
    if not found or not found[0].versions:
        raise definitions.NotFound(_("It has no published version yet. Publish it first."))
    definition = found[0]
    verdict = judge(definition.versions, read_record(learner_id, stack), now=now)
    assert verdict.terms is not None
    assert verdict.outcome is not None
    names = _names(stack, definition)
    explanation = explain_outcome(verdict.outcome)
    return Explained(
        slug=definition.slug,
        title=definition.title,
        version=verdict.terms.number,
        learner_id=learner_id,
        username=learner.username,
        result=verdict.result,
        summary=_summary(verdict, explanation, names),
        lines=tuple(_lines(verdict, names)),
        steps=_steps(verdict, explanation, names),
        is_under_way=explanation.is_under_way,
        history=tuple(_history(learner_id, microcredential_id)),
    )


def _names(stack: definitions.Stack, definition: definitions.Definition) -> Mapping[str, str]:
    """Titles of everything that may be named: as published, and of runs that came later."""
    names = {one.uuid: one.title for one in stack.definitions}
    runs = get_host().course_runs(stack.selection) if stack.selection else {}
    names |= {run.run: run.title for run in runs.values()}
    return {**names, **definition.names}


def _summary(verdict: Verdict, explanation: Explanation, names: Mapping[str, str]) -> str:
    said = wording.sentence(explanation.summary, names)
    if verdict.result is Result.WAITING and verdict.eligibility is not None:
        waiting = wording.sentence(explain_outcome(verdict.eligibility).summary, names)
        return _("{said} It waits for eligibility: {waiting}").format(said=said, waiting=waiting)
    if verdict.result is Result.LAPSED and verdict.expires_at is not None:
        return _("{said} It ran out on {date}, and has to be earned again.").format(
            said=said, date=date_format(verdict.expires_at)
        )
    return said


def _steps(verdict: Verdict, explanation: Explanation, names: Mapping[str, str]) -> tuple[str, ...]:
    steps = explanation.steps
    if verdict.eligibility is not None:
        steps += explain_outcome(verdict.eligibility).steps
    return tuple(dict.fromkeys(wording.sentence(step, names) for step in steps))


def _lines(verdict: Verdict, names: Mapping[str, str]) -> Iterator[ExplainedLine]:
    for outcome in (verdict.outcome, verdict.eligibility):
        if outcome is None:
            continue
        if outcome is verdict.eligibility:
            yield ExplainedLine(0, MARKS[outcome.truth], _("To be eligible:"))
        facts = {found.path: found for found in outcome.leaves()}
        for line in explain_outcome(outcome).lines:
            yield ExplainedLine(
                line.depth,
                MARKS[line.truth],
                wording.line(line, names),
                tuple(_facts(facts[line.path])) if line.path in facts else (),
            )


def _facts(outcome: Outcome) -> Iterator[str]:
    """The facts that a requirement read, as `name: value`."""
    fact: Mapping[str, Any] = outcome.reading.fact if outcome.reading else {}
    return (f"{name}: {value}" for name, value in fact.items() if value is not None)


def _history(learner_id: int, microcredential_id: int) -> Iterator[str]:
    """The award events of this learner here, the oldest first."""
    found = awards.awards_of(learner_ids=[learner_id], microcredential_ids=[microcredential_id])
    events = [event for award in found for event in award.history.all()]
    for event in sorted(events, key=lambda event: event.id):
        said = f": {event.reason}" if event.reason else ""
        yield (
            f"{date_format(event.at, 'DATETIME_FORMAT')}  {event.get_kind_display()} "
            f"({event.get_cause_display()}{f' {event.cause_id}' if event.cause_id else ''}){said}"
        )
