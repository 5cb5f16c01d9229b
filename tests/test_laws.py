"""
Laws of the whole: whatever is published, whatever is true, whatever is heard of it and when.

Catalogues are small and stacked, over five runs that two learners may have passed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from microcred_plugin import decisions, earning, previewing
from microcred_plugin.authoring import api as authoring
from microcred_plugin.awards.models import Award, AwardEvent, Decision, Due
from microcred_plugin.decisions import NotPossible
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import Microcredential, MicrocredentialVersion
from microcred_plugin.evaluation.verdict import Result
from microcred_plugin.explaining import explain
from microcred_plugin.messages import api as messages
from tests.awards import snapshot
from tests.factories import LONG_AGO, all_of, any_of, any_run, at_least, course, holds, publish
from tests.fakes import FakeHost

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

RUNS = [
    *(f"course-v1:NordU+{name}+1" for name in "ABC"),
    "course-v1:NordU+A+2",
    "ccx-v1:NordU+B+1+ccx@7",
]
LEARNERS = (1, 2)
PLACES = [(learner, run) for learner in LEARNERS for run in RUNS]
DAYS = [LONG_AGO + timedelta(days=days) for days in (10, 40, 41, 100, 180)]
NOW = LONG_AGO + timedelta(days=200)


# --- what may be published -----------------------------------------------------------------------

Tree = dict[str, Any]


@dataclass(frozen=True)
class Content:
    """A microcredential: the versions it has, each with what an author wrote."""

    versions: tuple[dict[str, Any], ...]


def _below(tree: Any, found: list[Microcredential]) -> Any:
    """The tree, with the place of each component in the catalogue replaced by the component."""
    if "below" in tree:
        return holds(found[tree["below"] % len(found)]) if found else course(RUNS[tree["below"]])
    if "of" in tree:
        return {**tree, "of": [_below(node, found) for node in tree["of"]]}
    return tree


_leaves = st.one_of(
    st.sampled_from(RUNS).map(course),
    st.sampled_from(RUNS).map(course),
    st.sampled_from(["NordU+A", "NordU+B"]).map(any_run),
    st.integers(0, 2).map(lambda place: {"below": place}),
)


def _groups(children: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    options = st.sampled_from([{}, {}, {}, {"within_months": 1}])
    some = st.lists(children, min_size=1, max_size=3)
    return st.one_of(
        st.builds(lambda of, more: all_of(*of, **more), some, options),
        st.builds(lambda of, more: any_of(*of, **more), some, options),
        st.builds(
            lambda of, n, more: at_least(min(n, len(of)), *of, **more),
            some, st.integers(1, 3), options,
        ),
    )  # fmt: skip


trees = st.recursive(_leaves, _groups, max_leaves=4)


def _versions(*, may_expire: bool, may_be_held: bool) -> st.SearchStrategy[dict[str, Any]]:
    seldom = [None] * 3
    return st.fixed_dictionaries(
        {
            "requirements": trees,
            "policy": st.sampled_from(["keep", "suspend", "revoke"]),
            "validity_months": st.sampled_from([*seldom, 2, 6] if may_expire else [None]),
            "grace_days": st.sampled_from([0, 20]),
            "needs_approval": st.sampled_from([False, False, False, may_be_held]),
            "eligibility": st.sampled_from([*seldom, course(RUNS[0])]),
        }
    )


def catalogues(
    *, may_expire: bool = True, may_be_held: bool = True
) -> st.SearchStrategy[list[Content]]:
    """Two to four microcredentials, each of which may stack on those before it."""
    versions = _versions(may_expire=may_expire, may_be_held=may_be_held)
    return st.lists(
        st.lists(versions, min_size=1, max_size=2).map(tuple).map(Content), min_size=2, max_size=4
    )


# --- what may be true ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Fact:
    """What a learner has in a run."""

    kind: str
    on: datetime

    def put(self, host: FakeHost, learner_id: int, run: str) -> None:
        match self.kind:
            case "passed":
                host.pass_course(learner_id, run, on=self.on)
            case "failed":
                host.fail_course(learner_id, run)
            case "regressed":
                host.pass_course(learner_id, run, on=self.on)
                host.fail_course(learner_id, run)
            case "certified":
                host.enroll(learner_id, run)
                host.certificate(learner_id, run, on=self.on)
            case "invalidated":
                host.pass_course(learner_id, run, on=self.on)
                host.invalidate(learner_id, run)
            case "undated":
                host.pass_course(learner_id, run)
                host.put(learner_id, run, passed_timestamp=None)
            case "unknown":
                host.cannot_say(learner_id, run)


KINDS = [
    *["passed"] * 6,
    "nothing", "failed", "regressed", "certified", "invalidated", "undated", "unknown",
]  # fmt: skip
truths = st.fixed_dictionaries(
    {place: st.builds(Fact, st.sampled_from(KINDS), st.sampled_from(DAYS)) for place in PLACES}
)

# Each place at least once, in any order and number.
hints = st.tuples(st.permutations(PLACES), st.lists(st.sampled_from(PLACES), max_size=6)).map(
    lambda pair: [*pair[1], *pair[0]]
)


# --- the site ------------------------------------------------------------------------------------


@contextmanager
def site(host: FakeHost, catalogue: list[Content]) -> Iterator[list[Microcredential]]:
    """A site with this catalogue; nothing of it is left afterwards."""
    host.clear()
    for run in RUNS:
        host.add_run(run)
    for learner in LEARNERS:
        host.add_learner(learner)
    with transaction.atomic():
        found: list[Microcredential] = []
        for place, content in enumerate(catalogue):
            for number, version in enumerate(content.versions):
                made = publish(
                    f"m{place}",
                    now=LONG_AGO + timedelta(days=20 * number),  # before any history begins
                    **{**version, "requirements": _below(version["requirements"], found)},
                )
            found.append(made)
        yield found
        transaction.set_rollback(True)


def follow(places: list[tuple[int, str]], now: datetime = NOW) -> None:
    for learner, run in places:
        earning.follow_hint(learner, run, now=now)


def reconcile(now: datetime = NOW) -> int:
    plans = earning.reconcile(microcredential_ids=definitions.all_ids(), now=now)
    return sum(len(planned.changes) for planned in plans)


def forget_awards() -> None:
    Award.objects.all().delete()
    Due.objects.all().delete()


def dues() -> set[tuple[Any, ...]]:
    return set(Due.objects.values_list("learner", "microcredential", "why", "due_at"))


def test_the_order_and_number_of_hints_do_not_matter_nor_whether_there_were_any(
    host: FakeHost,
) -> None:
    """With a fixed truth they end in the same awards, receipts included; so does reconciling."""

    @settings(max_examples=25)
    @given(catalogues(), truths, hints, hints)
    def law(
        catalogue: list[Content],
        truth: dict[tuple[int, str], Fact],
        some: list[tuple[int, str]],
        others: list[tuple[int, str]],
    ) -> None:
        with site(host, catalogue):
            for (learner, run), fact in truth.items():
                fact.put(host, learner, run)
            follow(some)
            expected = (snapshot(), dues())
            forget_awards()
            follow(others)
            assert (snapshot(), dues()) == expected
            assert reconcile() == 0
            for heal in (reconcile, lambda: earning.follow_changes(now=NOW)):
                forget_awards()
                heal()
                assert snapshot() == expected[0]
            forget_awards()
            list(reconcile_learners())
            assert (snapshot(), dues()) == expected

    law()


def reconcile_learners() -> Iterator[Any]:
    """By learner: one of whom all is unknown is in no table of the platform."""
    return earning.reconcile(
        microcredential_ids=definitions.all_ids(), learner_ids=LEARNERS, now=NOW
    )


def test_the_explanation_agrees_with_the_award(host: FakeHost) -> None:
    """Earned, if and only if there is an award; unknown, only if it is asked again."""

    @settings(max_examples=25)
    @given(catalogues(), truths)
    def law(catalogue: list[Content], truth: dict[tuple[int, str], Fact]) -> None:
        with site(host, catalogue) as found:
            for (learner, run), fact in truth.items():
                fact.put(host, learner, run)
            list(reconcile_learners())
            held = set(Award.objects.filter(slot=1).values_list("learner", "microcredential"))
            asked = set(Due.objects.filter(why="unknown").values_list("learner", "microcredential"))
            for learner in LEARNERS:
                for one in found:
                    said = explain(learner, one.id, now=NOW)
                    place = (learner, one.id)
                    assert (said.result is Result.EARNED) == (place in held)
                    if said.result is Result.UNKNOWN:
                        assert place in asked
                    if said.result is not Result.UNKNOWN:  # of what, the lines say
                        is_met = said.result is not Result.NOT_MET
                        assert (said.lines[0].mark == "✓") == is_met

    law()


def test_a_preview_says_what_publishing_then_writes(host: FakeHost) -> None:
    """Every line in the history of an award, up the stack, and no other; whatever was heard of."""

    @settings(max_examples=40)
    @given(
        catalogues(),
        truths,
        st.lists(st.sampled_from(PLACES), max_size=6),
        _versions(may_expire=True, may_be_held=True),
        st.integers(0, 3),
        st.sampled_from(["now", "open", (NOW + timedelta(days=9)).isoformat()]),
    )
    def law(
        catalogue: list[Content],
        truth: dict[tuple[int, str], Fact],
        heard: list[tuple[int, str]],
        content: dict[str, Any],
        place: int,
        previous: str,
    ) -> None:
        with site(host, catalogue) as found:
            for (learner, run), fact in truth.items():
                fact.put(host, learner, run)
            follow(heard)
            place %= len(found)
            tree = _below(content["requirements"], found[:place])
            draft = definitions.create_draft(
                microcredential=found[place], content={**content, "requirements": tree}
            )
            assume(not definitions.faults_before_publication(draft))
            foreseen = previewed(draft, previous)
            before = set(AwardEvent.objects.values_list("id", flat=True))
            closes_at, keeps_open = previewing.read_previous(previous)
            publication = definitions.publish(
                version=draft,
                now=NOW,
                previous_closes_at=closes_at,
                keeps_previous_open=keeps_open,
            )
            earning.run_publication(str(publication.uuid), now=NOW)
            written = Counter(
                (str(event.award.microcredential.uuid), event.kind)
                for event in AwardEvent.objects.exclude(id__in=before)
            )
            assert foreseen == written

    law()


def previewed(draft: MicrocredentialVersion, previous: str) -> Counter[tuple[str, str]]:
    """What publishing the draft would write, by microcredential and kind."""
    preview = authoring.ask_preview(
        kind=authoring.Preview.Kind.PUBLICATION,
        microcredential_id=draft.microcredential_id,
        content={"of": {"draft": definitions.deciding(draft)}, "previous": previous},
        by_id=None,
        now=NOW,
    )
    before = snapshot()
    assert not previewing.advance(str(preview.uuid))
    assert snapshot() == before
    preview.refresh_from_db()
    changes = previewing.figures_of(preview)["draft"].changes
    return Counter(
        {(uuid, kind): count for uuid, kinds in changes.items() for kind, count in kinds.items()}
    )


# --- histories -----------------------------------------------------------------------------------


@dataclass
class World:
    """A site whose clock goes on, and what the world has heard of it."""

    host: FakeHost
    found: list[Microcredential]
    now: datetime = DAYS[1]
    heard: list[tuple[str, str]] = field(default_factory=list)

    def do(self, step: tuple[Any, ...]) -> None:
        getattr(self, step[0])(*step[1:])

    # --- what happens in the platform ---

    def pass_course(self, learner: int, run: str) -> None:
        self.host.pass_course(learner, run, on=self.now)

    def fail_course(self, learner: int, run: str) -> None:
        self.host.fail_course(learner, run)

    def remove(self, learner: int, run: str) -> None:
        self.host.remove(learner, run)

    def cannot_say(self, learner: int, run: str) -> None:
        self.host.cannot_say(learner, run)

    def can_say(self, learner: int, run: str) -> None:
        self.host.unknown.get(learner, {}).pop(run, None)

    # --- what the machine does ---

    def hint(self, learner: int, run: str) -> None:
        earning.follow_hint(learner, run, now=self.now)

    def days_go_by(self, days: int) -> None:
        self.now += timedelta(days=days)

    def sweep(self) -> None:
        earning.follow_time(now=self.now)
        earning.follow_changes(now=self.now)

    def reconcile(self) -> None:
        reconcile(self.now)

    def announce(self) -> None:
        messages.announce(now=self.now)

    def undo(self, place: int) -> None:
        """Of the newest version, unless it is the only one."""
        version = self.found[place % len(self.found)].versions.order_by("-number").first()
        if version is not None and version.number > 1:
            definitions.withdraw(publication=version.publication)
            earning.run_publication(str(version.publication.uuid), now=self.now)

    def settle(self) -> None:
        """Everything has been heard of, and all that is due has been looked at."""
        self.sweep()
        follow(PLACES, self.now)
        reconcile(self.now)

    # --- what people do ---

    def decide(self, decision: str, learner: int, place: int) -> None:
        given: dict[str, Any] = {
            "learner_id": learner,
            "microcredential_id": self.found[place % len(self.found)].id,
            "by_id": 9,
            "now": self.now,
        }
        if decision in ("award_by_hand", "revoke", "suspend", "decline"):
            given["reason"] = "Because."
        with suppress(NotPossible):
            getattr(decisions, decision)(**given)

    # --- what always holds ---

    def check_decisions(self) -> None:
        standing = {
            (award.learner_id, award.microcredential_id): award
            for award in Award.objects.filter(slot=1).select_related("version")
        }
        for said in Decision.objects.filter(slot=1):
            award = standing.get((said.learner_id, said.microcredential_id))
            match said.kind:
                case "revoke":
                    assert award is None
                case "award":
                    assert award is not None
                    assert award.is_manual
                case "suspend" if award is not None and award.state != "held":
                    assert award.state == "suspended"
                    assert award.suspended_by_person
                case "decline" if award is not None and not award.is_manual:
                    declined = (said.version_id, said.met_on)
                    assert (award.version_id, award.met_on) != declined

    def check_announcements(self) -> None:
        for award in Award.objects.all():
            said = [event.announcement for event in award.history.all() if event.announcement]
            assert said == (["awarded", "revoked"] * len(said))[: len(said)]
            is_told = bool(said) and said[-1] == "awarded"
            if award.state != "expired":
                assert is_told == (award.state == "active")


_places = [st.sampled_from(LEARNERS), st.sampled_from(RUNS)]
_machine = st.one_of(
    st.tuples(st.just("hint"), *_places),
    st.tuples(st.just("hint"), *_places),
    st.tuples(st.just("sweep")),
    st.tuples(st.just("reconcile")),
)
_platform = st.one_of(
    st.tuples(
        st.sampled_from(
            ["pass_course"] * 4 + ["fail_course"] * 2 + ["remove", "cannot_say", "can_say"]
        ),
        *_places,
    ),
    st.tuples(st.just("days_go_by"), st.sampled_from([1, 30, 70])),
)
_people = st.tuples(
    st.just("decide"),
    st.sampled_from(
        [
            "award_by_hand", "revoke", "suspend", "approve", "decline",
            "lift_revocation", "lift_suspension",
        ]
    ),
    st.sampled_from(LEARNERS),
    st.integers(0, 3),
)  # fmt: skip
_undo = st.tuples(st.just("undo"), st.integers(0, 3))


def test_a_decision_of_a_person_outlasts_whatever_comes(host: FakeHost) -> None:
    """Hints, reconciliations, time: only a person takes it back."""

    @settings(max_examples=20)
    @given(
        catalogues(),
        st.lists(st.one_of(_platform, _machine), max_size=8),
        st.lists(_people, min_size=1, max_size=4),
        st.lists(st.one_of(_platform, _machine), max_size=10),
    )
    def law(
        catalogue: list[Content],
        before: list[tuple[Any, ...]],
        people: list[tuple[Any, ...]],
        after: list[tuple[Any, ...]],
    ) -> None:
        with site(host, catalogue) as found:
            world = World(host, found)
            for step in (*before, ("settle",), *people):
                world.do(step)
                world.check_decisions()
            said = list(Decision.objects.order_by("id").values())
            for step in (*after, ("settle",)):
                world.do(step)
                world.check_decisions()
            assert list(Decision.objects.order_by("id").values()) == said
            forget_awards()
            world.do(("settle",))
            world.check_decisions()

    law()


def test_awarded_and_revoked_alternate_over_any_history(
    host: FakeHost, announced: list[tuple[str, str]]
) -> None:
    """For each award, in what is recorded and in what the world hears; each event once."""

    @settings(max_examples=30)
    @given(
        catalogues(),
        st.lists(
            st.one_of(
                _platform, _platform, _machine, _people, _undo, st.tuples(st.just("announce"))
            ),
            max_size=20,
        ),
    )
    def law(catalogue: list[Content], steps: list[tuple[Any, ...]]) -> None:
        announced.clear()
        with site(host, catalogue) as found:
            world = World(host, found)
            for step in (*steps, ("settle",), ("announce",)):
                world.do(step)
                world.check_announcements()
            for award in Award.objects.all():
                told = [name for name, uuid in announced if uuid == str(award.uuid)]
                assert told == [
                    event.announcement for event in award.history.all() if event.announcement
                ]
            assert not AwardEvent.objects.exclude(announcement="").filter(announced_at=None)

    law()


def test_after_any_history_everything_comes_to_rest(host: FakeHost) -> None:
    """When all has been heard, hearing it again changes nothing: no award, no receipt, no due."""

    @settings(max_examples=25)
    @given(
        catalogues(),
        st.lists(st.one_of(_platform, _platform, _machine, _people, _undo), max_size=16),
    )
    def law(catalogue: list[Content], steps: list[tuple[Any, ...]]) -> None:
        with site(host, catalogue) as found:
            world = World(host, found)
            for step in (*steps, ("settle",)):
                world.do(step)
            before = (snapshot(), Decision.objects.count())
            assert reconcile(world.now) == 0
            world.settle()
            assert (snapshot(), Decision.objects.count()) == before

    law()


def test_a_history_heard_of_late_ends_where_it_would_have_if_heard_at_once(
    host: FakeHost,
) -> None:
    """As long as nothing runs out and nothing regresses, when one looks does not matter."""

    @settings(max_examples=20)
    @given(
        catalogues(may_expire=False, may_be_held=False),
        st.lists(
            st.one_of(
                st.tuples(st.just("pass_course"), *_places),
                st.tuples(st.just("days_go_by"), st.sampled_from([1, 30, 70])),
            ),
            max_size=10,
        ),
    )
    def law(catalogue: list[Content], steps: list[tuple[Any, ...]]) -> None:
        ends = []
        for is_heard_at_once in (True, False):
            with site(host, catalogue) as found:
                world = World(host, found)
                for step in steps:
                    world.do(step)
                    if is_heard_at_once and step[0] == "pass_course":
                        world.do(("hint", *step[1:]))
                world.settle()
                ends.append(
                    [
                        {name: value for name, value in one.items() if name != "receipts"}
                        for one in snapshot()
                    ]
                )
        assert ends[0] == ends[1]

    law()
