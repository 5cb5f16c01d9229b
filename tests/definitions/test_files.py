"""Definitions as files: what is written is what is read, once, and in any order."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import (
    Microcredential,
    MicrocredentialVersion,
    Publication,
    RequirementIndex,
    StackClosure,
)
from microcred_plugin.evaluation.requirements import KINDS, write_tree
from tests.definitions import AUTUMN, SPRING, draft, make, rows
from tests.factories import LONG_AGO, all_of, any_run, course, holds, publish
from tests.fakes import FakeHost
from tests.strategies import trees

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("host")]


def export(*slugs: str) -> str:
    chosen = [definitions.find_microcredential(slug) for slug in slugs]
    return definitions.export_definitions(chosen or definitions.list_microcredentials())


def load(text: str, **options: Any) -> list[tuple[str, str]]:
    """What became of each definition."""
    return [(item.slug, item.result) for item in definitions.import_definitions(text, **options)]


def forget_everything() -> None:
    """The site is another one, and empty."""
    Publication.objects.all().delete()
    RequirementIndex.objects.all().delete()
    StackClosure.objects.all().delete()
    MicrocredentialVersion.objects.all().delete()
    Microcredential.objects.all().delete()


def file(*entries: dict[str, Any]) -> str:
    """A file with these definitions, each with what it needs at least."""
    listed = [
        {"organization": "NordU", "title": entry.get("slug", "").title(), **entry}
        for entry in entries
    ]
    return yaml.safe_dump(
        {"format": "microcredentials/1", "microcredentials": listed}, sort_keys=False
    )


def refers_to(slug: str) -> dict[str, Any]:
    """A requirement of another microcredential, as files have it."""
    return {"kind": "microcredential", "microcredential": slug}


EVERY_KIND = all_of(
    course(SPRING, AUTUMN, title="A run", minimum_grade=70, modes=["verified", "honor"],
           certificate=True, not_before="2026-01-31", not_after="2027-01-31", credits=2.5),
    {"kind": "any_of", "title": "One of these", "within_months": 6, "of": [
        any_run("NordU+ST201"),
        {"kind": "assessment", "course": "NordU+DL101", "block": "exam", "minimum_grade": 50},
        {"kind": "completion", "runs": [SPRING], "minimum_percent": 80},
    ]},
    {"kind": "at_least", "n": 1, "of": [
        {"kind": "program", "program": "5d2a…"},
        {"kind": "evidence", "key": "portfolio", "title": "A portfolio"},
    ]},
    {"kind": "credits", "minimum": 3, "of": [
        {"kind": "attestation", "key": "employer", "credits": 2},
        {"kind": "grant", "key": "prior-learning", "credits": 1},
    ]},
)  # fmt: skip

EVERY_FIELD = {
    "title": "Datenkompetenz — أساسيات",
    "description": "Liest Tabellen.\n\n  Und: Grafiken #1 'so' \"und so\".\n",
    "language": "no",
    "skills": [
        {"name": "Reading", "framework": "ESCO", "code": "0113", "url": "https://x.example/?a=1",
         "target_type": "ceasn:Competency"},
        {"name": "Writing"},
    ],
    "workload_hours": 12.5,
    "credit_value": 3,
    "credit_kind": "ECTS",
    "level": "6",
    "level_framework": "EQF",
    "assessment_type": "yes",
    "supervision": "2026-01-01",
    "participation": "1.10",
    "quality_assurance": "null",
    "prerequisites": "~",
    "validity_months": 24,
    "grace_days": 30,
    "policy": "suspend",
    "needs_approval": True,
    "eligibility": any_run("NordU+DL101"),
    "renewal": course(AUTUMN),
}  # fmt: skip


# --- the round trip ----------------------------------------------------------------------------


def test_file_as_it_is_written() -> None:
    basics = publish("basics", course(SPRING), title="Basics", workload_hours=10)
    draft(make("mastery"), all_of(holds(basics), course(AUTUMN, minimum_grade=70)))
    assert export("basics", "mastery") == (
        f"""\
