"""The pages of previews: asked for by authors and course teams, worked out elsewhere, shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import strip_tags

from microcred_plugin import previewing
from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.models import Preview
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import Microcredential
from microcred_plugin.studio.previewing import preview_part
from tests.factories import all_of, any_of, course, holds, publish
from tests.fakes import FakeHost
from tests.studio.conftest import ELSEWHERE, A, B, Person

PART = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _runs(host: FakeHost) -> None:
    for run in (A, B, ELSEWHERE):
        host.add_run(run, title=f"Course {run[-6]}")


@pytest.fixture
def drafted(host: FakeHost) -> Microcredential:
    """Something with a draft that asks for A and B: one has done both, one has done A."""
    found = definitions.create_microcredential(
        slug="data-literacy", organization="NordU", title="Data Literacy"
    )
    write(found, all_of(course(A), course(B)))
    host.pass_course(1001, A)
    host.pass_course(1001, B)
    host.pass_course(1002, A)
    return found


def write(found: Microcredential, requirements: dict[str, Any], **content: Any) -> None:
    """Begin a draft, or change it."""
    content["requirements"] = requirements
    draft = definitions.draft_of(found)
    if draft is None:
        definitions.create_draft(microcredential=found, content=content)
    else:
        definitions.change_draft(version=draft, content=content)


def at(found: Microcredential) -> str:
    return f"/microcredentials/m/{found.uuid}/preview/"


def ask(person: Person, found: Microcredential, **typed: str) -> str:
    """Ask for a preview; the address of its page."""
    response = person.client.post(at(found), typed)
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])


def work() -> None:
    """What the LMS does."""
    for preview in Preview.objects.filter(state__in=("waiting", "running")):
        while previewing.advance(str(preview.uuid)):
            pass


def read(person: Person, url: str, **headers: Any) -> str:
    response = person.client.get(url, **headers)
    assert response.status_code == 200
    return response.content.decode()


def text(page: str) -> str:
    return " ".join(strip_tags(page.replace("<", " <")).split())


# --- asking, waiting, reading --------------------------------------------------------------------


def test_author_asks_waits_and_reads_the_numbers(author: Person, drafted: Microcredential) -> None:
    url = ask(author, drafted)
    page = read(author, url)
    assert "Waiting for the learning site to begin." in page
    assert f'hx-get="{url}" hx-trigger="every 2s"' in page
    assert "<progress" in page
    work()
    page = text(read(author, url))
    assert "1 learner would get it at once" in page
    assert "1 learner would be one step away" in page
    assert "2 learners were looked at." in page
    assert "not the draft" not in page  # there is nothing to compare it with
    assert "hx-trigger" not in read(author, url)


def test_page_that_waits_asks_for_its_part_alone_and_says_when_it_has_ended(
    author: Person, drafted: Microcredential
) -> None:
    url = ask(author, drafted)
    part = read(author, url, headers=PART)
    assert part.strip().startswith('<div class="preview" id="preview"')
    assert 'id="preview-cancel"' in part
    assert "hx-swap-oob" not in part
    work()
    part = read(author, url, headers=PART)
    assert "<html" not in part
    assert 'hx-swap-oob="innerHTML:#preview-said"' in part
    assert "hx-get" not in part
    assert 'role="status" id="preview-said"' in read(author, url)


def test_page_that_runs_says_how_far_it_is(
    author: Person, drafted: Microcredential, settings: Any
) -> None:
    settings.MICROCRED_BATCH_SIZE = 1
    url = ask(author, drafted)
    previewing.advance(str(Preview.objects.get().uuid), seconds=0)
    page = read(author, url)
    assert "1 of 2 learners looked at so far." in page
    assert '<progress value="1" max="2"' in page


def test_author_cancels_and_nobody_goes_on(author: Person, drafted: Microcredential) -> None:
    url = ask(author, drafted)
    response = author.client.post(f"{url}cancel/")
    assert (response.status_code, response["Location"]) == (302, url)
    assert not previewing.advance(str(Preview.objects.get().uuid))
    page = read(author, url)
    assert "It was cancelled before everybody had been looked at." in page
    assert "would get it" not in page
    assert "Look again" in page


def test_cancelling_what_is_done_keeps_the_answer(author: Person, drafted: Microcredential) -> None:
    url = ask(author, drafted)
    work()
    author.client.post(f"{url}cancel/")
    assert "would get it at once" in text(read(author, url))


def test_preview_that_failed_says_so_and_can_be_asked_for_again(
    author: Person, drafted: Microcredential
) -> None:
    url = ask(author, drafted)
    Preview.objects.update(state="failed")
    page = read(author, url)
    assert "It could not be worked out" in page
    assert f'action="{at(drafted)}"' in page


def test_asking_twice_while_it_waits_is_asking_once(
    author: Person, drafted: Microcredential
) -> None:
    assert ask(author, drafted) == ask(author, drafted)
    work()
    assert ask(author, drafted) != ask(author, drafted, previous="open")


# --- what is said of the draft -------------------------------------------------------------------


def test_preview_says_when_the_draft_has_changed_since(
    author: Person, drafted: Microcredential
) -> None:
    url = ask(author, drafted)
    work()
    assert "earlier state" not in read(author, url)
    write(drafted, all_of(course(A), course(B)), description="Only a text has changed.")
    assert "earlier state" not in read(author, url)
    write(drafted, all_of(course(A), course(B)), needs_approval=True)
    assert "This is of an earlier state of the draft" in read(author, url)


def test_draft_that_cannot_be_published_is_not_looked_at(
    author: Person, drafted: Microcredential
) -> None:
    write(drafted, all_of(course(A), course("course-v1:NordU+Nowhere+2026")))
    response = author.client.post(at(drafted))
    assert response.status_code == 422
    assert "There is no course run “course-v1:NordU+Nowhere+2026”" in response.content.decode()
    assert not Preview.objects.exists()


def test_nothing_to_ask_about_without_a_draft(author: Person) -> None:
    published = publish("skill", course(A))
    response = author.client.post(at(published))
    assert response.status_code == 404
    assert "There is no draft any more." in response.content.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "As if the versions before closed at once."),
        ({"previous": "open"}, "As if the versions before stayed open."),
        ({"previous": "on", "day": "2099-01-01"}, None),
        ({"previous": "on", "day": "2020-01-01"}, None),
        ({"previous": "on", "day": "soon"}, None),
        ({"previous": "on", "day": "2026-02-31"}, None),
    ],
)
def test_what_is_assumed_of_the_versions_before_is_said(
    author: Person, drafted: Microcredential, typed: dict[str, str], said: str | None
) -> None:
    response = author.client.post(at(drafted), typed)
    if said is None:
        assert response.status_code == 422
        assert "Choose the last day of the version before" in response.content.decode()
    else:
        assert said in read(author, response["Location"])


def test_last_day_of_the_versions_before_is_said(author: Person, drafted: Microcredential) -> None:
    today = timezone.now().date()
    url = ask(author, drafted, previous="on", day=today.isoformat())
    assert f"closed after {date_format(today)}." in read(author, url)


@pytest.mark.parametrize("previous", ["now", "on", "open"])
def test_looking_again_assumes_the_same(
    author: Person, drafted: Microcredential, previous: str
) -> None:
    url = ask(author, drafted, previous=previous, day=timezone.now().date().isoformat())
    assumed = Preview.objects.get().content["previous"]
    work()
    form = read(author, url).split(f'action="{at(drafted)}"')[1]
    typed = dict(re.findall('<input type="hidden" name="(previous|day)" value="([^"]*)">', form))
    ask(author, drafted, **typed)
    assert [one.content["previous"] for one in Preview.objects.all()] == [assumed, assumed]


def test_new_version_is_compared_with_that_of_today(author: Person, host: FakeHost) -> None:
    skill = publish("skill", any_of(course(A), course(B)))
    host.pass_course(1001, A)
    write(skill, course(B))
    url = ask(author, skill)
    work()
    page = text(read(author, url))
    assert "1 learner meets a version that can be earned today, and not the draft" in page
    assert "0 learners meet the draft, and no version that can be earned today" in page


def test_what_stacks_on_it_is_told_of_by_its_title_where_that_is_public(
    author: Person, drafted: Microcredential, host: FakeHost
) -> None:
    skill = publish("skill", course(B))
    publish("analyst", holds(skill))
    hidden = publish("secret-mastery", holds(skill), organization="Harbor")
    definitions.change_microcredential(microcredential=hidden, visibility="unlisted")
    write(skill, course(A))
    url = ask(author, skill)
    work()
    page = text(read(author, url))
    assert "Analyst 2 learners would get it." in page
    assert "Something that is not public 2 learners would get it." in page
    assert "Secret Mastery" not in page


@pytest.mark.parametrize(
    ("switch", "said"),
    [
        ("off", "It is switched off: nobody gets anything until it is switched on."),
        ("observe", "It is only observed: 1 award would be noted, and nobody gets it."),
    ],
)
def test_what_is_switched_off_or_observed_awards_nobody(
    author: Person, drafted: Microcredential, switch: str, said: str
) -> None:
    definitions.set_switch(microcredential=drafted, switch=switch)
    url = ask(author, drafted)
    work()
    page = text(read(author, url))
    assert said in page
    assert "0 learners would get it at once" in page
    assert "1 learner meets it altogether" in page


def test_those_of_whom_the_records_say_too_little_are_told_of(
    author: Person, drafted: Microcredential, host: FakeHost
) -> None:
    host.cannot_say(1002, B)
    url = ask(author, drafted)
    work()
    assert "Of 1 learner the course records do not say enough" in read(author, url)


def test_titles_are_text(author: Person, drafted: Microcredential) -> None:
    Microcredential.objects.update(title="<script>alert(1)</script>")
    url = ask(author, drafted)
    for done in (False, True):
        if done:
            work()
        page = read(author, url)
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page


# --- who may -------------------------------------------------------------------------------------


def test_viewer_reads_and_only_those_who_write_it_ask(
    author: Person, drafted: Microcredential, person: Callable[..., Person]
) -> None:
    url = ask(author, drafted)
    for role in ("viewer", "reviewer"):
        reader = person(f"a-{role}", NordU=role)
        page = read(reader, url)
        assert "Cancel" not in page
        assert reader.client.post(at(drafted)).status_code == 404
        assert reader.client.post(f"{url}cancel/").status_code == 404
    assert Preview.objects.get().state == "waiting"


def test_to_others_it_does_not_exist(
    author: Person,
    drafted: Microcredential,
    person: Callable[..., Person],
    visitor: Client,
) -> None:
    url = ask(author, drafted)
    others = [
        person("learner"),
        person("teacher", of=(A, B)),
        person("elsewhere", Harbor="admin"),
    ]
    for other in others:
        assert other.client.get(url).status_code == 404
        assert other.client.post(at(drafted)).status_code == 404
        assert other.client.post(f"{url}cancel/").status_code == 404
    for response in (visitor.get(url), visitor.post(at(drafted)), visitor.post(f"{url}cancel/")):
        assert response["Location"].startswith("/login/")
    assert Preview.objects.get().state == "waiting"


def test_preview_of_something_else_is_not_found_here(
    author: Person, drafted: Microcredential, person: Callable[..., Person]
) -> None:
    url = ask(author, drafted)
    uuid = Preview.objects.get().uuid
    other = definitions.create_microcredential(slug="o", organization="NordU", title="Other")
    assert author.client.get(f"{at(other)}{uuid}/").status_code == 404
    assert author.client.post(f"{at(other)}{uuid}/cancel/").status_code == 404
    assert author.client.get(f"{at(drafted)}{uuid4()}/").status_code == 404
    teacher = person("teacher", of=(A,))
    leaving = f"/microcredentials/course/{A}/without/{drafted.uuid}/{uuid}/"
    assert teacher.client.get(leaving).status_code == 404
    assert read(author, url)


def test_asking_takes_a_form_of_this_site(author: Person, drafted: Microcredential) -> None:
    assert author.client.get(at(drafted)).status_code == 405
    url = ask(author, drafted)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = author.client.cookies
    assert strict.post(at(drafted)).status_code == 403
    assert strict.post(f"{url}cancel/").status_code == 403


# --- names ---------------------------------------------------------------------------------------


def test_names_stand_there_for_whoever_asked_and_may_see_all_grades(
    author: Person, drafted: Microcredential, host: FakeHost, person: Callable[..., Person]
) -> None:
    colleague = person("colleague", of=(A, B), NordU="author")
    for run in (A, B):
        host.give_role(author.id, run, "staff")
    url = ask(author, drafted)
    work()
    page = read(author, url)
    assert "learner1001" in page
    assert "learner1002" in page
    assert "learner100" not in read(colleague, url)


def test_no_names_where_the_grades_of_one_course_may_not_be_seen(
    author: Person, drafted: Microcredential, host: FakeHost
) -> None:
    host.give_role(author.id, A, "staff")
    url = ask(author, drafted)
    work()
    page = read(author, url)
    assert "learner100" not in page
    assert "1 learner would get it at once" in text(page)


def test_whoever_has_left_is_not_named(
    author: Person, drafted: Microcredential, host: FakeHost
) -> None:
    host.make_staff(author.id)
    url = ask(author, drafted)
    work()
    host.people[1001] = replace(host.people[1001], is_retired=True)  # and nobody was told
    page = read(author, url)
    assert "1001" not in page
    assert "learner1002" in page


# --- taking a course out -------------------------------------------------------------------------


@pytest.fixture
def teacher(person: Callable[..., Person]) -> Person:
    """Staff of the run A, and nothing in any organisation."""
    return person("teacher", of=(A,))


def leaving(run: str, found: Microcredential) -> str:
    return f"/microcredentials/course/{run}/without/{found.uuid}/"


def test_course_team_sees_what_taking_their_course_out_would_change(
    teacher: Person, host: FakeHost
) -> None:
    skill = publish("skill", any_of(course(A), course(B)))
    host.pass_course(1001, A)
    host.pass_course(1002, B)
    response = teacher.client.post(leaving(A, skill))
    url = response["Location"]
    assert "Waiting for the learning site" in read(teacher, url)
    work()
    page = text(read(teacher, url))
    assert "If the version of today no longer asked for the course" in page
    assert "1 learner meets it today, and would not without the course" in page
    assert "earlier state" not in page
    assert "learner100" not in page


def test_course_that_is_all_that_is_asked_for_leaves_nothing(teacher: Person) -> None:
    skill = publish("skill", course(A))
    url = teacher.client.post(leaving(A, skill))["Location"]
    work()
    page = text(read(teacher, url))
    assert "Then nobody could earn it any more:" in page
    assert "would get it" not in page


def test_draft_is_told_of_only_to_those_who_may_see_it(
    teacher: Person, author: Person, host: FakeHost
) -> None:
    skill = publish("skill", any_of(course(A), course(B)))
    write(skill, all_of(course(A), course(B)))
    url = teacher.client.post(leaving(A, skill))["Location"]
    work()
    assert "If the draft" not in read(teacher, url)
    host.give_role(author.id, A, "staff")
    url = author.client.post(leaving(A, skill))["Location"]
    work()
    page = read(author, url)
    assert "If the version of today no longer asked for the course" in page
    assert "If the draft no longer asked for the course" in page
    assert "If the draft" not in read(teacher, url)


def test_taking_out_is_asked_by_those_who_may_write_the_course(
    teacher: Person, author: Person, person: Callable[..., Person], visitor: Client
) -> None:
    skill = publish("skill", any_of(course(A), course(B)))
    url = teacher.client.post(leaving(A, skill))["Location"]
    for other in (author, person("elsewhere", of=(B,)), person("learner")):
        assert other.client.get(url).status_code == 404
        assert other.client.post(leaving(A, skill)).status_code == 404
        assert other.client.post(f"{url}cancel/").status_code == 404
    assert visitor.post(leaving(A, skill))["Location"].startswith("/login/")
    assert teacher.client.post(f"{url}cancel/").status_code == 302
    assert Preview.objects.get().state == "cancelled"


def test_course_that_does_not_count_cannot_be_taken_out(teacher: Person) -> None:
    skill = publish("skill", course(B))
    response = teacher.client.post(leaving(A, skill))
    assert response.status_code == 404
    assert "This course does not count towards it" in response.content.decode()


def test_taking_out_says_when_what_is_asked_for_has_changed(teacher: Person) -> None:
    skill = publish("skill", any_of(course(A), course(B)))
    url = teacher.client.post(leaving(A, skill))["Location"]
    work()
    publish("skill", any_of(course(A), all_of(course(B), course(ELSEWHERE))))
    assert "This is of an earlier state" in read(teacher, url)


# --- the learners of a course --------------------------------------------------------------------


def figures(run: str) -> str:
    return f"/microcredentials/course/{run}/figures/"


def test_learners_of_a_course_are_counted_once_in_a_quarter_of_an_hour(
    teacher: Person, host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish("skill", all_of(course(A), course(B)))
    hidden = publish("hidden", course(A), organization="Harbor")
    definitions.change_microcredential(microcredential=hidden, visibility="unlisted")
    for learner_id in (1001, 1002):
        host.pass_course(learner_id, A)
    page = read(teacher, figures(A))
    assert "The learners are being counted." in page
    assert f'hx-get="{figures(A)}" hx-trigger="every 2s"' in page
    work()
    page = read(teacher, figures(A))
    assert "Skill 0 learners have earned it 2 are one step away" in text(page)
    assert "Hidden 0 learners" in text(page)  # unlisted, but it is their course that counts
    assert "hx-get" not in page
    host.unenroll(1001, A)
    assert Preview.objects.count() == 1
    later = timezone.now() + timedelta(minutes=16)
    monkeypatch.setattr(timezone, "now", lambda: later)
    page = read(teacher, figures(A))
    assert "2 are one step away" in text(page)  # until there are newer ones
    assert "Being counted anew." in page
    work()
    assert "1 is one step away" in text(read(teacher, figures(A)))
    assert Preview.objects.count() == 2


def test_course_that_counts_towards_nothing(teacher: Person) -> None:
    read(teacher, figures(A))
    work()
    assert "It counts towards nothing that learners can earn yet." in read(teacher, figures(A))


def test_learners_that_could_not_be_counted(teacher: Person) -> None:
    read(teacher, figures(A))
    Preview.objects.update(state="failed")
    page = read(teacher, figures(A))
    assert "The learners could not be counted just now." in page
    assert "hx-get" not in page


def test_learners_of_a_course_are_counted_for_its_team_only(
    author: Person, person: Callable[..., Person], visitor: Client
) -> None:
    for other in (author, person("elsewhere", of=(B,))):
        assert other.client.get(figures(A)).status_code == 404
    assert visitor.get(figures(A))["Location"].startswith("/login/")
    assert not Preview.objects.exists()


# --- for other pages -----------------------------------------------------------------------------


def test_other_pages_have_the_newest_preview_of_the_draft(
    author: Person, drafted: Microcredential, person: Callable[..., Person]
) -> None:
    rights = authoring.rights_of(get_user_model().objects.get(pk=author.id))
    draft = definitions.draft_of(drafted)
    assert draft is not None
    assert preview_part(rights, drafted, draft) is None
    url = ask(author, drafted)
    work()
    shown = preview_part(rights, drafted, draft)
    assert shown is not None
    assert (shown.url, shown.state, shown.is_current) == (url, "done", True)
    definitions.discard_draft(version=draft)
    write(drafted, all_of(course(A), course(B)))
    draft = definitions.draft_of(drafted)
    assert draft is not None
    assert preview_part(rights, drafted, draft) is None


# --- what it costs -------------------------------------------------------------------------------


@pytest.mark.parametrize("learners", [1, 30])
def test_page_costs_the_same_however_many_learners(
    author: Person, drafted: Microcredential, host: FakeHost, learners: int
) -> None:
    host.make_staff(author.id)
    for learner_id in range(2001, 2001 + learners):
        host.pass_course(learner_id, A)
    with CaptureQueriesContext(connection) as asking:
        url = ask(author, drafted)
    # session, user, roles; the microcredential by slug and by uuid, its draft, what stacks on it;
    # the same question before; the row
    assert len(asking) == 8
    work()
    with CaptureQueriesContext(connection) as reading:
        page = read(author, url)
    assert len(re.findall("learner20", page)) >= learners
    # session, user, roles; the microcredential by slug and by uuid, the preview, the draft; titles;
    # the switch
    assert len(reading) == 8


@pytest.mark.parametrize("microcredentials", [1, 30])
def test_figures_cost_the_same_however_many_microcredentials(
    teacher: Person, host: FakeHost, microcredentials: int
) -> None:
    for place in range(microcredentials):
        publish(f"skill-{place}", course(A))
    host.enroll(1001, A)
    read(teacher, figures(A))
    work()
    with CaptureQueriesContext(connection) as captured:
        page = read(teacher, figures(A))
    assert page.count("<li>") == microcredentials
    # session, user, roles; the newest count; titles
    assert len(captured) == 5
