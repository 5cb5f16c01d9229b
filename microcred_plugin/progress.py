"""
What one learner holds and is on the way to: read now, and not recorded.

It is what the learner's pages, the dashboards and the API show. The queries do not depend on how
much there is of anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from django.urls import reverse
from opaque_keys.edx.keys import CourseKey

from microcred_plugin import wording
from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Award, State
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Definition, Stack
from microcred_plugin.evaluation.evaluate import Outcome
from microcred_plugin.evaluation.explain import Explanation, explain
from microcred_plugin.evaluation.message import Message
from microcred_plugin.evaluation.record import AwardFact, AwardState, LearnerRecord, Unknown
from microcred_plugin.evaluation.requirements import (
    Assessment,
    Completion,
    Course,
    MicrocredentialHeld,
    Node,
)
from microcred_plugin.evaluation.verdict import Result, Verdict, judge
from microcred_plugin.host import get_host
from microcred_plugin.planning import CourseResults, HostFailed, ask, read_facts, read_results

# A person's word that keeps the machine from awarding.
_BLOCKING = frozenset({awards.DecisionKind.REVOKE, awards.DecisionKind.DECLINE})


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do next, as a sentence, and where it is done, if that has an address."""

    sentence: str
    url: str | None


@dataclass(frozen=True)
class Progress:
    """
    Where a learner stands in one microcredential, and `award` the one that has not ended, if any.

    `is_blocked`: a person has decided that no event awards it. `enrolled` are the runs that the
    learner is enrolled in.
    """

    definition: Definition
    verdict: Verdict
    award: Award | None
    is_blocked: bool
    enrolled: frozenset[str]

    @cached_property
    def explanation(self) -> Explanation:
        assert self.verdict.outcome is not None
        return explain(self.verdict.outcome)

    @cached_property
    def eligibility(self) -> Explanation | None:
        """What is waited for, when everything is met but the learner is not eligible."""
        if self.verdict.result is not Result.WAITING or self.verdict.eligibility is None:
            return None
        return explain(self.verdict.eligibility)

    @property
    def names(self) -> Mapping[str, str]:
        return self.definition.names

    @property
    def is_being_awarded(self) -> bool:
        """Earned, and not written yet: the next event or the sweep does."""
        return self.verdict.result is Result.EARNED and self.award is None and not self.is_blocked

    @property
    def has_one_step_left(self) -> bool:
        """
        Not held, and a single step away with others done: whoever has only begun the one course
        that is asked for is under way, and no nearer than that.
        """
        return self.award is None and not self.is_blocked and self.remaining == 1 and self.done > 0

    @property
    def is_nearly_earned(self) -> bool:
        """Earned and not written yet, or a single step away with others done."""
        return self.is_being_awarded or self.has_one_step_left

    @property
    def is_under_way(self) -> bool:
        """Begun and not held: something is met, or the learner is enrolled towards it."""
        if self.award is not None or self.is_blocked:
            return False
        if self.verdict.result in (Result.WAITING, Result.LAPSED):
            return True
        return self.verdict.result is not Result.EARNED and self.explanation.is_under_way

    @property
    def is_to_be_restored(self) -> bool:
        """Held, and suspended because something is not met any more."""
        return (
            self.award is not None
            and self.award.suspended_by_policy
            and self.verdict.result is Result.NOT_MET
        )

    @property
    def is_out_of_reach(self) -> bool:
        """No way is left, whatever the learner does."""
        return self.verdict.result is Result.NOT_MET and self.remaining is None

    @property
    def is_close(self) -> bool:
        """Not begun, and a single step would do."""
        return (
            self.award is None
            and not self.is_blocked
            and not self.is_under_way
            and self.verdict.result is Result.NOT_MET
            and self.explanation.remaining == 1
        )

    @cached_property
    def remaining(self) -> int | None:
        """How many steps are left; None if no way is."""
        if self.eligibility is not None:
            return self.eligibility.remaining
        return self.explanation.remaining

    @cached_property
    def done(self) -> int:
        return self.explanation.done

    @property
    def total(self) -> int:
        """Steps altogether, those that are done and those that are left."""
        return self.done + (self.remaining or 0)

    @property
    def summary(self) -> str:
        """Where the learner stands, in a sentence."""
        return wording.sentence(self.explanation.summary, self.names)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """What is still to be done, the easiest first."""
        steps = (
            Step(wording.sentence(message, self.names), _address(message, enrolled=self.enrolled))
            for message in (self.eligibility or self.explanation).steps
        )
        return tuple(dict.fromkeys(steps))

    @property
    def next_step(self) -> Step | None:
        return self.steps[0] if self.steps else None


@dataclass(frozen=True)
class Overview:
    """
    One learner: every award, and where they stand in everything that it concerns.

    `progress` is by uuid, components before what stacks on them. `is_complete` is False where the
    platform could not be asked: then the awards are all that is known.
    """

    awards: tuple[Award, ...]
    stack: Stack
    progress: Mapping[str, Progress]
    results: CourseResults
    is_complete: bool = True

    @property
    def enrolled(self) -> frozenset[str]:
        return enrolled_in(self.results)

    def standing(self, microcredential_id: int) -> Award | None:
        """The award that has not ended, else the one that ended last."""
        of_it = [award for award in self.awards if award.microcredential_id == microcredential_id]
        return next((award for award in of_it if award.slot), of_it[0] if of_it else None)


