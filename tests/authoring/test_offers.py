"""Offering, asking, accepting, declining and withdrawing; and what a publication needs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import NotPossible, Offer, OfferStep, Rights, Role
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Microcredential, MicrocredentialVersion
from microcred_plugin.planning import HostFailed
from tests.factories import all_of, any_of, any_run, course, holds, publish
from tests.fakes import FakeHost

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 1, tzinfo=UTC)
OURS = "course-v1:NordU+A+2026"
SPRING, AUTUMN = "course-v1:Harbor+H+Spring", "course-v1:Harbor+H+Autumn"
OTHER = "course-v1:Harbor+I+2026"
CCX = "ccx-v1:Harbor+H+Spring+ccx@1"
AUTHOR, TEACHER, BOTH, STRANGER, OPERATOR = 1, 2, 3, 4, 5


@pytest.fixture(autouse=True)
def host(host: FakeHost) -> FakeHost:
    for run in (OURS, SPRING, AUTUMN, OTHER):
        host.add_run(run, title=f"Title of {run.split('+')[1]}")
    for user_id, name in (
        (AUTHOR, "author"), (TEACHER, "teacher"), (BOTH, "both"), (STRANGER, "stranger"),
        (OPERATOR, "operator"),
    ):  # fmt: skip
        get_user_model().objects.create(pk=user_id, username=name)
        host.add_learner(user_id, name)
    for run in (SPRING, AUTUMN, OTHER):
        host.give_role(TEACHER, run, "staff")
        host.give_role(BOTH, run, "instructor")
    host.give_role(AUTHOR, OURS, "staff")
    return host


def rights(user_id: int, **roles: str) -> Rights:
    held = {organization: frozenset([Role(role)]) for organization, role in roles.items()}
    return Rights(user_id, roles=held)


author = rights(AUTHOR, NordU="author")
teacher = rights(TEACHER)
both = rights(BOTH, NordU="author")
stranger = rights(STRANGER, Elsewhere="admin")
operator = Rights(OPERATOR, is_operator=True)


@pytest.fixture
def analyst(host: FakeHost) -> Microcredential:
    """Published by NordU, over a course of its own."""
    return publish("analyst", all_of(course(OURS)))


def propose(analyst: Microcredential, node: dict[str, Any], by: Rights, **values: Any) -> Offer:
    return authoring.propose(
        microcredential=analyst, requirement=node, by=by, **{"now": NOW, **values}
    )


def draft(analyst: Microcredential) -> MicrocredentialVersion | None:
    return definitions.draft_of(analyst)


def requirements(analyst: Microcredential) -> Any:
    found = draft(analyst)
    return None if found is None else definitions.content_of(found)["requirements"]


def steps(offer: Offer) -> list[tuple[str, str, int | None]]:
    found = OfferStep.objects.filter(offer=offer)
    return [(step.kind, step.side, step.by_id) for step in found]


# --- proposing -----------------------------------------------------------------------------------


def test_course_team_offers_and_the_author_accepts(analyst: Microcredential) -> None:
    offer = propose(analyst, course(SPRING, minimum_grade=70), teacher, note="Please.")
    assert offer.state == "to_owner"
    assert draft(analyst) is None
    offer = authoring.accept(offer=offer, by=author, note="Gladly.", now=NOW)
    assert (offer.state, offer.slot) == ("accepted", 1)
    assert steps(offer) == [("offered", "other", TEACHER), ("accepted", "owner", AUTHOR)]
    assert [step.reason for step in offer.steps.all()] == ["Please.", "Gladly."]
    assert requirements(analyst) == all_of(course(OURS), course(SPRING, minimum_grade=70))
    newest = draft(analyst)
    assert newest is not None
    assert (newest.number, newest.revision) == (2, 1)
    change = definitions.changes_of(analyst)[0]
    assert (change.kind, change.by_id) == ("draft_begun", AUTHOR)


def test_nothing_changes_in_a_published_version(analyst: Microcredential) -> None:
    published = definitions.newest_published(analyst)
    authoring.accept(offer=propose(analyst, course(SPRING), teacher), by=author)
    again = definitions.newest_published(analyst)
    assert published is not None
    assert again is not None
    assert (again.pk, again.requirements) == (published.pk, published.requirements)
    assert again.modified == published.modified


def test_author_asks_and_the_course_team_accepts(analyst: Microcredential) -> None:
    offer = propose(analyst, course(SPRING), author)
    assert offer.state == "to_other"
    with pytest.raises(NotPossible, match="The other side has to answer"):
        authoring.accept(offer=offer, by=author)
    authoring.accept(offer=offer, by=teacher)
    assert steps(offer) == [("asked", "owner", AUTHOR), ("accepted", "other", TEACHER)]
    assert requirements(analyst) == all_of(course(OURS), course(SPRING))


@pytest.mark.parametrize("by", [both, operator])
def test_whoever_may_speak_for_both_does_it_in_one_step_and_nobody_is_told(
    analyst: Microcredential, by: Rights
) -> None:
    offer = propose(analyst, course(SPRING), by)
    assert offer.state == "accepted"
    [step] = offer.steps.all()
    assert (step.kind, step.by_id, step.told_at) == ("accepted", by.user_id, NOW)
    assert requirements(analyst) == all_of(course(OURS), course(SPRING))


def test_offering_twice_is_offering_once(analyst: Microcredential) -> None:
    first, second = (propose(analyst, course(SPRING), teacher) for _time in range(2))
    assert first == second
    assert len(steps(first)) == 1


def test_offering_again_with_other_conditions_changes_what_is_offered(
    analyst: Microcredential,
) -> None:
    first = propose(analyst, course(SPRING), teacher)
    second = propose(analyst, course(SPRING, modes=["verified"]), teacher)
    assert first == second
    assert second.requirement == course(SPRING, modes=["verified"])
    assert len(steps(first)) == 2


def test_proposing_what_the_other_side_has_proposed_accepts_it(analyst: Microcredential) -> None:
    propose(analyst, course(SPRING), teacher)
    offer = propose(analyst, course(SPRING), author)
    assert offer.state == "accepted"
    assert [kind for kind, _side, _by in steps(offer)] == ["offered", "accepted"]


@pytest.mark.parametrize(
    ("before", "said"), [(teacher, "Accept or decline that first"), (both, "Withdraw that first")]
)
def test_other_conditions_than_those_of_the_other_side_have_to_wait(
    analyst: Microcredential, before: Rights, said: str
) -> None:
    propose(analyst, course(SPRING), before)
    with pytest.raises(NotPossible, match=said):
        propose(analyst, course(SPRING, minimum_grade=90), author)


def test_after_an_end_it_can_be_offered_again(analyst: Microcredential) -> None:
    first = propose(analyst, course(SPRING), teacher)
    authoring.decline(offer=first, by=author, reason="Not yet.")
    second = propose(analyst, course(SPRING), teacher)
    assert first != second
    assert second.state == "to_owner"


def test_stranger_may_neither_offer_nor_ask(analyst: Microcredential) -> None:
    with pytest.raises(NotPossible, match="neither this course nor this microcredential"):
        propose(analyst, course(SPRING), stranger)
    assert not Offer.objects.exists()


def test_any_run_is_offered_by_whoever_writes_every_run(
    analyst: Microcredential, host: FakeHost
) -> None:
    offer = propose(analyst, any_run("Harbor+H"), teacher)
    assert (offer.kind, offer.object_key, offer.state) == ("course", "Harbor+H", "to_owner")
    host.add_run("course-v1:Harbor+H+Winter")
    with pytest.raises(NotPossible, match="neither"):
        authoring.propose(
            microcredential=publish("another", course(OURS)),
            requirement=any_run("Harbor+H"),
            by=teacher,
        )


def test_ccx_run_stands_for_itself(analyst: Microcredential, host: FakeHost) -> None:
    host.add_run(CCX)
    with pytest.raises(NotPossible, match="neither"):
        propose(analyst, course(CCX), teacher)
    host.give_role(TEACHER, CCX, "instructor")
    assert propose(analyst, course(CCX), teacher).object_key == CCX
    assert propose(analyst, any_run("Harbor+H"), teacher).state == "to_owner"


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (course("course-v1:No+Such+Run"), "There is no “course-v1:No\\+Such\\+Run” on this site"),
        (any_run("No+Such"), "There is no “No\\+Such”"),
        (course(SPRING, OTHER), "Name one course run"),
        (all_of(course(SPRING)), "Name one course run"),
        ({}, "Name one course run"),
        ({"kind": "grant", "key": "x"}, "Name one course run"),
        (course(SPRING, minimum_grade=900), "whole number from 1 to 100"),
        (course(SPRING, nonsense=1), "no such field"),
        (any_run("x" * 300), "Name one course run"),
        ({"kind": "microcredential", "microcredential": "nonsense"}, "There is no “nonsense”"),
    ],
)
def test_what_can_not_be_proposed_is_refused_with_the_reason(
    analyst: Microcredential, node: dict[str, Any], said: str
) -> None:
    with pytest.raises(NotPossible, match=said):
        propose(analyst, node, operator)
    assert not Offer.objects.exists()


def test_microcredential_of_others_is_asked_for_and_its_authors_accept(
    analyst: Microcredential,
) -> None:
    component = publish("harbor-skill", course(SPRING), organization="Harbor")
    offer = propose(analyst, holds(component), author)
    assert (offer.state, offer.kind) == ("to_other", "microcredential")
    with pytest.raises(NotPossible):
        authoring.accept(offer=offer, by=teacher)
    authoring.accept(offer=offer, by=rights(STRANGER, Harbor="author"))
    assert requirements(analyst) == all_of(course(OURS), holds(component))


def test_microcredential_can_not_be_offered_to_itself(analyst: Microcredential) -> None:
    with pytest.raises(NotPossible, match="itself"):
        propose(analyst, holds(analyst), author)


def test_platform_that_can_not_be_asked_changes_nothing(
    analyst: Microcredential, host: FakeHost
) -> None:
    offer = propose(analyst, course(SPRING), teacher)
    host.fail_with(RuntimeError("down"))
    with pytest.raises(HostFailed):
        authoring.accept(offer=offer, by=author)
    with pytest.raises(HostFailed):
        propose(analyst, course(OTHER), teacher)
    assert [one.state for one in Offer.objects.all()] == ["to_owner"]


# --- answering -----------------------------------------------------------------------------------


def test_declining_says_why_and_frees_the_place(analyst: Microcredential) -> None:
    offer = propose(analyst, course(SPRING), teacher)
    for nothing in ("", "  \n", "\0"):
        with pytest.raises(NotPossible, match="Say why"):
            authoring.decline(offer=offer, by=author, reason=nothing)
    offer = authoring.decline(offer=offer, by=author, reason=" Too\0 short. ")
    assert (offer.state, offer.slot) == ("declined", None)
    assert offer.steps.last().reason == "Too short."
    assert draft(analyst) is None


def test_reason_that_is_too_long_is_refused(analyst: Microcredential) -> None:
    offer = propose(analyst, course(SPRING), teacher)
    with pytest.raises(NotPossible, match="at most 2000 characters"):
        authoring.decline(offer=offer, by=author, reason="x" * 2001)
    offer.refresh_from_db()
    assert offer.state == "to_owner"


def test_answering_twice_is_answering_once(analyst: Microcredential) -> None:
    offer = propose(analyst, course(SPRING), teacher)
    stale = Offer.objects.get(pk=offer.pk)
    authoring.accept(offer=offer, by=author)
    authoring.accept(offer=stale, by=author)
    assert len(steps(offer)) == 2
    assert requirements(analyst) == all_of(course(OURS), course(SPRING))
    with pytest.raises(NotPossible, match="answered or withdrawn meanwhile"):
        authoring.decline(offer=stale, by=author, reason="No.")


@pytest.mark.parametrize("by", [teacher, stranger])
def test_nobody_answers_for_the_other_side(analyst: Microcredential, by: Rights) -> None:
    offer = propose(analyst, course(SPRING), teacher)
    with pytest.raises(NotPossible, match="other side"):
        authoring.accept(offer=offer, by=by)
    with pytest.raises(NotPossible, match="other side"):
        authoring.decline(offer=offer, by=by, reason="No.")
    assert draft(analyst) is None


# --- into the draft ------------------------------------------------------------------------------


def test_draft_that_is_there_is_changed_and_its_revision_goes_up(analyst: Microcredential) -> None:
    definitions.create_draft(
        microcredential=analyst,
        content={"requirements": all_of(course(OURS)), "description": "New words."},
    )
    authoring.accept(offer=propose(analyst, course(SPRING), teacher), by=author)
    found = draft(analyst)
    assert found is not None
    assert (found.revision, found.description) == (2, "New words.")
    assert requirements(analyst) == all_of(course(OURS), course(SPRING))
    assert definitions.changes_of(analyst)[0].fields == ["requirements"]


def test_draft_that_names_it_already_stays_as_it_is(analyst: Microcredential) -> None:
    tree = all_of(course(OURS), any_of(course(SPRING, minimum_grade=50), course(OTHER)))
    definitions.create_draft(microcredential=analyst, content={"requirements": tree})
    authoring.accept(offer=propose(analyst, course(SPRING), teacher), by=author)
    assert requirements(analyst) == tree
    found = draft(analyst)
    assert found is not None
    assert found.revision == 1


def test_course_that_is_a_condition_for_eligibility_is_named(analyst: Microcredential) -> None:
    definitions.create_draft(
        microcredential=analyst,
        content={"requirements": course(OURS), "eligibility": course(SPRING)},
    )
    authoring.accept(offer=propose(analyst, course(SPRING), teacher), by=author)
    assert requirements(analyst) == course(OURS)


def test_run_of_a_course_that_is_asked_for_in_any_run_is_named(analyst: Microcredential) -> None:
    definitions.create_draft(microcredential=analyst, content={"requirements": any_run("Harbor+H")})
    authoring.accept(offer=propose(analyst, course(SPRING), teacher), by=author)
    assert requirements(analyst) == any_run("Harbor+H")


def test_another_run_of_a_course_counts_instead_and_not_in_addition(
    analyst: Microcredential,
) -> None:
    tree = all_of(course(OURS), any_of(course(SPRING, minimum_grade=50), course(OTHER)))
    definitions.create_draft(microcredential=analyst, content={"requirements": tree})
    authoring.accept(offer=propose(analyst, course(AUTUMN), teacher), by=author)
    assert requirements(analyst) == all_of(
        course(OURS), any_of(course(SPRING, AUTUMN, minimum_grade=50), course(OTHER))
    )


def test_author_chooses_the_group(analyst: Microcredential) -> None:
    tree = all_of(course(OURS), any_of(course(AUTUMN), course(OURS)))
    definitions.create_draft(microcredential=analyst, content={"requirements": tree})
    offer = propose(analyst, course(SPRING), teacher)
    assert [place.path for place in authoring.places_for([offer])[offer.pk]] == [
        "requirements.of[1].of[0]", "requirements", "requirements.of[1]",
    ]  # fmt: skip
    authoring.accept(offer=offer, by=author, place="requirements.of[1]")
    assert requirements(analyst) == all_of(
        course(OURS), any_of(course(AUTUMN), course(OURS), course(SPRING))
    )


def test_place_that_is_gone_is_refused_and_nothing_is_accepted(analyst: Microcredential) -> None:
    offer = propose(analyst, course(SPRING), teacher)
    with pytest.raises(NotPossible, match="that place is gone"):
        authoring.accept(offer=offer, by=author, place="requirements.of[7]")
    offer.refresh_from_db()
    assert (offer.state, len(steps(offer))) == ("to_owner", 1)
    assert draft(analyst) is None


def test_single_requirement_becomes_a_group_of_both() -> None:
    found = publish("single", course(OURS))
    authoring.accept(offer=propose(found, course(SPRING), teacher), by=author)
    assert requirements(found) == all_of(course(OURS), course(SPRING))


def test_first_requirement_of_all(host: FakeHost) -> None:
    found = definitions.create_microcredential(slug="new", organization="NordU", title="New")
    authoring.accept(offer=propose(found, course(SPRING), teacher), by=author)
    assert requirements(found) == all_of(course(SPRING))


def test_draft_that_can_not_take_it_keeps_the_offer_waiting(host: FakeHost) -> None:
    runs = [f"course-v1:NordU+C{number}+1" for number in range(499)]
    full = definitions.create_microcredential(slug="full", organization="NordU", title="Full")
    definitions.create_draft(
        microcredential=full, content={"requirements": all_of(*(course(run) for run in runs))}
    )
    offer = propose(full, course(SPRING), teacher)
    with pytest.raises(NotPossible, match="The draft can't take it: There may be at most 500"):
        authoring.accept(offer=offer, by=author)
    offer.refresh_from_db()
    assert offer.state == "to_owner"


# --- withdrawing ---------------------------------------------------------------------------------


def test_either_side_withdraws_what_was_agreed_on(analyst: Microcredential) -> None:
    for by, side in ((teacher, "other"), (author, "owner")):
        offer = propose(analyst, course(SPRING), both)
        offer = authoring.withdraw(offer=offer, by=by, reason="It has changed.")
        assert (offer.state, offer.slot) == ("withdrawn", None)
        assert steps(offer)[-1] == ("withdrawn", side, by.user_id)
        authoring.withdraw(offer=offer, by=by)
        assert len(steps(offer)) == 2


def test_proposal_is_withdrawn_by_its_own_side_alone(analyst: Microcredential) -> None:
    offer = propose(analyst, course(SPRING), teacher)
    with pytest.raises(NotPossible, match="Decline it"):
        authoring.withdraw(offer=offer, by=author)
    with pytest.raises(NotPossible, match="Only those who write"):
        authoring.withdraw(offer=offer, by=stranger)
    assert authoring.withdraw(offer=offer, by=teacher).state == "withdrawn"


def test_course_that_was_only_published_is_withdrawn_and_needs_a_new_yes(
    host: FakeHost,
) -> None:
    found = publish("grown", all_of(course(OURS), course(SPRING, AUTUMN, minimum_grade=60)))
    next_version = definitions.create_draft(
        microcredential=found, content={"requirements": all_of(course(OURS), course(SPRING))}
    )
    assert authoring.faults_of_agreement(next_version, author) == []
    offer = authoring.withdraw_course(
        microcredential=found, key=SPRING, by=teacher, reason="We close it.", now=NOW
    )
    assert (offer.state, offer.slot) == ("withdrawn", None)
    assert offer.requirement == course(SPRING, minimum_grade=60)
    assert steps(offer) == [("withdrawn", "other", TEACHER)]
    again = authoring.withdraw_course(microcredential=found, key=SPRING, by=teacher)
    assert again == offer
    [fault] = authoring.faults_of_agreement(next_version, author)
    assert fault.path == "requirements.of[1].runs"
    assert "has withdrawn it" in fault.sentence
    assert definitions.newest_published(found).requirements["of"][1]["runs"] == [SPRING, AUTUMN]


def test_what_does_not_count_can_not_be_withdrawn(analyst: Microcredential) -> None:
    with pytest.raises(NotPossible, match="nothing to withdraw"):
        authoring.withdraw_course(microcredential=analyst, key=SPRING, by=teacher)


def test_only_the_course_team_withdraws_a_published_course(host: FakeHost) -> None:
    found = publish("grown", any_run("Harbor+H"))
    host.give_role(STRANGER, SPRING, "staff")
    for by in (stranger, author):
        with pytest.raises(NotPossible, match="every run"):
            authoring.withdraw_course(microcredential=found, key="Harbor+H", by=by)
    assert authoring.withdraw_course(microcredential=found, key="Harbor+H", by=teacher)


# --- what a publication needs --------------------------------------------------------------------


def begun(tree: dict[str, Any], **content: Any) -> MicrocredentialVersion:
    found = definitions.create_microcredential(slug="next", organization="NordU", title="Next")
    return definitions.create_draft(
        microcredential=found, content={"requirements": tree, **content}
    )


def test_course_that_the_author_may_not_write_needs_a_yes(host: FakeHost) -> None:
    component = publish("harbor-skill", course(SPRING), organization="Harbor")
    own = publish("own", course(OURS))
    version = begun(
        all_of(
            course(OURS),
            any_of(course(OTHER), any_run("Harbor+H")),
            holds(component),
            holds(own),
            {"kind": "completion", "course": "Harbor+I", "minimum_percent": 50},
        ),
        eligibility=course(SPRING),
    )
    faults = {
        fault.path: fault.sentence for fault in authoring.faults_of_agreement(version, author)
    }
    assert set(faults) == {
        "requirements.of[1].of[0].runs",
        "requirements.of[1].of[1].course",
        "requirements.of[2].microcredential",
        "requirements.of[4].course",
        "eligibility.runs",
    }
    assert (
        "Those who teach “Title of I” (course-v1:Harbor+I+2026)"
        in (faults["requirements.of[1].of[0].runs"])
    )
    assert "Ask its team" in faults["requirements.of[1].of[1].course"]
    assert "Those who award “Harbor Skill”" in faults["requirements.of[2].microcredential"]
    assert authoring.faults_of_agreement(version, operator) == []
    of_both = authoring.faults_of_agreement(version, both)
    assert [fault.path for fault in of_both] == [
        "requirements.of[0].runs",
        "requirements.of[2].microcredential",
    ]


def test_what_does_not_exist_is_left_to_others(host: FakeHost) -> None:
    version = begun(all_of(course("course-v1:No+Such+Run"), any_run("No+Such")))
    assert authoring.faults_of_agreement(version, author) == []


def test_agreement_covers_what_was_agreed_on_whatever_the_conditions(host: FakeHost) -> None:
    version = begun(course(SPRING, minimum_grade=90))
    found = version.microcredential
    offer = propose(found, course(SPRING), teacher)
    [fault] = authoring.faults_of_agreement(version, author)
    assert "Accept the offer first" in fault.sentence
    authoring.accept(offer=offer, by=author)
    assert authoring.faults_of_agreement(version, author) == []
    authoring.withdraw(offer=offer, by=teacher)
    [fault] = authoring.faults_of_agreement(version, author)
    assert "has withdrawn it" in fault.sentence


def test_course_that_was_agreed_on_covers_its_runs_and_not_the_other_way_round(
    host: FakeHost,
) -> None:
    version = begun(all_of(course(SPRING), course(AUTUMN)))
    propose(version.microcredential, any_run("Harbor+H"), both)
    assert authoring.faults_of_agreement(version, author) == []
    found = definitions.create_microcredential(slug="wide", organization="NordU", title="Wide")
    wide = definitions.create_draft(
        microcredential=found, content={"requirements": any_run("Harbor+H")}
    )
    propose(found, course(SPRING), both)
    propose(found, course(AUTUMN), both)
    assert [one.path for one in authoring.faults_of_agreement(wide, author)] == [
        "requirements.course"
    ]


def test_what_the_newest_version_names_needs_no_new_yes(host: FakeHost) -> None:
    found = publish("grown", all_of(any_run("Harbor+H"), course(OTHER)))
    publish("grown", any_run("Harbor+H"), now=NOW)
    version = definitions.create_draft(
        microcredential=found, content={"requirements": all_of(course(SPRING), course(OTHER))}
    )
    # Only the newest counts: the older one named the other course, too.
    assert [one.path for one in authoring.faults_of_agreement(version, author)] == [
        "requirements.of[1].runs"
    ]


def test_taking_back_an_offer_takes_nothing_from_what_is_published(host: FakeHost) -> None:
    found = publish("grown", course(SPRING))
    version = definitions.create_draft(
        microcredential=found, content={"requirements": course(SPRING, minimum_grade=90)}
    )
    offer = propose(found, course(SPRING, minimum_grade=90), teacher)
    authoring.withdraw(offer=offer, by=teacher)
    assert authoring.faults_of_agreement(version, author) == []


def test_withdrawal_stands_until_both_agree_again(host: FakeHost) -> None:
    found = publish("grown", course(SPRING))
    version = definitions.create_draft(
        microcredential=found, content={"requirements": course(SPRING)}
    )
    authoring.withdraw_course(microcredential=found, key=SPRING, by=teacher)
    asked = propose(found, course(SPRING), author)
    [fault] = authoring.faults_of_agreement(version, author)
    assert "has been asked and has not answered yet" in fault.sentence
    authoring.decline(offer=asked, by=teacher, reason="Still no.")
    assert len(authoring.faults_of_agreement(version, author)) == 1
    propose(found, course(SPRING), both)
    assert authoring.faults_of_agreement(version, author) == []


def test_offer_to_another_microcredential_covers_nothing_here(
    analyst: Microcredential,
) -> None:
    version = begun(course(SPRING))
    propose(analyst, course(SPRING), both)
    assert len(authoring.faults_of_agreement(version, author)) == 1


def test_what_is_missing_can_be_asked_for(host: FakeHost) -> None:
    version = begun(all_of(course(SPRING, AUTUMN, modes=["verified"], minimum_grade=60)))
    missing = authoring.missing_agreements(version, author)
    assert [one.subject.key for one in missing] == [SPRING, AUTUMN]
    for one in missing:
        assert one.can_be_asked
        authoring.ask_for(missing=one, version=version, by=author, note="Please", now=NOW)
    assert [offer.requirement for offer in Offer.objects.order_by("id")] == [
        course(run, modes=["verified"], minimum_grade=60) for run in (SPRING, AUTUMN)
    ]
    assert not any(one.can_be_asked for one in authoring.missing_agreements(version, author))


@pytest.mark.parametrize("count", [1, 20])
def test_agreement_costs_the_same_however_much_is_named(host: FakeHost, count: int) -> None:
    runs = [f"course-v1:Harbor+C{number}+1" for number in range(count)]
    for run in runs:
        host.add_run(run)
    version = begun(all_of(*(course(run) for run in runs)))
    for run in runs[::2]:
        authoring.propose(
            microcredential=version.microcredential, requirement=course(run), by=author
        )
    with CaptureQueriesContext(connection) as queries:
        assert len(authoring.faults_of_agreement(version, author)) == count
    # Offers and their steps, withdrawn and declined ones without any, the newest version.
    assert len(queries) == 5
    assert host.calls["may_author"] <= count + 1


def test_offers_of_two_weeks_keep_their_order(analyst: Microcredential) -> None:
    first = propose(analyst, course(SPRING), teacher)
    second = propose(analyst, course(OTHER), teacher, now=NOW + timedelta(days=14))
    assert list(authoring.offers_to(["NordU"], authoring.WAITING)) == [second, first]
    assert list(authoring.offers_to(["Harbor"], authoring.WAITING)) == []


def test_database_keeps_two_open_offers_about_the_same_apart(analyst: Microcredential) -> None:
    offer = propose(analyst, course(SPRING), teacher)
    values = {
        "microcredential": analyst, "kind": "course", "requirement": offer.requirement,
        "created": NOW, "modified": NOW,
    }  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Offer.objects.create(object_key=SPRING, state="to_other", **values)
    Offer.objects.create(object_key=SPRING, state="withdrawn", slot=None, **values)
    with pytest.raises(IntegrityError), transaction.atomic():
        Offer.objects.create(object_key=OTHER, state="withdrawn", **values)
