"""Publishing from Studio: what stands in the way, what it led to, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from microcred_plugin import earning, tasks
from microcred_plugin.authoring import api as authoring
from microcred_plugin.awards.models import Award
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Microcredential, MicrocredentialVersion
from tests import factories
from tests.factories import all_of, course, holds
from tests.fakes import FakeHost
from tests.studio.conftest import A, B, Person


@pytest.fixture
def skill(host: FakeHost, author: Person) -> Microcredential:
    """A microcredential of NordU: version 1 asks for A, the draft for the author's B too."""
    host.add_run(A, title="Algebra")
    host.add_run(B, title="Botany")
    host.roles[author.id, B] = "staff"
    made = factories.publish("skill", course(A))
    definitions.create_draft(
        microcredential=made, content={"requirements": all_of(course(A), course(B))}
    )
    return made


def url(made: Microcredential, rest: str = "publish/") -> str:
    return f"/microcredentials/m/{made.uuid}/{rest}"


def publish(person: Person, made: Microcredential, **values: str) -> Any:
    draft = definitions.draft_of(made)
    token = f"{draft.pk}.{draft.revision}" if draft else "gone"
    return person.client.post(url(made), {"token": token, **values})


def version(made: Microcredential, number: int) -> MicrocredentialVersion:
    return next(one for one in definitions.versions_of(made) if one.number == number)


def test_version_before_closes_now_by_default(author: Person, skill: Microcredential) -> None:
    response = publish(author, skill)
    assert response.status_code == 302
    assert (version(skill, 1).state, version(skill, 2).state) == ("closed", "published")
    [publication, _first] = definitions.publications_of(skill)
    assert response["Location"] == url(skill, f"publications/{publication.uuid}/")
    assert publication.by_id == author.id


def test_version_before_closes_at_the_end_of_a_day(author: Person, skill: Microcredential) -> None:
    day = timezone.now().astimezone(UTC).date() + timedelta(days=30)
    response = publish(author, skill, previous="on", day=day.isoformat())
    before = version(skill, 1)
    assert before.state == "published"
    assert before.closes_at == datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(1)
    page = author.client.get(response["Location"]).content.decode()
    assert "Version 1 counts until" in page


def test_version_before_may_stay_open(author: Person, skill: Microcredential) -> None:
    publish(author, skill, previous="open")
    assert [version(skill, number).closes_at for number in (1, 2)] == [None, None]
    definitions.create_draft(microcredential=skill, content={"requirements": course(B)})
    page = author.client.get(url(skill)).content.decode()
    assert "What becomes of the versions before?" in page
    publish(author, skill)
    assert [version(skill, number).state for number in (1, 2, 3)] == [
        "closed",
        "closed",
        "published",
    ]


@pytest.mark.parametrize("day", ["", "soon", "2020-01-01", "9999-12-31", "2027-02-30"])
def test_day_that_is_none_publishes_nothing_and_stays_in_the_form(
    author: Person, skill: Microcredential, day: str
) -> None:
    response = publish(author, skill, previous="on", day=day)
    assert response.status_code == 422
    page = response.content.decode()
    assert "Choose the last day of the version before" in page
    assert 'name="day" min="' in page
    assert f'value="{day}"' in page
    assert definitions.draft_of(skill) is not None


def test_what_stands_in_the_way_is_listed_and_nothing_is_published(
    author: Person, skill: Microcredential
) -> None:
    draft = definitions.draft_of(skill)
    assert draft is not None
    gone = "course-v1:NordU+Gone+2026"
    definitions.change_draft(
        version=draft, content={"requirements": all_of(course(gone), all_of())}
    )
    page = author.client.get(url(skill)).content.decode()
    assert "There is no course run" in page
    assert "This group is empty" in page
    assert ">Publish version 2</button>" not in page
    assert publish(author, skill).status_code == 422
    assert version(skill, 2).state == "draft"


def test_course_of_others_has_to_be_agreed_on_first(
    person: Callable[..., Person], author: Person, skill: Microcredential
) -> None:
    other = person("other", NordU="author")  # who writes no course
    page = other.client.get(url(skill)).content.decode()
    assert "Ask those who have to agree" in page
    assert publish(other, skill).status_code == 422
    assert version(skill, 2).state == "draft"
    response = other.client.post(f"/microcredentials/offers/ask/{skill.uuid}/", {"key": B})
    assert response.status_code == 302
    [offer] = authoring.offers_about([authoring.Subject("course", B)])
    author.client.post(f"/microcredentials/offers/{offer.uuid}/", {"do": "accept"})
    assert publish(other, skill).status_code == 302
    assert version(skill, 2).state == "published"


def test_draft_that_was_saved_since_is_not_published(
    author: Person, skill: Microcredential
) -> None:
    draft = definitions.draft_of(skill)
    assert draft is not None
    token = f"{draft.pk}.{draft.revision}"
    definitions.change_draft(version=draft, content={"requirements": course(B)})
    response = author.client.post(url(skill), {"token": token})
    assert response.status_code == 409
    assert "Somebody has saved the draft since" in response.content.decode()
    assert version(skill, 2).state == "draft"


