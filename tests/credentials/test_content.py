"""What a credential says of an award: everything that a reader would ask, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from microcred_plugin import decisions, earning
from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Award
from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.canonical import canonical
from microcred_plugin.credentials.open_badges import identity_hash
from microcred_plugin.definitions.models import Microcredential
from tests.credentials import needs_standards, official
from tests.factories import all_of, any_run, at_least, course, holds, publish
from tests.fakes import FakeHost

NOW = datetime(2026, 6, 1, 12, 30, tzinfo=UTC)
A, B, C = (f"course-v1:NordU+{name}+2026" for name in "ABC")
ANOTHER = "course-v1:NordU+Z+2026"

AWKWARD = (
    'Said “so”: "quoted" \\ back\nnew line\t\u05e9\u05dc\u05d5\u05dd مرحبا 👩🏽‍🔬 '
    "\u2028 e\u0301 " + "x" * 200
)


@pytest.fixture
def site(host: FakeHost, db: None) -> FakeHost:
    """A site whose learner 1 has passed three courses."""
    host.add_run(ANOTHER)
    for name, run in zip("ABC", (A, B, C), strict=True):
        host.add_run(run, title=f"Course {name}")
        host.pass_course(1, run, percent="0.87")
    return host


Signed = Callable[..., dict[str, Any]]


@pytest.fixture
def signed(site: FakeHost) -> Signed:
    """The document about learner 1's award, after everything has been evaluated."""

    def made(made_of: Microcredential) -> dict[str, Any]:
        for run in (A, B, C):
            earning.follow_hint(1, run, now=NOW)
        document: dict[str, Any] = json.loads(
            credentials.served(award_of(made_of), now=NOW).document
        )
        return document

    return made


def award_of(made_of: Microcredential) -> Award:
    [award] = awards.awards_of(learner_ids=[1], microcredential_ids=[made_of.pk])
    found = awards.find_any_award(award.uuid)
    assert found is not None
    return found


