"""The recording replayed step by step: tables and events as they came, and what learners hold."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import pytest

from demo import replay
from microcred_plugin import earning
from microcred_plugin.awards.models import Award
from microcred_plugin.definitions import api as definitions
from tests.journeys import site

# In one process, since the replay is worked out once for all of these.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("history")]

NAKAMURA, FATIMA, NOA, ZOFIA, PRIYA, LI = 14, 15, 16, 18, 20, 21
GIORGOS, CHLOE, ANA, KIM, REZA, SAMUEL = 23, 25, 27, 28, 29, 35

# The row of the recording after which the burst of `compute_grades` begins, and its last.
BEFORE_BURST, END_OF_BURST = 2038, 2072


@dataclass
class History:
    """What the replay led to, worked out once for all tests of this module."""

    held: dict[tuple[int, str], list[site.Held]] = field(default_factory=dict)
    before_burst: dict[tuple[int, str], list[site.Held]] = field(default_factory=dict)
    after_burst: dict[tuple[int, str], list[site.Held]] = field(default_factory=dict)
    by_truth: dict[tuple[int, str], list[site.Held]] = field(default_factory=dict)
    announced: list[tuple[str, str]] = field(default_factory=list)
    owners: dict[str, int] = field(default_factory=dict)

    def of(self, learner_id: int, slug: str) -> site.Held:
        """The only award of this microcredential that the learner ever had."""
        (held,) = self.held[learner_id, slug]
        return held

    def slugs(self, learner_id: int) -> set[str]:
        return site.active(self.held, learner_id)


_history = History()


@pytest.fixture
def history(demo_site: None, announced: list[tuple[str, str]]) -> History:
    if not _history.held:
        rows = list(replay.load_recording())
        replay.replay(row for row in rows if row.seq <= BEFORE_BURST)
        _history.before_burst = site.holdings()
        replay.replay(row for row in rows if BEFORE_BURST < row.seq <= END_OF_BURST)
        _history.after_burst = site.holdings()
        replay.replay(row for row in rows if row.seq > END_OF_BURST)
        _history.owners = {
            str(uuid): learner_id
            for uuid, learner_id in Award.objects.values_list("uuid", "learner_id")
        }
        _history.announced = list(announced)
        held = site.holdings()
        site.forget_awards()
        for _plan in earning.reconcile(microcredential_ids=definitions.all_ids()):
            pass
        _history.by_truth = site.holdings()
        _history.held = held
    return _history


# --- the special learners of the recording -----------------------------------------------------


def test_fatima_fails_after_passing_and_passes_again_so_hers_is_suspended_and_reinstated(
    history: History,
) -> None:
    award = history.of(FATIMA, "data-literacy")
    assert award.history == ("earned", "suspended", "reinstated")
    assert award.state == "active"


def test_priya_is_overridden_below_the_pass_mark_and_loses_what_hangs_on_it(
    history: History,
) -> None:
    assert history.of(PRIYA, "data-analyst").history == ("earned", "suspended")
    assert history.of(PRIYA, "data-analyst").state == "suspended"


def test_priya_keeps_what_its_policy_keeps(history: History) -> None:
    assert history.of(PRIYA, "data-studies").history == ("earned",)
    assert history.of(PRIYA, "data-studies").state == "active"
    assert (PRIYA, "data-studies") not in history.by_truth


def test_kim_passes_only_by_an_override_and_holds_the_whole_stack(history: History) -> None:
    assert {
        "data-literacy",
        "data-analyst",
        "machine-learning-practitioner",
        "data-science-mastery",
    } <= history.slugs(KIM)


def test_ana_fails_afterwards_so_hers_is_revoked_and_its_parent_suspended(
    history: History,
) -> None:
    assert history.of(ANA, "visual-analytics").history == ("earned", "revoked")
    assert history.of(ANA, "visual-analytics").state == "revoked"
    assert history.of(ANA, "data-analyst").history == ("earned", "suspended")
    assert history.of(ANA, "data-studies").state == "active"


def test_noa_whose_certificate_is_invalidated_has_not_passed_though_the_grade_is_passing(
    history: History,
) -> None:
    assert history.of(NOA, "chemical-hazards").history == ("earned", "revoked")
    assert "safety-representative" not in history.slugs(NOA)


def test_zofia_unenrolled_after_passing_keeps_what_she_earned(history: History) -> None:
    assert history.of(ZOFIA, "visual-analytics").history == ("earned",)
    assert "visual-analytics" in history.slugs(ZOFIA)
    assert (ZOFIA, "visual-analytics") in history.by_truth


def test_samuel_earns_by_turning_verified_after_passing(history: History) -> None:
    award = history.of(SAMUEL, "machine-learning-practitioner")
    assert award.history == ("earned",)
    assert "'enrollment_mode': 'verified'" in award.receipts[0]
    assert "'certificate_mode': 'honor'" in award.receipts[0]


@pytest.mark.parametrize("learner_id", [NAKAMURA, CHLOE, LI])
def test_the_second_run_of_a_course_counts_like_the_first(
    learner_id: int, history: History
) -> None:
    award = history.of(learner_id, "statistics-for-decisions")
    assert award.state == "active"
    assert "ST201+2026_Autumn" in award.receipts[0]


def test_reza_verified_without_an_identity_check_is_awarded(history: History) -> None:
    assert "incident-investigator" in history.slugs(REZA)


def test_giorgos_who_is_retired_keeps_rows_and_nothing_personal(history: History) -> None:
    held = {slug: awards for (learner, slug), awards in history.held.items() if learner == GIORGOS}
    assert set(held) == {"data-literacy", "safe-at-work", "visual-analytics"}
    assert all(award.receipts == () for awards in held.values() for award in awards)


def test_giorgos_who_is_retired_is_not_evaluated_any_more(history: History) -> None:
    assert not {slug for learner, slug in history.by_truth if learner == GIORGOS}


def test_the_burst_of_compute_grades_changes_nothing(history: History) -> None:
    assert history.after_burst == history.before_burst


# --- the whole ---------------------------------------------------------------------------------


def test_the_history_ends_in_the_truth_but_for_what_policies_did_on_the_way(
    history: History,
) -> None:
    def states(
        held: dict[tuple[int, str], list[site.Held]],
    ) -> dict[tuple[int, str], list[str]]:
        return {key: [award.state for award in awards] for key, awards in held.items()}

    by_history, by_truth = states(history.held), states(history.by_truth)
    differences = {
        key: (by_history.get(key), by_truth.get(key))
        for key in by_history.keys() | by_truth.keys()
        if by_history.get(key) != by_truth.get(key)
    }
    assert differences == {
        # suspended by policy
        (PRIYA, "data-analyst"): (["suspended"], None),
        (ANA, "data-analyst"): (["suspended"], None),
        # revoked by policy
        (NOA, "chemical-hazards"): (["revoked"], None),
        (ANA, "visual-analytics"): (["revoked"], None),
        # kept by policy
        (PRIYA, "data-studies"): (["active"], None),
        (ANA, "data-studies"): (["active"], None),
        # retired: kept as they were, and never evaluated again
        (GIORGOS, "data-literacy"): (["active"], None),
        (GIORGOS, "safe-at-work"): (["active"], None),
        (GIORGOS, "visual-analytics"): (["active"], None),
    }


def test_what_is_active_in_both_is_the_same_to_the_date(history: History) -> None:
    for key, awards in history.by_truth.items():
        ((ours,), (theirs,)) = (history.held[key], awards)
        assert (ours.version, ours.met_on, ours.valid_from, ours.expires_at) == (
            theirs.version, theirs.met_on, theirs.valid_from, theirs.expires_at,
        ), key  # fmt: skip


def test_awarded_and_revoked_alternate_for_each_award(history: History) -> None:
    told: dict[str, list[str]] = defaultdict(list)
    for name, uuid in history.announced:
        told[uuid].append(name)
    assert set(told) == set(history.owners)
    expected = {
        ("awarded",): 0, ("awarded", "revoked"): 0, ("awarded", "revoked", "awarded"): 0,
    }  # fmt: skip
    for names in told.values():
        expected[tuple(names)] += 1
    assert expected == {
        ("awarded",): len(told) - 5,
        ("awarded", "revoked"): 4,  # noa, priya, ana twice
        ("awarded", "revoked", "awarded"): 1,  # fatima
    }