def test_learners_get_it_when_the_learning_site_has_looked_at_them(
    author: Person, skill: Microcredential, host: FakeHost
) -> None:
    top = factories.publish("top", holds(skill))
    for learner in (101, 102):
        host.pass_course(learner, B)
    host.pass_course(101, A)
    where = publish(author, skill)["Location"]
    assert "Waiting for the learning site to begin." in author.client.get(where).content.decode()
    assert not Award.objects.exists()  # Studio evaluates nobody
    [publication, _first] = definitions.publications_of(skill)
    earning.run_publication(str(publication.uuid))
    page = author.client.get(where).content.decode()
    assert "2 learners were looked at." in page
    assert page.count("1 learner earned it.") == 2  # itself, and what stacks on it
    assert top.title in page
    part = author.client.get(where, headers={"HX-Request": "true"}).content.decode()
    assert part.startswith("<section")
    assert "hx-get" not in part  # it is done: nothing more to wait for


def test_publication_is_undone_with_all_that_it_led_to(
    author: Person, skill: Microcredential, host: FakeHost
) -> None:
    host.pass_course(101, A)
    host.pass_course(101, B)
    where = publish(author, skill)["Location"]
    [publication, _first] = definitions.publications_of(skill)
    earning.run_publication(str(publication.uuid))
    [award] = Award.objects.all()
    assert award.state == "active"
    response = author.client.post(f"{where}undo/")
    assert response["Location"] == where
    assert (version(skill, 1).state, version(skill, 2).state) == ("published", "withdrawn")
    earning.run_publication(str(publication.uuid))
    page = author.client.get(where).content.decode()
    assert "Version 2 is taken back" in page
    assert "Undo the publication" not in page
    change = definitions.changes_of(skill)[0]
    assert (change.kind, change.by_id) == ("withdrawn", author.id)
    assert not Award.objects.filter(state="active", version__number=2).exists()


def test_publication_of_another_microcredential_is_not_found(
    author: Person, skill: Microcredential, host: FakeHost
) -> None:
    foreign = factories.publish("foreign", course(A), organization="Harbor")
    [publication] = definitions.publications_of(foreign)
    path = url(skill, f"publications/{publication.uuid}/")
    assert author.client.get(path).status_code == 404
    assert author.client.post(f"{path}undo/").status_code == 404
    assert version(foreign, 1).state == "published"


def test_site_without_a_queue_of_the_lms_is_made_up_for_by_its_sweep(
    author: Person, skill: Microcredential, host: FakeHost, settings: Any
) -> None:
    host.pass_course(101, A)
    host.pass_course(101, B)
    publish(author, skill)
    settings.MICROCRED_EVALUATES = True  # the LMS
    tasks.sweep.run()
    assert Award.objects.filter(learner=101, state="active").exists()


def test_viewer_reads_what_it_led_to_and_cannot_undo(
    person: Callable[..., Person], author: Person, skill: Microcredential
) -> None:
    where = publish(author, skill)["Location"]
    viewer = person("viewer", NordU="viewer")
    assert viewer.client.get(where).status_code == 200
    assert viewer.client.post(f"{where}undo/").status_code == 404
    assert version(skill, 2).state == "published"


def test_award_that_came_by_an_event_meanwhile_is_counted_as_held(
    author: Person, host: FakeHost
) -> None:
    host.add_run(A)
    host.pass_course(101, A)
    made = factories.publish("made", course(A))
    [publication] = definitions.publications_of(made)
    earning.follow_hint(101, A)  # before anybody has run the publication
    earning.run_publication(str(publication.uuid))
    page = author.client.get(url(made, f"publications/{publication.uuid}/")).content.decode()
    assert "awards have changed. 1 learner holds it." in page


def test_what_was_undone_can_be_written_on(
    author: Person, skill: Microcredential, host: FakeHost
) -> None:
    where = publish(author, skill)["Location"]
    assert 'name="version"' not in author.client.get(where).content.decode()
    author.client.post(f"{where}undo/")
    assert '<input type="hidden" name="version" value="2">' in (
        author.client.get(where).content.decode()
    )
    author.client.post(url(skill, "begin/"), {"version": "2"})
    draft = definitions.draft_of(skill)
    assert draft is not None
    assert (draft.number, draft.requirements) == (3, all_of(course(A), course(B)))
    assert 'name="version"' not in author.client.get(where).content.decode()


def test_next_version_begins_with_the_undone_one_where_there_is_no_other(
    author: Person, skill: Microcredential
) -> None:
    alone = factories.publish("alone", course(A))
    [publication] = definitions.publications_of(alone)
    author.client.post(url(alone, f"publications/{publication.uuid}/undo/"))
    author.client.post(url(alone, "begin/"))
    draft = definitions.draft_of(alone)
    assert draft is not None
    assert draft.requirements == course(A)