def achievement(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["credentialSubject"]["achievement"]
    return found


def test_achievement_is_the_same_for_all_and_names_its_version(signed: Signed) -> None:
    skill = publish("skill", course(A), description="Reads data.", language="en")
    found = achievement(signed(skill))
    assert found["id"] == f"https://lms.example.org/microcredentials/m/{skill.uuid}/"
    assert (found["achievementType"], found["version"]) == ("MicroCredential", "1")
    assert (found["humanCode"], found["inLanguage"]) == ("skill", "en")
    assert found["description"] == "Reads data."
    assert found["image"]["id"].endswith(f"/m/{skill.uuid}/1/badge.png")


def test_dates_are_those_of_the_award_and_of_what_was_done(signed: Signed) -> None:
    skill = publish("skill", course(A), validity_months=24)
    document = signed(skill)
    award = award_of(skill)
    assert document["awardedDate"] == f"{award.valid_from:%Y-%m-%dT%H:%M:%SZ}"
    assert document["validFrom"] == document["awardedDate"]
    assert document["validUntil"] == f"{award.expires_at:%Y-%m-%dT%H:%M:%SZ}"
    assert document["credentialSubject"]["activityEndDate"] == f"{award.met_on:%Y-%m-%dT%H:%M:%SZ}"


def test_learner_is_a_random_id_and_a_salted_hash(site: FakeHost, signed: Signed) -> None:
    site.add_learner(1, "ada", email="ada@example.com", name="Ada Lovelace")
    document = signed(publish("skill", course(A)))
    subject = document["credentialSubject"]
    assert subject["id"] == f"urn:uuid:{credentials.holder_of(1).subject}"
    [identity] = subject["identifier"]
    assert (identity["hashed"], identity["identityType"]) == (True, "emailAddress")
    assert len(identity["salt"]) == 32
    text = json.dumps(document)
    assert "ada@example" not in text
    assert "Lovelace" not in text


def test_specification_example_of_a_hash() -> None:
    assert identity_hash("a@example.com", "Kosher").startswith("sha256$b5809d8a")


def test_skills_are_alignments_with_their_types(signed: Signed) -> None:
    skill = publish(
        "skill",
        course(A),
        skills=[
            {
                "name": "Data",
                "framework": "ESCO",
                "code": "S1",
                "url": "http://data.europa.eu/esco/skill/1",
                "target_type": "ceasn:Competency",
            },
            {"name": "Care"},
        ],
    )
    found = achievement(signed(skill))
    assert found["alignment"] == [
        {
            "type": ["Alignment"],
            "targetName": "Data",
            "targetUrl": "http://data.europa.eu/esco/skill/1",
            "targetType": "ceasn:Competency",
            "targetFramework": "ESCO",
            "targetCode": "S1",
        },
        {"type": ["Alignment"], "targetName": "Care", "targetUrl": f"{found['id']}#skills"},
    ]
    assert found["tag"] == ["Data", "Care"]


def test_elements_of_the_eu_standard_have_their_places(signed: Signed) -> None:
    skill = publish(
        "skill",
        course(A),
        workload_hours=75,
        credit_value=3,
        credit_kind="ECTS",
        level="6",
        level_framework="EQF",
        assessment_type="Written exam",
        supervision="Supervised, with identity check",
        participation="Online",
        quality_assurance="Reviewed each year",
        prerequisites="Mathematics 1",
    )
    document = signed(skill)
    found = achievement(document)
    types = {one["targetType"]: one for one in found["alignment"]}
    assert types["ext:EQF"]["targetUrl"] == "http://data.europa.eu/snb/eqf/6"
    assert types["ext:AssessmentType"]["targetName"] == "Written exam"
    assert types["ext:Supervision"]["targetName"] == "Supervised, with identity check"
    assert types["ext:Participation"]["targetName"] == "Online"
    assert types["ext:QualityAssurance"]["targetName"] == "Reviewed each year"
    assert "Prerequisites: Mathematics 1" in found["criteria"]["narrative"]
    assert (found["creditsAvailable"], document["credentialSubject"]["creditsEarned"]) == (3, 3)
    described = {one["resultType"]: one for one in found["resultDescription"]}
    assert described["ext:Credit"]["name"] == "ECTS"
    values = {
        one["resultDescription"]: one["value"] for one in document["credentialSubject"]["result"]
    }
    assert values[described["ext:Credit"]["id"]] == "3"
    assert values[described["ext:WorkloadHours"]["id"]] == "75"


def test_alignments_lead_to_where_the_page_says_it(signed: Signed, client: Client) -> None:
    skill = publish(
        "skill",
        course(A),
        level="4",
        level_framework="NQF",
        assessment_type="Exam",
        supervision="Supervised",
        participation="Online",
        quality_assurance="Reviewed",
        skills=[{"name": "Care"}],
    )
    page = client.get(f"/microcredentials/m/{skill.uuid}/").content.decode()
    anchors = [
        one["targetUrl"].partition("#")[2] for one in achievement(signed(skill))["alignment"]
    ]
    assert len(anchors) == 6
    assert [anchor for anchor in anchors if f'id="{anchor}"' not in page] == []


@pytest.mark.parametrize(("framework", "level"), [("NQF", "4"), ("EQF", "9"), ("EQF", "six")])
def test_level_that_the_eu_has_no_address_for_is_told_by_the_page(
    signed: Signed, framework: str, level: str
) -> None:
    skill = publish("skill", course(A), level=level, level_framework=framework)
    [found] = achievement(signed(skill))["alignment"]
    assert (found["targetType"], found["targetName"]) == ("ext:Level", f"{framework} {level}")
    assert found["targetUrl"].endswith("#level")


def test_results_stand_with_their_descriptions(signed: Signed) -> None:
    tree = at_least(1, course(A, minimum_grade=60), course(ANOTHER))
    document = signed(publish("skill", tree))
    first, second = achievement(document)["resultDescription"]
    assert (first["name"], first["resultType"]) == ("Pass Course A", "Percent")
    assert (first["valueMin"], first["valueMax"], first["requiredValue"]) == ("0", "100", "60")
    assert "requiredValue" not in second
    assert document["credentialSubject"]["result"] == [
        {
            "type": ["Result"],
            "resultDescription": first["id"],
            "value": "87",
            "status": "Completed",
        }
    ]


def test_grades_are_left_out_when_the_holder_wants_so(signed: Signed) -> None:
    skill = publish("skill", course(A))
    signed(skill)
    award = award_of(skill)
    credentials.choose(
        award.uuid, learner_id=1, now=NOW, state=credentials.Shared.SHARED, has_results=False
    )
    again = json.loads(credentials.served(award, now=NOW).document)
    assert "result" not in again["credentialSubject"]
    assert "87" not in json.dumps({**again, "proof": [], "credentialSubject": again["evidence"]})


def test_members_of_a_stack_stand_in_criteria_and_evidence(signed: Signed) -> None:
    base = publish("base", course(A))
    top = publish("top", all_of(holds(base), course(B)))
    document = signed(top)
    assert "Earn Base" in achievement(document)["criteria"]["narrative"]
    member, other = document["evidence"]
    assert (member["name"], member["genre"]) == ("Base", "MicroCredential")
    assert member["narrative"].startswith("Earned Base on ")
    assert (other["name"], other["genre"]) == ("Course B", "Course")
    assert str(award_of(base).uuid) not in json.dumps(document)


def test_narrative_is_in_the_language_of_the_version(signed: Signed) -> None:
    skill = publish("skill", at_least(1, any_run("NordU+A"), course(B)), language="de")
    narrative = achievement(signed(skill))["criteria"]["narrative"]
    lines = narrative.splitlines()
    assert len(lines) == 3
    assert [line.index("-") for line in lines] == [0, 2, 2]
    assert "At least" not in narrative
    assert "Course A" in narrative or "NordU+A" in narrative


def test_award_by_hand_says_so(site: FakeHost, db: None) -> None:
    skill = publish("skill", course(ANOTHER))
    decisions.award_by_hand(
        learner_id=1, microcredential_id=skill.pk, by_id=None, reason="a secret reason", now=NOW
    )
    document = json.loads(credentials.served(award_of(skill), now=NOW).document)
    [evidence] = document["evidence"]
    assert evidence["genre"] == "Decision"
    assert "secret" not in json.dumps(document)


def test_markdown_of_authors_is_not_read_as_such(signed: Signed) -> None:
    tree = all_of(course(A), title="Do *this* [now](javascript:alert) <b>")
    narrative = achievement(signed(publish("skill", tree)))["criteria"]["narrative"]
    assert r"Do \*this\* \[now\](javascript:alert) \<b\>" in narrative


@needs_standards
def test_awkward_texts_come_out_as_by_the_official_contexts(signed: Signed) -> None:
    skill = publish(
        "skill",
        all_of(course(A), title=AWKWARD[:200]),
        description=AWKWARD,
        prerequisites=AWKWARD * 40,
        assessment_type=AWKWARD[:200],
        skills=[{"name": AWKWARD[:200], "url": "https://example.org/a?b=c&d=é"}],
    )
    issuer = credentials.ensure_issuer("NordU", now=NOW)
    credentials.change_profile(
        issuer,
        name=AWKWARD[:200],
        description=AWKWARD + "\x00\x1b\x7f\x85",
        email="badges@example.edu",
        country="NO",
        url="https://example.edu/",
    )
    document = signed(skill)
    assert len(json.dumps(document)) > 10_000
    unsigned = {key: value for key, value in document.items() if key != "proof"}
    assert "\x1b" not in document["issuer"]["description"]
    assert official(unsigned) == canonical(unsigned)


@needs_standards
def test_status_list_comes_out_as_by_the_official_contexts(signed: Signed) -> None:
    signed(publish("skill", course(A)))
    document = json.loads(credentials.served_list("nordu", 1, now=NOW) or "")
    unsigned = {key: value for key, value in document.items() if key != "proof"}
    assert official(unsigned) == canonical(unsigned)
    options = {**document["proof"], "@context": document["@context"]}
    del options["proofValue"]
    assert official(options) == canonical(options)
