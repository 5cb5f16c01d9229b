"""What a publication would change, asked of the real engine; and the learners of a course."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from microcred_plugin import decisions, earning, previewing
from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import Preview, PreviewState
from microcred_plugin.awards.models import Award, Due, Observation
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import Microcredential
from microcred_plugin.host import get_host
from microcred_plugin.host.interface import Learner
from microcred_plugin.planning import HostFailed
from microcred_plugin.previewing import Among, Counts, Figures
from tests.factories import LONG_AGO, all_of, any_of, any_run, at_least, course, holds, publish
from tests.fakes import SOME_DAY, FakeHost

pytestmark = pytest.mark.django_db

A, B, C = (f"course-v1:NordU+{name}+2026" for name in "ABC")
NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _runs(host: FakeHost) -> None:
    for run in (A, B, C):
        host.add_run(run)


def unpublished(slug: str, organization: str = "NordU") -> Microcredential:
    return definitions.create_microcredential(
        slug=slug, organization=organization, title=slug.title()
    )


def asked(
    microcredential: Microcredential,
    *,
    previous: str = "now",
    by_id: int | None = None,
    now: datetime = NOW,
    **content: Any,
) -> Preview:
    """Ask about a draft with this content."""
    draft = definitions.draft_of(microcredential) or definitions.create_draft(
        microcredential=microcredential, content={}
    )
    draft = definitions.change_draft(version=draft, content=content)
    return authoring.ask_preview(
        kind=Preview.Kind.PUBLICATION,
        microcredential_id=microcredential.pk,
        revision=draft.revision,
        content={"of": {"draft": definitions.deciding(draft)}, "previous": previous},
        by_id=by_id,
        now=now,
    )


def answered(preview: Preview) -> Preview:
    while previewing.advance(str(preview.uuid)):
        pass
    found = authoring.find_preview(preview.uuid)
    assert found is not None
    return found


def preview_of(microcredential: Microcredential, **options: Any) -> Figures:
    """What publishing a draft with this content would come to."""
    found = answered(asked(microcredential, **options))
    assert found.state == PreviewState.DONE
    return previewing.figures_of(found)["draft"]


def groups(figures: Figures) -> dict[str, int]:
    return {group.value: count for group, count in figures.learners.items()}


def changes(figures: Figures) -> dict[str, dict[str, int]]:
    slugs = {str(one.uuid): one.slug for one in definitions.list_microcredentials()}
    return {slugs[uuid]: dict(kinds) for uuid, kinds in figures.changes.items()}


# --- a first version -----------------------------------------------------------------------------


def test_those_who_meet_the_draft_would_be_awarded_and_those_a_step_away_are_close(
    host: FakeHost,
) -> None:
    host.pass_course(1, A)
    host.pass_course(1, B)
    host.pass_course(2, A)
    host.pass_course(3, A)
    host.fail_course(3, B)
    host.fail_course(4, A)
    host.enroll(5, A)
    figures = preview_of(unpublished("skill"), requirements=all_of(course(A), course(B)))
    assert groups(figures) == {"meets": 1, "awarded": 1, "awarded_anything": 1, "close": 2}
    assert changes(figures) == {"skill": {"earned": 1}}
    assert not Award.objects.exists()


def test_nothing_is_written_but_the_answer(host: FakeHost) -> None:
    host.pass_course(1, A)
    preview = asked(unpublished("skill"), requirements=course(A))
    with CaptureQueriesContext(connection) as captured:
        previewing.advance(str(preview.uuid))
    written = [query["sql"] for query in captured if not query["sql"].startswith("SELECT")]
    assert written
    table = connection.ops.quote_name("microcred_plugin_preview")
    assert all(sql.startswith(f"UPDATE {table}") for sql in written)
    assert not Award.objects.exists()
    assert not Due.objects.exists()


def test_award_that_somebody_has_to_approve_is_told_as_such(host: FakeHost) -> None:
    host.pass_course(1, A)
    figures = preview_of(unpublished("skill"), requirements=course(A), needs_approval=True)
    assert groups(figures) == {"meets": 1, "awarded": 1, "awarded_anything": 1}
    assert changes(figures) == {"skill": {"held": 1}}


def test_any_run_of_a_course_counts(host: FakeHost) -> None:
    later = "course-v1:NordU+A+2027"
    host.pass_course(1, A)
    host.pass_course(2, later)
    host.pass_course(3, "ccx-v1:NordU+A+2026+ccx@7")
    figures = preview_of(unpublished("skill"), requirements=any_run("NordU+A"))
    assert groups(figures) == {"meets": 2, "awarded": 2, "awarded_anything": 2}


def test_those_who_are_not_eligible_do_not_meet_it_and_may_be_a_step_away(host: FakeHost) -> None:
    host.pass_course(1, A)
    figures = preview_of(unpublished("skill"), requirements=course(A), eligibility=course(B))
    assert groups(figures) == {"close": 1}


def test_what_the_platform_cannot_say_is_unknown_and_awards_nobody(host: FakeHost) -> None:
    host.pass_course(1, A)
    host.pass_course(1, B)
    host.cannot_say(1, B)
    figures = preview_of(unpublished("skill"), requirements=all_of(course(A), course(B)))
    assert groups(figures) == {"unknown": 1, "close": 1}  # the step that is left is to wait


def test_retired_and_deleted_users_are_nowhere(host: FakeHost) -> None:
    for learner_id in (1, 2, 3):
        host.pass_course(learner_id, A)
    host.retire(1)
    host.delete(2)
    figures = preview_of(unpublished("skill"), requirements=course(A))
    assert groups(figures)["awarded"] == 1


def test_person_s_revocation_outranks_what_is_met(host: FakeHost) -> None:
    skill = publish("skill", course(A))
    host.pass_course(1, A)
    host.pass_course(2, B)
    for learner_id in (1, 2):
        earning.follow_hint(learner_id, A, now=NOW)
    decisions.revoke(learner_id=1, microcredential_id=skill.pk, by_id=9, reason="Cheated.", now=NOW)
    host.fail_course(1, A)
    host.pass_course(1, B)
    figures = preview_of(skill, requirements=any_of(course(B), course(C)))
    assert groups(figures) == {"meets": 2, "awarded": 1, "awarded_anything": 1, "gained": 1}


# --- the stack -----------------------------------------------------------------------------------


def test_what_stacks_on_it_is_counted_for_each(host: FakeHost) -> None:
    skill = publish("skill", course(A))
    publish("analyst", all_of(holds(skill), course(C)))
    publish("mastery", any_of(holds(skill), course(C)))
    for learner_id in (1, 2):
        host.pass_course(learner_id, B)
    host.pass_course(1, C)
    earning.follow_hint(1, C, now=NOW)  # learner 1 has the mastery by another way
    figures = preview_of(skill, requirements=course(B))
    assert changes(figures) == {
        "skill": {"earned": 2},
        "analyst": {"earned": 1},
        "mastery": {"earned": 1},
    }
    assert groups(figures)["awarded_anything"] == 2


def test_components_that_only_the_draft_names_are_judged_first(host: FakeHost) -> None:
    """An award below that is still to be written counts, as it will when the draft is published."""
    skill = publish("skill", course(A))
    below = publish("middle", holds(skill))
    host.pass_course(1, A)  # nobody has heard of it
    figures = preview_of(unpublished("mastery"), requirements=holds(below))
    assert changes(figures) == {
        "skill": {"earned": 1},
        "middle": {"earned": 1},
        "mastery": {"earned": 1},
    }


def test_what_stacks_on_a_component_is_none_of_its_business(host: FakeHost) -> None:
    skill = publish("skill", course(A))
    publish("elsewhere", holds(skill))
    host.pass_course(1, A)
    figures = preview_of(unpublished("mastery"), requirements=holds(skill))
    assert set(changes(figures)) == {"skill", "mastery"}


def test_draft_that_has_come_to_ask_for_itself_fails(host: FakeHost) -> None:
    skill = publish("skill", course(A))
    parent = publish("parent", holds(skill))
    found = answered(asked(skill, requirements=holds(parent)))
    assert found.state == PreviewState.FAILED


# --- against the versions of today ---------------------------------------------------------------


def earn(host: FakeHost, learner_id: int, *runs: str) -> None:
    for run in runs:
        host.pass_course(learner_id, run)
        earning.follow_hint(learner_id, run, now=NOW)


def test_stricter_draft_loses_people_like_those_who_hold_it_and_takes_nothing_away(
    host: FakeHost,
) -> None:
    skill = publish("skill", course(A), policy="revoke")
    earn(host, 1, A)
    earn(host, 2, A, B)
    figures = preview_of(skill, requirements=all_of(course(A), course(B)), policy="revoke")
    assert groups(figures) == {"meets": 1, "lost": 1}
    assert changes(figures) == {}
    assert figures.is_compared


def test_looser_draft_gains_those_who_met_no_version(host: FakeHost) -> None:
    skill = publish("skill", all_of(course(A), course(B)))
    earn(host, 1, A, B)
    host.pass_course(2, A)
    figures = preview_of(skill, requirements=course(A))
    assert groups(figures) == {"meets": 2, "awarded": 1, "awarded_anything": 1, "gained": 1}


def test_close_to_a_version_of_today_and_not_to_the_draft(host: FakeHost) -> None:
    skill = publish("skill", all_of(course(A), course(B)))
    host.pass_course(1, A)
    host.pass_course(2, C)
    figures = preview_of(skill, requirements=all_of(course(C), course(B)))
    assert groups(figures) == {"close": 1, "close_lost": 1}


def test_any_version_of_today_is_one_of_those_compared_with(host: FakeHost) -> None:
    publish("skill", course(A))
    skill = publish("skill", course(B), previous_closes_at=NOW + timedelta(days=1))
    publish_closed = publish("other", course(A))
    publish("other", course(B), now=LONG_AGO + timedelta(days=1))  # it closes the first
    host.pass_course(1, A)
    assert groups(preview_of(skill, requirements=course(C)))["lost"] == 1
    assert "lost" not in groups(preview_of(publish_closed, requirements=course(C)))


def test_award_that_has_run_out_since_was_met_all_the_same(host: FakeHost) -> None:
    skill = publish("skill", course(A), validity_months=1)
    host.pass_course(1, A)  # ran out in April
    figures = preview_of(skill, requirements=course(B))
    assert groups(figures)["lost"] == 1


@pytest.mark.parametrize(
    ("policy", "kind"), [("keep", None), ("suspend", "suspended"), ("revoke", "revoked")]
)
def test_awards_that_the_policy_would_touch_are_counted_up_the_stack(
    host: FakeHost, policy: str, kind: str | None
) -> None:
    """Undated: only an open version counts for it, and closing that takes it away."""
    publish("skill", course(A), policy=policy)
    skill = publish("skill", course(B), policy=policy, previous_closes_at=NOW + timedelta(days=99))
    parent = publish("parent", holds(skill), policy=policy)
    earn(host, 1, B)
    host.pass_course(1, C)
    assert set(Award.objects.values_list("microcredential", flat=True)) == {skill.pk, parent.pk}
    host.fail_course(1, B)
    figures = preview_of(skill, requirements=course(C))
    assert Award.objects.filter(state="active").count() == 2
    # The draft is met; so the award stands, and only a draft that is not met lets it go.
    assert "touched" not in groups(figures)
    host.remove(1, C)
    figures = preview_of(skill, requirements=course(C))
    if kind is None:
        assert "touched" not in groups(figures)
    else:
        assert groups(figures)["touched"] == 1
        assert changes(figures) == {"skill": {kind: 1}, "parent": {kind: 1}}


def test_award_that_the_draft_would_reinstate(host: FakeHost) -> None:
    skill = publish("skill", course(A), policy="suspend")
    earn(host, 1, A)
    host.fail_course(1, A)
    earning.follow_hint(1, A, now=NOW)
    host.pass_course(1, B)
    figures = preview_of(skill, requirements=course(B))
    assert groups(figures) == {"meets": 1, "touched": 1}
    assert changes(figures) == {"skill": {"reinstated": 1}}


def test_what_becomes_of_the_version_before_decides_where_dates_are_missing(
    host: FakeHost,
) -> None:
    """What has no date counts for an open version only."""
    skill = publish("skill", course(A))
    host.pass_course(1, A)
    host.put(1, A, passed_timestamp=None)
    for previous, awarded in (
        ("now", 0), ("open", 1), ((NOW + timedelta(days=9)).isoformat(), 0),
    ):  # fmt: skip
        figures = preview_of(skill, requirements=course(B), previous=previous)
        assert groups(figures).get("awarded", 0) == awarded


# --- switches ------------------------------------------------------------------------------------


def test_what_is_switched_off_is_met_and_awarded_to_nobody(host: FakeHost, settings: Any) -> None:
    skill = unpublished("skill")
    host.pass_course(1, A)
    settings.MICROCRED_SWITCH = "off"
    figures = preview_of(skill, requirements=course(A))
    assert (groups(figures), figures.changes, figures.observed) == ({"meets": 1}, {}, {})


def test_what_is_only_observed_is_counted_apart(host: FakeHost) -> None:
    skill = unpublished("skill")
    definitions.set_switch(microcredential=skill, switch="observe")
    host.pass_course(1, A)
    figures = preview_of(skill, requirements=course(A))
    assert (groups(figures), figures.changes) == ({"meets": 1}, {})
    assert figures.observed == {str(skill.uuid): {"earned": 1}}
    assert not Observation.objects.exists()


# --- names ---------------------------------------------------------------------------------------


def test_a_few_of_each_group_are_named_where_every_course_is_open_to_who_asks(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previewing, "NAMED", 2)
    host.add_learner(99)
    skill = publish("component", course(B))
    for learner_id in (1, 2, 3):
        host.pass_course(learner_id, A)
        earn(host, learner_id, B)
    host.pass_course(4, A)
    draft = {"requirements": all_of(any_run("NordU+A"), holds(skill))}
    target = unpublished("skill")
    for run in (A, "course-v1:NordU+A+2027", B):
        host.add_run(run)
        assert preview_of(target, by_id=99, **draft).named == {}  # not yet every run
        host.give_role(99, run, "staff")
    assert preview_of(target, by_id=99, **draft).named == {Among.AWARDED: [1, 2], Among.CLOSE: [4]}
    assert preview_of(target, by_id=None, **draft).named == {}


def test_nobody_is_named_where_no_course_says_who_may_see_it(host: FakeHost) -> None:
    host.make_staff(99)
    host.add_learner(99)
    host.add_learner(1)
    prior = publish("prior", {"kind": "grant", "key": "k"})
    decisions.award_by_hand(
        learner_id=1, microcredential_id=prior.pk, by_id=9, reason="Prior.", now=NOW
    )
    figures = preview_of(unpublished("skill"), by_id=99, requirements=holds(prior))
    assert groups(figures)["awarded"] == 1
    assert figures.named == {}


def test_nobody_is_named_because_of_what_happens_above(host: FakeHost) -> None:
    """The courses that decide there need not be ones whose grades the reader may see."""
    host.add_learner(99)
    host.give_role(99, A, "staff")
    skill = publish("skill", course(A))
    publish("parent", all_of(holds(skill), course(B)), policy="revoke")
    earn(host, 1, A, B)
    host.fail_course(1, B)  # nobody has heard of it
    figures = preview_of(skill, by_id=99, requirements=course(A))
    assert groups(figures)["touched"] == 1
    assert figures.named == {}


# --- taking a course out -------------------------------------------------------------------------


def left_without(microcredential: Microcredential, run: str) -> Preview:
    version = definitions.versions_of(microcredential)[0]
    without = definitions.without_course(definitions.deciding(version), run)
    return authoring.ask_preview(
        kind=Preview.Kind.DETACHMENT,
        microcredential_id=microcredential.pk,
        run=run,
        content={"of": {"version": without}, "previous": "now"},
        by_id=None,
        now=NOW,
    )


def test_taking_a_course_out_of_a_choice_loses_those_who_had_chosen_it(host: FakeHost) -> None:
    skill = publish("skill", any_of(course(A), course(B)))
    earn(host, 1, A)
    earn(host, 2, B)
    figures = previewing.figures_of(answered(left_without(skill, A)))["version"]
    assert groups(figures) == {"meets": 1, "lost": 1}


def test_taking_a_course_out_of_what_is_all_needed_gains_the_others(host: FakeHost) -> None:
    skill = publish("skill", all_of(course(A), course(B)))
    host.pass_course(1, B)
    host.pass_course(2, A)
    figures = previewing.figures_of(answered(left_without(skill, A)))["version"]
    assert groups(figures) == {
        "meets": 1, "awarded": 1, "awarded_anything": 1, "gained": 1, "close_lost": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    "requirements",
    [course(A), any_run("NordU+A"), at_least(2, course(A), course(B))],
    ids=["nothing is left", "nor of its course", "too few are left"],
)
def test_what_nobody_could_meet_any_more_is_not_looked_at(
    host: FakeHost, requirements: dict[str, Any]
) -> None:
    skill = publish("skill", requirements)
    host.pass_course(1, A)
    found = answered(left_without(skill, A))
    assert (found.state, found.learners, previewing.figures_of(found)) == ("done", 0, {})
    assert definitions.problems_in(found.content["of"]["version"])


# --- the learners of a course --------------------------------------------------------------------


def test_learners_of_a_course_by_what_it_counts_towards(host: FakeHost) -> None:
    skill = publish("skill", course(A))
    both = publish("both", all_of(any_run("NordU+A"), course(B)))
    publish("elsewhere", course(C))
    earn(host, 1, A)
    host.pass_course(2, A)  # earned, and not written yet
    host.enroll(3, A)
    host.pass_course(4, A)
    host.unenroll(4, A)
    host.pass_course(5, A)
    host.retire(5)
    asked_for, is_new = authoring.ask_course_figures(run=A, by_id=None, now=NOW)
    assert is_new
    found = answered(asked_for)
    assert (found.learners, found.learners_done) == (4, 4)
    assert previewing.counts_of(found) == {
        str(skill.uuid): Counts(earned=1, close=1),
        str(both.uuid): Counts(earned=0, close=2),
    }


# --- step by step --------------------------------------------------------------------------------


@pytest.fixture
def waiting(host: FakeHost, settings: Any) -> Preview:
    """A preview that five learners concern, one in each batch."""
    settings.MICROCRED_BATCH_SIZE = 1
    for learner_id in range(1, 6):
        host.pass_course(learner_id, A)
    return asked(unpublished("skill"), requirements=course(A))


def clock(*instants: float) -> Any:
    """A clock that says these instants, one after the other."""
    return iter(instants).__next__


def now_of(preview: Preview) -> Preview:
    preview.refresh_from_db()
    return preview


def test_step_ends_when_its_time_is_over_and_the_next_one_goes_on(waiting: Preview) -> None:
    uuid = str(waiting.uuid)
    assert previewing.advance(uuid, seconds=20, clock=clock(0, 5, 21))
    row = now_of(waiting)
    assert (row.state, row.learners, row.learners_done, row.after_learner) == ("running", 5, 2, 2)
    assert not previewing.advance(uuid)
    row = now_of(waiting)
    assert (row.state, row.learners, row.learners_done) == ("done", 5, 5)
    assert groups(previewing.figures_of(row)["draft"])["awarded"] == 5
    assert not previewing.advance(uuid)


class Interrupted(FakeHost, ABC):
    """A platform in which something happens while learners are read for the third time."""

    def learners(self, learner_ids: Collection[int]) -> Mapping[int, Learner]:
        answer = super().learners(learner_ids)
        if self.calls["learners"] == 3:
            self.happens()
        return answer

    @abstractmethod
    def happens(self) -> None:
        """What somebody does meanwhile."""


class CancelledMidway(Interrupted):
    """… an author cancels what they asked."""

    def happens(self) -> None:
        authoring.cancel_preview(Preview.objects.get())


class WorkedAtByTwo(Interrupted):
    """… another worker goes on with the same preview, for one batch."""

    def happens(self) -> None:
        assert previewing.advance(str(Preview.objects.get().uuid), seconds=0)


class RetiredMidway(Interrupted):
    """… one of the learners, who has been read already, is retired."""

    def happens(self) -> None:
        self.retire(3)


def on_site(name: str, settings: Any) -> Preview:
    settings.MICROCRED_HOST = f"tests.test_previewing.{name}"
    settings.MICROCRED_BATCH_SIZE = 1
    host = get_host()
    assert isinstance(host, Interrupted)
    host.clear()
    host.make_staff(99)
    host.add_learner(99)
    for learner_id in range(1, 6):
        host.pass_course(learner_id, A)
    return asked(unpublished("skill"), requirements=course(A), by_id=99)


def test_preview_that_is_cancelled_midway_is_left_as_it_is(settings: Any) -> None:
    preview = on_site("CancelledMidway", settings)
    assert not previewing.advance(str(preview.uuid))
    row = now_of(preview)
    assert (row.state, row.learners_done) == ("cancelled", 2)
    assert not previewing.advance(str(preview.uuid))
    assert now_of(preview).learners_done == 2


def test_two_workers_count_nobody_twice(settings: Any) -> None:
    preview = on_site("WorkedAtByTwo", settings)
    assert not previewing.advance(str(preview.uuid))  # the other one has it now
    assert now_of(preview).learners_done == 3
    row = answered(preview)
    assert (row.state, row.learners_done) == ("done", 5)
    figures = previewing.figures_of(row)["draft"]
    assert groups(figures)["awarded"] == 5
    assert figures.named[Among.AWARDED] == [1, 2, 3, 4, 5]


def test_learner_who_is_retired_while_they_are_looked_at_is_not_written_down(
    settings: Any,
) -> None:
    preview = on_site("RetiredMidway", settings)
    previewing.advance(str(preview.uuid))
    assert now_of(preview).learners_done == 2
    row = answered(preview)
    figures = previewing.figures_of(row)["draft"]
    assert figures.named[Among.AWARDED] == [1, 2, 4, 5]
    assert groups(figures)["awarded"] == 4


def test_learner_who_is_retired_later_is_taken_from_the_names(host: FakeHost) -> None:
    host.make_staff(99)
    host.add_learner(99)
    host.pass_course(1, A)
    host.pass_course(2, A)
    preview = answered(asked(unpublished("skill"), requirements=course(A), by_id=99))
    earning.retire(1)
    assert previewing.figures_of(now_of(preview))["draft"].named == {Among.AWARDED: [2]}


def test_preview_that_cannot_go_on_is_tried_again_and_fails_in_the_end(
    host: FakeHost, waiting: Preview
) -> None:
    uuid = str(waiting.uuid)
    assert previewing.advance(uuid, seconds=0)
    host.fail_with(ConnectionError("away"))
    for failures in (1, 2, 3):
        with pytest.raises(HostFailed):
            previewing.advance(uuid)
        assert (now_of(waiting).state, waiting.failures) == ("running", failures)
    host.fail_with(None)
    assert previewing.advance(uuid, seconds=0)  # what works is no failure in a row
    assert (now_of(waiting).failures, waiting.learners_done) == (0, 2)
    host.fail_with(ConnectionError("away"))
    for _ in range(4):
        with pytest.raises(HostFailed):
            previewing.advance(uuid)
    assert now_of(waiting).state == "failed"
    host.fail_with(None)
    assert not previewing.advance(uuid)
    assert now_of(waiting).learners_done == 2


def test_preview_that_is_gone_is_nobody_s_work(waiting: Preview) -> None:
    uuid = str(waiting.uuid)
    waiting.delete()
    assert not previewing.advance(uuid)


def test_it_counts_as_published_when_it_was_asked_about_however_long_the_answer_takes(
    host: FakeHost,
) -> None:
    skill = publish("skill", course(A), validity_months=1)
    host.pass_course(1, A, on=SOME_DAY)
    in_time = SOME_DAY + timedelta(days=9)  # the component has long run out by now
    preview = asked(unpublished("parent"), requirements=holds(skill), now=in_time)
    figures = previewing.figures_of(answered(preview))["draft"]
    assert changes(figures) == {"skill": {"earned": 1}, "parent": {"earned": 1}}


# --- what it costs -------------------------------------------------------------------------------


def batches(captured: CaptureQueriesContext) -> Iterator[int]:
    """Queries from one update of the preview to the next."""
    count = 0
    for query in captured:
        count += 1
        if query["sql"].startswith("UPDATE"):
            yield count
            count = 0


@pytest.mark.parametrize("learners", [1, 30])
@pytest.mark.parametrize("height", [1, 4])
def test_each_batch_costs_the_same(
    host: FakeHost, settings: Any, learners: int, height: int
) -> None:
    settings.MICROCRED_BATCH_SIZE = learners
    skill = publish("skill", course(A))
    top = skill
    for place in range(height):
        top = publish(f"level-{place}", all_of(holds(top), course(B)))
    for learner_id in range(1, 2 * learners + 1):
        host.pass_course(learner_id, A)
        host.pass_course(learner_id, B)
    preview = asked(skill, requirements=any_of(course(B), course(C)))
    host.calls.clear()
    with CaptureQueriesContext(connection) as captured:
        previewing.advance(str(preview.uuid))
    # At first the preview, the stack (three) and all who are concerned (two pages of two). For each
    # batch who is in it (two), awards, decisions; at the end that there is nobody (two). And what
    # is kept, each time.
    assert list(batches(captured)) == [9, 5, 5, 3]
    assert host.calls["course_results"] == 2
