"""Where one learner stands in one microcredential, in words: read now, and not recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from microcred_plugin import wording
from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Cause, DecisionKind, EventKind, State, Why
from microcred_plugin.definitions import api as definitions
from microcred_plugin.evaluation.evaluate import Outcome
from microcred_plugin.evaluation.explain import Explanation
from microcred_plugin.evaluation.explain import explain as explain_outcome
from microcred_plugin.evaluation.readings import Truth
from microcred_plugin.evaluation.verdict import Result, Verdict, judge
from microcred_plugin.host import get_host
from microcred_plugin.host.interface import Learner
from microcred_plugin.planning import ask, read_record

MARKS = {Truth.MET: "✓", Truth.NOT_MET: "✗", Truth.UNKNOWN: "?"}


class LearnerGone(definitions.NotFound):
    """The user has been retired or deleted."""


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """One node of a tree: how deep, its mark, what it says, and the facts it read."""

    depth: int
    text: str
    truth: Truth | None = None
    facts: tuple[tuple[str, str], ...] = ()

    @property
    def mark(self) -> str:
        return MARKS[self.truth] if self.truth else ""


@dataclass(frozen=True, slots=True)
class ExplainedEvent:
    """A line of an award's history; `actor_id` is who did it, where somebody did."""

    at: datetime
    kind: EventKind
    cause: Cause
    cause_id: str
    actor_id: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class ExplainedAward:
    """An award of the learner, as it is now, with everything that has happened to it."""

    uuid: str
    state: State
    version: int
    met_on: datetime | None
    valid_from: datetime
    expires_at: datetime | None
    is_manual: bool
    events: tuple[ExplainedEvent, ...]


@dataclass(frozen=True, slots=True)
class ExplainedDecision:
    """What a person has decided about the learner and nobody has lifted."""

    kind: DecisionKind
    at: datetime
    by_id: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class ExplainedDue:
    """When it is looked at again, and why."""

    why: Why
    at: datetime


@dataclass(frozen=True, slots=True)
class Explained:
    """
    Everything that there is to say, as sentences in the language that is active.

    `notes` say what else decides, apart from the requirements: a switch, a person. `usernames` are
    those of everybody who decided or did something here and is still there, by id.
    """

    uuid: str
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
    decisions: tuple[ExplainedDecision, ...]
    dues: tuple[ExplainedDue, ...]
    awards: tuple[ExplainedAward, ...]
    usernames: Mapping[int, str]


def find_learner(name: str) -> int:
    """
    The id of the user with this user name, e-mail address or id, in this order.

    Raises `NotFound`, naming it, and `HostFailed`.
    """
    host, found = get_host(), None
    # What can't be printed is no name, and some of it no database can be asked for.
    if name and name.isprintable():
        found = ask(host.learner_ids_by_username, [name]).get(name)
        if found is None and "@" in name:
            found = ask(host.learner_ids_by_email, [name]).get(name)
    if found is None and name.isdecimal() and len(name) < 19:
        found = next(iter(ask(host.learners, [int(name)])), None)
    if found is None:
        raise definitions.NotFound(
            _("There is no user “{name}”: give a user name, an e-mail address or an id.").format(
                name=name
            )
        )
    return found


def present_learner(learner_id: int) -> Learner:
    """A user who is still there. Raises `LearnerGone` for one who has been retired or deleted."""
    learner = ask(get_host().learners, [learner_id]).get(learner_id)
    if learner is None or learner.is_retired:
        raise LearnerGone(
            _("User {learner_id} has been retired or deleted, and is not evaluated.").format(
                learner_id=learner_id
            )
        )
    return learner