format: microcredentials/1
microcredentials:
- slug: basics
  uuid: {basics.uuid}
  organization: NordU
  title: Basics
  visibility: public
  workload_hours: 10
  requirements:
    kind: course
    runs:
    - course-v1:NordU+DL101+2026_Spring
- slug: mastery
  uuid: {definitions.find_microcredential("mastery").uuid}
  organization: NordU
  title: Mastery
  visibility: public
  requirements:
    kind: all_of
    of:
    - kind: microcredential
      microcredential: basics
    - kind: course
      runs:
      - course-v1:NordU+DL101+2026_Autumn
      minimum_grade: 70
"""
    )


def test_every_kind_of_requirement_is_tried() -> None:
    used = {node["kind"] for node in _nodes(EVERY_KIND)} | {"microcredential"}
    assert used == set(KINDS)


def _nodes(tree: dict[str, Any]) -> list[dict[str, Any]]:
    return [tree, *(node for child in tree.get("of", []) for node in _nodes(child))]


def everything() -> None:
    """Two microcredentials, of which one has every field and every kind of requirement."""
    basics = publish("basics", course(SPRING))
    requirements = {**EVERY_KIND, "of": [*EVERY_KIND["of"], holds(basics)]}
    draft(make("full", visibility="unlisted"), requirements, supersedes=basics, **EVERY_FIELD)


def test_reading_what_was_written_changes_nothing() -> None:
    everything()
    before, text = rows(), export()
    assert load(text) == [("basics", "unchanged"), ("full", "unchanged")]
    assert rows() == before
    assert export() == text


def test_another_site_writes_the_same_file() -> None:
    everything()
    text = export()
    forget_everything()
    assert load(text) == [("basics", "created"), ("full", "created")]
    assert export() == text
    full = MicrocredentialVersion.objects.get(microcredential__slug="full")
    content = definitions.content_of(full)
    assert content.pop("supersedes").slug == "basics"
    assert content.pop("requirements")["of"][:4] == EVERY_KIND["of"]
    assert content == EVERY_FIELD


def test_published_on_another_site_it_is_indexed_and_stacked_the_same() -> None:
    basics = publish("basics", course(SPRING))
    publish("mastery", all_of(holds(basics), course(AUTUMN)))
    text = export()
    index = set(RequirementIndex.objects.values_list("kind", "object_key"))
    forget_everything()
    load(text, and_publish=True)
    assert set(RequirementIndex.objects.values_list("kind", "object_key")) == index
    assert export() == text


def test_microcredential_without_a_version_stays_one() -> None:
    make("bare")
    before, text = rows(), export()
    assert load(text) == [("bare", "unchanged")]
    assert rows() == before


def test_draft_is_written_rather_than_what_is_published() -> None:
    microcredential = publish("data", course(SPRING), description="Published")
    draft(microcredential, course(AUTUMN), description="Draft")
    text = export()
    assert "description: Draft" in text
    assert "Published" not in text
    before = rows()
    assert load(text) == [("data", "unchanged")]
    assert rows() == before


def test_withdrawn_version_is_not_written() -> None:
    publish("data", course(SPRING), description="First")
    publish("data", course(AUTUMN), description="Second")
    publication = MicrocredentialVersion.objects.get(number=2).publication
    definitions.withdraw(publication=publication)
    assert "description: First" in export()


def test_fields_of_json_are_written_in_their_own_order() -> None:
    """Some databases keep them in another."""
    version = draft(make(), course(SPRING), skills=[{"name": "A", "code": "1"}])
    text = export()
    version.requirements = {"runs": [SPRING], "kind": "course"}
    version.skills = [{"code": "1", "name": "A"}]
    version.save()
    assert export() == text


@given(tree=trees(), renewal=st.none() | trees(largest=2))
@hypothesis_settings(max_examples=100)
def test_whatever_tree_is_drafted_comes_back_as_it_was(tree: Any, renewal: Any) -> None:
    forget_everything()
    uuids = {key: str(make(f"component-{key}").uuid) for key in "xy"}
    version = draft(
        make("data"), named(write_tree(tree), uuids), renewal=named(write_tree(renewal), uuids)
    )
    version.refresh_from_db()
    content = definitions.content_of(version)
    before, text = rows(), export()
    assert {result for _slug, result in load(text)} == {"unchanged"}
    assert rows() == before
    forget_everything()
    load(text)
    again = MicrocredentialVersion.objects.get(microcredential__slug="data")
    assert definitions.content_of(again) == content
    assert export() == text


def named(data: Any, uuids: dict[str, str]) -> Any:
    """The tree with microcredentials that exist instead of the strategy's short keys."""
    if data is None:
        return None
    if data["kind"] == "microcredential":
        return {**data, "microcredential": uuids[data["microcredential"]]}
    if "of" in data:
        return {**data, "of": [named(child, uuids) for child in data["of"]]}
    return data


