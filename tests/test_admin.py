"""The operators' view of every row: readable, quick, and never a way to change anything."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import django
import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from microcred_plugin.awards.models import (
    Award,
    AwardEvent,
    Decision,
    Due,
    Mail,
    Observation,
    Receipt,
)
from microcred_plugin.definitions.models import (
    Microcredential,
    MicrocredentialVersion,
    Publication,
)
from tests import factories
from tests.fakes import FakeHost

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SPRING = "course-v1:NordU+DL101+2026_Spring"
GONE = 987_654
PAGES = (
    Microcredential, MicrocredentialVersion, Publication, Award, AwardEvent, Decision, Observation,
    Due, Mail,
)  # fmt: skip


def user(username: str, **values: Any) -> Any:
    return get_user_model().objects.create_user(username, f"{username}@example.org", **values)


@pytest.fixture
def operator(client: Client) -> Client:
    """A superuser's browser."""
    client.force_login(user("operator", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def microcredential(host: FakeHost) -> Microcredential:
    host.add_run(SPRING)
    return factories.publish("data-literacy", factories.course(SPRING), skills=[{"name": "Lesen"}])


def fill(microcredential: Microcredential, learner_id: int, by_id: int | None = None) -> Award:
    """One row on every page for this learner, with somebody who did it."""
    version = microcredential.versions.get(number=1)
    place = {"learner_id": learner_id, "microcredential": microcredential}
    award = Award.objects.create(
        **place, version=version, state="active", valid_from=AT, met_on=AT, cause="event",
        cause_id=SPRING, created=AT, modified=AT,
    )  # fmt: skip
    event = AwardEvent.objects.create(
        award=award, kind="earned", at=AT, cause="event", cause_id=SPRING, actor_id=by_id,
        announcement="awarded", reason="Weil — لأن",
    )  # fmt: skip
    Receipt.objects.create(event=event, content={"version": 1, "outcome": {"title": "Größe"}})
    Decision.objects.create(**place, kind="suspend", by_id=by_id, at=AT, reason="Because")
    Observation.objects.create(**place, version=version, kind="earned", met_on=AT, at=AT)
    Due.objects.create(**place, why="expiry", due_at=AT)
    Mail.objects.create(event=event, learner_id=learner_id, send_at=AT)
    return award


def list_of(model: Any) -> str:
    return reverse(f"admin:microcred_plugin_{model._meta.model_name}_changelist")


def page_of(row: Any, action: str = "change") -> str:
    return reverse(f"admin:microcred_plugin_{row._meta.model_name}_{action}", args=[row.pk])


def found(response: Any) -> list[Any]:
    """The rows on a list page."""
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


# --- who may do what ---------------------------------------------------------------------------


def test_every_row_that_an_operator_asks_about_has_a_page() -> None:
    ours = {model for model in admin.site._registry if model._meta.app_label == "microcred_plugin"}
    assert ours == set(PAGES)


@pytest.mark.parametrize("model", PAGES)
def test_nobody_adds_changes_or_deletes(
    operator: Client, microcredential: Microcredential, model: Any
) -> None:
    fill(microcredential, user("ada").pk)
    row = model.objects.latest("pk")
    before = list(model.objects.values())
    add = reverse(f"admin:microcred_plugin_{model._meta.model_name}_add")
    assert operator.get(add).status_code == 403
    assert operator.post(add, {}).status_code == 403
    assert operator.post(page_of(row), {"slug": "x", "state": "revoked"}).status_code == 403
    assert operator.get(page_of(row, "delete")).status_code == 403
    assert operator.post(page_of(row, "delete"), {"post": "yes"}).status_code == 403
    delete = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    operator.post(list_of(model), delete)
    assert list(model.objects.values()) == before


@pytest.mark.parametrize("model", PAGES)
def test_pages_offer_no_way_to_change(
    operator: Client, microcredential: Microcredential, model: Any
) -> None:
    fill(microcredential, user("ada").pk)
    for address in (list_of(model), page_of(model.objects.latest("pk"))):
        page = operator.get(address).content.decode()
        add = reverse(f"admin:microcred_plugin_{model._meta.model_name}_add")
        for offer in ("_save", "deletelink", add, "_selected_action", "add-row"):
            assert offer not in page


@pytest.mark.parametrize("model", PAGES)
def test_only_who_may_view_views(
    client: Client, microcredential: Microcredential, model: Any
) -> None:
    fill(microcredential, user("ada").pk)
    staff = user("staff", is_staff=True)
    client.force_login(staff)
    addresses = (list_of(model), page_of(model.objects.latest("pk")))
    assert [client.get(address).status_code for address in addresses] == [403, 403]
    staff.user_permissions.add(Permission.objects.get(codename=f"view_{model._meta.model_name}"))
    assert [client.get(address).status_code for address in addresses] == [200, 200]


def test_visitors_are_asked_to_sign_in(client: Client) -> None:
    response = client.get(list_of(Award))
    assert (response.status_code, response["Location"].split("?")[0]) == (302, "/admin/login/")


# --- what it costs -----------------------------------------------------------------------------

# The session and the user, the count and the rows; and for some the choices of a filter.
QUERIES = {
    Microcredential: 5,
    MicrocredentialVersion: 4,
    Publication: 4,
    Award: 5,
    AwardEvent: 4,
    Decision: 4,
    Observation: 4,
    Due: 4,
    Mail: 4,
}


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize("model", PAGES)
def test_list_costs_the_same_for_one_and_for_thirty(
    operator: Client, host: FakeHost, django_assert_num_queries: Any, model: Any, count: int
) -> None:
    host.add_run(SPRING)
    for position in range(count):
        one = factories.publish(f"one-{position}", factories.course(SPRING))
        fill(one, user(f"learner{position}").pk, user(f"person{position}").pk)
    Publication.objects.update(by=get_user_model().objects.get(username="person0").pk)
    with django_assert_num_queries(QUERIES[model]):
        response = operator.get(list_of(model))
    assert len(found(response)) == count


@pytest.mark.parametrize("count", [1, 30])
def test_award_costs_the_same_whatever_its_history(
    operator: Client, microcredential: Microcredential, django_assert_num_queries: Any, count: int
) -> None:
    award = fill(microcredential, user("ada").pk, user("bob").pk)
    for position in range(count - 1):
        event = AwardEvent.objects.create(
            award=award, kind="suspended", at=AT, cause="person",
            actor_id=user(f"person{position}").pk,
        )  # fmt: skip
        Receipt.objects.create(event=event, content={"version": 1})
    operator.get(page_of(award))  # from now on Django remembers the content type
    # Django 4.2 opens a savepoint around the change view; 5.2 only where something is changed.
    with django_assert_num_queries(8 if django.VERSION < (5,) else 6):
        response = operator.get(page_of(award))
    assert response.status_code == 200


# --- what it shows -----------------------------------------------------------------------------


def test_award_is_shown_with_its_history_and_receipt(
    operator: Client, microcredential: Microcredential
) -> None:
    learner, person = user("ada"), user("bob")
    award = fill(microcredential, learner.pk, person.pk)
    page = operator.get(page_of(award)).content.decode()
    for shown in (
        f"ada ({learner.pk})", f"bob ({person.pk})", str(award.uuid), "data-literacy", SPRING,
        "Weil — لأن", "&quot;title&quot;: &quot;Größe&quot;",
    ):  # fmt: skip
        assert shown in page


def test_version_is_shown_with_its_trees_in_lines(
    operator: Client, microcredential: Microcredential
) -> None:
    page = operator.get(page_of(microcredential.versions.get())).content.decode()
    assert "{\n  &quot;kind&quot;: &quot;course&quot;,\n" in page
    assert "&quot;name&quot;: &quot;Lesen&quot;" in page


def test_what_authors_wrote_is_text_and_never_markup(operator: Client, host: FakeHost) -> None:
    host.add_run(SPRING)
    evil = "<script>alert(1)</script>"
    made = factories.publish(
        "evil", factories.course(SPRING, title=evil), title=evil, skills=[{"name": evil}]
    )
    fill(made, user("ada").pk)
    AwardEvent.objects.update(reason=evil)
    Receipt.objects.update(content={"title": evil})
    for model in PAGES:
        for address in (list_of(model), page_of(model.objects.latest("pk"))):
            assert evil not in operator.get(address).content.decode()


def test_event_without_a_receipt_is_shown(
    operator: Client, microcredential: Microcredential
) -> None:
    award = fill(microcredential, user("ada").pk)
    Receipt.objects.all().delete()
    assert operator.get(page_of(award)).status_code == 200
    assert operator.get(page_of(AwardEvent.objects.get())).status_code == 200


@pytest.mark.parametrize("model", PAGES)
def test_pages_outlast_the_users_in_them(
    operator: Client, microcredential: Microcredential, model: Any
) -> None:
    learner, person = user("ada"), user("bob")
    fill(microcredential, learner.pk, person.pk)
    Publication.objects.update(by_id=person.pk)
    Decision.objects.update(lifted_by_id=person.pk, lifted_at=AT, slot=None)
    ids = learner.pk, person.pk
    get_user_model().objects.filter(pk__in=ids).delete()
    rows = found(operator.get(list_of(model)))
    assert len(rows) == 1
    page = operator.get(page_of(rows[0]))
    assert page.status_code == 200
    if model in (Award, AwardEvent, Decision, Observation, Due):
        assert f">{ids[0]}<" in page.content.decode()
    if model in (Award, AwardEvent, Decision, Publication):
        assert f">{ids[1]}<" in page.content.decode()


# --- what it finds -----------------------------------------------------------------------------

WITH_LEARNER = (Award, AwardEvent, Decision, Observation, Due)


@pytest.fixture
def crowd(microcredential: Microcredential) -> dict[str, int]:
    """Rows of two learners, and of one who is gone."""
    learners = {"ada": user("ada").pk, "grace": user("grace").pk, "gone": GONE}
    for learner_id in learners.values():
        fill(microcredential, learner_id)
    return learners


def learner_of(row: Any) -> int:
    return int(row.award.learner_id if isinstance(row, AwardEvent) else row.learner_id)


@pytest.mark.parametrize("model", WITH_LEARNER)
def test_rows_are_found_by_user_name(operator: Client, crowd: dict[str, int], model: Any) -> None:
    rows = found(operator.get(list_of(model), {"q": "ada"}))
    assert [learner_of(row) for row in rows] == [crowd["ada"]]


@pytest.mark.parametrize("model", WITH_LEARNER)
def test_rows_are_found_by_the_id_of_a_user_who_is_gone(
    operator: Client, crowd: dict[str, int], model: Any
) -> None:
    rows = found(operator.get(list_of(model), {"q": f" {GONE} "}))
    assert [learner_of(row) for row in rows] == [GONE]


@pytest.mark.parametrize("model", WITH_LEARNER)
def test_rows_of_users_who_are_gone_are_found_by_what_they_are_of(
    operator: Client, crowd: dict[str, int], model: Any
) -> None:
    rows = found(operator.get(list_of(model), {"q": "data-literacy"}))
    assert {learner_of(row) for row in rows} == set(crowd.values())


@pytest.mark.parametrize("model", PAGES)
@pytest.mark.parametrize("term", ["nobody", "9" * 40, "' OR 1=1 --", "%", "🦆"])
def test_nothing_is_found_for_what_there_is_none_of(
    operator: Client, crowd: dict[str, int], model: Any, term: str
) -> None:
    assert found(operator.get(list_of(model), {"q": term})) == []


@pytest.mark.parametrize("model", PAGES)
def test_digit_that_is_no_number_is_no_error(
    operator: Client, crowd: dict[str, int], model: Any
) -> None:
    # What is found depends on the collation: for some, "²" is "2".
    assert operator.get(list_of(model), {"q": "²"}).status_code == 200


def test_who_did_something_is_found_too(operator: Client, microcredential: Microcredential) -> None:
    person = user("bob")
    award = fill(microcredential, user("ada").pk, person.pk)
    fill_other = fill(microcredential, GONE)
    Publication.objects.update(by_id=person.pk)
    (event,) = found(operator.get(list_of(AwardEvent), {"q": "bob"}))
    assert event.award == award != fill_other
    assert len(found(operator.get(list_of(Decision), {"q": "bob"}))) == 1
    assert len(found(operator.get(list_of(Publication), {"q": "bob"}))) == 1


def test_awards_and_publications_are_found_by_uuid(operator: Client, crowd: dict[str, int]) -> None:
    award = Award.objects.get(learner_id=GONE)
    assert found(operator.get(list_of(Award), {"q": str(award.uuid)})) == [award]
    (event,) = found(operator.get(list_of(AwardEvent), {"q": str(award.uuid)}))
    assert event.award == award
    publication = Publication.objects.get()
    assert found(operator.get(list_of(Publication), {"q": publication.uuid})) == [publication]
    assert found(operator.get(list_of(Award), {"q": uuid4()})) == []


def test_part_of_a_uuid_finds_nothing(operator: Client, crowd: dict[str, int]) -> None:
    # Or else who looks for a user named "ada" finds whatever has these letters in its uuid.
    award = Award.objects.get(learner_id=GONE)
    assert found(operator.get(list_of(Award), {"q": str(award.uuid)[:8]})) == []


@pytest.mark.parametrize(
    ("outbox", "kinds"),
    [
        ("waiting", {"earned"}),
        ("told", {"suspended"}),
        ("nothing", {"renewed"}),
        ("", {"earned", "suspended", "renewed"}),
    ],
)
def test_outbox_can_be_filtered_by_what_the_world_has_been_told(
    operator: Client, microcredential: Microcredential, outbox: str, kinds: set[str]
) -> None:
    award = fill(microcredential, user("ada").pk)
    event = {"award": award, "at": AT, "cause": "event"}
    AwardEvent.objects.create(**event, kind="suspended", announcement="revoked", announced_at=AT)
    AwardEvent.objects.create(**event, kind="renewed")
    rows = found(operator.get(list_of(AwardEvent), {"outbox": outbox} if outbox else {}))
    assert {row.kind for row in rows} == kinds


@pytest.mark.parametrize("model", PAGES)
def test_every_filter_and_column_works(operator: Client, crowd: dict[str, int], model: Any) -> None:
    page = found_page = operator.get(list_of(model))
    assert found(found_page)
    for spec in page.context["cl"].filter_specs:
        for choice in spec.choices(page.context["cl"]):
            assert operator.get(list_of(model) + choice["query_string"]).status_code == 200
    for column in range(1, len(page.context["cl"].list_display) + 1):
        assert operator.get(list_of(model), {"o": f"-{column}"}).status_code == 200


def test_admin_names_the_app_as_people_call_it(operator: Client) -> None:
    assert apps.get_app_config("microcred_plugin").verbose_name == "Microcredentials"
    assert "Microcredentials" in operator.get("/admin/").content.decode()