def overview(
    learner_id: int, *, now: datetime, microcredential_ids: Collection[int] | None = None
) -> Overview:
    """
    Where the learner stands in these microcredentials and their stacks.

    Without `microcredential_ids` in everything that they hold or that counts a run in which they
    have a result or an enrollment.
    """
    held = tuple(awards.awards_of(learner_ids=[learner_id]))
    try:
        results: CourseResults = read_results(learner_id)
        is_complete = True
    except HostFailed:
        results, is_complete = {}, False
    if microcredential_ids is None:
        microcredential_ids = {award.microcredential_id for award in held}
        microcredential_ids |= definitions.concerned_by(results)
    stack = definitions.load_stack(microcredential_ids)
    record = LearnerRecord()
    if is_complete:
        try:
            record = read_facts([learner_id], stack, results={learner_id: results})[learner_id]
        except HostFailed:
            is_complete = False
    progress: dict[str, Progress] = {}
    if is_complete:
        decisions = awards.decisions([learner_id], stack.ids)
        progress = _judge(learner_id, stack, record, held, decisions, results, now)
    return Overview(held, stack, progress, results, is_complete)


def view(
    learner_id: int | None, microcredential_ids: Collection[int], *, now: datetime
) -> Overview:
    """These microcredentials and their stacks, as this learner sees them; None is a visitor."""
    if learner_id is not None:
        return overview(learner_id, now=now, microcredential_ids=microcredential_ids)
    return Overview((), definitions.load_stack(microcredential_ids), {}, {})


def of_many(
    learner_ids: Collection[int], stack: Stack, *, now: datetime
) -> dict[int, dict[str, Progress]]:
    """
    Where each of these learners stands in each microcredential of the stack, by its uuid.

    For a page of learners at a time: as many queries as for one. Raises `HostFailed`.
    """
    held: dict[int, list[Award]] = {learner_id: [] for learner_id in learner_ids}
    for award in awards.awards_of(learner_ids=learner_ids, microcredential_ids=stack.ids):
        held[award.learner_id].append(award)
    results = ask(get_host().course_results, learner_ids, stack.selection)
    records = read_facts(learner_ids, stack, results=results)
    decisions = awards.decisions(learner_ids, stack.ids)
    return {
        learner_id: _judge(
            learner_id, stack, record, held[learner_id], decisions, results.get(learner_id, {}), now
        )
        for learner_id, record in records.items()
    }


def enrolled_in(results: CourseResults) -> frozenset[str]:
    """The runs that somebody with these results is enrolled in now."""
    return frozenset(
        run
        for run, result in results.items()
        if not isinstance(result, Unknown) and result.is_enrolled
    )


def organizations_of(runs: Iterable[str]) -> frozenset[str]:
    """The organisations that hold these course runs."""
    return frozenset(str(CourseKey.from_string(run).org) for run in runs)


def _judge(
    learner_id: int,
    stack: Stack,
    record: LearnerRecord,
    held: Iterable[Award],
    decisions: Mapping[awards.Place, Mapping[awards.DecisionKind, awards.Said]],
    results: CourseResults,
    now: datetime,
) -> dict[str, Progress]:
    facts: dict[str, AwardFact | Unknown] = {}
    standing: dict[int, Award] = {}
    for award in sorted(held, key=lambda award: (bool(award.slot), award.id)):
        facts[str(award.microcredential.uuid)] = AwardFact(
            str(award.uuid), AwardState(award.state), award.met_on, award.expires_at
        )
        if award.slot and awards.shown_state(award, now=now) != State.EXPIRED:
            standing[award.microcredential_id] = award
    record = replace(record, awards=facts)
    enrolled = enrolled_in(results)
    progress = {}
    for definition in stack.definitions:
        if not definition.versions:
            continue
        said = decisions.get((learner_id, definition.id), {})
        progress[definition.uuid] = Progress(
            definition,
            judge(definition.versions, record, now=now),
            standing.get(definition.id),
            is_blocked(said),
            enrolled,
        )
    return progress


def is_blocked(said: Mapping[awards.DecisionKind, awards.Said]) -> bool:
    """Whether a person has decided that no event awards it."""
    return not _BLOCKING.isdisjoint(said)


# --- where a step is taken ---------------------------------------------------------------------


def _address(message: Message, *, enrolled: frozenset[str]) -> str | None:
    uuid = message.params.get("microcredential")
    if isinstance(uuid, str):
        return microcredential_url(uuid)
    for key in runs_of(message):
        return get_host().course_url(key, is_enrolled=key in enrolled)
    return None


def runs_of(message: Message) -> tuple[str, ...]:
    """The runs that a message is about; or the course, where any run of it will do."""
    found = (message.params.get(name) for name in ("run", "runs", "course"))
    return tuple(
        key
        for value in found
        if value
        for key in (value if isinstance(value, tuple) else (str(value),))
    )


def microcredential_url(uuid: str) -> str:
    """The page of a microcredential, which is its identity in the world as well."""
    return reverse("microcred:microcredential", args=[uuid])


def leaf_url(outcome: Outcome, *, enrolled: frozenset[str]) -> str | None:
    """Where a requirement is met: the course, or the page of what it stacks on."""
    return _address(outcome.reason, enrolled=enrolled)


def requirement_url(node: Node) -> str | None:
    """Where a requirement is met, for somebody of whom nothing is known."""
    if isinstance(node, MicrocredentialHeld):
        return microcredential_url(node.microcredential)
    if isinstance(node, (Course, Assessment, Completion)):
        return get_host().course_url(node.course or node.runs[0], is_enrolled=False)
    return None
