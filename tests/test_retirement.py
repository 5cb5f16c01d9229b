"""When a user leaves: what is personal goes, what others rely on stays, and a failure is seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import OperationalError, connection, models, transaction

from microcred_plugin import decisions, earning
from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.models import Offer, OfferStep, OrganizationRole, Preview
from microcred_plugin.awards import api as awards
from microcred_plugin.awards.models import (
    Award,
    AwardEvent,
    Decision,
    Due,
    LearnerLock,
    Observation,
    Receipt,
)
from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.models import Credential, Holder, Sharing, StatusEntry
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import Publication
from microcred_plugin.messages import api as messages
from tests.factories import course, publish
from tests.fakes import SOME_DAY, FakeHost

RUN, OTHER = "course-v1:NordU+A+2026", "course-v1:NordU+B+2026"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
LEAVING, STAYING, STAFF = 1, 2, 9

MODELS = [model for model in apps.get_models() if model._meta.app_label == "microcred_plugin"]


def _annotation(model: type[models.Model], name: str) -> str | None:
    found = re.search(rf"^\s*\.\. {name}:(.*)$", model.__doc__ or "", re.MULTILINE)
    return found.group(1).strip() if found else None


def _people(model: type[models.Model]) -> list[str]:
    """The fields of a model that name a user."""
    return [
        field.name
        for field in model._meta.fields
        if field.related_model is get_user_model() or field.name == "learner_id"
    ]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_model_says_whether_it_is_about_people(model: type[models.Model]) -> None:
    """OEP-30."""
    if _people(model):
        assert _annotation(model, "pii")
        assert _annotation(model, "pii_types")
        assert _annotation(model, "pii_retirement") in ("local_api", "retained")
    else:
        assert _annotation(model, "no_pii") is not None or _annotation(model, "pii")


@pytest.fixture
def traces(host: FakeHost, settings: Any) -> None:
    """A user with something in every table, as a learner and as somebody who decides."""
    settings.MICROCRED_EMAIL = "on"
    awards.set_wants_mail(LEAVING, False)
    host.add_run(RUN)
    host.add_run(OTHER)
    host.add_learner(STAFF)
    skill = publish("skill", course(RUN), policy="suspend")
    yearly = publish("yearly", course(RUN), validity_months=12)
    held = publish("held", course(RUN), needs_approval=True)
    watched = publish("watched", course(RUN))
    definitions.set_switch(microcredential=watched, switch="observe")
    Publication.objects.filter(version__microcredential=yearly).update(by=LEAVING)
    Publication.objects.filter(version__microcredential=skill).update(by=STAFF)
    for learner in (LEAVING, STAYING):
        host.pass_course(learner, RUN, on=SOME_DAY)
        earning.follow_hint(learner, RUN, now=NOW)
    messages.announce(now=NOW)

    def decide(decision: Callable[..., Any], learner_id: int, by_id: int, pk: int) -> None:
        reason = {} if decision is decisions.lift_suspension else {"reason": f"of {learner_id}"}
        decision(learner_id=learner_id, microcredential_id=pk, by_id=by_id, now=NOW, **reason)

    for award in awards.awards_of(microcredential_ids=[skill.id, yearly.id]):
        credentials.choose(
            award.uuid, learner_id=award.learner_id, now=NOW, state=credentials.Shared.SHARED
        )
    signed = awards.find_awards([award.uuid for award in awards.awards_of()])
    credentials.sign_many(signed, now=NOW)
    decide(decisions.suspend, LEAVING, STAFF, skill.id)
    decide(decisions.suspend, STAYING, LEAVING, skill.id)
    decide(decisions.lift_suspension, STAYING, LEAVING, skill.id)
    decide(decisions.suspend, STAYING, LEAVING, skill.id)
    decide(decisions.decline, LEAVING, STAFF, held.id)
    definitions.create_draft(microcredential=skill, content={}, by_id=LEAVING)
    authoring.give_role(user_id=LEAVING, organization="NordU", role="author", by_id=STAFF, now=NOW)
    authoring.give_role(user_id=STAYING, organization="NordU", role="admin", by_id=LEAVING, now=NOW)
    offer = Offer.objects.create(
        microcredential=skill, kind="course", object_key=OTHER, requirement=course(OTHER),
        state="to_owner", created=NOW, modified=NOW,
    )  # fmt: skip
    offer.steps.create(kind="offered", by_id=LEAVING, at=NOW, reason="It fits.")
    Preview.objects.create(kind="course", run=RUN, by_id=LEAVING, asked_at=NOW)
    Preview.objects.create(
        kind="course", run=RUN, by_id=STAFF, asked_at=NOW, result={"earned": [LEAVING, STAYING]}
    )


def _rows_about(model: type[models.Model], learner_id: int) -> int:
    named = models.Q()
    for name in _people(model):
        named |= models.Q(**{name: learner_id})
    return model._default_manager.filter(named).count()


PERSONAL = [model for model in MODELS if _people(model)]
KEPT = {Award}


@pytest.mark.django_db
def test_there_was_something_in_every_table(traces: None) -> None:
    assert [model for model in PERSONAL if not _rows_about(model, LEAVING)] == []


@pytest.mark.django_db
def test_no_table_names_the_user_any_more_but_what_is_retained(
    host: FakeHost, traces: None
) -> None:
    host.retire(LEAVING)
    named = {model for model in PERSONAL if _rows_about(model, LEAVING)}
    assert named == KEPT
    assert {model for model in PERSONAL if _annotation(model, "pii_retirement") == "retained"} == (
        KEPT
    )


@pytest.mark.django_db
def test_award_stays_so_that_it_can_still_be_checked(host: FakeHost, traces: None) -> None:
    kept = ("uuid", "state", "met_on", "valid_from", "expires_at", "version_id")
    before = list(Award.objects.filter(learner=LEAVING).order_by("id").values_list(*kept))
    assert len(before) == 3
    host.retire(LEAVING)
    assert list(Award.objects.filter(learner=LEAVING).order_by("id").values_list(*kept)) == before
    assert AwardEvent.objects.filter(award__learner=LEAVING).exists()


@pytest.mark.django_db
def test_receipts_reasons_and_what_is_to_come_are_gone(host: FakeHost, traces: None) -> None:
    host.retire(LEAVING)
    history = AwardEvent.objects.filter(award__learner=LEAVING)
    assert set(history.values_list("reason", "actor")) == {("", None)}
    assert not Receipt.objects.filter(event__in=history.values("uuid")).exists()
    assert not history.filter(announced_at=None).exclude(announcement="").exists()
    for model in (Decision, Observation, Due):
        assert not model.objects.filter(learner=LEAVING).exists()
    assert not LearnerLock.objects.filter(learner_id=LEAVING).exists()


@pytest.mark.django_db
def test_what_was_signed_can_be_checked_and_names_nobody(host: FakeHost, traces: None) -> None:
    kept = ("award_id", "event", "valid_from", "valid_until", "signed_at", "entry_id")
    theirs = Credential.objects.filter(award__learner=LEAVING)
    before, places = list(theirs.values_list(*kept)), StatusEntry.objects.count()
    assert len(before) == 2
    assert Holder.objects.filter(learner=LEAVING).exists()
    host.retire(LEAVING)
    assert list(theirs.values_list(*kept)) == before
    assert set(theirs.values_list("document", "jwt", "slot")) == {("", "", None)}
    assert not Sharing.objects.filter(award__learner=LEAVING).exists()
    assert not Holder.objects.filter(learner=LEAVING).exists()
    assert StatusEntry.objects.count() == places
    others = Credential.objects.filter(award__learner=STAYING)
    assert "" not in set(others.values_list("document", flat=True))
    assert Sharing.objects.filter(award__learner=STAYING).exists()


@pytest.mark.django_db
def test_what_was_declined_stays_revoked(host: FakeHost, traces: None) -> None:
    award = awards.awards_of(learner_ids=[LEAVING]).filter(credentials__slot=1).first()
    assert award is not None
    credentials.choose(award.uuid, learner_id=LEAVING, now=NOW, state=credentials.Shared.DECLINED)
    host.retire(LEAVING)
    assert StatusEntry.objects.get(award=award).is_withdrawn


@pytest.mark.django_db
def test_others_keep_everything_but_the_name_of_who_left(host: FakeHost, traces: None) -> None:
    def theirs() -> list[int]:
        history = AwardEvent.objects.filter(award__learner=STAYING)
        return [
            model.objects.filter(learner=STAYING).count()
            for model in (Award, Decision, Observation, Due)
        ] + [history.count(), Receipt.objects.filter(event__in=history.values("uuid")).count()]

    before = theirs()
    assert 0 not in before
    host.retire(LEAVING)
    assert theirs() == before
    assert set(Decision.objects.filter(learner=STAYING).values_list("by", "reason")) == {
        (None, "of 2")
    }
    assert Publication.objects.get(version__microcredential__slug="skill").by_id == STAFF


@pytest.mark.django_db
def test_nothing_comes_back_after_a_retirement(
    host: FakeHost, traces: None, announced: list[tuple[str, str]]
) -> None:
    host.retire(LEAVING)
    host.fail_course(LEAVING, RUN)
    earning.follow_hint(LEAVING, RUN, now=NOW)
    earning.follow_changes(now=NOW)
    earning.follow_time(now=datetime(2028, 1, 1, tzinfo=UTC))
    list(earning.reconcile(microcredential_ids=definitions.all_ids(), now=NOW))
    messages.announce(now=NOW)
    for model in (Decision, Observation, Due, Receipt):
        name = "event__award__learner" if model is Receipt else "learner"
        assert not model.objects.filter(**{name: LEAVING}).exists()
    uuids = {str(uuid) for uuid in Award.objects.filter(learner=LEAVING).values_list("uuid")}
    assert not uuids & {uuid for _name, uuid in announced}


@pytest.mark.django_db
def test_user_without_a_trace_retires_too(host: FakeHost) -> None:
    host.add_learner(77)
    host.retire(77)
    assert not LearnerLock.objects.exists()


@pytest.mark.django_db
def test_retiring_twice_is_the_same_as_once(host: FakeHost, traces: None) -> None:
    host.retire(LEAVING)
    host.retire(LEAVING)
    assert Award.objects.filter(learner=LEAVING).count() == 3


@pytest.mark.django_db(transaction=True)
def test_failure_reaches_the_platform_and_undoes_its_transaction(
    host: FakeHost, traces: None
) -> None:
    """So that the operator's pipeline tries again: nothing is half forgotten."""

    def fail(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        if sql.startswith("DELETE") and "microcred_plugin_due" in sql:
            raise OperationalError("disk full")
        return execute(sql, *args)

    def retire() -> None:
        with connection.execute_wrapper(fail), transaction.atomic():
            get_user_model().objects.create(username="retired")
            host.retire(LEAVING)

    receipts = Receipt.objects.count()
    with pytest.raises(OperationalError, match="disk full"):
        retire()
    assert not get_user_model().objects.exists()
    assert Receipt.objects.count() == receipts
    assert Decision.objects.filter(learner=LEAVING).exists()
    assert not host.people[LEAVING].is_retired

    host.retire(LEAVING)
    assert not Decision.objects.filter(learner=LEAVING).exists()


@pytest.mark.django_db
def test_user_who_is_deleted_takes_nothing_along(host: FakeHost) -> None:
    """No constraint in the database, no cascade."""
    user = get_user_model().objects.create(username="ana")
    host.pass_course(user.id, RUN)
    publish("skill", course(RUN))
    earning.follow_hint(user.id, RUN, now=NOW)
    pk = user.id
    user.delete()
    connection.check_constraints()
    assert Award.objects.get().learner_id == pk


@pytest.mark.django_db
def test_what_the_user_agreed_on_stands_without_their_name(host: FakeHost, traces: None) -> None:
    host.retire(LEAVING)
    [step] = OfferStep.objects.all()
    assert (step.kind, step.by_id, step.reason) == ("offered", None, "")
    [role] = OrganizationRole.objects.all()
    assert (role.user_id, role.role, role.given_by_id) == (STAYING, "admin", None)
    [preview] = Preview.objects.all()
    assert preview.result == {"earned": [STAYING]}
    assert definitions.changes_of(definitions.find_microcredential("skill"))[0].by_id is None
