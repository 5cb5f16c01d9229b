"""
What would become of learners: the answers to what Studio asks.

The same engine as for an event looks at everybody whom it may concern, over the definitions as
they would be; nothing about awards is written. A question is gone through by learner id, a batch
at a time, and whoever picks it up goes on where it has come to.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Protocol

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from microcred_plugin import progress
from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import Preview, PreviewState
from microcred_plugin.awards.api import EventKind, Recorded
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Definition, DefinitionRefused, Imagined, Stack
from microcred_plugin.evaluation.verdict import Result, Verdict, judge
from microcred_plugin.host import get_host
from microcred_plugin.planning import Plan, Seen, ask, candidates, plan
from microcred_plugin.progress import Progress

# So many ids are read at a time where learners are only counted.
COUNTED = 5000
# So many learners are named of each group.
NAMED = 50


class Among(str, Enum):
    """
    A group of learners, as authors ask about them. Somebody may be in several of them.

    "The draft" is what would be published, "a version of today" one that can be earned today.
    """

    # Meets the draft and is eligible, whether they hold an award or not.
    MEETS = "meets"
    # Would be awarded it at once, or it would wait for somebody to approve it.
    AWARDED = "awarded"
    # Would be awarded anything at once: it, or something that stacks on it.
    AWARDED_ANYTHING = "awarded_anything"
    # Holds an award, here or above, that would be suspended, taken back or reinstated.
    TOUCHED = "touched"
    # Would not hold it, and a single step towards the draft is left, with others done.
    CLOSE = "close"
    # Holds no award, meets the draft, and meets no version of today: only the draft gives it.
    GAINED = "gained"
    # Meets a version of today, and not the draft. What they hold they keep; people like them
    # would not earn it by the draft.
    LOST = "lost"
    # Holds no award, is a single step away from a version of today, and neither meets the draft
    # nor is a single step away from that.
    CLOSE_LOST = "close_lost"
    # The platform could not say enough about them to tell whether they meet the draft.
    UNKNOWN = "unknown"


# What a policy does when something is not met any more, and takes back when it is again.
_BY_POLICY = frozenset(
    {EventKind.SUSPENDED, EventKind.REVOKED, EventKind.DECLINED, EventKind.REINSTATED}
)
_AWARDING = frozenset({EventKind.EARNED, EventKind.HELD})
_NAMED = (
    Among.AWARDED, Among.TOUCHED, Among.CLOSE, Among.GAINED, Among.LOST, Among.CLOSE_LOST,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figures:
    """
    What a publication would come to.

    `learners` counts those in each group. `changes` counts lines in the histories of awards, by
    microcredential (its uuid) and kind of event: exactly those that publishing would write at
    once, what was due anyway included. `observed` are those that would only be noted, because the
    site or the microcredential is only observed. `named` has a few ids of each group.
    `is_compared`: there are versions of today, so that somebody can gain or lose.
    """

    learners: Mapping[Among, int] = field(default_factory=dict)
    changes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    observed: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    named: Mapping[Among, Sequence[int]] = field(default_factory=dict)
    is_compared: bool = False

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            learners=Counter(self.learners) + Counter(other.learners),
            changes=_summed(self.changes, other.changes),
            observed=_summed(self.observed, other.observed),
            named={
                group: [*self.named.get(group, ()), *other.named.get(group, ())][:NAMED]
                for group in (*self.named, *other.named)
            },
            is_compared=self.is_compared or other.is_compared,
        )

    def as_json(self) -> dict[str, Any]:
        """As it is kept; `figures_of` reads it."""
        return {
            "learners": {group.value: count for group, count in self.learners.items()},
            "changes": {uuid: dict(kinds) for uuid, kinds in self.changes.items()},
            "observed": {uuid: dict(kinds) for uuid, kinds in self.observed.items()},
            "named": {group.value: list(ids) for group, ids in self.named.items()},
            "is_compared": self.is_compared,
        }


def _summed(
    some: Mapping[str, Mapping[str, int]], more: Mapping[str, Mapping[str, int]]
) -> dict[str, Mapping[str, int]]:
    return {
        uuid: Counter(some.get(uuid, {})) + Counter(more.get(uuid, {})) for uuid in (*some, *more)
    }


def read_figures(data: Mapping[str, Any]) -> Figures:
    """What `Figures.as_json` wrote."""
    return Figures(
        learners={Among(name): count for name, count in data["learners"].items()},
        changes=data["changes"],
        observed=data["observed"],
        named={Among(name): ids for name, ids in data["named"].items()},
        is_compared=data["is_compared"],
    )


def figures_of(preview: Preview) -> dict[str, Figures]:
    """
    What a publication or a detachment would come to, as far as it is known.

    By what would be published: the "draft", or for a detachment also the "version" of today.
    """
    return {name: read_figures(data) for name, data in preview.result.get("of", {}).items()}


# --- going on with a question --------------------------------------------------------------------


def advance(
    uuid: str,
    *,
    seconds: float = math.inf,
    clock: Callable[[], float] = time.monotonic,
) -> bool:
    """
    Go on with a preview, for so long at most; whether there is more of it to do.

    Raises what went wrong, after noting it: it is tried again, and not for ever.
    """
    preview = authoring.find_preview(uuid)
    if preview is None or not preview.is_unfinished:
        return False
    try:
        return _advance(preview, clock() + seconds, clock)
    except DefinitionRefused:
        # What was to be published has become impossible since it was asked for.
        authoring.note_failed_preview(preview, now=timezone.now(), is_final=True)
        return False
    except Exception:
        authoring.note_failed_preview(preview, now=timezone.now())
        raise


def _advance(preview: Preview, until: float, clock: Callable[[], float]) -> bool:
    question = _question(preview)
    if preview.state == PreviewState.WAITING:
        learners = sum(map(len, _pages(question, COUNTED)))
        if not authoring.begin_preview(
            preview, learners=learners, result=question.nothing(), now=timezone.now()
        ):
            return False
    result = preview.result
    limit = settings.MICROCRED_BATCH_SIZE
    while ids := question.learner_ids(after=preview.after_learner, limit=limit):
        result = question.look(ids, result)
        if not authoring.advance_preview(
            preview, after=ids[-1], learners=len(ids), result=result, now=timezone.now()
        ):
            return False
        if clock() >= until:
            return True
    authoring.finish_preview(preview, now=timezone.now())
    return False


def _pages(question: _Question, limit: int) -> Iterator[Sequence[int]]:
    after = 0
    while page := question.learner_ids(after=after, limit=limit):
        yield page
        after = page[-1]


class _Question(Protocol):
    """What is asked about learners. An answer is plain data, and grows from batch to batch."""

    def learner_ids(self, *, after: int, limit: int) -> Sequence[int]:
        """The next ids, above `after`, ascending, of those whom it is about."""

    def nothing(self) -> dict[str, Any]:
        """The answer before anybody has been looked at."""

    def look(self, learner_ids: Collection[int], answer: Mapping[str, Any]) -> dict[str, Any]:
        """The answer with these learners in it."""


def _question(preview: Preview) -> _Question:
    if preview.kind == Preview.Kind.COURSE:
        return _OfCourse.asked(preview)
    return _OfContents.asked(preview)


# --- what a publication would change -------------------------------------------------------------


@dataclass(frozen=True)
class _OfContents:
    """What publishing something would change; each of several contents for itself."""

    imagined: Mapping[str, Imagined]
    now: datetime
    by_id: int | None
    may_name: bool | None

    @classmethod
    def asked(cls, preview: Preview) -> _OfContents:
        """The question of a preview. Raises `DefinitionRefused`."""
        assert preview.microcredential_id is not None
        closes_at, keeps_open = read_previous(preview.content["previous"])
        imagined = {
            name: definitions.imagine(
                microcredential_id=preview.microcredential_id,
                content=content,
                now=preview.asked_at,
                previous_closes_at=closes_at,
                keeps_previous_open=keeps_open,
            )
            for name, content in preview.content["of"].items()
            if not definitions.problems_in(content)
        }
        return cls(imagined, preview.asked_at, preview.by_id, preview.result.get("may_name"))

    def learner_ids(self, *, after: int, limit: int) -> Sequence[int]:
        pages = (candidates(one.stack, after=after, limit=limit) for one in self.imagined.values())
        return sorted({learner_id for page in pages for learner_id in page})[:limit]

    def nothing(self) -> dict[str, Any]:
        return {
            "may_name": self._may_name(),
            "of": {
                name: Figures(is_compared=bool(imagined.earlier)).as_json()
                for name, imagined in self.imagined.items()
            },
        }

    def look(self, learner_ids: Collection[int], answer: Mapping[str, Any]) -> dict[str, Any]:
        of = dict(answer["of"])
        for name, imagined in self.imagined.items():
            found = look(learner_ids, imagined, now=self.now, may_name=answer["may_name"])
            of[name] = (read_figures(of[name]) + found).as_json()
        return {**answer, "of": of}

    def _may_name(self) -> bool:
        """Whether the one who asked may see what learners achieve in every run that decides."""
        if self.by_id is None:
            return False
        host = get_host()
        runs: set[str] = set()
        for one in self.imagined.values():
            selection = one.stack.at_and_below(one.microcredential_id).selection
            if selection:
                runs |= {*selection.runs, *ask(host.course_runs, selection)}
        return bool(runs) and all(ask(host.may_see_grades, self.by_id, run) for run in sorted(runs))


def read_previous(previous: str) -> tuple[datetime | None, bool]:
    """When the versions before close, if at a date, and whether they stay open without one."""
    return (
        (None, previous == "open")
        if previous in ("now", "open")
        else (parse_datetime(previous), False)
    )


def look(
    learner_ids: Collection[int], imagined: Imagined, *, now: datetime, may_name: bool = False
) -> Figures:
    """
    What publishing would change for these learners. Raises `HostFailed`.

    It asks as much as an evaluation of the same stack does, whatever the learners.
    """
    planned = plan(learner_ids, imagined.stack, now=now, watched=imagined.microcredential_id)
    definition = imagined.stack.definition(imagined.microcredential_id)
    groups: dict[int, set[Among]] = {
        learner_id: _groups(seen, imagined, definition, now)
        for learner_id, seen in planned.seen.items()
    }
    for item in planned.changes:
        groups.setdefault(item.learner_id, set()).update(_by_change(item, definition))
    changed_here = {
        item.learner_id for item in planned.changes if item.microcredential_id == definition.id
    }
    return Figures(
        learners=Counter(group for of_one in groups.values() for group in of_one),
        changes=_counted(planned, imagined.stack, is_observed=False),
        observed=_counted(planned, imagined.stack, is_observed=True),
        named=_named(groups, changed_here) if may_name else {},
        is_compared=bool(imagined.earlier),
    )


def _groups(seen: Seen, imagined: Imagined, definition: Definition, now: datetime) -> set[Among]:
    """The groups that somebody is in because of how they stand towards the draft."""
    is_blocked = progress.is_blocked(seen.said)

    def has_one_step_left(verdict: Verdict) -> bool:
        standing = Progress(definition, verdict, None, is_blocked, frozenset())
        return standing.has_one_step_left

    draft = judge([imagined.draft], seen.record, now=now)
    found = {Among.UNKNOWN} if draft.result is Result.UNKNOWN else set()
    if _is_met(draft):
        found.add(Among.MEETS)
    elif seen.after is None and has_one_step_left(draft):
        found.add(Among.CLOSE)
    if not imagined.earlier or draft.result is Result.UNKNOWN:
        return found
    today = judge(imagined.earlier, seen.record, now=now)
    if _is_met(today):
        if Among.MEETS not in found:
            found.add(Among.LOST)
    elif Among.MEETS in found:
        if today.result is not Result.UNKNOWN and seen.before is None and not is_blocked:
            found.add(Among.GAINED)
    elif seen.before is None and Among.CLOSE not in found and has_one_step_left(today):
        found.add(Among.CLOSE_LOST)
    return found


def _is_met(verdict: Verdict) -> bool:
    return verdict.result in (Result.EARNED, Result.LAPSED)


def _by_change(item: Recorded, definition: Definition) -> Iterator[Among]:
    """The groups that somebody is in because of what would happen to an award of theirs."""
    if item.is_observed:
        return
    if item.change.kind in _AWARDING:
        yield Among.AWARDED_ANYTHING
        if item.microcredential_id == definition.id:
            yield Among.AWARDED
    elif item.change.kind in _BY_POLICY:
        yield Among.TOUCHED


def _counted(planned: Plan, stack: Stack, *, is_observed: bool) -> dict[str, dict[str, int]]:
    uuids = {definition.id: definition.uuid for definition in stack.definitions}
    found: dict[str, Counter[str]] = {}
    for item in planned.changes:
        if item.is_observed is is_observed:
            kinds = found.setdefault(uuids[item.microcredential_id], Counter())
            kinds[item.change.kind.value] += 1
    return {uuid: dict(kinds) for uuid, kinds in found.items()}


def _named(
    groups: Mapping[int, Collection[Among]], changed_here: Collection[int]
) -> dict[Among, list[int]]:
    """
    The first few by id, of each group that people look into.

    Of those whose awards would be touched only those here: the courses that decide about what
    stacks on it need not be ones whose grades the reader may see.
    """
    named: dict[Among, list[int]] = {}
    for group in _NAMED:
        ids = [
            learner_id
            for learner_id in sorted(groups)
            if group in groups[learner_id]
            and (group is not Among.TOUCHED or learner_id in changed_here)
        ]
        if ids:
            named[group] = ids[:NAMED]
    return named


# --- the learners of a course --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Counts:
    """Of the learners of a course: how many hold a microcredential, how many are a step away."""

    earned: int
    close: int


@dataclass(frozen=True)
class _OfCourse:
    """How those who are enrolled in a run stand in what it counts towards."""

    run: str
    now: datetime
    stack: Stack
    uuids: frozenset[str]

    @classmethod
    def asked(cls, preview: Preview) -> _OfCourse:
        """The question of a preview."""
        concerned = definitions.concerned_by([preview.run])
        stack = definitions.load_stack(concerned) if concerned else Stack(())
        uuids = {one.uuid for one in stack.definitions if one.id in concerned}
        return cls(preview.run, preview.asked_at, stack, frozenset(uuids))

    def learner_ids(self, *, after: int, limit: int) -> Sequence[int]:
        if not self.uuids:
            return ()
        return ask(get_host().enrolled_learner_ids, self.run, after=after, limit=limit)

    def nothing(self) -> dict[str, Any]:
        return {uuid: {"earned": 0, "close": 0} for uuid in self.uuids}

    def look(self, learner_ids: Collection[int], answer: Mapping[str, Any]) -> dict[str, Any]:
        people = ask(get_host().learners, learner_ids)
        present = [pk for pk in learner_ids if pk in people and not people[pk].is_retired]
        found = {uuid: Counter(answer.get(uuid, {})) for uuid in self.uuids}
        for standings in progress.of_many(present, self.stack, now=self.now).values():
            for uuid in self.uuids & standings.keys():
                found[uuid]["earned"] += standings[uuid].award is not None
                found[uuid]["close"] += standings[uuid].is_nearly_earned
        return {uuid: dict(counts) for uuid, counts in found.items()}


def counts_of(preview: Preview) -> dict[str, Counts]:
    """What is known of the learners of a course, by the uuids of what it counts towards."""
    return {uuid: Counts(**counts) for uuid, counts in preview.result.items()}