# --- what an import does -----------------------------------------------------------------------


def test_imported_twice_is_imported_once() -> None:
    text = file({"slug": "data", "requirements": course(SPRING)})
    assert load(text) == [("data", "created")]
    before = rows()
    assert load(text) == [("data", "unchanged")]
    assert rows() == before


def test_published_twice_is_published_once() -> None:
    text = file({"slug": "data", "requirements": course(SPRING)})
    (first,) = definitions.import_definitions(text, and_publish=True, by_id=7, now=LONG_AGO)
    assert first.publication is not None
    assert (first.publication.by_id, first.publication.at) == (7, LONG_AGO)
    before = rows()
    (second,) = definitions.import_definitions(text, and_publish=True)
    assert (second.result, second.publication) == ("unchanged", None)
    assert rows() == before


def test_without_publishing_it_is_a_draft_and_nothing_else_changes() -> None:
    microcredential = publish("data", course(SPRING), title="Data")
    text = file({"slug": "data", "title": "Renamed", "requirements": course(AUTUMN)})
    assert load(text) == [("data", "changed")]
    microcredential.refresh_from_db()
    assert microcredential.title == "Data"
    version = definitions.draft_of(microcredential)
    assert version is not None
    assert (version.number, version.requirements) == (2, course(AUTUMN))
    assert not definitions.is_course_used(AUTUMN)


def test_draft_that_is_there_is_brought_to_what_the_file_says() -> None:
    version = draft(make("data"), course(SPRING), description="By hand")
    assert load(file({"slug": "data", "requirements": course(AUTUMN)})) == [("data", "changed")]
    version.refresh_from_db()
    assert definitions.content_of(version) == {"title": "Data", "requirements": course(AUTUMN)}


def test_draft_that_the_file_agrees_with_is_published() -> None:
    text = file({"slug": "data", "requirements": course(SPRING)})
    load(text)
    (item,) = definitions.import_definitions(text, and_publish=True)
    assert item.result == "unchanged"
    assert item.publication is not None


@pytest.mark.parametrize("backwards", [False, True])
def test_order_in_the_file_does_not_matter(backwards: bool) -> None:
    entries = [
        {"slug": "c", "requirements": refers_to("b"), "supersedes": "a"},
        {"slug": "b", "requirements": course(SPRING), "eligibility": refers_to("a")},
        {"slug": "a", "requirements": course(SPRING)},
    ]
    ordered = entries[::-1] if backwards else entries
    imported = definitions.import_definitions(file(*ordered), and_publish=True)
    assert [item.slug for item in imported] == [entry["slug"] for entry in ordered]
    published = Publication.objects.order_by("pk").values_list(
        "version__microcredential__slug", flat=True
    )
    assert list(published) == ["a", "b", "c"]
    c = definitions.find_microcredential("c")
    assert [one.slug for one in definitions.load_stack([c.id]).definitions] == ["a", "b", "c"]


def test_what_the_site_has_already_can_be_named_by_slug_or_uuid() -> None:
    basics = publish("basics", course(SPRING))
    load(
        file(
            {"slug": "by-slug", "requirements": refers_to(" basics ")},
            {"slug": "by-uuid", "requirements": refers_to(str(basics.uuid))},
        ),
        and_publish=True,
    )
    for slug in ("by-slug", "by-uuid"):
        version = MicrocredentialVersion.objects.get(microcredential__slug=slug)
        assert version.requirements == holds(basics)


