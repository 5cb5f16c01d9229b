"""Where one learner stands in one microcredential, in words: read now, and not recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
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
from microcred_plugin.planning import ask, read_record

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
    """
    Everything that there is to say, as sentences in the language that is active.

    `notes` say what else decides, apart from the requirements: a switch, a person.
    """

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
    notes: tuple[str, ...]
    history: tuple[str, ...]


def explain(learner_id: int, microcredential_id: int, *, now: datetime) -> Explained:
    """
    Judge the learner now, and say it. Nothing is recorded.

    Raises `NotFound` for a microcredential that has no published version, and for a learner
    who has been retired or deleted.
    """
    learner = ask(get_host().learners, [learner_id]).get(learner_id)
    if learner is None or learner.is_retired:
        raise definitions.NotFound(
            _("User {learner_id} has been retired or deleted, and is not evaluated.").format(
                learner_id=learner_id
            )
        )
    stack = definitions.load_stack([microcredential_id])
    found = [one for one in stack.definitions if one.id == microcredential_id]
    if not found or not found[0].versions:
        raise definitions.NotFound(
            _("This microcredential has no published version, so nobody can earn it yet.")
        )
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
        notes=tuple(_notes(learner_id, definition, verdict)),
        history=tuple(_history(learner_id, microcredential_id, now)),
    )


def _names(stack: definitions.Stack, definition: definitions.Definition) -> Mapping[str, str]:
    """Titles of everything that may be named: as published, and of runs that came later."""
    names = {one.uuid: one.title for one in stack.definitions}
    runs = ask(get_host().course_runs, stack.selection) if stack.selection else {}
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
            yield ExplainedLine(0, "", _("To be eligible:"))
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


def _notes(learner_id: int, definition: definitions.Definition, verdict: Verdict) -> Iterator[str]:
    """What else decides about the award, and why it may differ from what the requirements say."""
    place = (learner_id, definition.id)
    said = awards.decisions([learner_id], [definition.id]).get(place, {})
    standing = awards.standings([learner_id], [definition.id]).get(place)
    if definition.switch == definitions.Switch.OFF:
        yield _("It is switched off: nothing is awarded, and nothing is taken away.")
    elif definition.switch == definitions.Switch.OBSERVE:
        yield _("It only observes: what would be awarded is recorded, and nobody is told.")
    sentences = {
        awards.DecisionKind.AWARD: _("A person has awarded it, whatever the requirements say."),
        awards.DecisionKind.REVOKE: _(
            "A person has revoked it. It is not awarded again until somebody lifts that."
        ),
        awards.DecisionKind.SUSPEND: _(
            "A person has suspended it. It stays suspended until somebody lifts that."
        ),
        awards.DecisionKind.DECLINE: _(
            "A person has declined it. The same results do not earn it again."
        ),
    }
    yield from (sentences[kind] for kind in sentences if kind in said)
    is_earned = verdict.result is Result.EARNED
    if is_earned and standing is None and definition.switch == definitions.Switch.ON and not said:
        yield _("It is earned and not awarded yet. That happens at the next event, or reconcile.")
    if verdict.result is Result.NOT_MET and standing and standing.state == awards.State.ACTIVE:
        yield _("The award stands, although the requirements are not met now.")


def _history(learner_id: int, microcredential_id: int, now: datetime) -> Iterator[str]:
    """The awards of this learner here, the oldest first, each with what happened to it."""
    found = awards.awards_of(learner_ids=[learner_id], microcredential_ids=[microcredential_id])
    for award in sorted(found.prefetch_related("history"), key=lambda award: award.id):
        until = _(", until {instant}").format(instant=_instant(award.expires_at))
        yield _("{state}: version {version}, from {start}{end} (award {uuid})").format(
            state=awards.shown_state(award, now=now).label,
            version=award.version.number,
            start=_instant(award.valid_from),
            end=until if award.expires_at else "",
            uuid=award.uuid,
        )
        for event in award.history.all():
            cause = event.get_cause_display()
            if event.cause == awards.Cause.PERSON and event.actor_id is not None:
                cause = f"{cause}, {event.actor_id}"
            elif event.cause_id:
                cause = f"{cause}, {event.cause_id}"
            reason = f": {event.reason}" if event.reason else ""
            yield f"  {_instant(event.at)}  {event.get_kind_display()} ({cause}){reason}"


def _instant(instant: datetime | None) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if instant else ""
