"""Microcredentials and their drafts: what is kept, and what is refused with a sentence."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.content import FIELDS
from microcred_plugin.definitions.models import Microcredential, MicrocredentialVersion
from tests.definitions import SPRING, UNKNOWN, closure, draft, make, refusal
from tests.factories import any_run, course, png_data_url
from tests.fakes import FakeHost

pytestmark = pytest.mark.django_db


# --- microcredentials --------------------------------------------------------------------------


def test_new_microcredential_is_on_public_and_below_itself_in_the_stack() -> None:
    made = make("data-literacy")
    assert (made.switch, made.visibility, made.title) == ("on", "public", "Data Literacy")
    assert closure() == {("data-literacy", "data-literacy")}
    assert definitions.find_microcredential("data-literacy") == made
    assert definitions.find_microcredential(str(made.uuid)) == made
    assert definitions.find_microcredential(str(made.uuid).upper()) == made


def test_uuid_can_be_brought_along() -> None:
    make(uuid=UNKNOWN)
    assert str(Microcredential.objects.get().uuid) == UNKNOWN


@pytest.mark.parametrize("name", ["nothing", "", UNKNOWN, "\x00", "\udcff", "🦆", "x" * 5000])
def test_name_that_there_is_none_of_is_said(name: str) -> None:
    make()
    with pytest.raises(definitions.NotFound, match="There is no microcredential"):
        definitions.find_microcredential(name)


@pytest.mark.parametrize(
    ("values", "path", "says"),
    [
        ({"slug": "Not a slug"}, "slug", "letters, numbers, underscores or hyphens"),
        ({"slug": ""}, "slug", "must not be empty"),
        ({"slug": "x" * 101}, "slug", "at most 100 characters"),
        ({"slug": 2026}, "slug", "This must be a text; it is 2026"),
        ({"slug": ["a"]}, "slug", "This must be a text"),
        ({"slug": "taken"}, "slug", "already exists"),
        ({"organization": " "}, "organization", "must not be empty"),
        ({"organization": None}, "organization", "must be a text"),
        ({"title": {"en": "Data"}}, "title", "must be a text"),
        ({"title": "a\x00b"}, "title", "control character"),
        ({"title": "a\ud800b"}, "title", "control character"),
        ({"title": "x" * 256}, "title", "at most 255 characters"),
        ({"visibility": "secret"}, "visibility", "one of public, organization, unlisted"),
        ({"uuid": "no uuid"}, "uuid", "is not a valid UUID"),
    ],
)
def test_microcredential_that_does_not_hold_together_is_refused(
    values: dict[str, Any], path: str, says: str
) -> None:
    make("taken")
    values = {"slug": "new", "organization": "NordU", "title": "New", **values}
    said = refusal(definitions.create_microcredential, **values)
    assert set(said) == {path}
    assert says in said[path]


def test_switch_is_set_and_nothing_else_is_accepted() -> None:
    made = make()
    definitions.set_switch(microcredential=made, switch="observe")
    made.refresh_from_db()
    assert made.switch == "observe"
    with pytest.raises(ValueError, match="sometimes"):
        definitions.set_switch(microcredential=made, switch="sometimes")


# --- drafts ------------------------------------------------------------------------------------


def test_draft_takes_the_title_of_the_microcredential_and_defaults_for_the_rest() -> None:
    version = draft(make("data-literacy"), None)
    assert (version.number, version.state, version.title) == (1, "draft", "Data Literacy")
    assert definitions.content_of(version) == {"title": "Data Literacy"}


def test_draft_keeps_everything_that_an_author_writes() -> None:
    earlier = make("basics")
    content = {
        "title": "Data Literacy",
        "description": "Reads tables.\n\nAnd graphs.",
        "language": "nb",
        "image": png_data_url(),
        "skills": [
            {"name": "Reading", "framework": "ESCO", "code": "S1", "url": "https://x.example",
             "target_type": "ceasn:Competency"},
        ],
        "workload_hours": 12.5,
        "credit_value": 3,
        "credit_kind": "ECTS",
        "level": "6",
        "level_framework": "EQF",
        "assessment_type": "Exam",
        "supervision": "On site",
        "participation": "Online",
        "quality_assurance": "Reviewed",
        "prerequisites": "None",
        "validity_months": 24,
        "grace_days": 30,
        "policy": "suspend",
        "needs_approval": True,
        "supersedes": earlier,
        "requirements": course(SPRING, minimum_grade=70),
        "eligibility": any_run("NordU+DL101"),
        "renewal": {"kind": "evidence", "key": "portfolio"},
    }  # fmt: skip
    assert set(content) == set(FIELDS)
    made = draft(make(), content.pop("requirements"), **content)
    kept = definitions.content_of(MicrocredentialVersion.objects.get(pk=made.pk))
    assert kept == {**content, "requirements": course(SPRING, minimum_grade=70)}


def test_second_draft_is_refused() -> None:
    microcredential = make()
    draft(microcredential, None)
    said = refusal(definitions.create_draft, microcredential=microcredential, content={})
    assert said == {
        "": "“data-literacy” has a draft already, version 1. Change that one, or discard it first."
    }


def test_discarded_draft_makes_room_for_another() -> None:
    microcredential = make()
    definitions.discard_draft(version=draft(microcredential, None))
    assert definitions.draft_of(microcredential) is None
    assert draft(microcredential, None).number == 1


def test_changed_draft_keeps_nothing_of_what_it_said(host: FakeHost) -> None:
    version = draft(make(), course(SPRING), description="Before", needs_approval=True)
    definitions.change_draft(version=version, content={"title": "After"})
    version.refresh_from_db()
    assert definitions.content_of(version) == {"title": "After"}


def test_published_version_is_neither_changed_nor_discarded(host: FakeHost) -> None:
    version = draft(make(), course(SPRING))
    definitions.publish(version=version)
    before = MicrocredentialVersion.objects.filter(pk=version.pk).values().get()
    said = refusal(definitions.change_draft, version=version, content={"title": "Another"})
    assert said == {"": "Version 1 is published and never changes. Begin a new draft."}
    definitions.discard_draft(version=version)
    assert MicrocredentialVersion.objects.filter(pk=version.pk).values().get() == before


def test_draft_that_somebody_discarded_meanwhile_can_be_neither_changed_nor_published() -> None:
    version = draft(make(), course(SPRING))
    definitions.discard_draft(version=version)
    for refused, more in ((definitions.change_draft, {"content": {}}), (definitions.publish, {})):
        said = refusal(refused, version=version, **more)
        assert said == {"": "The draft of version 1 has been discarded meanwhile. Begin a new one."}


@pytest.mark.parametrize(
    ("content", "path", "says"),
    [
        ({"tilte": "X"}, "tilte", "There is no field “tilte”; did you mean “title”?"),
        ({"zzzzz": 1}, "zzzzz", "There is no field “zzzzz”. The fields are title, description"),
        ({"number": 7}, "number", "There is no field “number”"),
        ({"state": "published"}, "state", "There is no field “state”"),
        ({"title": ""}, "title", "must not be empty"),
        ({"title": "   "}, "title", "must not be empty"),
        ({"title": ["A"]}, "title", "This must be a text; it is ['A']"),
        ({"title": True}, "title", "This must be a text; it is True"),
        ({"description": {"en": "A"}}, "description", "This must be a text"),
        ({"description": "\x07"}, "description", "control character"),
        ({"language": False}, "language", "This must be a text; it is False"),
        ({"language": "x" * 17}, "language", "at most 16 characters"),
        ({"level": 6}, "level", "This must be a text; it is 6. If that is the text, quote it."),
        ({"workload_hours": "a lot"}, "workload_hours", "must be a number"),
        ({"workload_hours": []}, "workload_hours", "must be a number"),
        ({"workload_hours": True}, "workload_hours", "This must be a number; it is True"),
        ({"workload_hours": -1}, "workload_hours", "must not be less than 0"),
        ({"workload_hours": float("nan")}, "workload_hours", "must be a number"),
        ({"workload_hours": float("inf")}, "workload_hours", ""),
        ({"workload_hours": 123456}, "workload_hours", "no more than 5 digits before"),
        ({"credit_value": "1.234"}, "credit_value", "no more than 2 decimal places"),
        ({"validity_months": 0}, "validity_months", "must be from 1 to 1200; it is 0"),
        ({"validity_months": 12.7}, "validity_months", "This must be a whole number; it is 12.7"),
        ({"validity_months": True}, "validity_months", "This must be a whole number"),
        ({"validity_months": 10**30}, "validity_months", ""),
        ({"grace_days": -1}, "grace_days", "must be from 0 to 3660; it is -1"),
        ({"grace_days": 4_000_000}, "grace_days", "must be from 0 to 3660"),
        ({"policy": "punish"}, "policy", "one of keep, suspend, revoke; it is 'punish'"),
        ({"needs_approval": "yes"}, "needs_approval", "true or false; it is 'yes'"),
        ({"needs_approval": 1}, "needs_approval", "true or false; it is 1"),
        ({"supersedes": "basics"}, "supersedes", "There is no microcredential 'basics'"),
        ({"supersedes": 5}, "supersedes", "There is no microcredential 5"),
        ({"skills": "Reading"}, "skills", "This must be a list; it is 'Reading'"),
        ({"skills": ["Reading"]}, "skills[0]", "A skill needs a “name”."),
        ({"skills": [{"name": "  "}]}, "skills[0]", "A skill needs a “name”."),
        ({"skills": [{"name": None}]}, "skills[0]", "A skill needs a “name”."),
        ({"skills": [{"name": 5}]}, "skills[0].name", "This must be a text; it is 5"),
        ({"skills": [{"name": "A", "code": 2521}]}, "skills[0].code", "quote it"),
        ({"skills": [{"name": "A\x00"}]}, "skills[0].name", "control character"),
        ({"skills": [{"name": "A" * 256}]}, "skills[0].name", "has 256 characters"),
        *(
            ({"skills": [{"name": "A", "url": url}]}, "skills[0].url", "no address in the web")
            for url in ("javascript:alert(1)", "data:text/html,x", "//x.example", "x", "ftp://x.y")
        ),
        (
            {"skills": [{"name": "A", "target_type": "Skill"}]},
            "skills[0].target_type",
            "no type that readers of badges know",
        ),
        ({"skills": [{"name": "A", "target_type": "ext:"}]}, "skills[0].target_type", "ext:"),
        ({"skills": [{"name": "A", "ulr": ""}]}, "skills[0].ulr", "did you mean “url”?"),
        ({"skills": [{"name": "A", 5: ""}]}, "skills[0].5", "There is no field “5”"),
        ({"requirements": "pass"}, "requirements", "must be a requirement"),
        ({"requirements": []}, "requirements", "must be a requirement"),
        ({"eligibility": {"kind": "course"}}, "eligibility", "Name either the runs or the course"),
        ({"renewal": {"kind": "curse"}}, "renewal", "Did you mean course?"),
    ],
)
def test_content_that_a_version_cannot_hold_is_refused(
    content: dict[str, Any], path: str, says: str
) -> None:
    said = refusal(definitions.create_draft, microcredential=make(), content=content)
    assert set(said) == {path}
    assert says in said[path]


@pytest.mark.parametrize(
    ("node", "path", "says"),
    [
        (course("DL101"), "runs", "“DL101” is not a course key. A course key looks like"),
        (course(SPRING, "course-v1:NordU+DL101"), "runs", "“course-v1:NordU+DL101” is not"),
        (any_run("DL101"), "course", "“DL101” does not name a course. Write Org+Course"),
        (any_run("NordU+DL101+2026"), "course", "does not name a course"),
        (any_run(SPRING), "course", "does not name a course"),
        (any_run("NordU+"), "course", "does not name a course"),
        (any_run("NordU+DL 101"), "course", "does not name a course"),
        ({"kind": "microcredential", "microcredential": "no-uuid"}, "microcredential",
         "There is no microcredential “no-uuid”."),
        ({"kind": "microcredential", "microcredential": UNKNOWN.upper()}, "microcredential",
         "There is no microcredential"),
        ({"kind": "program", "program": "x" * 256}, "program", "256 characters"),
        ({"kind": "grant", "key": "a\x00"}, "key", "control character"),
        ({"kind": "grant", "key": "a", "title": "\x1b[31m"}, "title", "control character"),
        (course(SPRING, modes=["ver\x00ified"]), "modes", "control character"),
        (course("course-v1:" + "x" * 300 + "+A+B"), "runs", "may have 255 at most"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("tree", ["requirements", "eligibility", "renewal"])
def test_key_that_names_nothing_is_refused_with_its_node(
    node: dict[str, Any], path: str, says: str, tree: str
) -> None:
    content = {tree: {"kind": "any_of", "of": [course(SPRING), node]}}
    said = refusal(definitions.create_draft, microcredential=make(), content=content)
    assert set(said) == {f"{tree}.of[1].{path}"}
    assert says in said[f"{tree}.of[1].{path}"]


def test_every_fault_is_said_at_once() -> None:
    content = {"titel": "A", "policy": "x", "requirements": course("x"), "skills": [{}, {}]}
    said = refusal(definitions.create_draft, microcredential=make(), content=content)
    assert set(said) == {"titel", "policy", "requirements.runs", "skills[0]", "skills[1]"}


def test_microcredential_cannot_supersede_itself() -> None:
    microcredential = make()
    said = refusal(
        definitions.create_draft,
        microcredential=microcredential,
        content={"supersedes": microcredential},
    )
    assert said == {"supersedes": "“data-literacy” can't supersede itself."}


def test_refused_change_leaves_the_draft_as_it_was() -> None:
    version = draft(make(), course(SPRING), title="Before")
    said = refusal(
        definitions.change_draft, version=version, content={"title": "After", "policy": "x"}
    )
    assert set(said) == {"policy"}


def test_course_that_does_not_exist_may_be_drafted_in(host: FakeHost) -> None:
    version = draft(make(), course("course-v1:NordU+Planned+2030"))
    assert version.requirements == course("course-v1:NordU+Planned+2030")


def test_draft_is_not_indexed_and_concerns_nobody(host: FakeHost) -> None:
    version = draft(make(), course(SPRING))
    assert not version.index.exists()
    assert not definitions.is_course_used(SPRING)


def test_numbers_come_back_as_they_were_written() -> None:
    version = draft(make(), None, workload_hours=Decimal("0.50"), credit_value=0)
    version.refresh_from_db()
    content = definitions.content_of(version)
    assert (content["workload_hours"], content["credit_value"]) == (0.5, 0)
