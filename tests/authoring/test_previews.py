"""The rows of previews: asked for, gone on with, found, forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import Preview, PreviewState
from microcred_plugin.authoring.models import Preview as Row
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import Microcredential, MicrocredentialVersion

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
RUN = "course-v1:NordU+A+2026"


@pytest.fixture
def skill() -> Microcredential:
    return definitions.create_microcredential(slug="skill", organization="NordU", title="Skill")


def ask(skill: Microcredential, **values: Any) -> Preview:
    return authoring.ask_preview(
        **{
            "kind": Preview.Kind.PUBLICATION,
            "microcredential_id": skill.pk,
            "content": {"of": {"draft": {}}, "previous": "now"},
            "by_id": 7,
            "now": NOW,
            **values,
        }
    )


def again(preview: Preview) -> Preview:
    """The row as it is now, in another instance."""
    found = authoring.find_preview(preview.uuid)
    assert found is not None
    return found


# --- asking --------------------------------------------------------------------------------------


def test_same_question_is_asked_once_as_long_as_it_is_open(skill: Microcredential) -> None:
    first = ask(skill)
    assert ask(skill) == first
    Row.objects.update(state="done")
    assert ask(skill) != first


def test_other_question_of_the_same_user_takes_the_place_of_the_first(
    skill: Microcredential,
) -> None:
    first = ask(skill)
    second = ask(skill, content={"of": {"draft": {"grace_days": 3}}, "previous": "now"})
    assert again(first).state == "cancelled"
    assert again(second).state == "waiting"


@pytest.mark.parametrize(
    "values", [{"by_id": 8}, {"kind": Preview.Kind.DETACHMENT, "run": RUN}], ids=["user", "kind"]
)
def test_questions_of_others_and_about_other_things_are_left_alone(
    skill: Microcredential, values: dict[str, Any]
) -> None:
    first = ask(skill)
    assert ask(skill, **values) != first
    assert again(first).state == "waiting"


@pytest.mark.parametrize(
    ("state", "later", "is_asked_again"),
    [
        ("waiting", timedelta(hours=9), False),
        ("running", timedelta(hours=9), False),
        ("done", timedelta(minutes=14), False),
        ("done", timedelta(minutes=16), True),
        ("failed", timedelta(seconds=30), False),
        ("failed", timedelta(minutes=2), True),
    ],
)
def test_course_is_asked_about_again_when_the_answer_is_old(
    state: str, later: timedelta, *, is_asked_again: bool
) -> None:
    first, is_new = authoring.ask_course_figures(run=RUN, by_id=7, now=NOW)
    assert is_new
    Row.objects.update(state=state)
    second, is_new = authoring.ask_course_figures(run=RUN, by_id=8, now=NOW + later)
    assert (second != first, is_new) == (is_asked_again, is_asked_again)


def test_course_is_told_from_one_that_a_database_takes_for_the_same() -> None:
    first, _is_new = authoring.ask_course_figures(run=RUN, by_id=7, now=NOW)
    assert authoring.newest_of_course(RUN) == first
    assert authoring.newest_of_course(RUN.lower()) is None
    assert authoring.newest_of_course(RUN, is_done=True) is None
    Row.objects.update(state="done")
    assert authoring.newest_of_course(RUN, is_done=True) == first


def test_newest_is_the_one_that_was_asked_last_and_not_cancelled(skill: Microcredential) -> None:
    kind = Preview.Kind.PUBLICATION
    assert authoring.newest_preview(skill.pk, kind=kind) is None
    first, second = ask(skill), ask(skill, by_id=8)
    assert authoring.newest_preview(skill.pk, kind=kind) == second
    authoring.cancel_preview(second)
    assert authoring.newest_preview(skill.pk, kind=kind) == first


# --- answering -----------------------------------------------------------------------------------


def test_only_one_begins(skill: Microcredential) -> None:
    ours, theirs = ask(skill), again(ask(skill))
    assert authoring.begin_preview(ours, learners=3, result={"of": {}}, now=NOW)
    assert not authoring.begin_preview(theirs, learners=3, result={"of": {}}, now=NOW)


@pytest.mark.parametrize("took", [timedelta(0), timedelta(seconds=1)])
def test_of_two_who_go_on_from_the_same_learner_one_is_kept(
    skill: Microcredential, took: timedelta
) -> None:
    ours = ask(skill)
    authoring.begin_preview(ours, learners=9, result={}, now=NOW)
    theirs = again(ours)
    later = NOW + took
    assert authoring.advance_preview(ours, after=4, learners=2, result={"a": 1}, now=later)
    assert not authoring.advance_preview(theirs, after=4, learners=2, result={"b": 1}, now=later)
    assert not authoring.finish_preview(theirs, now=later)
    row = again(ours)
    assert (row.after_learner, row.learners_done, row.result) == (4, 2, {"a": 1})
    assert authoring.advance_preview(row, after=9, learners=1, result={"a": 2}, now=later)
    assert authoring.finish_preview(row, now=later)
    row = again(ours)
    assert (row.state, row.learners, row.learners_done) == ("done", 3, 3)


def test_what_is_cancelled_is_neither_begun_nor_gone_on_with(skill: Microcredential) -> None:
    waiting, running = ask(skill), ask(skill, by_id=8)
    authoring.begin_preview(running, learners=9, result={}, now=NOW)
    for preview in (waiting, running):
        authoring.cancel_preview(preview)
    assert not authoring.begin_preview(waiting, learners=9, result={}, now=NOW)
    assert not authoring.advance_preview(running, after=4, learners=2, result={}, now=NOW)
    assert not authoring.finish_preview(running, now=NOW)


def test_failure_that_is_final_is_the_last(skill: Microcredential) -> None:
    preview = ask(skill)
    authoring.note_failed_preview(preview, now=NOW)
    assert again(preview).state == "waiting"
    authoring.note_failed_preview(preview, now=NOW, is_final=True)
    assert again(preview).state == PreviewState.FAILED


def test_failure_of_one_who_was_overtaken_is_not_counted(skill: Microcredential) -> None:
    ours = ask(skill)
    authoring.begin_preview(ours, learners=9, result={}, now=NOW)
    theirs = again(ours)
    authoring.advance_preview(ours, after=4, learners=2, result={}, now=NOW + timedelta(seconds=1))
    authoring.note_failed_preview(theirs, now=NOW)
    assert again(ours).failures == 0


# --- the sweep -----------------------------------------------------------------------------------


def test_those_that_nobody_is_at_are_sent_and_count_as_sent(skill: Microcredential) -> None:
    new, stalled, busy, done = (ask(skill, by_id=by_id) for by_id in range(1, 5))
    for preview, ago in ((stalled, 6), (busy, 1)):
        at = NOW - timedelta(minutes=ago)
        authoring.begin_preview(preview, learners=9, result={}, now=at)
    Row.objects.filter(pk=done.pk).update(state="done")
    assert authoring.previews_to_send(now=NOW) == [str(new.uuid), str(stalled.uuid)]
    assert authoring.previews_to_send(now=NOW) == []
    later = NOW + timedelta(minutes=6)
    assert len(authoring.previews_to_send(now=later)) == 3
    assert len(authoring.unfinished_previews()) == 3


def test_old_previews_go_but_what_is_about_a_draft_that_is_still_there(
    skill: Microcredential,
) -> None:
    draft = definitions.create_draft(microcredential=skill, content={})
    begun = NOW - timedelta(days=50)
    MicrocredentialVersion.objects.filter(pk=draft.pk).update(created=begun)
    of_an_earlier_draft = ask(skill, by_id=1, now=begun - timedelta(days=1))
    of_this_draft = ask(skill, by_id=2, now=begun + timedelta(days=1))
    detachment = ask(
        skill, by_id=3, now=begun + timedelta(days=1), kind=Preview.Kind.DETACHMENT, run=RUN
    )
    old, _is_new = authoring.ask_course_figures(run=RUN, by_id=1, now=NOW - timedelta(days=31))
    recent, _is_new = authoring.ask_course_figures(
        run="course-v1:NordU+B+2026", by_id=1, now=NOW - timedelta(days=29)
    )
    authoring.forget_previews(now=NOW)
    left = set(Row.objects.all())
    assert left == {of_this_draft, recent}
    assert {of_an_earlier_draft, detachment, old}.isdisjoint(left)
    definitions.discard_draft(version=draft)
    authoring.forget_previews(now=NOW)
    assert set(Row.objects.all()) == {recent}


# --- leaving -------------------------------------------------------------------------------------


def test_who_leaves_is_taken_out_of_every_list_however_deep(skill: Microcredential) -> None:
    preview = ask(skill)
    named = {"of": {"draft": {"named": {"close": [5, 6], "lost": [6]}, "learners": {"close": 6}}}}
    Row.objects.update(result=named, state="done")
    authoring.forget(6)
    assert again(preview).result == {
        "of": {"draft": {"named": {"close": [5], "lost": []}, "learners": {"close": 6}}}
    }
    authoring.forget(7)
    assert authoring.find_preview(preview.uuid) is None