def test_known_uuid_under_another_slug_is_renamed() -> None:
    microcredential = publish("data", course(SPRING))
    uuid = str(microcredential.uuid).upper()
    entry = {"uuid": uuid, "title": "Data", "requirements": course(SPRING)}
    assert load(file({"slug": "data-literacy", **entry})) == [("data-literacy", "changed")]
    microcredential.refresh_from_db()
    assert microcredential.slug == "data-literacy"
    assert definitions.draft_of(microcredential) is None


def test_visibility_and_organization_are_brought_to_what_the_file_says() -> None:
    microcredential = publish("data", course(SPRING))
    entry = {"slug": "data", "requirements": course(SPRING), "visibility": "unlisted"}
    assert load(file({**entry, "organization": "Harbor"})) == [("data", "changed")]
    microcredential.refresh_from_db()
    assert (microcredential.visibility, microcredential.organization) == ("unlisted", "Harbor")
    assert definitions.draft_of(microcredential) is None


def test_withdrawn_definition_can_be_published_again_from_its_file() -> None:
    text = file({"slug": "data", "requirements": course(SPRING)})
    (item,) = definitions.import_definitions(text, and_publish=True)
    definitions.withdraw(publication=item.publication)
    assert load(text, and_publish=True) == [("data", "changed")]
    states = MicrocredentialVersion.objects.order_by("number").values_list("state", flat=True)
    assert list(states) == ["withdrawn", "published"]


def test_file_without_definitions_changes_nothing() -> None:
    assert load(file()) == []
    assert rows() == []


def test_days_are_read_with_and_without_quotes() -> None:
    text = """\
format: microcredentials/1
microcredentials:
- slug: data
  organization: NordU
  title: 2026-05-31
  requirements:
    kind: course
    course: NordU+DL101
    not_before: 2026-01-31
    not_after: "2026-05-31"
"""
    assert load(text, and_publish=True) == [("data", "created")]
    version = MicrocredentialVersion.objects.get()
    assert version.title == "2026-05-31"
    assert version.requirements == any_run(
        "NordU+DL101", not_before="2026-01-31", not_after="2026-05-31"
    )


def test_texts_that_other_readers_of_yaml_guess_about_stay_texts() -> None:
    text = """\
format: microcredentials/1
microcredentials:
- slug: data
  organization: no
  title: on
  language: no
  level: 0x06
  assessment_type: 1:30
  supervision: off
  participation: 010
  prerequisites: 2026-01-01 10:00:00
"""
    load(text)
    microcredential = Microcredential.objects.get()
    assert (microcredential.organization, microcredential.title) == ("no", "on")
    assert definitions.content_of(MicrocredentialVersion.objects.get()) == {
        "title": "on",
        "language": "no",
        "level": "0x06",
        "assessment_type": "1:30",
        "supervision": "off",
        "participation": "010",
        "prerequisites": "2026-01-01 10:00:00",
    }


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_files_of_every_editor_are_read(newline: str, mark: str) -> None:
    text = file({"slug": "data", "title": "Données", "requirements": course(SPRING)})
    assert load(mark + text.replace("\n", newline)) == [("data", "created")]
    assert Microcredential.objects.get().title == "Données"


def test_course_that_is_missing_is_refused_only_when_publishing(host: FakeHost) -> None:
    text = file({"slug": "data", "requirements": course("course-v1:NordU+Planned+2030")})
    assert load(text) == [("data", "created")]
    with pytest.raises(definitions.DefinitionRefused, match="There is no course run"):
        load(text, and_publish=True)
    host.add_run("course-v1:NordU+Planned+2030")
    assert load(text, and_publish=True) == [("data", "unchanged")]


def test_files_that_people_wrote_are_written_again(settings: Any) -> None:
    for path in sorted((settings.DEMO_ROOT / "catalogue").glob("*.yaml")):
        load(path.read_text(encoding="utf-8"))
    before, text = rows(), export()
    assert {result for _slug, result in load(text)} == {"unchanged"}
    assert rows() == before