def explain(learner_id: int, microcredential_id: int, *, now: datetime) -> Explained:
    """
    Judge the learner now, and say it. Nothing is recorded.

    Raises `NotFound` for a microcredential that has no published version, and `LearnerGone`.
    """
    learner = present_learner(learner_id)
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
    place = (learner_id, definition.id)
    said = awards.decisions([learner_id], [definition.id]).get(place, {})
    decided = tuple(
        ExplainedDecision(kind, one.at, one.by_id, one.reason) for kind, one in said.items()
    )
    history = tuple(_awards(learner_id, definition.id, now))
    return Explained(
        uuid=definition.uuid,
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
        notes=tuple(_notes(place, definition, verdict, said)),
        decisions=decided,
        dues=tuple(ExplainedDue(why, at) for why, at in awards.dues_of(*place)),
        awards=history,
        usernames=_usernames(decided, history),
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
            yield ExplainedLine(0, _("To be eligible:"))
        facts = {found.path: found for found in outcome.leaves()}
        for line in explain_outcome(outcome).lines:
            yield ExplainedLine(
                line.depth,
                wording.line(line, names),
                line.truth,
                tuple(_facts(facts[line.path])) if line.path in facts else (),
            )


def _facts(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """The facts that a requirement read, each with its name."""
    fact: Mapping[str, Any] = outcome.reading.fact if outcome.reading else {}
    return ((name, str(value)) for name, value in fact.items() if value is not None)


def _notes(
    place: awards.Place,
    definition: definitions.Definition,
    verdict: Verdict,
    said: Mapping[DecisionKind, awards.Said],
) -> Iterator[str]:
    """What else decides about the award, and why it may differ from what the requirements say."""
    standing = awards.standings([place[0]], [place[1]]).get(place)
    if definition.switch == definitions.Switch.OFF:
        yield _("It is switched off: nothing is awarded, and nothing is taken away.")
    elif definition.switch == definitions.Switch.OBSERVE:
        yield _("It only observes: what would be awarded is recorded, and nobody is told.")
    sentences = {
        DecisionKind.AWARD: _("A person has awarded it, whatever the requirements say."),
        DecisionKind.REVOKE: _(
            "A person has revoked it. It is not awarded again until somebody lifts that."
        ),
        DecisionKind.SUSPEND: _(
            "A person has suspended it. It stays suspended until somebody lifts that."
        ),
        DecisionKind.DECLINE: _("A person has declined it. The same results do not earn it again."),
    }
    yield from (sentences[kind] for kind in sentences if kind in said)
    is_earned = verdict.result is Result.EARNED
    if is_earned and standing is None and definition.switch == definitions.Switch.ON and not said:
        yield _("It is earned and not awarded yet. That happens at the next event, or reconcile.")
    if verdict.result is Result.NOT_MET and standing and standing.state == State.ACTIVE:
        yield _("The award stands, although the requirements are not met now.")


def _awards(learner_id: int, microcredential_id: int, now: datetime) -> Iterator[ExplainedAward]:
    """The awards of this learner here, the oldest first, each with what happened to it."""
    found = awards.awards_of(learner_ids=[learner_id], microcredential_ids=[microcredential_id])
    for award in sorted(found.prefetch_related("history"), key=lambda award: award.id):
        yield ExplainedAward(
            uuid=str(award.uuid),
            state=awards.shown_state(award, now=now),
            version=award.version.number,
            met_on=award.met_on,
            valid_from=award.valid_from,
            expires_at=award.expires_at,
            is_manual=award.is_manual,
            events=tuple(
                ExplainedEvent(
                    event.at,
                    EventKind(event.kind),
                    Cause(event.cause),
                    event.cause_id,
                    event.actor_id,
                    event.reason,
                )
                for event in award.history.all()
            ),
        )


def _usernames(
    decided: Iterable[ExplainedDecision], history: Iterable[ExplainedAward]
) -> dict[int, str]:
    """Who decided, and who did something, as they are called now."""
    named = [one.by_id for one in decided]
    named += [event.actor_id for award in history for event in award.events]
    ids = {pk for pk in named if pk is not None}
    people = ask(get_host().learners, ids) if ids else {}
    return {pk: person.username for pk, person in people.items() if not person.is_retired}
